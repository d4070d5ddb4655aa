from dataclasses import replace

import pytest

from nodrop.rollout import AppProtocol, Mode, OnTerm, Severity, check, solve

WITHOUT_GATE = solve(
    longest_request_seconds=20, startup_seconds=5, replicas=2, mode=Mode.HARD_CODED_DELAY, on_term=OnTerm.SERVE
)
ERROR, WARNING = Severity.ERROR, Severity.WARNING


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({"pre_stop_seconds": 0}, ERROR),
        ({"pre_stop_seconds": 34}, ERROR),
        ({"pre_stop_seconds": 35}, WARNING),
        ({"pre_stop_seconds": 59}, WARNING),
        ({"pre_stop_seconds": 60}, None),
        ({"pre_stop_seconds": 60, "draining_timeout_seconds": 31}, None),
        ({"pre_stop_seconds": 60, "draining_timeout_seconds": 32}, WARNING),
        ({"pre_stop_seconds": 61, "draining_timeout_seconds": 32}, None),
        ({"pre_stop_seconds": 0, "on_term": OnTerm.SERVE}, ERROR),
        ({"pre_stop_seconds": 0, "mode": Mode.HARD_CODED_DELAY}, ERROR),
        ({"pre_stop_seconds": 0, "mode": Mode.HARD_CODED_DELAY, "on_term": OnTerm.SERVE}, None),
    ],
)
def test_pre_stop_outlasts_deprogramming(verdict, changes, severity):
    assert verdict("pre-stop-outlasts-deprogramming", **changes) == severity


@pytest.mark.parametrize(
    ("floor", "pre_stop", "severity"),
    [(20, 19, ERROR), (20, 20, WARNING), (20, 60, None), (90, 89, ERROR), (90, 90, None)],
)
def test_the_floor_of_pre_stop_is_the_load_balancers_own(verdict, floor, pre_stop, severity):
    changes = {"pre_stop_floor_seconds": floor, "pre_stop_seconds": pre_stop}
    assert verdict("pre-stop-outlasts-deprogramming", **changes) == severity


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({"pre_stop_seconds": 48}, ERROR),
        ({"pre_stop_seconds": 49}, WARNING),
        ({"pre_stop_seconds": 68}, WARNING),
        ({"pre_stop_seconds": 69}, None),
        ({"pre_stop_seconds": 0, "longest_request_seconds": 0}, None),
        ({"pre_stop_seconds": 0, "on_term": OnTerm.DRAIN}, None),
    ],
)
def test_an_exit_on_term_comes_after_the_last_request(verdict, changes, severity):
    assert verdict("exit-on-term-cuts-no-request", **{"on_term": OnTerm.EXIT, **changes}) == severity


@pytest.mark.parametrize(("pre_stop", "grace", "severity"), [(60, 61, None), (60, 60, ERROR), (60, 30, ERROR)])
def test_grace_exceeds_pre_stop(verdict, pre_stop, grace, severity):
    rule = "grace-exceeds-pre-stop"
    assert verdict(rule, pre_stop_seconds=pre_stop, termination_grace_period_seconds=grace) == severity


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({"termination_grace_period_seconds": 85}, None),
        ({"termination_grace_period_seconds": 84}, ERROR),
        ({"termination_grace_period_seconds": 85, "pre_stop_seconds": 61}, ERROR),
        ({"termination_grace_period_seconds": 85, "longest_request_seconds": 20.5}, ERROR),
    ],
)
def test_grace_covers_the_longest_request_after_pre_stop(verdict, changes, severity):
    assert verdict("grace-covers-longest-request", **changes) == severity


@pytest.mark.parametrize(("grace", "severity"), [(60, WARNING), (84, WARNING), (85, None)])
def test_without_pre_stop_grace_covers_the_load_balancers_lag_and_the_longest_request(grace, severity):
    findings = check(replace(WITHOUT_GATE, termination_grace_period_seconds=grace))
    assert [(finding.rule, finding.severity) for finding in findings] == (
        [("grace-covers-longest-request", severity)] if severity else []
    )


def test_without_pre_stop_grace_may_not_be_shorter_than_the_lag_and_the_request():
    findings = check(replace(WITHOUT_GATE, longest_request_seconds=21, termination_grace_period_seconds=60))
    assert ("grace-covers-longest-request", ERROR) in [(finding.rule, finding.severity) for finding in findings]


