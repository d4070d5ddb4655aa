"""One pod on a node with its kubelet: a runtime that starts no process, on a loop whose time jumps."""

import asyncio
import selectors
from dataclasses import dataclass, field

from nodrop.lab.clock import Clock
from nodrop.lab.controllers.kubelet import Kubelet
from nodrop.lab.controllers.neg import set_condition
from nodrop.lab.recorder import Recorder
from nodrop.lab.store import Store, condition, is_true

# Time without waiting


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop that jumps to its next timer instead of waiting for it."""

    seconds = 0.0

    def __init__(self):
        loop = self

        class Selector(selectors.SelectSelector):
            def select(self, timeout=None):
                ready = super().select(0)
                if not ready:
                    assert timeout is not None, "all tasks wait, and nothing is going to happen"
                    loop.seconds += timeout
                return ready

        super().__init__(Selector())

    def time(self):
        return self.seconds


class LoopClock(Clock):
    """The loop's own time."""

    def now(self):
        return asyncio.get_running_loop().time()


# A node


@dataclass
class FakeProcess:
    """Exits so long after SIGTERM; None: only by SIGKILL."""

    name: str
    node: "Node"
    stop_seconds: float | None
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def running(self):
        return not self.over.is_set()

    def terminate(self):
        self.node.note(f"{self.name} TERM")
        if self.stop_seconds is not None:
            asyncio.get_running_loop().call_later(self.stop_seconds, self.over.set)

    def kill(self):
        self.node.note(f"{self.name} KILL")
        self.over.set()

    async def execute(self, command, timeout_real_seconds):
        self.node.note(f"{self.name} runs {' '.join(command)}")
        await asyncio.sleep(min(self.node.answer_seconds, timeout_real_seconds))
        return self.node.execution

    async def exited(self, within_real_seconds):
        try:
            await asyncio.wait_for(self.over.wait(), within_real_seconds)
        except TimeoutError:
            return False
        return True


@dataclass
class Node:
    """One node with its kubelet, and what happens on it: (seconds, what)."""

    store: Store
    clock: Clock
    stop_seconds: float | None = 0
    pre_stops: dict[str, float] = field(default_factory=dict)
    answer_seconds: float = 0
    """How long an answer takes, or a command."""
    execution: str | None = None
    """How a command ends."""
    answers: dict[str | None, list[tuple[float, bool]]] = field(default_factory=dict)
    """By probed path: from when on it passes or fails; a path not named always passes."""
    events: list[tuple[float, str]] = field(default_factory=list)
    probed: list[tuple[float, str | None, int]] = field(default_factory=list)
    timeouts: set[float] = field(default_factory=set)

    def note(self, what):
        self.events.append((round(self.clock.now(), 3), what))

    async def start_pod(self):
        self.note("network")
        return "10.0.30.2"

    async def start_container(self, pod, container, address):
        self.note(f"{container['name']} started")
        return FakeProcess(container["name"], self, self.stop_seconds)

    async def probe(self, address, action, timeout_real_seconds):
        assert address == "10.0.30.2"
        now = round(self.clock.now(), 3)
        self.probed.append((now, action.path, action.port))
        self.timeouts.add(timeout_real_seconds)
        await asyncio.sleep(self.answer_seconds)
        phases = [passes for since, passes in self.answers.get(action.path, [(0, True)]) if since <= now]
        return None if phases[-1] else f"{action.question} refused"

    async def remove_pod(self, address):
        self.note(f"{address} removed")


HTTP = {"httpGet": {"path": "/ready/", "port": "http"}, "periodSeconds": 10, "timeoutSeconds": 3}


def rehearsal(make_pod):
    """Runs one pod on a node: `probes` of container "app", `act` after so many seconds, until `end`.

    `sidecar_probes` are those of each native sidecar. Returns the node, its events being those of the runtime and of
    the pod's Ready condition.
    """

    def rehearse(
        *,
        end,
        deleted_at=None,
        grace=30,
        containers=("app",),
        sidecars=(),
        gates=(),
        act=None,
        probes=None,
        sidecar_probes=None,
        **node,
    ):
        async def scenario():
            clock = LoopClock(1)
            store = Store(clock)
            found = Node(store, clock, **node)
            async with asyncio.TaskGroup() as tasks:
                running = []
                recorder = Recorder(clock)
                kubelet = Kubelet(
                    store=store,
                    clock=clock,
                    node="node-1",
                    runtime=found,
                    recorder=recorder,
                    serving_container="app",
                    pre_stop_seconds=found.pre_stops.get,
                    spawn=lambda work: running.append(tasks.create_task(work)),
                )

                async def manage():
                    ready = None
                    while True:
                        seen = store.resource_version
                        kubelet.sync()
                        for each in store.list("Pod"):
                            if is_true(each, "Ready") != ready and condition(each, "Ready"):
                                ready = is_true(each, "Ready")
                                found.note("ready" if ready else "unready")
                        await store.watch(seen)

                pod = make_pod("web-1")
                ports = pod["spec"]["containers"][0]["ports"]
                pod["spec"]["containers"] = [{"name": name, "ports": ports} for name in containers]
                pod["spec"]["containers"][0] |= probes or {}
                pod["spec"]["initContainers"] = [
                    *({"name": name, "restartPolicy": "Always", **(sidecar_probes or {})} for name in sidecars),
                    {"name": "migration"},
                ]
                pod["spec"]["terminationGracePeriodSeconds"] = grace
                pod["spec"]["readinessGates"] = [{"conditionType": gate} for gate in gates]
                store.create(pod)
                running.append(tasks.create_task(manage()))
                loop = asyncio.get_running_loop()
                if deleted_at is not None:
                    loop.call_at(deleted_at, store.delete, "Pod", "demo", "web-1", grace)
                for at, what in (act or {}).items():
                    loop.call_at(at, what, store)
                await clock.sleep(end)
                for task in running:
                    task.cancel()
            return found, recorder

        with asyncio.Runner(loop_factory=JumpingLoop) as runner:
            return runner.run(scenario())

    return rehearse


def only(node, *words):
    """The events that contain one of the words."""
    return [event for event in node.events if any(word in event[1] for word in words)]


def turn(store, gate, status=True):
    """Writes the pod's condition of that type."""
    pod = store.get("Pod", "demo", "web-1")
    set_condition(store, LoopClock(1), pod, gate, status)
