"""WebSocket connections and streams of events that outlive a rollout, on real packets: who ends them, and how."""

from copy import deepcopy
from dataclasses import replace

import pytest

from nodrop.gke.ingresses import CLASS, CLASS_EXTERNAL, CLASS_INTERNAL
from nodrop.lab import variants
from nodrop.lab.conditions import unrehearsed
from nodrop.lab.containers import Application
from nodrop.lab.counting import DRAINING_ENDED
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.lab.protocols import Requests, connections_end_at_timeout
from nodrop.lab.results import RolloutResult
from nodrop.lab.runner import run_each
from nodrop.paths import Behaviour, read_rollout
from nodrop.rollout import OnTerm

STATED = Behaviour(longest_request_seconds=0, startup_seconds=2, keep_alive_timeout_seconds=620, on_term=OnTerm.DRAIN)
CLOSED = "backend_connection_closed_after_partial_response_sent"
CONNECTIONS = 60
both = pytest.mark.parametrize("requests", [Requests.WEBSOCKET, Requests.STREAM])


def behind(path, ingress_class, *, draining_seconds=120, timeout_seconds=600):
    entry, config = deepcopy(path.entry), deepcopy(path.backend_config)
    entry["metadata"]["annotations"][CLASS] = ingress_class
    config["spec"] |= {
        "timeoutSec": timeout_seconds,
        "connectionDraining": {"drainingTimeoutSec": draining_seconds},
    }
    return replace(path, entry=entry, backend_config=config)


def rollout(path, requests, stated=STATED, *, steady_first=False):
    job = Job(
        experiment=Experiment.ROLLOUT,
        variant=path.name,
        path=path,
        application=Application(stated, None, requests=requests),
        settings=Settings(speed_up=10),
        steady_first=steady_first,
    )
    (result,) = run_each([job], lambda _job, _phase: None, parallel=1)
    assert isinstance(result, RolloutResult), result
    assert result.finished
    return result


@pytest.mark.parametrize(
    ("ingress_class", "requests", "ends"),
    [
        (CLASS_EXTERNAL, Requests.WEBSOCKET, True),
        (CLASS_INTERNAL, Requests.WEBSOCKET, False),
        (CLASS_EXTERNAL, Requests.STREAM, True),
        (CLASS_INTERNAL, Requests.STREAM, True),
        (CLASS_EXTERNAL, Requests.HTTP, False),
    ],
)
def test_the_backend_timeout_ends_streams_and_behind_a_classic_load_balancer_websockets(
    neg_path, ingress_class, requests, ends
):
    assert connections_end_at_timeout(behind(neg_path, ingress_class), requests) is ends


def over_http2(path):
    service = deepcopy(path.service)
    service["metadata"]["annotations"]["cloud.google.com/app-protocols"] = '{"http": "HTTP2"}'
    return replace(path, service=service)


def test_websocket_over_http2_is_not_rehearsed_and_streams_are(neg_path):
    path = over_http2(neg_path)
    rollout = read_rollout(path, STATED)
    found = unrehearsed(path, rollout, stand_in=True, requests=Requests.WEBSOCKET)
    assert any("protocol HTTP2: the lab opens WebSocket connections over HTTP/1.1" in each for each in found)
    assert not unrehearsed(path, rollout, stand_in=True, requests=Requests.STREAM)


@pytest.mark.lab
@both
def test_an_application_that_ends_its_connections_makes_clients_connect_anew_and_cuts_none(neg_path, requests):
    result = rollout(behind(neg_path, CLASS_INTERNAL), requests)
    assert result.failures == {}
    assert result.reconnects >= 0.8 * CONNECTIONS
    assert result.requests == CONNECTIONS + result.reconnects


@pytest.mark.lab
@both
def test_draining_shorter_than_the_pre_stop_cuts_what_the_application_would_have_closed(neg_path, requests):
    result = rollout(behind(neg_path, CLASS_INTERNAL, draining_seconds=10), requests)
    assert result.failures[DRAINING_ENDED] > 0.5 * CONNECTIONS
    assert result.reconnects < 0.2 * CONNECTIONS


@pytest.mark.lab
@both
def test_an_application_that_exits_cuts_its_connections(neg_path, requests):
    at_once = variants.without_pre_stop(behind(neg_path, CLASS_INTERNAL))
    result = rollout(at_once, requests, replace(STATED, on_term=OnTerm.EXIT))
    assert result.failures[CLOSED] > 0.5 * CONNECTIONS
    assert result.reconnects == 0


@pytest.mark.lab
@both
def test_a_load_balancer_ends_connections_at_the_backend_timeout_without_a_rollout_as_well(neg_path, requests):
    result = rollout(behind(neg_path, CLASS_EXTERNAL, timeout_seconds=30), requests, steady_first=True)
    assert result.steady_failures["backend_timeout"] > CONNECTIONS
    assert result.failures_anyway["backend_timeout"] > CONNECTIONS
    assert result.failed < 0.1 * result.requests
