"""The lab's object store, kept by a real API server: the same verbs, so that the same controllers work on it.

What is read comes from watches (as a client-go informer has it) and from the answers to this process's own writes.
Patches and deletions are sent by a thread of their own, in order, so that no controller waits for the network; until
they are answered, what is read is the object with the patch. Objects come out as the embedded store has them where
the two differ: creation times are seconds of the rehearsed system, and no list is null.

The real controllers live by the wall clock, so the times in a Deployment's spec that they keep to (minReadySeconds,
progressDeadlineSeconds) are written divided by the speed-up. The kubelet, the NEG controller and the load balancer are
the lab's own and keep to the lab's clock; what only they read stays as it is.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from math import ceil
from typing import Any

from nodrop.gke.kinds import api_version
from nodrop.lab.clock import Clock
from nodrop.lab.errors import LabFailedError
from nodrop.lab.kubernetes.rest import STRATEGIC, ApiError, Client
from nodrop.lab.store import Manifest, Store, merged

KINDS = ("Service", "Deployment", "ReplicaSet", "Pod", "EndpointSlice")
"""What is watched."""
WATCH_REAL_SECONDS = 24 * 3600
"""Longer than any run."""
_Key = tuple[str, str, str]
"""Kind, namespace, name."""
_SET_BY_THE_SERVER = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink")


class ApiStore(Store):
    """All objects of one lab on an API server."""

    def __init__(self, client: Client, clock: Clock, failed: Callable[[BaseException], None]) -> None:
        """Must be made inside the event loop.

        Args:
            client: of the API server.
            clock: the lab's.
            failed: called in the event loop when a watch breaks or the server refuses a change.
        """
        super().__init__(clock)
        self._client = client
        self._clock = clock
        self._failed = failed
        self._wall_origin = time.time() - (time.monotonic() - clock.origin)
        self._loop = asyncio.get_running_loop()
        self._writes: queue.SimpleQueue[tuple[_Key, Callable[[], Manifest | None]]] = queue.SimpleQueue()
        self._unanswered: Counter[_Key] = Counter()
        self._held: dict[_Key, Manifest] = {}
        """Of objects with unanswered patches, the newest version that came in."""
        threading.Thread(target=self._write, daemon=True, name="writes").start()
        for kind in KINDS:
            threading.Thread(target=self._watch, args=[kind], daemon=True, name=f"watch of {kind}").start()

    @property
    def writing(self) -> bool:
        """Whether patches or deletions are on their way."""
        return self._unanswered.total() > 0

    def create(self, manifest: Manifest) -> Manifest:
        """As in the embedded store, without what only the server sets; waits for the answer.

        Raises LabFailedError where the server refuses.
        """
        metadata = {name: value for name, value in manifest["metadata"].items() if name not in _SET_BY_THE_SERVER}
        sent = {**self._sent(manifest), "apiVersion": api_version(manifest["kind"]), "metadata": metadata}
        sent.pop("status", None)
        self._make_namespace(metadata.get("namespace", "default"))
        try:
            return self._keep(self._client.create(sent))
        except ApiError as error:
            name = f"{manifest['kind']} {metadata.get('namespace', 'default')}/{metadata['name']}"
            raise LabFailedError(f"the API server refuses {name}: {error.message}") from None

    def patch(self, kind: str, namespace: str, name: str, patch: Mapping[str, Any]) -> Manifest:
        """As in the embedded store; a patch of the status only goes to that subresource."""
        before = self.get(kind, namespace, name)
        after = merged(before, patch)
        if after == before:
            return before
        subresource = "status" if set(patch) == {"status"} else ""
        target = (api_version(kind), kind, name, namespace, self._sent({"kind": kind, **patch}))
        self._objects[kind, namespace, name] = after
        self._note_change()
        self._send(
            (kind, namespace, name),
            lambda: self._client.patch(*target, content_type=STRATEGIC, subresource=subresource),
        )
        return after

    def delete(self, kind: str, namespace: str, name: str, grace_seconds: float = 0) -> None:
        """As in the embedded store; the object is gone, or terminating, when the watch says so."""
        target = (api_version(kind), kind, name, namespace)
        uid, grace = self.get(kind, namespace, name)["metadata"]["uid"], int(grace_seconds)

        def delete() -> None:
            self._client.delete(*target, grace_period_seconds=grace, uid=uid)

        self._send((kind, namespace, name), delete)

    def _send(self, key: _Key, write: Callable[[], Manifest | None]) -> None:
        self._unanswered[key] += 1
        self._writes.put((key, write))

    def _write(self) -> None:
        """In a thread of its own: sends what is to be written, in order."""
        while True:
            key, write = self._writes.get()
            answer, error = None, None
            try:
                answer = write()
            except ApiError as refused:
                if refused.status not in (404, 409):  # the object went away meanwhile; the watch says so
                    error = LabFailedError(f"the API server refuses a change of {' '.join(key)}: {refused.message}")
            except OSError as broken:
                error = broken
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._answered, key, answer, error)

    def _answered(self, key: _Key, answer: Manifest | None, error: Exception | None) -> None:
        self._unanswered[key] -= 1
        if error is not None:
            self._failed(error)
        if answer is not None:
            self._keep(answer)
        if self._unanswered[key] or (held := self._held.pop(key, None)) is None:
            return
        if key in self._objects and _version(held) > _version(self._objects[key]):
            self._objects[key] = held
            self._note_change()

    def _make_namespace(self, name: str) -> None:
        if self._client.find("v1", "Namespace", name) is None:
            self._client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})

    def _sent(self, manifest: Mapping[str, Any]) -> Manifest:
        """The manifest, or patch with its kind, in the API's words."""
        sent = dict(manifest)
        if manifest["kind"] == "Deployment" and "spec" in manifest:
            sent["spec"] = {**manifest["spec"], **wall_clock_times(manifest["spec"], self._clock.speed_up)}
        if "status" in manifest:
            sent["status"] = _sent_status(manifest["status"])
        return sent

    # What comes back

    def _watch(self, kind: str) -> None:
        try:
            for event, manifest in self._client.watch(api_version(kind), kind, timeout_seconds=WATCH_REAL_SECONDS):
                self._loop.call_soon_threadsafe(self._drop if event == "DELETED" else self._keep, manifest)
            raise ConnectionError(f"the watch of {kind} ended")
        except Exception as error:  # whatever it was, the lab has lost sight of the cluster
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._failed, error)

    def _keep(self, manifest: Manifest) -> Manifest:
        """Takes the object in unless a newer version of it is there; returns what is there."""
        received = self._received(manifest)
        key = _key(received)
        kept = self._held.get(key) or self._objects.get(key)
        if kept is not None and _version(kept) >= _version(received):
            return kept
        if self._unanswered[key] and key in self._objects:
            self._held[key] = received
            return self._objects[key]
        self._objects[key] = received
        self._note_change()
        return received

    def _drop(self, manifest: Manifest) -> None:
        key = _key(manifest)
        kept = self._objects.get(key)
        if kept is not None and kept["metadata"]["uid"] == manifest["metadata"]["uid"]:
            del self._objects[key]
            self._held.pop(key, None)
            self._note_change()

    def _received(self, manifest: Manifest) -> Manifest:
        """The object in the embedded store's words."""
        created = datetime.fromisoformat(manifest["metadata"]["creationTimestamp"]).timestamp()
        seconds = (created - self._wall_origin) * self._clock.speed_up
        received = {**manifest, "metadata": {**manifest["metadata"], "creationTimestamp": seconds}}
        if manifest["kind"] == "EndpointSlice":
            received |= {name: manifest.get(name) or [] for name in ("endpoints", "ports")}
        return received


