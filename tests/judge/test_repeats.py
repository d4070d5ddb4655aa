"""Objects that are given more than once: alike they are one, and else a path with them is not judged."""

from copy import deepcopy
from typing import Any

import pytest

from nodrop.judge import Verdict, judge
from tests.judge.edits import clean

BUDGET: dict[str, Any] = {
    "apiVersion": "policy/v1",
    "kind": "PodDisruptionBudget",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow"},
}
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


def test_one_that_stands_at_two_places_is_still_there(objects):
    """As an alias in a YAML list does, and the same object in two lists."""
    closed = {"podSelector": {}, "policyTypes": ["Ingress"]}
    policy = next(each for each in objects if each["kind"] == "NetworkPolicy") | {"spec": closed}
    given = [each for each in objects if each["kind"] != "NetworkPolicy"]
    assert judge([*given, policy]).verdict is Verdict.DROPS
    assert judge([*given, policy, policy]).verdict is Verdict.DROPS


@pytest.mark.parametrize("number", [-2, -1], ids=["PodDisruptionBudget", "Namespace"])
def test_one_that_is_given_again_with_a_difference_is_not_judged(objects, number):
    other = deepcopy(objects[number])
    other["metadata"]["labels"] = {"team": "shop"}
    [path] = judge([*objects, other]).paths
    name = f"{other['kind']} {'shop/web' if number == -2 else 'shop'}"
    assert path.verdict is Verdict.NOT_JUDGED
    assert path.not_judged == (f"{name}: is given more than once, and not alike; the last one counts",)


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
    assert judge([again, *objects]).verdict is Verdict.NOT_JUDGED
