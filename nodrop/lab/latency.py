"""How late this machine lets the lab's parts be, as they run."""

import asyncio
import contextlib
import time
from collections.abc import Generator, Mapping

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
        self.at_begin_real_seconds: dict[str, float] = {}
        """What was noted while load last began."""
        self.measuring = False
        self._load_begins = False

    def begin_measuring(self) -> None:
        """From now on a latency that spoils the result ends the run."""
        self.worst_real_seconds = dict.fromkeys(self.worst_real_seconds, 0.0)
        self.measuring = True

    @contextlib.contextmanager
    def load_begins(self) -> Generator[None]:
        """While the body runs, latencies are noted apart: thousands of connections are opened in its first second.

        What they spoil are requests of that time, and no rollout, which is still to come.
        """
        self.at_begin_real_seconds, self._load_begins = {}, True
        try:
            yield
        finally:
            self._load_begins = False

    def with_begin(self) -> dict[str, float]:
        """The worst of each part, that of the time in which load last began among it."""
        return _worse(self.worst_real_seconds, self.at_begin_real_seconds)

    def doubts(self) -> list[str]:
        """Parts that were later than a result bears."""
        return latency_doubts(self.worst_real_seconds, self.bound_real_seconds)

    async def watch_controllers(self) -> None:
        """Notes how much later than asked this process, in which the controllers run, wakes up."""
        while True:
            asleep = time.monotonic()
            await asyncio.sleep(_PAUSE_REAL_SECONDS)
            self.note_now("controllers", time.monotonic() - asleep - _PAUSE_REAL_SECONDS)

    async def watch_proxies(self) -> None:
        """Notes how late the proxies answer what takes them no time."""
        url = f"http://{LOAD_BALANCER_ADDRESS}:{FIRST_PORT}{LATENCY_PATH}"
        async with aiohttp.ClientSession() as session:
            while True:
                asked = time.monotonic()
                with contextlib.suppress(aiohttp.ClientError):  # Envoy is not listening yet
                    async with session.get(url):
                        self.note_now("proxies", time.monotonic() - asked)
                await asyncio.sleep(_PAUSE_REAL_SECONDS)

    def note(self, latencies: Mapping[str, float]) -> None:
        """Keeps what was found later, by part."""
        self.worst_real_seconds = _worse(self.worst_real_seconds, latencies)

    def note_now(self, part: str, real_seconds: float) -> None:
        """Keeps what has just been found. Raises LabStalledError where it spoils what is being measured."""
        if self._load_begins:
            self.at_begin_real_seconds = _worse(self.at_begin_real_seconds, {part: real_seconds})
            return
        self.note({part: real_seconds})
        if self.measuring:
            believe(*self.doubts())


def _worse(kept: Mapping[str, float], found: Mapping[str, float]) -> dict[str, float]:
    """The larger value of each part that either has."""
    return {part: max(kept.get(part, 0.0), found.get(part, 0.0)) for part in {**kept, **found}}
