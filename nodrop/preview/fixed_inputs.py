"""Which inputs of a cloud resource cannot be changed in place, so that another value replaces the resource.

Known are the resources that serving paths stand on. Source: GoogleCloudPlatform/magic-modules (which generates the
Terraform provider under pulumi-gcp) at d57784406a, `immutable` in mmv1/products and `ForceNew` in
mmv1/third_party/terraform/services; pulumi/pulumi-kubernetes provider/pkg/provider/provider.go, DiffConfig.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CLUSTER = "gcp:container/cluster:Cluster"
NODE_POOL = "gcp:container/nodePool:NodePool"
NETWORK = "gcp:compute/network:Network"
SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"
PROVIDER = "pulumi:providers:kubernetes"
KINDS = {
    CLUSTER: "cluster",
    NODE_POOL: "node pool",
    NETWORK: "network",
    SUBNETWORK: "subnetwork",
    PROVIDER: "Kubernetes provider",
}
"""What people call them."""


@dataclass(frozen=True, kw_only=True)
class FixedInputs:
    """The inputs of one type of resource whose change replaces it; paths such as `nodeConfig.machineType`."""

    replaces: tuple[str, ...] = ()
    """Paths whose change, or a change below them, replaces the resource."""
    keeps: tuple[str, ...] = ()
    """Exceptions."""
    everything: bool = False
    """Whether every change replaces it, but for `keeps`."""


_NODE_CONFIG_KEEPS = (  # node_config.go.tmpl, nodePoolNodeConfigUpdate: updated in place, by a rollout of the nodes
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
)

FIXED: Mapping[str, FixedInputs] = {
    NETWORK: FixedInputs(  # products/compute/Network.yaml
        replaces=("name", "project", "description", "autoCreateSubnetworks", "internalIpv6Range", "networkProfile"),
    ),
    SUBNETWORK: FixedInputs(  # products/compute/Subnetwork.yaml: immutable but for `keeps`
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
        ),
    ),
    CLUSTER: FixedInputs(  # resource_container_cluster.go.tmpl
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
            "nodeConfig",  # node_config.go.tmpl: ForceNew as a whole; pulumi-gcp issues 744 and 2247
        ),
        keeps=(
            *(f"nodeConfig.{name}" for name in _NODE_CONFIG_KEEPS),
            "ipAllocationPolicy.additionalPodRangesConfigs",
            "ipAllocationPolicy.additionalIpRangesConfigs",
            "ipAllocationPolicy.autoIpamConfig",
        ),
    ),
    NODE_POOL: FixedInputs(  # resource_container_node_pool.go.tmpl, node_config.go.tmpl
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
            "nodeConfig",
        ),
        keeps=(
            *(f"nodeConfig.{name}" for name in _NODE_CONFIG_KEEPS),
            "networkConfig.enablePrivateNodes",
            "networkConfig.networkPerformanceConfig",
        ),
    ),
    PROVIDER: FixedInputs(replaces=("clusterIdentifier",)),
}


def replaces(resource_type: str, path: str, was: Any, becomes: Any) -> bool:
    """Whether this change of an input, such as `nodeConfig.machineType`, replaces a resource of a known type."""
    fixed = FIXED[resource_type]
    if (resource_type, path) == (SUBNETWORK, "ipCidrRange"):
        return not _grows(was, becomes)
    if any(within(path, kept) for kept in fixed.keeps):
        return False
    return fixed.everything or any(within(path, one) for one in fixed.replaces)


def within(path: str, whole: str) -> bool:
    """Whether a path is the other one, or leads on from it."""
    return path == whole or path.startswith((f"{whole}.", f"{whole}["))


def _grows(was: Any, becomes: Any) -> bool:
    """Whether a range only grows. Source: resource_compute_subnetwork.go.tmpl, IsShrinkageIpCidr."""
    try:
        return ipaddress.IPv4Network(was).subnet_of(ipaddress.IPv4Network(becomes))
    except (TypeError, ValueError):
        return False
