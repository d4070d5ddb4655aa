"""Which ranges under the serving paths an update takes away: a subnet's secondary ranges for pods and Services.

The provider changes them in place: it takes the old range away, and then adds the new one. Source: the provider's code
that `fixed_inputs` names, compute/resource_compute_subnetwork.go, two-step update.
Not here: what Google says to that (`nodrop.rollout.rules.replacements`), and the primary range (`replacement`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nodrop.paths.fields import UNKNOWN, is_unknown_or_masked
from nodrop.preview.fixed_inputs import CLUSTER, NODE_POOL, SUBNETWORK
from nodrop.preview.replacement import beneath, deployed_inputs, differences, is_ignored
from nodrop.preview.resources import Evaluation, Resource
from nodrop.preview.state import State
from nodrop.preview.values import plain
from nodrop.rollout.wiring import LostRange

_RANGES = "secondaryIpRanges"


@dataclass(frozen=True, kw_only=True)
class ChangedRanges:
    """What the update does to the ranges of one subnet that clusters use."""

    under: frozenset[str]
    """URNs of the subnet and of the clusters in it."""
    lost: tuple[LostRange, ...]
    not_compared: str | None
    """Why it cannot be said of some; None: of all it can."""


def changed_ranges(evaluation: Evaluation, state: State) -> tuple[ChangedRanges, ...]:
    """What deploying the evaluated program over the state does to ranges in use, by subnet."""
    found = []
    for subnet in evaluation.resources:
        old = deployed_inputs(subnet, state)
        if subnet.type == SUBNETWORK and old is not None:
            clusters = [
                each
                for each in evaluation.resources
                if each.type == CLUSTER and _is_on(each, subnet, "subnetwork", state)
            ]
            changed = [each for each in _changed(subnet, old) if each.name in set(_used(clusters, evaluation, state))]
            unknown = [each for each in changed if is_unknown_or_masked(each.was) or is_unknown_or_masked(each.becomes)]
            told = bool(unknown) and not _follows_what_stays(subnet, evaluation, state)
            found.append(
                ChangedRanges(
                    under=frozenset((subnet.urn, *(each.urn for each in clusters))),
                    lost=tuple(each for each in changed if each not in unknown),
                    not_compared=f"{_RANGES} of subnetwork {subnet.name} are not known before the update"
                    if told
                    else None,
                )
            )
    return tuple(found)


def _changed(subnet: Resource, old: Mapping[str, Any]) -> Iterator[LostRange]:
    """The ranges that do not stay as they are, or of which that is not known."""
    inputs = plain(subnet.inputs)
    stated = inputs.get(_RANGES)
    if stated is None and inputs.get("sendSecondaryIpRangeIfEmpty") is not True:
        return  # without the flag, no list means that they stay as they are
    after = _by_name(stated)
    rest = UNKNOWN if any(map(is_unknown_or_masked, after)) else "absent"
    for index, (name, cidr) in enumerate(_by_name(old.get(_RANGES)).items()):
        becomes = after.get(name, rest)
        if becomes != cidr and not is_ignored(subnet, f"{_RANGES}[{index}].ipCidrRange"):
            yield LostRange(subnetwork=subnet.name, name=name, was=cidr, becomes=becomes)


def _by_name(ranges: Any) -> dict[str, str]:
    """Each range in CIDR notation by its name; what is not known in their place is one whose name is not."""
    if ranges is None:
        return {}
    entries = ranges if isinstance(ranges, list) else [ranges]
    known = [each if isinstance(each, Mapping) else {"rangeName": UNKNOWN} for each in entries]
    return {str(each.get("rangeName")): str(each.get("ipCidrRange")) for each in known}


def _follows_what_stays(subnet: Resource, evaluation: Evaluation, state: State) -> bool:
    """Whether the ranges are outputs of the same resources as before, and these and all beneath them do not change."""
    sources = subnet.property_dependencies.get(_RANGES, ())
    if not sources or not set(sources) <= state.property_dependencies.get(subnet.urn, {}).get(_RANGES, frozenset()):
        return False
    under = beneath(evaluation)
    asked = {*sources}.union(*(under[urn] for urn in sources))
    return not any(each.urn in asked and each.custom and _changes(each, state) for each in evaluation.resources)


def _changes(resource: Resource, state: State) -> bool:
    old = deployed_inputs(resource, state)
    return old is None or bool(differences(plain(resource.inputs), old))


def _used(clusters: list[Resource], evaluation: Evaluation, state: State) -> Iterator[str]:
    """Names of the ranges that these clusters and their node pools take addresses from."""
    for cluster in clusters:
        yield from _texts((deployed_inputs(cluster, state) or {}).get("ipAllocationPolicy"))
        for each in evaluation.resources:
            if each.type == NODE_POOL and _is_on(each, cluster, "cluster", state):
                yield from _texts((deployed_inputs(each, state) or {}).get("networkConfig"))


def _is_on(resource: Resource, other: Resource, key: str, state: State) -> bool:
    """Whether it takes the other one's outputs, or names it in an input: by its name, or by a path that ends so."""
    if any(other.urn in urns for urns in resource.property_dependencies.values()):
        return True
    own, target = deployed_inputs(resource, state) or {}, deployed_inputs(other, state) or {}
    *_, parent, stated, _, name = ("", "", "", *str(own.get(key)).split("/"))
    place = stated if parent in ("regions", "zones", "locations") else own.get("location")
    where = target.get("region") or target.get("location")
    elsewhere = isinstance(place, str) and isinstance(where, str) and not f"{place}-".startswith(f"{where}-")
    elsewhere = elsewhere or _is_of_another_project(own, target, key)
    return name == target.get("name") and not is_unknown_or_masked(name) and not elsewhere


def _is_of_another_project(own: Mapping[str, Any], target: Mapping[str, Any], key: str) -> bool:
    in_path = re.search(r"(?:^|/)projects/([^/]+)/", str(own.get(key)))
    stated, project = in_path[1] if in_path else own.get("project"), target.get("project")
    return isinstance(stated, str) and isinstance(project, str) and stated != project


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
