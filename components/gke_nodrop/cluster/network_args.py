"""Inputs of `Network`: their shapes, limits and rules; and what a cluster has to know of the network it stands in."""

import ipaddress
from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import combinations
from typing import Annotated, NotRequired, TypedDict

import pulumi

from gke_nodrop.cluster import nat
from gke_nodrop.cluster.firewall import LoadBalancerPorts
from gke_nodrop.cluster.planner import (
    PODS_PER_NODE,
    PROHIBITED,
    WITHIN,
    Needs,
    Plan,
    PlanError,
    addresses_per_node,
    free_range,
    plan,
)
from gke_nodrop.cluster.shared_vpc import SharedVpcArgs
from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example, HeldBy, Limit
from gke_nodrop.inputs.faults import Fault, fault, shown
from gke_nodrop.inputs.rules import rule
from gke_nodrop.inputs.types import Ipv4Range, Reference, Region

SMALLEST_PROXY_PREFIX = 26
"""Source: Google, Proxy-only subnets for Envoy-based load balancers."""
_PODS = "Google, Configure maximum Pods per node"
_SIZING = "Google, VPC-native clusters, IP address range planning"

ProxyRange = Annotated[
    str,
    Limit(
        holds=lambda x: limits.is_ipv4_range(x) and ipaddress.ip_network(x).prefixlen <= SMALLEST_PROXY_PREFIX,
        rule=f"an IPv4 range of /{SMALLEST_PROXY_PREFIX} or larger, with no bits set behind the prefix",
        source="Google, Proxy-only subnets for Envoy-based load balancers",
    ),
    Example("10.40.0.0/23"),
]
PodsPerNode = Annotated[int, limits.between(8, 256, "pods on a node", _PODS), Example(32)]


class RangesArgs(TypedDict):
    """The subnet's IPv4 ranges, in CIDR notation; none may overlap another.

    Once a cluster uses them, `nodes` can only grow, and Google refuses to change the others.
    """

    nodes: NotRequired[Annotated[Ipv4Range, Example("10.10.0.0/20")]]
    """Primary range, one address a node. Default 10.10.0.0/20: 4,092 nodes."""
    pods: NotRequired[Annotated[Ipv4Range, Example("10.20.0.0/16")]]
    """Secondary range for pods. Default 10.20.0.0/16: 256 nodes of 110 pods, for each of which GKE sets a /24 aside."""
    services: NotRequired[Annotated[Ipv4Range, Example("10.30.0.0/20")]]
    """Secondary range for Services. Default 10.30.0.0/20: 4,096 Services."""
    proxies: NotRequired[ProxyRange]
    """Range of a subnet for the proxies of the region's internal and regional load balancers, /26 or larger.

    Such as 10.40.0.0/23, the size that Google recommends; one is enough for all of them. To the pods, their requests
    come from this range. Default: none; external load balancers that are global need none.
    """


class RangePlanArgs(TypedDict):
    """What the ranges are to hold; the smallest that do are placed where nothing is taken.

    Another plan places them elsewhere, and a primary range that moves replaces the subnet: once clusters stand in it,
    state the planned ranges as `ranges`, and the `pods_per_node` of the plan beside them.
    """

    nodes: Annotated[int, limits.between(1, 65_000, "nodes", "Google, GKE quotas and limits"), Example(20)]
    """Most nodes of all pools together today, including those that an upgrade adds."""
    services: Annotated[int, limits.between(1, 65_536, "Services", _SIZING), Example(100)]
    """Services today."""
    pods_per_node: NotRequired[PodsPerNode]
    """Most pods on a node, 8 to 256: GKE sets twice as many addresses aside on each. Default 110.

    `StandardCluster` takes it from `cluster_network`. Autopilot decides itself, mostly 32.
    """
    growth_percent: NotRequired[Annotated[int, limits.between(0, 10_000, "percent", "the planner"), Example(100)]]
    """How many more nodes and Services there may be later. Default 100: ranges are hard to change later."""
    within: NotRequired[Annotated[Ipv4Range, Example("10.64.0.0/10")]]
    """Where the ranges are placed. Default 10.0.0.0/9, which no auto mode network overlaps."""
    taken: NotRequired[list[Annotated[Ipv4Range, Example("10.0.0.0/16")]]]
    """Ranges to keep away from: of all networks that this one is or will be connected to. Default: none."""
    proxies: NotRequired[Annotated[bool, Example(True)]]
    """Whether the proxies of the region's internal and regional load balancers get a subnet, a /23. Default false."""


