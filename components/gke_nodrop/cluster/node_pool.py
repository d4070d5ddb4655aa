"""A node pool of a Standard cluster, apart from the cluster, so that changing nodes never replaces the cluster.

Not here: Spot nodes, which are killed too fast to leave a load balancer without a dropped request.
"""

from collections.abc import Iterator
from typing import Annotated, Any, NotRequired, TypedDict, Unpack, overload

import pulumi
import pulumi_gcp as gcp

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.component import checked_inputs
from gke_nodrop.inputs.declared import Example, HeldBy
from gke_nodrop.inputs.faults import Fault, shown
from gke_nodrop.inputs.rules import rule
from gke_nodrop.inputs.types import Reference, name_of_cluster
from gke_nodrop.shared import options

_TIMEOUTS = pulumi.CustomTimeouts(create="30m", update="120m", delete="90m")
"""Draining honours PodDisruptionBudgets and grace for up to an hour. Source: Google, Node upgrade strategies."""

_AUTOSCALER = "Google, About GKE cluster autoscaling"
_SURGE = "Google, Node upgrade strategies, surge upgrades"
_DISKS = "Google, Configure node boot disks"

ClusterId = Annotated[
    Reference,
    HeldBy(("cluster_id", "id")),
    Example("projects/my-project/locations/us-central1/clusters/main"),
]
NodeAccount = Annotated[
    Reference,
    HeldBy(("node_service_account", "email")),
    Example("nodes@my-project.iam.gserviceaccount.com"),
]
MachineType = Annotated[Reference, Example("e2-standard-2")]
DiskType = Annotated[
    str,
    limits.one_of("pd-balanced", "pd-standard", "pd-ssd", "hyperdisk-balanced", source=_DISKS),
    Example("pd-balanced"),
]


class AutoscalingArgs(TypedDict):
    """How many nodes."""

    min_nodes: NotRequired[Annotated[int, limits.at_least(0, "nodes", _AUTOSCALER), Example(1)]]
    """Fewest nodes in each zone. Default 1: with none in a zone, its first pod waits for a node."""
    max_nodes: NotRequired[Annotated[int, limits.at_least(1, "nodes", _AUTOSCALER), Example(3)]]
    """Most nodes in each zone. Default 3."""


class DiskArgs(TypedDict):
    """Boot disks."""

    size_gb: NotRequired[Annotated[int, limits.at_least(10, "GB", _DISKS), Example(50)]]
    """Default 50."""
    type: NotRequired[DiskType]
    """Default pd-balanced."""


class NodePoolUpgradesArgs(TypedDict):
    """How nodes are replaced when they get a new version."""

    max_surge: NotRequired[Annotated[int, limits.at_least(0, "nodes", _SURGE), Example(1)]]
    """Nodes added meanwhile. Default 1."""
    max_unavailable: NotRequired[Annotated[int, limits.at_least(0, "nodes", _SURGE), Example(0)]]
    """Nodes missing meanwhile. Default 0: a new node stands before an old one is drained."""


class NodePoolArgs(TypedDict):
    """Inputs of `NodePool`."""

    cluster: pulumi.Input[ClusterId]
    """Id of the cluster, such as `StandardCluster.cluster_id`."""
    service_account: pulumi.Input[NodeAccount]
    """E-mail of the nodes' service account, such as `StandardCluster.node_service_account`."""
    machine_type: NotRequired[pulumi.Input[MachineType]]
    """Default e2-standard-2: room for GKE's own pods and a few more."""
    autoscaling: NotRequired[AutoscalingArgs]
    """How many nodes."""
    disk: NotRequired[DiskArgs]
    """Their boot disks."""
    upgrades: NotRequired[NodePoolUpgradesArgs]
    """How they are replaced."""


@rule(NodePoolArgs, needs_name=True)
def _its_name_is_short(_: NodePoolArgs, name: str) -> Iterator[Fault]:
    yield from name_of_cluster(name)


