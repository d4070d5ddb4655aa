"""Situations from the field, by `nodrop rehearse` itself: what was measured, and what the rules say beside it."""

import json
import sys
from importlib import resources

import pytest

from tests.cli.labs import nodrop
from tests.judge.conftest import FIELD_CASES
from tests.report.conftest import rollout


def rehearsed(name, *options):
    ended = nodrop("rehearse", FIELD_CASES / name, "--experiment", "rollout", *options)
    return ended.exit_code, " ".join(ended.stdout.split())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gateway-without-health-check-policy.yaml", "the health check asks GET /, as no probe does"),
        ("readiness-on-admin-port.yaml", "the health check asks GET /, as no probe does"),
        ("network-policy-shuts-out-load-balancer.yaml", "lacks: 130.211.0.0/22"),
        ("two-ingresses-one-service.yaml", "the health check asks GET /, as no probe does"),
    ],
)
def test_what_the_lab_would_do_otherwise_is_not_rehearsed_and_not_clean(lab, name, said):
    code, told = rehearsed(name)
    assert lab.jobs == []
    assert code == 1  # the rules find it to drop, too
    assert "not rehearsed: " in told
    assert said in told
    assert " clean " not in told


def test_an_application_without_a_result_costs_the_other_none_of_its(lab, tmp_path):
    lab.rollout, lab.void = rollout(failed=3), "auth/oauth-public, NEG"
    output = tmp_path / "results.json"
    code, told = rehearsed("two-apps-one-cannot-start.yaml", "--output", output)
    assert code == 1
    assert "drops frontend/frontend: " in told
    assert "rehearsed-rollout-fails-no-request" in told
    assert "not judged auth/oauth-public: " in told
    document = json.loads(output.read_text())
    assert [each["subject"]["variant"] for each in document["results"]] == ["frontend/frontend, NEG"]
    (oauth,) = [each for each in document["judgement"]["paths"] if each["name"] == "auth/oauth-public"]
    (why,) = oauth["not_judged"]
    assert why.startswith("not rehearsed: auth/oauth-public, NEG: ")


@pytest.mark.lab
@pytest.mark.parametrize(
    ("name", "options", "code", "said"),
    [
        (
            "readiness-on-admin-port-with-check.yaml",
            (),
            0,
            (
                "Clean: auth/oauth-public, NEG (2 pods): 0 of ",
                "at risk auth/oauth-public: ",
                "warning grace-covers-longest-request",
                "warning progress-deadline-before-gate-opens",
                "; rehearsed without restarts by liveness probes",
                "1 serving path: 1 at risk. 2 warnings.",
            ),
        ),
        (
            "streams-longer-than-timeout.yaml",
            ("--longest-request-seconds", "200"),
            1,
            ("backend-timeout-covers-longest-request", "rehearsed-steady-traffic-fails-no-request"),
        ),
        (
            "database-proxy-without-pre-stop.yaml",
            (),
            1,
            ("every-container-has-pre-stop", "rehearsed-rollout-fails-no-request"),
        ),
        (
            "external-traffic-policy-local.yaml",
            (),
            1,
            ("traffic-policy-is-cluster", "rehearsed-rollout-fails-no-request"),
        ),
        (
            "spot-nodes.yaml",
            ("--longest-request-seconds", "0"),  # without draining, longer ones are cut
            1,
            ("Clean: shop/api, NEG (2 pods): 0 of ", "drops shop/api", "nodes-drain-before-they-stop"),
        ),
    ],
)
def test_what_is_rehearsed_is_judged_with_the_rules_beside_it(name, options, code, said):
    ended, told = rehearsed(name, *options)
    assert ended == code, told
    assert [each for each in said if each not in told] == []


@pytest.mark.lab
def test_an_application_that_cannot_start_costs_the_other_no_result(tmp_path):
    output = tmp_path / "results.json"
    on_one_port = f"{sys.executable} -I -S {resources.files('nodrop.lab') / 'ready_test.py'} --port {{port}}"
    code, told = rehearsed("two-apps-one-cannot-start.yaml", "--command", on_one_port, "--output", output)
    assert code == 1, told
    assert "drops frontend/frontend" in told
    assert "rehearsed-rollout-fails-no-request" in told
    document = json.loads(output.read_text())
    assert [each["subject"]["variant"] for each in document["results"]] == ["frontend/frontend, NEG"]
    (oauth,) = [each for each in document["judgement"]["paths"] if each["name"] == "auth/oauth-public"]
    assert oauth["verdict"] == "not judged"
    assert any(
        each.startswith("not rehearsed: auth/oauth-public, NEG: ") and "kubelet: GET :4445/health/ready refused" in each
        for each in oauth["not_judged"]
    ), oauth["not_judged"]
