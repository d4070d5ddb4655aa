"""What the rules do not judge, and how many pods a rollout has: the ground that the other rules stand on."""

from bisect import bisect_right
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodrop.rollout import Severity, Wiring, check, solve
from nodrop.rollout.schedule import rolling_update
from nodrop.rollout.timing import peak_pods


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet", "Pod", "deployment", ""])
def test_nothing_else_is_said_of_what_is_no_deployment(change, kind):
    (finding,) = check(change(kind=kind, pre_stop_seconds=0, longest_request_seconds=float("nan")))
    assert (finding.rule, finding.severity) == ("workload-is-judged", Severity.NOT_JUDGED)


def test_recreate_is_judged_an_error(verdict):
    assert verdict("rolls-without-unavailable", strategy="Recreate", max_surge=0) is Severity.ERROR


ONE = {"replicas": 1, "max_surge": 1, "max_unavailable": 1}
SCALED = {"replicas": 20, "max_replicas": 40, "max_surge": 5, "max_unavailable": 1}


@pytest.mark.parametrize(
    ("changes", "severity", "told"),
    [
        ({"replicas": 20, "max_unavailable": 1}, Severity.WARNING, "capacity falls by 1 pod until it does"),
        ({"replicas": 20, "max_unavailable": 19}, Severity.WARNING, "capacity falls by 19 pods until it does"),
        ({"replicas": 20, "max_unavailable": 20}, Severity.ERROR, "nothing serves until it does"),
        (ONE, Severity.ERROR, "nothing serves until it does"),
        (ONE | {"max_replicas": 9, "max_unavailable_scaled": 1}, Severity.ERROR, "nothing serves until it does"),
        (SCALED | {"max_unavailable_scaled": 10}, Severity.WARNING, "capacity falls by 10 pods until it does"),
        (SCALED | {"max_unavailable_scaled": 40}, Severity.ERROR, "nothing serves until it does"),
        ({"replicas": 2, "max_surge": 0, "max_unavailable": 0}, Severity.WARNING, "without surge"),
        ({"replicas": 1, "max_surge": 0, "max_unavailable": 0}, Severity.ERROR, "without surge"),
    ],
)
def test_pods_that_may_lack_are_an_error_only_if_none_is_left(change, changes, severity, told):
    [finding] = [each for each in check(change(**changes)) if each.rule == "rolls-without-unavailable"]
    assert finding.severity is severity
    assert told in finding.why


@pytest.mark.parametrize(
    "name",
    [
        "longest_request_seconds",
        "startup_seconds",
        "start_delay_seconds",
        "keep_alive_timeout_seconds",
        "headers_timeout_seconds",
    ],
)
@pytest.mark.parametrize("value", [-0.5, 2**31, 1e308, float("inf"), float("nan")])
def test_nothing_else_is_said_where_a_time_is_no_number_to_reckon_with(change, name, value):
    (finding,) = check(change(**{name: value, "pre_stop_seconds": 0}))
    assert (finding.rule, finding.severity) == ("inputs-in-range", Severity.ERROR)
    assert finding.input == f"rollout.{name}"


def test_the_greatest_number_that_a_manifest_holds_is_in_range(verdict):
    assert verdict("inputs-in-range", keep_alive_timeout_seconds=2**31 - 1) is None


@pytest.mark.parametrize("of", ["health_check", "readiness_probe", "startup_probe"])
def test_a_probe_or_check_without_a_period_has_no_beats_to_reckon_with(change, of):
    name = "check_interval_seconds" if of == "health_check" else "period_seconds"
    (finding,) = check(change(**{of: {name: 0}}))
    assert (finding.rule, finding.input) == ("inputs-in-range", f"{of}.{name}")


START_TO_AVAILABLE = 7
"""The least that the load balancer was seen to take; a start-up runs beside it."""
BASE = replace(
    solve(longest_request_seconds=0, startup_seconds=0, replicas=2), readiness_probe=None, pre_stop_seconds=0
)


FROM_NODES = Wiring(
    entry="Ingress gce",
    container_native=False,
    routes={},
    neg_annotation=None,
    selector={},
    pod_labels={},
    target_port="http",
)


def pods_seen(rollout, waits):
    """Most pods at a time, each old one staying for the whole grace period."""
    schedule = rolling_update(rollout.replicas, rollout.max_surge, rollout.max_unavailable, waits.__getitem__)
    gone = [deleted + rollout.kill_seconds for deleted in schedule.deleted]
    return max(
        rollout.replicas + bisect_right(schedule.created, moment) - bisect_right(gone, moment)
        for moment in schedule.created
    )


replicas = st.integers(1, 20)
surges = st.integers(0, 5)
graces = st.integers(1, 200)
starts = st.integers(0, 40)


@given(replicas, surges, st.integers(0, 3), graces, starts, st.lists(st.integers(0, 60), min_size=20, max_size=20))
def test_no_rollout_has_more_pods_than_its_peak(replicas, surge, unavailable, grace, start, late):
    rollout = replace(
        BASE,
        replicas=replicas,
        max_surge=surge,
        max_unavailable=max(unavailable, 0 if surge else 1),
        termination_grace_period_seconds=grace,
        startup_seconds=start,
    )
    waits = [max(START_TO_AVAILABLE, start) + seconds for seconds in late]
    assert pods_seen(rollout, waits) <= peak_pods(rollout)


@given(replicas, st.integers(1, 5), graces, starts)
def test_pods_that_all_start_in_the_least_time_reach_the_peak(replicas, surge, grace, start):
    rollout = replace(
        BASE, replicas=replicas, max_surge=surge, termination_grace_period_seconds=grace, startup_seconds=start
    )
    assert pods_seen(rollout, [max(START_TO_AVAILABLE, start)] * replicas) == peak_pods(rollout)


@pytest.mark.parametrize(
    ("changes", "peak"),
    [
        ({"replicas": 6, "max_unavailable": 1, "startup_seconds": 17, "termination_grace_period_seconds": 34}, 11),
        ({"strategy": "Recreate", "max_surge": 0, "replicas": 6}, 6),
        ({"replicas": 6, "max_replicas": 9, "termination_grace_period_seconds": 7}, 9 + 1 + 1),
        ({"replicas": 9, "termination_grace_period_seconds": 6}, 9 + 1 + 1),
        ({"replicas": 9, "termination_grace_period_seconds": 6, "pre_stop_seconds": 6}, 9 + 1 + 2),
        ({"replicas": 9, "wiring": FROM_NODES}, 9 + 9),
        ({"replicas": 3, "max_surge": 9, "termination_grace_period_seconds": 1}, 3 + 3),
    ],
)
def test_the_peak_of_a_rollout(changes, peak):
    assert peak_pods(replace(BASE, **changes)) == peak


@pytest.mark.parametrize(
    ("changes", "seconds"),
    [
        ({}, 7),
        ({"startup_seconds": 9}, 9),
        ({"start_delay_seconds": 30}, 30 + 7),
        ({"readiness_probe": {"initial_delay_seconds": 20}}, 20),
        ({"min_ready_seconds": 1}, 7),
        ({"min_ready_seconds": 60}, 7 + 59),
        ({"wiring": {"container_native": True}}, 7),
        ({"wiring": {"container_native": False}}, 5),
    ],
)
def test_the_quickest_start_that_is_possible(change, changes, seconds):
    assert change(**changes).least_seconds_to_available == seconds