@pytest.mark.parametrize(("grace", "severity"), [(114, ERROR), (115, None)])
def test_without_pre_stop_the_floor_is_graces(grace, severity):
    findings = check(replace(WITHOUT_GATE, pre_stop_floor_seconds=90, termination_grace_period_seconds=grace))
    assert [(finding.rule, finding.severity) for finding in findings] == (
        [("grace-covers-longest-request", severity)] if severity else []
    )


@pytest.mark.parametrize(
    ("mode", "grace", "severity"),
    [
        (Mode.HARD_CODED_DELAY, 59, ERROR),
        (Mode.HARD_CODED_DELAY, 60, None),
        (Mode.POD_READINESS_FEEDBACK, 59, None),
    ],
)
def test_the_mode_with_the_delay_lets_old_pods_stay_a_minute(verdict, mode, grace, severity):
    changes = {"mode": mode, "pre_stop_seconds": 35, "longest_request_seconds": 0}
    assert verdict("grace-outlasts-deprogramming", termination_grace_period_seconds=grace, **changes) == severity


@pytest.mark.parametrize(
    ("gate", "minimum", "severity"), [(False, 0, ERROR), (False, 59, ERROR), (False, 60, None), (True, 0, None)]
)
def test_without_a_declared_gate_a_new_pod_is_waited_for_a_minute(verdict, gate, minimum, severity):
    assert verdict("min-ready-covers-attach", readiness_gate=gate, min_ready_seconds=minimum) == severity


def test_a_second_container_without_pre_stop_is_an_error(verdict):
    assert verdict("every-container-has-pre-stop", containers_that_stop_early=("sql-proxy",)) == ERROR
    assert verdict("every-container-has-pre-stop", containers_that_stop_early=()) is None
    assert verdict("every-container-has-pre-stop", other_containers_that_stop_early=("exporter",)) == WARNING


def test_containers_are_not_blamed_where_none_has_a_pre_stop(verdict):
    changes = {"containers_that_stop_early": ("web", "sql-proxy"), "pre_stop_seconds": 0}
    assert verdict("every-container-has-pre-stop", **changes) is None


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({"draining_timeout_seconds": 0}, ERROR),
        ({"draining_timeout_seconds": 19}, ERROR),
        ({"draining_timeout_seconds": 20}, None),
        ({"draining_timeout_seconds": 85}, None),
        ({"draining_timeout_seconds": 86}, WARNING),
        ({"draining_timeout_seconds": 0, "longest_request_seconds": 0}, None),
        ({"draining_timeout_seconds": 0, "longest_request_seconds": 4000}, ERROR),
    ],
)
def test_draining_covers_the_longest_request(verdict, changes, severity):
    assert verdict("draining-covers-longest-request", **changes) == severity


@pytest.mark.parametrize(("seconds", "severity"), [(19, ERROR), (20, None)])
def test_the_backend_timeout_covers_the_longest_request(verdict, seconds, severity):
    assert verdict("backend-timeout-covers-longest-request", backend_timeout_seconds=seconds) == severity


@pytest.mark.parametrize(
    ("seconds", "severity"), [(5, ERROR), (600, ERROR), (601, WARNING), (619, WARNING), (620, None), (0, None)]
)
def test_keep_alive_outlasts_the_load_balancer_unless_every_response_closes(verdict, seconds, severity):
    assert verdict("keep-alive-outlasts-load-balancer", keep_alive_timeout_seconds=seconds) == severity


