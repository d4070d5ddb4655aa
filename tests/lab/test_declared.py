"""What is declared is what runs, on real packets: ports and paths of probes and health checks, and who failed a pod."""

import sys
from copy import deepcopy
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from nodrop.lab import variants
from nodrop.lab.causes import CLOSED_BEFORE
from nodrop.lab.conditions import unrehearsed
from nodrop.lab.containers import Application
from nodrop.lab.counting import DRAINING_ENDED
from nodrop.lab.errors import LabFailedError
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.lab.runner import run_each
from nodrop.paths import Behaviour, read_manifests, read_rollout, resolve
from nodrop.paths import behaviour as read_behaviour
from nodrop.rollout import OnTerm

pytestmark = pytest.mark.lab

FIELD_CASES = Path(__file__).parent.parent / "judge" / "field_cases"
SETTINGS = Settings(speed_up=30)
SHORT = Behaviour(longest_request_seconds=5, startup_seconds=2, keep_alive_timeout_seconds=620, on_term=OnTerm.DRAIN)
STAND_IN = f"{sys.executable} -I -S {resources.files('nodrop.lab') / 'ready_test.py'}"
NEED_A_COMMAND = ("gateway-without-health-check-policy.yaml",)
"""What the application answers to the health check is in no object."""
SOON = 300
"""Seconds after which a pod that does not become available is given up."""


def case(name):
    (path,) = resolve(read_manifests([FIELD_CASES / name])).paths
    assert not unrehearsed(path, read_rollout(path, SHORT), stand_in=name not in NEED_A_COMMAND), name
    deployment = deepcopy(path.deployment)
    deployment["spec"]["progressDeadlineSeconds"] = SOON
    return replace(path, deployment=deployment)


def job(path, command=None, behaviour=SHORT):
    return Job(
        experiment=Experiment.ROLLOUT,
        variant=path.name,
        path=path,
        application=Application(behaviour, command),
        settings=SETTINGS,
    )


def outcome(*jobs):
    return run_each(list(jobs), lambda _job, _phase: None, parallel=1)


def test_a_health_check_on_a_port_of_its_own_is_asked_there():
    (result,) = outcome(job(case("readiness-on-admin-port-with-check.yaml")))
    assert result.finished
    assert (result.failed, result.requests > 500) == (0, True)


def test_a_container_beside_that_ends_early_cuts_the_requests_that_need_it():
    (result,) = outcome(job(case("database-proxy-without-pre-stop.yaml")))
    assert result.failures["application answered 502: container sqlproxy had stopped"] > 0


def test_with_a_local_traffic_policy_the_node_of_the_old_pod_takes_requests_that_nobody_answers():
    (result,) = outcome(job(case("external-traffic-policy-local.yaml")))
    assert result.finished
    assert result.failures["failed_to_connect_to_backend"] > 0


def test_an_autoscalers_minimum_is_what_runs():
    (result,) = outcome(job(case("autoscaler-minimum.yaml")))
    assert result.subject.replicas == sum(pod.old for pod in result.pods) == 8


def test_without_a_readiness_probe_a_rollout_behind_a_node_port_drops():
    path = variants.behind_node_port(case("node-port-without-probe.yaml"))
    unprobed = job(path, behaviour=read_behaviour(path.deployment, SHORT))
    (result,) = outcome(replace(unprobed, settings=Settings(speed_up=10, requests_per_second=36)))
    assert result.failed > 0


def encrypted(path):
    """The path, where load balancer and kubelet speak TLS to the pods."""
    service, deployment = deepcopy(path.service), deepcopy(path.deployment)
    service["metadata"]["annotations"]["cloud.google.com/app-protocols"] = '{"http": "HTTPS"}'
    for container in deployment["spec"]["template"]["spec"]["containers"]:
        container["readinessProbe"]["httpGet"]["scheme"] = "HTTPS"
    config = deepcopy(path.backend_config)
    config["spec"]["healthCheck"]["type"] = "HTTPS"
    return replace(path, service=service, deployment=deployment, backend_config=config)


def test_requests_probes_and_health_checks_may_be_encrypted():
    path = encrypted(case("readiness-on-admin-port-with-check.yaml"))
    assert path.protocol == path.health_check.type == "HTTPS"
    kept, clear = outcome(
        replace(job(path), settings=Settings(speed_up=10)), job(path, f"{STAND_IN} --port {{port}} --port 4445")
    )
    assert (kept.failed, kept.requests > 500) == (0, True)
    assert "kubelet: GET :4445/health/ready" in str(clear)
    assert "load balancer: GET :4445/health/ready" in str(clear)


