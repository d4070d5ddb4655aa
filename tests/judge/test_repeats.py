"""Objects that are given more than once: alike they are one, and else a path with them is not judged."""

from copy import deepcopy
from typing import Any

import pytest

from nodrop.judge import Verdict, judge, judge_change
from nodrop.paths.fields import ref_of
from tests.judge.edits import clean

BUDGET: dict[str, Any] = {
    "apiVersion": "policy/v1",
    "kind": "PodDisruptionBudget",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow"},
}
NOT_ALIKE = "is given more than once, and not alike; the last one counts"
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}


@pytest.fixture
def objects():
    found = [each for each in clean("ingress") if each["kind"] not in ("PodDisruptionBudget", "Namespace")]
    deployment = next(each for each in found if each["kind"] == "Deployment")
    budget = deepcopy(BUDGET)
    budget["spec"]["selector"] = deployment["spec"]["selector"]
    return [*found, budget, NAMESPACE]


def test_an_object_that_is_given_again_is_one(objects):
    assert judge(objects).verdict is Verdict.CLEAN
    assert judge([*objects, *deepcopy(objects[-2:])]).verdict is Verdict.CLEAN
    assert judge([*objects, *deepcopy(objects)]).verdict is Verdict.CLEAN


def test_one_that_stands_at_two_places_is_still_there(objects):
    """As an alias in a YAML list does, and the same object in two lists."""
    closed = {"podSelector": {}, "policyTypes": ["Ingress"]}
    policy = next(each for each in objects if each["kind"] == "NetworkPolicy") | {"spec": closed}
    given = [each for each in objects if each["kind"] != "NetworkPolicy"]
    assert judge([*given, policy]).verdict is Verdict.DROPS
    assert judge([*given, policy, policy]).verdict is Verdict.DROPS


@pytest.mark.parametrize(
    "kind", ["PodDisruptionBudget", "Namespace", "NetworkPolicy", "BackendConfig", "Service", "Ingress", "Deployment"]
)
def test_one_that_is_given_again_with_a_difference_is_not_judged(objects, kind):
    other = deepcopy(next(each for each in objects if each["kind"] == kind))
    other["metadata"]["labels"] = {"team": "shop"}
    for given in ([*objects, other], [other, *objects]):
        [path] = judge(given).paths
        assert path.verdict is Verdict.NOT_JUDGED
        assert path.not_judged == (f"{ref_of(other)}: {NOT_ALIKE}",)


def test_one_on_no_path_is_told_by_itself(objects):
    deployment = deepcopy(next(each for each in objects if each["kind"] == "Deployment"))
    deployment["metadata"]["name"] = "other"
    deployment["spec"]["template"]["metadata"]["labels"] = deployment["spec"]["selector"]["matchLabels"] = {"app": "x"}
    again = deepcopy(deployment)
    again["spec"]["replicas"] = 3
    told = {path.name: path.not_judged for path in judge([*objects, deployment, again]).paths}
    assert told == {"shop/web": (), "Deployment shop/other": (f"Deployment shop/other: {NOT_ALIKE}",)}


def test_a_change_of_one_is_not_compared(objects):
    other = deepcopy(objects[-2])
    other["metadata"]["labels"] = {"team": "shop"}
    told = (f"PodDisruptionBudget shop/web: {NOT_ALIKE}",)
    assert judge_change(objects, [*objects, deepcopy(objects[-2])]).verdict is Verdict.CLEAN
    for before, after in ((objects, [other, *objects]), ([other, *objects], objects)):
        assert judge_change(before, after).not_compared == told


def test_a_change_is_not_concerned_by_another_path_that_is_new(objects):
    new = deepcopy(objects)
    for each in new[:-1]:
        each["metadata"]["namespace"] = "new"
    other = deepcopy(new[-2])
    other["metadata"]["labels"] = {"team": "shop"}
    assert judge_change(objects, [*objects, other, *new]).not_compared == ()
    assert judge_change(objects, [*objects, other, *new]).paths == ("shop/web",)


def test_one_of_another_api_group_is_another_object(objects):
    policy = next(each for each in objects if each["kind"] == "NetworkPolicy")
    other = {
        "apiVersion": "crd.projectcalico.org/v1",
        "kind": "NetworkPolicy",
        "metadata": deepcopy(policy["metadata"]),
        "spec": {"selector": "all()", "types": ["Egress"]},
    }
    assert judge([*objects, other]).verdict is Verdict.CLEAN
    again = deepcopy(policy)
    again["apiVersion"] = "extensions/v1beta1"
    judgement = judge([again, *objects])
    assert [each.verdict for each in judgement.paths] == [Verdict.NOT_JUDGED]
    assert [each.seen for each in judgement.objects] == ["is extensions/v1beta1, which is not served"]
