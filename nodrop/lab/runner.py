"""Runs jobs, several labs side by side, the longest first, each as fast as the machine resolves it."""

import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from functools import partial
from math import floor

from nodrop.lab import machine, sandbox
from nodrop.lab.errors import LabFailedError, LabStalledError, LabUnavailableError
from nodrop.lab.job import Job
from nodrop.lab.pace import LEAST_SPEED_UP, allowance_of, paced
from nodrop.lab.prediction import about_seconds
from nodrop.lab.results import Result, RolloutResult

TRIES = 3
"""How often a job is run whose machine stalled; each time the machine is taken to be twice as late."""
PATIENCE_REAL_SECONDS = 30
"""The longest that a void run waits for a quiet machine before it is repeated. Source: chosen."""


class _Rooms:
    """Room for so many labs at a time; one that is to be alone waits for the others to end, and keeps new ones out."""

    def __init__(self, labs: int) -> None:
        self._labs = labs
        self._free = threading.Semaphore(labs)
        self._turn = threading.Lock()

    @contextlib.contextmanager
    def taken(self, *, alone: bool) -> Generator[None]:
        taken = self._labs if alone else 1
        with self._turn:
            for _ in range(taken):
                self._free.acquire()
        try:
            yield
        finally:
            self._free.release(taken)


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
    rooms = _Rooms(side_by_side)

    def work() -> None:
        with contextlib.suppress(IndexError):  # nothing is left
            while True:
                index, job = waiting.popleft()
                finished.put((index, attempt(job)))

    def attempt(job: Job) -> Result | Exception:
        try:
            return _outcome(job, progress, latency, rooms)
        except Exception as error:  # raised in the caller's thread, which would wait for ever
            return error

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


def _outcome(
    asked: Job, progress: Callable[[Job, str], None], latency: float, rooms: _Rooms
) -> Result | LabFailedError:
    """What came of a job; a run that the machine spoilt is void, and one that is not settled is repeated.

    After a void run no other lab runs beside this one, and it waits for a quiet machine.
    """
    void: list[str] = []
    found: list[Result] = []
    job = asked
    while len(void) < TRIES:
        try:
            with rooms.taken(alone=bool(void)):
                if void:
                    latency = max(latency, machine.quiet_latency_real_seconds(PATIENCE_REAL_SECONDS))
                job = paced(asked, allowance_of(latency) * 2 ** len(void))
                result = sandbox.run(job, partial(progress, job))
        except LabStalledError as error:
            void.append(str(error))
            progress(job, f"again, as the run is void: {error}")
        except LabFailedError as error:
            told = str(error)
            return LabFailedError(f"{job.variant}: {told}{_tried(void)}")
        else:
            found.append(result)
            if not _settled(found):
                progress(job, f"again, as {_unlike_model(result) or 'the run before came out otherwise'}")
                continue
            progress(job, "done")
            if isinstance(result, RolloutResult) and len(found) > 1:
                result = replace(result, outvoted_runs=tuple(_outvoted(found)))
            return replace(result, void_runs=tuple(void)) if void else result
    return LabFailedError(
        f"{job.variant}: undecided, {TRIES} runs were void, the last at {job.settings.speed_up:g}x: {void[-1]}; "
        f"{_cure(job.settings.speed_up)}"
    )


def _settled(found: Sequence[Result]) -> bool:
    """Whether the last run is the result: the first if it is like the model, or else the second of two that are alike.

    A rare fault of the lab must not pass for the rollout's, nor a fault that the model does not know for the lab's.
    """
    sides = [_side(each) for each in found]
    return sides == [0] or sides.count(sides[-1]) == 2


def _outvoted(found: Sequence[Result]) -> Iterator[str]:
    """What the runs before came to that are not like the last one."""
    for each in found:
        if _side(each) != _side(found[-1]):
            yield _unlike_model(each) or "what the timing model expects"


def _side(result: Result) -> int:
    """0: like the model; -1 or 1: far fewer requests failed, or far more."""
    if not isinstance(result, RolloutResult) or not result.unlike_model:
        return 0
    return 1 if result.failed + result.saved > (result.expected_failed or 0) else -1


def _unlike_model(result: Result) -> str:
    return result.unlike_model if isinstance(result, RolloutResult) else ""


def _cure(speed_up: float) -> str:
    """What lets such a run be decided."""
    if speed_up <= LEAST_SPEED_UP:
        return "free the machine, or take one with more cores"
    slower = max(LEAST_SPEED_UP, floor(speed_up / 2))
    return f"free the machine, or give the runs more time: --parallel 1 --speed-up {slower:g}"


def _tried(void: Sequence[str]) -> str:
    before = "a run before was" if len(void) == 1 else f"{len(void)} runs before were"
    return f"; {before} void: {void[-1]}" if void else ""
