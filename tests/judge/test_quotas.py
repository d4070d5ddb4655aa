"""What ResourceQuotas of a namespace leave to a rollout, beside the pods that others have there."""

from copy import deepcopy

import pytest

from nodrop.judge import Verdict, judge
from tests.judge.on_call_edits import quota, workload
from tests.judge.resources import (
    CORE,
    OWN_CLAIM,
    STANDARD,
    WITHOUT_ROOM,
    deployment,
    found_on_standard,
    named,
    pod_of,
    reasons,
    rules,
    written,
)


def autoscaler(kind, most):
    target = {"apiVersion": "apps/v1", "kind": kind, "name": "batch"}
    spec = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": most}
    return named("batch", {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "spec": spec})


BATCHES = {"parallelism": 4}
CRON = {"concurrencyPolicy": "Forbid", "schedule": "@daily"}


def cron_job(**spec):
    job = workload("Job", **BATCHES)
    return named(
        "batch",
        {"apiVersion": "batch/v1", "kind": "CronJob", "spec": CRON | spec | {"jobTemplate": {"spec": job["spec"]}}},
    )


@pytest.mark.parametrize(
    ("others", "pods", "verdict"),
    [
        ([workload("Deployment", replicas=30)], 30, Verdict.DROPS),
        ([workload("Deployment", replicas=30)], 48, Verdict.CLEAN),
        ([workload("Deployment")], 19, Verdict.CLEAN),
        ([workload("Deployment")], 18, Verdict.DROPS),
        ([workload("StatefulSet", replicas=4)], 21, Verdict.DROPS),
        ([workload("StatefulSet", replicas=4)], 22, Verdict.CLEAN),
        ([workload("Job", **BATCHES)], 21, Verdict.DROPS),
        ([cron_job()], 21, Verdict.DROPS),
        ([cron_job()], 22, Verdict.CLEAN),
        ([workload("Deployment"), autoscaler("Deployment", 4)], 21, Verdict.DROPS),
        ([workload("StatefulSet"), autoscaler("StatefulSet", 4)], 21, Verdict.DROPS),
        ([workload("StatefulSet"), autoscaler("StatefulSet", 4)], 22, Verdict.CLEAN),
        (
            [workload("StatefulSet", replicas=4) | {"metadata": {"name": "batch", "namespace": "far"}}],
            18,
            Verdict.CLEAN,
        ),
    ],
)
def test_pods_of_others_take_from_a_quota(others, pods, verdict):
    objects = written(quota(pods=str(pods)), *others)
    assert judge(objects).verdict == verdict
    assert rules(objects) == ({WITHOUT_ROOM} if verdict == Verdict.DROPS else set())


def test_two_paths_that_fit_alone_do_not_fit_together():
    objects = written(quota(pods="20"))
    second = [
        each | {"metadata": each["metadata"] | {"name": "second"}}
        for each in deepcopy(objects)
        if each["kind"] in ("Deployment", "Service", "Ingress")
    ]
    front, service, pods = sorted(second, key=lambda each: ["Ingress", "Service", "Deployment"].index(each["kind"]))
    front["spec"] = {"defaultBackend": {"service": {"name": "second", "port": {"number": 80}}}}
    service["spec"]["selector"] = {"app": "second"}
    pods["spec"]["replicas"] = 3
    pods["spec"]["selector"] = {"matchLabels": {"app": "second"}}
    pods["spec"]["template"]["metadata"]["labels"] = {"app": "second"}
    told = {path.name: {each.rule for each in path.diagnostics} for path in judge([*objects, *second]).paths}
    assert WITHOUT_ROOM in told["shop/web"]
    objects[-1]["spec"]["hard"]["pods"] = "21"
    told = {path.name: {each.rule for each in path.diagnostics} for path in judge([*objects, *second]).paths}
    assert {name for name, found in told.items() if WITHOUT_ROOM in found} == set()


def test_pods_that_a_controller_made_are_counted_with_it():
    owned = named("web-1", {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "web", **CORE}]}})
    owned["metadata"]["ownerReferences"] = [{"kind": "ReplicaSet", "name": "web", "controller": True}]
    assert judge(written(quota(pods="18"), owned)).verdict == Verdict.CLEAN
    owned["metadata"]["ownerReferences"] = [{"kind": "Cluster", "name": "web", "controller": True}]
    assert judge(written(quota(pods="18"), owned)).verdict == Verdict.DROPS
    del owned["metadata"]["ownerReferences"]
    assert judge(written(quota(pods="18"), owned)).verdict == Verdict.DROPS
    assert judge(written(quota(pods="19"), owned)).verdict == Verdict.CLEAN


@pytest.mark.parametrize(
    "other",
    [
        workload("DaemonSet"),
        workload("StatefulSet", replicas="[unknown]"),
        cron_job(concurrencyPolicy="Allow"),
        workload("Rollout", replicas=2),
    ],
)
def test_how_many_pods_others_have_may_not_be_known(other):
    objects = written(quota(pods="100"), other)
    assert judge(objects).verdict == Verdict.NOT_JUDGED
    assert any("how much of it the pods of" in each and "shop/batch" in each for each in reasons(objects))


