"""A rollout written into fields is the rollout that `nodrop.paths` reads from them."""

import copy
import json
from dataclasses import replace
from typing import Any

import kubernetes_validate
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nodrop.paths import Behaviour, ServingPath, behaviour, read_rollout, resolve
from nodrop.paths.waivers import accepted
from nodrop.rollout import Mode, OnTerm, Rollout, Unsolvable, solve
from nodrop.rollout.manifest import backend_config_fields, deployment_fields

LABELS = {"app": "web"}
UNSTATED = Behaviour(longest_request_seconds=0, startup_seconds=0, keep_alive_timeout_seconds=0, on_term=OnTerm.EXIT)


def usual(**changes: Any) -> Rollout:
    wishes: dict[str, Any] = {"longest_request_seconds": 30, "startup_seconds": 20, "replicas": 3, **changes}
    return solve(**wishes)


def deployment(rollout: Rollout, **arguments) -> dict:
    """A Deployment with the rollout's fields, and what they leave to others."""
    fields = copy.deepcopy(deployment_fields(rollout, "app", "http", labels=LABELS, **arguments))
    spec, pod = fields["spec"], fields["spec"]["template"]["spec"]
    pod["containers"][0] |= {"image": "web", "ports": [{"name": "http", "containerPort": 8080}]}
    spec["selector"] = {"matchLabels": LABELS}
    spec["template"]["metadata"] = {"labels": LABELS}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "demo", **fields["metadata"]},
        "spec": spec,
    }


def read(rollout: Rollout, **arguments) -> ServingPath:
    """The serving path through objects with the rollout's fields."""
    metadata = {"name": "web", "namespace": "demo"}
    annotations = {
        "cloud.google.com/neg": '{"ingress": true}',
        "cloud.google.com/backend-config": '{"default": "web"}',
    }
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {**metadata, "annotations": annotations},
        "spec": {"selector": LABELS, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]},
    }
    ingress = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {**metadata, "annotations": {"kubernetes.io/ingress.class": "gce"}},
        "spec": {"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}},
    }
    backend_config = {
        "apiVersion": "cloud.google.com/v1",
        "kind": "BackendConfig",
        "metadata": metadata,
        **backend_config_fields(rollout),
    }
    resolution = resolve([service, backend_config, ingress, deployment(rollout, **arguments)])
    assert resolution.problems == ()
    (path,) = resolution.paths
    return path


wishes = st.fixed_dictionaries(
    {
        "longest_request_seconds": st.integers(0, 280) | st.floats(0, 280),
        "startup_seconds": st.integers(0, 570) | st.floats(0, 570),
        "replicas": st.integers(1, 100),
        "zones": st.none() | st.integers(1, 4),
        "keep_alive_timeout_seconds": st.just(0) | st.integers(620, 10_000) | st.floats(620, 10_000),
        "on_term": st.sampled_from(OnTerm),
        "mode": st.sampled_from(Mode),
        "health_check_path": st.sampled_from(["/", "/ready/", "/a?b=c", "/true"]),
        "rolled_out_within_seconds": st.none() | st.integers(600, 100_000),
    }
)


@given(wishes)
def test_what_is_written_is_what_is_read(wishes):
    try:
        rollout = solve(**wishes)
    except Unsolvable:
        assume(False)
        raise
    path = read(rollout)
    for name in ("replicas", "max_surge", "termination_grace_period_seconds", "draining_timeout_seconds"):
        assert getattr(path, name) == getattr(rollout, name), name
    again = read_rollout(path, behaviour(path.deployment, UNSTATED))
    unsaid: dict[str, Any] = {"placement": None, "wiring": None, "health_check_copies_probe": False}
    if not rollout.pre_stop_seconds:
        unsaid |= {"containers_that_stop_early": (), "pre_stop_is_sleep_action": True}
    assert replace(again, **unsaid) == replace(rollout, **unsaid)


@pytest.mark.parametrize("version", ["1.30", "1.34"])
@pytest.mark.parametrize(
    "changes",
    [{}, {"zones": 3}, {"max_replicas": 9}, {"mode": Mode.HARD_CODED_DELAY, "on_term": OnTerm.SERVE}],
)
def test_kubernetes_takes_the_fields(changes, version):
    kubernetes_validate.validate(
        deployment(usual(**changes), accept={"survives-a-lost-pod": "a batch"}), version, strict=True
    )


def test_the_autoscaler_keeps_its_replicas():
    assert "replicas" not in deployment_fields(usual(max_replicas=9), "app", 80)["spec"]


def test_a_rollout_that_relies_on_a_spread_over_zones_states_it_for_the_pods_labels():
    pod = deployment_fields(usual(zones=3), "app", 80, labels=LABELS)["spec"]["template"]["spec"]
    (spread,) = pod["topologySpreadConstraints"]
    assert (spread["topologyKey"], spread["whenUnsatisfiable"]) == ("topology.kubernetes.io/zone", "DoNotSchedule")
    assert spread["labelSelector"] == {"matchLabels": LABELS}
    assert spread["matchLabelKeys"] == ["pod-template-hash"]


@pytest.mark.parametrize("changes", [{}, {"spot": True, "accept": ["nodes-drain-before-they-stop"]}])
def test_nobody_who_named_no_zones_gets_a_spread(changes):
    pod = deployment_fields(usual(**changes), "app", 80, labels=LABELS)["spec"]["template"]["spec"]
    assert "topologySpreadConstraints" not in pod


def test_waivers_are_read_as_they_were_written():
    waivers = {"survives-a-lost-pod": 'a "batch" with ünicode'}
    assert accepted(read(usual(), accept=waivers).deployment) == waivers


def test_the_fields_are_plain_data():
    fields = [deployment_fields(usual(zones=3), "app", 80, labels=LABELS), backend_config_fields(usual())]
    assert json.loads(json.dumps(fields)) == fields
