"""Budgets allow what all pods that they select leave, whichever workload made them."""

import pytest

from nodrop.judge import judge
from tests.judge.edits import clean

NONE_ALLOWED = "budget-allows-an-eviction"


def other(kind="Deployment", namespace="shop", team="shop", **spec):
    template = {"metadata": {"labels": {"app": "other", "team": team}}, "spec": {"containers": [{"name": "other"}]}}
    metadata = {"name": "other", "namespace": namespace}
    spec = {"selector": {"matchLabels": {"app": "other"}}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": spec}


def owned(manifest):
    manifest["metadata"]["ownerReferences"] = [{"kind": "Deployment", "name": "other", "controller": True}]
    return manifest


def scaler(least):
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "other"}
    spec = {"scaleTargetRef": target, "minReplicas": least, "maxReplicas": 9}
    metadata = {"name": "other", "namespace": "shop"}
    return {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": metadata, "spec": spec}


def evicts(budget, *others, replicas=3, selector=None):
    """Whether a budget over the path's pods and those of others lets one go."""
    objects = [each for each in clean("gateway") if each["kind"] != "PodDisruptionBudget"]
    [deployment] = [each for each in objects if each["kind"] == "Deployment"]
    deployment["spec"]["replicas"] = replicas
    deployment["spec"]["template"]["metadata"]["labels"]["team"] = "shop"
    spec = {"selector": {"matchLabels": {"team": "shop"}} if selector is None else selector, **budget}
    metadata = {"name": "web", "namespace": "shop"}
    objects.append({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata, "spec": spec})
    [path] = [each for each in judge([*objects, *others]).paths if each.name.startswith("shop/web")]
    return NONE_ALLOWED not in {each.rule for each in path.diagnostics}


@pytest.mark.parametrize(
    ("others", "allowed"),
    [
        ([], False),
        ([other(replicas=1)], True),
        ([other()], True),
        ([other(kind="StatefulSet", replicas=1)], True),
        ([other(replicas=0)], False),
        ([other(replicas=0), scaler(2)], False),
        ([other(replicas=5), scaler(0)], False),
        ([other(), scaler(1)], True),
        ([other(replicas="three")], False),
        ([other(replicas=1, team="else")], False),
        ([other(replicas=1, namespace="else")], False),
        ([other(kind="DaemonSet")], False),
        ([owned(other(kind="ReplicaSet", replicas=1))], False),
    ],
)
def test_pods_of_other_workloads_count_as_far_as_they_are_stated(others, allowed):
    assert evicts({"minAvailable": 3}, *others) is allowed


def test_a_budget_for_all_pods_counts_them_all():
    assert evicts({"minAvailable": 3}, other(team="else"), selector={})
    assert not evicts({"minAvailable": 3}, selector={})


def test_percentages_are_of_all_pods_rounded_up():
    assert not evicts({"minAvailable": "50%"}, replicas=1)
    assert evicts({"minAvailable": "50%"}, other(replicas=2), replicas=1)
    assert not evicts({"minAvailable": "67%"}, other(replicas=2), replicas=1)


def test_of_two_objects_of_one_name_the_last_counts():
    assert not evicts({"minAvailable": 3}, other(replicas=2), other(replicas=0))


def test_a_budget_that_states_no_number_allows_no_eviction():
    assert not evicts({}, other())
    assert not evicts({"unhealthyPodEvictionPolicy": "AlwaysAllow"}, other())


@pytest.mark.parametrize(("selector", "told"), [({"selector": None}, True), ({}, True), ({"selector": {}}, False)])
def test_a_budget_without_selector_is_named(selector, told):
    objects = clean("ingress")
    [budget] = [each for each in objects if each["kind"] == "PodDisruptionBudget"]
    budget["spec"] = {"maxUnavailable": 1, **selector}
    passed = [str(each) for each in judge(objects).passed_over]
    assert [each.partition(";")[0] for each in passed] == [
        "PodDisruptionBudget shop/web: without a selector it selects no pods"
    ] * told


def test_a_budget_that_cannot_be_read_raises_nothing():
    objects = clean("ingress")
    [budget] = [each for each in objects if each["kind"] == "PodDisruptionBudget"]
    budget["spec"] = []
    assert judge(objects).passed_over == ()
