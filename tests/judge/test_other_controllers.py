"""Meshes that pods stay out of, one by one, and other controllers that decide about them."""

import pytest

from nodrop.judge import Verdict, judge, judge_change
from nodrop.judge.other_controllers import _DECIDES
from nodrop.paths.around import _DECIDING
from tests.judge.edits import clean

INJECT = "sidecar.istio.io/inject"
MODE = "istio.io/dataplane-mode"
KUMA = "kuma.io/sidecar-injection"
LINKERD = "linkerd.io/inject"
OF_LABELS = (INJECT, MODE, KUMA, "istio-injection", "istio.io/rev")


def judged(of_namespace, of_pods, *, place=None):
    """The clean objects, with a label or annotation of their Namespace and one of their pods."""
    objects = clean("ingress")
    template = next(each for each in objects if each["kind"] == "Deployment")["spec"]["template"]
    for metadata, (key, value), where in (
        (objects[0]["metadata"], of_namespace, None),
        (template["metadata"], of_pods, place),
    ):
        metadata.setdefault(where or ("labels" if key in OF_LABELS else "annotations"), {})[key] = value
    return judge(objects)


@pytest.mark.parametrize(
    ("of_namespace", "of_pods"),
    [
        (("istio-injection", "enabled"), ("dapr.io/enabled", "false")),
        (("istio-injection", "enabled"), (LINKERD, "disabled")),
        (("istio.io/rev", "stable"), (MODE, "none")),
        ((MODE, "ambient"), (INJECT, "false")),
        ((LINKERD, "enabled"), (INJECT, "false")),
        ((KUMA, "enabled"), (LINKERD, "disabled")),
        (("istio-injection", "enabled"), (INJECT, "disabled")),
        ((MODE, "ambient"), (MODE, "false")),
        ((LINKERD, "enabled"), (LINKERD, "false")),
        ((KUMA, "enabled"), (KUMA, "none")),
    ],
)
def test_pods_that_decline_another_mesh_or_in_other_words_are_in_that_of_their_namespace(of_namespace, of_pods):
    judgement = judged(of_namespace, of_pods)
    assert judgement.verdict == Verdict.NOT_JUDGED
    [path] = judgement.paths
    assert [of_namespace[0] in each for each in path.not_judged] == [True]


@pytest.mark.parametrize(
    ("of_namespace", "of_pods"),
    [
        (("istio-injection", "enabled"), (INJECT, "false")),
        (("istio.io/rev", "stable"), (INJECT, "false")),
        ((MODE, "ambient"), (MODE, "none")),
        ((LINKERD, "enabled"), (LINKERD, "disabled")),
        ((KUMA, "enabled"), (KUMA, "disabled")),
        ((KUMA, "enabled"), (KUMA, "false")),
    ],
)
def test_pods_that_decline_the_mesh_of_their_namespace_are_judged(of_namespace, of_pods):
    assert judged(of_namespace, of_pods).verdict == Verdict.CLEAN


@pytest.mark.parametrize(
    ("of_namespace", "of_pods", "place", "verdict"),
    [
        (("istio-injection", "enabled"), (INJECT, "false"), "annotations", Verdict.CLEAN),
        ((MODE, "ambient"), (MODE, "none"), "annotations", Verdict.NOT_JUDGED),
        ((LINKERD, "enabled"), (LINKERD, "disabled"), "labels", Verdict.NOT_JUDGED),
        ((KUMA, "enabled"), (KUMA, "disabled"), "annotations", Verdict.NOT_JUDGED),
    ],
)
def test_pods_decline_a_mesh_where_it_looks_for_that(of_namespace, of_pods, place, verdict):
    assert judged(of_namespace, of_pods, place=place).verdict == verdict


@pytest.mark.parametrize(
    ("of_namespace", "of_pods", "verdict"),
    [
        ({"istio-injection": "disabled", "istio.io/rev": "stable"}, {}, Verdict.CLEAN),
        ({"istio-injection": "disabled"}, {"istio.io/rev": "asm-managed"}, Verdict.CLEAN),
        ({"istio-injection": "disabled"}, {INJECT: "true"}, Verdict.CLEAN),
        ({"istio-injection": "disabled", MODE: "ambient"}, {}, Verdict.NOT_JUDGED),
        ({"istio-injection": "disabled"}, {MODE: "ambient"}, Verdict.NOT_JUDGED),
        ({}, {"istio.io/rev": "asm-managed"}, Verdict.NOT_JUDGED),
        ({}, {"istio.io/rev": "asm-managed", INJECT: "false"}, Verdict.CLEAN),
        ({}, {"istio.io/rev": "asm-managed", INJECT: "true"}, Verdict.NOT_JUDGED),
        ({"istio.io/rev": "stable"}, {"istio.io/rev": "stable", INJECT: "false"}, Verdict.CLEAN),
        ({}, {MODE: "ambient", INJECT: "false"}, Verdict.NOT_JUDGED),
    ],
)
def test_istio_adds_nothing_to_pods_or_in_namespaces_that_say_so(of_namespace, of_pods, verdict):
    objects = clean("ingress")
    objects[0]["metadata"]["labels"] = of_namespace
    template = next(each for each in objects if each["kind"] == "Deployment")["spec"]["template"]
    template["metadata"]["labels"] |= of_pods
    assert judge(objects).verdict == verdict


def test_every_kind_that_is_found_by_its_target_says_why_it_is_not_judged_but_those_that_are():
    assert set(_DECIDES) == set(_DECIDING) - {"HorizontalPodAutoscaler", "VerticalPodAutoscaler"}


def rollout(**spec):
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": spec,
    }


