"""The kubelet of one node: runs pods, probes them, and ends them in the order of the originals.

Follows kubernetes/kubernetes pkg/kubelet (prober/worker.go, kuberuntime/kuberuntime_container.go killContainer and
computeInitContainerActions, status/generate.go). Not here: liveness probes, restarts, images, resources, init
containers that run to their end.
"""

import asyncio
import shlex
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Protocol

from nodrop.gke import defaults
from nodrop.lab.clock import Clock
from nodrop.lab.controllers.neg import set_condition
from nodrop.lab.controllers.probe_actions import ProbeAction, pre_stop_command, pre_stop_get, probe_of
from nodrop.lab.errors import LabFailedError
from nodrop.lab.recorder import Recorder
from nodrop.lab.store import Manifest, NotFoundError, Store, is_true
from nodrop.rollout import Probe
from nodrop.rollout.facts import PRE_STOP_EXTENSION_SECONDS

CANNOT_BE_RUN = "cannot be run"
"""What `execute` says of a command that the container does not have."""


class ContainerProcess(Protocol):
    """A container's process."""

    @property
    def running(self) -> bool:
        """Whether it has not exited yet."""
        ...

    def terminate(self) -> None:
        """Sends SIGTERM."""
        ...

    def kill(self) -> None:
        """Sends SIGKILL."""
        ...

    async def execute(self, command: Sequence[str], timeout_real_seconds: float) -> str | None:
        """Runs a further command in the container; why it failed, or None where it ended with 0 in time."""
        ...

    async def exited(self, within_real_seconds: float | None) -> bool:
        """Waits for its end, at most so long; returns whether it has ended."""
        ...


class Runtime(Protocol):
    """What a node can do for its kubelet."""

    async def start_pod(self) -> str:
        """Makes a pod's network; returns its address."""
        ...

    async def start_container(self, pod: Manifest, container: Manifest, address: str) -> ContainerProcess:
        """Starts one container's process in the network of the pod with that address."""
        ...

    async def probe(self, address: str, action: ProbeAction, timeout_real_seconds: float) -> str | None:
        """Asks from the node: why the probe fails, or None if it passes (200 to 399; tcpSocket: connected) in time."""
        ...

    async def remove_pod(self, address: str) -> None:
        """Takes the pod's network away."""
        ...


@dataclass
class Kubelet:
    """Reconciles the pods bound to one node; one task a pod."""

    store: Store
    clock: Clock
    node: str
    runtime: Runtime
    recorder: Recorder
    serving_container: str
    """Name of the container whose TERM and KILL are the pod's."""
    pre_stop_seconds: Callable[[str], float | None]
    """How long the container of that name sleeps in its preStop; None: it has none, or one that is asked or run."""
    spawn: Callable[[Coroutine[Any, Any, None]], object]
    """Runs a task under the lab's supervision."""
    _workers: dict[str, "_PodWorker"] = field(default_factory=dict)

    def sync(self) -> None:
        """Starts new pods, ends those being deleted, and keeps every pod's Ready condition true to its parts."""
        for pod in self.store.list("Pod"):
            if pod["spec"].get("nodeName") != self.node:
                continue
            name = pod["metadata"]["name"]
            if name not in self._workers:
                self._workers[name] = _PodWorker(self, pod)
                self.spawn(self._workers[name].run())
            if "deletionTimestamp" in pod["metadata"]:
                self.recorder.event(name, "deleted")
                self._workers[name].deleted.set()
            gates = [gate["conditionType"] for gate in pod["spec"].get("readinessGates", [])]
            for gate in gates:
                if is_true(pod, gate):
                    self.recorder.event(name, "gate")
            ready = is_true(pod, "ContainersReady") and all(is_true(pod, gate) for gate in gates)
            set_condition(self.store, self.clock, pod, "Ready", ready)


