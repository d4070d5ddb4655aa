"""What a program's firewall rules let load balancers reach in a network, and what an update takes from that.

Of two rules the one with the smaller priority number counts, of two of one priority the one that denies. Source:
Google, VPC firewall rules. Not here: firewall policies, and rules of other programs.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nodrop.paths.fields import SECRET, UNKNOWN
from nodrop.preview.fixed_inputs import CLUSTER, FIREWALL, NETWORK
from nodrop.preview.replacement import deployed_inputs
from nodrop.preview.resources import Evaluation, Resource
from nodrop.preview.state import State
from nodrop.preview.values import plain
from nodrop.rollout.facts import LOAD_BALANCER_RANGES
from nodrop.rollout.infrastructure import Firewall

_DEFAULT_PRIORITY = 1000
"""Also of the rule of GKE's own controller. Source: Google, Compute Engine API, firewalls; kubernetes/ingress-gce
pkg/firewalls/firewalls.go, buildExpectedFW, which states none."""
_ALL_PORTS = range(65536)
_ANYWHERE = ipaddress.IPv4Network("0.0.0.0/0")
_OF_SOME_PODS = ("targetTags", "targetServiceAccounts", "destinationRanges")
_Range = ipaddress.IPv4Network | ipaddress.IPv6Network


def firewall_of(firewalls: Iterable[Mapping[str, Any]]) -> Firewall | None:
    """What the rules that are for load balancers let in, and what others deny them; None where nothing is known."""
    stated = list(firewalls)
    allows = [rule for each in stated for rule in _rules(each, "allows")]
    denies: dict[bool, list[_Rule]] = {False: [], True: []}
    for each in stated:
        is_doubted = any(each.get(field) for field in _OF_SOME_PODS) or not _is_read(each)
        denies[is_doubted] += _rules(each, "denies") if _is_read(each) else _unread(each)
    denied, doubted = (tuple(_denied(denies[is_doubted], allows)) for is_doubted in (False, True))
    ports = _let_in(stated)
    return Firewall(ports=ports, denied=denied, doubted=doubted) if ports is not None or denied or doubted else None


def _let_in(firewalls: Iterable[Mapping[str, Any]]) -> tuple[str, ...] | None:
    """None where no rule is for load balancers, or one that cannot be read."""
    rules = [each for each in firewalls if _is_for_load_balancers(each)]
    ports: list[str] = []
    for allowed in (entry for each in rules for entry in each["allows"]):
        if not isinstance(allowed, dict) or not _is_tcp(allowed):
            continue
        stated = allowed.get("ports")
        if not isinstance(stated, list) or not all(isinstance(each, str) for each in stated):
            return () if stated is None else None
        ports += stated
    return tuple(dict.fromkeys(ports)) if rules else None


def _is_for_load_balancers(firewall: Mapping[str, Any]) -> bool:
    sources = firewall.get("sourceRanges")
    return (
        _is_active(firewall)
        and isinstance(firewall.get("allows"), list)
        and isinstance(sources, list)
        and set(LOAD_BALANCER_RANGES) <= set(sources)
    )


def _is_active(firewall: Mapping[str, Any]) -> bool:
    return firewall.get("direction", "INGRESS") == "INGRESS" and firewall.get("disabled") is not True


def _is_tcp(entry: Mapping[str, Any]) -> bool:
    return str(entry.get("protocol")).lower() in ("tcp", "6", "all")


@dataclass(frozen=True, kw_only=True)
class _Rule:
    """A rule as far as it concerns TCP."""

    priority: int
    sources: tuple[_Range, ...]
    ports: tuple[range, ...]


def _denied(denies: Iterable[_Rule], allows: Collection[_Rule]) -> Iterator[str]:
    """Ports on which load balancers, or some of them, reach no pod, whatever the rule of GKE's own controller says."""
    found: dict[str, None] = {}
    for deny in (each for each in denies if each.priority <= _DEFAULT_PRIORITY):
        for part in _of_load_balancers(deny.sources):
            before = [
                ports
                for allow in allows
                if allow.priority < deny.priority and any(_holds(each, part) for each in allow.sources)
                for ports in allow.ports
            ]
            found |= dict.fromkeys(_in_words(each) for each in _without(deny.ports, before))
    yield from found


