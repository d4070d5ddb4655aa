"""What follows from timings that are stated, and that a refusal names what was given, with a value that passes."""

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gke_nodrop import InputError, WebService
from gke_nodrop.timing import timings
from tests.gke_nodrop.refusals import outcome

GIVEN: Any = {"longest_request_seconds": 20, "keep_alive_timeout_seconds": 620}
WITHOUT_GATE: Any = {"mode": "hard-coded-delay"}


def args(**rollout: Any) -> dict[str, Any]:
    return {"image": "x", "rollout": {**GIVEN, **rollout}}


def solved(replicas: int = 2, **rollout: Any) -> Any:
    found = outcome(WebService, {**args(**rollout), "replicas": replicas})
    assert not isinstance(found, InputError), found
    return timings.judge(replicas, found["rollout"], {}, {}).possible


@pytest.mark.parametrize(
    ("stated", "grace"),
    [
        ({"pre_stop_seconds": 100}, 125),
        ({"pre_stop_seconds": 35}, 60),
        ({"pre_stop_seconds": 100, "on_term": "exit"}, 105),
        ({"pre_stop_seconds": 100, "on_term": "serve", **WITHOUT_GATE}, 125),
        ({"pre_stop_seconds": 10, "on_term": "serve", **WITHOUT_GATE}, 85),
        ({"pre_stop_seconds": 40, "longest_request_seconds": 0, **WITHOUT_GATE}, 60),
        ({"pre_stop_seconds": 100, "termination_grace_period_seconds": 200}, 200),
        ({}, 85),
    ],
)
def test_the_grace_period_follows_pre_stop(stated, grace):
    assert solved(**stated).termination_grace_period_seconds == grace


def test_the_progress_deadline_follows_min_ready_where_no_gate_waits():
    assert solved(min_ready_seconds=700, **WITHOUT_GATE).progress_deadline_seconds == 733
    assert solved(min_ready_seconds=500).progress_deadline_seconds == 599


def test_the_surge_follows_min_ready():
    assert solved(8, rolled_out_within_seconds=600).max_surge == 1
    assert solved(8, rolled_out_within_seconds=600, min_ready_seconds=100).max_surge == 2


@pytest.mark.parametrize("stated", [{"min_ready_seconds": 200}, {"max_surge": 1, "min_ready_seconds": 100}])
def test_a_wish_that_stated_numbers_miss_is_refused(stated):
    found = outcome(WebService, args(rolled_out_within_seconds=200, **stated))
    assert isinstance(found, InputError)
    (fault,) = found.faults
    assert fault.input == "rollout.rolled_out_within_seconds"
    assert solved(**stated, rolled_out_within_seconds=int(fault.would_pass))


def test_a_wish_that_stated_numbers_meet_is_taken():
    assert solved(8, rolled_out_within_seconds=70, max_surge=8).max_surge == 8


def test_where_nothing_alone_would_pass_the_longest_time_is_named():
    found = outcome(WebService, args(start_delay_seconds=544, min_ready_seconds=180, progress_deadline_seconds=74))
    assert isinstance(found, InputError)
    assert [each.input for each in found.faults] == ["rollout.start_delay_seconds"]


@pytest.mark.parametrize(
    ("stated", "wrong", "would_pass"),
    [
        ({"min_ready_seconds": 700}, "min_ready_seconds", "566"),
        ({"min_ready_seconds": 700, "startup_seconds": 0}, "min_ready_seconds", "576"),
        ({"min_ready_seconds": 200, "progress_deadline_seconds": 200}, "progress_deadline_seconds", "599"),
        ({"progress_deadline_seconds": 20}, "progress_deadline_seconds", "599"),
        ({"pre_stop_seconds": 3600}, "pre_stop_seconds", "575"),
        ({"pre_stop_seconds": 60, "termination_grace_period_seconds": 60}, "termination_grace_period_seconds", "85"),
    ],
)
def test_a_refusal_names_what_was_given_and_one_value_that_passes(stated, wrong, would_pass):
    found = outcome(WebService, args(**stated))
    assert isinstance(found, InputError)
    assert {(each.input, each.would_pass) for each in found.faults} == {(f"rollout.{wrong}", would_pass)}
    assert "an input is not right" in str(found)
    assert solved(**{**stated, wrong: int(would_pass)})


SECONDS = {
    "startup_seconds": st.integers(0, 2000),
    "start_delay_seconds": st.integers(0, 2000),
    "longest_request_seconds": st.integers(0, 4000),
    "keep_alive_timeout_seconds": st.integers(0, 700),
    "rolled_out_within_seconds": st.integers(1, 4000),
    "max_surge": st.integers(0, 9),
    "pre_stop_seconds": st.integers(0, 4000),
    "termination_grace_period_seconds": st.integers(0, 4000),
    "min_ready_seconds": st.integers(0, 4000),
    "progress_deadline_seconds": st.integers(0, 4000),
    "backend_timeout_seconds": st.integers(0, 4000),
    "draining_timeout_seconds": st.integers(0, 4000),
}
BEHAVIOUR = st.fixed_dictionaries(
    {},
    optional={"on_term": st.sampled_from(["exit", "drain", "serve"]), "mode": st.just("hard-coded-delay")},
)


@pytest.mark.parametrize("name", SECONDS)
@pytest.mark.slow
def test_of_a_single_input_that_is_refused_the_value_told_passes(name):
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
    @given(value=SECONDS[name], behaviour=BEHAVIOUR)
    def alone(value: int, behaviour: dict[str, Any]) -> None:
        given = {**GIVEN, **behaviour, name: value}
        found = outcome(WebService, {"image": "x", "rollout": given})
        assume(isinstance(found, InputError))
        assert {each.input for each in found.faults} == {f"rollout.{name}"}
        values = {each.would_pass.partition(":")[0] for each in found.faults}
        for each in values:
            assert not isinstance(
                outcome(WebService, {"image": "x", "rollout": {**given, name: int(each)}}), InputError
            )

    alone()
