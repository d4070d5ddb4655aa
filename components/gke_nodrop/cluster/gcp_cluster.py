"""The cluster as Google Cloud takes it, from a component's inputs, and the defaults that no input changes."""

import pulumi_gcp as gcp

from gke_nodrop.cluster.access import AccessArgs, apply_access
from gke_nodrop.cluster.cluster_args import AutopilotClusterArgs, Datapath, StandardClusterArgs, further_zones
from gke_nodrop.cluster.operations import OperationsArgs, apply_operations, backup_agent
from gke_nodrop.cluster.security import SecurityArgs, apply_security
from gke_nodrop.cluster.upgrades import ClusterUpgradesArgs, apply_upgrades


def _common(
    args: StandardClusterArgs | AutopilotClusterArgs, account: "gcp.serviceaccount.Account", *, legacy: bool = False
) -> "gcp.container.ClusterArgs":
    """What both kinds of cluster have in common."""
    network = args["network"]
    cluster = gcp.container.ClusterArgs(
        location=args["location"],
        network=network["network"],
        subnetwork=network["subnetwork"],
        networking_mode="VPC_NATIVE",
        ip_allocation_policy=gcp.container.ClusterIpAllocationPolicyArgs(
            cluster_secondary_range_name=network["pods_range"],
            services_secondary_range_name=network["services_range"],
            stack_type="IPV4_IPV6" if network.get("dual_stack") else None,
        ),
        resource_labels=args.get("resource_labels"),
        deletion_protection=args.get("deletion_protection", True),
    )
    apply_access(cluster, args.get("access", AccessArgs()))
    apply_security(cluster, args.get("security", SecurityArgs()), account.project)
    apply_upgrades(cluster, args.get("upgrades", ClusterUpgradesArgs()))
    apply_operations(cluster, args.get("operations", OperationsArgs()), has_dataplane_v2=not legacy)
    return cluster


def standard(args: StandardClusterArgs, account: "gcp.serviceaccount.Account") -> "gcp.container.ClusterArgs":
    """A Standard cluster without nodes."""
    legacy = Datapath(args.get("datapath", Datapath.DATAPLANE_V2)) is Datapath.LEGACY
    cluster = _common(args, account, legacy=legacy)
    cluster.datapath_provider = "LEGACY_DATAPATH" if legacy else "ADVANCED_DATAPATH"
    cluster.node_locations = further_zones(args)
    cluster.enable_shielded_nodes = True
    cluster.default_max_pods_per_node = args["network"].get("pods_per_node")  # the range for pods is sized for it
    # Without enforcement a NetworkPolicy does nothing; Dataplane V2 enforces always. Source: Google, Network policies.
    cluster.network_policy = gcp.container.ClusterNetworkPolicyArgs(
        enabled=legacy, provider="CALICO" if legacy else None
    )
    cluster.addons_config = gcp.container.ClusterAddonsConfigArgs(
        http_load_balancing=gcp.container.ClusterAddonsConfigHttpLoadBalancingArgs(disabled=False),
        network_policy_config=gcp.container.ClusterAddonsConfigNetworkPolicyConfigArgs(disabled=not legacy),
        # A lookup needs no conntrack entry and no other node. Source: Google, Setting up NodeLocal DNSCache.
        dns_cache_config=gcp.container.ClusterAddonsConfigDnsCacheConfigArgs(enabled=True),
        gke_backup_agent_config=backup_agent(args.get("operations", OperationsArgs())),
    )
    cluster.enable_intranode_visibility = True  # flow logs and firewalls see packets between pods of one node too
    cluster.node_pool_defaults = gcp.container.ClusterNodePoolDefaultsArgs(
        node_config_defaults=gcp.container.ClusterNodePoolDefaultsNodeConfigDefaultsArgs(
            insecure_kubelet_readonly_port_enabled="FALSE"
        )
    )
    # Autopilot has the Gateway API; here it has to be enabled. Source: Google, Deploying Gateways.
    cluster.gateway_api_config = gcp.container.ClusterGatewayApiConfigArgs(channel="CHANNEL_STANDARD")
    # GKE makes a default pool. It goes at once: a change to the cluster's own nodes would replace the cluster.
    cluster.initial_node_count = 1
    cluster.remove_default_node_pool = True
    cluster.node_config = gcp.container.ClusterNodeConfigArgs(
        service_account=account.email,
        boot_disk_kms_key=args.get("security", SecurityArgs()).get("disks_key"),
        workload_metadata_config=gcp.container.ClusterNodeConfigWorkloadMetadataConfigArgs(mode="GKE_METADATA"),
        shielded_instance_config=gcp.container.ClusterNodeConfigShieldedInstanceConfigArgs(
            enable_secure_boot=True, enable_integrity_monitoring=True
        ),
    )
    return cluster


def autopilot(args: AutopilotClusterArgs, account: "gcp.serviceaccount.Account") -> "gcp.container.ClusterArgs":
    """An Autopilot cluster."""
    cluster = _common(args, account)
    cluster.enable_autopilot = True
    cluster.cluster_autoscaling = gcp.container.ClusterClusterAutoscalingArgs(
        auto_provisioning_defaults=gcp.container.ClusterClusterAutoscalingAutoProvisioningDefaultsArgs(
            service_account=account.email,
            oauth_scopes=["https://www.googleapis.com/auth/cloud-platform"],  # IAM decides, not scopes
            boot_disk_kms_key=args.get("security", SecurityArgs()).get("disks_key"),
        )
    )
    cluster.node_pool_auto_config = gcp.container.ClusterNodePoolAutoConfigArgs(
        node_kubelet_config=gcp.container.ClusterNodePoolAutoConfigNodeKubeletConfigArgs(
            insecure_kubelet_readonly_port_enabled="FALSE"
        )
    )
    cluster.addons_config = gcp.container.ClusterAddonsConfigArgs(
        gke_backup_agent_config=backup_agent(args.get("operations", OperationsArgs()))
    )
    return cluster
