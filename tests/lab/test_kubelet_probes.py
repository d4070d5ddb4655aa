"""The kubelet: which probes it sends, and what it makes of the answers."""

import asyncio

import pytest

from nodrop.lab.controllers.kubelet import Kubelet
from nodrop.lab.controllers.probe_actions import probe_of
from nodrop.lab.recorder import Recorder
from nodrop.lab.store import Store, condition
from tests.lab.kubelets import HTTP, JumpingLoop, LoopClock, Node, only, turn

# Readiness


def test_what_the_last_probe_met_is_kept_while_it_fails(rehearse):
    answers = {"/ready/": [(0, False), (15, True)]}
    _, recorder = rehearse(end=14, probes={"readinessProbe": HTTP}, answers=answers)
    assert recorder.pods["web-1"].failing == {"app": "GET :8080/ready/ refused"}
    _, recorder = rehearse(end=25, probes={"readinessProbe": HTTP}, answers=answers)
    assert recorder.pods["web-1"].failing == {}


def test_without_a_probe_a_started_container_is_ready(rehearse):
    node, _ = rehearse(end=10)
    assert only(node, "ready")[-1] == (0, "ready")


@pytest.mark.parametrize(
    ("thresholds", "turns"),
    [
        ({"failureThreshold": 1}, [(20, "ready"), (40, "unready"), (50, "ready"), (80, "unready")]),
        ({"failureThreshold": 2}, [(20, "ready"), (90, "unready")]),
        ({}, [(20, "ready"), (100, "unready")]),
        (
            {"successThreshold": 2, "failureThreshold": 1},
            [(30, "ready"), (40, "unready"), (60, "ready"), (80, "unready")],
        ),
        ({"successThreshold": 4}, []),
    ],
)
def test_readiness_turns_after_so_many_answers_in_a_row(rehearse, thresholds, turns):
    # probed every 10 s: passes at 20, 30, and 50 to 70
    answers = [(0, False), (15, True), (35, False), (45, True), (75, False)]
    node, _ = rehearse(end=140, probes={"readinessProbe": HTTP | thresholds}, answers={"/ready/": answers})
    assert only(node, "ready") == [(0, "unready"), *turns]


def test_probes_keep_their_period_port_path_and_timeout(rehearse):
    node, _ = rehearse(end=35, probes={"readinessProbe": HTTP})
    assert node.probed == [(at, "/ready/", 8080) for at in (0, 10, 20, 30)]
    assert node.timeouts == {node.clock.real_timeout(3)}


def test_the_initial_delay_counts_from_the_containers_start(rehearse):
    startup = {"httpGet": {"path": "/started/", "port": "http"}, "periodSeconds": 5}
    node, _ = rehearse(
        end=60,
        probes={"startupProbe": startup, "readinessProbe": HTTP | {"initialDelaySeconds": 20}},
        answers={"/started/": [(0, False), (10, True)]},
    )
    assert [at for at, path, _port in node.probed if path == "/ready/"][:2] == [20, 30]


def test_the_startup_probe_comes_before_the_readiness_probe(rehearse):
    startup = {"httpGet": {"path": "/started/", "port": "http"}, "periodSeconds": 5, "initialDelaySeconds": 3}
    node, _ = rehearse(
        end=60,
        probes={"startupProbe": startup, "readinessProbe": HTTP},
        answers={"/started/": [(0, False), (12, True)]},
    )
    assert [at for at, path, _port in node.probed if path == "/started/"] == [3, 8, 13]
    assert next(at for at, path, _port in node.probed if path == "/ready/") == 13
    assert only(node, "ready") == [(0, "unready"), (13, "ready")]


def test_a_pod_is_ready_when_all_its_containers_and_gates_are(rehearse):
    node, _ = rehearse(
        end=100,
        containers=("app", "proxy"),
        gates=("one", "two"),
        probes={"readinessProbe": HTTP},
        answers={"/ready/": [(0, False), (15, True), (75, False), (76, True)]},
        act={
            30: lambda store: turn(store, "one"),
            40: lambda store: turn(store, "two"),
            50: lambda store: turn(store, "one", False),
            60: lambda store: turn(store, "one"),
        },
    )
    assert only(node, "ready") == [(0, "unready"), (40, "ready"), (50, "unready"), (60, "ready")]


def test_no_gate_helps_a_container_that_is_not_ready(rehearse):
    node, _ = rehearse(
        end=60,
        gates=("gate",),
        probes={"readinessProbe": HTTP},
        answers={"/ready/": [(0, False), (45, True)]},
        act={5: lambda store: turn(store, "gate")},
    )
    assert only(node, "ready") == [(0, "unready"), (50, "ready")]


def test_one_unready_container_makes_the_pod_unready(rehearse):
    node, _ = rehearse(
        end=60,
        containers=("app", "proxy"),
        probes={"readinessProbe": HTTP},
        answers={"/ready/": [(0, False)]},
    )
    assert only(node, "ready") == [(0, "unready")]


def test_pods_of_other_nodes_are_left_alone(make_pod):
    async def scenario():
        clock = LoopClock(1)
        store = Store(clock)
        for name, node in (("other", "node-2"), ("unbound", None)):
            store.create(make_pod(name, node=node))
        spawned = []
        Kubelet(
            store=store,
            clock=clock,
            node="node-1",
            runtime=Node(store, clock),
            recorder=Recorder(clock),
            serving_container="app",
            pre_stop_seconds=lambda _name: None,
            spawn=spawned.append,
        ).sync()
        return spawned, [condition(pod, "Ready") for pod in store.list("Pod")]

    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        assert runner.run(scenario()) == ([], [None, None])


# Reading probes


@pytest.mark.parametrize(
    ("probe", "port", "path"),
    [
        ({"httpGet": {"path": "/ready/", "port": "http"}}, 8080, "/ready/"),
        ({"httpGet": {"port": 9000}}, 9000, "/"),
        ({"httpGet": {"path": "healthz?full=1", "port": 9000}}, 9000, "/healthz?full=1"),
        ({"tcpSocket": {"port": "http"}}, 8080, None),
        ({"exec": {"command": ["true"]}}, 0, None),
        ({"grpc": {"port": 8080}}, 8080, None),
    ],
)
def test_what_a_probe_asks(probe, port, path):
    container = {"name": "app", "ports": [{"name": "http", "containerPort": 8080}], "readinessProbe": probe}
    found = probe_of(container, "readinessProbe")
    assert found is not None
    assert (found.port, found.path) == (port, path)


def test_a_probe_keeps_its_scheme_and_headers():
    get = {"port": 8443, "scheme": "HTTPS", "httpHeaders": [{"name": "Host", "value": "web"}]}
    found = probe_of({"name": "app", "readinessProbe": {"httpGet": get}}, "readinessProbe")
    assert found is not None
    assert (found.scheme, found.headers) == ("https", {"Host": "web"})


def test_a_probe_that_only_connects_keeps_its_times():
    container = {
        "name": "app",
        "readinessProbe": {"tcpSocket": {"port": 80}, "periodSeconds": 7, "failureThreshold": 5},
    }
    found = probe_of(container, "readinessProbe")
    assert found is not None
    assert (found.timing.period_seconds, found.timing.failure_threshold, found.timing.timeout_seconds) == (7, 5, 1)


@pytest.mark.parametrize("container", [{"name": "app"}, {"name": "app", "readinessProbe": {"exec": {}}}])
def test_without_probe_or_port_nothing_is_asked(container):
    assert probe_of(container, "readinessProbe") is None
