"""What holds of every solution, whatever is asked of the solver."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nodrop.rollout import RULE_NAMES, Mode, OnTerm, Severity, Unsolvable, check, plan, solve

modes = st.sampled_from(Mode)
on_terms = st.sampled_from(OnTerm)
LIMIT = "grace-within-eviction-limits"
OWNERS = {"closes-idle-connections-on-term"}
"""What the owner's own statements may break; no number that the solver chooses mends it."""


@st.composite
def sensible(draw):
    """What can be solved; requests too long for the autoscaler only with that accepted."""
    on_term = draw(on_terms)
    accept = draw(st.sampled_from([(), (LIMIT,)]))
    most = 3600 if accept else 283
    replicas = draw(st.integers(2, 1000))
    return {
        "longest_request_seconds": draw(st.integers(0, most) | st.floats(0, most)),
        "startup_seconds": draw(st.integers(0, 500) | st.floats(0, 500)),
        "start_delay_seconds": draw(st.integers(0, 15) | st.floats(0, 15)),
        "replicas": replicas,
        "max_replicas": draw(st.none() | st.integers(replicas, 2000)),
        "zones": draw(st.none() | st.integers(1, 4)),
        "keep_alive_timeout_seconds": draw(st.just(0) | st.integers(620, 10_000)),
        "on_term": on_term,
        "mode": draw(modes),
        "pre_stop_floor_seconds": draw(st.just(35) | st.integers(0, 60)),
        "accept": accept,
    }


sane_inputs = sensible()


def broken(rollout, accept):
    return [finding for finding in check(rollout) if finding.rule not in {*accept, *OWNERS}]


@given(sane_inputs)
def test_solved_numbers_break_no_rule(inputs):
    assert broken(solve(**inputs), inputs["accept"]) == []


@given(sane_inputs, st.integers(1, 10_000))
def test_a_wished_duration_is_met_by_the_fewest_added_pods_or_refused_with_one_that_can_be(inputs, wish):
    try:
        rollout = solve(**inputs, rolled_out_within_seconds=wish)
    except Unsolvable as unsolvable:
        (finding,) = unsolvable.diagnostics
        assert finding.input == "rollout.rolled_out_within_seconds"
        assert isinstance(finding.would_pass, int)
        wish = finding.would_pass
        rollout = solve(**inputs, rolled_out_within_seconds=wish)
        with pytest.raises(Unsolvable):
            solve(**inputs, rolled_out_within_seconds=wish - 1)
    assert broken(rollout, inputs["accept"]) == []
    assert plan(rollout).rolled_out_seconds <= wish
    if rollout.max_surge > 1:
        fewer = replace(rollout, max_surge=rollout.max_surge - 1)
        assert plan(fewer).rolled_out_seconds > wish


TINY = {
    "longest_request_seconds": 5e-324,
    "startup_seconds": 0,
    "replicas": 2,
    "on_term": OnTerm.EXIT,
    "accept": (),
}


@example(TINY, "termination_grace_period_seconds")
@given(
    sane_inputs,
    st.sampled_from(
        [
            "pre_stop_seconds",
            "termination_grace_period_seconds",
            "draining_timeout_seconds",
            "min_ready_seconds",
            "max_surge",
        ]
    ),
)
def test_no_solved_number_can_be_one_less(inputs, number):
    rollout = solve(**inputs)
    value = getattr(rollout, number)
    if value:
        assert broken(replace(rollout, **{number: value - 1}), inputs["accept"]) != []


@given(sane_inputs)
def test_probes_leave_room_for_the_load_balancer_and_for_starting(inputs):
    rollout = solve(**inputs)
    liveness, startup = rollout.liveness_probe, rollout.startup_probe
    assert liveness is not None
    assert startup is not None
    assert liveness.failure_threshold * liveness.period_seconds > rollout.health_check.ejection_seconds
    assert startup.failure_threshold * startup.period_seconds > rollout.startup_seconds


slow_without_gate = {"longest_request_seconds": 1, "startup_seconds": 600, "mode": Mode.HARD_CODED_DELAY}


@example({**slow_without_gate, "replicas": 2, "accept": ()})
@given(sane_inputs)
def test_the_progress_deadline_is_the_last_before_the_gate_opens_or_the_first_after_a_start_that_takes_longer(inputs):
    rollout = solve(**inputs)
    deadline = rollout.progress_deadline_seconds
    too_slow = rollout.seconds_to_available >= 599
    assert (deadline == 599) != too_slow
    assert rollout.mode is Mode.HARD_CODED_DELAY or not too_slow
    wrong = replace(rollout, progress_deadline_seconds=deadline - 1 if too_slow else deadline + 1)
    assert [finding.input for finding in broken(wrong, inputs["accept"])] == ["rollout.progress_deadline_seconds"]


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


anything = st.integers() | st.floats()


@given(
    st.fixed_dictionaries(
        {
            "longest_request_seconds": anything,
            "startup_seconds": anything,
            "replicas": st.integers(),
            "max_replicas": st.none() | st.integers(),
            "start_delay_seconds": anything,
            "zones": st.none() | st.integers(),
            "spot": st.booleans(),
            "keep_alive_timeout_seconds": anything,
            "on_term": on_terms,
            "mode": modes,
            "health_check_path": st.text(),
            "rolled_out_within_seconds": st.none() | anything,
            "pre_stop_floor_seconds": st.integers(),
            "accept": st.sets(st.sampled_from(sorted(RULE_NAMES)) | st.text()),
        }
    )
)
def test_whatever_the_numbers_nothing_is_raised_but_a_refusal_that_says_why(inputs):
    accepted = inputs["accept"] - {"inputs-in-range"}
    refused, solved = [], []
    try:
        rollout = solve(**inputs)
        solved = check(rollout)
        assert all(not isinstance(number, int) or number < 2**31 for number in vars(rollout).values())
    except Unsolvable as unsolvable:
        refused = unsolvable.diagnostics
    assert not [finding for finding in refused if finding.rule in accepted]
    assert not [finding for finding in solved if finding.severity is Severity.ERROR and finding.rule not in accepted]
