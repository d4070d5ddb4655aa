"""What Compute Engine's machine types go with, as far as nodes are concerned."""

DEFAULT = "e2-standard-2"
HYPERDISK = "hyperdisk-balanced"
SOURCE = "Google, Compute Engine, Machine families resource and comparison guide"

_HYPERDISK_ONLY = frozenset({"c4", "c4a", "c4d", "n4", "n4a", "n4d"})
_PERSISTENT_DISK_ONLY = frozenset({"e2", "n1", "t2a", "t2d"})
"""Source of both: Google, Compute Engine, Machine families resource and comparison guide, supported disk types."""

MACHINES_OF_GPUS = {
    "nvidia-tesla-t4": "n1-standard-4",
    "nvidia-tesla-p4": "n1-standard-4",
    "nvidia-tesla-p100": "n1-standard-4",
    "nvidia-tesla-v100": "n1-standard-4",
    "nvidia-l4": "g2-standard-4",
    "nvidia-tesla-a100": "a2-highgpu-1g",
    "nvidia-a100-80gb": "a2-ultragpu-1g",
    "nvidia-h100-80gb": "a3-highgpu-8g",
    "nvidia-h100-mega-80gb": "a3-megagpu-8g",
    "nvidia-h200-141gb": "a3-ultragpu-8g",
    "nvidia-b200": "a4-highgpu-8g",
}
"""A machine type that each GPU goes with, of the only family that has it. Source: Google, Compute Engine, GPU machine
types."""


def family(machine_type: str) -> str:
    """Such as e2 of e2-standard-2."""
    return machine_type.partition("-")[0]


def boot_disk(machine_type: str) -> str:
    """A type of boot disk that goes with it."""
    return HYPERDISK if family(machine_type) in _HYPERDISK_ONLY else "pd-balanced"


def is_bound_to_disks(machine_type: str) -> bool:
    """Whether it takes Hyperdisk alone, or none of it."""
    return family(machine_type) in _HYPERDISK_ONLY | _PERSISTENT_DISK_ONLY
