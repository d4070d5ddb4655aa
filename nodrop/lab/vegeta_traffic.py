"""vegeta as the clients: for more requests a second than a process in Python sends.

It sends what `traffic` draws, `DRAWN` requests over and over, but one in ten instead of one in two over a connection of
its own, which costs twice as much: one vegeta sends those, another one all others. Neither retries what a proxy has
answered, follows a redirect or gives up an answer. What they write down is read when both have ended.
"""

import asyncio
import base64
import json
import os
import random
import subprocess
import time
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from math import ceil

import msgspec
from multidict import CIMultiDict

from nodrop.lab.data_plane.envoy_configuration import ATTEMPTS_HEADER, UPSTREAM_HEADER
from nodrop.lab.traffic import (
    CLOSED_WITHIN,
    LINE_BYTES,
    LONG_SHARE,
    OWN_ERROR,
    POST_BODY,
    Drawn,
    Record,
    TrafficPlan,
    cause_of_answer,
    drawn,
    number_in,
    url_of,
)

DRAWN = 4999
"""A prime, so that no request meets the same turn of the pods again and again. Source: chosen."""
FRESH_SHARE = 0.1
"""Of the requests, over a connection of their own. Source: chosen, for 5,000 requests a second on two cores."""
_PER_SECONDS = 100
"""vegeta takes whole requests in a time; in so long a one each rate is near enough."""
_BODY_BYTES = 256
"""Kept of each response: a proxy's reason, or a pod's name. Source: chosen."""
_LOOK_REAL_SECONDS = 0.01
_SHORT_REAL_SECONDS = 0.2
"""For which a short request may hold a connection, before the next one waits for it. Without a bound, a proxy that is
late for a moment is given thousands of new connections, and does nothing else any more. Source: chosen, above the
latency that makes a run void."""


class _Result(msgspec.Struct):
    """One line of `vegeta encode --to json`, as far as it is read."""

    seq: int
    code: int
    """0: there was no whole response."""
    timestamp: datetime
    latency: int
    """In nanoseconds."""
    error: str
    method: str
    body: bytes | None
    headers: dict[str, list[str]] | None


async def attack(
    plan: TrafficPlan, vegeta: str, stop: asyncio.Event, unanswered: set[asyncio.Task[None]]
) -> list[Record]:
    """All records, when everything that was sent before `stop` is answered; `vegeta` is the program's path.

    Raises:
        RuntimeError: a vegeta has ended by itself, or what it wrote cannot be read.
    """
    draw = random.Random(plan.seed)
    requests = [drawn(plan, draw)._replace(kept=draw.random() >= FRESH_SHARE) for _ in range(DRAWN)]
    attacks: list[_Attack] = []
    try:
        for kept in (True, False):
            of_kind = [each for each in requests if each.kept is kept]
            rate = plan.requests_per_second * len(of_kind) / DRAWN
            attacks.append(await _Attack.start(vegeta, of_kind, rate, _most_connections(plan, rate), kept=kept))
        for each in attacks:
            await each.begun()
        print(flush=True)  # an empty line: sending begins
        for each in attacks:
            ending = asyncio.create_task(each.end_after(stop), name=f"those of vegeta, {each.told}")
            unanswered.add(ending)
            ending.add_done_callback(unanswered.discard)
        await asyncio.gather(*unanswered)
        return [record for each in attacks for record in await each.records()]
    finally:
        for each in attacks:
            each.kill()


