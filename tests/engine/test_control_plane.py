"""What of Kubernetes is real here, and that nodes, pods and processes come and go as said."""

import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable
from http.client import RemoteDisconnected
from pathlib import Path
from typing import Any

import pytest

from harness.control_plane import ControlPlane
from harness.kubelet import Kubelet
from harness.manifests import deployment, pod, service
from harness.waiting import always, until
from nodrop.lab.kubernetes import control_plane as module
from nodrop.lab.kubernetes.rest import ApiError, Client, Object

pytestmark = pytest.mark.engine
START_AND_WAIT = """
import sys, time
from pathlib import Path
from harness.control_plane import ControlPlane
plane = ControlPlane()
plane.start(Path(sys.argv[1]))
print("ready", flush=True)
time.sleep(60)
"""


def backend_config(namespace: str) -> Object:
    return {
        "apiVersion": "cloud.google.com/v1",
        "kind": "BackendConfig",
        "metadata": {"name": "web", "namespace": namespace},
        "spec": {"timeoutSec": 30},
    }


def frontend_config(namespace: str) -> Object:
    return {
        "apiVersion": "networking.gke.io/v1beta1",
        "kind": "FrontendConfig",
        "metadata": {"name": "web", "namespace": namespace},
        "spec": {"redirectToHttps": {"enabled": True}},
    }


def managed_certificate(namespace: str) -> Object:
    return {
        "apiVersion": "networking.gke.io/v1",
        "kind": "ManagedCertificate",
        "metadata": {"name": "web", "namespace": namespace},
        "spec": {"domains": ["www.example.com"]},
    }


@pytest.mark.parametrize("made", [backend_config, frontend_config, managed_certificate, service, deployment])
def test_a_right_object_is_taken(client: Client, namespace: str, made: Callable[[str], Object]) -> None:
    applied = client.apply(made(namespace), field_manager="test")
    assert applied["metadata"]["uid"]


@pytest.mark.parametrize("made", [backend_config, frontend_config, managed_certificate, service, deployment])
@pytest.mark.parametrize("send", [Client.create, lambda client, one: client.apply(one, field_manager="test")])
def test_an_unknown_field_is_refused(
    client: Client, namespace: str, made: Callable[[str], Object], send: Callable[[Client, Object], Any]
) -> None:
    misspelt = made(namespace)
    misspelt["spec"]["mispelt"] = 1
    with pytest.raises(ApiError, match="mispelt"):
        send(client, misspelt)


def test_a_wrong_type_is_refused(client: Client, namespace: str) -> None:
    wrong = {**backend_config(namespace), "spec": {"timeoutSec": "30"}}
    with pytest.raises(ApiError, match="timeoutSec"):
        client.apply(wrong, field_manager="test")


def test_a_dry_run_tells_the_defaults_and_changes_nothing(client: Client, namespace: str) -> None:
    told = client.apply(deployment(namespace), field_manager="test", dry_run=True)
    assert told["spec"]["progressDeadlineSeconds"] == 600
    assert client.find("apps/v1", "Deployment", "web", namespace) is None


def test_a_field_that_another_manager_owns_is_a_conflict(client: Client, namespace: str) -> None:
    client.apply(deployment(namespace, replicas=2), field_manager="one")
    with pytest.raises(ApiError) as refused:
        client.apply(deployment(namespace, replicas=3), field_manager="other")
    assert refused.value.status == 409


def test_a_deployment_becomes_available_through_the_real_controllers(
    client: Client, kubelet: Kubelet, namespace: str
) -> None:
    client.apply(deployment(namespace), field_manager="test")
    until(lambda: available(client, namespace) == 2)
    zones = [one["spec"]["nodeName"].split("-")[3] for one in client.list("v1", "Pod", namespace)]
    assert sorted(zones) == ["b", "c"]


def test_a_broken_image_is_never_available(client: Client, kubelet: Kubelet, namespace: str) -> None:
    kubelet.broken_images.add("broken:1")
    client.apply(deployment(namespace, image="broken:1"), field_manager="test")
    waits = until(lambda: [state for one in client.list("v1", "Pod", namespace) if (state := waiting(one))])
    assert waits[0] == "ImagePullBackOff"
    assert always(lambda: available(client, namespace) == 0, seconds=1)


def test_nodes_leave_with_their_pods(client: Client, kubelet: Kubelet, namespace: str) -> None:
    (node,) = kubelet.add_nodes("leaving", ["europe-west1-d"])
    bound = pod(namespace)
    bound["spec"]["nodeName"] = node
    client.create(bound)
    kubelet.remove_nodes("leaving")
    assert client.find("v1", "Node", node) is None
    assert client.find("v1", "Pod", "web", namespace) is None


def test_a_deleted_pod_goes_before_its_grace_period_is_over(client: Client, kubelet: Kubelet, namespace: str) -> None:
    given = pod(namespace)
    given["spec"]["terminationGracePeriodSeconds"] = 3600
    client.create(given)
    until(lambda: client.get("v1", "Pod", "web", namespace)["status"]["phase"] == "Running")
    client.delete("v1", "Pod", "web", namespace)
    until(lambda: client.find("v1", "Pod", "web", namespace) is None)


def test_a_watch_tells_what_happens(client: Client, namespace: str) -> None:
    created = client.create(backend_config(namespace))
    before = client.create(service(namespace))["metadata"]["resourceVersion"]
    client.delete("cloud.google.com/v1", "BackendConfig", "web", namespace)
    events = client.watch("cloud.google.com/v1", "BackendConfig", namespace, resource_version=before)
    kind, seen = next(events)
    assert (kind, seen["metadata"]["uid"]) == ("DELETED", created["metadata"]["uid"])


@pytest.mark.parametrize("error", [ssl.SSLEOFError, BrokenPipeError, ConnectionResetError, RemoteDisconnected])
def test_a_connection_that_the_server_has_closed_is_made_anew(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    class Closed:
        def request(self, *_: object) -> None:
            raise error

        def close(self) -> None:
            pass

    monkeypatch.setattr(client._local, "connection", Closed(), raising=False)
    assert client.request("GET", "/version")["major"] == "1"


def test_a_failed_start_shows_the_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SERVICE_IPS", "nonsense")
    with pytest.raises(module.StartError, match=r"kube-apiserver ended with 1[\s\S]*not a valid cidr"):
        ControlPlane().start(tmp_path)


def test_nothing_is_left_of_a_control_plane_whose_tests_were_killed(tmp_path: Path, marked: Any) -> None:
    tests = subprocess.Popen(
        [sys.executable, "-c", START_AND_WAIT, str(tmp_path)],
        env={**marked.environment, "PYTHONPATH": str(Path(__file__).parent)},
        stdout=subprocess.PIPE,
    )
    assert tests.stdout
    assert tests.stdout.readline() == b"ready\n"
    assert len(marked.processes()) == 5
    tests.send_signal(signal.SIGKILL)
    tests.communicate()
    gone = marked.gone_within(30)
    for left in marked.processes():
        os.kill(left, signal.SIGKILL)
    assert gone


def available(client: Client, namespace: str) -> int:
    return client.get("apps/v1", "Deployment", "web", namespace).get("status", {}).get("availableReplicas", 0)


def waiting(present: Object) -> str:
    statuses = present["status"].get("containerStatuses", [])
    return next((one["state"]["waiting"]["reason"] for one in statuses if "waiting" in one["state"]), "")
