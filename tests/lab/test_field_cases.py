"""Situations from the field: whether the lab rehearses them, and what it names where it does not."""

import pytest

from nodrop.judge import judge
from nodrop.lab.conditions import unrehearsed
from nodrop.paths import read_manifests
from tests.judge.conftest import FIELD_CASES

REHEARSED = (
    "autoscaler-minimum.yaml",
    "backend-config-under-wrong-port.yaml",
    "database-proxy-without-pre-stop.yaml",
    "external-traffic-policy-local.yaml",
    "readiness-on-admin-port-with-check.yaml",
    "streams-longer-than-timeout.yaml",
    "node-port-without-probe.yaml",
)
"""Their rehearsals are in `test_declared`."""
NOT_REHEARSED = {
    "gateway-without-health-check-policy.yaml": "Service dash/dash: the health check asks GET /, as no probe does",
    "network-policy-shuts-out-load-balancer.yaml": "NetworkPolicies of its pods: lacks: 130.211.0.0/22",
    "readiness-on-admin-port.yaml": "Service auth/oauth-public: the health check asks GET /, as no probe does",
}


def reasons(name):
    (path,) = judge(read_manifests([FIELD_CASES / name])).paths
    assert path.path is not None
    assert path.rollout is not None
    return unrehearsed(path.path, path.rollout, stand_in=True)


@pytest.mark.parametrize("name", REHEARSED)
def test_a_case_is_rehearsed(name):
    assert reasons(name) == ()


@pytest.mark.parametrize(("name", "said"), NOT_REHEARSED.items())
def test_a_case_that_the_lab_would_run_otherwise_is_named(name, said):
    assert any(said in reason for reason in reasons(name)), reasons(name)
