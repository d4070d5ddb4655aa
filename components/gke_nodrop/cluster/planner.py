"""Sizes and places the IPv4 ranges of a VPC-native cluster: nodes, pods, Services, and proxies of load balancers.

Every range is the smallest that holds what is asked for, and overlaps none that is taken or that Google reserves.
Pure, and standard library only. Not here: IPv6.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network

_SIZING = "Google, VPC-native clusters, IP address range planning"
_SUBNETS = "Google, Subnets, IPv4 subnet ranges"

PODS_PER_NODE = 110
"""Most pods on a node of a Standard cluster where nothing else is set. Source: Google, Configure maximum Pods per
node."""
SMALLEST_NODES_PREFIX = 29
"""Smallest primary range of a subnet. Source: Google, Subnets, limitations for IPv4 subnet ranges."""
PODS_PREFIXES = (9, 24)
"""Largest and smallest range for pods, where the user names it. Source: Google, VPC-native clusters."""
SERVICES_PREFIXES = (16, 27)
"""Largest and smallest range for Services. Source: Google, VPC-native clusters."""
_PREFIXES = {"pods": PODS_PREFIXES, "services": SERVICES_PREFIXES}
PROXIES_PREFIX = 23
"""Size that Google recommends for a proxy-only subnet. Source: Google, Proxy-only subnets."""
UNUSABLE_ADDRESSES = 4
"""Of a subnet's primary range: its first two and its last two. Source: Google, Subnets, unusable addresses."""

