"""What others reported of rollouts on GKE, in this project's own objects: each is found by the rule meant for it."""

import pytest

from nodrop.judge import Verdict

DROPS, AT_RISK = Verdict.DROPS, Verdict.AT_RISK

FOUND_BY = {
    "check-of-a-type-that-ingress-lacks": (DROPS, "object-is-accepted"),
    "encrypted-without-protocol": (DROPS, "port-speaks-one-protocol"),
    "gateway-asks-root": (DROPS, "health-check-asks-the-readiness-path"),
    "gateway-certificate-of-an-ingress": (DROPS, "object-is-accepted"),
    "long-waits-without-pre-stop": (DROPS, "pre-stop-outlasts-deprogramming"),
    "one-pod-passes-its-gate-unchecked": (DROPS, "survives-a-lost-pod"),
    "probe-of-the-port-alone": (DROPS, "health-check-is-explicit"),
    "protocol-for-another-port": (DROPS, "app-protocols-name-a-port"),
    "readiness-on-another-port": (DROPS, "health-check-asks-the-readiness-port"),
    "requests-beyond-thirty-seconds": (DROPS, "backend-timeout-covers-longest-request"),
    "short-pre-stop": (DROPS, "pre-stop-outlasts-deprogramming"),
}
OF_HEALTH_CHECKS = {
    "health-check-is-explicit",
    "health-check-asks-the-readiness-path",
    "health-check-asks-the-readiness-port",
    "object-is-accepted",
}


@pytest.mark.parametrize(("name", "verdict", "rule"), [(name, *right) for name, right in FOUND_BY.items()])
def test_a_report_is_found_by_the_rule_meant_for_it(judged, name, verdict, rule):
    judgement = judged(f"reported/{name}.yaml")
    assert judgement.verdict == verdict
    of_paths = [each for path in judgement.paths for each in path.diagnostics]
    assert rule in {each.rule for each in [*of_paths, *judgement.objects]}


def test_the_policy_that_helped_there_has_no_fault(judged):
    [path] = judged("reported/gateway-with-serving-port-check.yaml").paths
    assert not OF_HEALTH_CHECKS & {each.rule for each in path.diagnostics}
