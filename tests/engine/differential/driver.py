"""Drives the pods of one case on a store, whoever keeps it, and reads what the controllers have made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from differential.cases import AT_REST, Case, Event
from nodrop.lab.clock import Time
from nodrop.lab.controllers.endpoint_slice import SERVICE_NAME_LABEL
from nodrop.lab.controllers.neg import set_condition
from nodrop.lab.controllers.replica_set import is_active
from nodrop.lab.store import Manifest, Store, is_true

GATE = "example.com/gate"
NAME = "web"
PORT = 8080
MOST_EVENTS = 120
SHORT_DEADLINE_SECONDS = 60
"""A progress deadline up to this is waited for."""


class Driver:
    """The user and the kubelets of one case, in a namespace of its own."""

    def __init__(self, case: Case, store: Store, time: Time, namespace: str, node_port: int) -> None:
        self.case, self.store, self.time, self.namespace, self.node_port = case, store, time, namespace, node_port
        self._actions = list(case.actions)
        self._since = 0
        self._started = False
        self._unready: set[str] = set()
        self._addresses: Counter[str] = Counter()
        self._events = 0

    def create(self) -> None:
        """The Service, then the Deployment with version 1."""
        case, labels = self.case, {"app": NAME}
        container = {"name": "app", "image": "app", "ports": [{"name": "http", "containerPort": PORT}]}
        gates = {"readinessGates": [{"conditionType": GATE}]} if case.gated else {}
        rolling = {"maxSurge": case.max_surge, "maxUnavailable": case.max_unavailable}
        metadata = {"name": NAME, "namespace": self.namespace}
        port = {"name": "http", "port": 80, "targetPort": "http", "nodePort": self.node_port}
        service = {"type": "NodePort", "externalTrafficPolicy": case.policy, "selector": labels, "ports": [port]}
        self.store.create({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": service})
        spec = {
            "replicas": case.replicas,
            "minReadySeconds": case.min_ready_seconds,
            "selector": {"matchLabels": labels},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": rolling},
            "template": {
                "metadata": {"labels": labels, "annotations": {"version": "1"}},
                "spec": {"containers": [container], "terminationGracePeriodSeconds": 3600, **gates},
            },
            **case.spec,
        }
        self.store.create({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec})

    # What happens next

    def next(self) -> Event | None:
        """The next event: an action that is due, else the first of the pods' in a fixed order; None at the end."""
        if self._events >= MOST_EVENTS:
            return None
        due = self._actions[0] if self._actions else None
        if due and due[0] != AT_REST and self._since >= due[0]:
            return due[1]
        kinds = ("gone", "run", "ready", "gate") if self.case.gone_first else ("run", "ready", "gate", "gone")
        for kind in kinds:
            if candidates := sorted({version_of(pod) for pod in self.pods() if self._can(kind, pod)}):
                return (kind, candidates[0])
        if self._something_is_due():
            return ("wait",)
        return due[1] if due else None

    def apply(self, event: Event) -> None:
        """Makes it happen; before the first action to all pods that it can happen to, later to one."""
        self._events += 1
        self._since += 1
        if self._actions and event == self._actions[0][1]:
            del self._actions[0]
            self._since, self._started = 0, True
        if event[0] == "roll":
            self._patch({"template": {"metadata": {"annotations": {"version": event[1]}}}})
        elif event[0] == "scale":
            self._patch({"replicas": event[1]})
        elif event[0] != "wait":
            able = [pod for pod in self.pods() if version_of(pod) == event[1] and self._can(str(event[0]), pod)]
            for pod in able if not self._started else able[:1]:
                _HAPPENS[str(event[0])](self, pod)

    def _can(self, kind: str, pod: Manifest) -> bool:
        bound = "nodeName" in pod["spec"]
        if kind == "gone" or not is_active(pod):
            return kind == "gone" and not is_active(pod)
        running, prepared, ready = bool(pod["status"].get("podIP")), is_true(pod, GATE), is_true(pod, "Ready")
        healthy = version_of(pod) not in self.case.failing and pod["metadata"]["uid"] not in self._unready
        match kind:
            case "run":
                return bound and not running
            case "ready":
                return running and healthy and not is_true(pod, "ContainersReady")
            case "gate":
                return self.case.gated and running and is_true(pod, "ContainersReady") and not prepared
            case "unready" | "delete":
                return ready
        raise AssertionError(kind)

    def _something_is_due(self) -> bool:
        """Whether the controllers will do something as soon as enough time has passed."""
        deployment = self.deployment
        available = deployment["status"].get("availableReplicas", 0)
        if self.case.min_ready_seconds and available < deployment["status"].get("readyReplicas", 0):
            return True
        deadline = self.case.spec.get("progressDeadlineSeconds", SHORT_DEADLINE_SECONDS + 1)
        return progress(deployment) == "progressing" and float(str(deadline)) <= SHORT_DEADLINE_SECONDS

    def _patch(self, spec: Manifest) -> None:
        self.store.patch("Deployment", self.namespace, NAME, {"spec": spec})

    def _set(self, pod: Manifest, kind: str, status: bool) -> None:
        name = pod["metadata"]["name"]
        set_condition(self.store, self.time, self.store.get("Pod", self.namespace, name), kind, status)

    def _run(self, pod: Manifest) -> None:
        node = pod["spec"]["nodeName"]
        self._addresses[node] += 1
        number = int(node.rpartition("-")[2])
        address = f"10.{number}.{self.node_port % 250}.{self._addresses[node]}"
        self.store.patch(
            "Pod", self.namespace, pod["metadata"]["name"], {"status": {"phase": "Running", "podIP": address}}
        )

    def _ready(self, pod: Manifest) -> None:
        self._set(pod, "ContainersReady", True)
        if not self.case.gated:
            self._set(pod, "Ready", True)

    def _gate(self, pod: Manifest) -> None:
        self._set(pod, GATE, True)
        self._set(pod, "Ready", True)

    def _make_unready(self, pod: Manifest) -> None:
        self._unready.add(pod["metadata"]["uid"])
        self._set(pod, "ContainersReady", False)
        self._set(pod, "Ready", False)

    def _delete(self, pod: Manifest) -> None:
        self.store.delete("Pod", self.namespace, pod["metadata"]["name"], grace_seconds=3600)

    def _gone(self, pod: Manifest) -> None:
        self.store.delete("Pod", self.namespace, pod["metadata"]["name"])

    # What is there

    @property
    def deployment(self) -> Manifest:
        return self.store.get("Deployment", self.namespace, NAME)

    def of_kind(self, kind: str) -> list[Manifest]:
        """The case's objects."""
        return [each for each in self.store.list(kind) if each["metadata"]["namespace"] == self.namespace]

    def pods(self) -> list[Manifest]:
        return self.of_kind("Pod")

    def endpoints(self) -> Iterator[Manifest]:
        """Of the Service's slices."""
        for each in self.of_kind("EndpointSlice"):
            if each["metadata"]["labels"][SERVICE_NAME_LABEL] == NAME:
                yield from each["endpoints"]

    def state(self) -> Manifest:
        """All that is compared, with numbers instead of names."""
        status = self.deployment.get("status", {})
        counts = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
        sets = {version_of(each["spec"]["template"]): each for each in self.of_kind("ReplicaSet")}
        return {
            "asked": {version: each["spec"]["replicas"] for version, each in sets.items() if each["spec"]["replicas"]},
            "available": {
                version: each["status"]["availableReplicas"]
                for version, each in sets.items()
                if each.get("status", {}).get("availableReplicas")
            },
            "pods": dict(Counter(f"{version_of(pod)} {_stage(pod)}" for pod in self.pods())),
            "deployment": {count: status.get(count, 0) for count in counts} | {"progress": progress(self.deployment)},
            "endpoints": dict(Counter(_condition(each) for each in self.endpoints())),
        }


_HAPPENS: dict[str, Callable[[Driver, Manifest], None]] = {
    "run": Driver._run,
    "ready": Driver._ready,
    "gate": Driver._gate,
    "gone": Driver._gone,
    "unready": Driver._make_unready,
    "delete": Driver._delete,
}


def version_of(manifest: Manifest) -> str:
    """Of a pod, or of a pod template."""
    return manifest["metadata"]["annotations"]["version"]


def progress(deployment: Manifest) -> str:
    """What the Deployment's condition Progressing says."""
    conditions: list[dict[str, Any]] = deployment.get("status", {}).get("conditions", [])
    reason = next((each["reason"] for each in conditions if each["type"] == "Progressing"), "")
    return {"NewReplicaSetAvailable": "complete", "ProgressDeadlineExceeded": "late"}.get(reason, "progressing")


def _stage(pod: Manifest) -> str:
    if not is_active(pod):
        return "terminating"
    return "ready" if is_true(pod, "Ready") else "running" if pod["status"].get("podIP") else "pending"


def _condition(endpoint: Manifest) -> str:
    return ", ".join(name for name in ("ready", "serving", "terminating") if endpoint["conditions"].get(name)) or "none"
