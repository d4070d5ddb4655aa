"""What stands behind the fake cloud's clusters: a control plane for each, with nodes and GKE's controllers.

A control plane takes seconds to start, so those of deleted clusters are kept, emptied when they are handed out again,
and the one that has rested longest comes first: a kubeconfig of a cluster deleted long ago may then work again.
"""

import contextlib
import json
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.cloud import Cloud
from harness.control_plane import ControlPlane
from harness.gateway_controller import GATEWAY, GatewayController
from harness.ingress_controller import INGRESS, SVCNEG, IngressController
from harness.kubelet import Kubelet
from harness.waiting import until
from nodrop.lab.kubernetes.rest import ApiError, Client

SYSTEM_NAMESPACES = {"default", "kube-system", "kube-public", "kube-node-lease"}
AUTH_PLUGIN = "gke-gcloud-auth-plugin"
AUTH_PLUGIN_PROGRAM = """#!{python} -IS
import json, os
asked = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
with open({tokens!r}) as file:
    token = json.load(file)[asked["spec"]["cluster"]["server"]]
print(json.dumps({{"apiVersion": asked["apiVersion"], "kind": "ExecCredential", "status": {{"token": token}}}}))
"""


class GkeWorld:
    """One cluster's control plane, nodes and controllers."""

    def __init__(self, plane: ControlPlane, name: str, network: str, cloud: Cloud) -> None:
        self.plane, self.client, self.ca = plane, plane.client, plane.ca
        self.server = plane.url.removeprefix("https://")
        self.dns_server = self.server  # the one name that the certificate is for
        self.kubelet = Kubelet(plane.client)
        self.ingress_controller = IngressController(plane.client, cloud, network=network, cluster=name)
        self.gateway_controller = GatewayController(plane.client, cloud, network=network, cluster=name)

    def add_nodes(self, pool: str, zones: list[str]) -> None:
        self.kubelet.add_nodes(pool, zones)

    def remove_nodes(self, pool: str) -> None:
        self.kubelet.remove_nodes(pool)

    def start(self) -> None:
        self.kubelet.start()
        self.ingress_controller.start()
        self.gateway_controller.start()

    def stop(self) -> None:
        self.gateway_controller.stop()
        self.ingress_controller.stop()
        self.kubelet.stop()

    @property
    def errors(self) -> list[str]:
        """Faults of the stand-ins'; tests expect none."""
        return [*self.kubelet.errors, *self.ingress_controller.errors, *self.gateway_controller.errors]


class GkeWorlds:
    """Makes worlds. The control planes end with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings: list[Callable[[GkeWorld], None]] = []
        """What to do with each new world before its controllers start: delays, faults."""
        self.all: list[GkeWorld] = []
        self._planes: list[ControlPlane] = []
        self._resting: list[ControlPlane] = []
        self._lock = threading.Lock()
        # A control plane ends with the thread that started it: this one lives until the end.
        self._starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="worlds")

    @property
    def roots(self) -> Path:
        """File of certificate authorities that clients trust without being told, as those of DNS endpoints; PEM."""
        return self.folder / "roots.pem"

    def take(self, name: str, network: str, cloud: Cloud) -> GkeWorld:
        with self._lock:
            plane = self._resting.pop(0) if self._resting else None
        if plane:
            empty(plane.client)
        else:
            plane = self._starter.submit(self._new_plane).result()
        world = GkeWorld(plane, name, network, cloud)
        for setting in self.settings:
            setting(world)
        world.start()
        self.all.append(world)
        return world

    def give_back(self, world: GkeWorld) -> None:
        world.stop()
        self._resting.append(world.plane)

    def install_auth_plugin(self, folder: Path) -> None:
        """Writes gke-gcloud-auth-plugin, which knows the tokens of all worlds."""
        folder.mkdir(parents=True, exist_ok=True)
        program = folder / AUTH_PLUGIN
        program.write_text(AUTH_PLUGIN_PROGRAM.format(python=sys.executable, tokens=str(self._tokens)))
        program.chmod(0o755)

    def stop(self) -> None:
        for plane in self._planes:
            plane.stop()
        self._starter.shutdown()

    @property
    def _tokens(self) -> Path:
        return self.folder / "tokens.json"

    def _new_plane(self) -> ControlPlane:
        plane = ControlPlane()
        plane.start(self.folder / f"plane-{len(self._planes)}")
        self.introduce(plane)
        return plane

    def introduce(self, plane: ControlPlane) -> None:
        """Makes it known to clients: its certificate authority and token."""
        self._planes.append(plane)
        self.roots.write_bytes(b"".join(one.ca for one in self._planes))
        tokens = {one.url: one.token for one in self._planes}
        self._tokens.touch(mode=0o600)
        self._tokens.write_text(json.dumps(tokens))


def empty(client: Client) -> None:
    """Deletes what a cluster's users and GKE's controllers made, finalizers or not."""
    for kind in (SVCNEG, INGRESS, GATEWAY):
        for one in client.list(*kind):
            name, namespace = one["metadata"]["name"], one["metadata"]["namespace"]
            with contextlib.suppress(ApiError):
                client.patch(*kind, name, namespace, {"metadata": {"finalizers": None}})
                client.delete(*kind, name, namespace)
    for node in client.list("v1", "Node"):
        client.delete("v1", "Node", node["metadata"]["name"])
    for pod in client.list("v1", "Pod"):
        with contextlib.suppress(ApiError):
            client.delete("v1", "Pod", pod["metadata"]["name"], pod["metadata"]["namespace"], grace_period_seconds=0)
    own = [one["metadata"]["name"] for one in client.list("v1", "Namespace")]
    for name in own:
        if name not in SYSTEM_NAMESPACES:
            with contextlib.suppress(ApiError):
                client.delete("v1", "Namespace", name)
    until(lambda: {one["metadata"]["name"] for one in client.list("v1", "Namespace")} <= SYSTEM_NAMESPACES)
