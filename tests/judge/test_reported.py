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
    "forty-seconds-of-pre-stop": (AT_RISK, "pre-stop-outlasts-deprogramming"),
    "grpc-over-http-1": (AT_RISK, "port-speaks-one-protocol"),
    "long-min-ready-without-pre-stop": (DROPS, "pre-stop-outlasts-deprogramming"),
    "quota-without-room": (DROPS, "quota-covers-the-peak"),
    "volume-of-one-node": (AT_RISK, "surge-mounts-its-volumes"),
}
UNTOLD = {
    "ambient-mesh": "spec.template.metadata.labels[istio.io/dataplane-mode]: a mesh's proxy on the node",
    "probe-with-a-header": "readinessProbe.httpGet.httpHeaders[0]: the load balancer's check sends no such header",
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


@pytest.mark.parametrize(("name", "reason"), UNTOLD.items())
def test_a_report_of_what_the_objects_do_not_tell_is_not_judged(judged, name, reason):
    [path] = judged(f"reported/{name}.yaml").paths
    assert path.verdict == Verdict.NOT_JUDGED
    assert any(reason in each for each in path.not_judged)


def test_the_policy_that_helped_there_has_no_fault(judged):
    [path] = judged("reported/gateway-with-serving-port-check.yaml").paths
    assert not OF_HEALTH_CHECKS & {each.rule for each in path.diagnostics}
