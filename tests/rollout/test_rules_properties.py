"""What holds for every rule, whatever the rollout."""

import re
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nodrop.rollout import (
    RULES,
    AppProtocol,
    DisruptionBudget,
    HealthCheck,
    Mode,
    OnTerm,
    Placement,
    PodQuota,
    Probe,
    Rollout,
    Wiring,
    check,
    solve,
)
from nodrop.rollout.rules import CHANGE_RULES, RULE_NAMES, check_change

labels = st.dictionaries(st.sampled_from(["app", "tier", ""]), st.sampled_from(["web", "shop", ""]), max_size=2)
ranges = st.sampled_from(
    ["130.211.0.0/22", "35.191.0.0/16", "35.191.0.0/17", "0.0.0.0/0", "10.0.0.1/8", "::/0", "fd00::%1/8", "10/8", ""]
)
annotations = st.sampled_from(
    [
        '{"ingress": true}',
        '{"exposed_ports": {"80": {"name": "web"}}}',
        '{"ingress": true, "exposed_ports": {"\u0663": {"name": [1]}}}',
        '{"exposed_ports": {"80": null}}',
        '{"ingress": NaN}',
    ]
)


def rollouts(
    numbers: st.SearchStrategy[int],
    periods: st.SearchStrategy[int],
    seconds: st.SearchStrategy[float],
    texts: st.SearchStrategy[str],
    kinds: st.SearchStrategy[str],
) -> st.SearchStrategy[Rollout]:
    probes = st.builds(
        Probe,
        path=texts,
        period_seconds=periods,
        timeout_seconds=periods,
        success_threshold=periods,
        failure_threshold=periods,
        initial_delay_seconds=numbers,
    )
    placements = st.builds(
        Placement,
        zones=st.none() | numbers,
        spreads_each_version_over_zones=st.booleans(),
        spot=st.booleans(),
        spot_window_seconds=numbers,
        health_fails_in_pre_stop=st.booleans(),
        pod_quota=st.none()
        | st.builds(PodQuota, entry=texts, stated=texts, most=numbers, others=numbers, each=st.floats(0.001, 10)),
        kubernetes_version=st.none() | st.tuples(st.integers(0, 2), st.integers(0, 40)),
        disruption_budget=st.none()
        | st.builds(DisruptionBudget, allowed_disruptions=numbers, always_allows_unhealthy=st.booleans()),
    )
    wirings = st.builds(
        Wiring,
        entry=texts,
        container_native=st.booleans(),
        routes=st.dictionaries(texts, texts, max_size=3),
        neg_annotation=st.none() | annotations | texts,
        selector=labels,
        pod_labels=labels,
        target_port=numbers | texts,
        serving_port=st.none() | numbers,
        publishes_not_ready_addresses=st.booleans(),
        load_balancer_before_pods=st.none() | st.booleans(),
        admitted_ranges=st.none() | st.lists(ranges | texts, max_size=4).map(tuple),
        proxy_only_range=st.none() | ranges | texts,
        states_replicas=st.booleans(),
        autoscaled=st.booleans(),
    )
    return st.builds(
        Rollout,
        kind=kinds,
        mode=st.sampled_from(Mode),
        replicas=numbers,
        max_replicas=st.none() | numbers,
        strategy=st.sampled_from(["RollingUpdate", "Recreate"]),
        max_surge=numbers | st.integers(0, 2),
        max_unavailable=numbers | st.integers(0, 2),
        min_ready_seconds=numbers,
        progress_deadline_seconds=numbers,
        pre_stop_seconds=numbers,
        containers_that_stop_early=st.sampled_from([(), ("proxy",)]),
        termination_grace_period_seconds=numbers,
        pre_stop_floor_seconds=numbers,
        native_sidecars=st.sampled_from([(), ("proxy",)]),
        pre_stop_is_sleep_action=st.booleans(),
        longest_request_seconds=seconds,
        startup_seconds=seconds,
        start_delay_seconds=seconds,
        keep_alive_timeout_seconds=seconds,
        headers_timeout_seconds=st.none() | seconds,
        protocol=st.sampled_from(AppProtocol),
        on_term=st.sampled_from(OnTerm),
        backend_timeout_seconds=numbers,
        draining_timeout_seconds=numbers,
        health_check=st.builds(
            HealthCheck,
            path=texts,
            check_interval_seconds=periods,
            timeout_seconds=periods,
            healthy_threshold=periods,
            unhealthy_threshold=periods,
            port=st.none() | numbers,
            type=texts,
        ),
        health_check_is_explicit=st.booleans(),
        health_check_status=st.none() | numbers,
        readiness_probe=st.none() | probes,
        readiness_depends_on=st.sampled_from([(), ("database",)]),
        startup_probe=st.none() | probes,
        liveness_probe=st.none() | probes,
        readiness_gate=st.booleans(),
        placement=st.none() | placements,
        wiring=st.none() | wirings,
    )


