"""Cases under the real control plane, in a sandbox: `python -m differential.real NAME...` prints their steps as JSON.

Not here: containers, packets. Pods, Services and slices are real objects, and kube-proxy writes its rules on two nodes.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from pyroute2.iproute.linux import IPRoute

from differential.cases import ALL, Case
from differential.driver import Driver
from differential.embedded import note_scaling
from nodrop.lab.clock import Clock
from nodrop.lab.controllers.kube_proxy import NodePorts, node_ports
from nodrop.lab.controllers.replica_set import available_from, is_active
from nodrop.lab.data_plane import namespaces, netfilter, topology
from nodrop.lab.kubernetes import nodes, programs
from nodrop.lab.kubernetes.api_store import ApiStore
from nodrop.lab.kubernetes.control_plane import ControlPlane
from nodrop.lab.store import Manifest, condition, is_true, owned_by

FIRST_NODE_PORT = 30000
AT_ONCE = 8
"""Cases side by side."""
STILL_SECONDS = 0.5
"""The controllers are at rest when all that they report is consistent and nothing has changed for so long."""
PATIENCE_SECONDS = 20
"""After so long the state is taken as it is."""
WAIT_SECONDS = 15
"""For something that time alone brings."""


class WatchedStore(ApiStore):
    """Notes when each case's objects changed last, and every change of what a ReplicaSet is asked for."""

    def __init__(self, *arguments: Any) -> None:
        self.changed: dict[str, float] = {}
        self.scaled: dict[str, list[str]] = {}
        self._asked: dict[str, int] = {}
        super().__init__(*arguments)

    def _keep(self, manifest: Manifest) -> Manifest:
        version = self.resource_version
        kept = super()._keep(manifest)
        if self.resource_version != version:
            self._note(manifest)
            note_scaling(self._asked, self.scaled.setdefault(manifest["metadata"]["namespace"], []), manifest)
        return kept

    def _drop(self, manifest: Manifest) -> None:
        super()._drop(manifest)
        self._note(manifest)

    def _answered(self, key: tuple[str, str, str], answer: Manifest | None, error: Exception | None) -> None:
        super()._answered(key, answer, error)
        self.changed[key[1]] = time.time()

    def _note(self, manifest: Manifest) -> None:
        self.changed[manifest["metadata"].get("namespace", "")] = time.time()


class WallClock:
    """Seconds since the epoch, as the API server's times have them."""

    def now(self) -> float:
        return time.time()


class Rules:
    """What kube-proxy has written on each node."""

    def __init__(self, plane: ControlPlane, fabric: topology.Fabric) -> None:
        self._plane, self._nodes = plane, fabric.nodes
        self._changes = {node.name: netfilter.RuleChanges(node.namespace) for node in fabric.nodes}
        self.node_ports: dict[str, NodePorts] = {}

    async def follow(self) -> None:
        while True:
            for node in self._nodes:
                if self._changes[node.name].any():
                    rules = await asyncio.to_thread(nodes.ruleset, self._plane, node.namespace)
                    self.node_ports[node.name] = nodes.node_ports_of(rules)
            await asyncio.sleep(0.05)

    def differences(self, store: WatchedStore, port: int) -> list[str]:
        """Where a node's rules for the port are not what the embedded kube-proxy would have there now."""
        found = []
        for node in self._nodes:
            real, embedded = self.node_ports.get(node.name, {}).get(port), node_ports(store, node.name).get(port)
            if real != embedded:
                found.append(f"{node.name}: real {real}, embedded {embedded}")
        return found


