"""A probe ends when its pod does, also where its own timeout comes at the same moment."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Generator
from typing import Any

import pytest

from nodrop.lab.data_plane import grpc_health, http
from nodrop.lab.data_plane.namespaces import NetNamespace

TIMEOUT_SECONDS = 0.3


class Here(NetNamespace):
    """The network namespace of the test, which may be entered without being root."""

    def __init__(self) -> None:
        self.name = "here"

    @contextlib.contextmanager
    def entered(self) -> Generator[None]:
        yield


PROBES: dict[str, Callable[[int], Coroutine[Any, Any, http.Reply]]] = {
    "httpGet": lambda port: http.get(Here(), f"http://127.0.0.1:{port}/", timeout_real_seconds=TIMEOUT_SECONDS),
    "grpc": lambda port: grpc_health.check(Here(), "127.0.0.1", port, "", timeout_real_seconds=TIMEOUT_SECONDS),
}


@pytest.mark.parametrize("probe", PROBES.values(), ids=PROBES)
@pytest.mark.parametrize("with_timeout", [False, True], ids=["before its timeout", "at its timeout"])
def test_a_cancelled_probe_ends(probe, with_timeout: bool) -> None:
    async def cancelled() -> None:
        asked, over = asyncio.Event(), asyncio.Event()

        async def never_answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            asked.set()
            await over.wait()
            writer.close()

        server = await asyncio.start_server(never_answers, "127.0.0.1", 0)
        begin = time.monotonic()
        probing = asyncio.create_task(probe(server.sockets[0].getsockname()[1]))
        await asked.wait()
        if with_timeout:
            asyncio.get_running_loop().call_later(TIMEOUT_SECONDS + 0.05, probing.cancel)
            late = begin + TIMEOUT_SECONDS + 0.5 - time.monotonic()
            time.sleep(max(0, late))  # noqa: ASYNC251 - the loop is held up, so that both are due at once
        else:
            probing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await probing
        over.set()
        server.close()

    asyncio.run(cancelled())


@pytest.mark.parametrize("probe", PROBES.values(), ids=PROBES)
def test_a_probe_without_an_answer_is_late(probe) -> None:
    async def late() -> http.Reply:
        async def never_answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        server = await asyncio.start_server(never_answers, "127.0.0.1", 0)
        reply = await probe(server.sockets[0].getsockname()[1])
        server.close()
        return reply

    assert asyncio.run(late()) == http.LATE