WITHIN = IPv4Network("10.0.0.0/9")
"""Where ranges are placed if nothing else is said: subnets of auto mode networks, which one may peer with, are in
10.128.0.0/9. Source: Google, Subnets, auto mode IPv4 ranges."""
PRIVATE = (
    WITHIN,
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv4Network("100.64.0.0/10"),
    IPv4Network("10.0.0.0/8"),
)
"""Private ranges that a subnet may have, in the order in which they are proposed. Source: Google, Subnets, valid IPv4
ranges."""
PROHIBITED = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "224.0.0.0/4",
            "255.255.255.255/32",
            "199.36.153.4/30",
            "199.36.153.8/30",
        ),
    )
)
"""Ranges that no subnet may have: local ones, multicast, and Private Google Access. Source: Google, Subnets,
prohibited IPv4 subnet ranges."""
RESERVED = (
    *PROHIBITED,
    IPv4Network("172.17.0.0/16"),  # routed within the guest by some products. Source: Google, Subnets, considerations
    IPv4Network("34.118.224.0/20"),  # Services of clusters without a range of their own. Source: VPC-native clusters
    IPv4Network("130.211.0.0/22"),  # load balancers. Source: Google, Health checks overview, firewall rules
    IPv4Network("35.191.0.0/16"),  # likewise
)
"""Ranges in which nothing is placed."""


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What the ranges of a cluster are to hold."""

    nodes: int
    """Most nodes of all pools together today, including those that an upgrade adds."""
    services: int
    """Services today."""
    pods_per_node: int = PODS_PER_NODE
    """Most pods on a node, 8 to 256."""
    growth_percent: int = 100
    """How many more nodes and Services there may be later."""
    proxies: bool = False
    """Whether the region's internal and regional load balancers get a range for their proxies."""

    def grown(self, today: int) -> int:
        """A number with its growth, rounded up."""
        return today + -(-today * self.growth_percent // 100)


@dataclass(frozen=True, kw_only=True)
class PlannedRange:
    """A range, and why it is as large as it is."""

    cidr: IPv4Network
    why: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Ranges of a cluster; none overlaps another."""

    nodes: PlannedRange
    pods: PlannedRange
    services: PlannedRange
    proxies: PlannedRange | None = None

    @property
    def ranges(self) -> dict[str, PlannedRange]:
        """The ranges by name."""
        found = {"nodes": self.nodes, "pods": self.pods, "services": self.services}
        return found if self.proxies is None else {**found, "proxies": self.proxies}

    @property
    def explanation(self) -> str:
        """A line for each range."""
        return "\n".join(f"{name} {each.cidr}: {each.why}" for name, each in self.ranges.items())


class PlanError(ValueError):
    """Needs that no plan meets: `need` is the one that is not met, `would_pass` a value of it that would be."""

    def __init__(self, *, need: str, value: str, rule: str, source: str, would_pass: str) -> None:
        super().__init__(f"{need} = {value}: {rule} ({source}). Would pass: {would_pass}")
        self.need = need
        self.value = value
        self.rule = rule
        self.source = source
        self.would_pass = would_pass


@dataclass(frozen=True, kw_only=True)
class _Size:
    prefix: int
    why: str

    @property
    def addresses(self) -> int:
        return 1 << (32 - self.prefix)


def addresses_per_node(pods_per_node: int) -> int:
    """Addresses for pods that GKE sets aside on each node: twice its most pods or more, a power of two.

    Source: Google, Configure maximum Pods per node.
    """
    return 1 << _bits(2 * pods_per_node)


def plan(needs: Needs, *, within: IPv4Network = WITHIN, taken: Iterable[IPv4Network] = ()) -> Plan:
    """The smallest ranges that meet the needs, the largest of them first at the lowest free address.

    Args:
        needs: what they are to hold.
        within: where they are placed.
        taken: ranges that they must not overlap: of this network, and of all that it is connected to.

    Raises:
        PlanError: no ranges of GKE are so large, or `within` has no place for them; it names the smallest that has.
    """
    sizes = _sizes(needs)
    occupied = [(int(each.network_address), int(each.broadcast_address)) for each in (*taken, *RESERVED)]
    for name, (largest, _) in _PREFIXES.items():
        if sizes[name].prefix < largest:
            raise _too_many(name, needs, within, occupied)
    placed = _placed(sizes, within, occupied)
    if placed is None:
        raise _no_place(needs, sizes, within, occupied)
    return Plan(**placed)


def free_range(prefix: int, taken: Iterable[IPv4Network]) -> IPv4Network | None:
    """The first private range of a size that overlaps none that is taken or reserved; None: there is none."""
    occupied = [(int(each.network_address), int(each.broadcast_address)) for each in (*taken, *RESERVED)]
    return _first_free(prefix, PRIVATE, occupied)


def _sizes(needs: Needs) -> dict[str, _Size]:
    """Size of each range, whatever is free."""
    nodes, services = needs.grown(needs.nodes), needs.grown(needs.services)
    each = addresses_per_node(needs.pods_per_node)
    sizes = {
        "nodes": _Size(
            prefix=min(32 - _bits(nodes + UNUSABLE_ADDRESSES), SMALLEST_NODES_PREFIX),
            why=f"{_growth(needs, needs.nodes, 'nodes')}, an address each, and {UNUSABLE_ADDRESSES} that Google keeps",
        ),
        "pods": _Size(
            prefix=min(32 - _bits(nodes * each), PODS_PREFIXES[1]),
            why=f"{_count(nodes, 'node')}, and {each} addresses on each for at most {needs.pods_per_node} pods",
        ),
        "services": _Size(
            prefix=min(32 - _bits(services), SERVICES_PREFIXES[1]),
            why=f"{_growth(needs, needs.services, 'Services')}, an address each",
        ),
    }
    if needs.proxies:
        sizes["proxies"] = _Size(prefix=PROXIES_PREFIX, why="the size that Google recommends for proxies")
    return {
        name: _Size(prefix=each.prefix, why=f"{each.why}: {each.addresses:,} addresses") for name, each in sizes.items()
    }


def _growth(needs: Needs, today: int, what: str) -> str:
    grown = f"{needs.grown(today):,} {what}"
    return f"{grown} ({today:,} and {needs.growth_percent} % growth)" if needs.growth_percent else grown


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _too_many(name: str, needs: Needs, within: IPv4Network, occupied: list[tuple[int, int]]) -> PlanError:
    """No range of this name may be as large as the needs are."""
    largest, _ = _PREFIXES[name]
    need = "services" if name == "services" else "nodes"
    today = getattr(needs, need)
    each = 1 if name == "services" else addresses_per_node(needs.pods_per_node)
    most = (1 << (32 - largest)) // each
    fits = _fitting(need, most * 100 // (100 + needs.growth_percent), needs, within, occupied)
    return PlanError(
        need=need,
        value=f"{today}",
        rule=f"the largest range for {name}, a /{largest}, has addresses for {most:,} {need}, and with "
        f"{needs.growth_percent} % growth there are {needs.grown(today):,}",
        source=_SIZING,
        would_pass=f"{fits}" if fits else "fewer ranges that are taken",
    )


def _fitting(need: str, most: int, needs: Needs, within: IPv4Network, occupied: list[tuple[int, int]]) -> int | None:
    """The first of `most`, its half, and so on, that has a place."""
    halves: dict[int, Needs] = {most >> by: replace(needs, **{need: most >> by}) for by in range(most.bit_length())}
    return next((number for number, fewer in halves.items() if _placed(_sizes(fewer), within, occupied)), None)


def _placed(
    sizes: dict[str, _Size], within: IPv4Network, occupied: Iterable[tuple[int, int]]
) -> dict[str, PlannedRange] | None:
    """The largest first: blocks of powers of two, so placed, all find a place where there is one for all."""
    full = list(occupied)
    placed = {}
    for name, size in sorted(sizes.items(), key=lambda item: item[1].prefix):
        found = _first_free(size.prefix, [within], full)
        if found is None:
            return None
        placed[name] = PlannedRange(cidr=found, why=size.why)
        full.append((int(found.network_address), int(found.broadcast_address)))
    return placed


def _first_free(prefix: int, within: Iterable[IPv4Network], occupied: list[tuple[int, int]]) -> IPv4Network | None:
    size = 1 << (32 - prefix)
    for area in within:
        first, last = int(area.network_address), int(area.broadcast_address)
        at = first
        for begin, end in sorted(occupied):
            if at + size - 1 < begin:
                break
            if end >= at:
                at = (end // size + 1) * size
        if at + size - 1 <= last and at >= first and at % size == 0:
            return IPv4Network((IPv4Address(at), prefix))
    return None


def _no_place(needs: Needs, sizes: dict[str, _Size], within: IPv4Network, occupied: list[tuple[int, int]]) -> PlanError:
    """Blocks of powers of two fill a range of the next power of two without gaps, so that is the smallest."""
    prefix = 32 - _bits(sum(each.addresses for each in sizes.values()))
    asked = ", ".join(f"/{each.prefix} for {name}" for name, each in sizes.items())
    free = _first_free(prefix, PRIVATE, occupied)
    if free is not None:
        return PlanError(
            need="within",
            value=f'"{within}"',
            rule=f"has no place for {asked}; the smallest range that has, with nothing taken in it, is a /{prefix}",
            source=_SIZING,
            would_pass=f'"{free}"',
        )
    fits = _fitting("nodes", needs.nodes // 2, needs, within, occupied)
    return PlanError(
        need="nodes",
        value=f"{needs.nodes}",
        rule=f"needs {asked}, and no private /{prefix} is free for them",
        source=_SUBNETS,
        would_pass=f"{fits}" if fits else "fewer ranges that are taken",
    )


def _bits(addresses: int) -> int:
    """Bits of the smallest range of at least so many addresses."""
    return (addresses - 1).bit_length()
