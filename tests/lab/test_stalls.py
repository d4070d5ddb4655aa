"""A part of the lab that stands still makes the run void; it is not told as requests that were dropped."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodrop.lab import sandbox
from nodrop.lab.containers import Application
from nodrop.lab.errors import LabStalledError
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.paths import Behaviour
from nodrop.rollout import OnTerm

pytestmark = pytest.mark.lab

STILL_SECONDS = 1.5
ALLOWANCE_REAL_SECONDS = 3.0
"""So much that only what is stopped here is late, and no machine that is merely busy; a third of it is the bound."""
SHORT = Behaviour(longest_request_seconds=0, startup_seconds=0, keep_alive_timeout_seconds=620, on_term=OnTerm.DRAIN)


def descendants(process: int) -> Iterator[int]:
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            yield child
            yield from descendants(child)


def stand_still(part: str) -> None:
    """Stops what this process has started of that part, and lets it go on."""
    found = [
        each for each in descendants(os.getpid()) if part in Path(f"/proc/{each}/cmdline").read_text(errors="replace")
    ]
    assert found, part
    for each in found:
        os.kill(each, signal.SIGSTOP)
    time.sleep(STILL_SECONDS)
    for each in found:
        os.kill(each, signal.SIGCONT)


@pytest.mark.parametrize(
    ("part", "program"),
    [
        ("controllers", "nodrop.lab.inside"),
        ("proxies", "bootstrap.json"),
        ("load generator", "nodrop.lab.traffic"),
        ("pods", "ready_test.py"),
    ],
)
def test_a_run_in_which_a_part_stands_still_is_void(part, program, neg_path):
    job = Job(
        experiment=Experiment.ROLLOUT,
        variant=part,
        path=neg_path,
        application=Application(SHORT, None),
        settings=Settings(speed_up=30, allowance_real_seconds=ALLOWANCE_REAL_SECONDS),
        steady_first=False,
    )
    stopped = []

    def progress(phase: str) -> None:
        if phase == "rolling out":
            stand_still(program)
            stopped.append(program)

    with pytest.raises(LabStalledError, match=r"machine too busy: latency of the|could not keep up"):
        sandbox.run(job, progress)
    assert stopped == [program]
