from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodrop.rollout import HealthCheck, Mode, OnTerm, Probe, resolve_surge_and_unavailable, solve


@pytest.mark.parametrize(
    ("surge", "unavailable", "replicas", "resolved"),
    [
        (1, 0, 4, (1, 0)),
        ("25%", "25%", 4, (1, 1)),
        ("25%", "25%", 3, (1, 0)),
        ("25%", "25%", 1, (1, 0)),
        ("100%", "0%", 3, (3, 0)),
        ("0%", "30%", 3, (0, 1)),
        ("1%", "99%", 100, (1, 99)),
        (0, 0, 5, (0, 1)),
        (0, "1%", 5, (0, 1)),
    ],
)
def test_surge_rounds_up_and_unavailable_rounds_down(surge, unavailable, replicas, resolved):
    assert resolve_surge_and_unavailable(surge, unavailable, replicas) == resolved


@given(st.integers(0, 200), st.integers(0, 200), st.integers(1, 500))
def test_a_rollout_may_always_take_a_step(surge, unavailable, replicas):
    assert sum(resolve_surge_and_unavailable(f"{surge}%", f"{unavailable}%", replicas)) > 0


@pytest.mark.parametrize("value", ["1", "25 %", "-5%", "", -1, "[unknown]", "1.5%"])
def test_what_is_neither_pods_nor_a_percentage_is_refused(value):
    with pytest.raises(ValueError, match="neither a number of pods"):
        resolve_surge_and_unavailable(value, 0, 2)


def test_a_failing_endpoint_leaves_after_its_failing_checks_and_one_timeout():
    check = HealthCheck(
        path="/", check_interval_seconds=15, timeout_seconds=10, healthy_threshold=1, unhealthy_threshold=2
    )
    assert check.ejection_seconds == 40
    assert check.admission_seconds == 25


def _rollout(mode=Mode.POD_READINESS_FEEDBACK):
    rollout = solve(longest_request_seconds=10, startup_seconds=20, replicas=2, mode=mode)
    probe = Probe(path="/", period_seconds=5, timeout_seconds=1, success_threshold=2, failure_threshold=3)
    return replace(rollout, readiness_probe=probe)


def test_a_gated_pod_is_available_after_start_probe_and_load_balancer():
    assert _rollout().seconds_to_available == 20 + 2 * 5 + 17


def test_a_slow_health_check_delays_a_gated_pod_further():
    slow = HealthCheck(
        path="/", check_interval_seconds=30, timeout_seconds=10, healthy_threshold=2, unhealthy_threshold=2
    )
    assert replace(_rollout(), health_check=slow).seconds_to_available == 20 + 2 * 5 + 70


def test_an_undeclared_gate_counts_too_as_gke_adds_it():
    assert _rollout(Mode.HARD_CODED_DELAY).seconds_to_available == 20 + 2 * 5 + 17 + 60


def test_a_probe_that_waits_longer_than_the_start_decides():
    probe = Probe(
        path="/",
        period_seconds=5,
        timeout_seconds=1,
        success_threshold=1,
        failure_threshold=3,
        initial_delay_seconds=50,
    )
    assert replace(_rollout(), readiness_probe=probe).seconds_to_available == 50 + 5 + 17


def test_without_a_probe_only_the_start_and_the_load_balancer_count():
    assert replace(_rollout(), readiness_probe=None, startup_probe=None).seconds_to_available == 20 + 17


def test_a_startup_probe_that_is_slower_than_readiness_decides():
    slow = replace(_rollout().startup_probe, period_seconds=30)
    assert replace(_rollout(), startup_probe=slow).seconds_to_available == 20 + 30 + 5 + 17
    assert replace(_rollout(), startup_probe=slow, readiness_probe=None).seconds_to_available == 20 + 30 + 17
    late = replace(slow, initial_delay_seconds=40)
    assert replace(_rollout(), startup_probe=late).least_seconds_to_available == 40 + _rollout().min_ready_seconds


def test_enumerations_are_the_strings_that_annotations_and_inputs_hold():
    assert [str(each) for each in OnTerm] == ["exit", "drain", "serve"]
    assert [str(each) for each in Mode] == ["pod-readiness-feedback", "hard-coded-delay"]
