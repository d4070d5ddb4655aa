"""Clients that keep connections open for as long as they are let, and connect anew when one has ended.

Each opening is a request (method OPEN), each end a record of its own (method END): without a cause where the pod ended
it as its protocol has it, so that its client may connect anew in its own time; with one where it was cut.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

from nodrop.lab.causes import CLOSED_WITHIN, TIMEOUT
from nodrop.lab.traffic import END, Record, TrafficPlan

LATEST_START_SECONDS = 2
"""Wall-clock seconds within which all connections are opened first, so that those of one length do not end together.
Source: chosen."""
AGAIN_SECONDS = 0.1
"""Wall-clock seconds until a client connects anew. Source: chosen."""
_TIMEOUT_SHARE = 0.98
"""Of the time after which the load balancer ends a connection: one that lasts so long was ended by it."""

Connect = Callable[[TrafficPlan, str, asyncio.Event, list[Record]], Awaitable[None]]
"""Opens one connection to a base URL, keeps it until it has ended or the event is set, and writes its records."""


async def keep_open(
    plan: TrafficPlan, connect: Connect, stop: asyncio.Event, unanswered: set[asyncio.Task[None]]
) -> list[Record]:
    """All records, when every connection is closed after `stop`."""
    records: list[Record] = []
    draw = random.Random(plan.seed)

    async def client() -> None:
        await asyncio.sleep(draw.random() * min(plan.connection_seconds or LATEST_START_SECONDS, LATEST_START_SECONDS))
        while not stop.is_set():
            await connect(plan, draw.choice(plan.targets), stop, records)
            await asyncio.sleep(AGAIN_SECONDS)

    async with asyncio.TaskGroup() as tasks:
        for number in range(plan.connections):
            task = tasks.create_task(client(), name=f"connection {number}")
            unanswered.add(task)
            task.add_done_callback(unanswered.discard)
        await asyncio.sleep(LATEST_START_SECONDS)
        print(flush=True)  # an empty line: each client has connected once
    return records


def ended(plan: TrafficPlan, opening: Record, cause: str, *, late: float) -> Record:
    """The end, now, of a connection that was opened.

    Args:
        plan: that its client follows.
        opening: its first record.
        cause: empty where the pod ended it properly, `CLOSED_WITHIN` where it was cut.
        late: seconds that its client woke up too late, at worst.
    """
    end = time.monotonic()
    timeout = plan.connection_seconds
    if cause == CLOSED_WITHIN and timeout and end - opening.start >= _TIMEOUT_SHARE * timeout:
        cause = TIMEOUT
    return opening._replace(start=end, end=end, cause=cause, late=late, method=END, attempts=1)
