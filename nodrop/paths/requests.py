"""What pods request, and how far they may go: as their containers state it, and as LimitRanges fill it in.

Source: kubernetes/kubernetes pkg/apis/core/v1/defaults.go, SetDefaults_Pod and SetDefaults_LimitRangeItem;
plugin/pkg/admission/limitranger; staging/src/k8s.io/component-helpers/resource, PodRequests and PodLimits.
"""

from collections.abc import Iterable

from nodrop.gke.nodes import COMPUTE_CLASS
from nodrop.paths.fields import Field, Manifest, is_unknown_or_masked, whole
from nodrop.paths.quantities import amount

_FILLED_IN = {"limits": ("default", "max"), "requests": ("defaultRequest", "default", "max", "min")}
"""Fields of a LimitRange that fill in what a container does not state, the first that is there."""


class NotKnownError(Exception):
    """An amount, or whether it counts, cannot be told from the objects."""

    def __init__(self, field: Field, why: str) -> None:
        super().__init__(f"{field.path}: {why}")
        self.field = field
        self.why = why


def known(field: Field, why: str) -> float | None:
    """The amount that stands there; None: none does. Raises NotKnownError with that reason if it is not known."""
    if is_unknown_or_masked(field.value):
        raise NotKnownError(field, why)
    return amount(field.value)


def may_be_filled_in(pod: Field) -> bool:
    """Whether GKE may state what containers do not: it does in Autopilot mode, which a compute class may ask for.

    Source: Google, Resource requests in Autopilot; Autopilot-mode workloads in GKE Standard.
    """
    return pod["nodeSelector"][COMPUTE_CLASS].value is not None


class PodRequests:
    """What containers and pods of a namespace request and are limited to, by its LimitRanges."""

    def __init__(self, ranges: Iterable[Manifest]) -> None:
        self._defaults = [
            item
            for each in ranges
            for item in whole(each)["spec"]["limits"].entries()
            if item["type"].value == "Container"
        ]

    def of_container(self, container: Field, group: str, resource: str) -> float | None:
        """How much of a resource it requests (`requests`) or may use (`limits`); None: nothing says it.

        Raises:
            NotKnownError: a masked amount decides, or two LimitRanges fill in different ones.
        """
        why = "how much it asks is not known"
        stated = known(container["resources"][group][resource], why)
        if stated is None and group == "requests":
            stated = known(container["resources"]["limits"][resource], why)
        return self._filled_in(group, resource) if stated is None else stated

    def of_pod(self, pod: Field, group: str, resource: str) -> float | None:
        """The same of a pod: its containers and sidecars together, or more while an init container runs.

        Raises:
            NotKnownError: as of a container, or the pod is measured by more than its containers.
        """
        if pod["resources"].value is not None:
            raise NotKnownError(pod["resources"], "what a pod as a whole asks is not modelled")
        if pod["runtimeClassName"].value is not None:
            raise NotKnownError(pod["runtimeClassName"], "what the RuntimeClass adds to each pod is not in the objects")
        sidecars: list[float | None] = []
        phases: list[float | None] = []
        for each in pod["initContainers"].entries():
            asked = self.of_container(each, group, resource)
            phases.append(_together([*sidecars, asked]))
            if each["restartPolicy"].value == "Always":
                sidecars.append(asked)
        asked = [self.of_container(each, group, resource) for each in pod["containers"].entries()]
        phases.append(_together([*sidecars, *asked]))
        return max((each for each in phases if each is not None), default=None)

    def _filled_in(self, group: str, resource: str) -> float | None:
        found: float | None = None
        for item in self._defaults:
            for key in _FILLED_IN[group]:
                field = item[key][resource]
                if field.value is not None:
                    asked = known(field, "how much it allows is not known")
                    if found is not None and asked != found:
                        raise NotKnownError(
                            field, "another LimitRange fills in another amount; which one comes first is not known"
                        )
                    found = asked
                    break
        return found


def _together(amounts: list[float | None]) -> float | None:
    stated = [each for each in amounts if each is not None]
    return sum(stated) if stated else None
