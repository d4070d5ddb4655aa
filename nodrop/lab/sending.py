"""The load generator as the lab drives it: a process that sends requests while an experiment goes on."""

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from nodrop.lab import load_generator, traffic
from nodrop.lab.counting import with_draining_named
from nodrop.lab.data_plane.envoy_configuration import FIRST_PORT
from nodrop.lab.data_plane.topology import LOAD_BALANCER_ADDRESS
from nodrop.lab.errors import LabFailedError, LabStalledError
from nodrop.lab.job import Settings
from nodrop.lab.lab import Lab
from nodrop.lab.traffic import Record, TrafficPlan, parse_records, to_line

WARM_UP_SECONDS = 20
"""Of traffic before the trigger, so that every proxy has kept-alive connections. Source: chosen."""
CONNECTIONS_PER_REQUEST_RATE = 5
"""WebSocket connections that are kept open for each request per second that was asked for. Source: chosen."""


@asynccontextmanager
async def sending(lab: Lab, longest_request_seconds: float) -> AsyncGenerator[list[Record]]:
    """Sends requests while the body runs; the records are in the list that it yields once the body has ended.

    Raises:
        LabStalledError: this machine does not keep up.
        LabFailedError: the load generator failed.
    """
    settings = lab.job.settings
    plan = TrafficPlan(
        targets=tuple(f"http://{LOAD_BALANCER_ADDRESS}:{FIRST_PORT + proxy}/" for proxy in range(settings.proxies)),
        requests_per_second=settings.requests_per_second * settings.speed_up,
        longest_request_seconds=lab.clock.real(longest_request_seconds),
        requests=lab.job.application.requests,
        connections=round(CONNECTIONS_PER_REQUEST_RATE * settings.requests_per_second),
        connection_seconds=lab.backend.connection_real_seconds,
        seed=settings.seed,
        vegeta=load_generator.vegeta_of(lab.job),
    )
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
    records: list[Record] = []
    try:
        await process.stdout.readline()  # it has begun to send
        lab.spawn(_watch(process, settings))
        yield records
    except BaseException:
        process.kill()
        raise
    with contextlib.suppress(ProcessLookupError):  # it has given up
        process.terminate()
    allowed = lab.clock.allowance_real_seconds
    async for line in process.stdout:  # in pieces, so that the lab's loop goes on
        records += with_draining_named(parse_records(line.decode()), lab.cuts, allowed)
    errors = await process.stderr.read()
    await process.wait()
    if process.returncode in (traffic.BEHIND, -signal.SIGTERM):  # or it was about to give up
        raise LabStalledError(_behind(settings))
    if process.returncode == traffic.NO_ANSWER:
        raise LabStalledError(f"no proxy answered these requests:\n{errors.decode().strip()}")
    if process.returncode:
        raise LabFailedError(
            f"the traffic generator ended with exit code {process.returncode}:\n{errors.decode().strip()}"
        )


async def _watch(process: asyncio.subprocess.Process, settings: Settings) -> None:
    """Ends the run as soon as the load generator has given up."""
    if await process.wait() == traffic.BEHIND:
        raise LabStalledError(_behind(settings))


def _behind(settings: Settings) -> str:
    return (
        f"the load generator could not keep up at {settings.requests_per_second:,g} requests/s on this machine: "
        f"it was {traffic.GIVE_UP_SECONDS} s behind its plan of "
        f"{settings.requests_per_second * settings.speed_up:,g} requests in a second of wall clock"
    )
