"""vegeta as the clients: for more requests a second than a process in Python sends.

It sends what `traffic` draws, `DRAWN` requests over and over, but one in ten instead of one in two over a connection of
its own, which costs twice as much: one vegeta sends those, another one all others. Neither retries what a proxy has
answered, follows a redirect or gives up an answer. What they write down is read when both have ended.

Each has a bound of connections to a proxy (`most_connections`): without one, a proxy that is late for a moment is given
thousands of new ones, and does nothing else any more. But a request that waits for one counts as sent for vegeta. So
where more requests were under way at once than the bound, the load was less than asked for, and the run is void.
"""

import asyncio
import base64
import contextlib
import json
import os
import random
import signal
import subprocess
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from itertools import accumulate
from math import ceil
from typing import NamedTuple

import msgspec
from multidict import CIMultiDict

from nodrop.lab.causes import CLOSED_WITHIN, cause_of_answer, number_in, own_error
from nodrop.lab.data_plane.envoy_configuration import ATTEMPTS_HEADER, UPSTREAM_HEADER
from nodrop.lab.errors import BehindError, BrokenError
from nodrop.lab.ready_test import SECONDS_HEADER
from nodrop.lab.traffic import LINE_BYTES, LONG_SHARE, POST_BODY, Drawn, Record, TrafficPlan, drawn

DRAWN = 4999
"""A prime, so that no request meets the same turn of the pods again and again. Source: chosen."""
FRESH_SHARE = 0.1
"""Of the requests, over a connection of their own. Source: chosen, for 5,000 requests a second on two cores."""
_PER_SECONDS = 100
"""vegeta takes whole requests in a time; in so long a one each rate is near enough."""
_BODY_BYTES = 256
"""Kept of each response: a proxy's reason, or a pod's name. Source: chosen."""
_LOOK_REAL_SECONDS = 0.01
_NICENESS = 10
"""Of vegeta: where the processors are short, it is late, and asks for less. If a proxy were late instead, vegeta would
open connections for what waits, which makes the proxy later still. Source: chosen; at 5,000 requests a second for a
minute a proxy was 4 s late without it, 0.15 s with it."""
_SHORT_REAL_SECONDS = 0.2
"""For which a short request that reaches a pod may hold a connection, on average. Source: chosen, above the latency
that makes a run void on a quiet machine."""


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
    url: str
    body: bytes | None
    headers: dict[str, list[str]] | None


async def attack(
    plan: TrafficPlan, vegeta: str, stop: asyncio.Event, unanswered: set[asyncio.Task[None]]
) -> list[Record]:
    """All records, when everything that was sent before `stop` is answered; `vegeta` is the program's path.

    Raises:
        BehindError: requests waited for a connection.
        BrokenError: the program does not run, has ended by itself, or what it wrote cannot be read.
    """
    try:
        return await _attack(plan, vegeta, stop, unanswered)
    except (OSError, ValueError, msgspec.MsgspecError) as error:  # ValueError: a line longer than LINE_BYTES
        raise BrokenError(f"{vegeta}: {error}") from error


async def _attack(
    plan: TrafficPlan, vegeta: str, stop: asyncio.Event, unanswered: set[asyncio.Task[None]]
) -> list[Record]:
    draw = random.Random(plan.seed)
    requests = [drawn(plan, draw)._replace(kept=draw.random() >= FRESH_SHARE) for _ in range(DRAWN)]
    attacks: list[_Attack] = []
    try:
        for kept in (True, False):
            of_kind = [each for each in requests if each.kept is kept]
            rate = plan.requests_per_second * len(of_kind) / DRAWN
            load = _Load(kept, max(1, round(rate * _PER_SECONDS)), most_connections(plan, rate))
            attacks.append(await _Attack.start(vegeta, of_kind, load))
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
            await each.kill()


class _Load(NamedTuple):
    """What one vegeta is to send."""

    kept: bool
    """Whether connections are kept."""
    count: int
    """Requests in `_PER_SECONDS`."""
    connections: int
    """To each proxy, at most."""


