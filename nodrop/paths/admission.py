"""From where a pod's NetworkPolicies let connections to one of its ports in.

Policies add up: a peer that one of them admits is admitted, and a pod that none selects admits every peer. Source:
kubernetes.io, Network Policies. A peer by labels lets in pods, never a load balancer.
"""

from collections.abc import Container, Iterable, Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network

from nodrop.paths.fields import Field

_ANYONE = ("0.0.0.0/0", "::/0")


def admitted_ranges(policies: Iterable[Field], port: int, names: Iterable[str]) -> tuple[str, ...] | None:
    """Ranges that may connect to a TCP port of the pod that the policies select; None where no policy isolates it.

    Args:
        policies: the NetworkPolicies that select the pod.
        port: the port's number.
        names: what its containers call it.

    Raises:
        ReadingError: a field has no readable value.
    """
    isolating = [policy["spec"] for policy in policies if _isolates(policy["spec"])]
    if not isolating:
        return None
    called = set(names)
    rules = (rule for spec in isolating for rule in spec["ingress"].entries() if admits(rule, port, called))
    return tuple(dict.fromkeys(text for rule in rules for text in _ranges(rule)))


def common_ranges(one: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    """The ranges whose addresses are in both, as far as each is in a single one of either."""
    others = [ip_network(text) for text in other]
    pairs = ((network, each) for network in map(ip_network, one) for each in others)
    return tuple(dict.fromkeys(str(max(pair, key=_length)) for pair in pairs if _overlap(*pair)))


def _length(network: IPv4Network | IPv6Network) -> int:
    return network.prefixlen


def _overlap(one: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    """Of two networks that do, one holds the other."""
    return one.version == other.version and one.overlaps(other)


def _isolates(spec: Field) -> bool:
    types = [kind.value for kind in spec["policyTypes"].entries()]
    return not types or "Ingress" in types


def admits(rule: Field, port: int, names: Container[str]) -> bool:
    """Whether a rule of a policy is about a TCP port of the pod, by number or by a name of its containers."""
    stated = rule["ports"].entries()
    return not stated or any(_is_port(each, port, names) for each in stated)


def _is_port(stated: Field, port: int, names: Container[str]) -> bool:
    if (stated["protocol"].text() or "TCP") != "TCP":
        return False
    if stated["port"].value is None:
        return True
    number = stated["port"].number()
    if number is None:
        return (stated["port"].text() or "") in names
    return number <= port <= stated["endPort"].integer(default=number)


def _ranges(rule: Field) -> Iterator[str]:
    peers = rule["from"].entries()
    if not peers:
        yield from _ANYONE
    for peer in peers:
        if peer["ipBlock"].value is not None:
            yield from map(str, _left(peer["ipBlock"]))


def _left(block: Field) -> list[IPv4Network | IPv6Network]:
    """The range of an ipBlock without its exceptions."""
    ranges: list[IPv4Network | IPv6Network] = [_network(block["cidr"])]
    for each in block["except"].entries():
        but = _network(each)
        ranges = [part for network in ranges for part in _without(network, but)]
    return ranges


def _without(network: IPv4Network | IPv6Network, but: IPv4Network | IPv6Network) -> list[IPv4Network | IPv6Network]:
    if network.version != but.version or not network.overlaps(but):
        return [network]
    if isinstance(network, IPv4Network) and isinstance(but, IPv4Network) and but.subnet_of(network):
        return [*network.address_exclude(but)]
    if isinstance(network, IPv6Network) and isinstance(but, IPv6Network) and but.subnet_of(network):
        return [*network.address_exclude(but)]
    return []


def _network(field: Field) -> IPv4Network | IPv6Network:
    try:
        return ip_network(field.text() or "", strict=False)
    except ValueError:
        raise field.error("a range such as 130.211.0.0/22") from None