class _Attack:
    """One vegeta, and what it writes down, in memory that has no name."""

    @classmethod
    async def start(
        cls, vegeta: str, requests: Sequence[Drawn], rate: float, connections: int, *, kept: bool
    ) -> "_Attack":
        targets, results = os.memfd_create("targets"), os.memfd_create("results")
        begin = next((number for number, each in enumerate(requests) if not each.lasts), 0)
        with os.fdopen(targets, "wb") as file:
            for each in (*requests[begin:], *requests[:begin]):  # a short one first: its answer says that it has begun
                file.write(_target(each))
            file.seek(0)
            count = max(1, round(rate * _PER_SECONDS))
            # fmt: off
            process = await asyncio.create_subprocess_exec(
                vegeta, "attack", "-format=json", f"-rate={count}/{_PER_SECONDS}s", "-timeout=0", "-redirects=-1",
                f"-max-body={_BODY_BYTES}", f"-keepalive={str(kept).lower()}", f"-max-connections={connections}",
                stdin=file, stdout=results, stderr=subprocess.PIPE,
                env={"GOGC": "400"},  # less often through its memory, of which it has some 50 MB
            )
            # fmt: on
        return cls(vegeta, process, results, _PER_SECONDS * 10**9 // count / 1e9, kept=kept)

    def __init__(
        self, vegeta: str, process: asyncio.subprocess.Process, results: int, interval_seconds: float, *, kept: bool
    ) -> None:
        self.vegeta, self.process, self.results, self.kept = vegeta, process, results, kept
        self.interval_seconds = interval_seconds
        """Between two requests, as vegeta reckons it."""
        self.monotonic_at_0 = time.monotonic() - time.time()
        """vegeta reads the wall clock once, when it begins, and reckons on from there by the monotonic one."""

    @property
    def told(self) -> str:
        return "kept alive" if self.kept else "fresh"

    async def begun(self) -> None:
        """Returns when it has written down the first request."""
        while not os.fstat(self.results).st_size:
            if self.process.returncode is not None:
                raise RuntimeError(await self._said())
            await asyncio.sleep(_LOOK_REAL_SECONDS)

    async def end_after(self, stop: asyncio.Event) -> None:
        """Asks it to send no more when `stop` is set, and waits for its end."""
        ended, stopped = asyncio.create_task(self.process.wait()), asyncio.create_task(stop.wait())
        await asyncio.wait([ended, stopped], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not stop.is_set():
            raise RuntimeError(await self._said())
        self.process.terminate()
        if await ended:
            raise RuntimeError(await self._said())

    async def _said(self) -> str:
        _, errors = await self.process.communicate()
        return f"vegeta ended with {self.process.returncode}: {errors.decode(errors='replace').strip()}"

    def kill(self) -> None:
        """Where it still runs."""
        if self.process.returncode is None:
            self.process.kill()

    async def records(self) -> list[Record]:
        """What became of each request; how late it was is told against the one that was sent soonest after its turn."""
        read = [each async for each in self._read()]
        if not read:
            return []
        began = min(self._start(each) - each.seq * self.interval_seconds for each in read)
        return [self._record(each, began + each.seq * self.interval_seconds) for each in read]

    async def _read(self) -> AsyncIterator[_Result]:
        os.lseek(self.results, 0, os.SEEK_SET)
        encoding = await asyncio.create_subprocess_exec(
            self.vegeta, "encode", "--to", "json", stdin=self.results, stdout=subprocess.PIPE, env={}, limit=LINE_BYTES
        )
        os.close(self.results)
        if encoding.stdout is None:
            raise RuntimeError("vegeta encode has no pipe")
        decoder = msgspec.json.Decoder(_Result)
        async for line in encoding.stdout:
            yield decoder.decode(line)
        if code := await encoding.wait():
            raise RuntimeError(f"vegeta encode ended with {code}")

    def _start(self, result: _Result) -> float:
        return result.timestamp.timestamp() + self.monotonic_at_0

    def _record(self, result: _Result, planned: float) -> Record:
        start = self._start(result)
        headers = CIMultiDict((name, values[0]) for name, values in (result.headers or {}).items())
        return Record(
            start=start,
            end=start + result.latency / 1e9,
            pod=headers.get("X-Pod", ""),
            upstream=headers.get(UPSTREAM_HEADER, ""),
            cause=_cause(result, headers),
            late=start - planned,
            stalled=number_in(headers.get("X-Stall", "")),
            method=result.method,
            attempts=round(number_in(headers.get(ATTEMPTS_HEADER, "1"))),
            reused=self.kept,
        )


def _most_connections(plan: TrafficPlan, rate: float) -> int:
    """To each proxy: what the long requests hold, twice, and what short ones may."""
    lasts = 2 * LONG_SHARE * plan.longest_request_seconds + _SHORT_REAL_SECONDS
    return ceil(rate / len(plan.targets) * lasts) + 1


def _target(request: Drawn) -> bytes:
    """One line of vegeta's list of targets."""
    target = {"method": request.method, "url": url_of(request.base, request.lasts)}
    if request.method == "POST":
        target["body"] = base64.b64encode(POST_BODY).decode()
    return json.dumps(target).encode() + b"\n"


def _cause(result: _Result, headers: CIMultiDict[str]) -> str:
    if result.code:
        return cause_of_answer(result.code, (result.body or b"").decode(errors="replace"), headers)
    return CLOSED_WITHIN if _within_a_response(result) else f"{OWN_ERROR}: {result.error.rpartition(': ')[2]}"


def _within_a_response(result: _Result) -> bool:
    """Whether it is the response that ended early: what fails before one has begun names method and URL (net/url)."""
    return not result.error.lower().startswith(f'{result.method.lower()} "')
