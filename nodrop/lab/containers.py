"""A container's process: the stand-in with the behaviour that was stated, or a command that the user gives."""

import asyncio
import os
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Self

from nodrop.lab import contained
from nodrop.lab.clock import Clock
from nodrop.lab.controllers.kubelet import CANNOT_BE_RUN
from nodrop.lab.data_plane import namespaces
from nodrop.lab.data_plane.namespaces import NetNamespace
from nodrop.lab.errors import LabFailedError
from nodrop.lab.protocols import Requests
from nodrop.lab.results import STAND_IN
from nodrop.paths import Behaviour, Manifest
from nodrop.paths.fields import SECRET, UNKNOWN


@dataclass(frozen=True)
class Application:
    """How to start the application, and how to make one of its processes unready."""

    behaviour: Behaviour
    command: str | None
    """The user's, in which {port} stands for the port to listen on and {speed_up} for the time compression; None: the
    stand-in runs."""
    unready_path: str | None = "/unready/"
    """A GET of this path makes a process unready; None: it cannot be made so."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Variables that its processes get beside those that the pod declares."""
    read: tuple[str, ...] = ()
    """Absolute paths of further files and folders that its processes see."""
    requests: Requests = Requests.HTTP
    """What clients send it."""
    token: str = field(default_factory=lambda: secrets.token_hex(8), repr=False)
    """Bearer token for the unready path."""

    @property
    def name(self) -> str:
        """What runs, for the facts of a run."""
        return self.command or STAND_IN

    def arguments(
        self,
        ports: Sequence[int],
        ready_path: str,
        clock: Clock,
        *,
        needs: Mapping[str, int] | None = None,
        tls_ports: Collection[int] = (),
        http2: bool = False,
    ) -> list[str]:
        """The command line of one process that listens on `ports` and answers its readiness probe at `ready_path`.

        A command is told the first port. The stand-in answers requests only while the containers that it `needs`
        listen, each with a port by its name. It speaks TLS on those of `ports` that are `tls_ports`, and
        with `http2` also HTTP/2 on all.
        """
        if self.command:
            port = str(ports[0])
            return shlex.split(self.command.replace("{port}", port).replace("{speed_up}", f"{clock.speed_up:g}"))
        stated, requests = self.behaviour, self.requests
        imports = http2 or requests.kept_open  # what Python finds without -S only, which takes longer to start
        options = {
            "ready-path": ready_path,
            "keep-alive-timeout-seconds": clock.real(stated.keep_alive_timeout_seconds),
            "longest-request-seconds": clock.real(stated.longest_request_seconds),
            "startup-seconds": clock.real(stated.startup_seconds),
            "on-term": stated.on_term.value,
        }
        script = str(resources.files("nodrop.lab") / "ready_test.py")
        listening = [f"--port={port}" for port in ports]
        needed = [f"--needs={name}={port}" for name, port in (needs or {}).items()]
        return [
            sys.executable,
            "-I",
            *([] if imports else ["-S"]),
            script,
            *(["--http2"] if http2 else []),
            *(["--websocket"] if requests is Requests.WEBSOCKET else []),
            *(["--streams"] if requests is Requests.STREAM else []),
            *listening,
            *(f"--tls-port={port}" for port in ports if port in tls_ports),
            *needed,
            *(f"--{name}={value}" for name, value in options.items()),
        ]


_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/nix", "/gnu")
"""Folders of programs and their settings, on any distribution."""
_NEVER_SHOWN = ("/dev", "/proc", "/sys", "/run", "/tmp", "/var/tmp")  # noqa: S108
"""A container has its own of these, or none."""


