"""What is refused of ResourceQuotas and LimitRanges, and of pods by LimitRanges.

Source: kubernetes/kubernetes pkg/apis/core/validation, ValidateResourceQuota and ValidateLimitRange;
plugin/pkg/admission/limitranger.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from nodrop.judge.refusals.refusal import Refusal, of_metadata, one_of, twice
from nodrop.paths.fields import Field, Manifest, is_unknown_or_masked, whole
from nodrop.paths.quantities import amount
from nodrop.paths.quotas import makes_claims
from nodrop.paths.requests import NotKnownError, Requests, known

_Asked = Callable[[str, str], float | None]
"""What is requested or allowed (`requests` or `limits`) of a resource."""
_SOURCE = "kubernetes.io, Limit Ranges"
_IN_ORDER = ("min", "defaultRequest", "default", "max")
"""Each no more than those after it."""
_MASKED = "how much it allows is not known"


def of_resource_quota(quota: Field) -> Iterator[Refusal]:
    """What is refused of a ResourceQuota. Raises ReadingError."""
    yield from of_metadata(quota["metadata"])
    hard = quota["spec"]["hard"]
    for key in hard.mapping():
        whole_number = key == "pods" or str(key).startswith("count/")
        most = amount(hard[key].value)
        if most is None or most < 0 or (whole_number and most % 1):
            yield Refusal(hard[key], f"is {hard[key].value!r}", "20" if whole_number else "20 or 64Gi")


def of_limit_range(limit_range: Field) -> Iterator[Refusal]:
    """What is refused of a LimitRange. Raises ReadingError."""
    yield from of_metadata(limit_range["metadata"])
    items = limit_range["spec"]["limits"].entries()
    yield from twice(limit_range["spec"]["limits"], "type", [item["type"] for item in items])
    for item in items:
        resources = dict.fromkeys(key for name in _IN_ORDER for key in item[name].mapping())
        for resource in resources:
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
        if "/" not in str(item["type"].value):
            yield from one_of(item["type"], ("Container", "Pod", "PersistentVolumeClaim"))


def _in_order(stated: list[Field]) -> Iterator[Refusal]:
    for number, greater in enumerate(stated[1:]):
        less = stated[number]
        if (amount(less.value) or 0.0) > (amount(greater.value) or 0.0):
            yield Refusal(less, f"is {less.value}, more than {greater.path} = {greater.value}", f"{greater.value}")


def of_pod_in_ranges(ranges: Iterable[Manifest], pod: Field) -> Iterator[Refusal]:
    """What LimitRanges of its namespace refuse of a pod. Raises ReadingError."""
    for each in _found(list(ranges), pod):
        if isinstance(each, Refusal):
            yield each


def untold_by_ranges(ranges: Iterable[Manifest], pod: Field) -> Iterator[NotKnownError]:
    """Where it cannot be told whether LimitRanges refuse a pod. Raises ReadingError."""
    for each in _found(list(ranges), pod):
        if isinstance(each, NotKnownError):
            yield each


def _found(ranges: list[Manifest], pod: Field) -> Iterator[Refusal | NotKnownError]:
    requests = Requests(ranges)
    containers = [*pod["containers"].entries(), *pod["initContainers"].entries()]
    for item in [item for each in ranges for item in whole(each)["spec"]["limits"].entries()]:
        kind, ratio = item["type"], item["maxLimitRequestRatio"]
        if is_unknown_or_masked(kind.value):
            yield NotKnownError(kind, "what it limits is not known")
        if kind.value == "PersistentVolumeClaim" and makes_claims(pod):
            yield NotKnownError(item, "what it says of the pods' own claims is not modelled")
        if kind.value in ("Container", "Pod") and ratio.mapping():
            yield NotKnownError(ratio, "whether pods keep maxLimitRequestRatio is not modelled")
        if kind.value == "Container":
            for each in containers:
                yield from _beyond(item, each["resources"], partial(requests.of_container, each))
        if kind.value == "Pod":
            yield from _beyond(item, pod["resources"], partial(requests.of_pod, pod))
    for each in containers if ranges else ():
        yield from _beyond_what_is_filled_in(requests, each)


def _beyond(item: Field, place: Field, asked: _Asked) -> Iterator[Refusal | NotKnownError]:
    """Where a container or pod asks less or more than one entry of a LimitRange allows.

    Source: minConstraint and maxConstraint, which want a request, and a limit.
    """
    for bound, group in (("min", "requests"), ("max", "limits")):
        for resource in item[bound].mapping():
            try:
                yield from _beyond_one(item[bound][resource], place, group, (bound, str(resource)), asked)
            except NotKnownError as error:
                yield error


def _beyond_one(
    allowed: Field, place: Field, needed: str, of: tuple[str, str], asked: _Asked
) -> Iterator[Refusal | NotKnownError]:
    bound, resource = of
    most = known(allowed, _MASKED)
    if most is None:
        return
    for group in ("requests", "limits"):
        amount_asked = asked(group, resource)
        if amount_asked is not None and (amount_asked < most if bound == "min" else amount_asked > most):
            seen = f"is {amount_asked:g}, where {allowed.object} has {allowed.path} = {allowed.value}"
            yield Refusal(place[group][resource], seen, str(allowed.value), _SOURCE)
            return
    if asked(needed, resource) is None:
        why = f"a pod states no {needed}.{resource}, so that it is refused unless another LimitRange does"
        yield NotKnownError(allowed, why)


def _beyond_what_is_filled_in(requests: Requests, container: Field) -> Iterator[Refusal | NotKnownError]:
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
