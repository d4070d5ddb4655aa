"""Compute classes of pods: which of them are of Spot nodes, and whose word counts."""

import pytest

from nodrop.judge import Verdict, judge
from tests.judge.edits import clean, in_labels

CLASS = "cloud.google.com/compute-class"
DEFAULT = "cloud.google.com/default-compute-class"
DRAINS = "nodes-drain-before-they-stop"


def found(pod=None, **labels):
    """The path of the clean objects with more fields of the pod and labels of the Namespace."""
    objects = clean("ingress")
    objects[0]["metadata"]["labels"] = labels
    next(each for each in objects if each["kind"] == "Deployment")["spec"]["template"]["spec"].update(pod or {})
    [path] = judge(objects).paths
    return path


def test_spot_nodes_by_the_namespaces_default_are_told_where_it_states_them():
    path = found(**{DEFAULT: "autopilot-spot"})
    assert path.verdict == Verdict.DROPS
    [told] = [each for each in path.diagnostics if each.rule == DRAINS]
    assert (str(told.object), told.field) == ("Namespace shop", f"metadata.labels[{DEFAULT}]")


@pytest.mark.parametrize(
    "pod",
    [
        {"nodeSelector": {CLASS: "autopilot"}},
        {"affinity": {"nodeAffinity": in_labels(CLASS, "In", "autopilot")}},
    ],
)
def test_pods_that_select_a_class_do_not_get_the_namespaces_default(pod):
    assert found(pod, **{DEFAULT: "autopilot-spot"}).verdict == Verdict.CLEAN


def test_of_two_defaults_it_is_not_known_which_one_counts():
    path = found(**{DEFAULT: "autopilot", f"{DEFAULT}-non-daemonset": "autopilot-spot"})
    assert path.verdict == Verdict.AT_RISK
    assert DRAINS in [each.rule for each in path.diagnostics]


@pytest.mark.parametrize(
    ("label", "operator", "values", "verdict"),
    [
        ("gke-spot", "Exists", [], Verdict.DROPS),
        ("gke-provisioning", "Exists", [], Verdict.AT_RISK),
        ("compute-class", "Exists", [], Verdict.AT_RISK),
        ("compute-class", "In", ["autopilot-spot"], Verdict.DROPS),
        ("compute-class", "In", ["autopilot-spot", "autopilot"], Verdict.AT_RISK),
        ("gke-provisioning", "In", ["spot", "preemptible"], Verdict.DROPS),
        ("gke-provisioning", "In", ["spot", "standard"], Verdict.AT_RISK),
        ("gke-spot", "NotIn", ["true"], Verdict.CLEAN),
        ("gke-provisioning", "In", ["standard"], Verdict.CLEAN),
    ],
)
def test_nodes_are_spot_for_certain_where_the_affinity_takes_no_others(label, operator, values, verdict):
    affinity = {"nodeAffinity": in_labels(f"cloud.google.com/{label}", operator, *values)}
    assert found({"affinity": affinity}).verdict == verdict
