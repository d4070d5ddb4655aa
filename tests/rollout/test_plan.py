from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nodrop.rollout import OnTerm, solve, timeline
from nodrop.rollout.plan import cheapest_surge, plan
from nodrop.rollout.schedule import Schedule, recreate, rolling_update
from nodrop.rollout.timing import Rollout, peak_pods

GOOD = solve(longest_request_seconds=20, startup_seconds=5, replicas=2)

probes = st.builds(
    replace,
    st.sampled_from([GOOD.readiness_probe, GOOD.startup_probe]),
    initial_delay_seconds=st.integers(0, 40),
    period_seconds=st.integers(1, 40),
    success_threshold=st.integers(1, 3),
)
quarters = st.integers(0, 400).map(lambda number: number / 4)  # sums of them are exact
rollouts = st.builds(
    replace,
    st.just(GOOD),
    replicas=st.integers(1, 60),
    max_surge=st.integers(0, 70),
    max_unavailable=st.integers(0, 70),
    min_ready_seconds=st.integers(0, 60),
    startup_seconds=quarters,
    start_delay_seconds=quarters,
    pre_stop_seconds=st.integers(0, 100),
    termination_grace_period_seconds=st.integers(0, 100),
    startup_probe=st.none() | probes,
    readiness_probe=st.none() | probes,
)


def schedule(rollout: Rollout, seconds) -> Schedule:
    assume(rollout.max_surge + rollout.max_unavailable > 0)
    return rolling_update(rollout.replicas, rollout.max_surge, rollout.max_unavailable, seconds)


@given(rollouts)
def test_pods_that_all_take_longest_take_the_longest_duration(rollout):
    expected = schedule(rollout, lambda _: rollout.seconds_to_available)
    grace = rollout.termination_grace_period_seconds
    killed = max(grace, min(rollout.pre_stop_seconds, grace) + 2)
    planned = plan(rollout)
    assert planned.rolled_out_seconds == pytest.approx(expected.rolled_out_seconds)
    assert planned.old_gone_seconds == pytest.approx(expected.deleted[-1] + killed)


@given(rollouts, st.sampled_from(OnTerm))
def test_no_predicted_pod_outlasts_the_longest_duration(rollout, on_term):
    pods = timeline(replace(rollout, on_term=on_term))
    assert max(pod.events["gone"] for pod in pods if pod.old) <= plan(rollout).old_gone_seconds + 1e-9


@given(rollouts)
def test_pods_that_all_are_quickest_take_the_shortest_duration(rollout):
    expected = schedule(rollout, lambda _: rollout.least_seconds_to_available)
    pre_stop = min(rollout.pre_stop_seconds, rollout.termination_grace_period_seconds)
    planned = plan(rollout)
    assert planned.rolled_out_at_least_seconds == pytest.approx(expected.rolled_out_seconds)
    assert planned.old_gone_at_least_seconds == pytest.approx(expected.deleted[-1] + pre_stop)


@given(rollouts, st.lists(st.sampled_from([0, 0.25, 0.5, 1]), min_size=60, max_size=60))
def test_pods_that_differ_take_a_duration_in_between(rollout, slowness):
    least, most = rollout.least_seconds_to_available, rollout.seconds_to_available
    between = schedule(rollout, lambda number: least + (most - least) * slowness[number])
    planned = plan(rollout)
    assert planned.rolled_out_at_least_seconds - 1e-6 <= between.rolled_out_seconds
    assert between.rolled_out_seconds <= planned.rolled_out_seconds + 1e-6
    assert planned.old_gone_at_least_seconds <= between.deleted[-1] + rollout.pre_stop_seconds + 1e-6
    assert between.deleted[-1] + rollout.termination_grace_period_seconds <= planned.old_gone_seconds + 1e-6


