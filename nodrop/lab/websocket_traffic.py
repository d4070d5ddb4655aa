"""Clients that keep WebSocket connections open for as long as they are let, and connect anew when one has ended.

Each opening is a request (method OPEN), each end a record of its own (method END): without a cause where the pod said
goodbye, so that its client may connect anew in its own time; with one where the connection was cut. Messages keep the
connections active.
"""

import asyncio
import random
import time

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from nodrop.lab.causes import CLOSED_WITHIN, TIMEOUT, cause_of, number_in, own_error
from nodrop.lab.data_plane.envoy_configuration import ATTEMPTS_HEADER, UPSTREAM_HEADER
from nodrop.lab.traffic import END, OPEN, Record, TrafficPlan

MESSAGE_SECONDS = 0.5
"""Wall-clock seconds between two messages of a connection. Source: chosen."""
LATEST_START_SECONDS = 2
"""Wall-clock seconds within which all connections are opened first, so that those of one length do not end together.
Source: chosen."""
AGAIN_SECONDS = 0.1
"""Wall-clock seconds until a client whose opening failed tries again. Source: chosen."""
_TIMEOUT_SHARE = 0.98
"""Of the time after which the load balancer ends a connection: one that lasts so long was ended by it."""


async def keep_open(plan: TrafficPlan, stop: asyncio.Event, unanswered: set[asyncio.Task[None]]) -> list[Record]:
    """All records, when every connection is closed after `stop`."""
    records: list[Record] = []
    draw = random.Random(plan.seed)
    async with asyncio.TaskGroup() as tasks:
        for number in range(plan.connections):
            client = tasks.create_task(_client(plan, stop, draw, records), name=f"WebSocket {number}")
            unanswered.add(client)
            client.add_done_callback(unanswered.discard)
        print(flush=True)  # an empty line: sending begins
    return records


async def _client(plan: TrafficPlan, stop: asyncio.Event, draw: random.Random, records: list[Record]) -> None:
    await asyncio.sleep(draw.random() * min(plan.connection_seconds or MESSAGE_SECONDS, LATEST_START_SECONDS))
    while not stop.is_set():
        url = draw.choice(plan.targets).replace("http://", "ws://")
        begin = time.monotonic()
        try:
            opened = await connect(url, ping_interval=None, compression=None, proxy=None, open_timeout=None)
        except InvalidStatus as refused:
            response = refused.response
            cause = cause_of(response.status_code, (response.body or b"").decode(errors="replace"))
            upstream = response.headers.get(UPSTREAM_HEADER, "")
            records.append(Record(begin, time.monotonic(), "", upstream, cause, method=OPEN))
        except (OSError, EOFError, InvalidHandshake) as error:
            cause = own_error(type(error).__name__)
            records.append(Record(begin, time.monotonic(), "", "", cause, method=OPEN))
        else:
            await _keep(plan, opened, begin, stop, records)
            continue
        await asyncio.sleep(AGAIN_SECONDS)


async def _keep(
    plan: TrafficPlan, opened: ClientConnection, begin: float, stop: asyncio.Event, records: list[Record]
) -> None:
    """Sends messages until the connection has ended, or until it is closed because of `stop`."""
    headers = opened.response.headers if opened.response else {}
    pod, upstream = headers.get("X-Pod", ""), headers.get(UPSTREAM_HEADER, "")
    stalled, attempts = number_in(headers.get("X-Stall", "")), round(number_in(headers.get(ATTEMPTS_HEADER, "1")))
    opening = Record(begin, time.monotonic(), pod, upstream, "", 0.0, stalled, OPEN, attempts)
    records.append(opening)
    late = 0.0
    over = [asyncio.create_task(opened.wait_closed()), asyncio.create_task(stop.wait())]
    try:
        while not stop.is_set():
            await opened.send("x")
            await opened.recv()
            asleep = time.monotonic()
            await asyncio.wait(over, timeout=MESSAGE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            late = max(late, time.monotonic() - asleep - MESSAGE_SECONDS)
        await opened.close()
    except ConnectionClosed as closed:
        end = time.monotonic()
        cause = "" if closed.rcvd is not None else CLOSED_WITHIN
        if cause and plan.connection_seconds and end - begin >= _TIMEOUT_SHARE * plan.connection_seconds:
            cause = TIMEOUT
        records.append(Record(end, end, pod, upstream, cause, late, stalled, END))
    finally:
        for each in over:
            each.cancel()