def replacing(name):
    return rollout(workloadRef={"apiVersion": "apps/v1", "kind": "Deployment", "name": name})


def test_a_rollout_of_a_deployment_on_a_path_is_told_once():
    judgement = judge([*clean("ingress"), replacing("web")])
    [path] = judgement.paths
    assert ["Rollout shop/web" in each for each in path.not_judged] == [True]
    assert judgement.passed_over == ()


@pytest.mark.parametrize("other", [replacing("batch"), rollout(template={}), rollout(workloadRef="web")])
def test_a_rollout_of_no_deployment_on_a_path_is_passed_over(other):
    judgement = judge([*clean("ingress"), other])
    assert [str(each.object) for each in judgement.passed_over] == ["Rollout shop/web"]


@pytest.mark.parametrize(
    ("selector", "verdict"),
    [
        ({"kind": "Deployment", "name": "web"}, Verdict.NOT_JUDGED),
        ({"name": "web"}, Verdict.NOT_JUDGED),
        ({"kind": "Deployment", "name": "batch"}, Verdict.CLEAN),
        ({"kind": "StatefulSet", "name": "web"}, Verdict.CLEAN),
        ({"kind": "Pod", "name": "web"}, Verdict.CLEAN),
        ({}, Verdict.NOT_JUDGED),
        ({"kind": "Deployment", "selector": {"matchLabels": {"of": "team"}}}, Verdict.NOT_JUDGED),
        ({"kind": "Deployment", "selector": {"matchLabels": {"app": "web"}}}, Verdict.CLEAN),
        ({"kind": "Pod", "selector": {"matchLabels": {"app": "web"}}}, Verdict.NOT_JUDGED),
        ({"kind": "ReplicaSet", "selector": {"matchLabels": {"app": "web"}}}, Verdict.NOT_JUDGED),
        ({"kind": "Pod", "selector": {"matchLabels": {"of": "team"}}}, Verdict.CLEAN),
        ({"selector": {"matchLabels": {"app": "web"}}}, Verdict.NOT_JUDGED),
    ],
)
def test_pods_that_get_a_cloud_sql_proxy_are_not_judged(selector, verdict):
    objects = clean("ingress")
    deployment = next(each for each in objects if each["kind"] == "Deployment")
    deployment["metadata"]["labels"] = {"of": "team"}
    proxy = {
        "apiVersion": "cloudsql.cloud.google.com/v1",
        "kind": "AuthProxyWorkload",
        "metadata": {"name": "sql", "namespace": "shop"},
        "spec": {"workloadSelector": selector, "instances": [{"connectionString": "shop:europe-west1:main"}]},
    }
    judgement = judge([*objects, proxy])
    assert judgement.verdict == verdict
    [path] = judgement.paths
    assert ["AuthProxyWorkload shop/sql" in each for each in path.not_judged] == [True] * (verdict != Verdict.CLEAN)
    elsewhere = {**proxy, "metadata": {"name": "sql", "namespace": "other"}}
    assert judge([*objects, elsewhere]).verdict == Verdict.CLEAN


@pytest.mark.parametrize(("kind", "asked"), [("ScaledObject", False), ("HorizontalPodAutoscaler", True)])
def test_whether_0_replicas_serve_is_asked_where_no_other_controller_starts_them(kind, asked):
    objects = [each for each in clean("ingress") if each["kind"] != "HorizontalPodAutoscaler"]
    next(each for each in objects if each["kind"] == "Deployment")["spec"]["replicas"] = 0
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    spec = {"scaleTargetRef": target, "minReplicas": 3, "maxReplicas": 9}
    version = "autoscaling/v2" if asked else "keda.sh/v1alpha1"
    scaler = {"apiVersion": version, "kind": kind, "metadata": {"name": "web", "namespace": "shop"}, "spec": spec}
    [path] = judge([*objects, scaler]).paths
    assert ("some-pod-serves" in {each.rule for each in path.diagnostics}) is asked


@pytest.mark.parametrize("version", ["app/v1", "example.com/v1"])
def test_an_autoscaler_of_a_group_that_is_not_known_leaves_its_deployment_not_judged(version):
    objects = clean("ingress")
    deployment = next(each for each in objects if each["kind"] == "Deployment")
    deployment["spec"]["replicas"] = 3
    autoscaler = next(each for each in objects if each["kind"] == "HorizontalPodAutoscaler")
    autoscaler["spec"]["scaleTargetRef"]["apiVersion"] = version
    [path] = judge(objects).paths
    assert path.verdict is Verdict.NOT_JUDGED
    [reason] = path.not_judged
    assert "whether there is a kind Deployment in its API group is not known; wanted apps/v1" in reason
    autoscaler["spec"]["scaleTargetRef"]["name"] = "other"
    assert judge(objects).verdict is Verdict.CLEAN


def test_a_group_without_a_version_is_told_to_be_read_as_a_version():
    objects = clean("ingress")
    autoscaler = next(each for each in objects if each["kind"] == "HorizontalPodAutoscaler")
    autoscaler["spec"]["scaleTargetRef"]["apiVersion"] = "apps"
    [refusal] = [each for each in judge(objects).objects if each.rule == "object-is-accepted"]
    assert refusal.seen.startswith("without /version it is read as a version of the core API group")
    assert refusal.would_pass == "apps/v1"


def test_an_ingress_of_another_controller_keeps_no_change_from_being_compared():
    objects = clean("ingress")
    other = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "inside", "namespace": "shop"},
        "spec": {"ingressClassName": "nginx"},
    }
    assert judge_change([*objects, other], [*objects, other]).verdict is Verdict.CLEAN
