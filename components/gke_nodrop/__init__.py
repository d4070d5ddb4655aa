"""Pulumi components for serving HTTP on GKE so that a rollout, a scale-in or a node upgrade drops no request."""

from gke_nodrop.backend.cdn import CacheKeyArgs, CacheMode, CdnArgs, NegativeCacheArgs
from gke_nodrop.backend.headers import CustomHeaderArgs
from gke_nodrop.backend.neg_service import NegService
from gke_nodrop.backend.neg_service_args import ExposedPortArgs, NegServiceArgs
from gke_nodrop.backend.settings import AffinityType, BackendArgs, IapArgs, LoggingArgs, SessionAffinityArgs
from gke_nodrop.cluster.access import AccessArgs, Endpoint
from gke_nodrop.cluster.cluster import AutopilotCluster, StandardCluster
from gke_nodrop.cluster.cluster_args import AutopilotClusterArgs, Datapath, StandardClusterArgs
from gke_nodrop.cluster.existing_network import ExistingNetwork, ExistingNetworkArgs
from gke_nodrop.cluster.firewall import load_balancer_ports
from gke_nodrop.cluster.network import Network
from gke_nodrop.cluster.network_args import ClusterNetworkArgs, NetworkArgs, RangePlanArgs, RangesArgs
from gke_nodrop.cluster.node_pool import NodePool
from gke_nodrop.cluster.node_pool_args import (
    AutoscalingArgs,
    DiskArgs,
    GpuArgs,
    LocationPolicy,
    NodePoolArgs,
    SpotArgs,
    TaintArgs,
    TaintEffect,
)
from gke_nodrop.cluster.node_upgrades import NodePoolUpgradesArgs, UpgradeStrategy
from gke_nodrop.cluster.operations import BackupArgs, Logs, Metrics, OperationsArgs
from gke_nodrop.cluster.presets import DEV, PRODUCTION
from gke_nodrop.cluster.security import SecurityArgs
from gke_nodrop.cluster.shared_vpc import SharedVpcArgs
from gke_nodrop.cluster.upgrades import (
    ClusterUpgradesArgs,
    ExclusionScope,
    MaintenanceExclusionArgs,
    MaintenanceWindowArgs,
    ReleaseChannel,
    Weekday,
)
from gke_nodrop.gateway.gateway import Gateway, GatewayArgs
from gke_nodrop.gateway.routes import (
    GatewayBackendArgs,
    GatewayHeaderArgs,
    GatewayPathType,
    GatewayRouteArgs,
    HeaderChangesArgs,
    RedirectScheme,
    RouteFiltersArgs,
    RouteRedirectArgs,
    RouteRewriteArgs,
)
from gke_nodrop.gateway.settings import GatewayCertificatesArgs, GatewayClass, GatewaySettingsArgs
from gke_nodrop.ingress.certificates import IngressCertificatesArgs
from gke_nodrop.ingress.frontend_config import RedirectCode
from gke_nodrop.ingress.ingress import Ingress, IngressArgs
from gke_nodrop.ingress.routes import IngressPathArgs, IngressPathType, IngressRuleArgs
from gke_nodrop.ingress.settings import IngressSettingsArgs, Scope
from gke_nodrop.inputs.check import check_inputs
from gke_nodrop.inputs.component import faults_of
from gke_nodrop.inputs.declared import Example, Limit, Secret
from gke_nodrop.inputs.faults import Fault, InputError
from gke_nodrop.legacy import LegacyNodePortService, LegacyNodePortServiceArgs
from gke_nodrop.shared.namespace import Namespace, NamespaceArgs
from gke_nodrop.shared.protocols import Protocol
from gke_nodrop.timing.rollout_args import BehaviourArgs, HealthCheckArgs, RolloutArgs
from gke_nodrop.web_service.web_service import WebService
from gke_nodrop.web_service.web_service_args import WebServiceArgs
from gke_nodrop.workload.autoscaling import ExternalMetricArgs, PodAutoscalingArgs
from gke_nodrop.workload.containers import (
    ContainerArgs,
    InitContainerArgs,
    MountArgs,
    ResourcesArgs,
    SidecarArgs,
    StartupCheckArgs,
)
from gke_nodrop.workload.identity import WorkloadIdentityArgs
from gke_nodrop.workload.network_policy import NetworkPolicyArgs, PodsPeerArgs
from gke_nodrop.workload.rolling_deployment import RollingDeployment, RollingDeploymentArgs
from gke_nodrop.workload.serving_container import WorkloadArgs
from gke_nodrop.workload.volumes import EmptyDirArgs, VolumeArgs
from nodrop.rollout import Mode, OnTerm

