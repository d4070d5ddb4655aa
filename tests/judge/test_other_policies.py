"""A policy that is not read leaves the paths unjudged that it may concern, and no others."""

from typing import Any

import pytest

from nodrop.judge import Judgement, Verdict, judge
from nodrop.paths.fields import UNKNOWN
from tests.judge.edits import Edit, clean, edited

GKE = "networking.gke.io/v1"
GATEWAY_API = "gateway.networking.k8s.io"
CILIUM = "cilium.io/v2"
CLUSTERWIDE = "CiliumClusterwideNetworkPolicy"
OTHER_PODS = {"matchLabels": {"app": "db"}}


def policy(kind: str, version: str = GKE, namespace: str | None = "shop", **spec: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "own", "namespace": namespace}, "spec": spec}


def cilium(kind: str = "CiliumNetworkPolicy", **spec: Any) -> dict[str, Any]:
    """A policy that lets nobody in, unless it says otherwise."""
    return policy(kind, CILIUM, None if "Clusterwide" in kind else "shop", **{"ingress": [{}]} | spec)


def named(namespace: Any) -> dict[str, Any]:
    """Selects the namespace of that name."""
    return {"matchLabels": {"kubernetes.io/metadata.name": namespace}}


def calico(kind: str = "NetworkPolicy", group: str = "crd.projectcalico.org/v1", **spec: Any) -> dict[str, Any]:
    return policy(kind, group, None if "Global" in kind else "shop", **spec)


def of_subject(subject: dict[str, Any], kind: str = "AdminNetworkPolicy", version: str = "v1alpha1") -> dict[str, Any]:
    return policy(kind, f"policy.networking.k8s.io/{version}", None, subject=subject)


def target(kind: str, name: str) -> dict[str, str]:
    return {"group": GATEWAY_API if kind == "Gateway" else "", "kind": kind, "name": name}


def reasons(judgement: Judgement) -> tuple[str, ...]:
    [path] = judgement.paths
    return path.not_judged


EXTENSION, SPREAD = "GCPTrafficExtension", "GCPTrafficDistributionPolicy"
SHOP, WEB = target("Gateway", "shop"), target("Service", "web")


@pytest.mark.parametrize(
    "policy",
    [
        policy(SPREAD, targetRefs=[target("Service", "other"), WEB]),
        policy(EXTENSION, targetRefs=[SHOP]),
        policy("GCPRoutingExtension", targetRefs=[SHOP]),
        policy("GCPAuthzPolicy", targetRefs=[SHOP]),
        policy("GCPAuthzPolicy", targetRefs=[{"kind": "Pod", "selector": {"matchLabels": {"app": "web"}}}]),
        policy("GCPSessionAffinityPolicy", targetRef=WEB),
        policy("GCPClientTLSPolicy", targetRefs=[WEB]),
        policy("BackendTLSPolicy", f"{GATEWAY_API}/v1", targetRefs=[WEB]),
        policy("BackendTLSPolicy", f"{GATEWAY_API}/v1alpha3", targetRefs=[WEB | {"sectionName": "http"}]),
        policy("BackendTLSPolicy", f"{GATEWAY_API}/v1", targetRefs=[WEB | {"sectionName": UNKNOWN}]),
        policy("GCPClientTLSPolicy", targetRefs=[target("Namespace", "shop")]),
        policy(EXTENSION, targetRefs="unreadable"),
        policy(EXTENSION),
        cilium(endpointSelector={}),
        cilium(endpointSelector={"matchLabels": {"k8s:app": "web"}}),
        cilium(endpointSelector={"matchLabels": {"io.kubernetes.pod.namespace": "a"}}),
        cilium(endpointSelector={"matchLabels": {"reserved:ingress": ""}}),
        cilium(endpointSelector=OTHER_PODS)
        | {"specs": [{"endpointSelector": OTHER_PODS}, {"endpointSelector": {}, "ingressDeny": [{}]}]},
        cilium(endpointSelector={}, ingress=[], enableDefaultDeny={"ingress": True}),
        cilium(endpointSelector={}, ingress="unreadable"),
        cilium(CLUSTERWIDE, endpointSelector={"matchLabels": {"any:app": "web"}}),
        calico(selector="app == 'web'", ingress=[{"action": "Deny"}]),
        calico(selector='app == "web" && projectcalico.org/orchestrator == "k8s"', types=["Egress", "Ingress"]),
        calico("GlobalNetworkPolicy", "projectcalico.org/v3", selector="all()", types=["Ingress"]),
        calico("NetworkPolicy", "projectcalico.org/v3", selector="app in {'web'}"),
        calico(selector=["unreadable"]),
        of_subject({"namespaces": {}}),
        of_subject({"namespaces": named("shop")}),
        of_subject({"namespaces": {"matchLabels": {"team": "other"}}}),
        of_subject({"namespaces": {"matchExpressions": [{"key": ["team"], "operator": "Exists"}]}}),
        of_subject({"pods": {"namespaceSelector": named("shop"), "podSelector": {}}}),
        of_subject({"namespaceSelector": named("kube-system")}),
        of_subject({"pods": {"podSelector": {"matchLabels": {"app": "web"}}}}, "ClusterNetworkPolicy", "v1alpha2"),
    ],
    ids=str,
)
def test_one_that_may_concern_the_path_leaves_it_not_judged(policy):
    judgement = judge([*clean("gateway"), policy])
    assert judgement.verdict == Verdict.NOT_JUDGED
    [reason] = reasons(judgement)
    assert f"{policy['kind']} " in reason


