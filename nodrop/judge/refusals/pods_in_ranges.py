"""What LimitRanges of a namespace refuse of pods, and of the claims that they mount.

Source: kubernetes/kubernetes plugin/pkg/admission/limitranger, PodValidateLimitFunc.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from math import floor
from typing import NamedTuple

from nodrop.gke.resources import OF_EVERY_POD
from nodrop.judge.refusals.ranges import ROUNDING
from nodrop.judge.refusals.refusal import Refusal
from nodrop.paths.containers import every_container_of
from nodrop.paths.fields import Field, Manifest, is_unknown_or_masked, whole
from nodrop.paths.quotas import makes_claims
from nodrop.paths.requests import (
    NOT_KNOWN,
    LackingError,
    NotKnownError,
    PodRequests,
    as_stated,
    known,
    named,
)
from nodrop.rollout.quantities import quantity
from nodrop.rollout.sources import LIMIT_RANGES


class _Asked(NamedTuple):
    """What is requested or allowed of a resource."""

    amount: float
    text: str
    """As it is stated."""
    place: Field
    """Where it is to be changed."""
    told: str
    """What it is, to begin a sentence; empty: what stands at that place."""


_Asks = Callable[[str, str], _Asked | None]
"""What is requested or allowed (`requests` or `limits`) of a resource; None: nothing says it."""


class _Lack(NamedTuple):
    """An amount that a LimitRange wants stated, and that containers do not state."""

    range: Field
    asked: str
    """Such as `limits.cpu`."""
    containers: tuple[Field, ...]


_Found = Refusal | NotKnownError


def of_pod_in_ranges(ranges: Iterable[Manifest], pod: Field, *, filled_in: bool) -> Iterator[Refusal]:
    """What LimitRanges of its namespace refuse of a pod; `filled_in`: GKE may state what it does not.

    Raises ReadingError.
    """
    told = set[str]()
    for each in _found(list(ranges), pod, filled_in=filled_in):
        if isinstance(each, Refusal) and each.field.path not in told:
            told.add(each.field.path)
            yield each


def untold_by_ranges(ranges: Iterable[Manifest], pod: Field, *, filled_in: bool) -> Iterator[NotKnownError]:
    """Where it cannot be told whether LimitRanges refuse a pod. Raises ReadingError."""
    for each in _found(list(ranges), pod, filled_in=filled_in):
        if isinstance(each, NotKnownError):
            yield each


def _found(ranges: list[Manifest], pod: Field, *, filled_in: bool) -> Iterator[_Found]:
    requests = PodRequests(ranges)
    for limit_range in map(whole, ranges):
        lacking = list[_Lack]()
        for item in limit_range["spec"]["limits"].entries():
            for each in _of_item(item, requests, pod, filled_in=filled_in):
                if isinstance(each, _Lack):
                    lacking.append(each)
                else:
                    yield each
        yield from _of_lacking(lacking, filled_in=filled_in)
    for each in every_container_of(pod) if ranges else ():
        yield from _beyond_what_is_filled_in(requests, each)


def _of_item(item: Field, requests: PodRequests, pod: Field, *, filled_in: bool) -> Iterator[_Found | _Lack]:
    kind = item["type"]
    if is_unknown_or_masked(kind.value):
        yield NotKnownError(kind, "what it limits is not known")
    if kind.value == "PersistentVolumeClaim" and makes_claims(pod):
        yield NotKnownError(item, "what it says of the pods' own claims is not modelled")
    if kind.value == "Container":
        for each in every_container_of(pod):
            yield from _beyond(item, partial(_of_container, requests, each), [each])
    if kind.value == "Pod":
        yield from _beyond(item, partial(_of_pod, requests, pod, filled_in=filled_in), every_container_of(pod))


def _of_container(requests: PodRequests, container: Field, group: str, resource: str) -> _Asked | None:
    place = requests.place_in(container, group, resource)
    if place is None:
        return None
    text, size = as_stated(place), known(place, NOT_KNOWN) or 0.0
    if place.object == container.object:
        return _Asked(size, text, place, "")
    return _Asked(size, text, container["resources"][group][resource], f"{place.object} fills in {text}, ")


def _of_pod(requests: PodRequests, pod: Field, group: str, resource: str, *, filled_in: bool) -> _Asked | None:
    """Of all containers together, which stands in no field."""
    size = requests.of_pod(pod, group, resource)
    requests.lacking(pod, group, resource, filled_in=filled_in)
    if size is None:
        return None
    text = quantity(size, resource)
    return _Asked(size, text, pod["containers"], f"all containers together have {group}.{resource} of {text}, ")


def _beyond(item: Field, asks: _Asks, containers: list[Field]) -> Iterator[_Found | _Lack]:
    """Where containers ask other than one entry of a LimitRange allows."""
    for bound, check in (("min", _below), ("max", _above), ("maxLimitRequestRatio", _beyond_ratio)):
        for resource in map(str, item[bound].mapping()):
            allowed = item[bound][resource]
            try:
                most = known(allowed, NOT_KNOWN)
                if most is None:
                    continue
                asked = {group: asks(group, resource) for group in ("requests", "limits")}
            except LackingError as error:
                yield _Lack(allowed, error.asked, tuple(error.containers))
                continue
            except NotKnownError as error:
                yield error
                continue
            for group in _wanted(bound):
                if asked[group] is None:
                    yield _Lack(allowed, f"{group}.{resource}", tuple(containers))
            yield from check(_Allowed(most, allowed, resource), asked["requests"], asked["limits"])


def _wanted(bound: str) -> tuple[str, ...]:
    """What an entry wants stated. Source: minConstraint, maxConstraint, limitRequestRatioConstraint."""
    return {"min": ("requests",), "max": ("limits",)}.get(bound, ("requests", "limits"))


class _Allowed(NamedTuple):
    """What an entry of a LimitRange allows."""

    amount: float
    stated: Field
    resource: str

    def broken_by(self, asked: _Asked, seen: str, would_pass: str) -> Refusal:
        """That an amount is other than that."""
        stated = self.stated
        why = f"{asked.told}{seen} {stated.object} has {stated.path} = {stated.value}"
        shown = asked.text if asked.told and asked.place.value is not None else None
        return Refusal(asked.place, why, would_pass, LIMIT_RANGES, shown)


def _below(least: _Allowed, request: _Asked | None, limit: _Asked | None) -> Iterator[Refusal]:
    for asked in (request, limit):
        if asked is not None and asked.amount < least.amount:
            yield least.broken_by(asked, "too little, where", f"{least.stated.value} or more")


def _above(most: _Allowed, request: _Asked | None, limit: _Asked | None) -> Iterator[Refusal]:
    for asked in (request, limit):
        if asked is not None and asked.amount > most.amount:
            yield most.broken_by(asked, "too much, where", f"{most.stated.value} or less")


def _beyond_ratio(most: _Allowed, request: _Asked | None, limit: _Asked | None) -> Iterator[Refusal]:
    """A request or limit of 0 has no ratio."""
    if request is None or limit is None:
        return
    for asked in (request, limit):
        if not asked.amount:
            yield most.broken_by(asked, "no ratio is possible, where", "more than 0")
    if request.amount and limit.amount / request.amount > most.amount * ROUNDING:
        times = quantity(limit.amount / request.amount, "ratio", floor)
        allowed = quantity(request.amount * most.amount, most.resource, floor)
        yield most.broken_by(limit, f"{times} times the request of {request.text}, where", f"{allowed} or less")


def _of_lacking(lacking: list[_Lack], *, filled_in: bool) -> Iterator[_Found]:
    """What a LimitRange wants stated, as one; what Autopilot may fill in is not known."""
    open_, sure = list[_Lack](), list[_Lack]()
    for each in lacking:
        resource = each.asked.partition(".")[2]
        (open_ if filled_in and resource in OF_EVERY_POD else sure).append(each)
    if open_:
        place, told, _ = _together(open_)
        yield NotKnownError(place, f"{told}; whether Autopilot fills that in, and how much, is not in the objects")
    if sure:
        place, told, container = _together(sure)
        seen = f"{told}, where {place.object} has {place.path} = {place.value}"
        yield Refusal(container["resources"], seen, "amounts of them", LIMIT_RANGES, "incomplete")


def _together(lacking: list[_Lack]) -> tuple[Field, str, Field]:
    """The first entry that wants something, all that is lacking, and the first container that lacks it."""
    containers = {each.path: each for found in lacking for each in found.containers}
    asked = " or ".join(dict.fromkeys(each.asked for each in lacking))
    return lacking[0].range, f"{named(containers.values())} no {asked}", next(iter(containers.values()))


def _beyond_what_is_filled_in(requests: PodRequests, container: Field) -> Iterator[_Found]:
    """Requests beyond the limit that a LimitRange fills in."""
    resources = container["resources"]
    for resource in map(str, resources["requests"].mapping()):
        if resources["limits"][resource].value is not None:
            continue
        try:
            request = _of_container(requests, container, "requests", resource)
            limit = _of_container(requests, container, "limits", resource)
        except NotKnownError as error:
            yield error
            continue
        if request is not None and limit is not None and request.amount > limit.amount:
            seen = f"more than the limit: {limit.told.removesuffix(', ')}"
            yield Refusal(resources["requests"][resource], seen, f"{limit.text} or less, or a limit", LIMIT_RANGES)
