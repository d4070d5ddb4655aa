"""What is refused of LimitRanges.

Source: kubernetes/kubernetes pkg/apis/core/validation, ValidateLimitRange.
"""

from collections.abc import Iterator
from math import floor

from nodrop.gke.resources import is_native
from nodrop.judge.refusals.refusal import Refusal, of_metadata, one_of, twice
from nodrop.paths.fields import Field, is_unknown_or_masked
from nodrop.paths.quantities import amount
from nodrop.rollout.quantities import quantity

_IN_ORDER = ("min", "defaultRequest", "default", "max")
"""Each no more than those after it."""
ROUNDING = 1 + 1e-9


def of_limit_range(limit_range: Field) -> Iterator[Refusal]:
    """What is refused of a LimitRange. Raises ReadingError."""
    yield from of_metadata(limit_range["metadata"])
    items = limit_range["spec"]["limits"].entries()
    yield from twice(limit_range["spec"]["limits"], "type", [item["type"] for item in items])
    for item in items:
        resources = dict.fromkeys(str(key) for name in _IN_ORDER for key in item[name].mapping())
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
    if "/" not in resource and not is_native(resource):
        yield Refusal(item, f"{resource} is not a resource that containers have", "cpu, memory or ephemeral-storage")


def _of_ratios(item: Field) -> Iterator[Refusal]:
    """Ratios of limit to request that are none, less than 1, or more than the bounds allow."""
    for resource in map(str, item["maxLimitRequestRatio"].mapping()):
        fields = [item[name][resource] for name in ("maxLimitRequestRatio", "min", "max")]
        if any(is_unknown_or_masked(each.value) for each in fields):
            continue
        stated, (ratio, least, most) = fields[0], (amount(each.value) for each in fields)
        if ratio is None or ratio < 1:
            yield Refusal(stated, f"is {stated.value!r}", "1 or more, such as 2")
        elif least and most is not None and ratio > most / least * ROUNDING:
            allowed = quantity(most / least, "ratio", floor)
            yield Refusal(stated, f"is {stated.value}, more than max / min = {allowed}", allowed)


def _in_order(stated: list[Field]) -> Iterator[Refusal]:
    for number, greater in enumerate(stated[1:]):
        less = stated[number]
        if (amount(less.value) or 0.0) > (amount(greater.value) or 0.0):
            yield Refusal(less, f"is {less.value}, more than {greater.path} = {greater.value}", f"{greater.value}")
