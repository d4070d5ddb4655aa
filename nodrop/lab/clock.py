"""The lab's time: seconds of the rehearsed system, which run `speed_up` times as fast as the wall clock.

Every controller takes its time from here, so the same controllers run on packets (`Clock`) and, without any, in
simulated time (`SimulatedClock`).
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

LATENCY_ALLOWANCE_REAL_SECONDS = 0.5
"""What a quiet machine's own latency may add to anything: it is not compressed, so every compressed timeout gets it on
top, and a run in which a part of the lab waited for the machine for more than a third of it is void
(`doubt.most_latency`). A busy machine is given more (`pace`)."""

_POLL_REAL_SECONDS = 0.02


class Time(Protocol):
    """What a controller may ask: the present, in seconds of the rehearsed system."""

    def now(self) -> float:
        """Seconds since the clock's start."""
        ...


@dataclass(frozen=True)
class Clock:
    """Time compressed by a factor: `speed_up` seconds pass in one second of wall-clock time."""

    speed_up: float
    origin: float = field(default_factory=time.monotonic)
    """time.monotonic() at second 0; all processes of one lab share it."""
    allowance_real_seconds: float = LATENCY_ALLOWANCE_REAL_SECONDS
    """What the machine's own latency may add, in wall-clock seconds."""

    def now(self) -> float:
        """Seconds since the clock's start."""
        return self.at(time.monotonic())

    def at(self, monotonic: float) -> float:
        """The time of a reading of time.monotonic(), in seconds."""
        return (monotonic - self.origin) * self.speed_up

    def real(self, seconds: float) -> float:
        """The wall-clock seconds that `seconds` take."""
        return seconds / self.speed_up

    def real_timeout(self, seconds: float) -> float:
        """The wall-clock seconds to allow for what may take `seconds`."""
        return self.real(seconds) + self.allowance_real_seconds

    async def sleep(self, seconds: float) -> None:
        """Waits for `seconds`."""
        await asyncio.sleep(self.real(seconds))

    async def until(self, condition: Callable[[], bool], within_seconds: float) -> bool:
        """Waits for the condition, at most so long; returns whether it holds."""
        end = self.now() + within_seconds
        while not condition() and self.now() < end:
            await asyncio.sleep(_POLL_REAL_SECONDS)
        return condition()


@dataclass
class SimulatedClock:
    """Time that moves only when it is told to."""

    seconds: float = 0.0

    def now(self) -> float:
        """Seconds since the clock's start."""
        return self.seconds
