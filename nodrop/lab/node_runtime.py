"""What a node does for its kubelet for real: networks of pods, processes of containers, probes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from nodrop.lab import listening, protocols
from nodrop.lab.containers import Application, Process, environment, shown
from nodrop.lab.controllers.probe_actions import ProbeAction
from nodrop.lab.data_plane import grpc_health, http
from nodrop.lab.data_plane.topology import Node
from nodrop.lab.store import Manifest
from nodrop.rollout import OnTerm

if TYPE_CHECKING:
    from nodrop.lab.lab import Lab


def _beside(application: Application) -> Application:
    """What runs in a container beside the serving one: it starts and ends at once."""
    behaviour = replace(application.behaviour, startup_seconds=0, on_term=OnTerm.EXIT)
    return replace(application, command=None, behaviour=behaviour)


class NodeRuntime:
    """What a node can do for its kubelet: networks, processes, probes."""

    def __init__(self, lab: Lab, node: Node) -> None:
        """Of one node of the lab."""
        self.lab = lab
        self.node = node

    async def start_pod(self) -> str:
        """Makes a pod's network; returns its address."""
        address, namespace = await asyncio.to_thread(self.node.add_pod)
        self.lab.pod_networks[address] = namespace
        return address

    async def start_container(self, pod: Manifest, container: Manifest, address: str) -> Process:
        """The serving container runs the application, any other one a stand-in that exits on TERM."""
        job, name = self.lab.job, pod["metadata"]["name"]
        serves = container["name"] == job.path.container
        application = job.application if serves else _beside(job.application)
        needs = listening.needed_ports(job.path, job.accepted) if serves else {}
        ports = listening.ports_by_container(job.path)[container["name"]]
        ready_path = listening.ready_path(job.path, container["name"])
        return await Process.start(
            application.arguments(
                ports,
                ready_path,
                self.lab.clock,
                needs=needs,
                tls_ports=listening.tls_ports(job.path),
                http2=protocols.stand_in_speaks_http2(job.path),
            ),
            self.lab.pod_networks[address],
            environment(container, application, name, self.lab.certificate),
            shown(application),
        )

    async def probe(self, address: str, action: ProbeAction, timeout_real_seconds: float) -> str | None:
        """Asks from the node: why the probe fails, or None if it passes in time."""
        node, limit = self.node.namespace, timeout_real_seconds
        if action.grpc is not None:
            answer = await grpc_health.check(node, address, action.port, action.grpc, timeout_real_seconds=limit)
        elif action.path is None:
            answer = await http.connect(node, address, action.port, timeout_real_seconds=limit)
        else:
            url = f"{action.scheme}://{address}:{action.port}{action.path}"
            answer = await http.get(node, url, timeout_real_seconds=limit, headers=action.headers)
        if answer.status is not None and answer.status < 400:
            return None
        wanted = "" if answer.status is None or action.grpc is not None else ", 200 to 399 is wanted"
        return f"{action.question} {answer.said}{wanted}"

    async def remove_pod(self, address: str) -> None:
        """Takes the pod's network away."""
        await asyncio.to_thread(self.node.remove_pod, address)
        self.lab.pod_networks.pop(address).close()
