"""What is refused of LimitRanges, and of pods by them.

Source: kubernetes/kubernetes pkg/apis/core/validation, ValidateLimitRange;
plugin/pkg/admission/limitranger.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from nodrop.judge.refusals.refusal import Refusal, of_metadata, one_of, twice
from nodrop.paths.fields import Field, Manifest, is_unknown_or_masked, whole
from nodrop.paths.quantities import amount
from nodrop.paths.quotas import makes_claims
from nodrop.paths.requests import NotKnownError, PodRequests, known

_RESOURCES = ("cpu", "memory", "ephemeral-storage")
_Asked = Callable[[str, str], float | None]
"""What is requested or allowed (`requests` or `limits`) of a resource."""
_SOURCE = "kubernetes.io, Limit Ranges"
_IN_ORDER = ("min", "defaultRequest", "default", "max")
"""Each no more than those after it."""
_ABSENT = "is absent"
_ROUNDING = 1 + 1e-9
_MASKED = "how much it allows is not known"


def of_limit_range(limit_range: Field) -> Iterator[Refusal]:
    """What is refused of a LimitRange. Raises ReadingError."""
    yield from of_metadata(limit_range["metadata"])
    items = limit_range["spec"]["limits"].entries()
    yield from twice(limit_range["spec"]["limits"], "type", [item["type"] for item in items])
    for item in items:
        resources = dict.fromkeys(key for name in _IN_ORDER for key in item[name].mapping())
        yield from _of_ratios(item)
        for resource in resources:
            if item["type"].value in ("Container", "Pod"):
                yield from _of_name(item, resource)
            stated = [item[name][resource] for name in _IN_ORDER if item[name][resource].value is not None]
            wrong = [each for each in stated if amount(each.value) is None]
            for each in wrong:
                yield Refusal(each, f"is {each.value!r}", "500m or 512Mi")
            if not wrong:
                yield from _in_order([each for each in stated if not is_unknown_or_masked(each.value)])
        if item["type"].value == "Pod":
            for name in ("default", "defaultRequest"):
                if item[name].mapping():
                    yield Refusal(item[name], "is stated for whole pods", "none")
        if item["type"].value == "PersistentVolumeClaim" and all(
            item[name]["storage"].value is None for name in ("min", "max")
        ):
            yield Refusal(item, "limits no storage", "min or max of storage")
        if "/" not in str(item["type"].value):
            yield from one_of(item["type"], ("Container", "Pod", "PersistentVolumeClaim"))


def _of_name(item: Field, resource: str) -> Iterator[Refusal]:
    """A resource that containers do not have. Source: validateContainerResourceName."""
    if "/" not in resource and resource not in _RESOURCES and not resource.startswith("hugepages-"):
        yield Refusal(item, f"limits {resource}", "cpu, memory or ephemeral-storage")


def _of_ratios(item: Field) -> Iterator[Refusal]:
    """Ratios of limit to request that are none, less than 1, or more than the bounds allow."""
    for resource in item["maxLimitRequestRatio"].mapping():
        fields = [item[name][resource] for name in ("maxLimitRequestRatio", "min", "max")]
        if any(is_unknown_or_masked(each.value) for each in fields):
            continue
        stated, (ratio, least, most) = fields[0], (amount(each.value) for each in fields)
        if ratio is None or ratio < 1:
            yield Refusal(stated, f"is {stated.value!r}", "1 or more, such as 2")
        elif least and most is not None and ratio > most / least * _ROUNDING:
            yield Refusal(stated, f"is {stated.value}, more than max / min = {most / least:g}", f"{most / least:g}")


def _in_order(stated: list[Field]) -> Iterator[Refusal]:
    for number, greater in enumerate(stated[1:]):
        less = stated[number]
        if (amount(less.value) or 0.0) > (amount(greater.value) or 0.0):
            yield Refusal(less, f"is {less.value}, more than {greater.path} = {greater.value}", f"{greater.value}")


def of_pod_in_ranges(ranges: Iterable[Manifest], pod: Field, *, filled_in: bool) -> Iterator[Refusal]:
    """What LimitRanges of its namespace refuse of a pod; `filled_in`: GKE may state what it does not.

    Raises ReadingError.
    """
    for each in _found(list(ranges), pod, filled_in=filled_in):
        if isinstance(each, Refusal):
            yield each


def untold_by_ranges(ranges: Iterable[Manifest], pod: Field, *, filled_in: bool) -> Iterator[NotKnownError]:
    """Where it cannot be told whether LimitRanges refuse a pod. Raises ReadingError."""
    for each in _found(list(ranges), pod, filled_in=filled_in):
        if isinstance(each, NotKnownError):
            yield each


def _found(ranges: list[Manifest], pod: Field, *, filled_in: bool) -> Iterator[Refusal | NotKnownError]:
    requests = PodRequests(ranges)
    containers = [*pod["containers"].entries(), *pod["initContainers"].entries()]
    for item in [item for each in ranges for item in whole(each)["spec"]["limits"].entries()]:
        kind = item["type"]
        if is_unknown_or_masked(kind.value):
            yield NotKnownError(kind, "what it limits is not known")
        if kind.value == "PersistentVolumeClaim" and makes_claims(pod):
            yield NotKnownError(item, "what it says of the pods' own claims is not modelled")
        if kind.value == "Container":
            for each in containers:
                yield from _beyond(item, each["resources"], partial(requests.of_container, each), filled_in=filled_in)
        if kind.value == "Pod":
            yield from _beyond(item, pod["resources"], partial(requests.of_pod, pod), filled_in=filled_in)
    for each in containers if ranges else ():
        yield from _beyond_what_is_filled_in(requests, each)


def _beyond(item: Field, place: Field, asked: _Asked, *, filled_in: bool) -> Iterator[Refusal | NotKnownError]:
    """Where the pod, or a container of it, asks other than one entry of a LimitRange allows."""
    for bound, check in (("min", _below), ("max", _above), ("maxLimitRequestRatio", _beyond_ratio)):
        for resource in item[bound].mapping():
            allowed = item[bound][resource]
            try:
                most = known(allowed, _MASKED)
                found = None if most is None else check(most, asked("requests", resource), asked("limits", resource))
            except NotKnownError as error:
                yield error
                continue
            if found is None:
                continue
            group, seen, would_pass = found
            if seen == _ABSENT and filled_in:
                yield NotKnownError(allowed, f"a pod states no {group}.{resource}, and Autopilot may fill it in")
            else:
                why = f"{seen}, where {allowed.object} has {allowed.path} = {allowed.value}"
                yield Refusal(place[group][resource], why, would_pass, _SOURCE)


_Beyond = tuple[str, str, str] | None
"""`requests` or `limits`, what is wrong with it, and what would pass."""


def _below(least: float, request: float | None, limit: float | None) -> _Beyond:
    """Source: minConstraint, which wants a request."""
    if request is None:
        return "requests", _ABSENT, f"{least:g} or more"
    for group, amount_asked in (("requests", request), ("limits", limit)):
        if amount_asked is not None and amount_asked < least:
            return group, f"is {amount_asked:g}", f"{least:g} or more"
    return None


def _above(most: float, request: float | None, limit: float | None) -> _Beyond:
    """Source: maxConstraint, which wants a limit."""
    for group, amount_asked in (("requests", request), ("limits", limit)):
        if amount_asked is not None and amount_asked > most:
            return group, f"is {amount_asked:g}", f"{most:g} or less"
    return ("limits", _ABSENT, f"{most:g} or less") if limit is None else None


def _beyond_ratio(most: float, request: float | None, limit: float | None) -> _Beyond:
    """Source: limitRequestRatioConstraint, which wants both, and more than 0."""
    if not request:
        return "requests", _ABSENT if request is None else "is 0", "more than 0"
    if not limit:
        return "limits", _ABSENT if limit is None else "is 0", f"{request * most:g} or less, and more than 0"
    if limit / request > most * _ROUNDING:
        return "limits", f"is {limit / request:g} times the request", f"{request * most:g} or less"
    return None


def _beyond_what_is_filled_in(requests: PodRequests, container: Field) -> Iterator[Refusal | NotKnownError]:
    """Requests beyond the limit that a LimitRange fills in."""
    resources = container["resources"]
    for resource in resources["requests"].mapping():
        if resources["limits"][resource].value is None:
            try:
                request, limit = (requests.of_container(container, group, resource) for group in ("requests", "limits"))
            except NotKnownError as error:
                yield error
                continue
            if request is not None and limit is not None and request > limit:
                seen = f"is more than the limit {limit:g} that a LimitRange fills in"
                yield Refusal(resources["requests"][resource], seen, f"{limit:g}", _SOURCE)
