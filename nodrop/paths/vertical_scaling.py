"""What a VerticalPodAutoscaler does with the pods of the Deployment that it names.

Source: kubernetes/autoscaler, vertical-pod-autoscaler: v1 types.go, UpdateMode and ContainerResourcePolicy;
pkg/updater/logic/updater.go, which pods it evicts or resizes.
"""

from nodrop.paths.containers import every_container_of
from nodrop.paths.fields import Field, is_unknown_or_masked

VERTICAL_AUTOSCALER = "VerticalPodAutoscaler"
MODES = ("Off", "Initial", "Recreate", "InPlace", "InPlaceOrRecreate", "Auto")
"""Values of `updateMode`; without one it is Recreate."""
_RESOURCES = frozenset({"cpu", "memory"})
_OF_ALL = "*"


def mode_of(autoscaler: Field) -> Field:
    """Where it says when it changes pods."""
    return autoscaler["spec"]["updatePolicy"]["updateMode"]


def resources_set(autoscaler: Field, pod: Field) -> frozenset[str]:
    """Resources (`cpu`, `memory`) of which it sets what containers of the pod request; none where it recommends only.

    Raises:
        ReadingError: a field has no readable value.
    """
    mode = mode_of(autoscaler).value
    if mode == "Off" or (mode is not None and mode not in MODES and not is_unknown_or_masked(mode)):
        return frozenset()
    policies = {
        str(each["containerName"].value): each
        for each in autoscaler["spec"]["resourcePolicy"]["containerPolicies"].entries()
    }
    names = [str(each["name"].value) for each in every_container_of(pod)]
    return frozenset().union(*(_set_by(policies.get(name, policies.get(_OF_ALL))) for name in names))


def _set_by(policy: Field | None) -> frozenset[str]:
    """The resources that a container's policy leaves to the autoscaler."""
    if policy is None:
        return _RESOURCES
    if policy["mode"].value == "Off":
        return frozenset()
    stated = policy["controlledResources"]
    if stated.value is None or is_unknown_or_masked(stated.value):
        return _RESOURCES
    names = [each.value for each in stated.entries()]
    return _RESOURCES if any(map(is_unknown_or_masked, names)) else _RESOURCES.intersection(names)


def evicts(autoscaler: Field) -> bool:
    """Whether it evicts running pods to give new ones other requests; of a mode that is not known, it may."""
    return mode_of(autoscaler).value not in ("Off", "Initial", "InPlace")


def resizes_in_place(autoscaler: Field) -> bool:
    """Whether it changes what containers of a running pod request; of a mode that is not known, it may."""
    mode = mode_of(autoscaler).value
    return mode in ("InPlace", "InPlaceOrRecreate") or is_unknown_or_masked(mode)
