"""A cluster in the lab's sandbox: the real control plane, and a Node with kube-proxy for each of the lab's nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pyroute2.iproute.linux import IPRoute

from nodrop.gke.services import NEG_STATUS
from nodrop.lab.data_plane.topology import CLIENT_ADDRESS, LOAD_BALANCER_ADDRESS, NODE_NETWORK, Fabric
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


def start(job: Job, fabric: Fabric, folder: Path, progress: Callable[[str], None]) -> Cluster:
    """Starts the control plane in the calling thread's namespaces and kube-proxy in each node's.

    To be called by a thread that lives as long as the lab, outside an event loop.

    Args:
        job: what is going to be rehearsed.
        fabric: the network.
        folder: for the programs' files and logs.
        progress: called with each phase.

    Raises:
        LabFailedError: it did not start; the message holds the ends of the logs.
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
        for node, lag in zip(fabric.nodes, lags, strict=True):
            nodes.join(plane.client, node, selected)
            nodes.start_kube_proxy(plane, node, folder / "kubernetes", lag / settings.speed_up)
    except (StartError, TimeoutError) as error:
        logs = "" if isinstance(error, StartError) else f"\n{plane.logs()}"
        raise LabFailedError(f"the Kubernetes control plane did not start: {error}{logs}") from None
    return Cluster(plane, plane.client.request("GET", "/version")["gitVersion"])


def with_neg_status(service: Manifest, *, injects_gate: bool) -> Manifest:
    """The Service as GKE's ingress controller leaves it, if the readiness gate is to be injected.

    The policy in the place of GKE's webhook (`gate`) adds the gate to pods of Services that have this annotation.
    """
    annotations = dict(service["metadata"].get("annotations") or {})
    annotations.pop(NEG_STATUS, None)
    if injects_gate:
        annotations[NEG_STATUS] = "{}"
    return {**service, "metadata": {**service["metadata"], "annotations": annotations}}