def _rules(firewall: Mapping[str, Any], field: str) -> Iterator[_Rule]:
    """The rule that a resource is, if it is active, has entries of TCP in this field, and can be read."""
    entries, priority = firewall.get(field), firewall.get("priority", _DEFAULT_PRIORITY)
    if not _is_active(firewall) or not isinstance(entries, list) or not isinstance(priority, int | float):
        return
    sources = _sources(firewall)
    ports = [_ports(each.get("ports")) for each in entries if isinstance(each, dict) and _is_tcp(each)]
    if sources and ports and None not in ports:
        yield _Rule(
            priority=int(priority),
            sources=sources,
            ports=tuple(part for each in ports if each is not None for part in each),
        )


def _is_read(firewall: Mapping[str, Any]) -> bool:
    """Whether a rule says all that decides whom it denies what."""
    fields = ("denies", "sourceRanges", "priority", "disabled", "direction")
    return not any(mask in str(firewall.get(each)) for each in fields for mask in (UNKNOWN, SECRET))


def _unread(firewall: Mapping[str, Any]) -> Iterator[_Rule]:
    """All that a rule may deny of which something is not known."""
    if firewall.get("denies") is not None and _is_active(firewall):
        yield _Rule(priority=0, sources=(_ANYWHERE,), ports=(_ALL_PORTS,))


def _sources(firewall: Mapping[str, Any]) -> tuple[_Range, ...]:
    """Where the rule's traffic comes from; empty where that is not known, or only machines of the network."""
    stated = firewall.get("sourceRanges")
    if not stated:
        machines = firewall.get("sourceTags") or firewall.get("sourceServiceAccounts")
        return () if machines else (_ANYWHERE,)
    try:
        return tuple(ipaddress.ip_network(each, strict=False) for each in stated)
    except (TypeError, ValueError):
        return ()


def _ports(stated: Any) -> list[range] | None:
    """Ports such as `8080` and `30000-32767`; None: not known."""
    try:
        bounds = [each.partition("-") for each in stated or ()]
        return [range(int(first), int(last or first) + 1) for first, _, last in bounds] or [_ALL_PORTS]
    except (AttributeError, TypeError, ValueError):
        return None


def _of_load_balancers(sources: Iterable[_Range]) -> Iterator[_Range]:
    """The parts of the load balancers' ranges that are among the sources."""
    for each in map(ipaddress.IPv4Network, LOAD_BALANCER_RANGES):
        for source in sources:
            if _holds(source, each):
                yield each
            elif _holds(each, source):
                yield source


def _holds(one: _Range, other: _Range) -> bool:
    return one.version == other.version and one.supernet_of(other)  # ty: ignore[invalid-argument-type]


def _without(ports: Iterable[range], others: Iterable[range]) -> list[range]:
    left = list(ports)
    for cut in others:
        parts = (
            (range(one.start, min(one.stop, cut.start)), range(max(one.start, cut.stop), one.stop)) for one in left
        )
        left = [part for both in parts for part in both if part]
    return left


def _in_words(ports: range) -> str:
    return str(ports.start) if len(ports) == 1 else f"{ports.start}-{ports.stop - 1}"


@dataclass(frozen=True, kw_only=True)
class LostPorts:
    """Ports of old pods that an update takes from load balancers before the pods."""

    shut: tuple[int, ...] = ()
    """The program's own rules let them in no more."""
    denied: tuple[int, ...] = ()
    """A rule denies them."""
    doubted: tuple[int, ...] = ()
    """A rule may."""


def lost_ports(ports: Iterable[int], evaluation: Evaluation, state: State, needed: Container[str]) -> LostPorts:
    """Those of the ports that the state's rules leave to load balancers, and that the update takes from them.

    A rule that the program does not have any more is deleted last. What cannot be read counts as unchanged.

    Args:
        ports: on which the pods of the state serve requests and checks.
        evaluation: the program.
        state: what it is deployed over.
        needed: URNs of what the path needs, its network and cluster among them.
    """
    rules = list(firewalls_under(evaluation, needed))
    program = [plain(each.inputs) for each in rules]
    had = firewall_of(filter(None, (deployed_inputs(each, state) for each in rules))) or Firewall()
    has = firewall_of(program) or Firewall()
    asked = list(dict.fromkeys(ports))
    denied = [port for port in asked if has.denies(port) and not had.denies(port)]
    doubted = [port for port in asked if has.doubts(port) and not had.doubts(port) and port not in denied]
    is_read = has.ports is not None or not any(map(_is_for_load_balancers, program))
    shut = [port for port in asked if is_read and had.lets_in(port) and not has.lets_in(port) and port not in denied]
    return LostPorts(shut=tuple(shut), denied=tuple(denied), doubted=tuple(doubted))


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
