"""What pods request, and how far they may go: as their containers state it, and as LimitRanges fill it in.

Source: kubernetes/kubernetes pkg/apis/core/v1/defaults.go, SetDefaults_Pod and SetDefaults_LimitRangeItem;
plugin/pkg/admission/limitranger; staging/src/k8s.io/component-helpers/resource, PodRequests and PodLimits.
"""

from collections.abc import Iterable

from nodrop.gke.resources import OF_EVERY_POD
from nodrop.paths.compute_classes import selected_classes
from nodrop.paths.containers import every_container_of
from nodrop.paths.fields import Field, Manifest, is_unknown_or_masked, whole
from nodrop.paths.quantities import amount

NOT_KNOWN = "how much it allows is not known"
_FILLED_IN = {"limits": ("default", "max"), "requests": ("defaultRequest", "default", "max", "min")}
"""Fields of a LimitRange that fill in what a container does not state, the first that is there."""


class NotKnownError(Exception):
    """An amount, or whether it counts, cannot be told from the objects."""

    def __init__(self, field: Field, why: str) -> None:
        super().__init__(f"{field.path}: {why}")
        self.field = field
        self.why = why


class LackingError(NotKnownError):
    """Containers do not state an amount, and Autopilot may fill it in."""

    def __init__(self, containers: list[Field], asked: str) -> None:
        super().__init__(containers[0]["resources"], f"{named(containers)} no {asked}, and Autopilot may fill it in")
        self.containers = containers
        self.asked = asked


def named(containers: Iterable[Field]) -> str:
    """Containers as the subject of a sentence: `container web states` or `containers web, proxy state`."""
    names = list(dict.fromkeys(str(each["name"].value) for each in containers))
    return f"containers {', '.join(names)} state" if len(names) > 1 else f"container {names[0]} states"


def known(field: Field, why: str) -> float | None:
    """The amount that stands there, 0 of a null; None: none does.

    Raises:
        NotKnownError: it is not known, with that reason.

    Source: kubernetes/apimachinery pkg/api/resource, Quantity.UnmarshalJSON.
    """
    if is_unknown_or_masked(field.value):
        raise NotKnownError(field, why)
    return 0.0 if field.is_null else amount(field.value)


def as_stated(amount_stated: Field) -> str:
    """What stands there, such as `512Mi` or `null`."""
    return "null" if amount_stated.is_null else str(amount_stated.value)


def may_be_filled_in(pod: Field, autopilot: bool | None) -> bool:
    """Whether GKE may state what containers do not: it does in Autopilot mode, which a compute class may ask for.

    `autopilot`: whether the cluster is an Autopilot one; None: not known.

    Source: Google, Resource requests in Autopilot; Autopilot-mode workloads in GKE Standard.
    """
    return autopilot is not False or any(True for _ in selected_classes(pod))


class PodRequests:
    """What containers and pods of a namespace request and are limited to, by its LimitRanges."""

    def __init__(self, ranges: Iterable[Manifest]) -> None:
        self._defaults = [
            item
            for each in ranges
            for item in whole(each)["spec"]["limits"].entries()
            if item["type"].value == "Container"
        ]

    def place_in(self, container: Field, group: str, resource: str) -> Field | None:
        """Where it stands how much of a resource a container requests (`requests`) or may use (`limits`).

        In the container, where a limit stands for a request too, or in the LimitRange that fills it in; None: nowhere.

        Raises:
            NotKnownError: a masked amount decides, or two LimitRanges fill in different ones.
        """
        stated = [container["resources"][each][resource] for each in dict.fromkeys((group, "limits"))]
        found = (each for each in stated if known(each, "how much it asks is not known") is not None)
        return next(found, None) or self._filled_in(group, resource)

    def of_container(self, container: Field, group: str, resource: str) -> float | None:
        """How much of a resource it requests (`requests`) or may use (`limits`); None: nothing says it.

        Raises:
            NotKnownError: as where it stands.
        """
        place = self.place_in(container, group, resource)
        return None if place is None else known(place, NOT_KNOWN)

    def lacking(self, pod: Field, group: str, resource: str, *, filled_in: bool) -> list[Field]:
        """The containers that do not state it, and into which no LimitRange fills it; `filled_in`: Autopilot may.

        Raises:
            NotKnownError: as where it stands.
            LackingError: some do not, and Autopilot may fill it in.
        """
        found = [each for each in every_container_of(pod) if self.place_in(each, group, resource) is None]
        if found and filled_in and resource in OF_EVERY_POD:
            raise LackingError(found, f"{group}.{resource}")
        return found

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

    def _filled_in(self, group: str, resource: str) -> Field | None:
        found: Field | None = None
        for item in self._defaults:
            for key in _FILLED_IN[group]:
                field = item[key][resource]
                if field.value is not None:
                    asked = known(field, NOT_KNOWN)
                    if found is not None and asked != amount(found.value):
                        raise NotKnownError(
                            field, "another LimitRange fills in another amount; which one comes first is not known"
                        )
                    found = field if asked is not None else found
                    break
        return found


def _together(amounts: list[float | None]) -> float | None:
    stated = [each for each in amounts if each is not None]
    return sum(stated) if stated else None
