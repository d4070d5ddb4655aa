"""GKE clusters that container-native load balancing works on: Standard and Autopilot.

Both are VPC-native, with private nodes, Workload Identity and a service account of their own. Pulumi names them, so
that a replacement can stand beside the old cluster. Not here: a Standard cluster's nodes (`node_pool`), maintenance
windows.
"""

from typing import Any, Unpack, overload

import pulumi
import pulumi_gcp as gcp
import pulumi_kubernetes as k8s

from gke_nodrop.cluster import node_account
from gke_nodrop.cluster.cluster_args import (
    AccessArgs,
    AutopilotClusterArgs,
    Datapath,
    Endpoint,
    ReleaseChannel,
    StandardClusterArgs,
)
from gke_nodrop.cluster.kubeconfig import kubeconfig
from gke_nodrop.inputs.component import checked_inputs
from gke_nodrop.shared import options

_TIMEOUTS = pulumi.CustomTimeouts(create="60m", update="120m", delete="60m")
"""Upgrades run long: GKE drains each node for up to an hour. Source: Google, Standard cluster upgrades."""


def _common_args(
    args: StandardClusterArgs | AutopilotClusterArgs, account: "gcp.serviceaccount.Account"
) -> "gcp.container.ClusterArgs":
    """What both kinds of cluster have in common."""
    network = args["network"]
    channel = ReleaseChannel(args.get("upgrades", {}).get("release_channel", ReleaseChannel.REGULAR))
    cluster = gcp.container.ClusterArgs(
        location=args["location"],
        network=network["network"],
        subnetwork=network["subnetwork"],
        networking_mode="VPC_NATIVE",
        ip_allocation_policy=gcp.container.ClusterIpAllocationPolicyArgs(
            cluster_secondary_range_name=network["pods_range"],
            services_secondary_range_name=network["services_range"],
        ),
        private_cluster_config=gcp.container.ClusterPrivateClusterConfigArgs(
            enable_private_nodes=True,
            enable_private_endpoint=_endpoint(args) is Endpoint.DNS,  # GKE reports true where there is no IP endpoint
        ),
        control_plane_endpoints_config=gcp.container.ClusterControlPlaneEndpointsConfigArgs(
            dns_endpoint_config=gcp.container.ClusterControlPlaneEndpointsConfigDnsEndpointConfigArgs(
                allow_external_traffic=_endpoint(args) is Endpoint.DNS
            ),
            ip_endpoints_config=gcp.container.ClusterControlPlaneEndpointsConfigIpEndpointsConfigArgs(
                enabled=_endpoint(args) is Endpoint.IP
            ),
        ),
        workload_identity_config=gcp.container.ClusterWorkloadIdentityConfigArgs(
            workload_pool=account.project.apply(lambda project: f"{project}.svc.id.goog")
        ),
        release_channel=gcp.container.ClusterReleaseChannelArgs(channel=channel.upper()),
        deletion_protection=args.get("deletion_protection", True),
    )
    networks = args.get("access", AccessArgs()).get("authorized_networks", {})
    if networks:
        cluster.master_authorized_networks_config = gcp.container.ClusterMasterAuthorizedNetworksConfigArgs(
            cidr_blocks=[
                gcp.container.ClusterMasterAuthorizedNetworksConfigCidrBlockArgs(display_name=label, cidr_block=cidr)
                for label, cidr in networks.items()
            ],
            # Else every address of Google Cloud, other customers' included, reaches the control plane too.
            gcp_public_cidrs_access_enabled=False,
        )
    return cluster


