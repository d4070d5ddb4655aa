"""What of a Deployment neither the rules nor the lab model, so that its path is neither judged nor rehearsed."""

from collections.abc import Iterator

from nodrop.gke.services import READINESS_GATE
from nodrop.paths.fields import Field, whole
from nodrop.paths.serving_path import ServingPath


def unmodelled(path: ServingPath) -> Iterator[tuple[Field, str]]:
    """Each field with the reason. Raises ReadingError."""
    pod, paused = path.pod, whole(path.deployment)["spec"]["paused"]
    if paused.value is True:
        yield paused, "nothing rolls out while it is true"
    if pod["hostNetwork"].value is True:
        yield pod["hostNetwork"], "a NEG of pods that have their node's address is not modelled"
    for gate in pod["readinessGates"].entries():
        if gate["conditionType"].value != READINESS_GATE:
            yield gate, f"who sets {gate['conditionType'].value}, and when, is not in the objects"
