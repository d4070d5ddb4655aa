"""A VerticalPodAutoscaler of a path's Deployment: where what it changes decides, nothing is called clean."""

from copy import deepcopy

import pytest

from nodrop.judge import Verdict, judge
from tests.judge.edits import GONE, MEMORY_ONLY, WEB, Edit, clean, edited, vertical
from tests.judge.on_call_edits import limit_range, quota, scoped, workload
from tests.judge.resources import STANDARD

BUDGET = "PodDisruptionBudget:"


def reasons(objects):
    [path] = judge(objects).paths
    return path.not_judged


def scaled_by(*metrics):
    """The clean objects, whose HorizontalPodAutoscaler has those metrics."""
    return edited(Edit("HorizontalPodAutoscaler:spec.metrics", list(metrics)))


@pytest.mark.parametrize(
    ("metric", "resource", "verdict"),
    [
        ("cpu", "cpu", Verdict.NOT_JUDGED),
        ("memory", "memory", Verdict.NOT_JUDGED),
        ("[unknown]", "memory", Verdict.NOT_JUDGED),
        ("cpu", "memory", Verdict.CLEAN),
        ("memory", "cpu", Verdict.CLEAN),
        ("cpu", "[unknown]", Verdict.NOT_JUDGED),
    ],
)
@pytest.mark.parametrize("kind", ["resource", "containerResource"])
def test_two_autoscalers_of_one_resource_are_not_judged(metric, resource, verdict, kind):
    objects = scaled_by({"type": kind[0].upper() + kind[1:], kind: {"name": metric}})
    policy = {"containerName": "*", "controlledResources": [resource]}
    assert judge([*objects, vertical("Recreate", policy)]).verdict == verdict


def test_beside_a_metric_of_no_resource_it_may_set_all():
    objects = scaled_by({"type": "Pods", "pods": {"metric": {"name": "requests"}}})
    assert judge([*objects, vertical()]).verdict == Verdict.CLEAN


def test_an_autoscaler_that_states_nothing_goes_by_cpu():
    told = reasons([*clean("ingress"), vertical()])
    assert ["the cpu by whose use HorizontalPodAutoscaler shop/web counts pods" in each for each in told] == [True]


@pytest.mark.parametrize(
    ("mode", "verdict"),
    [
        (GONE, Verdict.NOT_JUDGED),
        ("Auto", Verdict.NOT_JUDGED),
        ("Recreate", Verdict.NOT_JUDGED),
        ("InPlaceOrRecreate", Verdict.NOT_JUDGED),
        ("[unknown]", Verdict.NOT_JUDGED),
        ("InPlace", Verdict.CLEAN),
        ("Initial", Verdict.CLEAN),
        ("Off", Verdict.CLEAN),
    ],
)
def test_evictions_that_no_budget_holds_back_are_not_judged(mode, verdict):
    judgement = judge([*edited(Edit(BUDGET, GONE)), vertical(mode, MEMORY_ONLY)])
    assert judgement.verdict == verdict
    [path] = judgement.paths
    assert all("evict half of the pods" in each for each in path.not_judged)


def test_evictions_that_a_budget_holds_back_are_told_with_the_verdict():
    [path] = judge([*clean("ingress"), vertical("Recreate", MEMORY_ONLY)]).paths
    assert path.verdict == Verdict.CLEAN
    assert [str(each) for each in path.assumptions if each.name == "nodes"] == [
        "nodes have room for pods of the size that VerticalPodAutoscaler shop/web sets (default)"
    ]


def test_one_that_only_recommends_is_no_assumption():
    [path] = judge([*clean("ingress"), vertical("Off")]).paths
    assert all(each.name != "nodes" for each in path.assumptions)


@pytest.mark.parametrize(
    ("mode", "restart", "resource", "verdict"),
    [
        ("InPlaceOrRecreate", "RestartContainer", "memory", Verdict.NOT_JUDGED),
        ("InPlace", "RestartContainer", "memory", Verdict.NOT_JUDGED),
        ("InPlace", "NotRequired", "memory", Verdict.CLEAN),
        ("InPlace", "RestartContainer", "cpu", Verdict.CLEAN),
        ("Recreate", "RestartContainer", "memory", Verdict.CLEAN),
    ],
)
def test_a_container_that_it_may_restart_in_place_is_not_judged(mode, restart, resource, verdict):
    resize = {"resourceName": resource, "restartPolicy": restart}
    objects = edited(Edit(f"{WEB}.resizePolicy", [resize]))
    assert judge([*objects, vertical(mode, MEMORY_ONLY)]).verdict == verdict


def stated(*others):
    """The clean objects with requests and limits of each container, and other objects."""
    objects = clean("ingress")
    pod = next(each for each in objects if each["kind"] == "Deployment")["spec"]["template"]["spec"]
    for each in [*pod["containers"], *pod["initContainers"]]:
        each["resources"] = {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"cpu": "1", "memory": "1Gi"}}
    return [*objects, *others]


