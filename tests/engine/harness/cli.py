"""The plain CLI, as a person runs it: `pulumi` as a process of its own in a copy of the project.

The language host is a stand-in (languages/language_python.py). The copy holds what Pulumi reads: Pulumi.yaml,
__main__.py and stacks/; the library comes from the tests' interpreter.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.engine import Engine
from harness.waiting import until

PROJECT = "gke-nodrop"
ROOT = Path(__file__).parents[3]
LANGUAGE_HOST = ROOT / "tests" / "engine" / "languages" / "language_python.py"
IN_THE_PROJECT = ("Pulumi.yaml", "__main__.py", "stacks")


@dataclass(frozen=True)
class Done:
    """An ended run."""

    exit_code: int
    """Negative: the signal that killed it."""
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        return self.stdout + self.stderr


class Running:
    """A run that goes on."""

    def __init__(self, process: subprocess.Popen[bytes], stdout: Path, stderr: Path) -> None:
        self._process, self._stdout, self._stderr = process, stdout, stderr

    def send(self, number: signal.Signals) -> None:
        """To the CLI alone, not to what it has started."""
        self._process.send_signal(number)

    def output(self) -> str:
        """So far."""
        return self._stdout.read_text() + self._stderr.read_text()

    def says(self, text: str, *, seconds: float = 60.0) -> None:
        """Waits until the CLI has printed this.

        Raises:
            AssertionError: it ended without.
        """

        def said_or_ended() -> bool:
            return text in self.output() or self._process.poll() is not None

        until(said_or_ended, seconds=seconds)
        assert text in self.output(), self.output()

    def end(self, *, seconds: float = 240.0) -> Done:
        """Waits for its end; kills it when that does not come in time."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        return Done(self._process.returncode, self._stdout.read_text(), self._stderr.read_text())


def copy_project(source: Path, folder: Path) -> None:
    """Copies what Pulumi reads of the project into an empty folder that is made."""
    folder.mkdir()
    for name in IN_THE_PROJECT:
        if (source / name).is_dir():
            shutil.copytree(source / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source / name, folder)


class Checkout:
    """A copy of the project, with a stack of the name of one of its files, and config, in clear.

    `source` is the project where it is not this one.
    """

    def __init__(self, engine: Engine, stack: str, source: Path = ROOT, /, **config: str) -> None:
        self.folder = engine.folder / "checkout"
        self.state_file = engine.folder / "backend" / ".pulumi" / "stacks" / PROJECT / f"{stack}.json"
        copy_project(source, self.folder)
        host = engine.programs / "pulumi-language-python"
        host.write_text(f'#!/bin/sh\nexec {sys.executable} {LANGUAGE_HOST} "$@"\n')
        host.chmod(0o755)
        self._home = f"PULUMI_HOME={engine.home}\0".encode()
        self.environment = {**os.environ, **engine.environment()}
        self._pulumi = engine.programs / "pulumi"
        self._runs = 0
        made = self.run("stack", "init", stack)
        assert made.exit_code == 0, made.output
        given = [part for key, value in config.items() for part in ("--plaintext", f"{key}={value}")]
        configured = self.run("config", "set-all", *given)
        assert configured.exit_code == 0, configured.output

    def run(self, *argv: str) -> Done:
        """`pulumi ARGV`."""
        return self.start(*argv).end()

    def start(self, *argv: str) -> Running:
        """`pulumi ARGV`, not awaited."""
        self._runs += 1
        stdout, stderr = (self.folder.parent / f"{self._runs}.{name}" for name in ("stdout", "stderr"))
        with stdout.open("wb") as out, stderr.open("wb") as err:
            process = subprocess.Popen(
                [self._pulumi, *argv],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        return Running(process, stdout, stderr)

    def processes(self, program: str = "") -> list[int]:
        """What this checkout's runs have started and still runs; of one program only, where it is named."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # gone meanwhile, or not ours
                ours = self._home in (entry / "environ").read_bytes()
                if ours and program.encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
        return found

    def stop(self) -> None:
        """Ends what a killed CLI has left running: provider plugins."""
        for process in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def checkpoint(self) -> dict[str, Any]:
        """The state as it is on the disk now."""
        return json.loads(self.state_file.read_text())["checkpoint"]["latest"] or {}

    def state(self) -> dict[str, Any]:
        """`pulumi stack export`: what it prints under `deployment`."""
        exported = self.run("stack", "export")
        assert exported.exit_code == 0, exported.output
        return json.loads(exported.stdout)["deployment"]
