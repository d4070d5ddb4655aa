"""Who may connect to the pods: the load balancer, the peers that are stated, and nobody else.

Probes come from the pod's own node, which no NetworkPolicy keeps out. Source: kubernetes.io, Network Policies. Not
here: the VPC's firewall (`network`), what the pods themselves connect to.
"""

from typing import Annotated, Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example
from gke_nodrop.inputs.types import DnsLabel, Ipv4Range
from gke_nodrop.shared.names import labels
from nodrop.rollout.facts import LOAD_BALANCER_RANGES

_LABEL_SOURCE = "kubernetes.io, Labels and Selectors"

LabelKey = Annotated[
    str,
    limits.matching(
        r"([a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?",
        "a label's key, such as app.kubernetes.io/name",
        _LABEL_SOURCE,
    ),
    Example("app.kubernetes.io/name"),
]
LabelValue = Annotated[
    str,
    limits.matching(
        r"([A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?)?",
        "a label's value: letters, digits, hyphens, dots and underscores, at most 63",
        _LABEL_SOURCE,
    ),
    Example("collector"),
]


class PodsPeerArgs(TypedDict):
    """Pods that may connect."""

    namespace: NotRequired[Annotated[DnsLabel, Example("monitoring")]]
    """Name of their Namespace. Default: the same as the policy's."""
    labels: NotRequired[dict[LabelKey, LabelValue]]
    """Their labels. Default: all pods of that Namespace."""


class NetworkPolicyArgs(TypedDict):
    """Who may connect besides the load balancer: nobody, unless stated here."""

    proxy_only_range: NotRequired[pulumi.Input[Annotated[Ipv4Range, Example("10.40.0.0/23")]]]
    """Range (CIDR) of the region's proxy-only subnet, where the load balancer is internal or regional: from there its
    requests come, while the health checks come from Google's own ranges still."""
    ranges: NotRequired[list[pulumi.Input[Annotated[Ipv4Range, Example("10.50.0.0/24")]]]]
    """Further ranges (CIDR)."""
    pods: NotRequired[list[PodsPeerArgs]]
    """Pods of the cluster, such as those of monitoring or of other services."""


def network_policy(
    name: str,
    namespace: pulumi.Input[str],
    args: NetworkPolicyArgs,
    *,
    ports: list[int],
    names: list[str],
    opts: pulumi.ResourceOptions,
) -> "k8s.networking.v1.NetworkPolicy":
    """The policy of the component's pods.

    Ports stand there by number, and the ones that a load balancer uses by name too: a name means each pod's own number,
    so that a changed one cuts neither the old pods off nor the new ones.

    Args:
        name: the component's.
        namespace: of the pods.
        args: the inputs.
        ports: numbers of the pods' ports.
        names: names of those ports that the load balancer uses.
        opts: options of the policy.
    """
    proxies = [args["proxy_only_range"]] if "proxy_only_range" in args else []
    ranges: list[pulumi.Input[str]] = [*LOAD_BALANCER_RANGES, *proxies, *args.get("ranges", [])]
    peers = [*({"ipBlock": {"cidr": each}} for each in ranges), *map(_peer, args.get("pods", []))]
    spec: Any = {
        "podSelector": {"matchLabels": labels(name)},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": peers, "ports": [{"protocol": "TCP", "port": port} for port in (*ports, *names)]}],
    }
    return k8s.networking.v1.NetworkPolicy(name, metadata={"name": name, "namespace": namespace}, spec=spec, opts=opts)


def _peer(args: PodsPeerArgs) -> dict[str, Any]:
    pods = {"podSelector": {"matchLabels": args["labels"]} if args.get("labels") else {}}
    if "namespace" not in args:
        return pods
    return {**pods, "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": args["namespace"]}}}
