"""Which changes replace a GCP resource, which resources Pulumi names, and where in GCP each resource stands.

Made by hand for the resources that the library uses; a resource that is not listed cannot be created here. Source of
the replacements: GoogleCloudPlatform/magic-modules (which generates the Terraform provider under pulumi-gcp) at
d57784406a, `immutable` in mmv1/products and `ForceNew` in mmv1/third_party/terraform/services.
"""

import ipaddress
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
    """Exceptions from `replaces`."""
    autonamed: bool = True
    """Whether Pulumi makes a name of up to 63 characters: the resource's own, a hyphen and 7 hexadecimal digits."""
    everything: bool = False
    """Whether every change replaces it, but for `keeps`."""


NODE_CONFIG_KEEPS = (  # node_config.go.tmpl, nodePoolNodeConfigUpdate: updated in place, by a rollout of the nodes
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

KINDS = {
    "gcp:compute/network:Network": Kind(  # products/compute/Network.yaml
        "global/networks/{name}",
        replaces=("name", "project", "description", "autoCreateSubnetworks", "internalIpv6Range", "networkProfile"),
    ),
    "gcp:compute/subnetwork:Subnetwork": Kind(  # products/compute/Subnetwork.yaml: immutable but for `keeps`
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
        ),
    ),
    "gcp:compute/router:Router": Kind(  # products/compute/Router.yaml
        "regions/{region}/routers/{name}",
        replaces=("name", "project", "region", "network", "encryptedInterconnectRouter"),
    ),
    "gcp:compute/routerNat:RouterNat": Kind(  # products/compute/RouterNat.yaml
        "regions/{region}/routers/{router}/{name}",
        replaces=("name", "project", "region", "router", "initialNatIps", "endpointTypes", "type"),
    ),
    "gcp:compute/firewall:Firewall": Kind(  # products/compute/Firewall.yaml; network: custom_update refuses it
        "global/firewalls/{name}", replaces=("name", "project", "network", "direction")
    ),
    "gcp:compute/globalAddress:GlobalAddress": Kind(  # products/compute/GlobalAddress.yaml: immutable but for labels
        "global/addresses/{name}", replaces=(), everything=True, keeps=("labels",)
    ),
    "gcp:compute/address:Address": Kind(  # products/compute/Address.yaml: immutable but for labels
        "regions/{region}/addresses/{name}", replaces=(), everything=True, keeps=("labels",)
    ),
    "gcp:compute/securityPolicy:SecurityPolicy": Kind(  # resource_compute_security_policy.go.tmpl
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
    "gcp:container/cluster:Cluster": Kind(  # resource_container_cluster.go.tmpl
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
            "nodeConfig",  # node_config.go.tmpl: ForceNew as a whole; pulumi-gcp issues 744 and 2247
        ),
        keeps=(
            *(f"nodeConfig.{name}" for name in NODE_CONFIG_KEEPS),
            "ipAllocationPolicy.additionalPodRangesConfigs",
            "ipAllocationPolicy.additionalIpRangesConfigs",
            "ipAllocationPolicy.autoIpamConfig",
        ),
    ),
    "gcp:container/nodePool:NodePool": Kind(  # resource_container_node_pool.go.tmpl, node_config.go.tmpl
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
            "nodeConfig",
        ),
        keeps=(
            *(f"nodeConfig.{name}" for name in NODE_CONFIG_KEEPS),
            "networkConfig.enablePrivateNodes",
            "networkConfig.networkPerformanceConfig",
        ),
    ),
}


def replaced_by(token: str, path: str, old: Any, new: Any) -> bool:
    """Whether this change of a property, such as nodeConfig.machineType or allows[0].ports, replaces the resource."""
    kind, name = KINDS[token], path.replace("[", ".[")
    if (token, path) == ("gcp:compute/subnetwork:Subnetwork", "ipCidrRange"):
        return not _grows(old, new)
    if any(_within(name, kept) for kept in kind.keeps):
        return False
    return kind.everything or any(_within(name, one) for one in kind.replaces)


def _within(path: str, whole: str) -> bool:
    return path == whole or path.startswith(f"{whole}.")


def _grows(old: Any, new: Any) -> bool:
    """resource_compute_subnetwork.go.tmpl, IsShrinkageIpCidr."""
    try:
        return ipaddress.IPv4Network(old).subnet_of(ipaddress.IPv4Network(new))
    except (TypeError, ValueError):
        return False
