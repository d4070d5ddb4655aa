"""Faults and delays that tests put into the fake cloud, and the errors that its clients then see."""

import threading
import time
from dataclasses import dataclass, field


class CloudError(Exception):
    """Google Cloud refused."""


class HalfDoneError(CloudError):
    """It failed after the resource had come into being."""


@dataclass
class Fault:
    """What an operation on a type of resource meets."""

    token: str
    operation: str
    message: str
    times: int
    half_way: bool


@dataclass
class Faults:
    """What is told to go wrong, or slowly. Thread-safe."""

    lock: threading.RLock = field(default_factory=threading.RLock, kw_only=True)
    faults: list[Fault] = field(default_factory=list, kw_only=True)
    delays: dict[tuple[str, str], float] = field(default_factory=dict, kw_only=True)
    """Seconds by type token and operation."""

    def fail(
        self, token: str, operation: str, message: str = "QUOTA_EXCEEDED", *, times: int = 1, half_way: bool = False
    ) -> None:
        """Makes the next operations (create, update, delete, read) on resources of this type fail.

        Half-way: a node pool is left behind in the state ERROR; a cluster is cleaned up, as the real provider does.
        """
        self.faults.append(Fault(token, operation, message, times, half_way))

    def delay(self, token: str, operation: str, seconds: float) -> None:
        """Makes operations on this type of resource take time. A creation once begun goes on without its client."""
        self.delays[token, operation] = seconds

    def met(self, token: str, operation: str) -> Fault | None:
        """The fault that this operation meets, once less often from now on."""
        with self.lock:
            for fault in self.faults:
                if (fault.token, fault.operation) == (token, operation) and fault.times:
                    fault.times -= 1
                    return fault
        return None

    def wait(self, token: str, operation: str) -> None:
        """Takes as long as told."""
        time.sleep(self.delays.get((token, operation), 0))
