"""Volumes of a Deployment's pods that not all of them can use at a time.

Source: kubernetes.io, Persistent Volumes, access modes.
"""

from collections.abc import Iterable

from nodrop.paths.fields import Field

_SHARED = ("ReadWriteMany", "ReadOnlyMany")
_OF_ONE_POD = "ReadWriteOncePod"


def claims_of(pod: Field) -> list[Field]:
    """Where the pod's volumes name the PersistentVolumeClaims that all its replicas share."""
    named = (volume["persistentVolumeClaim"]["claimName"] for volume in pod["volumes"].entries())
    return [name for name in named if name.value is not None]


def of_one_pod(claims: Iterable[Field]) -> tuple[str, ...]:
    """Names of the PersistentVolumeClaims that one pod of the whole cluster can use."""
    return tuple(_name(claim) for claim in claims if _OF_ONE_POD in _modes(claim))


def of_one_node(claims: Iterable[Field]) -> tuple[str, ...]:
    """Names of those whose pods must be on one node."""
    return tuple(
        _name(claim)
        for claim in claims
        if (modes := _modes(claim)) and _OF_ONE_POD not in modes and not set(modes) & set(_SHARED)
    )


def disks_of_one_node(pod: Field) -> tuple[str, ...]:
    """Names of the volumes that are a disk to write to. Source: Kubernetes API, GCEPersistentDiskVolumeSource."""
    disks = [
        volume
        for volume in pod["volumes"].entries()
        if volume["gcePersistentDisk"].value is not None and volume["gcePersistentDisk"]["readOnly"].value is not True
    ]
    return tuple(_name(disk, disk["name"]) for disk in disks)


def _modes(claim: Field) -> list[str]:
    return [str(mode.value) for mode in claim["spec"]["accessModes"].entries()]


def _name(given: Field, name: Field | None = None) -> str:
    return str((given["metadata"]["name"] if name is None else name).value)
