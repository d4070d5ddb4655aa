"""Situations from the field: each has its verdict, by the rule or the reason meant for it."""

import pytest

from nodrop.judge import Facts, Verdict, judge
from nodrop.paths import Backend, read_manifests
from nodrop.rollout import Severity
from tests.judge.conftest import FIELD_CASES

DROPS, AT_RISK = Verdict.DROPS, Verdict.AT_RISK

RIGHT = {
    "autoscaler-minimum.yaml": (DROPS, "rolls-without-unavailable"),
    "backend-config-under-wrong-port.yaml": (DROPS, "backend-config-governs-a-port"),
    "database-proxy-without-pre-stop.yaml": (DROPS, "every-container-has-pre-stop"),
    "dates-in-labels.yaml": (DROPS, None),
    "external-traffic-policy-local.yaml": (DROPS, "traffic-policy-is-cluster"),
    "gateway-without-health-check-policy.yaml": (DROPS, "health-check-is-explicit"),
    "mixed-folder/app.yaml": (DROPS, "pre-stop-outlasts-deprogramming"),
    "network-policy-shuts-out-load-balancer.yaml": (DROPS, "load-balancer-is-admitted"),
    "node-port-without-probe.yaml": (Verdict.NOT_JUDGED, "readiness-is-probed"),
    "quoted-numbers.yaml": (DROPS, "object-leads-on"),
    "readiness-on-admin-port-with-check.yaml": (AT_RISK, "progress-deadline-before-gate-opens"),
    "readiness-on-admin-port.yaml": (DROPS, "health-check-asks-the-readiness-port"),
    "spot-nodes.yaml": (DROPS, "nodes-drain-before-they-stop"),
    "streams-longer-than-timeout.yaml": (AT_RISK, "progress-deadline-before-gate-opens"),
}
"""Of those with one path: its verdict, and the rule meant for the case."""
LEVELS = {"none": [], "warning": [Verdict.AT_RISK, Verdict.NOT_JUDGED, DROPS], "error": [DROPS]}
EXPECTED = [line.split("\t") for line in (FIELD_CASES / "expected.tsv").read_text().splitlines()]


@pytest.mark.parametrize(("name", "verdict", "rule"), [(name, *right) for name, right in RIGHT.items()])
def test_a_case_gets_its_verdict_by_the_rule_meant_for_it(judged, name, verdict, rule):
    [path] = judged(name).paths
    assert path.verdict == verdict
    assert rule is None or rule in {each.rule for each in path.diagnostics}


@pytest.mark.parametrize(("name", "level"), EXPECTED)
def test_a_case_is_at_least_as_bad_as_is_expected_of_it(judged, name, level):
    verdict = judged(name).verdict
    assert verdict in LEVELS[level] if LEVELS[level] else verdict != DROPS


def test_one_application_that_drops_does_not_cost_the_other_its_verdict(judged):
    paths = judged("two-apps-one-cannot-start.yaml").paths
    assert {path.name: path.verdict for path in paths} == {"frontend/frontend": DROPS, "auth/oauth-public": AT_RISK}


def test_two_ingresses_of_one_service_have_names_that_differ(judged):
    names = [path.name for path in judged("two-ingresses-one-service.yaml").paths]
    assert names == ["default/web via Ingress default/ext", "default/web via Ingress default/int"]


def test_an_autoscaler_says_how_many_pods_there_are(judged):
    [path] = judged("autoscaler-minimum.yaml").paths
    assert path.path.replicas == path.rollout.replicas == 8
    assert path.rollout.max_replicas == 20
    assert "survives-a-lost-pod" not in {each.rule for each in path.diagnostics}


def test_a_path_through_a_node_port_is_not_judged_by_the_rules_alone(judged):
    objects = read_manifests([FIELD_CASES / "node-port-without-probe.yaml"])
    (service,) = (each for each in objects if each["kind"] == "Service")
    service["metadata"]["annotations"]["cloud.google.com/neg"] = '{"ingress": false}'
    [path] = judge(objects).paths
    assert "NodePort" in path.not_judged[0]
    assert path.verdict is DROPS
    errors = {each.rule for each in path.diagnostics if each.severity is Severity.ERROR}
    assert errors == {"readiness-is-probed"}


def test_a_node_port_that_gke_may_make_a_neg_is_judged_as_one_and_never_clean(judged):
    [path] = judged("node-port-without-probe.yaml").paths
    assert (path.path.backend, path.path.neg_is_assumed) == (Backend.NEG, True)
    assert "absent beside spec.type NodePort, and judged as" in path.not_judged[0]
    assert not [each for each in path.diagnostics if each.severity is Severity.ERROR]


def test_an_error_that_only_an_assumption_makes_is_a_warning_and_says_so(judged):
    [path] = judged("readiness-on-admin-port-with-check.yaml").paths
    [found] = [each for each in path.diagnostics if each.rule == "grace-covers-longest-request"]
    assert found.severity is Severity.WARNING
    assert "assumed" in found.seen


def test_a_check_that_asks_where_readiness_does_is_clean_once_the_defaults_beside_it_are_stated(judged):
    """At risk are a deadline no earlier than the gate, the API's default, and a grace period without margin."""
    [path] = judged("readiness-on-admin-port-with-check.yaml").paths
    assert {each.rule for each in path.diagnostics} == {
        "progress-deadline-before-gate-opens",
        "grace-covers-longest-request",
    }
    objects = read_manifests([FIELD_CASES / "readiness-on-admin-port-with-check.yaml"])
    (deployment,) = (each for each in objects if each["kind"] == "Deployment")
    deployment["spec"]["progressDeadlineSeconds"] = 599
    deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 95
    assert [each.verdict for each in judge(objects).paths] == [Verdict.CLEAN]


def test_the_same_error_stays_one_where_the_request_is_stated(judged):
    stated = {"auth/oauth": Facts(longest_request_seconds=30)}
    [path] = judged("readiness-on-admin-port-with-check.yaml", facts=stated).paths
    assert path.verdict == Verdict.DROPS
    assert {str(each) for each in path.assumptions} >= {"longest request 30 s (nodrop.yaml)", "start-up 10 s (default)"}


def test_a_stream_longer_than_the_timeout_drops(judged):
    [path] = judged("streams-longer-than-timeout.yaml", defaults=Facts(longest_request_seconds=200)).paths
    assert "backend-timeout-covers-longest-request" in {each.rule for each in path.diagnostics}
