"""The Deployment controller's schedule, for pods that take any time to become available."""

from bisect import bisect_right
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from nodrop.rollout.schedule import recreate, rolling_update

counts = st.integers(1, 30)
surges = st.integers(0, 8)
unavailables = st.integers(0, 5)
waits = st.lists(st.integers(0, 400).map(lambda number: number / 8), min_size=30, max_size=30)


def pods_at(times, moment):
    """How many of the sorted times have come by then."""
    return bisect_right(times, moment)


def moments(schedule):
    return sorted({0.0, *schedule.created, *schedule.available, *schedule.deleted})


def rolled(replicas, surge, unavailable, seconds):
    assume(surge + unavailable > 0)
    return rolling_update(replicas, surge, unavailable, seconds.__getitem__)


@given(counts, surges, unavailables, waits)
def test_every_pod_is_replaced_once(replicas, surge, unavailable, seconds):
    schedule = rolled(replicas, surge, unavailable, seconds)
    assert len(schedule.created) == len(schedule.available) == len(schedule.deleted) == replicas


@given(counts, surges, unavailables, waits)
def test_times_only_rise(replicas, surge, unavailable, seconds):
    schedule = rolled(replicas, surge, unavailable, seconds)
    for times in (schedule.created, schedule.available, schedule.deleted):
        assert times[0] >= 0
        assert all(before <= after for before, after in pairwise(times))


@given(counts, surges, unavailables, waits)
def test_each_new_pod_becomes_available_its_own_time_after_its_creation(replicas, surge, unavailable, seconds):
    schedule = rolled(replicas, surge, unavailable, seconds)
    expected = (at + wait for at, wait in zip(schedule.created, seconds, strict=False))
    assert sorted(expected) == list(schedule.available)


@given(counts, surges, unavailables, waits)
def test_no_more_pods_than_replicas_and_surge_are_active(replicas, surge, unavailable, seconds):
    schedule = rolled(replicas, surge, unavailable, seconds)
    for moment in moments(schedule):
        active = replicas - pods_at(schedule.deleted, moment) + pods_at(schedule.created, moment)
        assert active <= replicas + surge


@given(counts, surges, unavailables, waits)
def test_no_fewer_pods_than_replicas_less_unavailable_are_available(replicas, surge, unavailable, seconds):
    schedule = rolled(replicas, surge, unavailable, seconds)
    for moment in moments(schedule):
        available = replicas - pods_at(schedule.deleted, moment) + pods_at(schedule.available, moment)
        assert available >= replicas - unavailable


@given(counts, surges, unavailables, waits)
def test_the_controller_never_waits_while_it_may_go_on(replicas, surge, unavailable, seconds):
    schedule = rolled(replicas, surge, unavailable, seconds)
    for moment in moments(schedule):
        created, deleted = pods_at(schedule.created, moment), pods_at(schedule.deleted, moment)
        assert created == replicas or replicas - deleted + created == replicas + surge
        available = pods_at(schedule.available, moment)
        assert deleted == replicas or replicas - deleted + available == replicas - unavailable


@given(counts, surges, unavailables, waits, waits)
def test_slower_pods_make_nothing_earlier(replicas, surge, unavailable, seconds, delays):
    fast = rolled(replicas, surge, unavailable, seconds)
    slow = rolled(replicas, surge, unavailable, [a + b for a, b in zip(seconds, delays, strict=True)])
    for earlier, later in (
        (fast.created, slow.created),
        (fast.available, slow.available),
        (fast.deleted, slow.deleted),
    ):
        assert all(before <= after for before, after in zip(earlier, later, strict=True))


@given(counts, surges, unavailables, waits)
def test_status_reports_success_with_the_last_of_all_events(replicas, surge, unavailable, seconds):
    schedule = rolled(replicas, surge, unavailable, seconds)
    assert schedule.rolled_out_seconds == moments(schedule)[-1]


@given(counts, st.integers(0, 100), waits)
def test_recreate_makes_new_pods_only_when_the_old_ones_have_ended(replicas, seconds_to_gone, seconds):
    schedule = recreate(replicas, seconds_to_gone, seconds.__getitem__)
    assert set(schedule.deleted) == {0}
    assert set(schedule.created) == {seconds_to_gone}
    assert list(schedule.available) == sorted(seconds_to_gone + wait for wait in seconds[:replicas])
    assert schedule.rolled_out_seconds == seconds_to_gone + max(seconds[:replicas])
