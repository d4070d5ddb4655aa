"""The same case under the embedded controllers, at the times at which it happened under the real ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from differential.cases import Case
from differential.driver import Driver, version_of
from nodrop.lab.clock import SimulatedClock
from nodrop.lab.controllers import Controller
from nodrop.lab.controllers.deployment import DeploymentController
from nodrop.lab.controllers.endpoint_slice import EndpointSliceController
from nodrop.lab.controllers.replica_set import ReplicaSetController
from nodrop.lab.controllers.scheduler import Scheduler
from nodrop.lab.store import Manifest, Store

LATE_SECONDS = 2.0
"""The real controllers may be later than the embedded ones by the machine's latency and the second that some add."""
EARLY_SECONDS = 0.05
"""And earlier by no more than two clocks are read apart."""


class ScaleLog(Store):
    """A store that notes every change of what a ReplicaSet is asked for."""

    scaled: list[str]

    def _touch(self, manifest: Manifest) -> None:
        super()._touch(manifest)
        note_scaling(self.__dict__.setdefault("asked", {}), self.__dict__.setdefault("scaled", []), manifest)


def note_scaling(asked: dict[str, int], scaled: list[str], manifest: Manifest) -> None:
    """Appends "version: from to" where a ReplicaSet is asked for another number of pods than before."""
    if manifest["kind"] != "ReplicaSet":
        return
    name, now = f"{manifest['metadata']['namespace']}/{manifest['metadata']['name']}", manifest["spec"]["replicas"]
    if now != asked.get(name, 0):
        scaled.append(f"{version_of(manifest['spec']['template'])}: {asked.get(name, 0)} to {now}")
    asked[name] = now


@dataclass(frozen=True)
class Difference:
    """Where the two part; what comes after it is not compared."""

    step: int
    event: str
    what: str
    real: Any
    embedded: Any

    def __str__(self) -> str:
        return f"step {self.step}, {self.event}: {self.what}: real {self.real}, embedded {self.embedded}"


class Replay:
    """One case under the embedded controllers."""

    def __init__(self, case: Case, begin: float, nodes: tuple[str, ...]) -> None:
        self.time = SimulatedClock(begin)
        self.store = ScaleLog(self.time)
        self.driver = Driver(case, self.store, self.time, "case", 30000)
        self.controllers: list[Controller] = [
            DeploymentController(self.store, self.time),
            ReplicaSetController(self.store, self.time),
            Scheduler(self.store, nodes),
            EndpointSliceController(self.store),
        ]
        self.store.scaled = []
        self.lags: list[float] = []
        """By how many seconds the real controllers were later where time alone brought something."""

    def difference(self, steps: list[dict[str, Any]]) -> Difference | None:
        """The first difference between the real controllers' steps and the embedded ones'; None if there is none."""
        for number, step in enumerate(steps):
            event = tuple(step["event"])
            self.time.seconds = max(self.time.seconds, step["at"])
            mine = ("create",) if number == 0 else self.driver.next()
            if mine != event:
                return Difference(number, str(event), "what happens next", event, mine)
            self.store.scaled.clear()
            if number == 0:
                self.driver.create()
            else:
                self.driver.apply(event)
            changed_at = self._until(step["seen_at"])
            said = " ".join(map(str, event))
            mine_state = self.driver.state()
            for what, value in step["state"].items():
                if value != mine_state[what]:
                    return Difference(number, said, what, value, mine_state[what])
            if step["scaled"] != self.store.scaled:
                return Difference(number, said, "order of scaling", step["scaled"], self.store.scaled)
            if event == ("wait",):
                self.lags.append(step["changed_at"] - changed_at)
                if not -EARLY_SECONDS <= self.lags[-1] <= LATE_SECONDS:
                    return Difference(number, said, "time", step["changed_at"], changed_at)
        after = self.driver.next()
        return Difference(len(steps), "end", "what happens next", None, after) if after is not None else None

    def _until(self, end: float) -> float:
        """Lets time pass; returns when the state changed last."""
        state, changed_at = self.driver.state(), self.time.seconds
        while True:
            wake = self._settle()
            if (present := self.driver.state()) != state:
                state, changed_at = present, self.time.seconds
            if wake is None or wake > end:
                self.time.seconds = end
                return changed_at
            self.time.seconds = max(self.time.seconds, wake)

    def _settle(self) -> float | None:
        while True:
            version, wakes = self.store.resource_version, [controller.sync() for controller in self.controllers]
            if self.store.resource_version == version:
                return min((wake for wake in wakes if wake is not None), default=None)
