from functools import partial
from typing import Any

import pytest

from nodrop.rollout import Mode, OnTerm, Severity, Unsolvable, check, expected_drops, plan, solve

LIMIT = "grace-within-eviction-limits"


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
    assert [finding.input for finding in caught.value.diagnostics] == [
        "rollout.longest_request_seconds",
        "rollout.keep_alive_timeout_seconds",
        "rollout.startup_seconds",
    ]
    for finding in caught.value.diagnostics:
        assert str(finding) in str(caught.value)


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf")])
def test_inputs_out_of_range_are_all_named_at_once(value):
    with pytest.raises(Unsolvable) as caught:
        solve(longest_request_seconds=value, startup_seconds=value, replicas=0, keep_alive_timeout_seconds=value)
    assert [finding.input for finding in caught.value.diagnostics] == [
        "rollout.longest_request_seconds",
        "rollout.startup_seconds",
        "rollout.keep_alive_timeout_seconds",
        "replicas",
    ]


def refusals(**wish):
    usual: dict[str, Any] = {"longest_request_seconds": 30, "startup_seconds": 5, "replicas": 4}
    with pytest.raises(Unsolvable) as caught:
        solve(**usual | wish)
    return {(finding.rule, finding.input): finding.would_pass for finding in caught.value.diagnostics}


@pytest.mark.parametrize("on_term", OnTerm)
def test_a_ten_minute_long_poll_is_refused_with_the_longest_that_the_autoscaler_leaves(on_term):
    assert refusals(longest_request_seconds=600, on_term=on_term) == {(LIMIT, "rollout.longest_request_seconds"): 283}
    solve(longest_request_seconds=283, startup_seconds=5, replicas=4, on_term=on_term)


def test_an_application_that_exits_on_term_gets_no_time_after_it():
    rollout = solve(longest_request_seconds=30, startup_seconds=5, replicas=2, on_term=OnTerm.EXIT)
    assert rollout.termination_grace_period_seconds == rollout.pre_stop_seconds + 5
    assert expected_drops(rollout, 100).total == 0


@pytest.mark.parametrize(
    ("stated", "nearest"),
    [("start_delay_seconds", "571: a faster start, or mode hard-coded-delay"), ("pre_stop_floor_seconds", 565)],
)
def test_what_is_refused_is_what_the_owner_stated(stated, nearest):
    (((_, named), would_pass),) = refusals(**{stated: 700}).items()
    assert (named, would_pass) == (f"rollout.{stated}", nearest)
    seconds = int(str(nearest).partition(":")[0])
    wish: dict[str, Any] = {"longest_request_seconds": 30, "startup_seconds": 5, "replicas": 4, stated: seconds}
    solve(**wish)
    assert refusals(**{stated: seconds + 1})


def test_a_refused_duration_names_the_shortest_that_zones_allow():
    """Two at a time are quicker than four that each wait a minute for their zones."""
    (((_, named), would_pass),) = refusals(replicas=16, zones=3, rolled_out_within_seconds=100).items()
    assert named == "rollout.rolled_out_within_seconds"
    assert (
        plan(
            solve(
                longest_request_seconds=30,
                startup_seconds=5,
                replicas=16,
                zones=3,
                rolled_out_within_seconds=would_pass,
            )
        ).surge
        == 2
    )


def test_no_surge_makes_a_rollout_quicker_than_its_first_pod():
    wish = {"rolled_out_within_seconds": 20, "accept": ["surge-limits-blast-radius"]}
    assert refusals(**wish) == {("inputs-in-range", "rollout.rolled_out_within_seconds"): 27}


def test_a_wait_for_zones_that_is_accepted_is_not_made():
    accept = ["every-zone-keeps-an-endpoint"]
    assert (
        solve(longest_request_seconds=30, startup_seconds=5, replicas=6, zones=3, accept=accept).min_ready_seconds == 0
    )


def test_draining_and_pre_stop_stay_within_what_the_load_balancer_drains():
    accept = [LIMIT, "draining-covers-longest-request"]
    rollout = solve(longest_request_seconds=5000, startup_seconds=5, replicas=4, accept=accept)
    assert (rollout.draining_timeout_seconds, rollout.pre_stop_seconds) == (3600, 3629)


def test_the_limit_can_be_accepted():
    rollout = solve(longest_request_seconds=600, startup_seconds=5, replicas=4, accept=[LIMIT])
    assert (rollout.pre_stop_seconds, rollout.termination_grace_period_seconds) == (629, 1234)


def test_zero_drops_on_spot_are_refused():
    assert refusals(spot=True) == {("nodes-drain-before-they-stop", "rollout.spot"): False}


def test_a_start_that_the_gate_does_not_wait_for_is_refused_with_the_slowest_that_it_does():
    ((_, nearest),) = refusals(startup_seconds=900).items()
    seconds, _, advice = str(nearest).partition(": ")
    assert advice == "a faster start, or mode hard-coded-delay"
    solve(longest_request_seconds=30, startup_seconds=int(seconds), replicas=4)
    assert refusals(startup_seconds=int(seconds) + 1)


def test_too_few_pods_for_the_zones_wait_a_minute_each():
    rollout = solve(longest_request_seconds=30, startup_seconds=5, replicas=8, zones=3)
    assert rollout.min_ready_seconds == 60
    assert solve(longest_request_seconds=30, startup_seconds=5, replicas=9, zones=3).min_ready_seconds == 0


def test_an_autoscaler_decides_the_duration_by_its_most_pods():
    wish: dict[str, Any] = {"longest_request_seconds": 30, "startup_seconds": 5, "rolled_out_within_seconds": 200}
    assert solve(**wish, replicas=8).max_surge < solve(**wish, replicas=8, max_replicas=40).max_surge


def test_a_slower_load_balancer_has_a_higher_floor():
    rollout = solve(longest_request_seconds=30, startup_seconds=5, replicas=4, pre_stop_floor_seconds=90)
    assert rollout.pre_stop_seconds == 90
