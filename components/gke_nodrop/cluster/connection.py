"""The way to a cluster: its kubeconfig, and a Kubernetes provider that knows which cluster it speaks to."""

import pulumi
import pulumi_gcp as gcp
import pulumi_kubernetes as k8s

from gke_nodrop.cluster.access import Endpoint
from gke_nodrop.cluster.kubeconfig import kubeconfig
from gke_nodrop.shared.cluster_provider import ClusterProvider


def connect(
    name: str, cluster: "gcp.container.Cluster", endpoint: Endpoint, zones: int | None, opts: pulumi.ResourceOptions
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
    return secret, ClusterProvider(name, kubeconfig=secret, cluster_identifier=cluster.id, zones=zones, opts=opts)


def _dns_endpoint(config: "gcp.container.outputs.ClusterControlPlaneEndpointsConfig") -> str:
    dns = config.dns_endpoint_config
    return (dns.endpoint if dns else None) or ""
