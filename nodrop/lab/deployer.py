"""A command that makes the objects and later updates them in the lab's place, as `pulumi up` or kubectl does.

It runs beside the lab in the sandbox, with the lab's rights and environment, and finds the API server by $KUBECONFIG.
It says by a first line on its standard output that everything is deployed, is asked by one line on its standard input
for the update, and ends with 0 when that is done.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, Self

from nodrop.lab.errors import LabFailedError

LIMIT_REAL_SECONDS = 300
"""Of wall clock, which its work does not share with the lab: for everything that it is waited for. Source: chosen."""
_PERIOD_REAL_SECONDS = 0.02
_END_REAL_SECONDS = 1
"""How long it is waited for once it is killed. Source: chosen."""
_SAID_BYTES = 4000
"""Of its standard error, the last that are shown."""


class Deployer:
    """One running command; it ends with the sandbox."""

    @classmethod
    async def start(cls, command: Sequence[str], kubeconfig: Path, errors: Path) -> Self:
        """Starts the command; what it writes to its standard error goes to the file `errors`.

        Raises:
            LabFailedError: it cannot be run.
        """
        try:
            with errors.open("wb") as file:
                process = await asyncio.create_subprocess_exec(
                    *command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=file,
                    env={**os.environ, "KUBECONFIG": str(kubeconfig)},
                    start_new_session=True,  # to be ended with all that it has started
                )
        except OSError as error:
            raise LabFailedError(f"the deployer {command[0]} cannot be run: {error.strerror}") from None
        return cls(process, errors)

    def __init__(self, process: asyncio.subprocess.Process, errors: Path) -> None:
        """Of a process just started."""
        if process.stdin is None or process.stdout is None:
            raise LabFailedError("the deployer has no pipes")
        self._process, self._stdin, self._errors = process, process.stdin, errors
        self._is_deployed = False
        self._reading = asyncio.ensure_future(self._read(process.stdout))

    async def _read(self, stdout: asyncio.StreamReader) -> None:
        """Takes all that it says, so that it never waits for a reader."""
        while said := await stdout.read(65_536):
            self._is_deployed = self._is_deployed or b"\n" in said

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Returns when the condition holds; raises LabFailedError where the command ends, or is late, before that."""
        end = time.monotonic() + LIMIT_REAL_SECONDS
        while not condition():
            if self._process.returncode is not None:
                await self._give_up(f"ended with {self._process.returncode} before {what}")
            if time.monotonic() > end:
                await self._give_up(f"was late, {LIMIT_REAL_SECONDS} s have passed before {what}")
            await asyncio.sleep(_PERIOD_REAL_SECONDS)

    async def _give_up(self, why: str) -> NoReturn:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_END_REAL_SECONDS):  # what has left its session may keep its pipes open
                await asyncio.gather(self._process.wait(), self._reading)
        said = self._errors.read_bytes()[-_SAID_BYTES:].decode(errors="replace").strip()
        raise LabFailedError(f"the deployer {why}:\n{said}")

    async def deployed(self) -> None:
        """Returns when it has said that everything is deployed; raises as `until` does."""
        await self.until(lambda: self._is_deployed, "everything was deployed")

    def update(self) -> None:
        """Asks for the update."""
        self._stdin.write(b"update\n")

    async def ended(self) -> None:
        """Returns when it has ended well; raises LabFailedError where it ends with another code than 0, or is late."""
        await self.until(lambda: self._process.returncode == 0, "the update was done")
