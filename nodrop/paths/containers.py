"""The containers of a pod: those that run beside each other, native sidecars, and all of them."""

from nodrop.gke.pods import CONTAINER_FIELDS
from nodrop.paths.fields import Field

PROBES = ("readinessProbe", "livenessProbe", "startupProbe")
"""The probes that a container may have."""


def containers_of(pod: Field) -> list[Field]:
    """The containers that run beside each other: the ordinary ones and native sidecars."""
    return [*pod["containers"].entries(), *sidecars_of(pod)]


def sidecars_of(pod: Field) -> list[Field]:
    """The native sidecars. Raises ReadingError where it is not known whether an init container is one."""
    return [each for each in pod["initContainers"].entries() if each["restartPolicy"].text() == "Always"]


def every_container_of(pod: Field) -> list[Field]:
    """All containers, the init containers that end before the others start among them."""
    return [each for field in CONTAINER_FIELDS for each in pod[field].entries()]


def init_containers_of(pod: Field) -> list[Field]:
    """Those that end before the others start. Raises ReadingError where it is not known whether one is a sidecar."""
    return [each for each in pod["initContainers"].entries() if each["restartPolicy"].text() != "Always"]


def container_called(pod: Field, name: str) -> Field:
    """The container or native sidecar of that name; an absent one where there is none."""
    found = (each for each in containers_of(pod) if each["name"].value == name)
    return next(found, Field(None, pod.object, pod.path))
