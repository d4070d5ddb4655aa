"""A node pool of a Standard cluster, apart from the cluster, so that changing nodes never replaces the cluster."""

from typing import Any, Unpack, overload

import pulumi
import pulumi_gcp as gcp

from gke_nodrop.cluster import machines
from gke_nodrop.cluster.node_pool_args import (
    SPOT_TAINT,
    AutoscalingArgs,
    DiskArgs,
    LocationPolicy,
    NodePoolArgs,
    SpotArgs,
    TaintArgs,
    TaintEffect,
    bounds,
)
from gke_nodrop.cluster.node_upgrades import NodePoolUpgradesArgs, upgrade_settings
from gke_nodrop.inputs.component import checked_inputs
from gke_nodrop.shared import options

_TIMEOUTS = pulumi.CustomTimeouts(create="30m", update="120m", delete="90m")
"""Draining honours PodDisruptionBudgets and grace for up to an hour. Source: Google, Node upgrade strategies."""
_SYSTEM_PODS_SECONDS = 15
"""What a Spot node keeps for the system's pods. Source: Google, Spot VMs in GKE, graceful termination."""


class NodePool(pulumi.ComponentResource):
    """Private, shielded, self-repairing nodes with Workload Identity.

    Give it to the options of what runs on it (`depends_on=[pool]`), so that on the way down the workloads' Namespaces
    are gone before their nodes.

    Args:
        cluster: Id of the cluster, such as `StandardCluster.cluster_id`.
        service_account: E-mail of the nodes' service account, such as `StandardCluster.node_service_account`.
        machine_type: Default e2-standard-2: room for GKE's own pods and a few more.
        autoscaling: How many nodes.
        disk: Boot disks of the nodes.
        upgrades: How nodes are replaced in an upgrade.
        spot: Spot VMs; {} for their defaults.
        gpu: Default: none.
        image_streaming: Whether containers start before their whole image is pulled, for images in Artifact Registry.
        node_labels: Kubernetes labels of the nodes, for node selectors.
        taints: Default: none.
        resource_labels: Google Cloud labels of the machines and disks.

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
        fewest, _ = bounds(checked.get("autoscaling", AutoscalingArgs()))
        self.node_pool = gcp.container.NodePool(
            name,
            cluster=checked["cluster"],
            initial_node_count=fewest,
            autoscaling=_autoscaling(checked),
            management={"auto_repair": True, "auto_upgrade": True},
            network_config={"enable_private_nodes": True},
            upgrade_settings=upgrade_settings(checked.get("upgrades", NodePoolUpgradesArgs())),
            node_drain_configs=[
                # A pool that goes is drained as disruption budgets allow.
                gcp.container.NodePoolNodeDrainConfigArgs(respect_pdb_during_node_pool_deletion=True)
            ],
            node_config=_node_config(checked),
            opts=options.child_after(
                options.first_child(self, opts),
                ignore_changes=["initial_node_count"],  # a change of the initial count would replace the pool
                custom_timeouts=_TIMEOUTS,
            ),
        )
        self.node_pool_id = self.node_pool.id
        self.register_outputs({"node_pool_id": self.node_pool_id})


def _autoscaling(args: NodePoolArgs) -> "gcp.container.NodePoolAutoscalingArgs":
    chosen = args.get("autoscaling", AutoscalingArgs())
    fewest, most = bounds(chosen)
    policy = chosen.get("location_policy", LocationPolicy.ANY if "spot" in args else LocationPolicy.BALANCED)
    return gcp.container.NodePoolAutoscalingArgs(
        min_node_count=fewest, max_node_count=most, location_policy=policy.upper()
    )


def _node_config(args: NodePoolArgs) -> "gcp.container.NodePoolNodeConfigArgs":
    machine, disk = args.get("machine_type", machines.DEFAULT), args.get("disk", DiskArgs())
    fits = machines.boot_disk(machine) if isinstance(machine, str) else None
    taints = [*([SPOT_TAINT] if "spot" in args else []), *args.get("taints", [])]
    kubelet: dict[str, Any] = {"insecure_kubelet_readonly_port_enabled": "FALSE"}
    config: dict[str, Any] = {
        "machine_type": machine,
        "image_type": "COS_CONTAINERD",
        "disk_size_gb": disk.get("size_gb", 50),
        "disk_type": disk.get("type", fits),
        "boot_disk_kms_key": disk.get("key"),
        "service_account": args["service_account"],
        "oauth_scopes": ["https://www.googleapis.com/auth/cloud-platform"],  # IAM decides, not scopes
        "shielded_instance_config": {"enable_secure_boot": True, "enable_integrity_monitoring": True},
        "workload_metadata_config": {"mode": "GKE_METADATA"},  # Workload Identity
        "kubelet_config": kubelet,
        # False is written too: the provider keeps what a block that is left out had set.
        "gcfs_config": {"enabled": args["image_streaming"]} if "image_streaming" in args else None,
        "labels": args.get("node_labels"),
        "resource_labels": args.get("resource_labels"),
        "taints": [_taint(each) for each in taints] or None,
    }
    if "spot" in args:
        config["spot"] = True
        kubelet |= _shutdown(args["spot"])
    if "gpu" in args:
        gpu = args["gpu"]
        config["guest_accelerators"] = [
            {
                "type": gpu["type"],
                "count": gpu.get("count", 1),
                "gpu_driver_installation_config": {"gpu_driver_version": "DEFAULT"},
            }
        ]
    return gcp.container.NodePoolNodeConfigArgs(**config)


def _shutdown(spot: SpotArgs) -> dict[str, int]:
    if "shutdown_seconds" not in spot:
        return {}
    return {
        "shutdown_grace_period_seconds": spot["shutdown_seconds"],
        "shutdown_grace_period_critical_pods_seconds": _SYSTEM_PODS_SECONDS,
    }


_EFFECTS = {
    TaintEffect.NO_SCHEDULE: "NO_SCHEDULE",
    TaintEffect.PREFER_NO_SCHEDULE: "PREFER_NO_SCHEDULE",
    TaintEffect.NO_EXECUTE: "NO_EXECUTE",
}
"""As Google's API calls them."""


def _taint(taint: TaintArgs) -> dict[str, str]:
    effect = TaintEffect(taint.get("effect", TaintEffect.NO_SCHEDULE))
    return {"key": taint["key"], "value": taint["value"], "effect": _EFFECTS[effect]}