@pytest.mark.parametrize(("protocol", "severity"), [("HTTP", ERROR), ("HTTPS", ERROR), ("HTTP2", None)])
def test_http2_announces_the_end_of_a_connection(verdict, protocol, severity):
    changes = {"protocol": AppProtocol(protocol), "keep_alive_timeout_seconds": 5}
    assert verdict("keep-alive-outlasts-load-balancer", **changes) == severity


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({"headers_timeout_seconds": 620}, WARNING),
        ({"headers_timeout_seconds": 621}, None),
        ({"headers_timeout_seconds": 620.5}, None),
        ({"headers_timeout_seconds": 0}, None),
        ({"headers_timeout_seconds": None}, None),
        ({"headers_timeout_seconds": 60, "protocol": AppProtocol.HTTP2}, None),
        ({"headers_timeout_seconds": 60, "keep_alive_timeout_seconds": 0}, None),
    ],
)
def test_waiting_for_headers_ends_no_connection_that_is_kept_alive(verdict, changes, severity):
    assert verdict("headers-timeout-exceeds-keep-alive", **changes) == severity


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({"on_term": OnTerm.SERVE, "termination_grace_period_seconds": 85}, None),
        ({"on_term": OnTerm.SERVE, "termination_grace_period_seconds": 86}, WARNING),
        ({"on_term": OnTerm.DRAIN, "termination_grace_period_seconds": 86}, None),
        ({"on_term": OnTerm.EXIT, "termination_grace_period_seconds": 86}, None),
        (
            {"on_term": OnTerm.SERVE, "termination_grace_period_seconds": 86, "mode": Mode.HARD_CODED_DELAY},
            None,
        ),
    ],
)
def test_an_old_pod_does_not_outlive_its_requests_only_to_be_killed(verdict, changes, severity):
    assert verdict("closes-idle-connections-on-term", **changes) == severity


@pytest.mark.parametrize(
    ("changes", "inputs"),
    [
        ({"max_surge": 1, "max_unavailable": 0}, []),
        ({"max_surge": 1, "max_unavailable": 1}, ["rollout.max_unavailable"]),
        ({"max_surge": 0, "max_unavailable": 1}, ["rollout.max_unavailable", "rollout.max_surge"]),
        ({"strategy": "Recreate", "max_surge": 0, "max_unavailable": 0}, ["rollout.strategy"]),
    ],
)
def test_a_new_pod_comes_before_an_old_one_goes(good, changes, inputs):
    findings = check(replace(good, **changes))
    assert {finding.rule for finding in findings} <= {"rolls-without-unavailable"}
    assert [finding.input for finding in findings] == inputs


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({"replicas": 0, "max_surge": 1}, None),
        ({"replicas": 4, "max_surge": 1}, None),
        ({"replicas": 4, "max_surge": 2}, WARNING),
        ({"replicas": 5, "max_surge": 2}, None),
        ({"replicas": 2, "max_replicas": 9, "max_surge": 3}, None),
        ({"replicas": 2, "max_replicas": 9, "max_surge": 4}, WARNING),
    ],
)
def test_a_bad_version_gets_a_quarter_of_the_pods_at_most(verdict, changes, severity):
    assert verdict("surge-limits-blast-radius", **changes) == severity


@pytest.mark.parametrize(("replicas", "severity"), [(0, ERROR), (1, None), (2, None)])
def test_without_a_pod_nothing_serves(verdict, replicas, severity):
    assert verdict("some-pod-serves", replicas=replicas) == severity


@pytest.mark.parametrize(("replicas", "severity"), [(0, None), (1, WARNING), (2, None)])
def test_one_pod_alone_is_a_warning(verdict, replicas, severity):
    assert verdict("survives-a-lost-pod", replicas=replicas) == severity


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({"progress_deadline_seconds": 599}, None),
        ({"progress_deadline_seconds": 600}, WARNING),
        ({"progress_deadline_seconds": 600, "readiness_gate": False}, WARNING),
        ({"progress_deadline_seconds": 600, "readiness_gate": False, "startup_seconds": 576}, WARNING),
        ({"progress_deadline_seconds": 600, "readiness_gate": False, "startup_seconds": 577}, None),
        ({"progress_deadline_seconds": 600, "readiness_gate": True, "startup_seconds": 577}, WARNING),
    ],
)
def test_the_progress_deadline_ends_before_the_gate_opens_by_itself(verdict, changes, severity):
    assert verdict("progress-deadline-before-gate-opens", **changes) == severity


@pytest.mark.parametrize(
    ("changes", "input_name"),
    [
        ({"progress_deadline_seconds": 28}, None),
        ({"progress_deadline_seconds": 27}, "rollout.progress_deadline_seconds"),
        ({"startup_seconds": 576}, None),
        ({"startup_seconds": 577}, "rollout.startup_seconds"),
        (
            {"startup_seconds": 577, "min_ready_seconds": 60, "readiness_gate": False},
            "rollout.progress_deadline_seconds",
        ),
    ],
)
def test_the_progress_deadline_covers_the_start(good, changes, input_name):
    findings = check(replace(good, **changes))
    assert {finding.rule for finding in findings} <= {"progress-deadline-covers-start-up"}
    assert [finding.input for finding in findings] == ([input_name] if input_name else [])