@given(rollouts)
def test_recreate_takes_one_end_and_one_start(rollout):
    rollout = replace(rollout, strategy="Recreate", pre_stop_seconds=3, termination_grace_period_seconds=10)
    least, most = rollout.least_seconds_to_available, rollout.seconds_to_available
    planned = plan(rollout)
    assert planned.rolled_out_at_least_seconds == recreate(rollout.replicas, 3, lambda _: least).rolled_out_seconds
    assert planned.rolled_out_seconds == recreate(rollout.replicas, 10, lambda _: most).rolled_out_seconds
    assert (planned.old_gone_at_least_seconds, planned.old_gone_seconds) == (3, 10)
    assert planned.surge == 0


@pytest.mark.parametrize(
    ("replicas", "surge", "unavailable", "batches", "batches_to_last_deletion"),
    [(2, 1, 0, 2, 2), (10, 3, 0, 4, 4), (10, 2, 1, 4, 3), (10, 0, 1, 10, 9), (3, 1, 3, 1, 0), (4, 0, 0, 4, 3)],
)
def test_old_pods_go_a_batch_earlier_where_pods_may_lack(
    replicas, surge, unavailable, batches, batches_to_last_deletion
):
    rollout = replace(GOOD, replicas=replicas, max_surge=surge, max_unavailable=unavailable)
    planned = plan(rollout)
    assert planned.rolled_out_seconds == batches * rollout.seconds_to_available
    grace = rollout.termination_grace_period_seconds
    assert planned.old_gone_seconds == batches_to_last_deletion * rollout.seconds_to_available + grace


def test_pre_stop_that_uses_up_the_grace_period_is_extended_once():
    rollout = replace(GOOD, pre_stop_seconds=60, termination_grace_period_seconds=30)
    planned = plan(rollout)
    assert planned.old_gone_seconds == planned.rolled_out_seconds + 32
    assert planned.old_gone_at_least_seconds == planned.rolled_out_at_least_seconds + 30


def test_an_autoscaled_rollout_is_planned_at_its_greatest_number():
    autoscaled = replace(GOOD, replicas=3, max_replicas=30)
    assert plan(autoscaled) == plan(replace(GOOD, replicas=30))
    assert cheapest_surge(autoscaled, 100) == cheapest_surge(replace(GOOD, replicas=30), 100)


def test_nothing_to_replace_takes_no_time():
    nothing = plan(replace(GOOD, replicas=0))
    assert (nothing.rolled_out_seconds, nothing.rolled_out_at_least_seconds) == (0, 0)


@given(rollouts)
def test_peak_pods_are_those_of_the_rollout(rollout):
    assert plan(rollout).peak_pods == peak_pods(rollout)


def meets(rollout: Rollout, surge: int, within_seconds: float) -> bool:
    return plan(replace(rollout, max_surge=surge)).rolled_out_seconds <= within_seconds


@given(rollouts, st.integers(0, 10_000) | st.floats(-1, 10_000))
def test_the_cheapest_surge_is_in_time_and_one_pod_fewer_is_not(rollout, within_seconds):
    assume(rollout.seconds_to_available <= within_seconds)
    surge = cheapest_surge(rollout, within_seconds)
    assert surge is not None
    least = 0 if rollout.max_unavailable else 1
    assert surge >= least
    assert meets(rollout, surge, within_seconds)
    assert surge == least or not meets(rollout, surge - 1, within_seconds)


@given(rollouts, st.floats())
def test_no_surge_is_in_time_only_where_one_start_alone_takes_longer(rollout, within_seconds):
    in_time = rollout.seconds_to_available <= within_seconds
    assert (cheapest_surge(rollout, within_seconds) is not None) == in_time


@given(rollouts, st.integers(1, 200))
def test_a_duration_that_some_surge_takes_exactly_needs_no_more(rollout, surge):
    cheapest = cheapest_surge(rollout, plan(replace(rollout, max_surge=surge)).rolled_out_seconds)
    assert cheapest is not None
    assert cheapest <= surge


@pytest.mark.parametrize(("within_seconds", "surge"), [(199, None), (10_000, 0)])
def test_surge_does_nothing_for_recreate(within_seconds, surge):
    rollout = replace(GOOD, strategy="Recreate", termination_grace_period_seconds=199)
    assert cheapest_surge(rollout, within_seconds) == surge
