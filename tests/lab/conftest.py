"""What the lab's tests share: the two serving paths, small pods, and rollouts in simulated time, without packets."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest

from nodrop.lab.clock import SimulatedClock
from nodrop.lab.controllers import Controller
from nodrop.lab.controllers.deployment import DeploymentController, rolled_out
from nodrop.lab.controllers.endpoint_slice import EndpointSliceController
from nodrop.lab.controllers.neg import set_condition
from nodrop.lab.controllers.replica_set import ReplicaSetController
from nodrop.lab.controllers.scheduler import Scheduler
from nodrop.lab.store import Manifest, Store
from nodrop.paths import ServingPath, read_manifests, resolve
from tests.lab.kubelets import rehearsal

MANIFESTS = Path(__file__).parent / "manifests"


def _path(file: str) -> ServingPath:
    (path,) = resolve(read_manifests([MANIFESTS / file])).paths
    return path


@pytest.fixture(scope="session")
def neg_path() -> ServingPath:
    return _path("neg.yaml")


@pytest.fixture(scope="session")
def node_port_path() -> ServingPath:
    return _path("node_port.yaml")


@pytest.fixture
def time() -> SimulatedClock:
    return SimulatedClock()


@pytest.fixture
def store(time: SimulatedClock) -> Store:
    return Store(time)


def _pod(name: str, *, node: str | None = "node-1", address: str | None = None, ready: bool | None = None) -> Manifest:
    conditions = [] if ready is None else [{"type": "Ready", "status": str(ready), "lastTransitionTime": 0}]
    return {
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "demo", "labels": {"app": "web"}},
        "spec": {
            "containers": [{"name": "app", "ports": [{"name": "http", "containerPort": 8080}]}],
            **({"nodeName": node} if node else {}),
        },
        "status": {
            "phase": "Running" if address else "Pending",
            "conditions": conditions,
            **({"podIP": address} if address else {}),
        },
    }


@pytest.fixture(scope="session")
def make_pod() -> Callable[..., Manifest]:
    """Makes a pod of app "web" in namespace "demo"; it runs if it has an address."""
    return _pod


def _service(**port: object) -> Manifest:
    return {
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "demo"},
        "spec": {"selector": {"app": "web"}, "ports": [{"name": "http", "port": 80, "targetPort": "http", **port}]},
    }


@pytest.fixture(scope="session")
def make_service() -> Callable[..., Manifest]:
    """Makes the Service of app "web"; arguments change its one port."""
    return _service


# Rollouts in simulated time


@dataclass
class InstantKubelet:
    """The kubelets of all nodes: each pod is ready so long after its binding, and gone so long after its deletion."""

    store: Store
    time: SimulatedClock
    start_seconds: Callable[[Manifest], float | None]
    """None: the pod never becomes ready."""
    stop_seconds: float
    ready_since: dict[str, float] = field(default_factory=dict)
    _bound: dict[str, float] = field(default_factory=dict)

    def sync(self) -> float | None:
        return min((at for pod in self.store.list("Pod") if (at := self._sync(pod)) is not None), default=None)

    def _sync(self, pod: Manifest) -> float | None:
        metadata, name, now = pod["metadata"], pod["metadata"]["name"], self.time.now()
        if "deletionTimestamp" in metadata:
            gone = metadata["deletionTimestamp"] + self.stop_seconds
            if gone <= now:
                self.store.delete("Pod", metadata["namespace"], name)
            return gone
        if "nodeName" not in pod["spec"] or name in self.ready_since:
            return None
        bound = self._bound.setdefault(name, now)
        running = {"phase": "Running", "podIP": f"10.0.30.{2 + len(self._bound)}"}
        if pod["status"]["phase"] == "Pending":
            pod = self.store.patch("Pod", metadata["namespace"], name, {"status": running})
        start = self.start_seconds(pod)
        if start is None or bound + start > now:
            return None if start is None else bound + start
        self.ready_since[name] = now
        set_condition(self.store, self.time, pod, "Ready", True)
        return None


class Moment(NamedTuple):
    """The pods right after one controller's step; all but `total` leave out those being deleted."""

    time: float
    total: int
    active: int
    available: int
    """As the API server's whole seconds say, reckoned apart from the controllers."""
    old: int
    new: int
    ready_endpoints: int


