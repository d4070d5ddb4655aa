"""The store that an API server keeps: what controllers read right after they wrote, and what comes back later."""

import asyncio
import queue
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nodrop.lab.clock import Clock
from nodrop.lab.errors import LabFailedError
from nodrop.lab.kubernetes.api_store import ApiStore
from nodrop.lab.kubernetes.rest import ApiError
from nodrop.lab.store import Manifest, is_true


def pod(version: int, **status: Any) -> Manifest:
    metadata = {"name": "web-1", "namespace": "demo", "uid": "u", "resourceVersion": str(version)}
    created = {"creationTimestamp": "2026-11-27T10:00:00Z"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {**metadata, **created}, "spec": {}, "status": status}


class Server:
    """Stands in for the client of an API server: sends the events and answers that the test puts in."""

    def __init__(self) -> None:
        self.events: queue.SimpleQueue[tuple[str, Manifest]] = queue.SimpleQueue()
        self.answers: queue.SimpleQueue[Manifest | ApiError] = queue.SimpleQueue()
        self.asked: list[tuple[Any, dict[str, Any]]] = []

    def watch(self, _version: str, kind: str, **_: Any) -> Iterator[tuple[str, Manifest]]:
        while True:
            if kind != "Pod":
                queue.SimpleQueue[None]().get()  # nothing ever happens to it
            yield self.events.get()

    def patch(self, *target: Any, **options: Any) -> Manifest:
        self.asked.append((target, options))
        answer = self.answers.get()
        if isinstance(answer, ApiError):
            raise answer
        return answer


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


def run(scenario: Callable[[ApiStore, Server, list[BaseException]], Any]) -> None:
    async def main() -> None:
        server, failures = Server(), list[BaseException]()
        store = ApiStore(server, Clock(10), failures.append)  # ty: ignore[invalid-argument-type]
        server.events.put(("ADDED", pod(1, phase="Pending")))
        await until(lambda: bool(store.list("Pod")))
        await scenario(store, server, failures)

    asyncio.run(main())


READY = {"status": {"conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": 3, "reason": None}]}}
ANSWER = {"phase": "Pending", "conditions": [{"type": "Ready", "status": "True"}]}


def test_a_controller_reads_what_it_wrote_before_the_server_has_answered() -> None:
    async def scenario(store: ApiStore, server: Server, _failures: list[BaseException]) -> None:
        store.patch("Pod", "demo", "web-1", READY)
        assert is_true(store.get("Pod", "demo", "web-1"), "Ready")
        assert store.writing
        server.events.put(("MODIFIED", pod(2, phase="Pending")))  # from before the patch
        await asyncio.sleep(0.1)
        assert is_true(store.get("Pod", "demo", "web-1"), "Ready")
        server.answers.put(pod(3, **ANSWER))
        await until(lambda: not store.writing)
        assert store.get("Pod", "demo", "web-1")["metadata"]["resourceVersion"] == "3"

    run(scenario)


def test_a_status_goes_to_its_subresource_with_the_time_of_the_wall_clock() -> None:
    async def scenario(store: ApiStore, server: Server, _failures: list[BaseException]) -> None:
        server.answers.put(pod(2, **ANSWER))
        store.patch("Pod", "demo", "web-1", READY)
        await until(lambda: not store.writing)
        ((target, options),) = server.asked
        (sent,) = target[4]["status"]["conditions"]
        assert options["subresource"] == "status"
        assert sent["lastTransitionTime"].endswith("Z")
        assert "reason" not in sent

    run(scenario)


def test_what_has_not_changed_is_not_sent() -> None:
    async def scenario(store: ApiStore, server: Server, _failures: list[BaseException]) -> None:
        store.patch("Pod", "demo", "web-1", {"status": {"phase": "Pending"}})
        assert not store.writing
        assert server.asked == []

    run(scenario)


@pytest.mark.parametrize(("status", "ends"), [(404, False), (409, False), (422, True)])
def test_a_refused_change_ends_the_lab_but_not_where_the_object_is_gone(status: int, ends: bool) -> None:
    async def scenario(store: ApiStore, server: Server, failures: list[BaseException]) -> None:
        server.answers.put(ApiError(status, "", "no"))
        store.patch("Pod", "demo", "web-1", READY)
        await until(lambda: not store.writing)
        assert [type(each) for each in failures] == ([LabFailedError] if ends else [])

    run(scenario)


def test_a_deleted_object_is_gone_and_older_news_does_not_bring_it_back() -> None:
    async def scenario(store: ApiStore, server: Server, _failures: list[BaseException]) -> None:
        server.events.put(("DELETED", pod(5)))
        await until(lambda: not store.list("Pod"))
        server.events.put(("ADDED", pod(7, phase="Pending")))
        await until(lambda: bool(store.list("Pod")))
        server.events.put(("MODIFIED", pod(6, phase="Running")))
        await asyncio.sleep(0.1)
        assert store.get("Pod", "demo", "web-1")["status"]["phase"] == "Pending"

    run(scenario)
