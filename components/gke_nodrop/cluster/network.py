"""The network a cluster stands in: VPC, subnet with named ranges, way out for private nodes, way in for load balancers.

Not here: a network that exists (`existing_network`), peering.
"""

from typing import Any, Unpack, overload

import pulumi
import pulumi_gcp as gcp

from gke_nodrop.cluster import firewall, nat, shared_vpc
from gke_nodrop.cluster.network_args import ClusterNetworkArgs, NetworkArgs, planned_for, pods_per_node_of, ranges_of
from gke_nodrop.cluster.planner import PODS_PER_NODE
from gke_nodrop.inputs.component import checked_inputs
from gke_nodrop.shared import options

PODS_RANGE = "pods"
SERVICES_RANGE = "services"


class Network(pulumi.ComponentResource):
    """A custom VPC with one subnet for a VPC-native cluster, whose ranges are called `pods` and `services`.

    Cloud NAT lets its private nodes out, with ports for the pods behind it; a firewall rule lets health checks and
    requests of Google's load balancers in, and nothing else.

    Args:
        region: Region of the subnet and its NAT, such as us-central1.
        ranges: IPv4 ranges of nodes, pods and Services.
        plan: What the ranges are to hold, in place of `ranges`.
        pods_per_node: Most pods on a node, 8 to 256, for which `ranges.pods` is sized; a plan states its own.
        dual_stack: Whether nodes and pods have IPv6 addresses besides IPv4 ones: internal ones (ULA), since the nodes
            are private.
        load_balancer_ports: TCP ports, or ranges of ports such as 30000-32767, on which load balancers may reach nodes
            and pods.
        nat_addresses: Reserved external addresses of the region that private nodes' traffic leaves from, so that others
            can allow them.
        flow_log_sample_rate: Share of the subnet's connections that VPC Flow Logs samples, 0 to 1; 0: none.
        shared_vpc: For a network in a host project, where clusters of another project stand: makes all in the host
            project, and grants that project's agents their roles.

    Attributes: `network`, `subnetwork`, `proxy_subnetwork` (None without a range for proxies), `router`, `nat`,
    `load_balancer_firewall`, `roles` (of `shared_vpc`), and `cluster_network`, the input
    `network` of `StandardCluster` and `AutopilotCluster`.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """

    network_id: pulumi.Output[str]
    """Id of the VPC."""
    subnetwork_id: pulumi.Output[str]
    """Id of the subnet."""
    ranges_explained: pulumi.Output[str]
    """Why each planned range is as large as it is, a line a range; empty without a plan."""

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
        ranges, planned = ranges_of(checked), planned_for(checked)
        region, shared = checked["region"], checked.get("shared_vpc")
        project = shared["host_project"] if shared else None
        dual_stack = checked.get("dual_stack", False)
        here = pulumi.ResourceOptions(parent=self)

        self.network = gcp.compute.Network(
            name,
            project=project,
            auto_create_subnetworks=False,
            routing_mode="REGIONAL",
            enable_ula_internal_ipv6=dual_stack or None,  # internal IPv6 ranges come from the network's own
            opts=options.first_child(self, opts),
        )
        self.subnetwork = gcp.compute.Subnetwork(
            name,
            network=self.network.id,
            project=project,
            region=region,
            ip_cidr_range=ranges["nodes"],
            secondary_ip_ranges=[
                {"range_name": PODS_RANGE, "ip_cidr_range": ranges["pods"]},
                {"range_name": SERVICES_RANGE, "ip_cidr_range": ranges["services"]},
            ],
            stack_type="IPV4_IPV6" if dual_stack else None,
            ipv6_access_type="INTERNAL" if dual_stack else None,
            private_ip_google_access=True,  # private nodes reach Google's APIs without NAT
            log_config=_flow_logs(checked.get("flow_log_sample_rate", 0.1)),
            opts=here,
        )
        proxies = ranges.get("proxies")
        self.proxy_subnetwork = (
            _proxy_subnetwork(name, self.network, project, region, proxies, here) if proxies else None
        )
        self.router = gcp.compute.Router(name, network=self.network.id, project=project, region=region, opts=here)
        pods_per_node = pods_per_node_of(checked)
        self.nat = nat.create(
            name,
            self.router,
            region,
            pods_per_node=pods_per_node,
            addresses=checked.get("nat_addresses"),
            project=project,
            opts=here,
        )
        self.load_balancer_firewall = firewall.create(
            name,
            self.network.id,
            ports=checked.get("load_balancer_ports"),
            proxies=proxies,
            project=project,
            opts=here,
        )
        self.roles = shared_vpc.create(name, shared, self.subnetwork.id, here) if shared else []
        self.cluster_network = ClusterNetworkArgs(
            network=self.network.id,
            subnetwork=shared_vpc.subnetwork_after(self.subnetwork.id, self.roles),
            pods_range=PODS_RANGE,
            services_range=SERVICES_RANGE,
        )
        if pods_per_node != PODS_PER_NODE:
            self.cluster_network["pods_per_node"] = pods_per_node
        if dual_stack:
            self.cluster_network["dual_stack"] = True
        self.network_id = self.network.id
        self.subnetwork_id = self.subnetwork.id
        self.ranges_explained = pulumi.Output.from_input(planned.explanation if planned else "")
        self.register_outputs(
            {
                "network_id": self.network_id,
                "subnetwork_id": self.subnetwork_id,
                "ranges_explained": self.ranges_explained,
            }
        )


def _flow_logs(sample_rate: float) -> "gcp.compute.SubnetworkLogConfigArgs | None":
    """Ten minutes' flows in an entry: the least volume. Source: Google, VPC Flow Logs, aggregation interval."""
    if not sample_rate:
        return None
    return gcp.compute.SubnetworkLogConfigArgs(
        flow_sampling=sample_rate, aggregation_interval="INTERVAL_10_MIN", metadata="INCLUDE_ALL_METADATA"
    )


def _proxy_subnetwork(
    name: str,
    network: "gcp.compute.Network",
    project: str | None,
    region: pulumi.Input[str],
    ip_range: str,
    opts: pulumi.ResourceOptions,
) -> "gcp.compute.Subnetwork":
    return gcp.compute.Subnetwork(
        f"{name}-proxies",
        network=network.id,
        project=project,
        region=region,
        ip_cidr_range=ip_range,
        purpose="REGIONAL_MANAGED_PROXY",
        role="ACTIVE",
        opts=opts,
    )
