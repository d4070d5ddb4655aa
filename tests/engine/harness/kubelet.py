"""Stands in for all nodes' kubelets, and for the cloud that adds and removes nodes.

Pods become Ready some time after they are bound, once all their gates are True; deleted ones go after a grace period
cut short. It runs no container, probe or hook, and knows no images but those it is told are broken. Nodes never fail,
and leave with their pods at once, whatever a PodDisruptionBudget says.
"""

import itertools
import time
from collections.abc import Iterable
from datetime import UTC, datetime

from harness.polling import Polling
from nodrop.gke.nodes import ARCHITECTURE, HOST_NAME, ZONE
from nodrop.lab.kubernetes.rest import STRATEGIC, ApiError, Client, Object

CAPACITY = {"cpu": "64", "memory": "256Gi", "pods": "110"}
POOL = "cloud.google.com/gke-nodepool"


class Kubelet(Polling):
    """Nodes and their pods on one API server. The attributes may be changed while it runs."""

    def __init__(self, client: Client) -> None:
        super().__init__("kubelet")
        self.client = client
        self.start_seconds = 0.2
        """From binding to running."""
        self.longest_grace_seconds = 0.3
        """A deleted pod is gone after its grace period or this, whichever is shorter."""
        self.broken_images: set[str] = set()
        """Containers of these images never start (ImagePullBackOff)."""
        self._bound: dict[str, float] = {}
        self._deleted: dict[str, float] = {}
        self._addresses = (f"10.{8 + n // 65536}.{n // 256 % 256}.{n % 256}" for n in itertools.count(2))
        self._numbers = itertools.count(1)

    def add_nodes(self, pool: str, zones: Iterable[str]) -> list[str]:
        """Ready nodes of a node pool, one a zone; their names."""
        return [self._add_node(pool, zone) for zone in zones]

    def remove_nodes(self, pool: str) -> None:
        """Deletes the pool's nodes, and the pods on them."""
        for node in self.client.list("v1", "Node", labelSelector=f"{POOL}={pool}"):
            name = node["metadata"]["name"]
            self._quietly_delete("Node", name, None)  # first: the scheduler must not bind replacements to it
            for pod in self.client.list("v1", "Pod", fieldSelector=f"spec.nodeName={name}"):
                self._quietly_delete("Pod", pod["metadata"]["name"], pod["metadata"]["namespace"], 0)

    def step(self) -> None:
        """Starts and ends pods."""
        now = time.monotonic()
        for pod in self.client.list("v1", "Pod", resourceVersion="0"):
            if pod["spec"].get("nodeName"):
                leaving = pod["metadata"].get("deletionTimestamp")
                self.attempt(self._end if leaving else self._run_pod, pod, now)

    def _add_node(self, pool: str, zone: str) -> str:
        name = f"{pool}-{zone}-{next(self._numbers)}"
        region = zone.rpartition("-")[0]
        own = {HOST_NAME: name, ZONE: zone, "topology.kubernetes.io/region": region, POOL: pool}
        system = {"kubernetes.io/os": "linux", ARCHITECTURE: "amd64"}
        self.client.create(
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": {**system, **own}}}
        )
        ready = _condition("Ready", True, "KubeletReady")
        status = {"capacity": CAPACITY, "allocatable": CAPACITY, "conditions": [ready]}
        self.client.patch("v1", "Node", name, None, {"status": status}, subresource="status")
        self.client.patch("v1", "Node", name, None, {"spec": {"taints": None}})  # not-ready, put there at creation
        return name

    def _run_pod(self, pod: Object, now: float) -> None:
        bound = self._bound.setdefault(pod["metadata"]["uid"], now)
        if now < bound + self.start_seconds:
            return
        present = {one["type"]: one["status"] for one in pod.get("status", {}).get("conditions", [])}
        containers = pod["spec"]["containers"]
        running = not any(container["image"] in self.broken_images for container in containers)
        gates = [gate["conditionType"] for gate in pod["spec"].get("readinessGates", [])]
        waiting = [gate for gate in gates if present.get(gate) != "True"]
        wanted = {
            "PodReadyToStartContainers": True,
            "Initialized": True,
            "ContainersReady": running,
            "Ready": running and not waiting,
        }
        if all(present.get(kind) == str(state) for kind, state in wanted.items()):
            return
        reasons = {} if running else {"ContainersReady": "ContainersNotReady", "Ready": "ContainersNotReady"}
        reasons |= {"Ready": "ReadinessGatesNotReady"} if running and waiting else {}
        changed = [kind for kind, state in wanted.items() if present.get(kind) != str(state)]
        address = pod["status"].get("podIP") or next(self._addresses)
        status: Object = {
            "phase": "Running" if running else "Pending",
            "conditions": [_condition(kind, wanted[kind], reasons.get(kind, "")) for kind in changed],
            "startTime": pod["status"].get("startTime") or _timestamp(),
            "podIP": address,
            "podIPs": [{"ip": address}],
            "containerStatuses": [_container_status(one, one["image"] not in self.broken_images) for one in containers],
        }
        self.client.patch(
            "v1",
            "Pod",
            pod["metadata"]["name"],
            pod["metadata"]["namespace"],
            {"metadata": {"uid": pod["metadata"]["uid"]}, "status": status},
            content_type=STRATEGIC,
            subresource="status",
        )

    def _end(self, pod: Object, now: float) -> None:
        metadata = pod["metadata"]
        grace = min(metadata.get("deletionGracePeriodSeconds", 0), self.longest_grace_seconds)
        if now >= self._deleted.setdefault(metadata["uid"], now) + grace:
            self._quietly_delete("Pod", metadata["name"], metadata["namespace"], 0, metadata["uid"])

    def _quietly_delete(
        self, kind: str, name: str, namespace: str | None, grace: int | None = None, uid: str | None = None
    ) -> None:
        try:
            self.client.delete("v1", kind, name, namespace, grace_period_seconds=grace, uid=uid)
        except ApiError as error:
            if error.status not in (404, 409):
                raise


def _container_status(container: Object, started: bool) -> Object:
    waiting = {"waiting": {"reason": "ImagePullBackOff", "message": f'Back-off pulling image "{container["image"]}"'}}
    return {
        "name": container["name"],
        "image": container["image"],
        "imageID": "",
        "ready": started,
        "started": started,
        "restartCount": 0,
        "state": {"running": {"startedAt": _timestamp()}} if started else waiting,
    }


def _condition(kind: str, state: bool, reason: str) -> Object:
    return {"type": kind, "status": str(state), "lastTransitionTime": _timestamp(), "reason": reason}


def _timestamp() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
