"""Containers beside the serving one, and probes as they are declared, on real packets."""

import sys
from copy import deepcopy
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest

from nodrop.lab.causes import CLOSED_WITHIN
from nodrop.lab.conditions import unrehearsed
from nodrop.lab.containers import Application
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.lab.protocols import Requests, requests_of
from nodrop.lab.ready_test import SECONDS_HEADER
from nodrop.lab.results import RolloutResult, UnreadyResult
from nodrop.lab.runner import run_each
from nodrop.paths import Behaviour, read_manifests, read_rollout, resolve
from nodrop.rollout import OnTerm
from tests.lab.test_http2 import encrypted, grpc

FIELD_CASES = Path(__file__).parent.parent / "judge" / "field_cases"
STATED = Behaviour(longest_request_seconds=5, startup_seconds=2, keep_alive_timeout_seconds=620, on_term=OnTerm.DRAIN)
PROXY = {"name": "sqlproxy", "image": "example/database-proxy:1"}


def changed(path, *, beside=None, native=None, readiness=None, liveness=None, check=None):
    """The path with such a container beside, ordinary or native; such probes; and such a path that is checked."""
    deployment, config = deepcopy(path.deployment), deepcopy(path.backend_config)
    pod = deployment["spec"]["template"]["spec"]
    (serving,) = (each for each in pod["containers"] if each["name"] == path.container)
    if readiness:
        serving["readinessProbe"] = readiness
    if liveness:
        serving["livenessProbe"] = liveness
    if beside:
        pod["containers"].append(beside)
    if native:
        pod["initContainers"] = [{**native, "restartPolicy": "Always"}]
    if check:
        config["spec"]["healthCheck"]["requestPath"] = check
    return replace(path, deployment=deployment, backend_config=config)


def get(path):
    return {"httpGet": {"path": path, "port": 8080}, "periodSeconds": 5, "timeoutSeconds": 5}


def job(path, *, requests=None, experiment=Experiment.ROLLOUT, speed_up=20):
    requests = requests or requests_of(path)
    assert not unrehearsed(path, read_rollout(path, STATED), stand_in=True, requests=requests)
    stated = replace(STATED, longest_request_seconds=0) if requests.kept_open else STATED
    return Job(
        experiment=experiment,
        variant=path.name,
        path=path,
        application=Application(stated, None, requests=requests),
        settings=Settings(speed_up=speed_up),
    )


def outcome(asked):
    (result,) = run_each([asked], lambda _job, _phase: None, parallel=1)
    assert isinstance(result, RolloutResult | UnreadyResult), result
    return result


def asked_at_the_root(path):
    """The path, where readiness and health check ask what clients do."""
    return changed(path, readiness=get("/"), check="/")


@pytest.mark.lab
@pytest.mark.parametrize(
    ("of", "requests", "cause"),
    [
        (asked_at_the_root, Requests.HTTP, "application answered 502: container sqlproxy had stopped"),
        (grpc, Requests.GRPC, "application answered grpc-status 14"),
        (asked_at_the_root, Requests.WEBSOCKET, "application answered 1011: container sqlproxy had stopped"),
        (asked_at_the_root, Requests.STREAM, CLOSED_WITHIN),
        (encrypted, Requests.STREAM, CLOSED_WITHIN),
    ],
    ids=["HTTP", "gRPC", "WebSocket", "stream", "stream over HTTP/2"],
)
def test_a_container_beside_that_ends_early_cuts_requests_whatever_is_probed(neg_path, of, requests, cause):
    result = outcome(job(changed(of(neg_path), beside=PROXY), requests=requests, speed_up=10))
    assert result.failures[cause] > 0


@pytest.mark.lab
def test_a_native_sidecar_ends_after_the_serving_container_and_cuts_nothing(neg_path):
    result = outcome(job(changed(neg_path, native=PROXY, readiness=get("/"), check="/")))
    assert result.finished
    assert (result.failed, result.requests > 500) == (0, True)


@pytest.mark.lab
def test_a_native_sidecars_startup_probe_holds_the_serving_container_back(neg_path):
    probe = {"tcpSocket": {"port": 15020}, "initialDelaySeconds": 40, "timeoutSeconds": 5}
    slow = {**PROXY, "ports": [{"containerPort": 15020}], "startupProbe": probe}
    result = outcome(job(changed(neg_path, native=slow)))
    started = [pod.events["started"] - pod.events["created"] for pod in result.pods if not pod.old]
    assert min(started) >= 40
    assert result.failed == 0


@pytest.mark.lab
def test_a_probe_on_a_path_with_a_query_and_without_a_slash_fails_when_the_pod_is_unready(neg_path):
    path = changed(neg_path, readiness=get("healthz?full=1"), check="/healthz?full=1")
    result = outcome(job(path, experiment=Experiment.UNREADY))
    assert result.removed_seconds is not None
    assert result.served_after_removal == 0


def test_readiness_by_tcp_says_nothing_of_the_answer_to_the_health_check():
    (path,) = resolve(read_manifests([FIELD_CASES / "reported" / "probe-of-the-port-alone.yaml"])).paths
    (found,) = unrehearsed(path, read_rollout(path, STATED), stand_in=True)
    assert "the health check asks GET /, as no probe does" in found


@pytest.mark.lab
def test_readiness_by_tcp_is_rehearsed_where_the_liveness_probe_asks_what_the_health_check_does(neg_path):
    connects = {"tcpSocket": {"port": 8080}, "periodSeconds": 5, "timeoutSeconds": 5}
    path = changed(neg_path, readiness=connects, liveness=get("/alive"), check="/alive")
    result = outcome(job(path))
    assert result.finished
    assert (result.failed, result.requests > 500) == (0, True)


@pytest.mark.lab
def test_a_pre_stop_that_asks_the_application_holds_term_back_until_it_is_answered(neg_path):
    path = changed(neg_path)
    asks = {"path": "/drain", "port": "http", "httpHeaders": [{"name": SECONDS_HEADER, "value": "2"}]}
    (container,) = path.deployment["spec"]["template"]["spec"]["containers"]
    container["lifecycle"] = {"preStop": {"httpGet": asks}}
    script = resources.files("nodrop.lab") / "ready_test.py"
    command = f"{sys.executable} -I -S {script} --port {{port}} --longest-request-seconds 2 --on-term drain"
    stated = replace(STATED, longest_request_seconds=0)
    asked = replace(job(neg_path), path=path, application=Application(stated, command))
    assert not unrehearsed(path, read_rollout(path, stated), stand_in=False)
    result = outcome(asked)
    to_term = [pod.events["term"] - pod.events["deleted"] for pod in result.pods if pod.old]
    assert all(40 <= seconds < 60 for seconds in to_term)  # 2 s, 20 times as fast
    assert (result.failed, result.requests > 500) == (0, True)
