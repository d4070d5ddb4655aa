import re
from dataclasses import replace
from math import ceil
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from nodrop.rollout import Mode, OnTerm, Unsolvable, check, plan, solve
from nodrop.rollout.manifest import backend_config_fields, deployment_fields
from nodrop.rollout.reasons import Holder, Reason, reasons
from nodrop.rollout.solver import liveness_probe

wishes = st.fixed_dictionaries(
    {
        "longest_request_seconds": st.integers(0, 280) | st.floats(0, 280),
        "startup_seconds": st.integers(0, 570) | st.floats(0, 570),
        "replicas": st.integers(2, 100),
        "max_replicas": st.none() | st.integers(100, 200),
        "zones": st.none() | st.integers(1, 4),
        "keep_alive_timeout_seconds": st.just(0) | st.integers(620, 10_000),
        "on_term": st.sampled_from(OnTerm),
        "mode": st.sampled_from(Mode),
        "pre_stop_floor_seconds": st.integers(0, 120),
        "rolled_out_within_seconds": st.none() | st.integers(600, 100_000),
    }
)
EXITS = {"longest_request_seconds": 30, "startup_seconds": 20, "replicas": 90, "on_term": OnTerm.EXIT}
FEW_IN_ZONES = {"longest_request_seconds": 30, "startup_seconds": 20, "replicas": 3, "zones": 3}
SLOW = {"longest_request_seconds": 30, "startup_seconds": 570, "replicas": 3, "mode": Mode.HARD_CODED_DELAY}
ATTRIBUTES = {
    "spec.replicas": "replicas",
    "spec.minReplicas": "replicas",
    "spec.strategy.rollingUpdate.maxSurge": "max_surge",
    "spec.minReadySeconds": "min_ready_seconds",
    "spec.template.spec.terminationGracePeriodSeconds": "termination_grace_period_seconds",
    "lifecycle.preStop.sleep.seconds": "pre_stop_seconds",
    "livenessProbe.failureThreshold": "liveness_probe.failure_threshold",
    "spec.timeoutSec": "backend_timeout_seconds",
    "spec.connectionDraining.drainingTimeoutSec": "draining_timeout_seconds",
    "keep-alive timeout, seconds": "keep_alive_timeout_seconds",
}


def solved(wishes):
    try:
        return solve(**wishes)
    except Unsolvable:
        assume(False)
        raise


def at(fields, path):
    for key in path.split("."):
        fields = fields[key]
    return fields


def held(rollout, reason):
    """What the manifest has in the reason's field."""
    deployment = deployment_fields(rollout, "app", 8080)
    return at(
        {
            Holder.DEPLOYMENT: deployment,
            Holder.CONTAINER: deployment["spec"]["template"]["spec"]["containers"][0],
            Holder.BACKEND_CONFIG: backend_config_fields(rollout),
        }[reason.place],
        reason.field,
    )


def one_less(rollout, reason):
    """With the next smaller value of the reason's number."""
    group, _, name = ATTRIBUTES[reason.field].rpartition(".")
    smaller = {name: reason.value - 1}
    return replace(rollout, **({group: replace(getattr(rollout, group), **smaller)} if group else smaller))


def starts_slowly(rollout):
    return rollout.seconds_to_available >= 599


def why_of(field: str, **changes: Any) -> Reason:
    wishes: dict[str, Any] = {"longest_request_seconds": 30, "startup_seconds": 20, "replicas": 90, **changes}
    (reason,) = (each for each in reasons(solve(**wishes)) if each.field == field)
    return reason


@example(EXITS)
@given(wishes)
def test_each_number_is_the_one_in_the_manifest(wishes):
    rollout = solved(wishes)
    placed = [reason for reason in reasons(rollout) if reason.place not in (Holder.AUTOSCALER, Holder.APPLICATION)]
    assert [reason.value for reason in placed] == [held(rollout, reason) for reason in placed]


@example(EXITS)
@example(FEW_IN_ZONES)
@given(wishes)
def test_the_next_smaller_number_breaks_the_rule_that_is_named(wishes):
    rollout = solved(wishes)
    for reason in reasons(rollout, wishes.get("rolled_out_within_seconds")):
        if reason.rule and reason.field in ATTRIBUTES:
            assert reason.rule in {finding.rule for finding in check(one_less(rollout, reason))}, reason


@given(interval=st.integers(1, 60), failures=st.integers(1, 10), pre_stop=st.sampled_from([0, 3, 60]))
def test_liveness_names_its_rule_where_one_failure_less_breaks_it(interval, failures, pre_stop):
    rollout = replace(solve(longest_request_seconds=30, startup_seconds=20, replicas=3), pre_stop_seconds=pre_stop)
    slow = replace(rollout.health_check, check_interval_seconds=interval, unhealthy_threshold=failures)
    rollout = replace(rollout, health_check=slow, liveness_probe=liveness_probe(slow))
    (reason,) = (each for each in reasons(rollout) if each.field == "livenessProbe.failureThreshold")
    broken = {finding.rule for finding in check(one_less(rollout, reason))} - {
        finding.rule for finding in check(rollout)
    }
    assert broken == ({reason.rule} if reason.rule else set())


@pytest.mark.parametrize(("seconds", "named"), [(0, False), (620, True), (621, False)])
def test_keep_alive_names_its_rule_at_its_least_value_only(seconds, named):
    reason = why_of("keep-alive timeout, seconds", keep_alive_timeout_seconds=seconds)
    assert reason.rule == ("keep-alive-outlasts-load-balancer" if named else None)


