from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodrop.paths import Behaviour, ReadingError, behaviour, read_rollout, resolve
from nodrop.rollout import Mode, OnTerm, Probe, solve
from nodrop.rollout.manifest import backend_config_fields, deployment_fields

NOTHING = Behaviour(longest_request_seconds=0, startup_seconds=0, keep_alive_timeout_seconds=0, on_term=OnTerm.EXIT)


def read(objects):
    (path,) = resolve(objects.all).paths
    return read_rollout(path, behaviour(path.deployment, NOTHING))


def test_every_number_of_the_objects_is_read(objects):
    rollout = read(objects)
    assert (rollout.replicas, rollout.strategy, rollout.max_surge, rollout.max_unavailable) == (
        3,
        "RollingUpdate",
        1,
        0,
    )
    assert (rollout.min_ready_seconds, rollout.progress_deadline_seconds) == (7, 599)
    assert (rollout.pre_stop_seconds, rollout.termination_grace_period_seconds) == (60, 95)
    assert (rollout.longest_request_seconds, rollout.startup_seconds) == (30, 2.5)
    assert (rollout.keep_alive_timeout_seconds, rollout.on_term) == (620, OnTerm.DRAIN)
    assert (rollout.backend_timeout_seconds, rollout.draining_timeout_seconds) == (35, 30)
    assert (rollout.health_check.path, rollout.health_check.check_interval_seconds) == ("/ready/", 5)
    assert rollout.readiness_gate
    assert rollout.mode is Mode.POD_READINESS_FEEDBACK


def test_a_minute_without_a_declared_gate_is_the_hard_coded_delay(objects):
    del objects.pod["readinessGates"]
    assert read(objects).mode is Mode.POD_READINESS_FEEDBACK
    objects.deployment["spec"]["minReadySeconds"] = 60
    assert read(objects).mode is Mode.HARD_CODED_DELAY


def test_a_health_check_without_a_stated_path_is_inferred(objects):
    assert read(objects).health_check_is_explicit
    del objects.backend_config["spec"]["healthCheck"]["requestPath"]
    assert not read(objects).health_check_is_explicit


def test_only_init_containers_that_restart_always_are_native_sidecars(objects):
    objects.pod["initContainers"] = [{"name": "proxy", "restartPolicy": "Always"}, {"name": "migrate"}]
    assert read(objects).native_sidecars == ("proxy",)


def test_a_sleeping_command_is_told_from_the_sleep_action(objects):
    assert read(objects).pre_stop_is_sleep_action
    objects.web["lifecycle"]["preStop"] = {"exec": {"command": ["sleep", "60"]}}
    assert (read(objects).pre_stop_seconds, read(objects).pre_stop_is_sleep_action) == (60, False)


def test_a_probe_of_the_port_alone_has_no_path(objects):
    objects.web["livenessProbe"] = {"tcpSocket": {"port": "http"}, "periodSeconds": 7}
    assert read(objects).liveness_probe == Probe(
        path="", period_seconds=7, timeout_seconds=1, success_threshold=1, failure_threshold=3
    )


def test_an_unreadable_probe_is_named(objects):
    objects.web["livenessProbe"] = {"tcpSocket": {"port": "http"}, "periodSeconds": "often"}
    with pytest.raises(ReadingError, match="livenessProbe"):
        read(objects)


@given(
    st.integers(0, 280), st.floats(0, 500), st.integers(1, 50), st.sampled_from(Mode), st.sampled_from([0, 75.5, 620])
)
def test_what_is_written_as_fields_is_read_again(pristine, longest, startup, replicas, mode, keep_alive):
    solved = solve(
        longest_request_seconds=longest,
        startup_seconds=startup,
        replicas=replicas,
        mode=mode,
        health_check_path="/ready/",
        accept=["keep-alive-outlasts-load-balancer"],
        keep_alive_timeout_seconds=keep_alive,
    )
    deployment, ingress, backend_config, service = pristine
    fields = deployment_fields(solved, "web", "http")
    (container,) = fields["spec"]["template"]["spec"]["containers"]
    container["ports"] = [{"name": "http", "containerPort": 8080}]
    written = {
        **deployment,
        "metadata": {**deployment["metadata"], **fields["metadata"]},
        "spec": {
            **fields["spec"],
            "selector": deployment["spec"]["selector"],
            "template": {**fields["spec"]["template"], "metadata": deployment["spec"]["template"]["metadata"]},
        },
    }
    (path,) = resolve([written, ingress, {**backend_config, **backend_config_fields(solved)}, service]).paths
    again = read_rollout(path, behaviour(path.deployment, NOTHING))
    assert replace(again, health_check_copies_probe=solved.health_check_copies_probe) == solved
