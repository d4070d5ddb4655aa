"""What every stack stands on: network, cluster, nodes."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pulumi

from gke_nodrop import AutopilotCluster, Datapath, Fault, Network, NodePool, StandardCluster, faults_of
from stacks.settings import ClusterKind, StackSettings, region

NAME = "nodrop"


@dataclass(frozen=True)
class Foundation:
    """A cluster that can be deployed to."""

    options: pulumi.ResourceOptions
    """For what runs on it: its provider; and first come nodes, NAT and firewall, which outlive every Namespace."""
    kubeconfig: pulumi.Output[str]
    """Secret."""
    cluster_id: pulumi.Output[str]
    """What another program gives its Kubernetes provider as `cluster_identifier`, beside the kubeconfig."""


def refused(settings: StackSettings) -> Iterator[Fault]:
    """What network and cluster would refuse of the settings."""
    if not region():
        return
    wrong = faults_of(Network, NAME, {"region": region()})
    yield from (replace(fault, input="gcp:region") for fault in wrong)
    if "zones" in settings and not wrong:
        network = {"network": NAME, "subnetwork": NAME, "pods_range": NAME, "services_range": NAME}
        args = {"location": region(), "network": network, "zones": settings["zones"]}
        for fault in faults_of(StandardCluster, NAME, args):
            whole = fault.input == "zones"
            yield replace(fault, would_pass=json.dumps(default_zones())) if whole else fault


def default_zones() -> list[str]:
    """Zones of the nodes where none are chosen."""
    return [f"{region()}-b", f"{region()}-c"]


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
    return Foundation(options=options, kubeconfig=cluster.kubeconfig, cluster_id=cluster.cluster_id)
