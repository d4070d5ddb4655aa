"""The network a cluster stands in: VPC, subnet with named ranges, way out for private nodes, way in for load balancers.

Not here: peering, Shared VPC.
"""

import ipaddress
from collections.abc import Iterator
from itertools import combinations
from typing import Annotated, Any, NotRequired, TypedDict, Unpack, overload

import pulumi
import pulumi_gcp as gcp

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.component import checked_inputs
from gke_nodrop.inputs.declared import Example, HeldBy, Limit
from gke_nodrop.inputs.faults import Fault
from gke_nodrop.inputs.rules import rule
from gke_nodrop.inputs.types import Ipv4Range, Reference, Region
from gke_nodrop.shared import options
from nodrop.rollout.facts import LOAD_BALANCER_RANGES

PODS_RANGE = "pods"
SERVICES_RANGE = "services"
SMALLEST_PROXY_PREFIX = 26
"""Source: Google, Proxy-only subnets for Envoy-based load balancers."""


def _is_port_range(value: str) -> bool:
    ports = value.split("-")
    if len(ports) > 2 or not all(port.isascii() and port.isdecimal() for port in ports):
        return False
    return 1 <= int(ports[0]) <= int(ports[-1]) <= 65535


_FIREWALL = "Google, VPC firewall rules"
PortRange = Annotated[
    str,
    Limit(holds=_is_port_range, rule="a port or a range of ports, 1 to 65535", source=_FIREWALL),
    Example("8080"),
]
ProxyRange = Annotated[
    str,
    Limit(
        holds=lambda x: limits.is_ipv4_range(x) and ipaddress.ip_network(x).prefixlen <= SMALLEST_PROXY_PREFIX,
        rule=f"an IPv4 range of /{SMALLEST_PROXY_PREFIX} or larger, with no bits set behind the prefix",
        source="Google, Proxy-only subnets for Envoy-based load balancers",
    ),
    Example("10.40.0.0/23"),
]


class RangesArgs(TypedDict):
    """The subnet's IPv4 ranges, in CIDR notation; none may overlap another."""

    nodes: NotRequired[Annotated[Ipv4Range, Example("10.10.0.0/20")]]
    """Primary range, one address a node. Default 10.10.0.0/20: 4,092 nodes."""
    pods: NotRequired[Annotated[Ipv4Range, Example("10.20.0.0/16")]]
    """Secondary range for pods. Default 10.20.0.0/16: 256 nodes of 110 pods, for each of which GKE sets a /24 aside."""
    services: NotRequired[Annotated[Ipv4Range, Example("10.30.0.0/20")]]
    """Secondary range for Services. Default 10.30.0.0/20: 4,096 Services."""
    proxies: NotRequired[ProxyRange]
    """Range of a subnet for the proxies of the region's internal and regional load balancers, /26 or larger.

    Such as 10.40.0.0/23, the size that Google recommends; one does for all of them. Their requests come to the pods
    from here. Default: none; external load balancers that are global need none.
    """


class NetworkArgs(TypedDict):
    """Inputs of `Network`."""

    region: pulumi.Input[Region]
    """Region of the subnet and its NAT, such as us-central1."""
    ranges: NotRequired[RangesArgs]
    """IPv4 ranges of nodes, pods and Services."""
    load_balancer_ports: NotRequired[Annotated[list[PortRange], limits.not_empty("ports", _FIREWALL)]]
    """TCP ports, or ranges of ports such as 30000-32767, on which load balancers may reach nodes and pods.

    Default 8080, the default port of `WebService`. State every port that a service serves on: the rule that GKE's
    Ingress controller makes can go stale (kubernetes/ingress-gce issue 703).
    """


class ClusterNetworkArgs(TypedDict):
    """Where a cluster stands; `Network.cluster_network` gives it ready-made."""

    network: pulumi.Input[Annotated[Reference, HeldBy(("network_id", "id")), Example("vpc")]]
    """Id of the VPC."""
    subnetwork: pulumi.Input[Annotated[Reference, HeldBy(("subnetwork_id", "id")), Example("subnet")]]
    """Id of the subnet."""
    pods_range: pulumi.Input[Annotated[Reference, Example("pods")]]
    """Name of the subnet's secondary range for pods."""
    services_range: pulumi.Input[Annotated[Reference, Example("services")]]
    """Name of the subnet's secondary range for Services."""


_DEFAULT_RANGES: RangesArgs = {"nodes": "10.10.0.0/20", "pods": "10.20.0.0/16", "services": "10.30.0.0/20"}


def _ranges(given: RangesArgs) -> dict[str, str]:
    """All ranges, defaults filled in."""
    return {key: str(value) for key, value in (_DEFAULT_RANGES | given).items()}


@rule(RangesArgs)
def no_range_overlaps_another(given: RangesArgs) -> Iterator[Fault]:
    """Each range that overlaps one named before it."""
    ranges = _ranges(given)
    for (key, value), (other_key, other) in combinations(ranges.items(), 2):
        if ipaddress.ip_network(value).overlaps(ipaddress.ip_network(other)):
            yield Fault(
                input=other_key,
                value=f'"{other}"',
                rule=f'must not overlap the range {key} = "{value}"',
                source="Google, Subnets, secondary ranges",
                would_pass=f'"{_free_range(other, ranges)}"',
            )


