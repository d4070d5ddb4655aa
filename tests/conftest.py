"""Shared by all tests: those of the lab and of the engine run where they can, and say why where they cannot."""

import functools
import gc
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from harness import tools
from nodrop.lab.data_plane import ipvs_packages
from nodrop.lab.kubernetes import programs

pytest_plugins = ["nodrop.testing", "pytester"]

settings.register_profile("without deadline", deadline=None)  # a busy machine is no failure
settings.register_profile("quick", deadline=None, max_examples=20)  # of `make quick`
settings.load_profile("without deadline")

BUILD_A_NETWORK = """
import os
from nodrop.lab import experiments
from nodrop.lab.data_plane import namespaces, netfilter, topology
uid, gid = os.geteuid(), os.getegid()
new = namespaces.CLONE_NEWUSER | namespaces.CLONE_NEWNS | namespaces.CLONE_NEWNET | namespaces.CLONE_NEWPID
namespaces.unshare(new)
namespaces.map_to_root(uid, gid)
namespaces.mount_tmpfs("/run")
for node in topology.build(proxies=1).nodes:
    netfilter.prepare(node.namespace)
"""


@functools.cache
def why_no_lab() -> str:
    """Why this machine cannot run the lab; empty if it can."""
    attempt = subprocess.run([sys.executable, "-c", BUILD_A_NETWORK], capture_output=True, text=True, timeout=60)
    return attempt.stderr.strip().splitlines()[-1] if attempt.returncode else ""


@functools.cache
def why_no_engine() -> str:
    """Which of the engine suite's programs are missing, and how to get them; empty if none is."""
    return tools.missing()


@functools.cache
def why_no_kubernetes() -> str:
    """What `nodrop rehearse --control-plane kubernetes` is missing; empty if nothing."""
    return programs.missing()


@functools.cache
def why_no_vegeta() -> str:
    """That there is no vegeta, and how to get one; empty if there is one."""
    return "" if programs.vegeta() else "vegeta not found: `make vegeta` builds it"


def why_no_ipvs() -> str:
    """What of the kernel for `nodrop rehearse --proxy ipvs` is missing; empty if nothing."""
    lacking = ipvs_packages.missing(folder := ipvs_packages.default_folder())
    return f"{folder} lacks {', '.join(lacking)}: `make ipvs` brings it" if lacking else ""


WHY_NOT = {
    "lab": why_no_lab,
    "engine": why_no_engine,
    "kubernetes": why_no_kubernetes,
    "vegeta": why_no_vegeta,
    "ipvs": why_no_ipvs,
}


def pytest_configure(config: pytest.Config) -> None:
    """No full garbage collection in `make quick`: it ends before what evaluations leave behind fills a gigabyte."""
    if config.getoption("--hypothesis-profile") == "quick":
        young, middle, _ = gc.get_threshold()
        gc.set_threshold(young, middle, 1_000_000)


LAB_TIMEOUT_SECONDS = 900
"""Of a test that runs the lab: on a busy machine its runs are repeated, more slowly, after waiting for a quiet one."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("lab") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(LAB_TIMEOUT_SECONDS))


def pytest_collection_finish() -> None:
    """From here on no bytecode is written: within a second, that of a program passes for that of the next one of its
    size and place, and tests write such programs."""
    sys.dont_write_bytecode = True


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, why_not in WHY_NOT.items():
        if item.get_closest_marker(marker) and (reason := why_not()):
            if os.environ.get(f"NODROP_REQUIRE_{marker.upper()}"):
                pytest.fail(f"the {marker} must run here, but cannot: {reason}")
            pytest.skip(f"the {marker} cannot run here: {reason}")


class Marked:
    """Processes started with `environment`, and all that descend from them, whatever namespace they are in."""

    def __init__(self) -> None:
        self._mark = f"NODROP_TEST_MARK={uuid.uuid4().hex}"
        self._seen: set[tuple[int, str]] = set()
        """Process id and start time of those found so far: a container lacks the mark, and its parent may end first."""

    @property
    def environment(self) -> dict[str, str]:
        name, _, value = self._mark.partition("=")
        return {**os.environ, name: value}

    def processes(self) -> list[int]:
        running: dict[int, tuple[int, str]] = {}
        marked: set[int] = set()
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    fields = (entry / "stat").read_text().rpartition(")")[2].split()
                    if fields[0] == "Z":
                        continue  # ended, and nobody has asked for its exit code yet
                    running[int(entry.name)] = int(fields[1]), fields[19]
                    if self._mark.encode() in (entry / "environ").read_bytes():
                        marked.add(int(entry.name))
                except OSError:
                    continue  # gone meanwhile, or not ours
        marked |= {process for process, (_, start) in running.items() if (process, start) in self._seen}
        while more := {process for process, (parent, _) in running.items() if parent in marked} - marked:
            marked |= more
        alive = {process for process in marked if process in running}
        self._seen |= {(process, running[process][1]) for process in alive}
        return sorted(alive)

    def gone_within(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not self.processes():
                return True
            time.sleep(0.05)
        return False


def pytest_sessionfinish() -> None:
    """No garbage collection at the end: pytest and Python run seven, which takes seconds with the SDKs loaded."""
    gc.freeze()


@pytest.fixture
def marked() -> Marked:
    return Marked()


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Says a line at the end of the run, of a test that passed; also from another process."""
    return lambda line: record_property("told", line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.getreports("passed"):
        for name, line in report.user_properties:
            if name == "told":
                terminalreporter.write_line(str(line))
