"""How late this machine lets the lab's parts be, as they run."""

import asyncio
import contextlib
import time

import aiohttp

from nodrop.lab.data_plane.envoy_configuration import FIRST_PORT, LATENCY_PATH
from nodrop.lab.data_plane.topology import LOAD_BALANCER_ADDRESS
from nodrop.lab.doubt import believe, latency_doubts, most_latency

_PAUSE_REAL_SECONDS = 0.02


class Latencies:
    """The worst latency of each part of the lab so far, in wall-clock seconds."""

    def __init__(self, allowance_real_seconds: float) -> None:
        """Of a lab that allows the machine so much."""
        self.bound_real_seconds = most_latency(allowance_real_seconds)
        self.worst_real_seconds = {"controllers": 0.0, "proxies": 0.0}
        self.measuring = False

    def begin_measuring(self) -> None:
        """From now on a latency that spoils the result ends the run."""
        self.worst_real_seconds = dict.fromkeys(self.worst_real_seconds, 0.0)
        self.measuring = True

    def doubts(self) -> list[str]:
        """Parts that were later than a result bears."""
        return latency_doubts(self.worst_real_seconds, self.bound_real_seconds)

    async def watch_controllers(self) -> None:
        """Notes how much later than asked this process, in which the controllers run, wakes up."""
        while True:
            asleep = time.monotonic()
            await asyncio.sleep(_PAUSE_REAL_SECONDS)
            self._note("controllers", time.monotonic() - asleep - _PAUSE_REAL_SECONDS)

    async def watch_proxies(self) -> None:
        """Notes how late the proxies answer what takes them no time."""
        url = f"http://{LOAD_BALANCER_ADDRESS}:{FIRST_PORT}{LATENCY_PATH}"
        async with aiohttp.ClientSession() as session:
            while True:
                asked = time.monotonic()
                with contextlib.suppress(aiohttp.ClientError):  # Envoy is not listening yet
                    async with session.get(url):
                        self._note("proxies", time.monotonic() - asked)
                await asyncio.sleep(_PAUSE_REAL_SECONDS)

    def _note(self, part: str, real_seconds: float) -> None:
        self.worst_real_seconds[part] = max(self.worst_real_seconds[part], real_seconds)
        if self.measuring:
            believe(*self.doubts())
