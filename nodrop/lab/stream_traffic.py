"""Responses of many events, such as server-sent events, that clients keep open."""

import asyncio
import time

import aiohttp

from nodrop.lab.causes import CLOSED_WITHIN, cause_of_answer, not_as_asked, number_in, own_error
from nodrop.lab.data_plane.envoy_configuration import ATTEMPTS_HEADER, UPSTREAM_HEADER
from nodrop.lab.kept_open import ended
from nodrop.lab.ready_test import SECONDS_HEADER
from nodrop.lab.ready_test_stream import EVENT_STREAM
from nodrop.lab.traffic import OPEN, Record, TrafficPlan

WATCH_SECONDS = 0.5
"""Wall-clock seconds between two looks at how late the client wakes up. Source: chosen."""


async def stream(plan: TrafficPlan, base: str, stop: asyncio.Event, records: list[Record]) -> None:
    """One response (`kept_open.Connect`), which a pod ends properly by its last chunk."""
    begin = time.monotonic()
    timeout = aiohttp.ClientTimeout(total=None)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(base, headers={"Accept": EVENT_STREAM, SECONDS_HEADER: "0"}) as response,
        ):
            pod, upstream = response.headers.get("X-Pod", ""), response.headers.get(UPSTREAM_HEADER, "")
            stalled = number_in(response.headers.get("X-Stall", ""))
            attempts = round(number_in(response.headers.get(ATTEMPTS_HEADER, "1")))
            opening = Record(begin, time.monotonic(), pod, upstream, "", 0.0, stalled, OPEN, attempts)
            cause = ""
            if response.status != 200:
                cause = cause_of_answer(response.status, await response.text(), response.headers)
            elif response.content_type != EVENT_STREAM:
                cause = not_as_asked(response.status, f"without {EVENT_STREAM}")
            records.append(opening._replace(cause=cause))
            if not cause:
                await _keep(plan, response, opening, stop, records)
    except aiohttp.ClientError as error:
        records.append(Record(begin, time.monotonic(), "", "", own_error(type(error).__name__), method=OPEN))


async def _keep(
    plan: TrafficPlan, response: aiohttp.ClientResponse, opening: Record, stop: asyncio.Event, records: list[Record]
) -> None:
    """Reads until the response has ended, or `stop` is set."""
    reading, stopping = asyncio.create_task(_read(response)), asyncio.create_task(stop.wait())
    late = 0.0
    try:
        while not stop.is_set() and not reading.done():
            asleep = time.monotonic()
            await asyncio.wait([reading, stopping], timeout=WATCH_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            late = max(late, time.monotonic() - asleep - WATCH_SECONDS)
        if reading.done():
            records.append(ended(plan, opening, "" if reading.result() else CLOSED_WITHIN, late=late))
    finally:
        reading.cancel()
        stopping.cancel()


async def _read(response: aiohttp.ClientResponse) -> bool:
    """Returns whether the response came to its proper end."""
    try:
        async for _ in response.content.iter_any():
            pass
    except aiohttp.ClientError:
        return False
    return True