def wall_clock_times(spec: Mapping[str, Any], speed_up: float) -> dict[str, int]:
    """Those times of a Deployment's spec that the real controllers keep to, in whole seconds of wall clock."""
    times = {}
    if "minReadySeconds" in spec:
        times["minReadySeconds"] = int(spec["minReadySeconds"] / speed_up)
    if "progressDeadlineSeconds" in spec:
        times["progressDeadlineSeconds"] = ceil(spec["progressDeadlineSeconds"] / speed_up)
    return times


def _sent_status(status: Mapping[str, Any]) -> Manifest:
    sent = dict(status)
    if "podIP" in sent:
        sent["podIPs"] = [{"ip": sent["podIP"]}]
    if "conditions" in sent:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")  # whole seconds, as the API has them
        stamped = ({**each, "lastTransitionTime": now} for each in sent["conditions"])
        sent["conditions"] = [{name: value for name, value in each.items() if value is not None} for each in stamped]
    return sent


def _key(manifest: Manifest) -> _Key:
    return manifest["kind"], manifest["metadata"].get("namespace", ""), manifest["metadata"]["name"]


def _version(manifest: Manifest) -> int:
    """Of one kind, a later version is a higher number (the API's resourceVersion, comparable since 1.35; etcd's)."""
    return int(manifest["metadata"]["resourceVersion"])
