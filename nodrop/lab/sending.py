"""The load generator as the lab drives it: a process that sends requests while an experiment goes on."""

import asyncio
import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from nodrop.lab import load_generator, traffic
from nodrop.lab.clock import Clock
from nodrop.lab.counting import with_draining_named
from nodrop.lab.data_plane.backend_service import connect_timeout_real_seconds
from nodrop.lab.data_plane.envoy_configuration import FIRST_PORT
from nodrop.lab.data_plane.topology import LOAD_BALANCER_ADDRESS
from nodrop.lab.doubt import believe, latencies_of, latency_doubts
from nodrop.lab.errors import LabFailedError, LabStalledError
from nodrop.lab.job import Job, Settings
from nodrop.lab.lab import Lab
from nodrop.lab.latency import Latencies
from nodrop.lab.retries import MOST_TRIES
from nodrop.lab.traffic import Record, TrafficPlan, parse_records, to_line

WARM_UP_SECONDS = 20
"""Of traffic before the trigger, so that every proxy has kept-alive connections. Source: chosen."""
CONNECTIONS_PER_REQUEST_RATE = 5
"""Connections that are kept open for each request per second that was asked for. Source: chosen."""


def plan_of(
    job: Job, clock: Clock, longest_request_seconds: float, connection_real_seconds: float | None
) -> TrafficPlan:
    """What a job's load generator is to send, in wall-clock seconds of `clock`.

    Args:
        job: whose settings say how many requests, and from whose proxies they are asked.
        clock: of the lab.
        longest_request_seconds: of the rehearsed system.
        connection_real_seconds: wall-clock seconds after which the load balancer ends what is kept open, or None.
    """
    settings = job.settings
    return TrafficPlan(
        targets=tuple(f"http://{LOAD_BALANCER_ADDRESS}:{FIRST_PORT + proxy}/" for proxy in range(settings.proxies)),
        requests_per_second=settings.requests_per_second * settings.speed_up,
        longest_request_seconds=clock.real(longest_request_seconds),
        requests=job.application.requests,
        connections=round(CONNECTIONS_PER_REQUEST_RATE * settings.requests_per_second),
        connection_seconds=connection_real_seconds,
        seed=settings.seed,
        vegeta=load_generator.vegeta_of(job),
        unreachable_seconds=MOST_TRIES * connect_timeout_real_seconds(clock, drops_syns=job.drops_syns),
    )


@asynccontextmanager
async def sending(lab: Lab, longest_request_seconds: float) -> AsyncGenerator[list[Record]]:
    """Sends requests for `WARM_UP_SECONDS` and while the body runs; the list is filled once the body has ended.

    Args:
        lab: whose settings say how many requests, and from whose proxies they are asked.
        longest_request_seconds: of the rehearsed system.

    Raises:
        LabStalledError: this machine does not keep up, or was late while requests failed that began the load.
        LabFailedError: the load generator failed.
    """
    settings = lab.job.settings
    plan = plan_of(lab.job, lab.clock, longest_request_seconds, lab.backend.connection_real_seconds)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        traffic.__name__,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        limit=traffic.LINE_BYTES,
    )
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise LabFailedError("the traffic generator has no pipes")
    process.stdin.write(to_line(plan))
    errors = asyncio.create_task(process.stderr.read())
    records: list[Record] = []
    try:
        with lab.latencies.load_begins():
            await process.stdout.readline()  # it has begun to send
            lab.spawn(_watch(process, errors, settings))
            await lab.clock.sleep(WARM_UP_SECONDS)
            warm = time.monotonic()
        yield records
    except BaseException:
        with contextlib.suppress(ProcessLookupError):  # it is why the body was ended
            process.kill()
        raise
    with contextlib.suppress(ProcessLookupError):  # it has given up
        process.terminate()
    allowed = lab.clock.allowance_real_seconds
    async for line in process.stdout:  # in pieces, so that the lab's loop goes on
        records += with_draining_named(parse_records(line.decode()), lab.cuts, allowed)
    said = (await errors).decode().strip()
    if code := await process.wait():
        raise failure(code, said, settings)
    first = [record for record in records if record.start < warm]
    lab.latencies.note(latencies_of([record for record in records if record.start >= warm]))
    believe(*spoiled([record for record in first if record.end < warm + allowed], lab.latencies))


def spoiled(first: Sequence[Record], latencies: Latencies) -> list[str]:
    """That of the first requests some failed, as they may where the machine was late then."""
    if not any(record.cause for record in first):
        return []
    return latency_doubts(latencies.at_begin_real_seconds | latencies_of(first), latencies.bound_real_seconds)


async def _watch(process: asyncio.subprocess.Process, errors: asyncio.Task[bytes], settings: Settings) -> None:
    """Ends the run as soon as the load generator has given up; not where the lab has killed it."""
    code = await process.wait()
    if code > 0:
        raise failure(code, (await asyncio.shield(errors)).decode().strip(), settings)


def failure(code: int, said: str, settings: Settings) -> LabStalledError | LabFailedError:
    """What an exit code of the load generator other than 0 means, with what it wrote to its standard error."""
    if code in (traffic.BEHIND, -signal.SIGTERM):  # or it was about to give up
        rate = f"{settings.requests_per_second * settings.speed_up:,g} in a second of wall clock"
        return LabStalledError(
            f"the load generator could not keep up at {settings.requests_per_second:,g} requests/s on this machine, "
            f"{rate}: {said}"
        )
    if code == traffic.NO_ANSWER:
        return LabStalledError(f"no proxy answered these requests:\n{said}")
    return LabFailedError(f"the load generator failed: {said}")
