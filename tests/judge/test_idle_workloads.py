"""Workloads that have no pods while a rollout runs take nothing from a quota."""

import pytest

from nodrop.judge import Verdict, judge
from tests.judge.edits import clean
from tests.judge.on_call_edits import quota, selected

HOOK = "helm.sh/hook"


def other(kind, *, hook=None, status=None, **spec):
    """A Job, CronJob or Pod of the clean objects' namespace."""
    pod = {"containers": [{"name": "batch", "image": "example/batch:1"}]}
    template = {"template": {"spec": pod}}
    inside = {"Pod": pod, "Job": template, "CronJob": {"jobTemplate": {"spec": template}}}[kind]
    metadata = {"name": "batch", "namespace": "shop", "annotations": {} if hook is None else {HOOK: hook}}
    version = "v1" if kind == "Pod" else "batch/v1"
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": metadata,
        "spec": {**inside, **spec},
        "status": status or {},
    }


def verdict(*objects):
    """Of the clean objects, which need 18 pods, beside others."""
    return judge([*clean("ingress"), *objects]).verdict


COMPLETE, FAILED = ({"conditions": [{"type": kind, "status": "True"}]} for kind in ("Complete", "Failed"))


@pytest.mark.parametrize(
    ("workload", "told"),
    [
        (other("Pod"), Verdict.DROPS),
        (other("Pod", hook="test"), Verdict.CLEAN),
        (other("Pod", hook="test-success"), Verdict.CLEAN),
        (other("Pod", hook="test, test-failure"), Verdict.CLEAN),
        (other("Pod", hook="test,post-upgrade"), Verdict.DROPS),
        (other("Pod", hook=""), Verdict.DROPS),
        (other("Pod", status={"phase": "Running"}), Verdict.DROPS),
        (other("Pod", status={"phase": "Succeeded"}), Verdict.CLEAN),
        (other("Pod", status={"phase": "Failed"}), Verdict.CLEAN),
        (other("Job"), Verdict.DROPS),
        (other("Job", hook="test"), Verdict.CLEAN),
        (other("Job", hook="post-upgrade"), Verdict.DROPS),
        (other("Job", suspend=True), Verdict.CLEAN),
        (other("Job", suspend=False), Verdict.DROPS),
        (other("Job", status={"completionTime": "2026-11-01T00:00:00Z"}), Verdict.CLEAN),
        (other("Job", status=COMPLETE), Verdict.CLEAN),
        (other("Job", status=FAILED), Verdict.CLEAN),
        (other("Job", status={"conditions": [{"type": "Suspended", "status": "True"}]}), Verdict.DROPS),
        (other("Job", status={"conditions": [{"type": "Complete", "status": "False"}]}), Verdict.DROPS),
        (other("CronJob"), Verdict.NOT_JUDGED),
        (other("CronJob", suspend=True), Verdict.CLEAN),
        (other("CronJob", suspend=False), Verdict.NOT_JUDGED),
    ],
)
def test_what_has_finished_or_waits_takes_nothing_from_a_quota(workload, told):
    assert verdict(quota(pods="18"), workload) == told


CRITICAL = ("system-node-critical", "system-cluster-critical")


@pytest.mark.parametrize(
    ("operator", "values", "told"),
    [
        ("In", CRITICAL, Verdict.CLEAN),
        ("NotIn", CRITICAL, Verdict.DROPS),
        ("In", (*CRITICAL, "high"), Verdict.NOT_JUDGED),
        ("Exists", (), Verdict.NOT_JUDGED),
        ("In", (*CRITICAL, "[unknown]"), Verdict.NOT_JUDGED),
    ],
)
def test_pods_without_a_class_are_of_none_of_the_systems_classes(operator, values, told):
    assert verdict(selected("PriorityClass", operator, *values, pods="3")) == told


@pytest.mark.parametrize(("name", "told"), [("system-node-critical", Verdict.DROPS), ("[unknown]", Verdict.NOT_JUDGED)])
def test_pods_of_a_class_are_told_by_its_name(name, told):
    objects = clean("ingress")
    next(each for each in objects if each["kind"] == "Deployment")["spec"]["template"]["spec"]["priorityClassName"] = (
        name
    )
    assert judge([*objects, selected("PriorityClass", "In", *CRITICAL, pods="3")]).verdict == told