def shown(application: Application) -> tuple[str, ...]:
    """What a container of the application sees of the machine's files, as absolute paths; it may change none of them.

    Programs and their settings, this Python, the current folder, what the command names, and what was asked for. A
    folder that holds the home folder or a temporary one is left out unless it was asked for.
    """
    python = (sys.prefix, sys.base_prefix, sys.executable, str(resources.files("nodrop")))
    words = shlex.split(application.command or "")
    program = shutil.which(words[0]) if words else None
    named = (os.getcwd(), *([program] if program else []), *words[1:]) if application.command else ()
    hidden = [Path(path) for path in (*_NEVER_SHOWN, tempfile.gettempdir(), Path.home())]
    found = [Path(os.path.abspath(path)) for path in named if os.path.exists(path)]
    kept = [str(path) for path in found if not any(private.is_relative_to(path) for private in hidden)]
    return tuple(dict.fromkeys((*_SYSTEM, *python, *kept, *application.read)))


def environment(container: Manifest, application: Application, pod: str, certificate: str) -> dict[str, str]:
    """The environment of a container of `pod`: what its manifest and the caller state, and nothing of the machine's.

    A stand-in also gets the run's private key and certificate, in PEM.
    """
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "HOME": contained.TEMPORARY_FOLDER,
        **{entry["name"]: entry["value"] for entry in container.get("env") or () if _is_plain(entry)},
        **application.environment,
        "POD_NAME": pod,
        "READY_TEST_TOKEN": application.token,
        **({} if application.command else {"READY_TEST_CERTIFICATE": certificate}),
    }


def _is_plain(entry: Manifest) -> bool:
    """Whether the entry of `env` says its value itself, and the value is known."""
    return isinstance(entry.get("value"), str) and entry["value"] not in (UNKNOWN, SECRET)


class Process:
    """One running process, the first of a container in a pod's network namespace."""

    @classmethod
    async def start(
        cls, arguments: list[str], namespace: NetNamespace, environment: dict[str, str], shown: tuple[str, ...]
    ) -> Self:
        """Returns when the command has begun; raises LabFailedError where it cannot be run.

        Args:
            arguments: the command line.
            namespace: the pod's.
            environment: the whole of it.
            shown: what the container sees of the machine's files.
        """
        report, theirs = os.pipe()
        contained_arguments = contained.arguments(arguments, shown=shown, report=theirs)
        try:
            process = _spawned(contained_arguments, namespace, environment, theirs)
        finally:
            os.close(theirs)
        started = cls(process, environment)
        said = await _read_to_end(report)
        if said:
            raise LabFailedError(f"the command {arguments[0]!r} cannot be run: {said}")
        return started

    def __init__(self, process: subprocess.Popen[bytes], environment: Mapping[str, str]) -> None:
        """Takes care of a process just started in that environment."""
        self._process = process
        self._environment = environment
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

    async def execute(self, command: Sequence[str], timeout_real_seconds: float) -> str | None:
        """Runs a further command in the container; why it failed, or None where it ended with 0 in time."""
        entering = contained.arguments_to_enter([*command], process=self._process.pid)
        nothing = subprocess.DEVNULL
        further = await asyncio.create_subprocess_exec(
            *entering, env=self._environment, stdin=nothing, stdout=nothing, stderr=nothing
        )
        try:
            async with asyncio.timeout(timeout_real_seconds):  # wait_for of Python 3.11 may swallow a cancellation
                code = await further.wait()
        except TimeoutError:
            return "did not end in time"
        finally:
            if further.returncode is None:
                further.kill()
                await further.wait()
        if code == contained.CANNOT_RUN:
            return CANNOT_BE_RUN
        return f"ended with {code}" if code else None

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


def _spawned(
    arguments: list[str], namespace: NetNamespace, environment: dict[str, str], kept: int
) -> subprocess.Popen[bytes]:
    nothing = subprocess.DEVNULL
    with namespace.entered(), namespaces.new_process_ids():
        return subprocess.Popen(
            arguments, env=environment, pass_fds=[kept], stdin=nothing, stdout=nothing, stderr=nothing
        )


async def _read_to_end(descriptor: int) -> str:
    """What is written to the pipe until its other end is closed."""
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb")
    )
    try:
        return (await reader.read()).decode(errors="replace")
    finally:
        transport.close()