@pytest.mark.parametrize("key", ["template", "spec", "containers"])
@pytest.mark.parametrize("entry", ["pods", "requests.cpu"])
def test_what_is_not_known_of_others_may_take_from_a_quota(entry, key):
    other = workload("StatefulSet", replicas=2)
    template = other["spec"]["template"]
    {"template": other["spec"], "spec": template, "containers": template["spec"]}[key][key] = "[unknown]"
    objects = written(quota(**{entry: "300"}), other, **CORE)
    assert judge(objects).verdict == (Verdict.CLEAN if (entry, key) == ("pods", "containers") else Verdict.NOT_JUDGED)


def test_what_others_request_takes_from_a_quota():
    hard = {"requests.cpu": "58"}
    assert judge(written(quota(**hard), workload("StatefulSet", replicas=4), **CORE)).verdict == Verdict.CLEAN
    assert judge(written(quota(**hard), workload("StatefulSet", replicas=5), **CORE)).verdict == Verdict.DROPS


def test_a_daemon_that_takes_nothing_of_a_quota_does_not_matter():
    hard = {"requests.memory": "1Ti"}
    memory = {"resources": {"requests": {"memory": "1Gi"}}}
    objects = written(quota(**hard), workload("DaemonSet"), **memory)
    assert judge(objects, surroundings=STANDARD).verdict == Verdict.CLEAN


@pytest.mark.parametrize(("cores", "verdict"), [("8", Verdict.DROPS), ("1", Verdict.CLEAN)])
def test_a_pod_requests_what_its_greatest_init_container_does(cores, verdict):
    """Each container and the sidecar request 10m."""
    small = {"resources": {"requests": {"cpu": "10m"}}}
    init = {"resources": {"requests": {"cpu": cores}}}
    assert judge(written(quota(**{"requests.cpu": "20"}), init=init, **small)).verdict == verdict


def test_sidecars_that_started_before_count_with_an_init_container():
    great = {"resources": {"requests": {"cpu": "8"}}}
    assert judge(written(quota(**{"requests.cpu": "161"}), init=great, **CORE)).verdict == Verdict.DROPS
    assert judge(written(quota(**{"requests.cpu": "162"}), init=great, **CORE)).verdict == Verdict.CLEAN
    objects = written(quota(**{"requests.cpu": "36"}), init=CORE, **CORE)
    pod_of(objects)["containers"].pop()
    assert judge(objects).verdict == Verdict.CLEAN
    assert judge(written(quota(**{"requests.cpu": "53"}), init=CORE, **CORE)).verdict == Verdict.DROPS
    assert judge(written(quota(**{"requests.cpu": "54"}), init=CORE, **CORE)).verdict == Verdict.CLEAN


@pytest.mark.parametrize(
    "key", ["example.com/licenses", "limits.nvidia.com/gpu", "gpu.deviceclass.resource.k8s.io/devices"]
)
def test_a_quota_of_nobody_knows_what_is_not_judged(key):
    objects = written(quota(**{key: "300"}), **CORE)
    assert judge(objects).verdict == Verdict.NOT_JUDGED
    assert any("what it counts is not known" in each for each in reasons(objects))


@pytest.mark.parametrize(
    ("key", "groups", "resource"),
    [
        ("requests.nvidia.com/gpu", ["requests", "limits"], "nvidia.com/gpu"),
        ("limits.ephemeral-storage", ["limits"], "ephemeral-storage"),
        ("ephemeral-storage", ["requests"], "ephemeral-storage"),
        ("hugepages-2Mi", ["requests", "limits"], "hugepages-2Mi"),
        ("requests.hugepages-2Mi", ["requests", "limits"], "hugepages-2Mi"),
    ],
)
def test_a_quota_of_any_resource_counts_pods(key, groups, resource):
    stated = {"resources": {group: {resource: "1"} for group in groups}}
    assert judge(written(quota(**{key: "53"}), **stated)).verdict == Verdict.DROPS
    assert judge(written(quota(**{key: "54"}), **stated)).verdict == Verdict.CLEAN


@pytest.mark.parametrize("key", ["persistentvolumeclaims", "requests.storage", "fast.storageclass.storage.k8s.io/x"])
def test_a_quota_of_claims_matters_to_pods_that_make_claims(key):
    objects = written(quota(**{key: "3"}))
    assert judge(objects).verdict == Verdict.CLEAN
    pod_of(objects)["volumes"] = OWN_CLAIM
    assert any("what the pods' own claims take" in each for each in reasons(objects))


