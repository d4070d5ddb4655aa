"""Which ranges under the serving paths an update takes away: a subnet's secondary ranges for pods and Services.

The provider changes them in place: it takes the old range away, and then adds the new one. Source: the provider's code
that `fixed_inputs` names, compute/resource_compute_subnetwork.go, two-step update.
Not here: what Google says to that (`nodrop.rollout.rules.replacements`), and the primary range (`replacement`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nodrop.preview.fixed_inputs import CLUSTER, NODE_POOL, SUBNETWORK
from nodrop.preview.replacement import UNKNOWN, deployed_inputs
from nodrop.preview.resources import Evaluation, Resource
from nodrop.preview.state import State
from nodrop.preview.values import plain
from nodrop.rollout.wiring import LostRange


def lost_ranges(evaluation: Evaluation, state: State) -> dict[str, tuple[LostRange, ...]]:
    """The ranges in use that deploying the evaluated program over the state takes away, by the subnet's URN."""
    found = {}
    for subnet in evaluation.resources:
        old = deployed_inputs(subnet, state)
        if subnet.type == SUBNETWORK and old is not None:
            used = set(_used(subnet.urn, evaluation, state))
            found[subnet.urn] = tuple(each for each in _taken_away(subnet, old) if each.name in used)
    return found


def _taken_away(subnet: Resource, old: Mapping[str, Any]) -> Iterator[LostRange]:
    inputs = plain(subnet.inputs)
    ranges = inputs.get("secondaryIpRanges")
    if ranges is None and inputs.get("sendSecondaryIpRangeIfEmpty") is True:
        ranges = []
    if not isinstance(ranges, list) or not all(isinstance(each, Mapping) for each in ranges):
        return  # without the flag, no list means that they stay as they are
    after = _by_name(ranges)
    if UNKNOWN in after:
        return
    for name, cidr in _by_name(old.get("secondaryIpRanges") or []).items():
        becomes = after.get(name, "absent")
        if UNKNOWN not in (cidr, becomes) and becomes != cidr:
            yield LostRange(subnetwork=subnet.name, name=name, was=cidr, becomes=becomes)


def _by_name(ranges: Iterable[Any]) -> dict[str, str]:
    return {str(each.get("rangeName")): str(each.get("ipCidrRange")) for each in ranges if isinstance(each, Mapping)}


def _used(subnet: str, evaluation: Evaluation, state: State) -> Iterator[str]:
    """Names of the ranges that clusters in this subnet, and their node pools, take addresses from."""
    clusters = {each.urn for each in evaluation.resources if each.type == CLUSTER and _depends(each, subnet)}
    for each in evaluation.resources:
        old = deployed_inputs(each, state) or {}
        if each.urn in clusters:
            yield from _texts(old.get("ipAllocationPolicy"))
        elif each.type == NODE_POOL and any(_depends(each, urn) for urn in clusters):
            yield from _texts(old.get("networkConfig"))


def _depends(resource: Resource, urn: str) -> bool:
    return any(urn in urns for urns in resource.property_dependencies.values())


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from _texts(each)
        case list():
            for each in value:
                yield from _texts(each)
