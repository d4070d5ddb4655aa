"""What a program's firewall rules let load balancers reach in a network, and what an update takes from that."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from nodrop.paths.fields import UNKNOWN
from nodrop.preview.fixed_inputs import CLUSTER, NETWORK
from nodrop.preview.replacement import deployed_inputs
from nodrop.preview.resources import Evaluation, Resource
from nodrop.preview.state import State
from nodrop.preview.values import plain
from nodrop.rollout.facts import LOAD_BALANCER_RANGES
from nodrop.rollout.infrastructure import Firewall

FIREWALL = "gcp:compute/firewall:Firewall"


def firewall_of(firewalls: Iterable[Mapping[str, Any]]) -> Firewall | None:
    """What the rules that are for load balancers let in; None where there is none, or one that cannot be read."""
    rules = [each for each in firewalls if _is_for_load_balancers(each)]
    ports: list[str] = []
    for allowed in (entry for each in rules for entry in each["allows"]):
        if not isinstance(allowed, dict) or str(allowed.get("protocol")).lower() not in ("tcp", "6", "all"):
            continue
        stated = allowed.get("ports")
        if not isinstance(stated, list) or not all(isinstance(each, str) for each in stated):
            return Firewall(ports=()) if stated is None else None
        ports += stated
    return Firewall(ports=tuple(dict.fromkeys(ports))) if rules else None


def _is_for_load_balancers(firewall: Mapping[str, Any]) -> bool:
    sources = firewall.get("sourceRanges")
    return (
        firewall.get("direction", "INGRESS") == "INGRESS"
        and firewall.get("disabled") is not True
        and isinstance(firewall.get("allows"), list)
        and isinstance(sources, list)
        and set(LOAD_BALANCER_RANGES) <= set(sources)
    )


def shut_ports(ports: Iterable[int], evaluation: Evaluation, state: State, needed: Container[str]) -> tuple[int, ...]:
    """Those of the ports that the state's rules let load balancers reach, and that the update shuts before the pods.

    A rule that the program does not have any more is deleted last. What cannot be read counts as unchanged.

    Args:
        ports: on which the pods of the state serve requests and checks.
        evaluation: the program.
        state: what it is deployed over.
        needed: URNs of what the path needs, its network and cluster among them.
    """
    rules = list(firewalls_under(evaluation, needed))
    had = firewall_of(filter(None, (deployed_inputs(each, state) for each in rules)))
    program = [plain(each.inputs) for each in rules]
    has = firewall_of(program)
    if had is None or (has is None and any(map(_is_for_load_balancers, program))):
        return ()
    return tuple(dict.fromkeys(port for port in ports if had.admits(port) and not (has and has.admits(port))))


def firewalls_under(evaluation: Evaluation, needed: Container[str]) -> Iterator[Resource]:
    """The program's rules in a network of its own that the path needs, or in one that its cluster names."""
    under = [each for each in evaluation.resources if each.urn in needed]
    networks = {each.urn for each in under if each.type == NETWORK}
    named = {plain(each.inputs).get("network") for each in under if each.type == CLUSTER} - {None, UNKNOWN}
    for each in evaluation.resources:
        if each.type == FIREWALL and each.read_id is None:
            by_name = plain(each.inputs).get("network") in named
            if by_name or not networks.isdisjoint(each.property_dependencies.get("network", ())):
                yield each
