"""The model's schedule and bounds against the lab's Deployment controller, for every small Deployment."""

import functools
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import pytest

from nodrop.lab.controllers.endpoint_slice import EndpointSliceController
from nodrop.rollout import solve
from nodrop.rollout.facts import ATTACH_SECONDS
from nodrop.rollout.plan import RolloutPlan, plan
from nodrop.rollout.schedule import Schedule, rolling_update

pytestmark = pytest.mark.slow

MOST_REPLICAS, MOST_UNAVAILABLE = 20, 3
SURGES = range(6)
STOP_SECONDS = 21
GOOD = solve(longest_request_seconds=20, startup_seconds=5, replicas=2)


class Pods(NamedTuple):
    """How the pods of one rollout come."""

    start_seconds: float
    uneven_seconds: float
    min_ready_seconds: int
    begin: float

    def seconds_to_available(self, number: int) -> float:
        return self.start_seconds + number % 3 * self.uneven_seconds + self.min_ready_seconds


UNEVEN = Pods(start_seconds=7.25, uneven_seconds=1.5, min_ready_seconds=0, begin=0)
MIN_READY = Pods(start_seconds=7.75, uneven_seconds=0, min_ready_seconds=3, begin=0.5)

every_small_deployment = pytest.mark.parametrize(
    ("pods", "surge"),
    [(pods, surge) for pods in (UNEVEN, MIN_READY) for surge in SURGES],
    ids=lambda value: f"surge {value}" if isinstance(value, int) else f"minReadySeconds {value.min_ready_seconds}",
)


class Measured(NamedTuple):
    replicas: int
    unavailable: int
    events: Schedule
    """As the lab has it."""
    most_pods: int


def times_of(moments, count):
    """When the count rose, once for each pod by which it rose."""
    rises = ((after[0], count(after) - count(before)) for before, after in pairwise(moments))
    return tuple(at for at, rise in rises for _ in range(rise))


@functools.cache
def roll_all(simulation, pods: Pods, surge: int) -> list[Measured]:
    """One rollout for each number of replicas and of unavailable pods."""
    return [
        _roll(simulation, pods, replicas, surge, unavailable)
        for replicas in range(1, MOST_REPLICAS + 1)
        for unavailable in range(MOST_UNAVAILABLE + 1)
        if surge + unavailable
    ]


def _roll(simulation, pods: Pods, replicas: int, surge: int, unavailable: int) -> Measured:
    made = simulation(
        **pods._asdict(), replicas=replicas, max_surge=surge, max_unavailable=unavailable, stop_seconds=STOP_SECONDS
    )
    # nobody here asks for endpoints, and they take half of the time
    made.controllers = [each for each in made.controllers if not isinstance(each, EndpointSliceController)]
    assert made.run_out()
    begin = made.time.now()
    made.roll()
    assert made.run_out()
    assert made.run(STOP_SECONDS, made.old_are_gone)
    moments = [(moment.time - begin, moment) for moment in made.history]
    return Measured(
        replicas,
        unavailable,
        Schedule(
            created=times_of(moments, lambda each: each[1].new),
            deleted=times_of(moments, lambda each: -each[1].old),
            available=times_of(moments, lambda each: each[1].available - each[1].old),
        ),
        max(moment.total for moment in made.history),
    )


def predicted(pods: Pods, surge: int, measured: Measured, early_seconds: float = 0) -> Schedule:
    first = measured.replicas + 1  # the simulation numbers its pods from 1, the old ones first
    return rolling_update(
        measured.replicas,
        surge,
        measured.unavailable,
        lambda number: pods.seconds_to_available(first + number) - early_seconds,
    )


@pytest.mark.parametrize("surge", SURGES)
def test_pods_come_and_go_when_the_schedule_says(simulation, surge):
    for measured in roll_all(simulation, UNEVEN, surge):
        assert measured.events == predicted(UNEVEN, surge, measured)


@pytest.mark.parametrize("surge", SURGES)
def test_with_min_ready_they_come_and_go_less_than_a_second_early_for_each_pod(simulation, surge):
    for measured in roll_all(simulation, MIN_READY, surge):
        latest, earliest = predicted(MIN_READY, surge, measured), predicted(MIN_READY, surge, measured, 1)
        for field in ("created", "available", "deleted"):
            bounds = zip(*(getattr(each, field) for each in (earliest, measured.events, latest)), strict=True)
            assert all(least <= at <= most for least, at, most in bounds)


def planned(pods: Pods, surge: int, measured: Measured) -> RolloutPlan:
    """The plan for pods whose load balancer is as quick as any."""
    return plan(
        replace(
            GOOD,
            replicas=measured.replicas,
            max_surge=surge,
            max_unavailable=measured.unavailable,
            startup_seconds=pods.start_seconds - ATTACH_SECONDS[0],
            readiness_probe=None,
            min_ready_seconds=pods.min_ready_seconds,
            pre_stop_seconds=STOP_SECONDS - 1,
            termination_grace_period_seconds=STOP_SECONDS,
        )
    )


@every_small_deployment
def test_status_reports_success_within_the_plans_bounds(simulation, pods, surge):
    for measured in roll_all(simulation, pods, surge):
        expected = planned(pods, surge, measured)
        seconds = measured.events.rolled_out_seconds
        assert expected.rolled_out_at_least_seconds <= seconds <= expected.rolled_out_seconds


@every_small_deployment
def test_the_last_old_pod_ends_within_the_plans_bounds(simulation, pods, surge):
    for measured in roll_all(simulation, pods, surge):
        expected = planned(pods, surge, measured)
        gone = measured.events.deleted[-1] + STOP_SECONDS
        assert expected.old_gone_at_least_seconds <= gone <= expected.old_gone_seconds


@every_small_deployment
def test_there_are_never_more_pods_than_planned(simulation, pods, surge):
    for measured in roll_all(simulation, pods, surge):
        assert measured.most_pods <= planned(pods, surge, measured).peak_pods


def test_some_rollouts_need_all_the_pods_that_are_planned(simulation):
    measured = roll_all(simulation, MIN_READY, 3)
    assert any(each.most_pods == planned(MIN_READY, 3, each).peak_pods < 2 * each.replicas for each in measured)