class _Attack:
    """One vegeta, and what it writes down, in memory that has no name."""

    @classmethod
    async def start(cls, vegeta: str, requests: Sequence[Drawn], load: _Load) -> "_Attack":
        targets, results = os.memfd_create("targets"), os.memfd_create("results")
        begin = next((number for number, each in enumerate(requests) if not each.lasts), 0)
        with os.fdopen(targets, "wb") as file:
            for each in (*requests[begin:], *requests[:begin]):  # a short one first: its answer says that it has begun
                file.write(_target(each))
            file.seek(0)
            kept = str(load.kept).lower()
            # fmt: off
            process = await asyncio.create_subprocess_exec(
                vegeta, "attack", "-format=json", f"-rate={load.count}/{_PER_SECONDS}s", "-timeout=0", "-redirects=-1",
                f"-max-body={_BODY_BYTES}", f"-keepalive={kept}", f"-max-connections={load.connections}",
                stdin=file, stdout=results, stderr=subprocess.PIPE, preexec_fn=_step_back,
                env={"GOGC": "400"},  # less often through its memory, of which it has some 50 MB
            )
            # fmt: on
        return cls(vegeta, process, results, load)

    def __init__(self, vegeta: str, process: asyncio.subprocess.Process, results: int, load: _Load) -> None:
        self.vegeta, self.process, self.results, self.load = vegeta, process, results, load
        self.interval_seconds = _PER_SECONDS * 10**9 // load.count / 1e9
        """Between two requests, as vegeta reckons it."""
        self.monotonic_at_0 = time.monotonic() - time.time()
        """vegeta reads the wall clock once, when it begins, and reckons on from there by the monotonic one."""

    @property
    def told(self) -> str:
        return "kept alive" if self.load.kept else "fresh"

    async def begun(self) -> None:
        """Returns when it has written down the first request."""
        while not os.fstat(self.results).st_size:
            if self.process.returncode is not None:
                raise await self._broken()
            await asyncio.sleep(_LOOK_REAL_SECONDS)

    async def end_after(self, stop: asyncio.Event) -> None:
        """Asks it to send no more when `stop` is set, and waits for its end."""
        ended, stopped = asyncio.create_task(self.process.wait()), asyncio.create_task(stop.wait())
        await asyncio.wait([ended, stopped], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not stop.is_set():
            raise await self._broken()
        self.process.terminate()
        if await ended:
            raise await self._broken()

    async def _broken(self) -> BrokenError:
        """With the first line of what it said; after a wrong option, all of its options follow."""
        _, errors = await self.process.communicate()
        said = errors.decode(errors="replace").strip().partition("\n")[0] or "without a word"
        return BrokenError(f"{self.vegeta} ended with {self.process.returncode}: {said}")

    async def kill(self) -> None:
        """Where it still runs."""
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)  # its own kill() would reap one that has just ended, unseen
            await self.process.wait()

    async def records(self) -> list[Record]:
        """What became of each request; how late it was is told against the one that was sent soonest after its turn.

        Raises:
            BehindError: requests waited for a connection.
        """
        read = [each async for each in self._read()]
        if not read:
            return []
        self._believe_open(read)
        began = min(self._start(each) - each.seq * self.interval_seconds for each in read)
        return [self._record(each, began + each.seq * self.interval_seconds) for each in read]

    async def _read(self) -> AsyncIterator[_Result]:
        os.lseek(self.results, 0, os.SEEK_SET)
        encoding = await asyncio.create_subprocess_exec(
            self.vegeta, "encode", "--to", "json", stdin=self.results, stdout=subprocess.PIPE, env={}, limit=LINE_BYTES
        )
        os.close(self.results)
        if encoding.stdout is None:
            raise BrokenError("vegeta encode has no pipe")
        decoder = msgspec.json.Decoder(_Result)
        async for line in encoding.stdout:
            yield decoder.decode(line)
        if code := await encoding.wait():
            raise BrokenError(f"{self.vegeta} encode ended with {code}")

    def _believe_open(self, read: Sequence[_Result]) -> None:
        """Raises BehindError where more requests were under way to a proxy than it has connections."""
        timed = ((each, self._start(each)) for each in read)
        most = most_at_once((each.url, start, start + each.latency / 1e9) for each, start in timed)
        if most > self.load.connections:
            raise BehindError(
                f"{most:,} requests were under way to a proxy at once, and vegeta had {self.load.connections:,} "
                f"connections ({self.told}): the answers came too late"
            )

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
            reused=self.load.kept,
        )


def most_at_once(requests: Iterable[tuple[str, float, float]]) -> int:
    """How many requests (URL, start and end in seconds) were under way to the same proxy at most.

    One that ends as another begins does not count with it.
    """
    changes: defaultdict[str, list[tuple[float, int]]] = defaultdict(list)
    for url, start, end in requests:
        changes[url] += (start, 1), (end, -1)
    return max((most for each in changes.values() for most in accumulate(by for _, by in sorted(each))), default=0)


def most_connections(plan: TrafficPlan, rate: float) -> int:
    """To each proxy, at `rate` requests a second to all: what the long ones hold, twice, and what short ones may.

    A short one may take as long as a proxy tries to reach pods that are gone, since that is what a rollout shows.
    """
    lasts = 2 * LONG_SHARE * plan.longest_request_seconds + _SHORT_REAL_SECONDS + plan.unreachable_seconds
    return ceil(rate / len(plan.targets) * lasts) + 1


def _step_back() -> None:
    os.nice(_NICENESS)


def _target(request: Drawn) -> bytes:
    """One line of vegeta's list of targets."""
    target: dict[str, object] = {
        "method": request.method,
        "url": request.base,
        "header": {SECONDS_HEADER: [f"{request.lasts}"]},
    }
    if request.method == "POST":
        target["body"] = base64.b64encode(POST_BODY).decode()
    return json.dumps(target).encode() + b"\n"


def _cause(result: _Result, headers: CIMultiDict[str]) -> str:
    if result.code:
        return cause_of_answer(result.code, (result.body or b"").decode(errors="replace"), headers)
    return CLOSED_WITHIN if _within_a_response(result) else own_error(result.error.rpartition(": ")[2])


def _within_a_response(result: _Result) -> bool:
    """Whether it is the response that ended early: what fails before one has begun names method and URL (net/url)."""
    return not result.error.lower().startswith(f'{result.method.lower()} "')