class Simulation:
    """A Deployment of app "web" under its controllers, in simulated time."""

    def __init__(
        self,
        *,
        replicas: int = 2,
        max_surge: int | str = 1,
        max_unavailable: int | str = 0,
        min_ready_seconds: int = 0,
        start_seconds: float = 5,
        uneven_seconds: float = 0,
        stop_seconds: float = 0,
        nodes: tuple[str, ...] = ("node-1", "node-2"),
        begin: float = 0,
        **spec: object,
    ) -> None:
        """Sets all up; nothing happens before `run`.

        `spec` overrides fields of the Deployment's spec, `begin` is the time of its creation, and of three pods the
        second and the third need once and twice `uneven_seconds` longer to become ready.
        """
        self.time = SimulatedClock(begin)
        self.store = Store(self.time)
        self.start_seconds: float | None = start_seconds
        """Of pods yet to become ready; None: they never do."""
        self.uneven_seconds = uneven_seconds
        self.min_ready_seconds = min_ready_seconds
        self.kubelet = InstantKubelet(self.store, self.time, self._start_seconds, stop_seconds)
        self.controllers: list[Controller] = [
            DeploymentController(self.store, self.time),
            ReplicaSetController(self.store, self.time),
            Scheduler(self.store, nodes),
            self.kubelet,
            EndpointSliceController(self.store),
        ]
        self.history: list[Moment] = []
        self.old: set[str] = set()
        rolling = {"maxSurge": max_surge, "maxUnavailable": max_unavailable}
        pod = _pod("template")
        template = {
            "metadata": {"labels": pod["metadata"]["labels"]},
            "spec": {"containers": pod["spec"]["containers"]},
        }
        self.store.create(_service())
        self.store.create(
            {
                "kind": "Deployment",
                "metadata": {"name": "web", "namespace": "demo"},
                "spec": {
                    "replicas": replicas,
                    "minReadySeconds": min_ready_seconds,
                    "strategy": {"type": "RollingUpdate", "rollingUpdate": rolling},
                    "template": template,
                    **spec,
                },
            }
        )

    def _start_seconds(self, pod: Manifest) -> float | None:
        number = int(pod["metadata"]["name"].rpartition("-")[2])
        return None if self.start_seconds is None else self.start_seconds + number % 3 * self.uneven_seconds

    @property
    def deployment(self) -> Manifest:
        return self.store.get("Deployment", "demo", "web")

    @property
    def progressing(self) -> str:
        """The reason of the Deployment's condition Progressing."""
        (condition,) = self.deployment["status"]["conditions"]
        return condition["reason"]

    @property
    def pods(self) -> list[Manifest]:
        """Those that are not being deleted."""
        return [pod for pod in self.store.list("Pod") if "deletionTimestamp" not in pod["metadata"]]

    def roll(self, version: str = "2") -> None:
        """Changes the pod template; from now on today's pods are the old ones, and history begins anew."""
        self.old = {pod["metadata"]["name"] for pod in self.store.list("Pod")}
        self.history = []
        annotations = {"template": {"metadata": {"annotations": {"version": version}}}}
        self.store.patch("Deployment", "demo", "web", {"spec": annotations})

    def run(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Lets the controllers work so long, or until the condition holds at rest; returns whether it does."""
        end = self.time.seconds + seconds
        while True:
            wake = self._settle()
            if until():
                return True
            if wake is None or wake > end:
                self.time.seconds = end
                return False
            assert wake > self.time.seconds, "a controller asks again without time passing"
            self.time.seconds = wake

    def run_out(self, seconds: float = math.inf) -> bool:
        """Runs until the present template is rolled out; returns whether it is."""
        return self.run(seconds, lambda: rolled_out(self.deployment))

    def old_are_gone(self) -> bool:
        return self.old.isdisjoint(pod["metadata"]["name"] for pod in self.store.list("Pod"))

    def _settle(self) -> float | None:
        """Asks all controllers until nothing changes; returns when they want to be asked again."""
        while True:
            before, wakes = self._versions(), []
            for controller in self.controllers:
                wakes.append(controller.sync())
                self._observe()
            if self._versions() == before:
                return min((wake for wake in wakes if wake is not None), default=None)

    def _versions(self) -> list[str]:
        kinds = ("Deployment", "ReplicaSet", "Pod", "EndpointSlice")
        return [each["metadata"]["resourceVersion"] for kind in kinds for each in self.store.list(kind)]

    def _observe(self) -> None:
        names = {pod["metadata"]["name"] for pod in self.pods}
        available = {
            name
            for name, since in self.kubelet.ready_since.items()
            if math.floor(since) + self.min_ready_seconds <= self.time.seconds
        }
        slices = self.store.list("EndpointSlice")
        self.history.append(
            Moment(
                time=self.time.seconds,
                total=len(self.store.list("Pod")),
                active=len(names),
                available=len(names & available),
                old=len(names & self.old),
                new=len(names - self.old),
                ready_endpoints=sum(e["conditions"]["ready"] for each in slices for e in each["endpoints"]),
            )
        )


@pytest.fixture(scope="session")
def simulation() -> type[Simulation]:
    """Makes a Deployment under its controllers in simulated time."""
    return Simulation


@pytest.fixture
def rehearse(make_pod):
    """Runs one pod on a node, as `rehearsal` says."""
    return rehearsal(make_pod)
