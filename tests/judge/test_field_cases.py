"""Situations from the field: each has its verdict, by the rule or the reason meant for it."""

import pytest

from nodrop.judge import Facts, Verdict
from nodrop.rollout import Severity

DROPS, AT_RISK = Verdict.DROPS, Verdict.AT_RISK

RIGHT = {
    "database-proxy-without-pre-stop.yaml": (DROPS, "every-container-has-pre-stop"),
    "spot-nodes.yaml": (DROPS, "nodes-drain-before-they-stop"),
    "gateway-without-health-check-policy.yaml": (DROPS, "health-check-is-explicit"),
    "readiness-on-admin-port.yaml": (DROPS, "health-check-asks-the-readiness-path"),
    "readiness-on-admin-port-with-check.yaml": (AT_RISK, "liveness-outlasts-health-check"),
    "autoscaler-minimum.yaml": (DROPS, "rolls-without-unavailable"),
    "backend-config-under-wrong-port.yaml": (DROPS, "backend-config-governs-a-port"),
    "external-traffic-policy-local.yaml": (DROPS, "traffic-policy-is-cluster"),
    "network-policy-shuts-out-load-balancer.yaml": (DROPS, "load-balancer-is-admitted"),
    "node-port-without-probe.yaml": (DROPS, "readiness-is-probed"),
}


@pytest.mark.parametrize(("name", "verdict", "rule"), [(name, *right) for name, right in RIGHT.items()])
def test_a_case_gets_its_verdict_by_the_rule_meant_for_it(judged, name, verdict, rule):
    [path] = judged(name).paths
    assert path.verdict == verdict
    assert rule is None or rule in {each.rule for each in path.diagnostics}


def test_an_error_that_only_an_assumption_makes_is_a_warning_and_says_so(judged):
    [path] = judged("readiness-on-admin-port-with-check.yaml").paths
    [found] = [each for each in path.diagnostics if each.rule == "grace-covers-longest-request"]
    assert found.severity is Severity.WARNING
    assert "assumed" in found.seen


def test_the_same_error_stays_one_where_the_request_is_stated(judged):
    stated = {"auth/oauth": Facts(longest_request_seconds=30)}
    [path] = judged("readiness-on-admin-port-with-check.yaml", facts=stated).paths
    assert path.verdict == Verdict.DROPS
    assert {str(each) for each in path.assumptions} >= {"longest request 30 s (nodrop.yaml)", "start-up 10 s (default)"}


def test_a_stream_longer_than_the_timeout_drops(judged):
    [path] = judged("streams-longer-than-timeout.yaml", defaults=Facts(longest_request_seconds=200)).paths
    assert "backend-timeout-covers-longest-request" in {each.rule for each in path.diagnostics}
