from dataclasses import replace
from functools import partial

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nodrop.rollout import Mode, OnTerm, Severity, Unsolvable, check, solve

modes = st.sampled_from(Mode)
on_terms = st.sampled_from(OnTerm)
seconds = st.integers(0, 3600) | st.floats(0, 3600)
sane_inputs = st.fixed_dictionaries(
    {
        "longest_request_seconds": seconds,
        "startup_seconds": st.integers(0, 570) | st.floats(0, 570),
        "replicas": st.integers(2, 1000),
        "keep_alive_timeout_seconds": st.just(0) | st.integers(620, 10_000),
        "on_term": on_terms,
        "mode": modes,
    }
)


@given(sane_inputs)
def test_solved_timings_break_no_rule(inputs):
    assert check(solve(**inputs)) == []


TINY = {"longest_request_seconds": 5e-324, "startup_seconds": 0, "replicas": 2, "on_term": OnTerm.EXIT}


@example(TINY, "termination_grace_period_seconds")
@given(
    sane_inputs, st.sampled_from(["pre_stop_seconds", "termination_grace_period_seconds", "draining_timeout_seconds"])
)
def test_no_solved_timing_can_be_a_second_shorter(inputs, timing):
    rollout = solve(**inputs)
    value = getattr(rollout, timing)
    if value:
        assert check(replace(rollout, **{timing: value - 1})) != []


slow_without_gate = {"longest_request_seconds": 1, "startup_seconds": 600, "mode": Mode.HARD_CODED_DELAY}


@example({**slow_without_gate, "replicas": 2})
@given(sane_inputs)
def test_the_progress_deadline_is_the_last_before_the_gate_opens_or_the_first_after_a_start_that_takes_longer(inputs):
    rollout = solve(**inputs)
    deadline = rollout.progress_deadline_seconds
    too_slow = rollout.seconds_to_available >= 599
    assert (deadline == 599) != too_slow
    assert rollout.mode is Mode.HARD_CODED_DELAY or not too_slow
    wrong = replace(rollout, progress_deadline_seconds=deadline - 1 if too_slow else deadline + 1)
    assert [finding.input for finding in check(wrong)] == ["rollout.progress_deadline_seconds"]


@given(sane_inputs)
def test_the_last_request_ends_before_anything_cuts_it(inputs):
    """By the clock of one old pod, with the measured lag, and whatever the rules say."""
    rollout = solve(**inputs)
    last_arrival = 28.6
    term, kill = rollout.pre_stop_seconds, rollout.termination_grace_period_seconds
    served_until = {OnTerm.EXIT: term, OnTerm.DRAIN: kill, OnTerm.SERVE: kill}[rollout.on_term]
    accepted_until = kill if rollout.on_term is OnTerm.SERVE else term
    assert last_arrival < accepted_until
    assert last_arrival + rollout.longest_request_seconds <= served_until
    assert rollout.longest_request_seconds <= rollout.draining_timeout_seconds


def test_the_usual_web_service():
    rollout = solve(longest_request_seconds=30, startup_seconds=5, replicas=3, health_check_path="/ready/")
    assert (rollout.max_surge, rollout.max_unavailable, rollout.min_ready_seconds) == (1, 0, 0)
    assert (rollout.pre_stop_seconds, rollout.termination_grace_period_seconds) == (60, 95)
    assert (rollout.draining_timeout_seconds, rollout.backend_timeout_seconds) == (30, 35)
    assert rollout.progress_deadline_seconds == 599
    assert rollout.readiness_gate
    assert rollout.readiness_probe is not None
    assert rollout.health_check.path == rollout.readiness_probe.path == "/ready/"


def test_long_draining_lengthens_pre_stop():
    rollout = solve(longest_request_seconds=100, startup_seconds=5, replicas=2)
    assert (rollout.pre_stop_seconds, rollout.termination_grace_period_seconds) == (129, 234)


def test_an_application_that_exits_on_term_gets_its_longest_request_before_term():
    rollout = solve(longest_request_seconds=30, startup_seconds=5, replicas=2, on_term=OnTerm.EXIT)
    assert rollout.pre_stop_seconds == 89


def test_the_mode_without_a_gate_waits_a_minute_for_each_pod():
    rollout = solve(longest_request_seconds=20, startup_seconds=5, replicas=2, mode=Mode.HARD_CODED_DELAY)
    assert (rollout.min_ready_seconds, rollout.readiness_gate) == (60, False)
    assert rollout.progress_deadline_seconds == 599
    assert (rollout.pre_stop_seconds, rollout.termination_grace_period_seconds) == (60, 85)


def test_only_an_application_that_serves_on_does_without_pre_stop_and_only_without_a_gate():
    serves_on = partial(solve, longest_request_seconds=20, startup_seconds=5, replicas=2, on_term=OnTerm.SERVE)
    without_gate = serves_on(mode=Mode.HARD_CODED_DELAY)
    assert (without_gate.pre_stop_seconds, without_gate.termination_grace_period_seconds) == (0, 85)
    assert serves_on(mode=Mode.POD_READINESS_FEEDBACK).pre_stop_seconds == 60


def test_the_mode_without_a_gate_takes_any_start_up_time():
    rollout = solve(longest_request_seconds=20, startup_seconds=1800, replicas=2, mode=Mode.HARD_CODED_DELAY)
    assert rollout.progress_deadline_seconds > 1800 + 17 + 60


def test_one_replica_is_solved_with_a_warning():
    findings = check(solve(longest_request_seconds=20, startup_seconds=5, replicas=1))
    assert [(finding.rule, finding.severity) for finding in findings] == [("survives-a-lost-pod", Severity.WARNING)]


def test_every_error_that_cannot_be_met_is_named_at_once():
    with pytest.raises(Unsolvable) as caught:
        solve(longest_request_seconds=4000, startup_seconds=700, replicas=2, keep_alive_timeout_seconds=5)
    assert [finding.input for finding in caught.value.findings] == [
        "rollout.longest_request_seconds",
        "rollout.keep_alive_timeout_seconds",
        "rollout.startup_seconds",
    ]
    for finding in caught.value.findings:
        assert str(finding) in str(caught.value)


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf")])
def test_inputs_out_of_range_are_all_named_at_once(value):
    with pytest.raises(Unsolvable) as caught:
        solve(longest_request_seconds=value, startup_seconds=value, replicas=0, keep_alive_timeout_seconds=value)
    assert [finding.input for finding in caught.value.findings] == [
        "rollout.longest_request_seconds",
        "rollout.startup_seconds",
        "rollout.keep_alive_timeout_seconds",
        "replicas",
    ]
