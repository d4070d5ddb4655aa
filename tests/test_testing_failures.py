"""What pytest shows of a test that fails with the helpers for users' tests."""

import re

import pytest

FAILING = """
import pulumi_kubernetes as k8s
from nodrop.testing import assert_no_dropped_requests, assert_update_drops_no_requests


def shop(port=8080, fails=False):
    if fails:
        raise ValueError("no such image")
    meta = {"name": "web", "namespace": "shop", "annotations": {"gke-nodrop/longest-request-seconds": "30"}}
    labels = {"app": "web"}
    ports = [{"port": 80, "targetPort": port}]
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    container = {"name": "web", "image": "web", "ports": [{"containerPort": port}]}
    pods = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    k8s.core.v1.Service("web", metadata=meta, spec={"selector": labels, "ports": ports})
    k8s.networking.v1.Ingress("web", metadata=meta, spec={"defaultBackend": backend})
    k8s.apps.v1.Deployment("web", metadata=meta, spec={"selector": {"matchLabels": labels}, "template": pods})


def test_rollout(evaluated):
    assert_no_dropped_requests(evaluated(shop))


def test_update(evaluated):
    assert_update_drops_no_requests(evaluated(shop), evaluated(lambda: shop(9090)), "shop/web")


def test_one(evaluated):
    evaluated(shop).one("StatefulSet")


def test_path(evaluated):
    evaluated(shop).path("shop/wbe")


def test_program(evaluated):
    evaluated(lambda: shop(fails=True))


def test_project(evaluated):
    evaluated("nowhere")
"""


@pytest.mark.slow
def test_a_failure_shows_the_line_of_the_test_and_the_finding_and_no_frame_of_the_library(pytester):
    pytester.makepyfile(test_shop=FAILING)
    done = pytester.runpytest_inprocess("-p", "nodrop.testing", "-q")
    done.assert_outcomes(failed=6)
    said = done.stdout.str()
    assert "nodrop/" not in said
    assert not re.search(r"assert not \[|assert 0 == 1", said)
    for finding in (
        "> *assert_no_dropped_requests",
        "path shop/web: pre-stop-outlasts-deprogramming (error)",
        "update of shop/web: target-port-stays (error)",
        "no StatefulSet; there are Service web, Ingress web, Deployment web",
        "no path shop/wbe; there are \\['shop/web'\\]",
        "ValueError: no such image",
        "no Pulumi.yaml in ",
    ):
        assert re.search(finding.replace("(error)", r"\(error\)"), said), finding
