"""WebSocket connections that clients keep open; messages keep them active."""

import asyncio
import time

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from nodrop.lab.causes import CLOSED_WITHIN, cause_of_answer, cause_of_close, number_in, own_error
from nodrop.lab.data_plane.envoy_configuration import ATTEMPTS_HEADER, UPSTREAM_HEADER
from nodrop.lab.kept_open import ended
from nodrop.lab.traffic import OPEN, Record, TrafficPlan

MESSAGE_SECONDS = 0.5
"""Wall-clock seconds between two messages of a connection. Source: chosen."""


async def websocket(plan: TrafficPlan, base: str, stop: asyncio.Event, records: list[Record]) -> None:
    """One connection (`kept_open.Connect`), which a pod ends properly by a close frame."""
    url = base.replace("http://", "ws://")
    begin = time.monotonic()
    try:
        opened = await connect(url, ping_interval=None, compression=None, proxy=None, open_timeout=None)
    except InvalidStatus as refused:
        response = refused.response
        body = (response.body or b"").decode(errors="replace")
        cause = cause_of_answer(response.status_code, body, response.headers)
        upstream = response.headers.get(UPSTREAM_HEADER, "")
        records.append(Record(begin, time.monotonic(), "", upstream, cause, method=OPEN))
    except (OSError, EOFError, InvalidHandshake) as error:
        cause = own_error(type(error).__name__)
        records.append(Record(begin, time.monotonic(), "", "", cause, method=OPEN))
    else:
        await _keep(plan, opened, begin, stop, records)


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
        frame = closed.rcvd
        cause = CLOSED_WITHIN if frame is None else cause_of_close(frame.code, frame.reason)
        records.append(ended(plan, opening, cause, late=late))
    finally:
        for each in over:
            each.cancel()
