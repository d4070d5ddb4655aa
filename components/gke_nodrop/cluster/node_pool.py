"""A node pool of a Standard cluster, apart from the cluster, so that changing nodes never replaces the cluster.

Not here: Spot nodes, which are killed too fast to leave a load balancer without a dropped request.
"""

from collections.abc import Iterator
from typing import NotRequired, TypedDict

import pulumi
import pulumi_gcp as gcp

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.check import Fault, Limit, check, shown
from gke_nodrop.shared import options

_TIMEOUTS = pulumi.CustomTimeouts(create="30m", update="120m", delete="90m")
"""Draining honours PodDisruptionBudgets and grace for up to an hour. Source: Google, Node upgrade strategies."""


class AutoscalingArgs(TypedDict):
    """How many nodes."""

    min_nodes: NotRequired[int]
    """Fewest nodes in each zone. Default 1: with none in a zone, its first pod waits for a node."""
    max_nodes: NotRequired[int]
    """Most nodes in each zone. Default 3."""


class DiskArgs(TypedDict):
    """Boot disks."""

    size_gb: NotRequired[int]
    """Default 50."""
    type: NotRequired[str]
    """Default pd-balanced."""


class NodePoolUpgradesArgs(TypedDict):
    """How nodes are replaced when they get a new version."""

    max_surge: NotRequired[int]
    """Nodes added meanwhile. Default 1."""
    max_unavailable: NotRequired[int]
    """Nodes missing meanwhile. Default 0: a new node stands before an old one is drained."""


class NodePoolArgs(TypedDict):
    """Inputs of `NodePool`."""

    cluster: pulumi.Input[str]
    """Id of the cluster, such as `StandardCluster.cluster_id`."""
    service_account: pulumi.Input[str]
    """E-mail of the nodes' service account, such as `StandardCluster.node_service_account`."""
    machine_type: NotRequired[pulumi.Input[str]]
    """Default e2-standard-2: room for GKE's own pods and a few more."""
    autoscaling: NotRequired[AutoscalingArgs]
    """How many nodes."""
    disk: NotRequired[DiskArgs]
    """Their boot disks."""
    upgrades: NotRequired[NodePoolUpgradesArgs]
    """How they are replaced."""


EXAMPLE: NodePoolArgs = {
    "cluster": "projects/my-project/locations/us-central1/clusters/main",
    "service_account": "nodes@my-project.iam.gserviceaccount.com",
    "machine_type": "e2-standard-2",
    "autoscaling": {"min_nodes": 1, "max_nodes": 3},
    "disk": {"size_gb": 50, "type": "pd-balanced"},
    "upgrades": {"max_surge": 1, "max_unavailable": 0},
}
_AUTOSCALER = "Google, About GKE cluster autoscaling"
_SURGE = "Google, Node upgrade strategies, surge upgrades"
LIMITS = {
    "cluster": limits.REFERENCE,
    "service_account": limits.REFERENCE,
    "machine_type": limits.REFERENCE,
    "autoscaling.min_nodes": limits.at_least(0, "nodes", _AUTOSCALER),
    "autoscaling.max_nodes": limits.at_least(1, "nodes", _AUTOSCALER),
    "disk.size_gb": limits.at_least(10, "GB", "Google, Configure node boot disks"),
    "disk.type": Limit(
        holds=lambda x: x in {"pd-balanced", "pd-standard", "pd-ssd", "hyperdisk-balanced"},
        rule="pd-balanced, pd-standard, pd-ssd or hyperdisk-balanced",
        source="Google, Configure node boot disks",
    ),
    "upgrades.max_surge": limits.at_least(0, "nodes", _SURGE),
    "upgrades.max_unavailable": limits.at_least(0, "nodes", _SURGE),
}


def _ordered_and_moving(args: NodePoolArgs) -> Iterator[Fault]:
    nodes, upgrades = _autoscaling(args), args.get("upgrades", NodePoolUpgradesArgs())
    if nodes["min_nodes"] > nodes["max_nodes"]:
        yield Fault(
            input="autoscaling.min_nodes",
            value=str(nodes["min_nodes"]),
            rule=f"must not exceed autoscaling.max_nodes = {nodes['max_nodes']}",
            source=_AUTOSCALER,
            would_pass=str(nodes["max_nodes"]),
        )
    if upgrades.get("max_surge", 1) + upgrades.get("max_unavailable", 0) == 0:
        yield Fault(
            input="upgrades.max_surge",
            value="0",
            rule="must be 1 or more while upgrades.max_unavailable is 0, or no node can be upgraded",
            source=_SURGE,
            would_pass=shown(1),
        )


def _autoscaling(args: NodePoolArgs) -> dict[str, int]:
    chosen = args.get("autoscaling", AutoscalingArgs())
    return {"min_nodes": chosen.get("min_nodes", 1), "max_nodes": chosen.get("max_nodes", 3)}


class NodePool(pulumi.ComponentResource):
    """Private, shielded, self-repairing nodes with Workload Identity.

    Give it to the options of what runs on it (`depends_on=[pool]`), so that on the way down the workloads' Namespaces
    are gone before their nodes.

    Attributes: `node_pool`.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """

    node_pool_id: pulumi.Output[str]
    """Id of the node pool."""

    def __init__(self, name: str, args: NodePoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        rules = (limits.named(name, limits.CLUSTER_NAME), _ordered_and_moving)
        checked = check(f'NodePool "{name}"', args, NodePoolArgs, limits=LIMITS, example=EXAMPLE, rules=rules)
        super().__init__("gke-nodrop:index:NodePool", name, {}, opts)
        nodes, disk = _autoscaling(checked), checked.get("disk", DiskArgs())
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
                options.first(self, opts),
                # A change of the initial count would replace the pool.
                pulumi.ResourceOptions(ignore_changes=["initial_node_count"], custom_timeouts=_TIMEOUTS),
            ),
        )
        self.node_pool_id = self.node_pool.id
        self.register_outputs({"node_pool_id": self.node_pool_id})
