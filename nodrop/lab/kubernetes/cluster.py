"""A cluster in the lab's sandbox: the real control plane, and a Node with kube-proxy for each of the lab's nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pyroute2.iproute.linux import IPRoute

from nodrop.gke.services import NEG_STATUS
from nodrop.lab.controllers.kube_proxy import NodePorts
from nodrop.lab.data_plane.ipvs_node import boot_all
from nodrop.lab.data_plane.topology import CLIENT_ADDRESS, LOAD_BALANCER_ADDRESS, NODE_NETWORK, Fabric
from nodrop.lab.data_plane.translation import Translation, of_kube_proxy
from nodrop.lab.errors import LabFailedError
from nodrop.lab.job import Job
from nodrop.lab.kubernetes import nodes, programs
from nodrop.lab.kubernetes.control_plane import ControlPlane, StartError
from nodrop.lab.store import Manifest


@dataclass(frozen=True)
class Cluster:
    """A running cluster without workloads."""

    plane: ControlPlane
    version: str
    """Of Kubernetes, such as "v1.37.2"."""
    translations: tuple[Translation, ...]
    """What translates each node's NodePorts, in the order of the nodes; kube-proxy changes it."""
    read_node_ports: tuple[Callable[[], NodePorts | None], ...]
    """Reads what kube-proxy has a node translate, in the same order; None where that is known not to have changed."""


def start(job: Job, fabric: Fabric, folder: Path, progress: Callable[[str], None]) -> Cluster:
    """Starts the control plane in the calling thread's namespaces, and kube-proxy on each node or in its kernel.

    To be called by a thread that lives as long as the lab, outside an event loop.

    Args:
        job: what is going to be rehearsed.
        fabric: the network.
        folder: for the programs' files and logs.
        progress: called with each phase.

    Raises:
        LabFailedError: it did not start; the message holds the ends of the logs, or of a kernel's console.
    """
    progress("starting Kubernetes")
    with IPRoute() as ip:  # by which the nodes' answers come and go
        ip.route("add", dst=str(NODE_NETWORK), gateway=LOAD_BALANCER_ADDRESS)
    plane = ControlPlane(programs.path, CLIENT_ADDRESS)
    try:
        plane.start(folder / "kubernetes")
        settings = job.settings
        lags = settings.kube_proxy_lags_seconds(len(fabric.nodes))
        selected = job.path.deployment["spec"]["template"]["spec"].get("nodeSelector") or {}
        at_most_every = [(node, lag / settings.speed_up) for node, lag in zip(fabric.nodes, lags, strict=True)]
        for node in fabric.nodes:
            nodes.join(plane.client, node, selected)
        if job.ipvs:
            kube_proxies = {
                node.name: nodes.kube_proxy_in_kernel(plane, node, seconds) for node, seconds in at_most_every
            }
            kernels = boot_all(fabric, job.ipvs, folder, settings.speed_up, kube_proxies)
            translations: tuple[Translation, ...] = kernels
            reads: list[Callable[[], NodePorts | None]] = [kernel.node_ports for kernel in kernels]
        else:
            for node, seconds in at_most_every:
                nodes.start_kube_proxy(plane, node, folder / "kubernetes", seconds)
            translations = of_kube_proxy(fabric)
            reads = [nodes.Rules(plane, node).node_ports for node in fabric.nodes]
    except (StartError, TimeoutError) as error:
        logs = "" if isinstance(error, StartError) else f"\n{plane.logs()}"
        raise LabFailedError(f"the Kubernetes control plane did not start: {error}{logs}") from None
    return Cluster(plane, plane.client.request("GET", "/version")["gitVersion"], translations, tuple(reads))


def with_neg_status(service: Manifest, *, injects_gate: bool) -> Manifest:
    """The Service as GKE's ingress controller leaves it, if the readiness gate is to be injected.

    The policy in the place of GKE's webhook (`gate`) adds the gate to pods of Services that have this annotation.
    """
    annotations = dict(service["metadata"].get("annotations") or {})
    annotations.pop(NEG_STATUS, None)
    if injects_gate:
        annotations[NEG_STATUS] = "{}"
    return {**service, "metadata": {**service["metadata"], "annotations": annotations}}
