"""A part of the lab that stands still makes the run void; it is not told as requests that were dropped."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodrop.lab import sandbox
from nodrop.lab.containers import Application
from nodrop.lab.errors import LabFailedError, LabStalledError
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


def started(part: str) -> list[int]:
    """What this process has started of that part."""
    found = [
        each for each in descendants(os.getpid()) if part in Path(f"/proc/{each}/cmdline").read_text(errors="replace")
    ]
    assert found, part
    return found


def stand_still(part: str) -> None:
    """Stops all of that part, and lets it go on."""
    found = started(part)
    for each in found:
        os.kill(each, signal.SIGSTOP)
    time.sleep(STILL_SECONDS)
    for each in found:
        os.kill(each, signal.SIGCONT)


def rolling_out(variant, path):
    return Job(
        experiment=Experiment.ROLLOUT,
        variant=variant,
        path=path,
        application=Application(SHORT, None),
        settings=Settings(speed_up=30, allowance_real_seconds=ALLOWANCE_REAL_SECONDS),
        steady_first=False,
    )


def test_where_the_proxies_end_there_is_no_result_and_nothing_is_told_as_dropped(neg_path):
    def progress(phase: str) -> None:
        if phase == "rolling out":
            for each in started("bootstrap.json"):
                os.kill(each, signal.SIGKILL)

    began = time.monotonic()
    with pytest.raises(LabFailedError, match=r"the proxies \(Envoy\) ended with -9.*ulimit -Hn"):
        sandbox.run(rolling_out("proxies", neg_path), progress)
    assert time.monotonic() - began < 30


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
    stopped = []

    def progress(phase: str) -> None:
        if phase == "rolling out":
            stand_still(program)
            stopped.append(program)

    with pytest.raises(LabStalledError, match=r"machine too busy: latency of the|could not keep up"):
        sandbox.run(rolling_out(part, neg_path), progress)
    assert stopped == [program]