@example(SLOW)
@example(SLOW | {"startup_seconds": 516.0})
@given(wishes)
def test_the_next_other_progress_deadline_breaks_the_rule_that_is_named(wishes):
    rollout = solved(wishes)
    (reason,) = (each for each in reasons(rollout) if each.field == "spec.progressDeadlineSeconds")
    others = [replace(rollout, progress_deadline_seconds=rollout.progress_deadline_seconds + step) for step in (-1, 1)]
    broken = [{finding.rule for finding in check(other)} for other in others]
    if starts_slowly(rollout):
        assert broken == [{reason.rule}, set()]
    else:  # one second less is too short as well for a start that takes just as long
        just_so = rollout.seconds_to_available >= rollout.progress_deadline_seconds - 1
        assert broken == [{"progress-deadline-covers-start-up"} if just_so else set(), {reason.rule}]


@example(EXITS)
@given(wishes)
def test_every_sum_and_product_in_a_reason_is_right(wishes):
    for reason in reasons(solved(wishes), wishes.get("rolled_out_within_seconds")):
        for left, right in re.findall(r"((?:[\d.e-]+[^=;:]*)?[+x] [^=;:]*) = ([\d.e-]+)", reason.why):
            terms = [float(term) for term in re.findall(r"(?<![\w.])\d[\d.]*(?:e-\d+)?", left)]
            product = terms[0] * terms[1] + sum(terms[2:]) if " x " in left else sum(terms)
            assert product == pytest.approx(float(right), rel=1e-4), reason.why


@example(EXITS)
@given(wishes)
def test_pre_stop_is_the_longest_of_what_its_reason_lists(wishes):
    for reason in reasons(solved(wishes)):
        if reason.field == "lifecycle.preStop.sleep.seconds":
            listed = [
                float(re.findall(r"\d[\d.]*", alternative)[-1 if "=" in alternative else 0])
                for alternative in reason.why.split(";")
            ]
            assert ceil(max(listed) - 1e-3) <= reason.value <= ceil(max(listed) + 1e-3)


@given(wishes)
def test_the_terms_of_the_grace_period_add_up_to_it(wishes):
    for reason in reasons(solved(wishes)):
        if reason.field.endswith("terminationGracePeriodSeconds"):
            terms = [float(term) for term in re.findall(r"(?:preStop|for|request(?! \d+\.)|margin) (\d+)", reason.why)]
            assert sum(terms) == reason.value


@example({"longest_request_seconds": 30, "startup_seconds": 20, "replicas": 6})
@given(wishes)
def test_the_duration_beside_the_surge_is_the_plans(wishes):
    rollout = solved(wishes)
    (surge,) = (each for each in reasons(rollout) if each.field.endswith("maxSurge"))
    assert surge.why.endswith(f" = {plan(rollout).rolled_out_seconds:.15g} s")


def test_the_usual_reason_for_pre_stop():
    assert why_of("lifecycle.preStop.sleep.seconds").why == (
        "the longest of: 60 documented by Google; floor 35; last new request 28.6 + draining 30 = 58.6"
    )


def test_an_application_that_exits_on_term_gets_the_rule_that_lengthens_its_pre_stop():
    reason = why_of("lifecycle.preStop.sleep.seconds", on_term=OnTerm.EXIT)
    assert (reason.value, reason.rule) == (89, "exit-on-term-cuts-no-request")
    assert "28.6 + draining 30 + longest request 30 = 88.6" in reason.why


def test_without_pre_stop_the_grace_period_says_why():
    grace = why_of("spec.template.spec.terminationGracePeriodSeconds", on_term=OnTerm.SERVE, mode=Mode.HARD_CODED_DELAY)
    assert "no preStop" in grace.why
    assert "new requests for 60 s" in grace.why


def test_a_surge_that_was_wished_for_says_for_which_duration():
    rollout = solve(longest_request_seconds=30, startup_seconds=20, replicas=90, rolled_out_within_seconds=600)
    (surge,) = (each for each in reasons(rollout, 600) if each.field.endswith("maxSurge"))
    assert surge.why == "the fewest for a rollout within 600 s: 90 pods in 13 batches of at most 42 s = 546 s"


def test_a_single_pod_is_told_in_the_singular():
    assert "1 pod in 1 batch of at most" in why_of("spec.strategy.rollingUpdate.maxSurge", replicas=1).why
    assert why_of("spec.minReadySeconds", replicas=1, zones=2).why.startswith("1 pod in 2 zones")


def test_great_numbers_keep_their_digits():
    surge = why_of("spec.strategy.rollingUpdate.maxSurge", replicas=10_000, startup_seconds=500.001)
    assert surge.why.endswith("10000 pods in 10000 batches of at most 522.001 s = 5220010 s")


def test_an_application_that_exits_on_term_needs_no_grace_for_requests():
    grace = why_of("spec.template.spec.terminationGracePeriodSeconds", on_term=OnTerm.EXIT)
    assert (grace.value, grace.why) == (94, "preStop 89, as the application exits on TERM, + margin 5")


def test_a_keep_alive_that_closes_after_each_response_has_another_reason():
    assert "closes after each response" in why_of("keep-alive timeout, seconds", keep_alive_timeout_seconds=0).why
