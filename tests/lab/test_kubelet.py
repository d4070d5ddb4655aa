"""The kubelet: in which order it starts and ends a pod. With a fake runtime, on a loop whose time jumps."""

import pytest

from nodrop.lab.controllers.kubelet import CANNOT_BE_RUN
from nodrop.lab.errors import LabFailedError
from tests.lab.kubelets import HTTP, only, turn

# Ending a pod


def test_pre_stop_then_term_then_kill_at_the_end_of_the_grace_period(rehearse):
    node, _ = rehearse(end=200, deleted_at=10, grace=95, pre_stops={"app": 60}, stop_seconds=None)
    assert only(node, "app", "removed") == [
        (0, "app started"),
        (70, "app TERM"),
        (105, "app KILL"),
        (105, "10.0.30.2 removed"),
    ]
    assert node.store.list("Pod") == []


def test_a_native_sidecar_starts_before_and_gets_term_after_the_ordinary_containers_have_ended(rehearse):
    node, _ = rehearse(
        end=200, deleted_at=10, grace=95, sidecars=("mesh", "log"), pre_stops={"app": 60, "log": 5}, stop_seconds=3
    )
    assert only(node, "started", "TERM", "KILL") == [
        (0, "mesh started"),
        (0, "log started"),
        (0, "app started"),
        (70, "app TERM"),
        (73, "log TERM"),
        (76, "mesh TERM"),
    ]


STARTUP = {"startupProbe": {"httpGet": {"path": "/up", "port": 15020}, "periodSeconds": 10}}


def test_a_native_sidecars_startup_probe_holds_back_what_starts_after_it(rehearse):
    node, recorder = rehearse(
        end=100, sidecars=("mesh", "log"), sidecar_probes=STARTUP, answers={"/up": [(0, False), (15, True)]}
    )
    assert only(node, "started") == [(0, "mesh started"), (20, "log started"), (20, "app started")]
    assert recorder.pods["web-1"].events["started"] == 20


def test_a_pod_deleted_before_its_native_sidecar_has_started_ends_what_runs(rehearse):
    node, _ = rehearse(
        end=100, deleted_at=5, sidecars=("mesh", "log"), sidecar_probes=STARTUP, answers={"/up": [(0, False)]}
    )
    assert only(node, "started", "TERM", "removed") == [
        (0, "mesh started"),
        (5, "mesh TERM"),
        (5, "10.0.30.2 removed"),
    ]


def test_a_native_sidecar_waits_no_longer_than_the_grace_period(rehearse):
    node, _ = rehearse(end=200, deleted_at=10, grace=95, sidecars=("mesh",), pre_stops={"app": 60}, stop_seconds=None)
    ends = [(70, "app TERM"), (105, "app KILL"), (105, "mesh TERM"), (107, "mesh KILL")]
    assert sorted(only(node, "TERM", "KILL")) == ends


def test_a_pre_stop_that_asks_waits_for_the_answer(rehearse):
    hook = {"lifecycle": {"preStop": {"httpGet": {"path": "/drain", "port": "http"}}}}
    node, _ = rehearse(end=100, deleted_at=10, probes=hook, answer_seconds=20)
    assert (10, "/drain", 8080) in node.probed
    assert only(node, "TERM") == [(30, "app TERM")]


COMMAND = {"lifecycle": {"preStop": {"exec": {"command": ["nginx", "-s", "quit"]}}}}


@pytest.mark.parametrize("execution", [None, "ended with 1"])
def test_a_pre_stop_that_runs_a_command_waits_for_its_end_however_it_ends(rehearse, execution):
    node, _ = rehearse(end=100, deleted_at=10, probes=COMMAND, answer_seconds=20, execution=execution)
    assert only(node, "runs", "TERM") == [(10, "app runs nginx -s quit"), (30, "app TERM")]


def test_a_pre_stop_that_runs_a_command_ends_with_the_grace_period(rehearse):
    node, _ = rehearse(end=100, deleted_at=10, grace=30, probes=COMMAND, answer_seconds=60, stop_seconds=None)
    assert only(node, "TERM", "KILL") == [(40, "app TERM"), (42, "app KILL")]


def test_a_pre_stop_whose_command_is_not_there_ends_the_run(rehearse):
    with pytest.raises(ExceptionGroup) as raised:
        rehearse(end=100, deleted_at=10, probes=COMMAND, execution=CANNOT_BE_RUN)
    (error,) = raised.value.exceptions
    assert isinstance(error, LabFailedError)
    assert str(error).startswith("container app: preStop: exec nginx -s quit cannot be run in its sandbox")


def test_a_process_that_ends_by_itself_is_not_killed(rehearse):
    node, _ = rehearse(end=200, deleted_at=10, grace=95, pre_stops={"app": 60}, stop_seconds=20)
    assert only(node, "app", "removed") == [(0, "app started"), (70, "app TERM"), (90, "10.0.30.2 removed")]


@pytest.mark.parametrize(
    ("pre_stop", "grace", "term", "kill"),
    [(30, 30, 40, 42), (100, 30, 40, 42), (29, 30, 39, 41), (27, 30, 37, 40), (0, 30, 10, 40), (0, 1, 10, 12)],
)
def test_a_pre_stop_that_uses_up_the_grace_period_leaves_two_seconds(rehearse, pre_stop, grace, term, kill):
    node, _ = rehearse(end=200, deleted_at=10, grace=grace, pre_stops={"app": pre_stop}, stop_seconds=None)
    assert only(node, "TERM", "KILL") == [(term, "app TERM"), (kill, "app KILL")]


def test_a_container_without_pre_stop_gets_term_at_once(rehearse):
    node, _ = rehearse(end=200, deleted_at=10, grace=95, containers=("app", "proxy"), pre_stops={"app": 60})
    assert only(node, "TERM", "removed") == [(10, "proxy TERM"), (70, "app TERM"), (70, "10.0.30.2 removed")]


def test_a_pod_deleted_before_it_is_ready_ends_the_same_way(rehearse):
    node, _ = rehearse(
        end=200,
        deleted_at=0,
        grace=30,
        pre_stops={"app": 5},
        probes={"readinessProbe": HTTP},
        answers={"/ready/": [(0, False)]},
    )
    assert only(node, "app", "removed") == [(0, "app started"), (5, "app TERM"), (5, "10.0.30.2 removed")]


def test_a_pods_life_is_recorded(rehearse):
    _, recorder = rehearse(
        end=300,
        deleted_at=100,
        grace=95,
        pre_stops={"app": 60},
        stop_seconds=None,
        probes={"readinessProbe": HTTP},
        answers={"/ready/": [(0, False), (25, True)]},
        gates=("gate",),
        act={50: lambda store: turn(store, "gate")},
    )
    record = recorder.pods["web-1"]
    assert {event: round(at, 3) for event, at in record.events.items()} == {
        "created": 0,
        "started": 0,
        "ready": 30,
        "gate": 50,
        "deleted": 100,
        "term": 160,
        "killed": 195,
        "gone": 195,
    }
    assert (record.node, record.address) == ("node-1", "10.0.30.2")
