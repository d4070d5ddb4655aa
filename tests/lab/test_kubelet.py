"""The kubelet: in which order it starts, probes and ends a pod. With a fake runtime, on a loop whose time jumps."""

import asyncio
import selectors
from dataclasses import dataclass, field

import pytest

from nodrop.lab.clock import Clock
from nodrop.lab.controllers.kubelet import CANNOT_BE_RUN, Kubelet, probe_of
from nodrop.lab.controllers.neg import set_condition
from nodrop.lab.errors import LabFailedError
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


@pytest.fixture
def rehearse(make_pod):
    """Runs one pod on a node: `probes` of container "app", `act` after so many seconds, until `end`.

    Returns the node, its events being those of the runtime and of the pod's Ready condition.
    """

    def rehearse(
        *, end, deleted_at=None, grace=30, containers=("app",), sidecars=(), gates=(), act=None, probes=None, **node
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
                    *({"name": name, "restartPolicy": "Always"} for name in sidecars),
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


# Ending a pod


def test_pre_stop_then_term_then_kill_at_the_end_of_the_grace_period(rehearse):
    node, _ = rehearse(end=200, deleted_at=10, grace=95, pre_stops={"app": 60}, stop_seconds=None)
    assert only(node, "app", "removed") == [
        (0, "app started"),
        (70, "app TERM"),
        (105, "app KILL"),
        (105, "10.0.30.2 removed"),
    ]
    assert node.store.list("Pod") == []


def test_a_native_sidecar_starts_before_and_gets_term_after_the_ordinary_containers_have_ended(rehearse):
    node, _ = rehearse(
        end=200, deleted_at=10, grace=95, sidecars=("mesh", "log"), pre_stops={"app": 60, "log": 5}, stop_seconds=3
    )
    assert only(node, "started", "TERM", "KILL") == [
        (0, "mesh started"),
        (0, "log started"),
        (0, "app started"),
        (70, "app TERM"),
        (73, "log TERM"),
        (76, "mesh TERM"),
    ]


def test_a_native_sidecar_waits_no_longer_than_the_grace_period(rehearse):
    node, _ = rehearse(end=200, deleted_at=10, grace=95, sidecars=("mesh",), pre_stops={"app": 60}, stop_seconds=None)
    ends = [(70, "app TERM"), (105, "app KILL"), (105, "mesh TERM"), (107, "mesh KILL")]
    assert sorted(only(node, "TERM", "KILL")) == ends


def test_a_pre_stop_that_asks_waits_for_the_answer(rehearse):
    hook = {"lifecycle": {"preStop": {"httpGet": {"path": "/drain", "port": "http"}}}}
    node, _ = rehearse(end=100, deleted_at=10, probes=hook, answer_seconds=20)
    assert (10, "/drain", 8080) in node.probed
    assert only(node, "TERM") == [(30, "app TERM")]


COMMAND = {"lifecycle": {"preStop": {"exec": {"command": ["nginx", "-s", "quit"]}}}}


@pytest.mark.parametrize("execution", [None, "ended with 1"])
def test_a_pre_stop_that_runs_a_command_waits_for_its_end_however_it_ends(rehearse, execution):
    node, _ = rehearse(end=100, deleted_at=10, probes=COMMAND, answer_seconds=20, execution=execution)
    assert only(node, "runs", "TERM") == [(10, "app runs nginx -s quit"), (30, "app TERM")]


def test_a_pre_stop_that_runs_a_command_ends_with_the_grace_period(rehearse):
    node, _ = rehearse(end=100, deleted_at=10, grace=30, probes=COMMAND, answer_seconds=60, stop_seconds=None)
    assert only(node, "TERM", "KILL") == [(40, "app TERM"), (42, "app KILL")]


def test_a_pre_stop_whose_command_is_not_there_ends_the_run(rehearse):
    with pytest.raises(ExceptionGroup) as raised:
        rehearse(end=100, deleted_at=10, probes=COMMAND, execution=CANNOT_BE_RUN)
    (error,) = raised.value.exceptions
    assert isinstance(error, LabFailedError)
    assert str(error).startswith("container app: preStop: exec nginx -s quit cannot be run in its sandbox")


def test_a_process_that_ends_by_itself_is_not_killed(rehearse):
    node, _ = rehearse(end=200, deleted_at=10, grace=95, pre_stops={"app": 60}, stop_seconds=20)
    assert only(node, "app", "removed") == [(0, "app started"), (70, "app TERM"), (90, "10.0.30.2 removed")]


@pytest.mark.parametrize(
    ("pre_stop", "grace", "term", "kill"),
    [(30, 30, 40, 42), (100, 30, 40, 42), (29, 30, 39, 41), (27, 30, 37, 40), (0, 30, 10, 40), (0, 1, 10, 12)],
)
def test_a_pre_stop_that_uses_up_the_grace_period_leaves_two_seconds(rehearse, pre_stop, grace, term, kill):
    node, _ = rehearse(end=200, deleted_at=10, grace=grace, pre_stops={"app": pre_stop}, stop_seconds=None)
    assert only(node, "TERM", "KILL") == [(term, "app TERM"), (kill, "app KILL")]


def test_a_container_without_pre_stop_gets_term_at_once(rehearse):
    node, _ = rehearse(end=200, deleted_at=10, grace=95, containers=("app", "proxy"), pre_stops={"app": 60})
    assert only(node, "TERM", "removed") == [(10, "proxy TERM"), (70, "app TERM"), (70, "10.0.30.2 removed")]


def test_a_pod_deleted_before_it_is_ready_ends_the_same_way(rehearse):
    node, _ = rehearse(
        end=200,
        deleted_at=0,
        grace=30,
        pre_stops={"app": 5},
        probes={"readinessProbe": HTTP},
        answers={"/ready/": [(0, False)]},
    )
    assert only(node, "app", "removed") == [(0, "app started"), (5, "app TERM"), (5, "10.0.30.2 removed")]


def test_a_pods_life_is_recorded(rehearse):
    _, recorder = rehearse(
        end=300,
        deleted_at=100,
        grace=95,
        pre_stops={"app": 60},
        stop_seconds=None,
        probes={"readinessProbe": HTTP},
        answers={"/ready/": [(0, False), (25, True)]},
        gates=("gate",),
        act={50: lambda store: turn(store, "gate")},
    )
    record = recorder.pods["web-1"]
    assert {event: round(at, 3) for event, at in record.events.items()} == {
        "created": 0,
        "started": 0,
        "ready": 30,
        "gate": 50,
        "deleted": 100,
        "term": 160,
        "killed": 195,
        "gone": 195,
    }
    assert (record.node, record.address) == ("node-1", "10.0.30.2")


# Readiness


def turn(store, gate, status=True):
    """Writes the pod's condition of that type."""
    pod = store.get("Pod", "demo", "web-1")
    set_condition(store, LoopClock(1), pod, gate, status)


def test_what_the_last_probe_met_is_kept_while_it_fails(rehearse):
    answers = {"/ready/": [(0, False), (15, True)]}
    _, recorder = rehearse(end=14, probes={"readinessProbe": HTTP}, answers=answers)
    assert recorder.pods["web-1"].failing == {"app": "GET :8080/ready/ refused"}
    _, recorder = rehearse(end=25, probes={"readinessProbe": HTTP}, answers=answers)
    assert recorder.pods["web-1"].failing == {}


def test_without_a_probe_a_started_container_is_ready(rehearse):
    node, _ = rehearse(end=10)
    assert only(node, "ready")[-1] == (0, "ready")


@pytest.mark.parametrize(
    ("thresholds", "turns"),
    [
        ({"failureThreshold": 1}, [(20, "ready"), (40, "unready"), (50, "ready"), (80, "unready")]),
        ({"failureThreshold": 2}, [(20, "ready"), (90, "unready")]),
        ({}, [(20, "ready"), (100, "unready")]),
        (
            {"successThreshold": 2, "failureThreshold": 1},
            [(30, "ready"), (40, "unready"), (60, "ready"), (80, "unready")],
        ),
        ({"successThreshold": 4}, []),
    ],
)
def test_readiness_turns_after_so_many_answers_in_a_row(rehearse, thresholds, turns):
    # probed every 10 s: passes at 20, 30, and 50 to 70
    answers = [(0, False), (15, True), (35, False), (45, True), (75, False)]
    node, _ = rehearse(end=140, probes={"readinessProbe": HTTP | thresholds}, answers={"/ready/": answers})
    assert only(node, "ready") == [(0, "unready"), *turns]


def test_probes_keep_their_period_port_path_and_timeout(rehearse):
    node, _ = rehearse(end=35, probes={"readinessProbe": HTTP})
    assert node.probed == [(at, "/ready/", 8080) for at in (0, 10, 20, 30)]
    assert node.timeouts == {node.clock.real_timeout(3)}


def test_the_initial_delay_counts_from_the_containers_start(rehearse):
    startup = {"httpGet": {"path": "/started/", "port": "http"}, "periodSeconds": 5}
    node, _ = rehearse(
        end=60,
        probes={"startupProbe": startup, "readinessProbe": HTTP | {"initialDelaySeconds": 20}},
        answers={"/started/": [(0, False), (10, True)]},
    )
    assert [at for at, path, _port in node.probed if path == "/ready/"][:2] == [20, 30]


def test_the_startup_probe_comes_before_the_readiness_probe(rehearse):
    startup = {"httpGet": {"path": "/started/", "port": "http"}, "periodSeconds": 5, "initialDelaySeconds": 3}
    node, _ = rehearse(
        end=60,
        probes={"startupProbe": startup, "readinessProbe": HTTP},
        answers={"/started/": [(0, False), (12, True)]},
    )
    assert [at for at, path, _port in node.probed if path == "/started/"] == [3, 8, 13]
    assert next(at for at, path, _port in node.probed if path == "/ready/") == 13
    assert only(node, "ready") == [(0, "unready"), (13, "ready")]


def test_a_pod_is_ready_when_all_its_containers_and_gates_are(rehearse):
    node, _ = rehearse(
        end=100,
        containers=("app", "proxy"),
        gates=("one", "two"),
        probes={"readinessProbe": HTTP},
        answers={"/ready/": [(0, False), (15, True), (75, False), (76, True)]},
        act={
            30: lambda store: turn(store, "one"),
            40: lambda store: turn(store, "two"),
            50: lambda store: turn(store, "one", False),
            60: lambda store: turn(store, "one"),
        },
    )
    assert only(node, "ready") == [(0, "unready"), (40, "ready"), (50, "unready"), (60, "ready")]


def test_no_gate_helps_a_container_that_is_not_ready(rehearse):
    node, _ = rehearse(
        end=60,
        gates=("gate",),
        probes={"readinessProbe": HTTP},
        answers={"/ready/": [(0, False), (45, True)]},
        act={5: lambda store: turn(store, "gate")},
    )
    assert only(node, "ready") == [(0, "unready"), (50, "ready")]


def test_one_unready_container_makes_the_pod_unready(rehearse):
    node, _ = rehearse(
        end=60,
        containers=("app", "proxy"),
        probes={"readinessProbe": HTTP},
        answers={"/ready/": [(0, False)]},
    )
    assert only(node, "ready") == [(0, "unready")]


def test_pods_of_other_nodes_are_left_alone(make_pod):
    async def scenario():
        clock = LoopClock(1)
        store = Store(clock)
        for name, node in (("other", "node-2"), ("unbound", None)):
            store.create(make_pod(name, node=node))
        spawned = []
        Kubelet(
            store=store,
            clock=clock,
            node="node-1",
            runtime=Node(store, clock),
            recorder=Recorder(clock),
            serving_container="app",
            pre_stop_seconds=lambda _name: None,
            spawn=spawned.append,
        ).sync()
        return spawned, [condition(pod, "Ready") for pod in store.list("Pod")]

    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        assert runner.run(scenario()) == ([], [None, None])


# Reading probes


@pytest.mark.parametrize(
    ("probe", "port", "path"),
    [
        ({"httpGet": {"path": "/ready/", "port": "http"}}, 8080, "/ready/"),
        ({"httpGet": {"port": 9000}}, 9000, "/"),
        ({"tcpSocket": {"port": "http"}}, 8080, None),
        ({"exec": {"command": ["true"]}}, 0, None),
        ({"grpc": {"port": 8080}}, 8080, None),
    ],
)
def test_what_a_probe_asks(probe, port, path):
    container = {"name": "app", "ports": [{"name": "http", "containerPort": 8080}], "readinessProbe": probe}
    found = probe_of(container, "readinessProbe")
    assert found is not None
    assert (found.port, found.path) == (port, path)


def test_a_probe_keeps_its_scheme_and_headers():
    get = {"port": 8443, "scheme": "HTTPS", "httpHeaders": [{"name": "Host", "value": "web"}]}
    found = probe_of({"name": "app", "readinessProbe": {"httpGet": get}}, "readinessProbe")
    assert found is not None
    assert (found.scheme, found.headers) == ("https", {"Host": "web"})


def test_a_probe_that_only_connects_keeps_its_times():
    container = {
        "name": "app",
        "readinessProbe": {"tcpSocket": {"port": 80}, "periodSeconds": 7, "failureThreshold": 5},
    }
    found = probe_of(container, "readinessProbe")
    assert found is not None
    assert (found.timing.period_seconds, found.timing.failure_threshold, found.timing.timeout_seconds) == (7, 5, 1)


@pytest.mark.parametrize("container", [{"name": "app"}, {"name": "app", "readinessProbe": {"exec": {}}}])
def test_without_probe_or_port_nothing_is_asked(container):
    assert probe_of(container, "readinessProbe") is None
