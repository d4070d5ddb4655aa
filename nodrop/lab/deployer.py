"""Somebody else's hand: a command that makes the objects and later changes them, as `pulumi up` or kubectl does.

It runs beside the lab in the sandbox, with the rights of the lab, and finds the API server by $KUBECONFIG. It says by
one line on its standard output that everything is deployed, is asked by one line on its standard input for the update,
and ends with 0 when that is done.
"""

import asyncio
import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, Self

from nodrop.lab.errors import LabFailedError

LIMIT_REAL_SECONDS = 300
"""Of wall clock, which its work does not share with the lab: for everything that it is waited for. Source: chosen."""
_PERIOD_REAL_SECONDS = 0.02
_SAID_BYTES = 4000
"""Of its standard error, the last that are shown."""


class Deployer:
    """One running command; it ends with the sandbox."""

    @classmethod
    async def start(cls, command: Sequence[str], kubeconfig: Path, errors: Path) -> Self:
        """Starts the command; what it writes to its standard error goes to the file `errors`."""
        with errors.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                env={**os.environ, "KUBECONFIG": str(kubeconfig)},
            )
        return cls(process, errors)

    def __init__(self, process: asyncio.subprocess.Process, errors: Path) -> None:
        """Of a process just started."""
        if process.stdin is None or process.stdout is None:
            raise LabFailedError("the deployer has no pipes")
        self._process, self._stdin, self._errors = process, process.stdin, errors
        self._line = asyncio.ensure_future(process.stdout.readline())

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
            self._process.kill()
        self._stdin.close()
        await asyncio.gather(self._process.wait(), self._line)
        said = self._errors.read_bytes()[-_SAID_BYTES:].decode(errors="replace").strip()
        raise LabFailedError(f"the deployer {why}:\n{said}")

    async def deployed(self) -> None:
        """Returns when it has said that everything is deployed; raises as `until` does."""
        await self.until(lambda: self._line.done() and bool(self._line.result()), "everything was deployed")

    def update(self) -> None:
        """Asks for the update."""
        self._stdin.write(b"update\n")

    async def ended(self) -> None:
        """Returns when it has ended well; raises LabFailedError where it ends with another code than 0, or is late."""
        await self.until(lambda: self._process.returncode == 0, "the update was done")