@pytest.mark.parametrize(
    ("most", "limit", "others", "verdict"),
    [
        ("12", None, [], Verdict.CLEAN),
        ("11", None, [], Verdict.NOT_JUDGED),
        ("5", 3, [], Verdict.CLEAN),
        ("4", 3, [], Verdict.NOT_JUDGED),
        ("17", 3, [workload("Deployment")], Verdict.CLEAN),
        ("16", 3, [workload("Deployment")], Verdict.NOT_JUDGED),
        ("5", 3, [workload("StatefulSet")], Verdict.CLEAN),
        ("6", 3, [workload("ReplicaSet")], Verdict.CLEAN),
        ("5", 3, [workload("ReplicaSet")], Verdict.NOT_JUDGED),
        ("500", 3, [workload("Deployment", revisionHistoryLimit="[unknown]")], Verdict.NOT_JUDGED),
        ("[unknown]", 3, [], Verdict.NOT_JUDGED),
    ],
)
def test_a_quota_of_replica_sets_holds_the_history_and_two_versions(most, limit, others, verdict):
    objects = written(quota(**{"count/replicasets.apps": most}), *others)
    if limit is not None:
        deployment(objects)["spec"]["revisionHistoryLimit"] = limit
    assert judge(objects).verdict == verdict


@pytest.mark.parametrize("value", ["[unknown]", "[secret]"])
def test_an_unknown_quota_of_what_pods_request_is_not_judged(value):
    objects = written(quota(**{"requests.cpu": value}), **CORE)
    assert judge(objects).verdict == Verdict.NOT_JUDGED
    assert any("how much it leaves is not known" in each for each in reasons(objects))


@pytest.mark.parametrize("value", ["[unknown]", "[secret]"])
def test_pods_that_request_nobody_knows_how_much_are_not_judged(value):
    unknown = {"resources": {"requests": {"cpu": value}, "limits": {"cpu": "2"}}}
    assert judge(written(**unknown)).verdict == Verdict.CLEAN
    objects = written(quota(**{"requests.cpu": "500"}), **unknown)
    assert judge(objects).verdict == Verdict.NOT_JUDGED
    assert any("how much it asks is not known" in each for each in reasons(objects))


def test_a_limit_that_is_not_known_is_not_less_than_a_request():
    unknown = {"resources": {"requests": {"cpu": "1"}, "limits": {"cpu": "[unknown]"}}}
    assert judge(written(**unknown)).verdict == Verdict.CLEAN


@pytest.mark.parametrize(("key", "value"), [("resources", {"requests": {"cpu": "1"}}), ("runtimeClassName", "gvisor")])
def test_what_a_pod_requests_as_a_whole_is_not_judged(key, value):
    objects = written(quota(**{"requests.cpu": "500"}), **CORE)
    assert judge(objects).verdict == Verdict.CLEAN
    pod_of(objects)[key] = value
    assert judge(objects).verdict == Verdict.NOT_JUDGED


def test_a_quota_whose_name_is_not_known_counts():
    assert judge(written(named("[unknown]", quota(pods="18")))).verdict == Verdict.CLEAN
    assert rules(written(named("[unknown]", quota(pods="17")))) == {WITHOUT_ROOM}


def test_the_quota_that_leaves_the_fewest_is_named():
    wide, narrow = named("wide", quota(pods="900")), named("narrow", quota(**{"requests.cpu": "9"}))
    [path] = judge(written(wide, narrow, **CORE)).paths
    [found] = [each for each in path.diagnostics if each.rule == WITHOUT_ROOM]
    assert (str(found.object), found.field, found.value) == (
        "ResourceQuota shop/narrow",
        "spec.hard[requests.cpu]",
        "9",
    )


@pytest.mark.parametrize(
    ("hard", "beside", "container", "told", "enough"),
    [
        ({"pods": "20"}, [workload("StatefulSet", replicas=3)], {}, ("take 3;", "leaves 17 pods"), "21"),
        ({"pods": "0"}, [], {}, ("it leaves 0 pods",), "18"),
        ({"requests.memory": "2Gi"}, [], {"memory": "64Mi"}, ("takes 192Mi;", "leaves 10 pods"), "3456Mi"),
        ({"memory": "2G"}, [], {"memory": "100M"}, ("takes 300M;",), "5400M"),
        ({"requests.memory": "1Gi"}, [], {"memory": "1Gi"}, ("takes 3Gi;",), "54Gi"),
        ({"cpu": "2"}, [], {"cpu": "64m"}, ("takes 192m;",), "3456m"),
        (
            {"requests.cpu": "3"},
            [workload("StatefulSet", replicas=3)],
            {"cpu": "250m"},
            ("take 3 and", "takes 750m;"),
            "16500m",
        ),
        ({"requests.memory": "9999"}, [], {"memory": "999"}, ("takes 2997;",), "53946"),
    ],
)
def test_what_a_quota_needs_is_told_as_it_is_written_and_passes(hard, beside, container, told, enough):
    requests = {"resources": {"requests": container}} if container else {}
    [entry], stated = hard, list(hard.values())
    [found] = found_on_standard(written(quota(**hard), *beside, **requests))
    assert (found.rule, [found.value]) == (WITHOUT_ROOM, stated)
    assert all(each in found.seen for each in told)
    assert found.would_pass == enough
    assert not rules(written(quota(**{entry: enough}), *beside, **requests))
