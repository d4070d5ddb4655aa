"""Variants of a serving path: one thing changes, everything else and the original stay."""

from copy import deepcopy
from dataclasses import replace

import pytest

from nodrop.gke.services import NEG, NO_NEG, READINESS_GATE
from nodrop.lab import variants
from nodrop.paths import Backend


def pod(path):
    return path.deployment["spec"]["template"]["spec"]


def test_replicas(neg_path):
    assert variants.with_replicas(neg_path, 6).replicas == 6


def test_behind_a_node_port_all_but_the_service_stays(neg_path):
    path = variants.behind_node_port(neg_path)
    assert path.backend is Backend.INSTANCE_GROUP
    assert path.service["spec"] == {**neg_path.service["spec"], "type": "NodePort"}
    assert path.service["metadata"]["annotations"][NEG] == NO_NEG
    assert replace(path, backend=neg_path.backend, service=neg_path.service) == neg_path
    assert path.health_check == neg_path.health_check


def test_behind_a_node_port_the_affinity_that_a_neg_passes_by_goes(neg_path):
    affinity = {"sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 60}}}
    service = {**neg_path.service, "spec": {**neg_path.service["spec"], **affinity}}
    path = variants.behind_node_port(replace(neg_path, service=service))
    assert path.service["spec"] == {**neg_path.service["spec"], "type": "NodePort"}


def test_an_inferred_health_check_is_no_longer_the_one_of_the_backend_config(neg_path):
    path = variants.behind_node_port(neg_path)
    inferred = variants.with_inferred_health_check(path)
    assert inferred.health_check.check_interval_seconds > path.health_check.check_interval_seconds
    assert inferred.draining_timeout_seconds == path.draining_timeout_seconds


def test_no_container_has_a_pre_stop_and_the_grace_period_stays(neg_path):
    path = variants.without_pre_stop(neg_path)
    assert path.pre_stops.of("app").seconds is None
    assert path.pre_stops.containers_without == ("app",)
    assert path.termination_grace_period_seconds == 95


def test_native_sidecars_lose_their_pre_stop_too(neg_path):
    deployment = deepcopy(neg_path.deployment)
    hook = {"preStop": {"sleep": {"seconds": 5}}}
    sidecar = {"name": "proxy", "image": "envoy:1", "restartPolicy": "Always", "lifecycle": hook}
    deployment["spec"]["template"]["spec"]["initContainers"] = [sidecar]
    path = variants.without_pre_stop(replace(neg_path, deployment=deployment))
    assert pod(path)["initContainers"][0]["lifecycle"] == {}


def test_other_hooks_stay_without_pre_stop(neg_path):
    deployment = deepcopy(neg_path.deployment)
    deployment["spec"]["template"]["spec"]["containers"][0]["lifecycle"]["postStart"] = {"exec": {}}
    path = variants.without_pre_stop(replace(neg_path, deployment=deployment))
    assert pod(path)["containers"][0]["lifecycle"] == {"postStart": {"exec": {}}}


def test_the_gate_is_declared_once(neg_path, node_port_path):
    for path in (neg_path, node_port_path):
        assert variants.with_gate(path).readiness_gates == (READINESS_GATE,)
        assert variants.without_gate(path).readiness_gates == ()


def test_other_gates_stay(neg_path):
    deployment = deepcopy(neg_path.deployment)
    deployment["spec"]["template"]["spec"]["readinessGates"].append({"conditionType": "own"})
    path = replace(neg_path, deployment=deployment)
    assert sorted(variants.with_gate(path).readiness_gates) == [READINESS_GATE, "own"]
    assert variants.without_gate(path).readiness_gates == ("own",)


@pytest.mark.parametrize(
    "change",
    [
        lambda path: variants.with_replicas(path, 6),
        variants.without_pre_stop,
        variants.with_gate,
        variants.without_gate,
    ],
)
def test_the_original_stays_as_it_was(neg_path, node_port_path, change):
    for path in (neg_path, node_port_path):
        before = deepcopy(path)
        changed = change(path)
        assert path == before
        assert replace(changed, deployment={}) == replace(before, deployment={})
