"""Pulumi components for serving HTTP on GKE so that a rollout, a scale-in or a node upgrade drops no request."""

from gke_nodrop.cluster import AutopilotCluster, StandardCluster
from gke_nodrop.cluster_args import (
    AccessArgs,
    AutopilotClusterArgs,
    ClusterUpgradesArgs,
    Datapath,
    Endpoint,
    ReleaseChannel,
    StandardClusterArgs,
)
from gke_nodrop.containers import ResourcesArgs
from gke_nodrop.inputs import Fault, InputError
from gke_nodrop.legacy import LegacyNodePortService, LegacyNodePortServiceArgs
from gke_nodrop.network import ClusterNetworkArgs, Network, NetworkArgs, RangesArgs
from gke_nodrop.node_pool import AutoscalingArgs, DiskArgs, NodePool, NodePoolArgs, NodePoolUpgradesArgs
from gke_nodrop.timings import BehaviourArgs, HealthCheckArgs, RolloutArgs
from gke_nodrop.web_service import WebService, WebServiceArgs
from gke_nodrop.workload import WorkloadArgs
from nodrop.rollout import Mode, OnTerm

__all__ = [
    "AccessArgs",
    "AutopilotCluster",
    "AutopilotClusterArgs",
    "AutoscalingArgs",
    "BehaviourArgs",
    "ClusterNetworkArgs",
    "ClusterUpgradesArgs",
    "Datapath",
    "DiskArgs",
    "Endpoint",
    "Fault",
    "HealthCheckArgs",
    "InputError",
    "LegacyNodePortService",
    "LegacyNodePortServiceArgs",
    "Mode",
    "Network",
    "NetworkArgs",
    "NodePool",
    "NodePoolArgs",
    "NodePoolUpgradesArgs",
    "OnTerm",
    "RangesArgs",
    "ReleaseChannel",
    "ResourcesArgs",
    "RolloutArgs",
    "StandardCluster",
    "StandardClusterArgs",
    "WebService",
    "WebServiceArgs",
    "WorkloadArgs",
]