class NetworkArgs(TypedDict):
    """Inputs of `Network`."""

    region: pulumi.Input[Region]
    """Region of the subnet and its NAT, such as us-central1."""
    ranges: NotRequired[RangesArgs]
    """IPv4 ranges of nodes, pods and Services."""
    plan: NotRequired[RangePlanArgs]
    """What the ranges are to hold, in place of `ranges`."""
    pods_per_node: NotRequired[PodsPerNode]
    """Most pods on a node, 8 to 256, for which `ranges.pods` is sized; a plan states its own. Default 110.

    `StandardCluster` takes it from `cluster_network`, and NAT ports of a node follow from it.
    """
    dual_stack: NotRequired[Annotated[bool, Example(True)]]
    """Whether nodes and pods have IPv6 addresses besides IPv4 ones: internal ones (ULA), since the nodes are private.

    Google sets the ranges aside, so there is none to state or to plan. Load balancers still reach pods by IPv4, and
    serve clients with IPv6 without it. Default false.
    """
    load_balancer_ports: NotRequired[LoadBalancerPorts]
    """TCP ports, or ranges of ports such as 30000-32767, on which load balancers may reach nodes and pods.

    Default 8080, the default port of `WebService`. State every port that a service serves on, or is checked on, as
    `load_balancer_ports` finds them: the rule that GKE's Ingress controller makes can go stale (kubernetes/ingress-gce
    issue 703). It changes before the pods: for another port open both, and close the old one after the rollout.
    """
    nat_addresses: NotRequired[
        Annotated[
            list[pulumi.Input[Annotated[Reference, HeldBy(("self_link",)), Example("nat-1")]]],
            limits.not_empty("addresses", nat.SOURCE),
        ]
    ]
    """Reserved external addresses of the region that private nodes' traffic leaves from, so that others can allow them.

    Default: Cloud NAT reserves as many as it needs, and which is not known beforehand. A change from one to the other
    breaks open connections.
    """
    flow_log_sample_rate: NotRequired[
        Annotated[float, limits.between(0, 1, "(a part of the flows)", "Google, VPC Flow Logs"), Example(0.1)]
    ]
    """Share of the subnet's connections that VPC Flow Logs samples, 0 to 1; 0: none. They are billed by volume.

    Default 0.1: enough to see who talks to whom, at a fifth of the volume of Google's default of 0.5.
    """
    shared_vpc: NotRequired[SharedVpcArgs]
    """For a network in a host project, where clusters of another project stand: makes all in the host project, and
    grants that project's agents their roles."""


class ClusterNetworkArgs(TypedDict):
    """The network of a cluster; `Network.cluster_network` gives it ready-made."""

    network: pulumi.Input[Annotated[Reference, HeldBy(("network_id", "id")), Example("vpc")]]
    """Id of the VPC."""
    subnetwork: pulumi.Input[Annotated[Reference, HeldBy(("subnetwork_id", "id")), Example("subnet")]]
    """Id of the subnet."""
    pods_range: pulumi.Input[Annotated[Reference, Example("pods")]]
    """Name of the subnet's secondary range for pods."""
    services_range: pulumi.Input[Annotated[Reference, Example("services")]]
    """Name of the subnet's secondary range for Services."""
    pods_per_node: NotRequired[PodsPerNode]
    """Most pods on a node for which the range for pods is sized; Autopilot decides itself. Default: GKE's, 110."""
    dual_stack: NotRequired[Annotated[bool, Example(False)]]
    """Whether the subnet has IPv6 addresses too, and the cluster's pods get some. Default false."""


_DEFAULT_RANGES: RangesArgs = {"nodes": "10.10.0.0/20", "pods": "10.20.0.0/16", "services": "10.30.0.0/20"}


def ranges_of(args: NetworkArgs) -> dict[str, str]:
    """All ranges, planned ones and defaults filled in.

    Raises:
        PlanError: the plan cannot be met.
    """
    given, planned = args.get("ranges", RangesArgs()), planned_for(args)
    if planned is None:
        return _filled_in(given)
    return {**{name: str(each.cidr) for name, each in planned.ranges.items()}, **_texts({**given})}


def pods_per_node_of(args: NetworkArgs) -> int:
    """Of the plan, or stated beside the ranges, or GKE's own default."""
    return args.get("plan", args).get("pods_per_node", PODS_PER_NODE)


def planned_for(args: NetworkArgs) -> Plan | None:
    """The plan, where one is asked for.

    Raises:
        PlanError: it cannot be met.
    """
    asked = args.get("plan")
    if asked is None:
        return None
    proxies = args.get("ranges", RangesArgs()).get("proxies")
    taken = [IPv4Network(each) for each in (*asked.get("taken", []), *([proxies] if proxies else []))]
    return plan(_needs(asked), within=IPv4Network(asked.get("within", str(WITHIN))), taken=taken)


