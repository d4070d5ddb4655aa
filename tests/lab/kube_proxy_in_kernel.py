"""What the real kube-proxy makes of a kernel's IPVS servers, step by step, and what the lab's arithmetic would.

Run inside namespaces of its own; prints a list of steps as JSON.
"""

import json
import socket
import time
from collections.abc import Mapping
from pathlib import Path

from pyroute2.iproute.linux import IPRoute

from nodrop.lab.controllers import ipvs
from nodrop.lab.data_plane import ipvs_packages, namespaces, topology
from nodrop.lab.data_plane.ipvs_node import boot_all
from nodrop.lab.job import Ipvs
from nodrop.lab.kubernetes import nodes, programs
from nodrop.lab.kubernetes.control_plane import ControlPlane

FOLDER = Path("/run")
NODE_PORT, PORT = 30080, 8080
SPEED_UP = 30
"""TIME_WAIT takes 4 s by it, and kube-proxy's own time is what it is."""
WITHIN_SECONDS = 10
SLICES = "discovery.k8s.io/v1"


class Observed:
    """One node with the real kube-proxy in its kernel, and a Service whose endpoints are set by hand."""

    def __init__(self) -> None:
        namespaces.mount_tmpfs(str(FOLDER))
        self.fabric = topology.build(1, guests=True)
        with IPRoute() as ip:
            ip.route("add", dst=str(topology.NODE_NETWORK), gateway=topology.LOAD_BALANCER_ADDRESS)
        self.plane = ControlPlane(programs.path, topology.CLIENT_ADDRESS)
        self.plane.start(FOLDER / "kubernetes")
        for node in self.fabric.nodes:
            nodes.join(self.plane.client, node, {})
        ports = [{"port": 80, "targetPort": PORT, "nodePort": NODE_PORT}]
        self.create("v1", "Service", spec={"type": "NodePort", "ports": ports})
        ports = [{"name": "", "port": PORT, "protocol": "TCP"}]
        of_service = {"kubernetes.io/service-name": "web"}
        self.create(SLICES, "EndpointSlice", of_service, addressType="IPv4", ports=ports, endpoints=[])
        self.node = self.fabric.nodes[0]
        kube_proxies = {each.name: nodes.kube_proxy_in_kernel(self.plane, each, 0.1) for each in self.fabric.nodes}
        mode = Ipvs(packages=str(ipvs_packages.default_folder()))
        self.kernel = boot_all(self.fabric, mode, FOLDER, SPEED_UP, kube_proxies)[0]
        self.listening: list[socket.socket] = []
        self.steps: list[dict[str, object]] = []

    def create(self, version: str, kind: str, labels: Mapping[str, str] | None = None, **rest: object) -> None:
        metadata = {"name": "web", "namespace": "default", "labels": labels or {}}
        self.plane.client.create({"apiVersion": version, "kind": kind, "metadata": metadata, **rest})

    def pod(self) -> str:
        """The address of a pod that takes connections."""
        address, network = self.node.add_pod()
        with network.entered():
            self.listening.append(socket.create_server((address, PORT)))
        return address

    def connect(self) -> socket.socket:
        with self.fabric.load_balancer.entered():
            return socket.create_connection((self.node.address, NODE_PORT), timeout=5)

    def step(self, name: str, *pods: str) -> None:
        """Has these be the endpoints; notes the servers that come of it, and those that the arithmetic expects."""
        before = self.kernel.servers()
        wanted = {NODE_PORT: tuple((pod, PORT) for pod in pods)}
        expected = {server.address: server.weight for server in before}
        for do, _, address, _ in ipvs.changes(wanted, before, delete_at_once=False):
            expected.pop(address, None)
            if do != "delete":
                expected[address] = {"add": 1, "drain": 0}[do]
        endpoints = [{"addresses": [pod], "conditions": {"ready": True, "serving": True}} for pod in pods]
        change = {"endpoints": endpoints}
        self.plane.client.patch(SLICES, "EndpointSlice", "web", "default", change)
        end = time.monotonic() + WITHIN_SECONDS
        while (found := self.weights()) != expected and time.monotonic() < end:
            time.sleep(0.1)
        self.steps.append({"name": name, "expected": expected, "found": found})

    def weights(self) -> dict[str, int]:
        return {server.address: server.weight for server in self.kernel.servers()}

    def seconds_until_deleted(self, pod: str) -> float:
        begin = time.monotonic()
        if pod not in self.weights():
            return 0
        while pod in self.weights() and time.monotonic() < begin + 2 * ipvs.CHECK_SECONDS:
            time.sleep(0.5)
        return time.monotonic() - begin


def main() -> None:
    observed = Observed()
    first, second, third = (observed.pod() for _ in range(3))
    observed.step("two pods", first, second)
    connections = [observed.connect(), observed.connect()]
    observed.step("one leaves that has a connection", second)
    observed.step("it comes back", first, second)
    observed.step("a third comes", first, second, third)
    observed.step("the third leaves, and has no connection", first, second)
    observed.step("the first leaves again", second)
    for connection in connections:
        connection.close()
    seconds = observed.seconds_until_deleted(first)
    observed.step("none is left")
    print(json.dumps({"steps": observed.steps, "seconds_until_deleted": seconds}))
    observed.plane.stop()


if __name__ == "__main__":
    main()
