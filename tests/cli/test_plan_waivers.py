"""Waivers of `nodrop plan`, and what no option states."""

from typing import Any

import pytest

from nodrop.cli.plan_words import unstated
from nodrop.rollout import RULE_NAMES, OnTerm, check, solve
from tests.cli.plans import plan


def test_an_accepted_rule_refuses_nothing_and_stays_visible_with_its_reason():
    result = plan("--spot", "--accept", "nodes-drain-before-they-stop=a batch")
    assert result.exit_code == 0
    assert "accepted: --spot: " in result.stdout
    assert "No rule is broken." not in result.stdout
    assert "Reason: a batch" in " ".join(result.stdout.split())


def test_a_waiver_that_waives_nothing_is_a_warning():
    result = plan("--accept", "survives-a-lost-pod=a batch")
    assert result.exit_code == 0
    assert 'warning: --accept "survives-a-lost-pod": waives nothing' in result.stdout


@pytest.mark.parametrize(
    "rule", ["grace-within-eviction-limits", "nodes-drain-before-they-stop", "liveness-outlasts-health-check"]
)
def test_a_needless_waiver_of_what_the_options_do_state_is_a_warning(rule):
    assert f'warning: --accept "{rule}": waives nothing' in plan("--accept", f"{rule}=why").stdout


@pytest.mark.parametrize(
    "rule",
    [
        "autoscaler-takes-over-replicas",
        "budget-allows-an-eviction",
        "every-container-has-pre-stop",
        "every-zone-keeps-an-endpoint",
        "headers-timeout-exceeds-keep-alive",
        "health-check-answers-200",
        "load-balancer-is-admitted",
        "readiness-stands-alone",
    ],
)
def test_a_waiver_of_what_no_option_states_is_no_warning(rule):
    assert "warning" not in plan("--accept", f"{rule}=none here").stdout


def test_a_needless_waiver_of_the_zone_rule_is_a_warning_once_zones_are_stated():
    assert (
        "waives nothing" in plan("--zones", 2, "--replicas", 9, "--accept", "every-zone-keeps-an-endpoint=why").stdout
    )


def test_what_no_rule_has_judged_is_said():
    said = (
        " ".join(plan().stdout.split()).partition("Not judged, as no option states it: ")[2].partition(". Predicted")[0]
    )
    for unasked in ("zones", "quota", "other containers", "headersTimeout", "health check's answer", "readiness"):
        assert unasked in said
    assert "states it: other containers" in " ".join(plan("--zones", 1).stdout.split())


def test_rules_that_no_option_states_exist():
    assert unstated(None).keys() < RULE_NAMES


def test_no_rule_that_no_option_states_finds_anything():
    wishes: dict[str, Any] = {
        "longest_request_seconds": 4000,
        "startup_seconds": 700,
        "replicas": 1,
        "zones": 3,
        "spot": True,
    }
    rollout = solve(**wishes, keep_alive_timeout_seconds=5, on_term=OnTerm.EXIT, accept=RULE_NAMES)
    broken = {finding.rule for finding in check(rollout)}
    assert broken
    assert broken & unstated(3).keys() == set()


def test_a_rule_that_is_only_a_warning_stays_open():
    result = plan("--replicas", 1)
    assert result.exit_code == 0
    assert "warning: --replicas 1: fewer than 2" in result.stdout
