"""A network that exists, with a subnet that has named secondary ranges: of this project, or of a Shared VPC's host."""

from collections.abc import Iterator
from typing import Annotated, Any, NotRequired, TypedDict, Unpack, overload

import pulumi

from gke_nodrop.cluster import firewall, shared_vpc
from gke_nodrop.cluster.firewall import LoadBalancerPorts
from gke_nodrop.cluster.network_args import ClusterNetworkArgs, PodsPerNode, ProxyRange
from gke_nodrop.cluster.shared_vpc import SharedVpcArgs
from gke_nodrop.inputs.component import checked_inputs
from gke_nodrop.inputs.declared import Example, HeldBy
from gke_nodrop.inputs.faults import Fault
from gke_nodrop.inputs.rules import rule
from gke_nodrop.inputs.types import Reference
from gke_nodrop.shared import options

_NETWORK = "projects/shop-network/global/networks/shop"
_SUBNETWORK = "projects/shop-network/regions/us-central1/subnetworks/shop"
_GUIDE = "Google, Container-native load balancing through Ingress, troubleshooting"


class ExistingNetworkArgs(TypedDict):
    """Inputs of `ExistingNetwork`."""

    network: pulumi.Input[Annotated[Reference, HeldBy(("network_id", "id")), Example(_NETWORK)]]
    """Id of the VPC, such as projects/shop-network/global/networks/shop."""
    subnetwork: NotRequired[pulumi.Input[Annotated[Reference, HeldBy(("subnetwork_id", "id")), Example(_SUBNETWORK)]]]
    """Id of the subnet, such as projects/shop-network/regions/us-central1/subnetworks/shop; required."""
    pods_range: pulumi.Input[Annotated[Reference, Example("pods")]]
    """Name of its secondary range for pods."""
    services_range: pulumi.Input[Annotated[Reference, Example("services")]]
    """Name of its secondary range for Services."""
    pods_per_node: NotRequired[PodsPerNode]
    """Most pods on a node for which the range for pods is sized; Autopilot decides itself. Default: GKE's, 110."""
    dual_stack: NotRequired[Annotated[bool, Example(True)]]
    """Whether the subnet has IPv6 addresses too, and the clusters' pods get some. Default false."""
    proxies_range: NotRequired[ProxyRange]
    """Range of the region's proxy-only subnet there, if internal or regional load balancers are used. Default: none."""
    load_balancer_ports: NotRequired[LoadBalancerPorts]
    """TCP ports, or ranges of ports, on which load balancers may reach nodes and pods. Default 8080.

    They change before the pods: for another port open both, and close the old one after the rollout.
    """
    shared_vpc: NotRequired[SharedVpcArgs]
    """For a network of a Shared VPC's host project."""
    changes_network: NotRequired[Annotated[bool, Example(True)]]
    """Whether to make the firewall rule for load balancers, and to grant the roles that a Shared VPC needs.

    Default true, and with `shared_vpc` false: another team usually owns the host project. `needs` lists what must exist
    then.
    """


@rule(ExistingNetworkArgs)
def the_network_has_subnets(args: ExistingNetworkArgs) -> Iterator[Fault]:
    """A legacy network has none, and GKE cannot make a VPC-native cluster in it."""
    if "subnetwork" not in args:
        yield Fault(
            input="subnetwork",
            value="absent",
            rule=(
                "is required; a legacy network has no subnets, and there GKE answers "
                '"IP aliases cannot be used with a legacy network": make a network with a subnet, such as Network'
            ),
            source=_GUIDE,
            would_pass=f'"{_SUBNETWORK}"',
        )


class ExistingNetwork(pulumi.ComponentResource):
    """A network that exists, for clusters to stand in; what they need there is made or stated.

    It must let private nodes out (Cloud NAT) and reach Google's APIs (Private Google Access).

    Args:
        network: Id of the VPC, such as projects/shop-network/global/networks/shop.
        subnetwork: Id of the subnet, such as projects/shop-network/regions/us-central1/subnetworks/shop; required.
        pods_range: Name of its secondary range for pods.
        services_range: Name of its secondary range for Services.
        pods_per_node: Most pods on a node for which the range for pods is sized; Autopilot decides itself.
        dual_stack: Whether the subnet has IPv6 addresses too, and the clusters' pods get some.
        proxies_range: Range of the region's proxy-only subnet there, if internal or regional load balancers are used.
        load_balancer_ports: TCP ports, or ranges of ports, on which load balancers may reach nodes and pods.
        shared_vpc: For a network of a Shared VPC's host project.
        changes_network: Whether to make the firewall rule for load balancers, and to grant the roles that a Shared VPC
            needs.

    Attributes: `load_balancer_firewall` (None where nothing is changed), `roles`, and `cluster_network`, the input
    `network` of `StandardCluster` and `AutopilotCluster`.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """

    needs: pulumi.Output[list[str]]
    """What must be in the network's project and is not made here: a firewall rule, roles."""

    @overload
    def __init__(self, name: str, /, args: ExistingNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...

    @overload
    def __init__(
        self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[ExistingNetworkArgs]
    ) -> None: ...

    def __init__(
        self,
        name: str,
        /,
        args: ExistingNetworkArgs | Any = None,
        opts: pulumi.ResourceOptions | None = None,
        **inputs: Any,
    ) -> None:
        checked = checked_inputs(ExistingNetwork, name, ExistingNetworkArgs, args, inputs, opts)
        super().__init__("gke-nodrop:index:ExistingNetwork", name, {}, opts)
        shared, subnetwork = checked.get("shared_vpc"), checked["subnetwork"]
        here = options.first_child(self, opts)
        changes = checked.get("changes_network", shared is None)
        self.load_balancer_firewall = (
            firewall.create(
                name,
                checked["network"],
                ports=checked.get("load_balancer_ports"),
                proxies=checked.get("proxies_range"),
                project=shared["host_project"] if shared else None,
                opts=here,
            )
            if changes
            else None
        )
        self.roles = shared_vpc.create(name, shared, subnetwork, here) if changes and shared else []
        self.cluster_network = ClusterNetworkArgs(
            network=checked["network"],
            subnetwork=shared_vpc.subnetwork_after(subnetwork, self.roles),
            pods_range=checked["pods_range"],
            services_range=checked["services_range"],
        )
        if "pods_per_node" in checked:
            self.cluster_network["pods_per_node"] = checked["pods_per_node"]
        if checked.get("dual_stack"):
            self.cluster_network["dual_stack"] = True
        self.needs = pulumi.Output.from_input([]) if changes else _needs(checked)
        self.register_outputs({"needs": self.needs})


def _needs(args: ExistingNetworkArgs) -> pulumi.Output[list[str]]:
    shared = args.get("shared_vpc")
    ports = ", ".join(firewall.opened(args.get("load_balancer_ports")))
    ranges = ", ".join(firewall.sources(args.get("proxies_range")))

    def stated(network: str, subnetwork: str) -> list[str]:
        roles = [each.text(shared["host_project"], subnetwork) for each in shared_vpc.grants(shared)] if shared else []
        return [*roles, f"a firewall rule of network {network} that admits TCP ports {ports} from {ranges}"]

    return pulumi.Output.all(args["network"], args["subnetwork"]).apply(lambda it: stated(it[0], it[1]))
