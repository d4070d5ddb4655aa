"""Which changes replace a GCP resource, which resources Pulumi names, and where in GCP each resource stands.

Made by hand for the resources that the library uses; a resource that is not listed cannot be created here. Source of
the replacements: hashicorp/terraform-provider-google-beta at 93c65b2d60fea598528f2769b5b09de856f8cb8c (21 August 2026),
`ForceNew` and `CustomizeDiff` in google-beta/services. Every input of Cluster, NodePool, Network, Subnetwork,
GlobalAddress, Address, Router and RouterNat was compared with it. `ForceNew` of a block is about the block's coming
and going; what is in it has its own.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """What is known of one resource type."""

    path: str
    """Below projects/PROJECT/; {name}, {region} and the like are properties."""
    replaces: tuple[str, ...]
    """Property paths, whose change, or a change below them, replaces the resource."""
    keeps: tuple[str, ...] = ()
    """Those whose change does not; of two paths that hold a property, the longer one decides."""
    autonamed: bool = True
    """Whether Pulumi makes a name of up to 63 characters: the resource's own, a hyphen and 7 hexadecimal digits."""
    everything: bool = False
    """Whether a change of what is not listed replaces it."""


NODE_CONFIG_REPLACES = ("nodeConfig", "nodeConfig.confidentialNodes.confidentialInstanceType")
NODE_CONFIG_KEEPS = (  # container/node_config.go, schemaNodeConfig: updated in place, by a rollout of the nodes
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

KINDS = {
    "gcp:compute/network:Network": Kind(  # compute/resource_compute_network.go
        "global/networks/{name}",
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
    "gcp:compute/subnetwork:Subnetwork": Kind(  # compute/resource_compute_subnetwork.go: immutable but for `keeps`
        "regions/{region}/subnetworks/{name}",
        replaces=(),
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
    "gcp:compute/router:Router": Kind(  # compute/resource_compute_router.go
        "regions/{region}/routers/{name}",
        replaces=("name", "project", "region", "network", "encryptedInterconnectRouter", "nccGateway"),
    ),
    "gcp:compute/routerNat:RouterNat": Kind(  # compute/resource_compute_router_nat.go
        "regions/{region}/routers/{router}/{name}",
        replaces=("name", "project", "region", "router", "initialNatIps", "endpointTypes", "type"),
    ),
    "gcp:compute/firewall:Firewall": Kind(  # compute/resource_compute_firewall.go; network: custom_update refuses it
        "global/firewalls/{name}", replaces=("name", "project", "network", "direction")
    ),
    "gcp:compute/globalAddress:GlobalAddress": Kind(  # compute/resource_compute_global_address.go
        "global/addresses/{name}", replaces=(), everything=True, keeps=("labels", "deletionPolicy")
    ),
    "gcp:compute/address:Address": Kind(  # compute/resource_compute_address.go: immutable but for labels
        "regions/{region}/addresses/{name}", replaces=(), everything=True, keeps=("labels", "deletionPolicy")
    ),
    "gcp:compute/securityPolicy:SecurityPolicy": Kind(  # compute/resource_compute_security_policy.go
        "global/securityPolicies/{name}", replaces=("name", "project", "type")
    ),
    "gcp:serviceaccount/account:Account": Kind(  # resource_google_service_account.go; Pulumi does not name it
        "serviceAccounts/{accountId}@{project}.iam.gserviceaccount.com",
        replaces=("accountId", "project"),
        autonamed=False,
    ),
    "gcp:projects/iAMMember:IAMMember": Kind(  # tpgiamresource: every field is ForceNew
        "iamPolicy/{role}/{member}", replaces=(), everything=True, autonamed=False
    ),
    "gcp:serviceaccount/iAMMember:IAMMember": Kind(  # tpgiamresource, as above
        "iamPolicy/{serviceAccountId}/{role}/{member}", replaces=(), everything=True, autonamed=False
    ),
    "gcp:container/cluster:Cluster": Kind(  # container/resource_container_cluster.go
        "locations/{location}/clusters/{name}",
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
            *NODE_CONFIG_REPLACES,  # pulumi-gcp issues 744 and 2247
        ),
        keeps=(
            *(f"nodeConfig.{name}" for name in NODE_CONFIG_KEEPS),
            "ipAllocationPolicy.additionalPodRangesConfig",
            "ipAllocationPolicy.additionalIpRangesConfigs",
            "ipAllocationPolicy.autoIpamConfig",
            "ipAllocationPolicy.networkTierConfig",
            "ipAllocationPolicy.podCidrOverprovisionConfig.disabled",
            "ipAllocationPolicy.stackType",
            "tpuConfig.ipv4CidrBlock",
        ),
    ),
    "gcp:container/nodePool:NodePool": Kind(  # container/resource_container_node_pool.go, container/node_config.go
        "locations/{location}/clusters/{cluster}/nodePools/{name}",
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
            *NODE_CONFIG_REPLACES,
        ),
        keeps=(
            *(f"nodeConfig.{name}" for name in NODE_CONFIG_KEEPS),
            "networkConfig.enablePrivateNodes",
            "networkConfig.networkPerformanceConfig",
            "networkConfig.additionalNodeNetworkConfigs.stackType",
            "networkConfig.podCidrOverprovisionConfig.disabled",
            "placementPolicy.type",
            "placementPolicy.tpuTopology",
        ),
    ),
}

SWITCHES_FOR_GOOD = {  # container/resource_container_cluster.go, isBeenEnabled: switching off replaces the cluster
    ("gcp:container/cluster:Cluster", "enableL4IlbSubsetting"),
    ("gcp:container/cluster:Cluster", "enableFqdnNetworkPolicy"),
}


def replaced_by(token: str, path: str, old: Any, new: Any) -> bool:
    """Whether this change of a property, such as nodeConfig.machineType or allows[0].ports, replaces the resource."""
    kind, name = KINDS[token], re.sub(r"\[[^]]*\]", "", path)
    if (token, path) == ("gcp:compute/subnetwork:Subnetwork", "ipCidrRange"):
        return not _grows(old, new)
    if (token, name) in SWITCHES_FOR_GOOD:
        return bool(old) and not new
    holding = [one for one in (*kind.replaces, *kind.keeps) if _within(name, one)]
    return max(holding, key=len) in kind.replaces if holding else kind.everything


def _within(path: str, whole: str) -> bool:
    return path == whole or path.startswith(f"{whole}.")


def _grows(old: Any, new: Any) -> bool:
    """compute/resource_compute_subnetwork.go, IsShrinkageIpCidr."""
    try:
        return ipaddress.IPv4Network(old).subnet_of(ipaddress.IPv4Network(new))
    except (TypeError, ValueError):
        return False