__all__ = [
    "DEV",
    "PRODUCTION",
    "AccessArgs",
    "AffinityType",
    "AutopilotCluster",
    "AutopilotClusterArgs",
    "AutoscalingArgs",
    "BackendArgs",
    "BackupArgs",
    "BehaviourArgs",
    "CacheKeyArgs",
    "CacheMode",
    "CdnArgs",
    "ClusterNetworkArgs",
    "ClusterUpgradesArgs",
    "ContainerArgs",
    "CustomHeaderArgs",
    "Datapath",
    "DiskArgs",
    "EmptyDirArgs",
    "Endpoint",
    "Example",
    "ExclusionScope",
    "ExistingNetwork",
    "ExistingNetworkArgs",
    "ExposedPortArgs",
    "ExternalMetricArgs",
    "Fault",
    "Gateway",
    "GatewayArgs",
    "GatewayBackendArgs",
    "GatewayCertificatesArgs",
    "GatewayClass",
    "GatewayHeaderArgs",
    "GatewayPathType",
    "GatewayRouteArgs",
    "GatewaySettingsArgs",
    "GpuArgs",
    "HeaderChangesArgs",
    "HealthCheckArgs",
    "IapArgs",
    "Ingress",
    "IngressArgs",
    "IngressCertificatesArgs",
    "IngressPathArgs",
    "IngressPathType",
    "IngressRuleArgs",
    "IngressSettingsArgs",
    "InitContainerArgs",
    "InputError",
    "LegacyNodePortService",
    "LegacyNodePortServiceArgs",
    "Limit",
    "LocationPolicy",
    "LoggingArgs",
    "Logs",
    "MaintenanceExclusionArgs",
    "MaintenanceWindowArgs",
    "Metrics",
    "Mode",
    "MountArgs",
    "Namespace",
    "NamespaceArgs",
    "NegService",
    "NegServiceArgs",
    "NegativeCacheArgs",
    "Network",
    "NetworkArgs",
    "NetworkPolicyArgs",
    "NodePool",
    "NodePoolArgs",
    "NodePoolUpgradesArgs",
    "OnTerm",
    "OperationsArgs",
    "PodAutoscalingArgs",
    "PodsPeerArgs",
    "Protocol",
    "RangePlanArgs",
    "RangesArgs",
    "RedirectCode",
    "RedirectScheme",
    "ReleaseChannel",
    "ResourcesArgs",
    "RollingDeployment",
    "RollingDeploymentArgs",
    "RolloutArgs",
    "RouteFiltersArgs",
    "RouteRedirectArgs",
    "RouteRewriteArgs",
    "Scope",
    "Secret",
    "SecurityArgs",
    "SessionAffinityArgs",
    "SharedVpcArgs",
    "SidecarArgs",
    "SpotArgs",
    "StandardCluster",
    "StandardClusterArgs",
    "StartupCheckArgs",
    "TaintArgs",
    "TaintEffect",
    "UpgradeStrategy",
    "VolumeArgs",
    "WebService",
    "WebServiceArgs",
    "Weekday",
    "WorkloadArgs",
    "WorkloadIdentityArgs",
    "check_inputs",
    "faults_of",
    "load_balancer_ports",
]
