"""What every stack stands on: network, cluster, nodes."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from gke_nodrop import AutopilotCluster, Datapath, Network, NodePool, StandardCluster
from stacks.settings import ClusterKind, StackSettings, default_zones, region

NAME = "nodrop"


@dataclass(frozen=True)
class Foundation:
    """A cluster that can be deployed to."""

    options: pulumi.ResourceOptions
    """For what runs on it: its provider; and first come nodes, NAT and firewall, which outlive every Namespace."""
    kubeconfig: pulumi.Output[str]
    """Secret."""


def build(settings: StackSettings, *, ports: Sequence[str], kind: ClusterKind = ClusterKind.STANDARD) -> Foundation:
    """Network, cluster and nodes; `ports` are those on which load balancers reach pods and nodes.

    Every Standard cluster has the legacy datapath: NodePort needs its kube-proxy, and both ways of serving are to be
    compared on the same cluster.
    """
    network = Network(NAME, {"region": region(), "load_balancer_ports": list(ports)})
    protected = settings.get("deletion_protection", True)
    if kind is ClusterKind.AUTOPILOT:
        autopilot = AutopilotCluster(
            NAME,
            {"location": region(), "network": network.cluster_network, "deletion_protection": protected},
        )
        return _foundation(autopilot, [network, autopilot])
    cluster = StandardCluster(
        NAME,
        {
            "location": region(),
            "network": network.cluster_network,
            "zones": settings.get("zones", default_zones()),
            "datapath": Datapath.LEGACY,
            "deletion_protection": protected,
        },
    )
    nodes = NodePool(NAME, {"cluster": cluster.cluster_id, "service_account": cluster.node_service_account})
    return _foundation(cluster, [network, nodes])


def _foundation(cluster: StandardCluster | AutopilotCluster, before: list[pulumi.Resource]) -> Foundation:
    options = pulumi.ResourceOptions(provider=cluster.kubernetes_provider, depends_on=before)
    return Foundation(options=options, kubeconfig=cluster.kubeconfig)