class _PodWorker:
    """One pod from its network's creation to its removal."""

    def __init__(self, kubelet: Kubelet, pod: Manifest) -> None:
        self.kubelet = kubelet
        self.pod = pod
        self.name = pod["metadata"]["name"]
        self.deleted = asyncio.Event()
        self.ready: dict[str, bool] = {}

    async def run(self) -> None:
        kubelet = self.kubelet
        kubelet.recorder.event(self.name, "created")
        self.address = await kubelet.runtime.start_pod()
        kubelet.recorder.place(self.name, kubelet.node, self.address)
        processes: dict[str, ContainerProcess] = {}
        probes: list[asyncio.Task[None]] = []
        beside = sidecars(self.pod)
        for container in [*beside, *self.pod["spec"]["containers"]]:
            process = await kubelet.runtime.start_container(self.pod, container, self.address)
            processes[container["name"]] = process
            started = asyncio.Event()
            probes.append(asyncio.create_task(self._probe(container, process, started)))
            if container in beside and not await self._until(started):
                break
        else:
            kubelet.recorder.event(self.name, "started")
            self._patch_status({"phase": "Running", "podIP": self.address})
        await self.deleted.wait()
        grace = self.pod["spec"].get("terminationGracePeriodSeconds", defaults.GRACE_PERIOD_SECONDS)
        await self._end_all(processes, grace)
        for probe in probes:
            probe.cancel()
        await kubelet.runtime.remove_pod(self.address)
        kubelet.recorder.event(self.name, "gone")
        kubelet.store.delete("Pod", self.pod["metadata"]["namespace"], self.name)

    async def _until(self, started: asyncio.Event) -> bool:
        """Waits for a native sidecar's startup probe; returns False where the pod is deleted before that passes."""
        waits = [asyncio.create_task(each.wait()) for each in (started, self.deleted)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for each in waits:
            each.cancel()
        return started.is_set()

    async def _end_all(self, processes: dict[str, ContainerProcess], grace_seconds: float) -> None:
        """killContainersWithSyncResult: all at once, but a native sidecar gets TERM after what started after it ended.

        Every preStop begins at once, those of native sidecars too.
        """
        ends: list[asyncio.Task[None]] = []
        beside = sidecars(self.pod)
        for container in [*self.pod["spec"]["containers"], *reversed(beside)]:
            if container["name"] not in processes:
                continue
            before = list(ends) if container in beside else []
            ends.append(asyncio.create_task(self._end(container, processes[container["name"]], grace_seconds, before)))
        await asyncio.gather(*ends)

    async def _end(
        self, container: Manifest, process: ContainerProcess, grace_seconds: float, before: list[asyncio.Task[None]]
    ) -> None:
        """killContainer: preStop, the end of those `before` it, TERM, and KILL; all within the grace period, of which
        TERM leaves at least 2 s."""
        clock = self.kubelet.clock
        begin = clock.now()
        await self._pre_stop(container, process, grace_seconds)
        if before and (left := grace_seconds - (clock.now() - begin)) > 0:
            await asyncio.wait(before, timeout=clock.real(left))
        self._record_end(container, "term")
        process.terminate()
        remaining = max(grace_seconds - (clock.now() - begin), PRE_STOP_EXTENSION_SECONDS)
        if not await process.exited(clock.real(remaining)):
            self._record_end(container, "killed")
            process.kill()
            await process.exited(None)

    async def _pre_stop(self, container: Manifest, process: ContainerProcess, grace_seconds: float) -> None:
        """executePreStopHook: sleeps, waits for the answer to a GET, or for a command, no longer than the grace period.

        As there, TERM follows a hook that fails; but a command that the lab's container does not have is no hook.
        """
        clock = self.kubelet.clock
        sleeps = self.kubelet.pre_stop_seconds(container["name"])
        if sleeps is not None:
            await clock.sleep(min(sleeps, grace_seconds))
        elif get := pre_stop_get(container):
            await self.kubelet.runtime.probe(self.address, get, clock.real(grace_seconds))
        elif command := pre_stop_command(container):
            said = await process.execute(command, clock.real(grace_seconds))
            if said == CANNOT_BE_RUN:
                told = f"container {container['name']}: preStop: exec {shlex.join(command)} {said} in its sandbox"
                raise LabFailedError(f"{told}: let --command bring it, or --read show its files")

    def _record_end(self, container: Manifest, event: str) -> None:
        if container["name"] == self.kubelet.serving_container:
            self.kubelet.recorder.event(self.name, event)

    async def _probe(self, container: Manifest, process: ContainerProcess, passed_startup: asyncio.Event) -> None:
        """prober worker: the startup probe until it passes, then the readiness probe for as long as the pod lives."""
        startup, readiness = probe_of(container, "startupProbe"), probe_of(container, "readinessProbe")
        started = self.kubelet.clock.now()
        if startup:
            async for _ in self._beats(startup.timing, started + startup.timing.initial_delay_seconds):
                if await self._passes(container, process, startup):
                    break
        passed_startup.set()
        if readiness is None:
            self._set_ready(container, True)
            return
        passed = failed = 0
        first = started + readiness.timing.initial_delay_seconds
        async for _ in self._beats(readiness.timing, max(first, self.kubelet.clock.now()) if startup else first):
            passed, failed = (passed + 1, 0) if await self._passes(container, process, readiness) else (0, failed + 1)
            if passed >= readiness.timing.success_threshold:
                self._set_ready(container, True)
            elif failed >= readiness.timing.failure_threshold:
                self._set_ready(container, False)

    async def _beats(self, timing: Probe, first: float) -> AsyncGenerator[None]:
        """The prober's ticker: every period from the `first` beat on, missed beats dropped."""
        clock, beat = self.kubelet.clock, first
        while True:
            await clock.sleep(max(0, beat - clock.now()))
            yield
            beat += timing.period_seconds * max(1, ceil((clock.now() - beat) / timing.period_seconds))

    async def _passes(self, container: Manifest, process: ContainerProcess, probe: ProbeAction) -> bool:
        timeout = self.kubelet.clock.real_timeout(probe.timing.timeout_seconds)
        if probe.command:
            said = await process.execute(probe.command, timeout)
            fault = said and f"{probe.question} {said}"
        else:
            fault = await self.kubelet.runtime.probe(self.address, probe, timeout)
        failing = self.kubelet.recorder.pods[self.name].failing
        failing.pop(container["name"], None)
        if fault is not None:
            failing[container["name"]] = fault
        return fault is None

    def _set_ready(self, container: Manifest, ready: bool) -> None:
        self.ready[container["name"]] = ready
        together = (*self.pod["spec"]["containers"], *sidecars(self.pod))
        all_ready = all(self.ready.get(each["name"], False) for each in together)
        if all_ready:
            self.kubelet.recorder.event(self.name, "ready")
        try:
            pod = self.kubelet.store.get("Pod", self.pod["metadata"]["namespace"], self.name)
        except NotFoundError:
            return
        set_condition(self.kubelet.store, self.kubelet.clock, pod, "ContainersReady", all_ready)

    def _patch_status(self, status: Manifest) -> None:
        self.kubelet.store.patch("Pod", self.pod["metadata"]["namespace"], self.name, {"status": status})


def sidecars(pod: Manifest) -> list[Manifest]:
    """The pod's native sidecars, in the order in which they start."""
    return [each for each in pod["spec"].get("initContainers") or () if each.get("restartPolicy") == "Always"]