REDIRECTS = (
    f'{sys.executable} -c "import http.server as h\n'
    "class H(h.BaseHTTPRequestHandler):\n"
    "    def do_GET(self):\n"
    "        self.send_response(200 if self.path == '/healthz' else 301)\n"
    "        self.end_headers()\n"
    "h.ThreadingHTTPServer(('', {port}), H).serve_forever()\""
)


@pytest.mark.parametrize(
    ("name", "command", "told"),
    [
        (
            "readiness-on-admin-port-with-check.yaml",
            f"{STAND_IN} --port {{port}}",
            "kubelet: GET :4445/health/ready refused; load balancer: GET :4445/health/ready refused",
        ),
        (
            "gateway-without-health-check-policy.yaml",
            REDIRECTS,
            "load balancer: GET / answered 301, 200 is wanted",
        ),
    ],
    ids=["a port on which nobody listens", "a redirect"],
)
def test_a_pod_that_does_not_become_available_names_the_judge_that_fails_it(name, command, told):
    (failed,) = outcome(job(case(name), command))
    assert isinstance(failed, LabFailedError)
    assert str(failed).endswith(f"does not become available before the experiment: {told}")


def connected_to(path, port):
    """The path of a Gateway, with a health check that only connects to a port."""
    check = {"type": "TCP", "tcpHealthCheck": {"port": port}}
    metadata = {"name": "dash", "namespace": path.namespace}
    policy = {"kind": "HealthCheckPolicy", "metadata": metadata, "spec": {"default": {"config": check}}}
    return replace(path, health_check_policy=policy)


def test_a_health_check_may_only_connect():
    dash = case("gateway-without-health-check-policy.yaml")
    connected, refused = outcome(
        job(connected_to(dash, 9000)), job(connected_to(dash, 9000), f"{STAND_IN} --port {{port}}")
    )
    assert (connected.finished, connected.failures.get("failed_to_pick_backend", 0)) == (True, 0)
    assert str(refused).endswith("load balancer: connecting to :9000 refused")


def lasting(seconds):
    return replace(SHORT, longest_request_seconds=seconds)


def test_failures_are_counted_until_the_proxies_reach_the_new_pods():
    path = case("readiness-on-admin-port-with-check.yaml")
    path.deployment["spec"]["strategy"] = {"type": "Recreate"}
    late = replace(SETTINGS, attach_lag_seconds=(90, 100))
    (result,) = outcome(replace(job(path), settings=late))
    assert result.failed >= 60 * late.requests_per_second
    failures = result.histogram.failures
    last = max(second for second, number in enumerate(failures) if number)
    assert sum(result.histogram.requests[last + 1 :]) > 0


def test_draining_that_cuts_a_request_is_a_cause_of_its_own():
    undrained = job(case("backend-config-under-wrong-port.yaml"), behaviour=lasting(25))
    (result,) = outcome(replace(undrained, settings=Settings(speed_up=10, requests_per_second=36)))
    assert result.failures[DRAINING_ENDED] > 0
    assert "drainingTimeoutSec" in DRAINING_ENDED


def test_draining_cuts_short_requests_too_at_the_speed_that_is_chosen():
    undrained = job(case("backend-config-under-wrong-port.yaml"), behaviour=lasting(5))
    chosen = Settings(speed_up=30, speed_up_is_forced=False, requests_per_second=120)
    (result,) = outcome(replace(undrained, settings=chosen, steady_first=False))
    assert result.conditions.speed_up <= 5
    assert result.failures[DRAINING_ENDED] > 0


def test_requests_last_as_long_as_stated_and_fail_beyond_the_backend_timeout_without_a_rollout_as_well():
    (result,) = outcome(job(case("streams-longer-than-timeout.yaml"), behaviour=lasting(200)))
    assert result.steady_failures["backend_timeout"] == pytest.approx(0.1 * result.steady_requests, rel=0.3)
    assert result.failures_anyway["backend_timeout"] == pytest.approx(0.1 * result.requests, rel=0.3)
    assert result.failed < 0.02 * result.requests


def test_keep_alive_races_are_counted_in_both_windows_and_are_not_the_rollouts():
    races = Path(__file__).with_name("keep_alive_races.py")
    path = case("readiness-on-admin-port-with-check.yaml")
    (result,) = outcome(job(path, f"{sys.executable} {races} --port {{port}} --port 4445"))
    assert result.steady_failures[CLOSED_BEFORE] > 10
    assert result.failures_anyway[CLOSED_BEFORE] > 10
    assert result.failures.get(CLOSED_BEFORE, 0) < 0.5 * result.failures_anyway[CLOSED_BEFORE]
