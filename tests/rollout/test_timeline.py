from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodrop.rollout import OnTerm, PodTimeline, Programming, solve, timeline

LAGS = Programming(attach_lag_seconds=(6.0, 9.0), detach_lag_seconds=(12.0, 20.0))


def usual(**changes):
    solved = solve(longest_request_seconds=30, startup_seconds=8, replicas=2, health_check_path="/ready/")
    return replace(solved, **changes)


def events(rollout, name, programming=LAGS):
    (pod,) = (pod for pod in timeline(rollout, programming) if pod.name == name)
    return pod.events


def test_a_new_pod_is_ready_at_the_probe_after_its_start_up():
    assert events(usual(), "new-1")["ready"] == 10


def test_a_second_passing_probe_takes_another_period():
    probe = replace(usual().readiness_probe, success_threshold=2)
    assert events(usual(readiness_probe=probe), "new-1")["ready"] == 15


def test_probes_begin_after_their_initial_delay():
    probe = replace(usual().readiness_probe, initial_delay_seconds=9)
    assert events(usual(readiness_probe=probe, startup_probe=None), "new-1")["ready"] == 9


def test_a_pod_without_probes_is_ready_when_it_answers():
    assert events(usual(readiness_probe=None, startup_probe=None), "new-1")["ready"] == 8


@pytest.mark.parametrize(
    ("startup", "readiness", "ready"),
    [
        ({"period_seconds": 7}, {"period_seconds": 5}, 14),
        ({"period_seconds": 7}, {"period_seconds": 5, "success_threshold": 2}, 19),
        ({"period_seconds": 7}, {"period_seconds": 7, "success_threshold": 3}, 28),
        ({"period_seconds": 7}, {"period_seconds": 5, "initial_delay_seconds": 21}, 21),
        ({"period_seconds": 7, "initial_delay_seconds": 10}, {"period_seconds": 5}, 10),
        ({"period_seconds": 7}, None, 14),
    ],
)
def test_readiness_is_asked_at_once_when_the_startup_probe_has_passed_and_every_period_from_then_on(
    startup, readiness, ready
):
    """It answers from 8 on."""
    rollout = usual(
        startup_probe=replace(usual().startup_probe, **startup),
        readiness_probe=replace(usual().readiness_probe, **readiness) if readiness else None,
    )
    assert events(rollout, "new-1")["ready"] == ready


@pytest.mark.parametrize(("threshold", "attached"), [(1, 9), (2, 14), (10, 54)])
def test_a_proxy_that_learns_of_a_pod_after_its_start_up_wants_its_threshold_of_passing_checks_too(threshold, attached):
    late = Programming(attach_lag_seconds=(9.0,), detach_lag_seconds=(12.0,))
    check = replace(usual().health_check, healthy_threshold=threshold)
    assert events(usual(health_check=check), "new-1", late)["attached"] == attached


def test_a_proxy_whose_first_check_failed_wants_its_threshold_of_passing_ones():
    """Checks at 6 (fails), 11 and 16."""
    early = Programming(attach_lag_seconds=(6.0,), detach_lag_seconds=(12.0,))
    assert events(usual(), "new-1", early)["attached"] == 16


def test_the_gate_opens_one_poll_after_the_first_proxy_knows_the_pod():
    opened = events(usual(), "new-1")
    assert (opened["attached"], opened["gate"]) == (14, 15)  # checks pass at 9 and 14


def test_the_next_pod_waits_for_gate_and_min_ready_seconds():
    assert events(usual(min_ready_seconds=7), "old-1")["deleted"] == 15 + 7
    assert events(usual(min_ready_seconds=7), "new-2")["created"] == 15 + 7


def test_without_a_gate_readiness_is_enough():
    gateless = replace(LAGS, injects_gate=False, attach_lag_seconds=(50.0, 60.0))
    pod = events(usual(readiness_gate=False), "new-1", gateless)
    assert "gate" not in pod
    assert events(usual(readiness_gate=False), "old-1", gateless)["deleted"] == pod["ready"] < pod["attached"]