@pytest.mark.parametrize(
    "policy",
    [
        policy(SPREAD, targetRefs=[target("Service", "other")]),
        policy(SPREAD, namespace="other", targetRefs=[WEB]),
        policy("BackendTLSPolicy", f"{GATEWAY_API}/v1", targetRefs=[target("Service", "other")]),
        policy("BackendTLSPolicy", f"{GATEWAY_API}/v1", targetRefs=[WEB | {"sectionName": "admin"}]),
        policy(EXTENSION, targetRefs=[target("Gateway", "other")]),
        policy("GCPAuthzPolicy", targetRefs=[{"kind": "Pod", "selector": OTHER_PODS}]),
        policy("GCPClientTLSPolicy", namespace="other", targetRefs=[target("Namespace", "other")]),
        cilium(endpointSelector=OTHER_PODS),
        cilium(endpointSelector={"matchLabels": {"k8s:app": "db"}}),
        cilium(CLUSTERWIDE, endpointSelector=OTHER_PODS),
        cilium(CLUSTERWIDE, nodeSelector={}),
        cilium(endpointSelector={}, ingress=[], egress=[{"toEntities": ["cluster"]}]),
        cilium(endpointSelector={}, ingress=None, egressDeny=[{}], enableDefaultDeny={"ingress": False}),
        cilium(endpointSelector=OTHER_PODS) | {"specs": [{"endpointSelector": {}, "egress": [{}]}]},
        calico(selector="app == 'web'", egress=[{"action": "Allow"}]),
        calico(selector="app == 'web'", types=["Egress"], ingress=[]),
        calico(selector="app == 'db'", types=["Ingress"]),
        calico("GlobalNetworkPolicy", "projectcalico.org/v3", selector="all()", types=["Egress"]),
        of_subject({"pods": {"namespaceSelector": {}, "podSelector": OTHER_PODS}}),
        of_subject({"pods": {"namespaceSelector": named("kube-system"), "podSelector": {}}}),
        of_subject({"namespaces": named("kube-system")}),
    ],
    ids=str,
)
def test_one_that_concerns_others_is_passed_over(policy):
    judgement = judge([*clean("gateway"), policy])
    assert judgement.verdict == Verdict.CLEAN
    assert [each.object.kind for each in judgement.passed_over] == [policy["kind"]]


@pytest.mark.parametrize(("team", "verdict"), [("own", Verdict.CLEAN), ("other", Verdict.NOT_JUDGED)])
def test_labels_of_a_namespace_among_the_objects_decide(team, verdict):
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"team": team}}}
    others = of_subject({"namespaces": {"matchLabels": {"team": "other"}}})
    assert judge([*clean("gateway"), namespace, others]).verdict == verdict


@pytest.mark.parametrize("kind", [SPREAD, EXTENSION])
def test_one_of_gateways_does_not_concern_an_ingress(kind):
    assert judge([*clean("ingress"), policy(kind, targetRefs=[WEB, SHOP])]).verdict == Verdict.CLEAN


@pytest.mark.parametrize("of", ["filters", "backendRefs.0.filters"])
def test_what_an_extension_does_to_a_route_is_not_judged(of):
    extension = {"group": "networking.gke.io", "kind": "GCPHTTPFilter", "name": "own"}
    filters = [{"type": "ExtensionRef", "extensionRef": extension}]
    [reason] = reasons(judge(edited(Edit(f"HTTPRoute:spec.rules.0.{of}", filters, base="gateway"))))
    assert "filters[0].extensionRef: what the extension does" in reason


def test_one_beside_a_gateway_in_another_namespace_concerns_the_path():
    objects = clean("gateway")
    for each in objects:
        if each["kind"] == "Gateway":
            each["metadata"]["namespace"] = "front"
            each["spec"]["listeners"][0]["allowedRoutes"] = {"namespaces": {"from": "All"}}
        elif each["kind"] == "HTTPRoute":
            each["spec"]["parentRefs"][0]["namespace"] = "front"
    assert judge(objects).verdict == Verdict.CLEAN
    assert reasons(judge([*objects, policy(EXTENSION, namespace="front", targetRefs=[SHOP])]))
    assert judge([*objects, policy(EXTENSION, targetRefs=[SHOP])]).verdict == Verdict.CLEAN