@rule(AutoscalingArgs)
def fewest_nodes_are_no_more_than_most(autoscaling: AutoscalingArgs) -> Iterator[Fault]:
    """The bounds of a pool's size are in order."""
    nodes = _bounds(autoscaling)
    if nodes["min_nodes"] > nodes["max_nodes"]:
        yield Fault(
            input="min_nodes",
            value=str(nodes["min_nodes"]),
            rule=f"must not exceed max_nodes = {nodes['max_nodes']}",
            source=_AUTOSCALER,
            would_pass=str(nodes["max_nodes"]),
        )


@rule(NodePoolUpgradesArgs)
def an_upgrade_can_move(upgrades: NodePoolUpgradesArgs) -> Iterator[Fault]:
    """A node is added, or one may be missing."""
    if upgrades.get("max_surge", 1) + upgrades.get("max_unavailable", 0) == 0:
        yield Fault(
            input="max_surge",
            value="0",
            rule="must be 1 or more while max_unavailable is 0, or no node can be upgraded",
            source=_SURGE,
            would_pass=shown(1),
        )


def _bounds(chosen: AutoscalingArgs) -> dict[str, int]:
    return {"min_nodes": chosen.get("min_nodes", 1), "max_nodes": chosen.get("max_nodes", 3)}


class NodePool(pulumi.ComponentResource):
    """Private, shielded, self-repairing nodes with Workload Identity.

    Give it to the options of what runs on it (`depends_on=[pool]`), so that on the way down the workloads' Namespaces
    are gone before their nodes.

    Args:
        cluster: Id of the cluster, such as `StandardCluster.cluster_id`.
        service_account: E-mail of the nodes' service account, such as `StandardCluster.node_service_account`.
        machine_type: Default e2-standard-2: room for GKE's own pods and a few more.
        autoscaling: How many nodes.
        disk: Their boot disks.
        upgrades: How they are replaced.

    Attributes: `node_pool`.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """

    node_pool_id: pulumi.Output[str]
    """Id of the node pool."""

    @overload
    def __init__(self, name: str, /, args: NodePoolArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...

    @overload
    def __init__(
        self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[NodePoolArgs]
    ) -> None: ...

    def __init__(
        self,
        name: str,
        /,
        args: NodePoolArgs | Any = None,
        opts: pulumi.ResourceOptions | None = None,
        **inputs: Any,
    ) -> None:
        checked = checked_inputs(NodePool, name, NodePoolArgs, args, inputs, opts)
        super().__init__("gke-nodrop:index:NodePool", name, {}, opts)
        nodes, disk = _bounds(checked.get("autoscaling", AutoscalingArgs())), checked.get("disk", DiskArgs())
        upgrades = checked.get("upgrades", NodePoolUpgradesArgs())
        self.node_pool = gcp.container.NodePool(
            name,
            cluster=checked["cluster"],
            initial_node_count=nodes["min_nodes"],
            autoscaling={"min_node_count": nodes["min_nodes"], "max_node_count": nodes["max_nodes"]},
            management={"auto_repair": True, "auto_upgrade": True},
            network_config={"enable_private_nodes": True},
            upgrade_settings={
                "strategy": "SURGE",
                "max_surge": upgrades.get("max_surge", 1),
                "max_unavailable": upgrades.get("max_unavailable", 0),
            },
            node_config={
                "machine_type": checked.get("machine_type", "e2-standard-2"),
                "disk_size_gb": disk.get("size_gb", 50),
                "disk_type": disk.get("type", "pd-balanced"),
                "service_account": checked["service_account"],
                "oauth_scopes": ["https://www.googleapis.com/auth/cloud-platform"],  # IAM decides, not scopes
                "shielded_instance_config": {"enable_secure_boot": True, "enable_integrity_monitoring": True},
                "workload_metadata_config": {"mode": "GKE_METADATA"},  # Workload Identity
            },
            opts=pulumi.ResourceOptions.merge(
                options.first_child(self, opts),
                # A change of the initial count would replace the pool.
                pulumi.ResourceOptions(ignore_changes=["initial_node_count"], custom_timeouts=_TIMEOUTS),
            ),
        )
        self.node_pool_id = self.node_pool.id
        self.register_outputs({"node_pool_id": self.node_pool_id})
