"""Cloud NAT: the way out for private nodes, with ports for the pods behind it."""

import pulumi
import pulumi_gcp as gcp

SOURCE = "Google, Cloud NAT, IP addresses and ports"
PORTS_PER_ADDRESS = 64_512
"""Ports of an address for TCP, and as many for UDP. Source: Google, Cloud NAT, IP addresses and ports."""
MOST_PORTS = 65_536
"""Most that a node may be given. Source: Google, Compute Engine API, routers, maxPortsPerVm."""
_PORTS_PER_POD = 16
"""Connections at once to one and the same destination that a pod has ports for at any time. Source: chosen; a node of
110 pods comes to 2,048 ports so, as in gardener/gardener-extension-provider-gcp issue 6, where Google's default of 64
dropped packets."""
_GROWS = 16
"""How many times as many ports a busy node may take. Source: chosen."""


def least_ports(pods_per_node: int) -> int:
    """Ports that a node always has: a power of two, as dynamic allocation requires."""
    return 1 << (pods_per_node * _PORTS_PER_POD - 1).bit_length()


def addresses_for(nodes: int, pods_per_node: int) -> int:
    """External addresses with ports for so many nodes."""
    return -(-nodes // (PORTS_PER_ADDRESS // least_ports(pods_per_node)))


def create(
    name: str,
    router: "gcp.compute.Router",
    region: pulumi.Input[str],
    *,
    pods_per_node: int,
    addresses: list[pulumi.Input[str]] | None,
    project: str | None,
    opts: pulumi.ResourceOptions,
) -> "gcp.compute.RouterNat":
    """A NAT for all subnets of the region, whose nodes take more ports as they need them.

    Dynamic allocation excludes endpoint-independent mapping, whose conflicts drop packets too. Source: Google, Cloud
    NAT, IP addresses and ports.
    """
    least = least_ports(pods_per_node)
    return gcp.compute.RouterNat(
        name,
        router=router.name,
        region=region,
        project=project,
        nat_ip_allocate_option="MANUAL_ONLY" if addresses else "AUTO_ONLY",
        nat_ips=addresses,
        source_subnetwork_ip_ranges_to_nat="ALL_SUBNETWORKS_ALL_IP_RANGES",
        enable_dynamic_port_allocation=True,
        enable_endpoint_independent_mapping=False,
        min_ports_per_vm=least,
        max_ports_per_vm=min(least * _GROWS, MOST_PORTS),
        log_config={"enable": True, "filter": "ERRORS_ONLY"},
        opts=opts,
    )