class RealCase:
    """One case in a namespace of its own."""

    def __init__(self, case: Case, number: int, store: WatchedStore, rules: Rules) -> None:
        self.store, self.rules, self.namespace = store, rules, f"case-{number}"
        self.port = FIRST_NODE_PORT + number
        self.case = case
        self.driver = Driver(case, store, WallClock(), self.namespace, self.port)
        store.scaled[self.namespace] = []

    async def steps(self) -> list[dict[str, Any]]:
        steps = [await self._step(("create",), {})]
        while (event := self.driver.next()) is not None:
            steps.append(await self._step(event, steps[-1]["state"]))
        return steps

    async def _step(self, event: tuple[str | int, ...], before: Manifest) -> dict[str, Any]:
        while time.time() % 1 > 0.8:  # a time in whole seconds must not be another one when it is written
            await asyncio.sleep(0.02)
        at = changed_at = time.time()
        if event == ("create",):
            self.driver.create()
        elif event == ("wait",):
            while self.driver.state() == before and time.time() < at + WAIT_SECONDS:
                await asyncio.sleep(0.02)
            changed_at = time.time()
        else:
            self.driver.apply(event)
        if event == ("wait",):
            self.driver.apply(event)
        rested, seen_at = await self._rest()
        scaled, self.store.scaled[self.namespace] = self.store.scaled[self.namespace], []
        return {
            "event": event,
            "at": at,
            "changed_at": changed_at,
            "seen_at": seen_at,
            "state": self.driver.state(),
            "scaled": scaled,
            "rules": self.rules.differences(self.store, self.port),
            "rested": rested,
        }

    async def _rest(self) -> tuple[bool, float]:
        """Waits until the controllers are at rest; whether they are, and when that was seen."""
        end = time.time() + PATIENCE_SECONDS
        while time.time() < end:
            await asyncio.sleep(0.05)
            still = time.time() - self.store.changed.get(self.namespace, 0) > STILL_SECONDS
            seen_at = time.time()
            if still and self._consistent(seen_at) and not self.rules.differences(self.store, self.port):
                return True, seen_at
        return False, time.time()

    def _consistent(self, now: float) -> bool:
        """Whether every controller's report fits what the others and the pods say."""
        if self.store.writing:
            return False
        deployment, sets, pods = self.driver.deployment, self.driver.of_kind("ReplicaSet"), self.driver.pods()
        status = deployment.get("status", {})
        if any(_observed(each) < each["metadata"]["generation"] for each in (deployment, *sets)):
            return False
        if not all("nodeName" in pod["spec"] for pod in pods):
            return False
        for each in sets:
            active = [pod for pod in owned_by(pods, each) if is_active(pod)]
            ready = [pod for pod in active if is_true(pod, "Ready")]
            minimum = self.case.min_ready_seconds
            available = [pod for pod in ready if (_available_from(pod, minimum)) <= now]
            wanted = each["spec"]["replicas"], len(active), len(ready), len(available)
            counts = ("replicas", "readyReplicas", "availableReplicas")
            if wanted != (len(active), *(each["status"].get(count, 0) for count in counts)):
                return False
        totals = {
            count: sum(each["status"].get(count, 0) for each in sets) for count in ("replicas", "availableReplicas")
        }
        if any(status.get(count, 0) != total for count, total in totals.items()):
            return False
        seen = Counter(str(sorted(each["conditions"].items())) for each in self.driver.endpoints())
        return seen == Counter(str(sorted(_conditions(pod).items())) for pod in pods if pod["status"].get("podIP"))


def _observed(manifest: Manifest) -> int:
    return manifest.get("status", {}).get("observedGeneration", 0)


def _available_from(pod: Manifest, min_ready_seconds: float) -> float:
    from datetime import datetime

    ready = condition(pod, "Ready")
    assert ready
    at = datetime.fromisoformat(ready["lastTransitionTime"]).timestamp()
    available = available_from({"status": {"conditions": [{**ready, "lastTransitionTime": at}]}}, min_ready_seconds)
    assert available is not None
    return available


def _conditions(pod: Manifest) -> dict[str, bool]:
    serving, terminating = is_true(pod, "Ready"), "deletionTimestamp" in pod["metadata"]
    return {"ready": serving and not terminating, "serving": serving, "terminating": terminating}


async def run(cases: list[Case], plane: ControlPlane, fabric: topology.Fabric) -> None:
    """Runs the cases, some at once, and prints each one's steps when it has ended."""
    broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    store = WatchedStore(plane.client, Clock(1), broken.set_exception)
    rules = Rules(plane, fabric)
    following = asyncio.create_task(rules.follow())
    room = asyncio.Semaphore(AT_ONCE)

    async def one(case: Case, number: int) -> None:
        async with room:
            steps = await RealCase(case, number, store, rules).steps()
            print(json.dumps({"name": case.name, "steps": steps}), flush=True)

    try:
        ended = asyncio.gather(*(one(case, number) for number, case in enumerate(cases)))
        done, _ = await asyncio.wait([ended, broken, following], return_when=asyncio.FIRST_COMPLETED)
        for each in done:
            each.result()
    finally:
        following.cancel()


def main(names: list[str]) -> None:
    """Enters the sandbox, starts the cluster and runs the cases of these names."""
    cases = [case for case in ALL if case.name in names]
    namespaces.unshare_as_root(namespaces.CLONE_NEWNS | namespaces.CLONE_NEWNET | namespaces.CLONE_NEWPID)
    namespaces.die_with_parent()
    first = os.fork()
    if first:
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(first, 0)[1]))
    namespaces.die_with_parent()
    namespaces.mount_tmpfs("/run")
    folder = Path("/run/kubernetes")
    fabric = topology.build(proxies=1)
    with IPRoute() as ip:
        ip.route("add", dst=str(topology.NODE_NETWORK), gateway=topology.LOAD_BALANCER_ADDRESS)
    plane = ControlPlane(programs.path, topology.CLIENT_ADDRESS)
    plane.start(folder)
    print(json.dumps({"version": plane.client.request("GET", "/version")["gitVersion"]}), flush=True)
    for node in fabric.nodes:
        nodes.join(plane.client, node, {})
        nodes.start_kube_proxy(plane, node, folder, min_sync_real_seconds=0.05)
    asyncio.run(run(cases, plane, fabric))
    sys.stdout.flush()
    os._exit(0)  # the threads of the watches never end; the namespaces take them and all programs along


if __name__ == "__main__":
    main(sys.argv[1:])
