from dataclasses import replace

import pytest

from nodrop.rollout import Severity, check

ERROR, WARNING = Severity.ERROR, Severity.WARNING


@pytest.mark.parametrize(("explicit", "severity"), [(True, None), (False, WARNING)])
def test_an_inferred_health_check_is_a_warning(verdict, explicit, severity):
    assert verdict("health-check-is-explicit", health_check_is_explicit=explicit) == severity


@pytest.mark.parametrize(
    ("readiness_probe", "severity"),
    [({"path": "/"}, None), ({"path": "/ready/"}, WARNING), ({"path": ""}, None), (None, None)],
)
def test_load_balancer_and_kubelet_ask_the_same_path(verdict, readiness_probe, severity):
    assert verdict("health-check-asks-the-readiness-path", readiness_probe=readiness_probe) == severity


@pytest.mark.parametrize(
    ("check_type", "readiness_probe", "severity"),
    [
        ("TCP", {"path": "/ready/"}, WARNING),
        ("TCP", {"path": ""}, None),
        ("TCP", None, None),
        ("GRPC", {"path": "/ready/"}, None),
    ],
)
def test_a_check_without_a_path_sees_no_unready_pod_where_it_only_connects(
    verdict, check_type, readiness_probe, severity
):
    check = {"type": check_type, "path": ""}
    asked = verdict("health-check-asks-the-readiness-path", health_check=check, readiness_probe=readiness_probe)
    assert asked == severity


@pytest.mark.parametrize(
    ("status", "severity"), [(200, None), (None, None), (199, ERROR), (201, ERROR), (204, ERROR), (302, ERROR)]
)
def test_the_load_balancer_accepts_exactly_200(verdict, status, severity):
    assert verdict("health-check-answers-200", health_check_status=status) == severity


@pytest.mark.parametrize(("timeout", "severity"), [(5, None), (6, ERROR)])
def test_a_health_check_ends_before_the_next_one(verdict, timeout, severity):
    health_check = {"check_interval_seconds": 5, "timeout_seconds": timeout}
    assert verdict("check-timeout-within-interval", health_check=health_check) == severity


@pytest.mark.parametrize(
    ("readiness_probe", "severity"),
    [
        ({"period_seconds": 5, "timeout_seconds": 5}, None),
        ({"period_seconds": 5, "timeout_seconds": 6}, WARNING),
        (None, None),
    ],
)
def test_a_probe_that_a_health_check_may_be_inferred_from_ends_before_the_next_one(verdict, readiness_probe, severity):
    rule = "probe-timeout-within-period"
    assert verdict(rule, readiness_probe=readiness_probe, health_check_is_explicit=False) == severity
    assert verdict(rule, readiness_probe=readiness_probe, health_check_is_explicit=True) is None
    unused = {"health_check_is_explicit": False, "health_check_copies_probe": False}
    assert verdict(rule, readiness_probe=readiness_probe, **unused) is None


@pytest.mark.parametrize(
    ("liveness_probe", "pre_stop_seconds", "severity"),
    [
        ({"period_seconds": 5, "failure_threshold": 3}, 0, WARNING),
        ({"period_seconds": 5, "failure_threshold": 4}, 0, None),
        ({"period_seconds": 16, "failure_threshold": 1}, 0, None),
        ({"period_seconds": 5, "failure_threshold": 1}, 10, WARNING),
        ({"period_seconds": 5, "failure_threshold": 1}, 11, None),
        ({"period_seconds": 5, "failure_threshold": 1, "termination_grace_period_seconds": 10}, 60, WARNING),
        ({"period_seconds": 5, "failure_threshold": 1, "termination_grace_period_seconds": 11}, 60, None),
        (None, 0, None),
    ],
)
def test_the_load_balancer_lets_go_of_a_hanging_pod_before_its_restart(
    change, verdict, liveness_probe, pre_stop_seconds, severity
):
    """Two checks, one each 5 s, and 5 s to answer: 15 s. preStop runs before the restart, within the grace period."""
    changes = {"liveness_probe": liveness_probe, "pre_stop_seconds": pre_stop_seconds}
    assert verdict("liveness-outlasts-health-check", **changes) == severity
    for found in check(change(**changes)):
        if found.rule == "liveness-outlasts-health-check":
            passing = replace(change(**changes).liveness_probe, failure_threshold=found.would_pass)
            assert verdict("liveness-outlasts-health-check", **changes | {"liveness_probe": passing}) is None


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({"liveness_probe": {}, "startup_seconds": 20}, None),
        ({"liveness_probe": {}, "startup_seconds": 20.5}, WARNING),
        ({"liveness_probe": {}, "startup_seconds": 30}, WARNING),
        ({"liveness_probe": {}, "startup_seconds": 30.5}, ERROR),
        ({"liveness_probe": {"path": ""}, "startup_seconds": 30.5}, WARNING),
        ({"liveness_probe": {"initial_delay_seconds": 7}, "startup_seconds": 27}, None),
        ({"liveness_probe": {"initial_delay_seconds": 7}, "startup_seconds": 37.5}, ERROR),
        ({"liveness_probe": {}, "startup_probe": {}, "startup_seconds": 55}, None),
        ({"liveness_probe": {}, "startup_probe": {}, "startup_seconds": 56}, WARNING),
        ({"startup_probe": {}, "startup_seconds": 61}, ERROR),
        ({"startup_seconds": 500}, None),
    ],
)
def test_no_probe_restarts_a_container_that_starts_as_slowly_as_stated(verdict, changes, severity):
    """Liveness: three probes, one each 10 s. Start-up: twelve, one each 5 s."""
    assert verdict("start-up-fits-liveness", **changes) == severity


@pytest.mark.parametrize(("shared", "severity"), [((), None), (("database",), WARNING)])
def test_readiness_that_asks_something_shared_is_a_warning(verdict, shared, severity):
    assert verdict("readiness-stands-alone", readiness_depends_on=shared) == severity
