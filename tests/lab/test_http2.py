"""HTTP/2 and gRPC to the pods, on real packets: over TLS and in clear, health checks and probes too."""

import sys
from copy import deepcopy
from dataclasses import replace

import pytest

from nodrop.lab import variants
from nodrop.lab.conditions import unrehearsed
from nodrop.lab.containers import Application
from nodrop.lab.errors import LabFailedError
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.lab.protocols import Requests, requests_of, stand_in_speaks_http2
from nodrop.lab.results import RolloutResult
from nodrop.lab.runner import run_each
from nodrop.paths import Behaviour, read_rollout
from nodrop.rollout import OnTerm

STATED = Behaviour(longest_request_seconds=10, startup_seconds=2, keep_alive_timeout_seconds=620, on_term=OnTerm.DRAIN)
EXITS = replace(STATED, on_term=OnTerm.EXIT)


def encrypted(path):
    """HTTP/2 over TLS, which the health check speaks as well."""
    service, deployment, config = (deepcopy(each) for each in (path.service, path.deployment, path.backend_config))
    service["metadata"]["annotations"]["cloud.google.com/app-protocols"] = '{"http": "HTTP2"}'
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    container["readinessProbe"]["httpGet"]["scheme"] = "HTTPS"
    config["spec"]["healthCheck"]["type"] = "HTTP2"
    return replace(path, service=service, deployment=deployment, backend_config=config)


def grpc(path):
    """gRPC in clear behind a Gateway; kubelet and load balancer ask by gRPC."""
    service, deployment = deepcopy(path.service), deepcopy(path.deployment)
    service["spec"]["ports"][0]["appProtocol"] = "kubernetes.io/h2c"
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    container["readinessProbe"] = {"grpc": {"port": 8080}, "periodSeconds": 5, "timeoutSeconds": 5}
    check = {"checkIntervalSec": 5, "config": {"type": "GRPC", "grpcHealthCheck": {"port": 8080}}}
    metadata = {"name": "web", "namespace": path.namespace}
    return replace(
        path,
        entry={
            "kind": "Gateway",
            "metadata": {"name": "front", "namespace": path.namespace},
            "spec": {"gatewayClassName": "gke-l7-global-external-managed"},
        },
        service=service,
        service_port=service["spec"]["ports"][0],
        deployment=deployment,
        backend_config=None,
        backend_policy={
            "kind": "GCPBackendPolicy",
            "metadata": metadata,
            "spec": {"default": {"timeoutSec": 35, "connectionDraining": {"drainingTimeoutSec": 30}}},
        },
        health_check_policy={"kind": "HealthCheckPolicy", "metadata": metadata, "spec": {"default": check}},
    )


PROTOCOLS = pytest.mark.parametrize("of", [encrypted, grpc], ids=["HTTP2", "gRPC"])


def job(path, stated=STATED, command=None):
    return Job(
        experiment=Experiment.ROLLOUT,
        variant=path.name,
        path=path,
        application=Application(stated, command, requests=requests_of(path)),
        settings=Settings(speed_up=10, requests_per_second=24),
        steady_first=False,
    )


def rollout(each):
    (result,) = run_each([each], lambda _job, _phase: None, parallel=1)
    assert isinstance(result, RolloutResult), result
    return result


@PROTOCOLS
def test_the_path_can_be_rehearsed(neg_path, of):
    path = of(neg_path)
    found = unrehearsed(path, read_rollout(path, STATED), stand_in=True, requests=requests_of(path))
    assert found == ()
    assert stand_in_speaks_http2(path)


def test_what_clients_send_follows_from_who_asks_by_grpc(neg_path):
    assert requests_of(neg_path) is requests_of(encrypted(neg_path)) is Requests.HTTP
    assert requests_of(grpc(neg_path)) is Requests.GRPC
    assert requests_of(encrypted(neg_path), Requests.GRPC) is Requests.GRPC
    assert not stand_in_speaks_http2(neg_path)


def test_grpc_needs_a_backend_that_speaks_http2(neg_path):
    rollout = read_rollout(neg_path, STATED)
    (reason,) = unrehearsed(neg_path, rollout, stand_in=True, requests=Requests.GRPC)
    assert reason.startswith("Service demo/web: protocol HTTP: requests of gRPC need HTTP/2")


@pytest.mark.lab
@PROTOCOLS
def test_a_rollout_that_drains_with_goaway_fails_no_request(neg_path, of):
    result = rollout(job(of(neg_path)))
    assert result.finished
    assert (result.failures, result.requests > 1000) == ({}, True)
    assert set(result.methods) == ({"gRPC"} if of is grpc else {"GET", "POST"})


@pytest.mark.lab
@PROTOCOLS
def test_a_pod_that_ends_at_once_cuts_requests(neg_path, of):
    result = rollout(job(variants.without_pre_stop(of(neg_path)), EXITS))
    closed = "backend_connection_closed_before_data_sent_to_client"
    assert result.failures["failed_to_connect_to_backend"] > 20
    assert result.failures[closed] > 0
    if of is grpc:
        assert result.saved == 0


@pytest.mark.lab
def test_an_application_that_speaks_no_http2_is_told_by_whoever_asks_it(neg_path):
    command = f"{sys.executable} -m http.server {{port}}"
    (failed,) = run_each([job(grpc(neg_path), command=command)], lambda _job, _phase: None, parallel=1)
    assert isinstance(failed, LabFailedError)
    assert "kubelet: gRPC at :8080" in str(failed)
    assert "load balancer: gRPC at :8080" in str(failed)


@pytest.mark.lab
def test_streams_are_ended_by_those_that_drain_and_cut_by_those_that_exit(neg_path):
    path = encrypted(neg_path)
    path.backend_config["spec"] |= {"timeoutSec": 600, "connectionDraining": {"drainingTimeoutSec": 120}}

    def streams(path, stated):
        each = job(path, stated)
        return rollout(replace(each, application=replace(each.application, requests=Requests.STREAM)))

    drains = streams(path, STATED)
    assert drains.failures == {}
    assert drains.reconnects > 0.8 * (drains.requests - drains.reconnects) > 0
    exits = streams(variants.without_pre_stop(path), EXITS)
    assert sum(exits.failures.values()) > 0.5 * (drains.requests - drains.reconnects)
    assert exits.reconnects == 0
