"""A Deployment of 0 replicas: whether anything serves is asked where nothing else may."""

from copy import deepcopy

import pytest

from nodrop.judge import judge
from nodrop.paths.fields import whole
from tests.judge.edits import clean
from tests.judge.resources import deployment


def parked():
    """The clean objects, whose Deployment has no pods, and another one of the same labels."""
    objects = [each for each in clean("ingress") if each["kind"] != "HorizontalPodAutoscaler"]
    blue = deployment(objects)
    green = deepcopy(blue)
    green["metadata"]["name"] = "green"
    green["spec"]["replicas"] = 3
    blue["spec"]["replicas"] = 0
    return objects, green


def told(objects, name):
    """The rules that a path to that Deployment breaks."""
    own = [each for each in judge(objects).paths if each.path and whole(each.path.deployment).object.name == name]
    return {each.rule for path in own for each in path.diagnostics}


def test_nothing_serves_where_the_deployment_is_alone():
    objects, _ = parked()
    assert "some-pod-serves" in told(objects, "web")


@pytest.mark.parametrize("replicas", [1, 3, None])
def test_another_deployment_of_the_service_serves(replicas):
    objects, green = parked()
    green["spec"]["replicas"] = replicas
    judgement = judge([*objects, green])
    assert len(judgement.paths) == 2
    assert "some-pod-serves" not in told([*objects, green], "web")


@pytest.mark.parametrize(
    "change",
    [
        lambda green: green["spec"].update(replicas=0),
        lambda green: green["metadata"].update(namespace="other"),
        lambda green: green["spec"]["template"]["metadata"].update(labels={"app": "other"}),
        lambda green: green["spec"]["template"]["metadata"].pop("labels"),
    ],
)
def test_a_workload_that_gets_no_requests_serves_none(change):
    objects, green = parked()
    change(green)
    assert "some-pod-serves" in told([*objects, green], "web")


def autoscaler_of(name, kind="HorizontalPodAutoscaler"):
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    bounds = {"minReplicas": 2, "maxReplicas": 6} if kind == "HorizontalPodAutoscaler" else {"triggers": []}
    return {
        "apiVersion": "autoscaling/v2" if kind == "HorizontalPodAutoscaler" else "keda.sh/v1alpha1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"scaleTargetRef": target, **bounds},
    }


def test_an_autoscaler_lets_no_other_deployment_of_0_replicas_serve():
    objects, green = parked()
    green["spec"]["replicas"] = 0
    objects += [green, autoscaler_of("web"), autoscaler_of("green")]
    assert "some-pod-serves" in told(objects, "web") & told(objects, "green")


def test_keda_scales_another_deployment_up_from_0():
    objects, green = parked()
    green["spec"]["replicas"] = 0
    assert "some-pod-serves" not in told([*objects, green, autoscaler_of("green", "ScaledObject")], "web")


def test_an_autoscaler_of_0_pods_is_refused_and_nothing_else_said_of_it():
    objects = clean("ingress")
    deployment(objects)["spec"].pop("replicas", None)
    next(each for each in objects if each["kind"] == "HorizontalPodAutoscaler")["spec"]["minReplicas"] = 0
    rules = told(objects, "web")
    assert "object-is-accepted" in rules
    assert "some-pod-serves" not in rules
