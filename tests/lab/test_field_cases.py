"""Situations from the field: whether the lab rehearses them, and what it names where it does not."""

import pytest

from nodrop.judge import Rehearsal, Verdict, judge, with_rehearsals
from nodrop.lab.conditions import unrehearsed
from nodrop.paths import read_manifests
from tests.judge.conftest import FIELD_CASES

REHEARSED = (
    # by test_declared, on real packets
    "autoscaler-minimum.yaml",
    "backend-config-under-wrong-port.yaml",
    "database-proxy-without-pre-stop.yaml",
    "external-traffic-policy-local.yaml",
    "readiness-on-admin-port-with-check.yaml",
    "streams-longer-than-timeout.yaml",
    "node-port-without-probe.yaml",
    # what is wrong with these no rehearsal shows, but the rules do
    "dates-in-labels.yaml",
    "mixed-folder/app.yaml",
    "spot-nodes.yaml",
    "two-apps-one-cannot-start.yaml",
)
NOT_REHEARSED = {
    "gateway-without-health-check-policy.yaml": "Service dash/dash: the health check asks GET /, as no probe does",
    "network-policy-shuts-out-load-balancer.yaml": "NetworkPolicies of its pods: lacks: 130.211.0.0/22",
    "readiness-on-admin-port.yaml": "Service auth/oauth-public: the health check asks GET /, as no probe does",
    "two-ingresses-one-service.yaml": "Service default/web: the health check asks GET /, as no probe does",
}
NO_PATH = ("quoted-numbers.yaml",)
CASES = (*REHEARSED, *NOT_REHEARSED)


def judged(name):
    return judge(read_manifests([FIELD_CASES / name]))


def reasons(name):
    """Of each path, why it is not rehearsed."""
    paths = [(each.path, each.rollout) for each in judged(name).paths]
    return [unrehearsed(path, rollout, stand_in=True) for path, rollout in paths if path and rollout]


def test_every_case_is_rehearsed_or_has_its_reason():
    assert sorted((*CASES, *NO_PATH)) == sorted(
        str(file.relative_to(FIELD_CASES)) for file in [*FIELD_CASES.glob("*.yaml"), *FIELD_CASES.glob("*/app.yaml")]
    )


@pytest.mark.parametrize("name", REHEARSED)
def test_a_case_is_rehearsed(name):
    found = reasons(name)
    assert found
    assert not any(found)


@pytest.mark.parametrize(("name", "said"), NOT_REHEARSED.items())
def test_a_case_that_the_lab_would_run_otherwise_is_named(name, said):
    found = reasons(name)
    assert found
    assert all(any(said in reason for reason in each) for each in found), found


@pytest.mark.parametrize("name", CASES)
def test_no_case_is_clean_because_its_rehearsal_was(name):
    judgement = judged(name)
    rehearsed = with_rehearsals(judgement, {path.name: Rehearsal(requests=1000) for path in judgement.paths})
    assert [path.verdict for path in rehearsed.paths] == [path.verdict for path in judgement.paths]
    assert Verdict.CLEAN not in {path.verdict for path in rehearsed.paths}
