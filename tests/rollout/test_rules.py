import re
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodrop.rollout import RULES, HealthCheck, Mode, OnTerm, Probe, Rollout, Severity, check, solve

GOOD = solve(longest_request_seconds=20, startup_seconds=5, replicas=2)
WITHOUT_GATE = solve(
    longest_request_seconds=20, startup_seconds=5, replicas=2, mode=Mode.HARD_CODED_DELAY, on_term=OnTerm.SERVE
)
CHECK = GOOD.health_check
PROBE = Probe(path="/", period_seconds=5, timeout_seconds=5, success_threshold=1, failure_threshold=2)
ERROR, WARNING = Severity.ERROR, Severity.WARNING


def verdict(rule: str, **changes) -> Severity | None:
    """The severity of the one finding of that rule on a good rollout with these changes; None if it passes."""
    findings = [finding for finding in check(replace(GOOD, **changes)) if finding.rule == rule]
    assert len(findings) <= 1
    return findings[0].severity if findings else None


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
def test_pre_stop_outlasts_deprogramming(changes, severity):
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
def test_an_exit_on_term_comes_after_the_last_request(changes, severity):
    assert verdict("exit-on-term-cuts-no-request", **{"on_term": OnTerm.EXIT, **changes}) == severity


@pytest.mark.parametrize(("pre_stop", "grace", "severity"), [(60, 61, None), (60, 60, ERROR), (60, 30, ERROR)])
def test_grace_exceeds_pre_stop(pre_stop, grace, severity):
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
def test_grace_covers_the_longest_request_after_pre_stop(changes, severity):
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


@pytest.mark.parametrize(
    ("mode", "grace", "severity"),
    [
        (Mode.HARD_CODED_DELAY, 59, ERROR),
        (Mode.HARD_CODED_DELAY, 60, None),
        (Mode.POD_READINESS_FEEDBACK, 59, None),
    ],
)
def test_the_mode_with_the_delay_lets_old_pods_stay_a_minute(mode, grace, severity):
    changes = {"mode": mode, "pre_stop_seconds": 35, "longest_request_seconds": 0}
    assert verdict("grace-outlasts-deprogramming", termination_grace_period_seconds=grace, **changes) == severity


@pytest.mark.parametrize(
    ("gate", "minimum", "severity"), [(False, 0, ERROR), (False, 59, ERROR), (False, 60, None), (True, 0, None)]
)
def test_without_a_declared_gate_a_new_pod_is_waited_for_a_minute(gate, minimum, severity):
    assert verdict("min-ready-covers-attach", readiness_gate=gate, min_ready_seconds=minimum) == severity


def test_a_second_container_without_pre_stop_is_an_error():
    assert verdict("every-container-has-pre-stop", containers_without_pre_stop=("sql-proxy",)) == ERROR
    assert verdict("every-container-has-pre-stop", containers_without_pre_stop=()) is None


def test_containers_are_not_blamed_where_none_has_a_pre_stop():
    changes = {"containers_without_pre_stop": ("web", "sql-proxy"), "pre_stop_seconds": 0}
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
def test_draining_covers_the_longest_request(changes, severity):
    assert verdict("draining-covers-longest-request", **changes) == severity


@pytest.mark.parametrize(("seconds", "severity"), [(19, ERROR), (20, None)])
def test_the_backend_timeout_covers_the_longest_request(seconds, severity):
    assert verdict("backend-timeout-covers-longest-request", backend_timeout_seconds=seconds) == severity


@pytest.mark.parametrize(
    ("seconds", "severity"), [(5, ERROR), (600, ERROR), (601, WARNING), (619, WARNING), (620, None), (0, None)]
)
def test_keep_alive_outlasts_the_load_balancer_unless_every_response_closes(seconds, severity):
    assert verdict("keep-alive-outlasts-load-balancer", keep_alive_timeout_seconds=seconds) == severity


@pytest.mark.parametrize(
    ("changes", "inputs"),
    [
        ({"max_surge": 1, "max_unavailable": 0}, []),
        ({"max_surge": 1, "max_unavailable": 1}, ["rollout.max_unavailable"]),
        ({"max_surge": 0, "max_unavailable": 1}, ["rollout.max_unavailable", "rollout.max_surge"]),
        ({"strategy": "Recreate", "max_surge": 0, "max_unavailable": 0}, ["rollout.strategy"]),
    ],
)
def test_a_new_pod_comes_before_an_old_one_goes(changes, inputs):
    findings = check(replace(GOOD, **changes))
    assert {finding.rule for finding in findings} <= {"rolls-without-unavailable"}
    assert [finding.input for finding in findings] == inputs


