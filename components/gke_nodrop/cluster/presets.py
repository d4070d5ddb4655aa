"""Two sets of inputs, as plain data: compare them line by line, take one, and write over what your case needs.

    cluster = StandardCluster("main", {**PRODUCTION["cluster"], "location": "europe-west1", "network": …})
    nodes = NodePool("main", {**PRODUCTION["node_pool"], "cluster": …, "service_account": …})

The part `cluster` is for `AutopilotCluster` too. Both stay with the components' defaults in all that they do not state.
Beside each input stands what Google bills for it. Billed in any case: the management fee of each cluster, the nodes (of
Autopilot the pods' requests), Cloud NAT, load balancers, and Cloud Monitoring's samples beyond the free system metrics.

Not here, for nobody else knows them: `access.google_groups`, `upgrades.notifications`, `upgrades.exclusions`, keys
(`security.secrets_key`, `disk.key`) and `resource_labels`; `production` needs the groups and labels to pass all that
checkov asks of a cluster (docs/hardening.md).
"""

from typing import TypedDict

from gke_nodrop.cluster.node_pool_args import AutoscalingArgs, DiskArgs
from gke_nodrop.cluster.node_upgrades import NodePoolUpgradesArgs
from gke_nodrop.cluster.operations import OperationsArgs
from gke_nodrop.cluster.security import SecurityArgs
from gke_nodrop.cluster.upgrades import ClusterUpgradesArgs


class ClusterPreset(TypedDict):
    """Inputs of either kind of cluster."""

    upgrades: ClusterUpgradesArgs
    security: SecurityArgs
    operations: OperationsArgs
    deletion_protection: bool


class NodePoolPreset(TypedDict):
    """Inputs of `NodePool`."""

    machine_type: str
    autoscaling: AutoscalingArgs
    disk: DiskArgs
    upgrades: NodePoolUpgradesArgs
    image_streaming: bool


class Preset(TypedDict):
    """Inputs of a cluster and of its nodes."""

    cluster: ClusterPreset
    node_pool: NodePoolPreset


DEV: Preset = {
    "cluster": {
        "upgrades": {
            "release_channel": "regular",
            # No window: at any time.
        },
        "security": {"binary_authorization": False},
        "operations": {
            "logs": ["system-components", "workloads"],  # Cloud Logging, by volume
            "dataplane_observability": False,
            # No backups.
        },
        "deletion_protection": False,  # `pulumi destroy` at once
    },
    "node_pool": {
        "machine_type": "e2-standard-2",  # Compute Engine, by the second
        "autoscaling": {"min_nodes": 1, "max_nodes": 2},  # in each zone
        "disk": {"size_gb": 50},  # Persistent Disk, by size
        "upgrades": {"strategy": "surge", "max_surge": 1, "max_unavailable": 0},  # one node more meanwhile
        "image_streaming": False,
    },
}

PRODUCTION: Preset = {
    "cluster": {
        "upgrades": {
            "release_channel": "stable",
            # While people are at work in Europe; take the hours of yours.
            "window": {"days": ["tuesday", "wednesday", "thursday"], "start": "09:00", "hours": 6},
        },
        "security": {"binary_authorization": True},  # needs its API, and a policy of the project
        "operations": {
            # Cloud Logging, by volume
            "logs": ["system-components", "workloads", "apiserver", "scheduler", "controller-manager"],
            "dataplane_observability": True,  # Cloud Monitoring, by samples; memory of the nodes
            # Backup for GKE, by pods and by size. The backups have to go before a destroy: docs/operations.md
            "backup": {"schedule": "0 3 * * *", "retain_days": 30},  # needs its API
        },
        "deletion_protection": True,  # set it to false and apply, then `pulumi destroy`
    },
    "node_pool": {
        "machine_type": "e2-standard-4",  # Compute Engine, by the second
        "autoscaling": {"min_nodes": 1, "max_nodes": 5},  # in each zone
        "disk": {"size_gb": 100},  # Persistent Disk, by size
        "upgrades": {"strategy": "surge", "max_surge": 1, "max_unavailable": 0},  # one node more meanwhile
        "image_streaming": True,  # needs the Container File System API
    },
}