def _standard_args(args: StandardClusterArgs, account: "gcp.serviceaccount.Account") -> "gcp.container.ClusterArgs":
    cluster = _common_args(args, account)
    legacy = Datapath(args.get("datapath", Datapath.DATAPLANE_V2)) is Datapath.LEGACY
    cluster.datapath_provider = "LEGACY_DATAPATH" if legacy else "ADVANCED_DATAPATH"
    cluster.node_locations = args.get("zones")
    cluster.enable_shielded_nodes = True
    # Without enforcement a NetworkPolicy does nothing; Dataplane V2 enforces always. Source: Google, Network policies.
    cluster.network_policy = gcp.container.ClusterNetworkPolicyArgs(enabled=True, provider="CALICO") if legacy else None
    cluster.addons_config = gcp.container.ClusterAddonsConfigArgs(
        http_load_balancing=gcp.container.ClusterAddonsConfigHttpLoadBalancingArgs(disabled=False),
        network_policy_config=gcp.container.ClusterAddonsConfigNetworkPolicyConfigArgs(disabled=not legacy),
    )
    # Autopilot has the Gateway API; here it has to be enabled. Source: Google, Deploying Gateways.
    cluster.gateway_api_config = gcp.container.ClusterGatewayApiConfigArgs(channel="CHANNEL_STANDARD")
    # GKE makes a default pool. It goes at once: a change to the cluster's own nodes would replace the cluster.
    cluster.initial_node_count = 1
    cluster.remove_default_node_pool = True
    cluster.node_config = gcp.container.ClusterNodeConfigArgs(
        service_account=account.email,
        shielded_instance_config=gcp.container.ClusterNodeConfigShieldedInstanceConfigArgs(
            enable_secure_boot=True, enable_integrity_monitoring=True
        ),
    )
    return cluster


def _autopilot_args(args: AutopilotClusterArgs, account: "gcp.serviceaccount.Account") -> "gcp.container.ClusterArgs":
    cluster = _common_args(args, account)
    cluster.enable_autopilot = True
    cluster.cluster_autoscaling = gcp.container.ClusterClusterAutoscalingArgs(
        auto_provisioning_defaults=gcp.container.ClusterClusterAutoscalingAutoProvisioningDefaultsArgs(
            service_account=account.email,
            oauth_scopes=["https://www.googleapis.com/auth/cloud-platform"],  # IAM decides, not scopes
        )
    )
    return cluster


def _endpoint(args: StandardClusterArgs | AutopilotClusterArgs) -> Endpoint:
    return Endpoint(Endpoint(args.get("access", AccessArgs()).get("endpoint", Endpoint.DNS)))


def _protect(args: StandardClusterArgs | AutopilotClusterArgs) -> bool | None:
    """With the provider's protection alone, `pulumi destroy` would be refused only once all that runs there is gone."""
    return args.get("deletion_protection", True) or None


def _connect(
    name: str, cluster: "gcp.container.Cluster", endpoint: Endpoint, opts: pulumi.ResourceOptions
) -> tuple[pulumi.Output[str], k8s.Provider]:
    """The kubeconfig, secret, and a provider that knows which cluster it speaks to.

    The provider's identifier is the cluster's id: with a constant one, a replaced cluster would stay empty while all
    its objects are reported as unchanged; with none, an unknown kubeconfig plans the replacement of every object.
    """
    # The id is unknown until the cluster exists, and with it the whole kubeconfig: a preview must not dial a guess.
    if endpoint is Endpoint.DNS:
        dns = cluster.control_plane_endpoints_config.apply(_dns_endpoint)
        config = pulumi.Output.all(cluster.id, cluster.name, dns).apply(lambda it: kubeconfig(it[1], it[2], None))
    else:
        ca = cluster.master_auth.apply(lambda auth: auth.cluster_ca_certificate if auth else None)
        config = pulumi.Output.all(cluster.id, cluster.name, cluster.endpoint, ca).apply(
            lambda it: kubeconfig(it[1], it[2], it[3])
        )
    secret = pulumi.Output.secret(config)
    return secret, k8s.Provider(name, kubeconfig=secret, cluster_identifier=cluster.id, opts=opts)


def _dns_endpoint(config: "gcp.container.outputs.ClusterControlPlaneEndpointsConfig") -> str:
    dns = config.dns_endpoint_config
    return (dns.endpoint if dns else None) or ""


