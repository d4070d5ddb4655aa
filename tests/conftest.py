"""What all rooms' tests share: the lab's tests run where a lab can run, and say why where it cannot."""

import functools
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("without deadline", deadline=None)  # a busy machine is no failure
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


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("lab") and (reason := why_no_lab()):
        if os.environ.get("NODROP_REQUIRE_LAB"):
            pytest.fail(f"the lab must run here, but cannot: {reason}")
        pytest.skip(f"the lab cannot run here: {reason}")


class Marked:
    """Processes started with `environment`, and all that descend from them, whatever namespace they are in."""

    def __init__(self) -> None:
        self._mark = f"NODROP_TEST_MARK={uuid.uuid4().hex}"

    @property
    def environment(self) -> dict[str, str]:
        name, _, value = self._mark.partition("=")
        return {**os.environ, name: value}

    def processes(self) -> list[int]:
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if self._mark.encode() in (entry / "environ").read_bytes():
                        found.append(int(entry.name))
                except OSError:
                    continue  # gone meanwhile, or not ours
        return sorted(found)

    def gone_within(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not self.processes():
                return True
            time.sleep(0.05)
        return False


@pytest.fixture
def marked() -> Marked:
    return Marked()