sane = rollouts(
    numbers=st.integers(0, 700),
    periods=st.integers(1, 60),
    seconds=st.integers(0, 4000) | st.floats(0, 100),
    texts=st.sampled_from(["/", "/ready/", "", "web"]),
    kinds=st.just("Deployment"),
)
any_number = st.integers(-1, 700) | st.integers()
wild = rollouts(
    numbers=any_number,
    periods=any_number,
    seconds=any_number | st.floats(),
    texts=st.text(max_size=20),
    kinds=st.sampled_from(["Deployment", "Deployment", "StatefulSet", ""]),
)


@pytest.mark.slow
@settings(max_examples=300)
@given(wild)
def test_whatever_the_rollout_its_check_ends_and_names_known_rules(rollout):
    assert {finding.rule for finding in check(rollout)} <= RULE_NAMES


@given(wild, wild)
def test_whatever_the_change_its_check_ends_and_names_known_rules(before, after):
    assert {finding.rule for finding in check_change(before, after)} <= RULE_NAMES


@given(sane)
def test_nothing_changed_breaks_no_rule_of_change(rollout):
    found = {finding.input for finding in check_change(rollout, rollout)}
    assert found <= {"wiring.selector"}  # which does not match even the pods that are there


def _with_input(target: Any, path: str, value: object) -> Any:
    """The rollout or group with the input at that path, such as `rollout.max_surge` or `placement.spot`, changed."""
    name, _, rest = path.removeprefix("rollout.").partition(".")
    return replace(target, **{name: _with_input(getattr(target, name), rest, value) if rest else value})


@pytest.mark.slow
@settings(max_examples=300)
@given(sane)
def test_the_value_that_would_pass_passes(rollout):
    for rule in RULES:
        for finding in rule.judge(rollout):
            if isinstance(finding.would_pass, str) and finding.would_pass not in ("RollingUpdate", '{"ingress": true}'):
                continue
            mended = _with_input(rollout, finding.input, finding.would_pass)
            left = [each for each in rule.judge(mended) if each.input == finding.input]
            assert not left, f"{finding} -> {left}"


@given(sane, sane)
def test_every_finding_names_an_input_its_value_and_a_source(before, after):
    groups = (Rollout, HealthCheck, Probe, Placement, DisruptionBudget, Wiring)
    names = {field.name for group in groups for field in fields(group)}
    for finding in [*check(before), *check_change(before, after)]:
        assert finding.input.rpartition(".")[2] in names
        assert str(finding.value) in str(finding)
        assert finding.source
        assert finding.rule in str(finding)


@pytest.mark.slow
@settings(max_examples=300)
@given(sane, sane)
def test_findings_bear_the_name_of_their_rule_and_a_severity_that_it_states(before, after):
    for rule in RULES:
        assert {(each.rule, each.severity in rule.severities) for each in rule.judge(before)} <= {(rule.name, True)}
    for change_rule in CHANGE_RULES:
        found = {(each.rule, each.severity in change_rule.severities) for each in change_rule.judge(before, after)}
        assert found <= {(change_rule.name, True)}


def test_every_rule_says_what_it_holds_by_words_and_not_by_a_number():
    for rule in (*RULES, *CHANGE_RULES):
        assert rule.holds
        assert not re.search(r"[Rr]ules? [0-9]", rule.holds)


@example(20, 5, 2)
@given(st.integers(0, 150), st.floats(0, 500), st.integers(2, 50))
def test_what_is_solved_breaks_no_rule(longest_request, startup, replicas):
    assert check(solve(longest_request_seconds=longest_request, startup_seconds=startup, replicas=replicas)) == []