def test_scheduling_and_the_pull_come_before_all_else():
    assert events(usual(start_delay_seconds=100), "new-1")["ready"] == 110


def test_an_old_pod_gets_term_after_pre_stop_and_is_removed_by_the_last_proxy():
    pod = events(usual(), "old-1")
    assert (pod["removed"] - pod["deleted"], pod["term"] - pod["deleted"]) == (20, 60)


@pytest.mark.parametrize(
    ("on_term", "gone", "killed"), [(OnTerm.EXIT, 60, False), (OnTerm.DRAIN, 60, False), (OnTerm.SERVE, 95, True)]
)
def test_what_the_application_does_on_term_decides_when_a_pod_is_gone(on_term, gone, killed):
    pod = events(usual(on_term=on_term), "old-1")
    assert pod["gone"] - pod["deleted"] == gone
    assert ("killed" in pod) is killed


def test_a_draining_pod_ends_with_its_last_request_or_its_grace_period():
    no_pre_stop = usual(on_term=OnTerm.DRAIN, pre_stop_seconds=0)
    assert events(no_pre_stop, "old-1")["gone"] - events(no_pre_stop, "old-1")["deleted"] == 30
    short = replace(no_pre_stop, termination_grace_period_seconds=10)
    assert events(short, "old-1")["killed"] - events(short, "old-1")["deleted"] == 10


def test_pre_stop_never_outlasts_grace_and_leaves_two_seconds_after_term():
    pod = events(usual(pre_stop_seconds=60, termination_grace_period_seconds=30, on_term=OnTerm.SERVE), "old-1")
    assert (pod["term"] - pod["deleted"], pod["killed"] - pod["deleted"]) == (30, 32)


def test_a_stopped_pod_leaves_a_proxy_by_its_health_check_if_that_is_quicker():
    """It stops at 0; checks at 2.5 and 12.5 take 5 s each to fail."""
    slow = Programming(attach_lag_seconds=(6.0,), detach_lag_seconds=(100.0,))
    pod = events(usual(pre_stop_seconds=0, on_term=OnTerm.EXIT), "old-1", slow)
    assert pod["removed"] - pod["deleted"] == 2.5 + 5 + 5 + 5


def test_recreate_makes_no_new_pod_before_the_last_old_one_is_gone():
    rollout = usual(strategy="Recreate", max_surge=0, replicas=3)
    assert {events(rollout, f"old-{n}")["deleted"] for n in (1, 2, 3)} == {0}
    assert events(rollout, "new-1")["created"] == events(rollout, "old-3")["gone"]


rollouts = st.builds(
    usual,
    replicas=st.integers(1, 20),
    max_surge=st.integers(1, 5),
    max_unavailable=st.integers(0, 3),
    pre_stop_seconds=st.integers(0, 100),
    termination_grace_period_seconds=st.integers(1, 200),
    min_ready_seconds=st.integers(0, 60),
    longest_request_seconds=st.floats(0, 100),
    on_term=st.sampled_from(OnTerm),
    strategy=st.sampled_from(["RollingUpdate", "Recreate"]),
)


@given(rollouts)
def test_every_pod_is_predicted_with_its_events_in_the_order_of_the_lab(rollout):
    pods = timeline(rollout, LAGS)
    assert [pod.old for pod in pods] == [True] * rollout.replicas + [False] * rollout.replicas
    for pod in pods:
        assert list(pod.events) == [event for event in PodTimeline.EVENTS if event in pod.events]
        ends = ("deleted", "term", "killed", "gone")
        assert all(a <= b for a, b in pairwise([pod.events[e] for e in ends if e in pod.events]))
    assert {"created", "started", "ready", "attached", "gate"} == set(pods[-1].events)