def _needs(asked: RangePlanArgs) -> Needs:
    return Needs(
        nodes=asked["nodes"],
        services=asked["services"],
        pods_per_node=asked.get("pods_per_node", PODS_PER_NODE),
        growth_percent=asked.get("growth_percent", 100),
        proxies=asked.get("proxies", False),
    )


def _filled_in(given: RangesArgs) -> dict[str, str]:
    return _texts({**_DEFAULT_RANGES, **given})


def _texts(ranges: dict[str, object]) -> dict[str, str]:
    return {key: str(value) for key, value in ranges.items()}


@rule(RangesArgs)
def no_range_overlaps_another(given: RangesArgs) -> Iterator[Fault]:
    """Each range that overlaps one named before it."""
    ranges = _filled_in(given)
    for (key, value), (other_key, other) in combinations(ranges.items(), 2):
        if IPv4Network(value).overlaps(IPv4Network(other)):
            yield Fault(
                input=other_key,
                value=f'"{other}"',
                rule=f'must not overlap the range {key} = "{value}"',
                source="Google, Subnets, secondary ranges",
                would_pass=_free(other, ranges),
            )


@rule(RangesArgs)
def no_range_is_prohibited(given: RangesArgs) -> Iterator[Fault]:
    """Each range that no subnet may have."""
    for key, value in _texts({**given}).items():
        over = next((each for each in PROHIBITED if each.overlaps(IPv4Network(value))), None)
        if over is not None:
            yield Fault(
                input=key,
                value=f'"{value}"',
                rule=f"must not overlap {over}, which Google uses or no network routes",
                source="Google, Subnets, prohibited IPv4 subnet ranges",
                would_pass=_free(value, _filled_in(given)),
            )


def _free(taken: str, ranges: dict[str, str]) -> str:
    """A private range of the size of `taken` that overlaps none of `ranges`."""
    size = max(IPv4Network(taken).prefixlen, WITHIN.prefixlen)
    found = free_range(size, map(IPv4Network, ranges.values()))
    return f'"{found}"' if found else "a smaller range"


@rule(NetworkArgs)
def ranges_are_given_or_planned(args: NetworkArgs) -> Iterator[Fault]:
    """A plan stands in place of ranges; proxies may have a range beside it."""
    if "plan" not in args:
        return
    beside = _texts({**args.get("ranges", RangesArgs())})
    if args["plan"].get("proxies", False) is False:
        beside.pop("proxies", None)
    for key, value in beside.items():
        rule = "does not go with plan, which finds a range for it"
        yield fault(f"ranges.{key}", value, rule, "NetworkArgs", "absent, or ranges without plan")


@rule(NetworkArgs)
def pods_per_node_fit_what_is_stated(args: NetworkArgs) -> Iterator[Fault]:
    """They are told once, and the range for pods holds those of a node at least."""
    stated = args.get("pods_per_node")
    if stated is None:
        return
    if "plan" in args:
        yield fault("pods_per_node", stated, "does not go with plan, which has its own", "NetworkArgs", "absent")
    elif IPv4Network(ranges_of(args)["pods"]).num_addresses < addresses_per_node(stated):
        rule = f"must fit ranges.pods: GKE sets {addresses_per_node(stated)} addresses aside on each node"
        yield fault("pods_per_node", stated, rule, _PODS, "fewer, or a larger range for pods")


@rule(NetworkArgs)
def the_plan_can_be_met(args: NetworkArgs) -> Iterator[Fault]:
    """There are ranges that hold what is asked for, and enough addresses to go out from."""
    asked = args.get("plan")
    if asked is None or not {"nodes", "services"} <= asked.keys():
        return
    try:
        planned_for(args)
    except PlanError as error:
        yield Fault(
            input=f"plan.{error.need}",
            value=error.value,
            rule=error.rule,
            source=error.source,
            would_pass=error.would_pass,
        )
    needs, addresses = _needs(asked), args.get("nat_addresses")
    least = nat.addresses_for(needs.grown(needs.nodes), needs.pods_per_node)
    if addresses is not None and len(addresses) < least:
        rule = (
            f"must be {least} or more for {needs.grown(needs.nodes):,} nodes with "
            f"{nat.least_ports(needs.pods_per_node):,} ports each, of which an address has {nat.PORTS_PER_ADDRESS:,}"
        )
        yield Fault(
            input="nat_addresses",
            value=f"{len(addresses)} addresses",
            rule=rule,
            source=nat.SOURCE,
            would_pass=shown([f"nat-{number + 1}" for number in range(least)]),
        )
