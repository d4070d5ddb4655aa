"""The real kube-proxy in IPVS mode in a node's own kernel: the arithmetic is held to it, and report 2 repeated."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from nodrop.lab.controllers.ipvs import CHECK_SECONDS
from nodrop.lab.job import Job
from nodrop.lab.results import RolloutResult, UnreadyResult
from nodrop.lab.runner import run_all
from tests.lab.test_ipvs_lab import BEFORE_5_16, JOBS

pytestmark = [pytest.mark.lab, pytest.mark.kubernetes, pytest.mark.ipvs]
SCRIPT = Path(__file__).with_name("kube_proxy_in_kernel.py")
TIME_WAIT_SECONDS = 3
"""At least: the kernel's 120 s, divided by the script's speed-up, less what passed before the clock was started."""
IN_NAMESPACES = ("unshare", "-Urnm", "--pid", "--fork", "--kill-child", "--mount-proc")
BY_VARIANT = {job.variant: job for job in JOBS}


@pytest.fixture(scope="module")
def observed():
    ran = subprocess.run([*IN_NAMESPACES, sys.executable, SCRIPT], capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


def test_each_change_leaves_the_servers_that_the_arithmetic_says(observed):
    assert len(observed["steps"]) == 7
    for step in observed["steps"]:
        assert step["found"] == step["expected"], step["name"]


def test_a_server_of_weight_0_is_deleted_at_a_check_after_its_last_connection_has_ended(observed):
    assert TIME_WAIT_SECONDS < observed["seconds_until_deleted"] < CHECK_SECONDS + 10


def on_real_controllers(variant: str) -> Job:
    """At its forced speed: what is asserted below does not depend on how long kube-proxy's checks are apart."""
    job = BY_VARIANT[variant]
    return replace(job, settings=replace(job.settings, control_plane="kubernetes"))


def test_with_kube_proxy_itself_a_reused_port_reaches_the_dead_pod_during_the_rollout_and_after():
    (result,) = run_all([on_real_controllers("before 5.16")], lambda _job, _phase: None, parallel=1)
    assert isinstance(result, RolloutResult)
    assert result.finished
    assert result.failures["failed_to_connect_to_backend"] > 100
    assert result.failed_after > 100
    assert result.conditions.proxy_mode == f"{BEFORE_5_16.told} with servers from kube-proxy itself"
    assert result.conditions.control_plane.startswith("Kubernetes v1.")


def test_with_kube_proxy_itself_a_pod_that_left_its_service_by_its_label_still_answers_requests():
    (result,) = run_all([on_real_controllers("relabelled")], lambda _job, _phase: None, parallel=1)
    assert isinstance(result, UnreadyResult)
    assert result.removed_seconds is not None
    assert result.pinned_flows > 0
    assert result.leak > 0.1
