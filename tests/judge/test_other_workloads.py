"""Pods of other workloads behind the Service are named, where they get requests."""

import pytest

from nodrop.judge import Verdict, judge
from tests.judge.edits import clean

HTTP = [{"name": "http", "containerPort": 8080}]


def other(kind, *, ports=HTTP, labels=None, hook=None, namespace="shop", version="batch/v1", **spec):
    """A Job, CronJob or Pod whose pods have the labels of the clean objects' pods."""
    pod = {"containers": [{"name": "own", "image": "example/own:1", "ports": ports}]}
    labels = {"labels": {"app": "web", "tier": "front"} if labels is None else labels}
    template = {"template": {"metadata": labels, "spec": pod}}
    inside = {"Pod": pod, "Job": template, "CronJob": {"jobTemplate": {"spec": template}}}[kind]
    metadata = {"name": "own", "namespace": namespace} | (labels if kind == "Pod" else {})
    if hook is not None:
        metadata["annotations"] = {"helm.sh/hook": hook}
    return {"apiVersion": "v1" if kind == "Pod" else version, "kind": kind, "metadata": metadata, "spec": inside | spec}


def judged(workload, target=None):
    objects = clean("ingress")
    if target is not None:
        next(each for each in objects if each["kind"] == "Service")["spec"]["ports"][0]["targetPort"] = target
    return judge([*objects, workload])


@pytest.mark.parametrize(
    ("workload", "place"),
    [
        (other("Job"), "spec.template.metadata.labels"),
        (other("CronJob"), "spec.jobTemplate.spec.template.metadata.labels"),
        (other("Pod"), "metadata.labels"),
        (other("Job", hook="post-upgrade"), "spec.template.metadata.labels"),
        (other("Job", hook=5), "spec.template.metadata.labels"),
    ],
    ids=str,
)
def test_pods_that_the_service_selects_are_named(workload, place):
    judgement = judged(workload)
    assert judgement.verdict != Verdict.CLEAN
    [reason] = [each for path in judgement.paths for each in path.not_judged]
    assert reason.startswith(f"{workload['kind']} shop/own: {place}: behind Service shop/web; ")


def test_pods_behind_a_number_are_named_whatever_they_declare():
    assert judged(other("Job", ports=[]), target=8080).verdict == Verdict.NOT_JUDGED


@pytest.mark.parametrize(
    "workload",
    [
        other("Job", ports=[]),
        other("CronJob", ports=[{"name": "metrics", "containerPort": 8080}]),
        other("Pod", ports=[{"containerPort": 8080}]),
        other("Job", labels={"app": "other"}),
        other("Job", namespace="other"),
        other("Job", suspend=True),
        other("CronJob", suspend=True),
        other("Job", version="batch.volcano.sh/v1alpha1"),
        other("Pod", hook="test"),
        other("Job", hook="test"),
        other("Pod") | {"status": {"phase": "Succeeded"}},
    ],
    ids=str,
)
def test_pods_that_get_no_requests_cost_nothing(workload):
    assert judged(workload).verdict == Verdict.CLEAN


def test_a_port_name_that_is_none_leaves_the_pods_without_requests():
    assert judged(other("Job", ports=[{"name": ["http"], "containerPort": 8080}])).verdict == Verdict.CLEAN


@pytest.mark.parametrize("kind", ["Job", "CronJob"])
def test_a_job_that_no_service_selects_is_not_told(kind):
    assert judged(other(kind, labels={"app": "other"})).passed_over == ()


def owned(manifest, kind, name, *, controller=True):
    """The object as one that a controller made for the workload of that name."""
    owner = {"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": "1", "controller": controller}
    return manifest | {"metadata": manifest["metadata"] | {"ownerReferences": [owner]}}


def replica_set(name="web-5d4"):
    spec = {"replicas": 3, "template": {"metadata": {"labels": {"app": "web"}}, "spec": {}}}
    metadata = {"name": name, "namespace": "shop"}
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata, "spec": spec}


def test_what_the_deployment_made_is_the_deployments():
    exported = owned(replica_set(), "Deployment", "web"), owned(other("Pod"), "ReplicaSet", "web-5d4")
    judgement = judge([*exported, *clean("ingress")])
    assert (judgement.verdict, judgement.passed_over) == (Verdict.CLEAN, ())


@pytest.mark.parametrize(
    "objects",
    [
        [owned(replica_set(), "Rollout", "web")],
        [owned(replica_set(), "Deployment", "gone")],
        [owned(replica_set(), "Deployment", "web", controller=False)],
        [owned(other("Pod"), "StatefulSet", "own")],
        [other("CronJob", suspend=True), owned(other("Job"), "CronJob", "own")],
    ],
    ids=str,
)
def test_what_another_workload_made_is_told_where_that_one_is_not(objects):
    assert judge([*clean("ingress"), *objects]).verdict == Verdict.NOT_JUDGED


def test_pods_of_another_workload_are_told_once_with_it():
    job = other("Job")
    judgement = judge([*clean("ingress"), job, owned(other("Pod"), "Job", "own")])
    [reason] = [each for path in judgement.paths for each in path.not_judged]
    assert reason.startswith("Job shop/own")


def service(annotation, name="alone"):
    metadata = {"name": name, "namespace": "shop", "annotations": {"cloud.google.com/neg": annotation}}
    spec = {"selector": {"app": "other"}, "ports": [{"port": 80}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


def test_standalone_groups_beside_a_path_are_not_judged():
    judgement = judged(service('{"exposed_ports": {"80": {}}}'))
    [alone] = [each for each in judgement.paths if each.path is None]
    assert (alone.name, alone.verdict) == ("Service shop/alone", Verdict.NOT_JUDGED)
    assert "standalone network endpoint groups" in alone.reasons[0]
    assert [each.verdict for each in judgement.paths if each.path is not None] == [Verdict.CLEAN]


@pytest.mark.parametrize("annotation", ['{"ingress": true}', '{"exposed_ports": {}}', "[unknown]", "{"])
def test_a_service_without_standalone_groups_is_not_told(annotation):
    assert [each for each in judged(service(annotation)).paths if each.path is None] == []


def test_standalone_groups_of_a_service_that_an_ingress_leads_to_as_well_are_not_judged():
    objects = clean("ingress")
    own = next(each for each in objects if each["kind"] == "Service")
    own["metadata"]["annotations"]["cloud.google.com/neg"] = '{"ingress": true, "exposed_ports":{"80":{}}}'
    judgement = judge(objects)
    assert {each.path is None: each.verdict for each in judgement.paths} == {
        False: Verdict.CLEAN,
        True: Verdict.NOT_JUDGED,
    }


def test_groups_of_a_service_behind_a_gateway_are_those_that_its_controller_asks_for():
    objects = clean("gateway")
    own = next(each for each in objects if each["kind"] == "Service")
    own["metadata"]["annotations"] = {"cloud.google.com/neg": '{"exposed_ports":{"80":{}}}'}
    assert judge(objects).verdict == Verdict.CLEAN