@pytest.mark.parametrize(
    ("beside", "verdict"),
    [
        (quota(**{"requests.memory": "900Gi"}), Verdict.NOT_JUDGED),
        (quota(**{"limits.memory": "900Gi"}), Verdict.NOT_JUDGED),
        (quota(memory="900Gi"), Verdict.NOT_JUDGED),
        (quota(cpu="900"), Verdict.CLEAN),
        (quota(pods="90"), Verdict.CLEAN),
        (limit_range(max={"memory": "2Gi"}), Verdict.NOT_JUDGED),
        (limit_range(min={"memory": "1Mi"}), Verdict.NOT_JUDGED),
        (limit_range(type="Pod", max={"memory": "9Gi"}), Verdict.NOT_JUDGED),
        (limit_range(maxLimitRequestRatio={"memory": "9"}), Verdict.NOT_JUDGED),
        (limit_range(max={"cpu": "2"}), Verdict.CLEAN),
        (limit_range(type="PersistentVolumeClaim", max={"storage": "2Gi"}), Verdict.CLEAN),
    ],
)
def test_bounds_of_what_it_sets_are_not_judged(beside, verdict):
    objects = stated(beside)
    assert judge(objects).verdict == Verdict.CLEAN
    judgement = judge([*objects, vertical("Initial", MEMORY_ONLY)])
    assert judgement.verdict == verdict
    assert judge([*objects, vertical("Off", MEMORY_ONLY)]).verdict == Verdict.CLEAN


def test_what_pods_of_another_take_that_one_of_their_own_sets_is_not_judged():
    objects = stated(quota(**{"requests.cpu": "900"}), workload("Deployment", replicas=2))
    assert judge(objects).verdict == Verdict.CLEAN
    of_batch = vertical("Recreate", targetRef={"apiVersion": "apps/v1", "kind": "Deployment", "name": "batch"})
    [told] = reasons([*objects, of_batch])
    assert "sets what pods of Deployment shop/batch take from it" in told


def test_an_autoscaler_of_pods_is_not_taken_for_one_of_their_number():
    objects = stated(quota(pods="20"), workload("Deployment", replicas=2))
    of_batch = vertical("Recreate", targetRef={"apiVersion": "apps/v1", "kind": "Deployment", "name": "batch"})
    assert judge([*objects, of_batch]).verdict == Verdict.CLEAN


def test_pods_that_get_requests_may_be_no_longer_of_best_effort():
    objects = [*clean("ingress"), scoped("NotBestEffort", pods="3")]
    assert judge(objects, surroundings=STANDARD).verdict == Verdict.CLEAN
    scaled = [*objects, vertical("Initial", MEMORY_ONLY)]
    assert judge(scaled, surroundings=STANDARD).verdict == Verdict.NOT_JUDGED


@pytest.mark.parametrize(
    ("policies", "verdict"),
    [
        ([{"containerName": "*", "mode": "Off"}], Verdict.CLEAN),
        ([{"containerName": "*", "mode": "Off"}, {"containerName": "web"}], Verdict.NOT_JUDGED),
        ([{"containerName": "web", "mode": "Off"}], Verdict.NOT_JUDGED),
        ([{"containerName": "batch", "mode": "Off"}], Verdict.NOT_JUDGED),
    ],
)
def test_containers_are_left_alone_by_name(policies, verdict):
    assert judge([*clean("ingress"), vertical("Recreate", *policies)]).verdict == verdict


def test_two_of_one_deployment_are_not_judged():
    second = deepcopy(vertical("Recreate", MEMORY_ONLY)) | {"metadata": {"name": "second", "namespace": "shop"}}
    [told] = reasons([*clean("ingress"), vertical("Recreate", MEMORY_ONLY), second])
    assert "VerticalPodAutoscaler shop/second: spec.updatePolicy.updateMode: a second one" in told


def test_one_of_another_namespace_or_deployment_changes_nothing():
    elsewhere = vertical() | {"metadata": {"name": "web", "namespace": "other"}}
    of_batch = vertical(targetRef={"apiVersion": "apps/v1", "kind": "Deployment", "name": "batch"})
    assert judge([*clean("ingress"), elsewhere]).verdict == Verdict.CLEAN
    assert judge([*clean("ingress"), of_batch]).verdict == Verdict.CLEAN


def test_an_off_that_yaml_reads_as_false_is_refused_in_words_that_help():
    [path] = judge([*clean("ingress"), vertical(mode=False)]).paths
    [found] = path.diagnostics
    assert (str(found.object), found.field) == ("VerticalPodAutoscaler shop/web", "spec.updatePolicy.updateMode")
    assert found.seen == "is false, not a text"
    assert found.would_pass == '"Off", in quotation marks'