@pytest.mark.parametrize(("replicas", "severity"), [(0, WARNING), (1, WARNING), (2, None)])
def test_one_pod_alone_is_a_warning(replicas, severity):
    assert verdict("survives-a-lost-pod", replicas=replicas) == severity


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({"progress_deadline_seconds": 599}, None),
        ({"progress_deadline_seconds": 600}, ERROR),
        ({"progress_deadline_seconds": 600, "readiness_gate": False}, ERROR),
        ({"progress_deadline_seconds": 600, "readiness_gate": False, "startup_seconds": 576}, ERROR),
        ({"progress_deadline_seconds": 600, "readiness_gate": False, "startup_seconds": 577}, None),
        ({"progress_deadline_seconds": 600, "readiness_gate": True, "startup_seconds": 577}, ERROR),
    ],
)
def test_the_progress_deadline_ends_before_the_gate_opens_by_itself(changes, severity):
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
def test_the_progress_deadline_covers_the_start(changes, input_name):
    findings = check(replace(GOOD, **changes))
    assert {finding.rule for finding in findings} <= {"progress-deadline-covers-start-up"}
    assert [finding.input for finding in findings] == ([input_name] if input_name else [])


def test_a_health_check_ends_before_the_next_one():
    rule = "check-timeout-within-interval"
    assert verdict(rule, health_check=replace(CHECK, timeout_seconds=CHECK.check_interval_seconds + 1)) == ERROR
    assert verdict(rule, health_check=replace(CHECK, timeout_seconds=CHECK.check_interval_seconds)) is None


def test_a_probe_ends_before_the_next_one():
    assert verdict("probe-timeout-within-period", readiness_probe=replace(PROBE, timeout_seconds=6)) == WARNING
    assert verdict("probe-timeout-within-period", readiness_probe=PROBE) is None
    assert verdict("probe-timeout-within-period", readiness_probe=None) is None


seconds = st.integers(0, 700)
rollouts = st.builds(
    Rollout,
    mode=st.sampled_from(Mode),
    replicas=st.integers(0, 5),
    strategy=st.sampled_from(["RollingUpdate", "Recreate"]),
    max_surge=st.integers(0, 2),
    max_unavailable=st.integers(0, 2),
    min_ready_seconds=seconds,
    progress_deadline_seconds=seconds,
    pre_stop_seconds=seconds,
    containers_without_pre_stop=st.sampled_from([(), ("proxy",)]),
    termination_grace_period_seconds=seconds,
    longest_request_seconds=st.integers(0, 4000) | st.floats(0, 100),
    startup_seconds=seconds,
    keep_alive_timeout_seconds=seconds,
    on_term=st.sampled_from(OnTerm),
    backend_timeout_seconds=seconds,
    draining_timeout_seconds=seconds,
    health_check=st.builds(
        HealthCheck,
        path=st.just("/"),
        check_interval_seconds=st.integers(1, 60),
        timeout_seconds=st.integers(1, 60),
        healthy_threshold=st.integers(1, 10),
        unhealthy_threshold=st.integers(1, 10),
    ),
    readiness_probe=st.none()
    | st.builds(
        Probe,
        path=st.just("/"),
        period_seconds=st.integers(1, 60),
        timeout_seconds=st.integers(1, 60),
        success_threshold=st.integers(1, 3),
        failure_threshold=st.integers(1, 3),
    ),
    readiness_gate=st.booleans(),
)


def _with_input(rollout: Rollout, name: str, value: object) -> Rollout:
    group, _, field = name.rpartition(".")
    if group in ("health_check", "readiness_probe"):
        return replace(rollout, **{group: replace(getattr(rollout, group), **{field: value})})
    return replace(rollout, **{field: value})


@given(rollouts)
def test_the_value_that_would_pass_passes(rollout):
    for rule in RULES:
        for finding in rule(rollout):
            if isinstance(finding.would_pass, str) and finding.would_pass != "RollingUpdate":
                continue
            mended = _with_input(rollout, finding.input, finding.would_pass)
            left = [each for each in rule(mended) if each.input == finding.input]
            assert not left, f"{finding} -> {left}"


@given(rollouts)
def test_every_finding_names_an_input_its_value_and_a_source(rollout):
    names = {field.name for field in fields(Rollout)}
    for finding in check(rollout):
        assert finding.input.rpartition(".")[2] in names | {"timeout_seconds"}
        assert str(finding.value) in str(finding)
        assert finding.source
        assert finding.rule in str(finding)


@given(rollouts)
def test_findings_bear_the_name_of_their_rule(rollout):
    for rule in RULES:
        assert {finding.rule for finding in rule(rollout)} <= {getattr(rule, "__name__", "").replace("_", "-")}


def test_every_rule_says_what_it_holds_by_words_and_not_by_a_number():
    for rule in RULES:
        assert rule.__doc__
        assert not re.search(r"[Rr]ules? [0-9]", rule.__doc__)