class StandardCluster(pulumi.ComponentResource):
    """A GKE Standard cluster without nodes; add a `NodePool` or more.

    Args:
        location: Region (the control plane survives a lost zone) or zone.
        network: Where it stands, such as `Network.cluster_network`.
        zones: Zones of the nodes, two or more.
        access: Who reaches the control plane.
        upgrades: How it gets new versions.
        datapath: Default dataplane-v2, Google's recommendation; `LegacyNodePortService` needs legacy.
        deletion_protection: Default true: `pulumi destroy` fails until it has been set to false and applied.

    Attributes: `cluster`, `node_account`, `node_role`, and `kubernetes_provider`, to be given to what runs on it.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """

    cluster_id: pulumi.Output[str]
    """Id of the cluster, the input `cluster` of `NodePool`."""
    node_service_account: pulumi.Output[str]
    """E-mail of the nodes' service account."""
    kubeconfig: pulumi.Output[str]
    """Kubeconfig for gke-gcloud-auth-plugin; secret."""

    @overload
    def __init__(self, name: str, /, args: StandardClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...

    @overload
    def __init__(
        self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[StandardClusterArgs]
    ) -> None: ...

    def __init__(
        self,
        name: str,
        /,
        args: StandardClusterArgs | Any = None,
        opts: pulumi.ResourceOptions | None = None,
        **inputs: Any,
    ) -> None:
        checked = checked_inputs(StandardCluster, name, StandardClusterArgs, args, inputs, opts)
        super().__init__("gke-nodrop:index:StandardCluster", name, {}, opts)
        here = pulumi.ResourceOptions(parent=self)
        self.node_account, self.node_role = node_account.create(name, options.first_child(self, opts))

        # GKE reports the pools' values back as node_config (pulumi-gcp issue 744).
        once = pulumi.ResourceOptions(
            ignore_changes=["node_config"],
            custom_timeouts=_TIMEOUTS,
            depends_on=[self.node_role],
            protect=_protect(checked),
        )
        cluster = _standard_args(checked, self.node_account)
        self.cluster = gcp.container.Cluster(name, cluster, pulumi.ResourceOptions.merge(here, once))
        self.kubeconfig, self.kubernetes_provider = _connect(name, self.cluster, _endpoint(checked), here)
        self.cluster_id = self.cluster.id
        self.node_service_account = self.node_account.email
        _register(self)


class AutopilotCluster(pulumi.ComponentResource):
    """A GKE Autopilot cluster; it brings its nodes itself.

    Args:
        location: Region.
        network: Where it stands, such as `Network.cluster_network`.
        access: Who reaches the control plane.
        upgrades: How it gets new versions.
        deletion_protection: Default true: `pulumi destroy` fails until it has been set to false and applied.

    Attributes: `cluster`, `node_account`, `node_role`, and `kubernetes_provider`, to be given to what runs on it.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """

    cluster_id: pulumi.Output[str]
    """Id of the cluster."""
    node_service_account: pulumi.Output[str]
    """E-mail of the nodes' service account."""
    kubeconfig: pulumi.Output[str]
    """Kubeconfig for gke-gcloud-auth-plugin; secret."""

    @overload
    def __init__(
        self, name: str, /, args: AutopilotClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None: ...

    @overload
    def __init__(
        self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[AutopilotClusterArgs]
    ) -> None: ...

    def __init__(
        self,
        name: str,
        /,
        args: AutopilotClusterArgs | Any = None,
        opts: pulumi.ResourceOptions | None = None,
        **inputs: Any,
    ) -> None:
        checked = checked_inputs(AutopilotCluster, name, AutopilotClusterArgs, args, inputs, opts)
        super().__init__("gke-nodrop:index:AutopilotCluster", name, {}, opts)
        here = pulumi.ResourceOptions(parent=self)
        self.node_account, self.node_role = node_account.create(name, options.first_child(self, opts))

        once = pulumi.ResourceOptions(custom_timeouts=_TIMEOUTS, depends_on=[self.node_role], protect=_protect(checked))
        cluster = _autopilot_args(checked, self.node_account)
        self.cluster = gcp.container.Cluster(name, cluster, pulumi.ResourceOptions.merge(here, once))
        self.kubeconfig, self.kubernetes_provider = _connect(name, self.cluster, _endpoint(checked), here)
        self.cluster_id = self.cluster.id
        self.node_service_account = self.node_account.email
        _register(self)


def _register(component: StandardCluster | AutopilotCluster) -> None:
    component.register_outputs(
        {
            "cluster_id": component.cluster_id,
            "node_service_account": component.node_service_account,
            "kubeconfig": component.kubeconfig,
        }
    )
