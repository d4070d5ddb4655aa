"""Which inputs of a cloud resource cannot be changed in place, so that another value replaces the resource.

Known are the resources that the components of this project make. Source: hashicorp/terraform-provider-google-beta at
93c65b2d60fea598528f2769b5b09de856f8cb8c (21 August 2026), `ForceNew` and `CustomizeDiff` in google-beta/services: every
input of every resource below was compared with it; `ForceNew` of a block is about the block's coming and going, and
what is in it has its own. Of the Kubernetes provider: pulumi/pulumi-kubernetes provider/pkg/provider/provider.go,
DiffConfig.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nodrop.paths.fields import UNKNOWN

CLUSTER = "gcp:container/cluster:Cluster"
NODE_POOL = "gcp:container/nodePool:NodePool"
NETWORK = "gcp:compute/network:Network"
FIREWALL = "gcp:compute/firewall:Firewall"
SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"
PROVIDER = "pulumi:providers:kubernetes"
KINDS = {
    CLUSTER: "cluster",
    NODE_POOL: "node pool",
    NETWORK: "network",
    SUBNETWORK: "subnetwork",
    PROVIDER: "Kubernetes provider",
}
"""What people call those that serving paths stand on."""


@dataclass(frozen=True, kw_only=True)
class FixedInputs:
    """The inputs of one type of resource whose change replaces it; paths such as `nodeConfig.machineType`."""

    replaces: tuple[str, ...] = ()
    """Paths whose change, or a change below them, replaces the resource."""
    keeps: tuple[str, ...] = ()
    """Those whose change does not; of two paths that hold an input, the longer one decides."""
    everything: bool = False
    """Whether a change of what is not listed replaces it."""


_NODE_CONFIG_REPLACES = ("nodeConfig", "nodeConfig.confidentialNodes.confidentialInstanceType")
_NODE_CONFIG_KEEPS = (  # container/node_config.go, schemaNodeConfig: updated in place, by a rollout of the nodes
    "machineType",
    "diskSizeGb",
    "diskType",
    "storagePools",
    "bootDisk",
    "loggingVariant",
    "containerdConfig",
    "confidentialNodes",
    "taints",
    "tags",
    "resourceManagerTags",
    "resourceLabels",
    "labels",
    "imageType",
    "workloadMetadataConfig",
    "gcfsConfig",
    "gvnic",
    "kubeletConfig",
    "linuxNodeConfig",
    "windowsNodeConfig",
    "fastSocket",
    "advancedMachineFeatures.performanceMonitoringUnit",
    "effectiveTaints",
    "gpudirectStrategy",
    "nodeImageConfigs",
    "sandboxConfig.sandboxType",
    "sandboxConfig.type",
    "soleTenantConfig.minNodeCpus",
    "taintConfig",
)

FIXED: Mapping[str, FixedInputs] = {
    NETWORK: FixedInputs(  # compute/resource_compute_network.go
        replaces=(
            "name",
            "project",
            "description",
            "autoCreateSubnetworks",
            "internalIpv6Range",
            "networkProfile",
            "params",
        ),
    ),
    SUBNETWORK: FixedInputs(  # compute/resource_compute_subnetwork.go: immutable but for `keeps`
        everything=True,
        keeps=(
            "ipCidrRange",  # but shrinking or moving replaces: see `_grows`
            "secondaryIpRanges",
            "privateIpGoogleAccess",
            "privateIpv6GoogleAccess",
            "purpose",
            "role",
            "logConfig",
            "stackType",
            "ipv6AccessType",
            "allowSubnetCidrRoutesOverlap",
            "deletionPolicy",
            "ipCollection",
            "sendSecondaryIpRangeIfEmpty",
        ),
    ),
    "gcp:compute/router:Router": FixedInputs(  # compute/resource_compute_router.go
        replaces=("name", "project", "region", "network", "encryptedInterconnectRouter", "nccGateway", "params"),
    ),
    "gcp:compute/routerNat:RouterNat": FixedInputs(  # compute/resource_compute_router_nat.go
        replaces=("name", "project", "region", "router", "initialNatIps", "endpointTypes", "type"),
    ),
    FIREWALL: FixedInputs(  # compute/resource_compute_firewall.go
        replaces=("name", "project", "direction", "params")
    ),
    "gcp:compute/globalAddress:GlobalAddress": FixedInputs(  # compute/resource_compute_global_address.go
        everything=True, keeps=("labels", "deletionPolicy")
    ),
    "gcp:compute/address:Address": FixedInputs(  # compute/resource_compute_address.go: immutable but for labels
        everything=True, keeps=("labels", "deletionPolicy")
    ),
    "gcp:compute/sSLPolicy:SSLPolicy": FixedInputs(  # compute/resource_compute_ssl_policy.go
        replaces=("name", "project", "description")
    ),
    "gcp:compute/regionSslPolicy:RegionSslPolicy": FixedInputs(  # compute/resource_compute_region_ssl_policy.go
        replaces=("name", "project", "region", "description")
    ),
    "gcp:compute/securityPolicy:SecurityPolicy": FixedInputs(  # compute/resource_compute_security_policy.go
        replaces=("name", "project", "type")
    ),
    "gcp:serviceaccount/account:Account": FixedInputs(  # resource_google_service_account.go; Pulumi does not name it
        replaces=("accountId", "project"),
    ),
    "gcp:projects/iAMMember:IAMMember": FixedInputs(  # tpgiamresource: every field is ForceNew
        everything=True
    ),
    "gcp:serviceaccount/iAMMember:IAMMember": FixedInputs(  # tpgiamresource, as above
        everything=True
    ),
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": FixedInputs(  # tpgiamresource, as above
        everything=True
    ),
    "gcp:gkebackup/backupPlan:BackupPlan": FixedInputs(  # gkebackup/resource_gke_backup_backup_plan.go
        replaces=("name", "project", "location", "cluster")
    ),
    "gcp:compute/subnetworkIAMMember:SubnetworkIAMMember": FixedInputs(  # tpgiamresource, as above
        everything=True
    ),
    CLUSTER: FixedInputs(  # container/resource_container_cluster.go
        replaces=(
            "name",
            "project",
            "location",
            "description",
            "network",
            "subnetwork",
            "networkingMode",
            "ipAllocationPolicy",
            "clusterIpv4Cidr",
            "datapathProvider",
            "defaultMaxPodsPerNode",
            "enableAutopilot",
            "enableKubernetesAlpha",
            "enableTpu",
            "initialNodeCount",
            "confidentialNodes",
            "masterAuth.clientCertificateConfig",
            "privateClusterConfig.masterIpv4CidrBlock",
            "privateClusterConfig.privateEndpointSubnetwork",
            "nodePools",
            "clusterAutoscaling.autoProvisioningDefaults.bootDiskKmsKey",
            "dataplaneOptimizationMode",
            "tpuConfig",
            "userManagedKeysConfig.aggregationCa",
            "userManagedKeysConfig.clusterCa",
            "userManagedKeysConfig.etcdApiCa",
            "userManagedKeysConfig.etcdPeerCa",
            *_NODE_CONFIG_REPLACES,  # pulumi-gcp issues 744 and 2247
        ),
        keeps=(
            *(f"nodeConfig.{name}" for name in _NODE_CONFIG_KEEPS),
            "ipAllocationPolicy.additionalPodRangesConfig",
            "ipAllocationPolicy.additionalIpRangesConfigs",
            "ipAllocationPolicy.autoIpamConfig",
            "ipAllocationPolicy.networkTierConfig",
            "ipAllocationPolicy.podCidrOverprovisionConfig.disabled",
            "ipAllocationPolicy.stackType",
            "tpuConfig.ipv4CidrBlock",
        ),
    ),
    NODE_POOL: FixedInputs(  # container/resource_container_node_pool.go, container/node_config.go
        replaces=(
            "name",
            "namePrefix",
            "project",
            "location",
            "cluster",
            "initialNodeCount",
            "maxPodsPerNode",
            "placementPolicy",
            "queuedProvisioning",
            "networkConfig",
            *_NODE_CONFIG_REPLACES,
        ),
        keeps=(
            *(f"nodeConfig.{name}" for name in _NODE_CONFIG_KEEPS),
            "networkConfig.enablePrivateNodes",
            "networkConfig.networkPerformanceConfig",
            "networkConfig.additionalNodeNetworkConfigs.stackType",
            "networkConfig.podCidrOverprovisionConfig.disabled",
            "placementPolicy.type",
            "placementPolicy.tpuTopology",
        ),
    ),
    PROVIDER: FixedInputs(replaces=("clusterIdentifier",)),
}

_SWITCHES_FOR_GOOD = {  # container/resource_container_cluster.go, isBeenEnabled: switching off replaces the cluster
    (CLUSTER, "enableL4IlbSubsetting"),
    (CLUSTER, "enableFqdnNetworkPolicy"),
}
_KEPT_WHERE_ABSENT = {
    (CLUSTER, "defaultMaxPodsPerNode"),
    *(("gcp:compute/globalAddress:GlobalAddress", name) for name in ("address", "prefixLength", "project")),
    *(
        ("gcp:compute/address:Address", name)
        for name in ("address", "networkTier", "prefixLength", "project", "purpose", "region", "subnetwork")
    ),
}
"""Of those whose change replaces: where they are left out, the resource keeps what it has (Optional and Computed)."""
_BETA_APIS = "enableK8sBetaApis.enabledApis"
"""containerClusterEnableK8sBetaApisCustomizeDiff: none of them can be disabled again."""
_SETS = {_BETA_APIS, "nodeConfig.oauthScopes", "initialNatIps"}
"""Lists of strings whose order says nothing (`TypeSet`), of those whose change replaces."""
_DOMAIN = "dnsConfig.additiveVpcScopeDnsDomain"
"""containerClusterAutopilotCustomizeDiff: on an Autopilot cluster it cannot be changed."""


def replaces(resource_type: str, path: str, was: Any, becomes: Any, *, autopilot: bool = False) -> bool:
    """Whether this change of an input, such as `nodeConfig.machineType`, replaces a resource of a known type.

    `autopilot`: whether the resource is an Autopilot cluster.
    """
    fixed, name = FIXED[resource_type], re.sub(r"\[[^]]*\]", "", path)
    if name in _SETS and same_strings(was, becomes):
        return False
    if resource_type == CLUSTER and (within(name, _BETA_APIS) or within(_BETA_APIS, name)):
        before, after = (_below(name, _BETA_APIS, value) for value in (was, becomes))
        return not _strings(before) <= _strings(after)
    if resource_type == CLUSTER and autopilot and within(_DOMAIN, name):
        return _below(name, _DOMAIN, was) != _below(name, _DOMAIN, becomes)
    if (resource_type, name) == (PROVIDER, "clusterIdentifier"):  # to add or to remove it replaces nothing
        return becomes is not None and (was is not None or becomes == UNKNOWN)
    if (resource_type, name) in _KEPT_WHERE_ABSENT and becomes is None:
        return False
    if (resource_type, path) == (SUBNETWORK, "ipCidrRange"):
        return not _grows(was, becomes)
    if (resource_type, name) in _SWITCHES_FOR_GOOD:
        return bool(was) and not becomes
    holding = [one for one in (*fixed.replaces, *fixed.keeps) if within(name, one)]
    return max(holding, key=len) in fixed.replaces if holding else fixed.everything


def within(path: str, whole: str) -> bool:
    """Whether a path is the other one, or leads on from it."""
    return path == whole or path.startswith((f"{whole}.", f"{whole}["))


def same_strings(one: Any, other: Any) -> bool:
    """Whether both are lists of the same strings, in any order."""
    lists = isinstance(one, list) and isinstance(other, list)
    return lists and all(isinstance(each, str) for each in (*one, *other)) and sorted(one) == sorted(other)


def _below(name: str, path: str, value: Any) -> Any:
    """What a value at `name` holds at `path`, where that leads on from it; else the value."""
    for key in path.removeprefix(name).lstrip(".").split(".") if name != path and within(path, name) else ():
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _strings(value: Any) -> set[str]:
    """One string, or those of a list."""
    return {each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)}


def _grows(was: Any, becomes: Any) -> bool:
    """Whether a range only grows. Source: compute/resource_compute_subnetwork.go, IsShrinkageIpCidr."""
    try:
        return ipaddress.IPv4Network(was).subnet_of(ipaddress.IPv4Network(becomes))
    except (TypeError, ValueError):
        return False
