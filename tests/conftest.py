"""What all rooms' tests share: the lab's tests run where a lab can run, and say why where it cannot."""

import functools
import os
import subprocess
import sys

import pytest
from hypothesis import settings

settings.register_profile("without deadline", deadline=None)  # a busy machine is no failure
settings.load_profile("without deadline")

BUILD_A_NETWORK = """
import os
from nodrop.lab import experiments, namespaces, netfilter, topology
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