def _free_range(taken: str, ranges: dict[str, str]) -> str:
    """The first private range of the size of `taken` that overlaps none of `ranges`."""
    others = [ipaddress.ip_network(value) for value in ranges.values()]
    size = max(ipaddress.ip_network(taken).prefixlen, 9)
    subnets = ipaddress.ip_network("10.0.0.0/8").subnets(new_prefix=size)
    return next((str(subnet) for subnet in subnets if not any(map(subnet.overlaps, others))), "a smaller range")


class Network(pulumi.ComponentResource):
    """A custom VPC with one subnet for a VPC-native cluster.

    Cloud NAT lets its private nodes out; a firewall rule lets health checks and requests of Google's load balancers in.

    Args:
        region: Region of the subnet and its NAT, such as us-central1.
        ranges: IPv4 ranges of nodes, pods and Services.
        load_balancer_ports: TCP ports, or ranges of ports such as 30000-32767, on which load balancers may reach nodes
            and pods.

    Attributes: `network`, `subnetwork`, `proxy_subnetwork` (None without `ranges.proxies`), `router`, `nat`,
    `load_balancer_firewall`, and `cluster_network`, the input of that name of `StandardCluster` and `AutopilotCluster`.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """

    network_id: pulumi.Output[str]
    """Id of the VPC."""
    subnetwork_id: pulumi.Output[str]
    """Id of the subnet."""

    @overload
    def __init__(self, name: str, /, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...

    @overload
    def __init__(
        self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[NetworkArgs]
    ) -> None: ...

    def __init__(
        self,
        name: str,
        /,
        args: NetworkArgs | Any = None,
        opts: pulumi.ResourceOptions | None = None,
        **inputs: Any,
    ) -> None:
        checked = checked_inputs(Network, name, NetworkArgs, args, inputs, opts)
        super().__init__("gke-nodrop:index:Network", name, {}, opts)
        ranges = _ranges(checked.get("ranges", RangesArgs()))
        here = pulumi.ResourceOptions(parent=self)

        self.network = gcp.compute.Network(
            name, auto_create_subnetworks=False, routing_mode="REGIONAL", opts=options.first_child(self, opts)
        )
        self.subnetwork = gcp.compute.Subnetwork(
            name,
            network=self.network.id,
            region=checked["region"],
            ip_cidr_range=ranges["nodes"],
            secondary_ip_ranges=[
                {"range_name": PODS_RANGE, "ip_cidr_range": ranges["pods"]},
                {"range_name": SERVICES_RANGE, "ip_cidr_range": ranges["services"]},
            ],
            private_ip_google_access=True,  # private nodes reach Google's APIs without NAT
            opts=here,
        )
        proxies = ranges.get("proxies")
        self.proxy_subnetwork = (
            _proxy_subnetwork(name, self.network, checked["region"], proxies, here) if proxies else None
        )
        self.router = gcp.compute.Router(name, network=self.network.id, region=checked["region"], opts=here)
        self.nat = _nat(name, self.router, checked["region"], here)
        self.load_balancer_firewall = gcp.compute.Firewall(
            f"{name}-load-balancers",
            network=self.network.id,
            direction="INGRESS",
            source_ranges=[*LOAD_BALANCER_RANGES, *([proxies] if proxies else [])],
            allows=[{"protocol": "tcp", "ports": checked.get("load_balancer_ports", ["8080"])}],
            opts=here,
        )
        self.cluster_network = ClusterNetworkArgs(
            network=self.network.id,
            subnetwork=self.subnetwork.id,
            pods_range=PODS_RANGE,
            services_range=SERVICES_RANGE,
        )
        self.network_id = self.network.id
        self.subnetwork_id = self.subnetwork.id
        self.register_outputs({"network_id": self.network_id, "subnetwork_id": self.subnetwork_id})


def _proxy_subnetwork(
    name: str, network: "gcp.compute.Network", region: pulumi.Input[str], ip_range: str, opts: pulumi.ResourceOptions
) -> "gcp.compute.Subnetwork":
    return gcp.compute.Subnetwork(
        f"{name}-proxies",
        network=network.id,
        region=region,
        ip_cidr_range=ip_range,
        purpose="REGIONAL_MANAGED_PROXY",
        role="ACTIVE",
        opts=opts,
    )


def _nat(
    name: str, router: "gcp.compute.Router", region: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> "gcp.compute.RouterNat":
    return gcp.compute.RouterNat(
        name,
        router=router.name,
        region=region,
        nat_ip_allocate_option="AUTO_ONLY",
        source_subnetwork_ip_ranges_to_nat="ALL_SUBNETWORKS_ALL_IP_RANGES",
        log_config={"enable": True, "filter": "ERRORS_ONLY"},
        opts=opts,
    )
