"""A container's process: the stand-in with the behaviour that was stated, or a command that the user gives."""

import asyncio
import os
import secrets
import shlex
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from importlib import resources

from nodrop.lab.clock import Clock
from nodrop.lab.data_plane.namespaces import NetNamespace
from nodrop.lab.errors import LabFailedError
from nodrop.paths import Behaviour

STAND_IN = "ready-test"


@dataclass(frozen=True)
class Application:
    """How to start the application, and how to make one of its processes unready."""

    behaviour: Behaviour
    command: str | None
    """The user's, in which {port} stands for the port to listen on and {speed_up} for the time compression; None: the
    stand-in runs."""
    unready_path: str | None = "/unready/"
    """A GET of this path makes a process unready; None: it cannot be made so."""
    token: str = field(default_factory=lambda: secrets.token_hex(8), repr=False)
    """Bearer token for the unready path."""

    @property
    def name(self) -> str:
        """What runs, for the facts of a run."""
        return self.command or STAND_IN

    def arguments(self, port: int, ready_path: str, clock: Clock) -> list[str]:
        """The command line of one process that listens on `port` and answers its readiness probe at `ready_path`."""
        if self.command:
            return shlex.split(self.command.replace("{port}", str(port)).replace("{speed_up}", f"{clock.speed_up:g}"))
        stated = self.behaviour
        options = {
            "port": port,
            "ready-path": ready_path,
            "keep-alive-timeout-seconds": clock.real(stated.keep_alive_timeout_seconds),
            "longest-request-seconds": clock.real(stated.longest_request_seconds),
            "startup-seconds": clock.real(stated.startup_seconds),
            "on-term": stated.on_term.value,
        }
        script = str(resources.files("nodrop.lab") / "ready_test.py")
        return [sys.executable, "-I", "-S", script, *(f"--{name}={value}" for name, value in options.items())]


class Process:
    """One running process in a pod's network namespace."""

    def __init__(self, arguments: list[str], namespace: NetNamespace, environment: dict[str, str]) -> None:
        """Starts it; raises LabFailedError where the command cannot be run."""
        everything = {**os.environ, **environment}
        try:
            with namespace.entered():
                self._process = subprocess.Popen(
                    arguments, env=everything, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
                )
        except OSError as error:
            raise LabFailedError(f"the command {arguments[0]!r} cannot be run: {error.strerror}") from None
        self._exited = asyncio.get_running_loop().create_future()
        self._pidfd = os.pidfd_open(self._process.pid)
        asyncio.get_running_loop().add_reader(self._pidfd, self._reap)

    def _reap(self) -> None:
        asyncio.get_running_loop().remove_reader(self._pidfd)
        os.close(self._pidfd)
        self._exited.set_result(self._process.wait())

    @property
    def running(self) -> bool:
        """Whether it has not exited yet."""
        return not self._exited.done()

    def terminate(self) -> None:
        """Sends SIGTERM."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Sends SIGKILL."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self.running:
            self._process.send_signal(number)

    async def exited(self, within_real_seconds: float | None) -> bool:
        """Waits for the process's end, at most so long; returns whether it has ended."""
        await asyncio.wait([self._exited], timeout=within_real_seconds)
        return self._exited.done()
