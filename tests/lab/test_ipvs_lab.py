"""Nodes whose NodePorts a real kernel's IPVS translates: report 2, its cures, and that no kernel outlives the lab."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from nodrop.lab import variants
from nodrop.lab.containers import Application
from nodrop.lab.data_plane import ipvs_packages
from nodrop.lab.job import Experiment, Ipvs, Job, Settings
from nodrop.lab.results import Result, RolloutResult, UnreadyResult
from nodrop.lab.runner import run_all
from nodrop.paths import Behaviour, ServingPath, read_manifests, resolve
from nodrop.rollout import OnTerm

pytestmark = [pytest.mark.lab, pytest.mark.ipvs]

FOLDER = ipvs_packages.default_folder()
MANIFESTS = Path(__file__).parent / "manifests"
GATEWAY = Behaviour(longest_request_seconds=5, startup_seconds=5, keep_alive_timeout_seconds=0, on_term=OnTerm.DRAIN)
"""Short connections: the application closes each after its response."""
SPEED_UP = 15
BEFORE_5_16 = Ipvs(packages=str(FOLDER), conn_reuse_mode=0, expire_nodest_conn=0)
TODAY = Ipvs(packages=str(FOLDER))
AGENT = Ipvs(packages=str(FOLDER), conn_reuse_mode=0, delete_at_once=True)
CUT = {"backend_timeout", "backend_connection_closed_before_data_sent_to_client"}
"""How a response ends whose packets the node no longer translates: in silence, or by a reset from the node, which knows
no connection to which the packets of the proxy belong."""


def path_of(manifest: str) -> ServingPath:
    (path,) = resolve(read_manifests([MANIFESTS / manifest])).paths
    return path


def job(variant: str, ipvs: Ipvs, experiment: Experiment = Experiment.ROLLOUT, client_ports: int | None = 64) -> Job:
    settings = Settings(
        speed_up=SPEED_UP, speed_up_is_forced=True, ipvs=ipvs, client_ports=client_ports, kube_proxy_lag_seconds=(1, 2)
    )
    return Job(
        experiment=experiment,
        variant=variant,
        path=variants.behind_node_port(path_of("neg.yaml")),
        application=Application(GATEWAY, None),
        settings=settings,
        steady_first=False,
    )


JOBS = (
    job("before 5.16", BEFORE_5_16),
    job("all ports", BEFORE_5_16, client_ports=None),
    job("today", TODAY),
    job("agent", AGENT),
    job("relabelled", BEFORE_5_16, Experiment.RELABELLED),
)


@pytest.fixture(scope="module")
def results() -> Mapping[str, Result]:
    measured = run_all(JOBS, lambda _job, _phase: None, parallel=1)
    return {result.subject.variant: result for result in measured}


def test_a_reused_port_reaches_the_dead_pod_during_the_rollout_and_after(results) -> None:
    result = results["before 5.16"]
    assert isinstance(result, RolloutResult)
    assert result.finished
    assert result.failures["failed_to_connect_to_backend"] > 100
    assert result.failed_after > 0.2 * 300 * result.conditions.requests_per_second
    assert result.conditions.proxy_mode == f"{BEFORE_5_16.told} with servers from kube-proxy's arithmetic"
    assert result.conditions.client_ports == 64


def test_with_as_many_ports_as_linux_has_hardly_any_request_fails(results) -> None:
    result = results["all ports"]
    assert isinstance(result, RolloutResult)
    assert result.finished
    assert set(result.failures) <= {"failed_to_connect_to_backend"}
    assert result.failed < 0.01 * result.requests
    assert result.requests > 1000


def test_with_what_kube_proxy_sets_today_no_reused_port_does(results) -> None:
    result = results["today"]
    assert isinstance(result, RolloutResult)
    assert result.finished
    assert (result.failures, result.failed_after) == ({}, 0)
    assert result.requests > 1000


def test_an_agent_that_deletes_dying_servers_cuts_responses_of_pods_that_live_and_nothing_afterwards(results) -> None:
    result = results["agent"]
    assert isinstance(result, RolloutResult)
    assert result.finished
    assert result.failures
    assert set(result.failures) <= CUT
    assert result.failed_after == 0
    assert result.failed < 0.05 * result.requests


def test_a_pod_that_left_its_service_by_its_label_still_answers_requests(results) -> None:
    result = results["relabelled"]
    assert isinstance(result, UnreadyResult)
    assert result.removed_seconds is not None
    assert result.pinned_flows > 0
    assert result.leak > 0.1


def test_a_job_behind_a_neg_asks_for_no_kernel() -> None:
    through_neg = replace(JOBS[0], path=path_of("neg.yaml"))
    assert through_neg.ipvs is None
    assert JOBS[0].ipvs == BEFORE_5_16


RUN = f"""
import sys
from dataclasses import replace
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_ipvs_lab import JOBS
from nodrop.lab import sandbox
settings = replace(JOBS[0].settings, control_plane=sys.argv[1])
sandbox.run(replace(JOBS[0], settings=settings), lambda phase: print(phase, flush=True))
"""


@pytest.mark.parametrize(
    ("control_plane", "phase"),
    [
        ("embedded", "building the network"),
        ("embedded", "starting the pods"),
        pytest.param("kubernetes", "starting the pods", marks=pytest.mark.kubernetes),
    ],
)
def test_no_kernel_outlives_the_caller(control_plane: str, phase: str, marked) -> None:
    run = [sys.executable, "-c", RUN, control_plane]
    caller = subprocess.Popen(run, env=marked.environment, stdout=subprocess.PIPE, text=True)
    assert caller.stdout is not None
    for line in caller.stdout:
        if line.strip() == phase:
            break
    end = time.monotonic() + 20
    while not (kernels := [each for each in marked.processes() if is_kernel(each)]) and time.monotonic() < end:
        time.sleep(0.05)
    caller.send_signal(signal.SIGKILL)
    caller.wait()
    assert kernels
    assert marked.gone_within(3), marked.processes()


def is_kernel(process: int) -> bool:
    try:
        command = Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:  # it has ended
        return False
    return command.startswith(os.fsencode(FOLDER / ipvs_packages.KERNEL))
