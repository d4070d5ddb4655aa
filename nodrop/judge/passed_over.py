"""Objects that are not read, named with the reason: a verdict says nothing about them."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from nodrop.gke.kinds import CALICO, GATEWAY_API, GKE_NETWORKING, LISTENER_SETS, VERSIONS, group_of
from nodrop.judge.judgement import PassedOver, Positions
from nodrop.paths import Manifest, ReadingError
from nodrop.paths.fields import ref_of, whole
from nodrop.paths.workloads import made_by_others
from nodrop.rollout import ObjectRef

_OTHER_ARITHMETIC = "its pods are replaced in another way than a Deployment's"
_NO_LOAD_BALANCER = "its requests come another way than over a load balancer's HTTP routes"
_CALLED_OUT = "requests pass a service that it names, whose rollouts and failures are not modelled"
_TLS = "what it asks of the pods' TLS is not modelled"
_LISTENERS = "what its listeners add to a Gateway, and the routes attached to them, are not read"
_LETS_IN = "whom it lets in is not modelled"
_BUDGET = "PodDisruptionBudget"
_MESH = "what a service mesh does to requests is not modelled"
_APPLIES = "what it has the cluster apply is not read"

NOT_READ: Mapping[str, Mapping[str, str]] = {
    "argoproj.io": {"Rollout": _OTHER_ARITHMETIC, "Application": _APPLIES, "ApplicationSet": _APPLIES},
    "helm.toolkit.fluxcd.io": {"HelmRelease": _APPLIES},
    "kustomize.toolkit.fluxcd.io": {"Kustomization": _APPLIES},
    "apps": dict.fromkeys(("StatefulSet", "DaemonSet", "ReplicaSet"), _OTHER_ARITHMETIC),
    "": {"Pod": "a pod that no controller replaces", "ReplicationController": _OTHER_ARITHMETIC},
    "serving.knative.dev": dict.fromkeys(("Service", "Configuration", "Revision"), _OTHER_ARITHMETIC),
    GATEWAY_API: {
        **dict.fromkeys(("GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"), _NO_LOAD_BALANCER),
        "BackendTLSPolicy": _TLS,
        "ListenerSet": _LISTENERS,
    },
    LISTENER_SETS["XListenerSet"]: {"XListenerSet": _LISTENERS},
    "networking.istio.io": dict.fromkeys(
        ("VirtualService", "DestinationRule", "Gateway", "Sidecar", "EnvoyFilter"), _MESH
    ),
    "security.istio.io": dict.fromkeys(("AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"), _MESH),
    "cilium.io": dict.fromkeys(("CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"), _LETS_IN),
    "policy.networking.k8s.io": dict.fromkeys(
        ("AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"), _LETS_IN
    ),
    **{group: dict.fromkeys(("NetworkPolicy", "GlobalNetworkPolicy"), _LETS_IN) for group in CALICO},
    GKE_NETWORKING: {
        "MultiClusterIngress": _NO_LOAD_BALANCER,
        "MultiClusterService": _NO_LOAD_BALANCER,
        "GCPAuthzPolicy": _LETS_IN,
        "GCPClientTLSPolicy": _TLS,
        "GCPServerTLSPolicy": _MESH,
        "GCPSessionAffinityPolicy": "how long it keeps sessions on a pod that ends is not modelled",
        "GCPTrafficDistributionPolicy": "how it spreads requests is not modelled",
        **dict.fromkeys(("GCPRoutingExtension", "GCPTrafficExtension"), _CALLED_OUT),
    },
}
"""Reason by API group and kind."""


def reason_of(manifest: Manifest) -> str | None:
    """Why an object is not read; none where it is, or where it does not matter to requests."""
    return NOT_READ.get(group_of(manifest.get("apiVersion")), {}).get(str(manifest.get("kind")))


def passed_over(
    objects: Collection[Manifest], positions: Positions | None, on_paths: Collection[ObjectRef]
) -> Iterator[PassedOver]:
    """The objects that would matter to requests and are not read, in their order.

    Not what a workload among them has made. A Rollout that replaces the pods of a Deployment on a path is a reason of
    that path.
    """
    made = made_by_others(objects)
    for each in objects:
        reason = reason_of(each) or _without_effect(each)
        if reason and ref_of(each) not in made and _deployment_of(each) not in on_paths:
            yield PassedOver(object=ref_of(each), reason=reason, position=positions(each, "") if positions else None)


def _without_effect(manifest: Manifest) -> str | None:
    """Why a PodDisruptionBudget holds nobody back. Source: Kubernetes API, PodDisruptionBudgetSpec v1 policy."""
    is_budget = manifest.get("apiVersion") in VERSIONS[_BUDGET] and manifest.get("kind") == _BUDGET
    with suppress(ReadingError):
        if is_budget and whole(manifest)["spec"]["selector"].value is None:
            return "without a selector it selects no pods; wanted the labels of those that it is to keep"
    return None


def _deployment_of(manifest: Manifest) -> ObjectRef | None:
    """The Deployment that an Argo Rollout names as its workload. Source: Argo Rollouts, Migrating to Rollouts."""
    spec = manifest.get("spec")
    workload = spec.get("workloadRef") if isinstance(spec, dict) else None
    if not isinstance(workload, dict) or (workload.get("kind") or "Deployment") != "Deployment":
        return None
    return replace(ref_of(manifest), kind="Deployment", name=str(workload.get("name")))
