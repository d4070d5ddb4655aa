"""Runs jobs, several labs side by side, the longest first, each as fast as the machine resolves it."""

import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from math import floor

from nodrop.lab import machine, sandbox
from nodrop.lab.errors import LabFailedError, LabStalledError, LabUnavailableError
from nodrop.lab.job import Job
from nodrop.lab.pace import LEAST_SPEED_UP, allowance_of, paced
from nodrop.lab.prediction import about_seconds
from nodrop.lab.results import Result

TRIES = 3
"""How often a job is run whose machine stalled; each time the machine is taken to be twice as late."""


def run_all(jobs: Sequence[Job], progress: Callable[[Job, str], None], parallel: int | None = None) -> list[Result]:
    """Runs every job in a sandbox of its own; results in the order of the jobs.

    When the calling thread is interrupted, the labs die with this process.

    Args:
        jobs: what to rehearse.
        progress: called with the phase that a job begins, "done" at its end; called from several threads.
        parallel: labs at a time; None: as many as the machine's latency bears.

    Raises:
        LabUnavailableError: this machine cannot run the lab.
        LabFailedError: a lab could not measure; the first failure, with the variant's name.
    """
    return [_raised(each) for each in _run(jobs, progress, parallel, stops=Exception)]


def run_each(
    jobs: Sequence[Job], progress: Callable[[Job, str], None], parallel: int | None = None
) -> list[Result | LabFailedError]:
    """Runs every job as `run_all` does; a job that could not be measured costs no other one its result.

    Raises:
        LabUnavailableError: this machine cannot run the lab.
    """
    outcomes = _run(jobs, progress, parallel, stops=LabUnavailableError)
    return [each if isinstance(each, LabFailedError) else _raised(each) for each in outcomes]


def _raised(outcome: Result | Exception) -> Result:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _run(
    jobs: Sequence[Job], progress: Callable[[Job, str], None], parallel: int | None, stops: type[Exception]
) -> list[Result | Exception]:
    """The outcomes in the order of the jobs; the first exception that `stops` all others is raised."""
    measured = parallel is None or not all(job.settings.speed_up_is_forced for job in jobs)
    latency = machine.latency_real_seconds() if measured else 0.0
    heavy = any(job.ipvs or job.settings.control_plane == "kubernetes" for job in jobs)
    side_by_side = machine.labs_side_by_side(latency, heavy=heavy) if parallel is None else parallel
    waiting = deque(sorted(enumerate(jobs), key=lambda numbered: -about_seconds(numbered[1])))
    finished: queue.SimpleQueue[tuple[int, Result | Exception]] = queue.SimpleQueue()

    def work() -> None:
        with contextlib.suppress(IndexError):  # nothing is left
            while True:
                index, job = waiting.popleft()
                finished.put((index, _outcome(job, progress, latency)))

    for _ in range(min(side_by_side, len(jobs))):
        threading.Thread(target=work, daemon=True).start()
    outcomes: dict[int, Result | Exception] = {}
    while len(outcomes) < len(jobs):
        index, outcome = finished.get()
        if isinstance(outcome, stops):
            waiting.clear()
            raise outcome
        outcomes[index] = outcome
    return [outcomes[index] for index in range(len(jobs))]


def _outcome(asked: Job, progress: Callable[[Job, str], None], latency: float) -> Result | Exception:
    void: list[str] = []
    job = asked
    for number in range(TRIES):
        try:
            job = paced(asked, allowance_of(latency) * 2**number)
            result = sandbox.run(job, partial(progress, job))
        except LabStalledError as error:
            void.append(str(error))
            progress(job, f"again, as the run is void: {error}")
        except LabFailedError as error:
            told = str(error)
            return LabFailedError(f"{job.variant}: {told}{_tried(void)}")
        except Exception as error:  # raised in the caller's thread
            return error
        else:
            progress(job, "done")
            return replace(result, void_runs=tuple(void)) if void else result
    return LabFailedError(
        f"{job.variant}: undecided, {TRIES} runs were void, the last at {job.settings.speed_up:g}x: {void[-1]}; "
        f"{_cure(job.settings.speed_up)}"
    )


def _cure(speed_up: float) -> str:
    """What lets such a run be decided."""
    if speed_up <= LEAST_SPEED_UP:
        return "free the machine, or take one with more cores"
    slower = max(LEAST_SPEED_UP, floor(speed_up / 2))
    return f"free the machine, or give the runs more time: --parallel 1 --speed-up {slower:g}"


def _tried(void: Sequence[str]) -> str:
    return f"; {len(void)} runs before were void: {void[-1]}" if void else ""
