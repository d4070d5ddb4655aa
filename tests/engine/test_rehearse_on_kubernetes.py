"""`nodrop rehearse --control-plane kubernetes`: real controllers, the lab's kubelet, NEGs, balancer and packets."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

MANIFESTS = Path(__file__).parents[1] / "lab" / "manifests"

pytestmark = [pytest.mark.engine, pytest.mark.lab, pytest.mark.kubernetes, pytest.mark.timeout(900)]


def argv(manifest: str | Path, *options: str) -> list[str]:
    own = [sys.executable, "-P", "-m", "nodrop", "rehearse", str(MANIFESTS / manifest), "--control-plane", "kubernetes"]
    return [*own, "--parallel", "1", *options]


def rehearse(manifest: str | Path, experiment: str, folder: Path) -> dict[str, Any]:
    file = folder / "results.json"
    options = ["--experiment", experiment, "--output", str(file)]
    said = subprocess.run(argv(manifest, *options), capture_output=True, text=True)
    assert file.exists(), said.stdout + said.stderr
    results = json.loads(file.read_text())["results"]
    assert results, said.stdout
    (result,) = results
    assert result["conditions"]["control_plane"].startswith("Kubernetes v1.")
    assert "controllers Kubernetes v1." in " ".join(said.stdout.split())
    return result


def test_the_container_native_rollout_drops_nothing(tmp_path: Path) -> None:
    result = rehearse("neg.yaml", "rollout", tmp_path)
    assert result["finished"]
    assert result["requests"] > 500
    assert (result["failed"], sum(result["steady_failures"].values())) == (0, 0)
    assert result["subject"]["readiness_gate"]
    new = [pod for pod in result["pods"] if not pod["old"]]
    assert len(new) == 2
    for pod in new:  # the gate holds the Deployment controller back until a proxy can reach the pod
        assert pod["events"]["attached"] <= pod["events"]["gate"]
    ends = sorted(pod["events"]["deleted"] for pod in result["pods"] if pod["old"])
    assert all(at >= min(pod["events"]["gate"] for pod in new) for at in ends)


def test_behind_a_node_port_kube_proxys_rules_lead_to_pods_that_are_gone(tmp_path: Path) -> None:
    result = rehearse("node_port.yaml", "rollout", tmp_path)
    assert result["finished"]
    assert result["failures"]["failed_to_connect_to_backend"] > 0
    assert result["steady_failures"] == {}


@pytest.mark.parametrize(("experiment", "least"), [("unready", 0.8), ("relabelled", 0.2)])
def test_behind_a_node_port_a_pod_that_has_left_its_service_goes_on_serving(
    experiment: str, least: float, tmp_path: Path
) -> None:
    """The only pod: of two, it is chance which of them kube-proxy leads the few kept connections to.

    One that is relabelled gets a successor, which takes the new connections.
    """
    two = (MANIFESTS / "node_port.yaml").read_text()
    alone = tmp_path / "alone.yaml"
    alone.write_text(two.replace("replicas: 2", "replicas: 1"))
    assert alone.read_text() != two
    result = rehearse(alone, experiment, tmp_path)
    assert result["removed_seconds"] is not None  # kube-proxy's rules no longer name it
    assert result["leak"] >= least
    assert result["pinned_flows"] > 0


@pytest.mark.parametrize("experiment", ["unready", "relabelled"])
def test_behind_a_neg_a_pod_that_has_left_its_service_stops_serving(experiment: str, tmp_path: Path) -> None:
    result = rehearse("neg.yaml", experiment, tmp_path)
    assert result["removed_seconds"] is not None
    assert result["leak"] == 0


@pytest.mark.parametrize("running", [1, 4, 8])
def test_nothing_is_left_when_it_is_killed(running: int, marked: Any) -> None:
    links = os.listdir("/sys/class/net")
    caller = subprocess.Popen(
        argv("neg.yaml"), env=marked.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    end = time.monotonic() + 120
    while len(marked.processes()) <= running:  # at last: caller, child, lab, etcd, three of Kubernetes, kube-proxies
        assert time.monotonic() < end
        time.sleep(0.1)
    caller.send_signal(signal.SIGKILL)
    caller.wait()
    assert marked.gone_within(10), marked.processes()
    assert os.listdir("/sys/class/net") == links
