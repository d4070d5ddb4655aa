"""A server that the tests of the load generators ask, and the traffic process that asks it."""

import asyncio
import itertools
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from nodrop.lab import traffic
from nodrop.lab.ready_test import SECONDS_HEADER
from nodrop.lab.traffic import TrafficPlan, parse_records, to_line


def ok(body="web-1\n", status="200 OK", length=None):
    """A response as the proxies give it."""
    return (
        f"HTTP/1.1 {status}\r\nContent-Length: {len(body) if length is None else length}\r\n"
        f"X-Pod: web-1\r\nx-nodrop-upstream: 10.0.30.2:8080\r\n\r\n{body}"
    ).encode()


def always(answer):
    return lambda _number: answer


@dataclass
class Server:
    """Writes down what it is asked, and answers as the test says."""

    answer: Callable[[int], bytes | None]
    """By the number of the request on its connection, from 0; None: closes without an answer."""
    lasts: float = 0
    asked: list[tuple[int, str, str, str]] = field(default_factory=list)
    """(connection, method, target, seconds that it is to last) of each request."""

    async def serve(self, reader, writer):
        try:
            for number in itertools.count():
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                method, target, _ = head.split(" ", 2)
                lines = (line.partition(":") for line in head.lower().split("\r\n"))
                headers = {name: value.strip() for name, _, value in lines}
                await reader.readexactly(int(headers.get("content-length", 0)))
                seconds = headers.get(SECONDS_HEADER, "")
                self.asked.append((writer.get_extra_info("peername")[1], method, target, seconds))
                await asyncio.sleep(self.lasts)
                answer = self.answer(number)
                if answer is None:
                    break
                writer.write(answer)
                if b"Content-Length: 1000" in answer:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


class Ended(NamedTuple):
    """How the traffic process ended."""

    code: int
    written: str
    errors: str
    stopped_seconds: float
    """How long it took to stop."""


def ended(server, *, seconds=0.5, requests_per_second=100, longest_request_seconds=0.0, **planned):
    """After so many seconds of requests to the server."""

    async def scenario():
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        plan = TrafficPlan(
            targets=(f"http://127.0.0.1:{port}/",),
            requests_per_second=requests_per_second,
            longest_request_seconds=longest_request_seconds,
            seed=1,
            **planned,
        )
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", traffic.__name__, stdin=pipe, stdout=pipe, stderr=pipe
        )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(to_line(plan))
        assert await process.stdout.readline() == b"\n"
        await asyncio.sleep(seconds)
        process.terminate()
        begin = time.monotonic()
        written, errors = await process.communicate()
        listening.close()
        return Ended(await process.wait(), written.decode(), errors.decode(), time.monotonic() - begin)

    return asyncio.run(scenario())


def send(server, **asked):
    """The traffic process's records, and how long it took to stop."""
    process = ended(server, **asked)
    assert (process.code, process.errors) == (0, "")
    return parse_records(process.written), process.stopped_seconds
