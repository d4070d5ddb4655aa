"""The runner on sandboxes that are not there: order, side by side, retries, and whose failure it was."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from nodrop.lab import sandbox
from nodrop.lab.containers import Application
from nodrop.lab.errors import LabFailedError, LabStalledError, LabUnavailableError
from nodrop.lab.job import Experiment, Job
from nodrop.lab.results import RolloutResult
from nodrop.lab.runner import PATIENCE_REAL_SECONDS, TRIES, run_all, run_each
from nodrop.paths import Behaviour
from nodrop.rollout import OnTerm
from tests.report.conftest import rollout

Outcome = Callable[[], Any]


@dataclass
class Sandboxes:
    """Stands for sandbox.run: each run of a variant takes the next of its outcomes, or answers with the variant."""

    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)
    runs: Counter[str] = field(default_factory=Counter)
    running: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, job: Job, progress: Callable[[str], None]) -> Any:
        with self.lock:
            self.runs[job.variant] += 1
            self.running += 1
            self.most_at_once = max(self.most_at_once, self.running)
            outcome = self.outcomes[job.variant].pop(0) if self.outcomes.get(job.variant) else lambda: job.variant
        progress("measuring")
        try:
            return outcome()
        finally:
            with self.lock:
                self.running -= 1


def raising(error: Exception) -> Outcome:
    def outcome() -> None:
        raise error

    return outcome


def stalls() -> Outcome:
    return raising(LabStalledError("the machine stalled for 0.9 s"))


@pytest.fixture
def sandboxes(monkeypatch) -> Sandboxes:
    made = Sandboxes()
    monkeypatch.setattr(sandbox, "run", made.run)
    monkeypatch.setattr("nodrop.lab.machine.latency_real_seconds", lambda: 0.001)  # it would work for a while
    return made


@pytest.fixture
def make_jobs(neg_path) -> Callable[[str], list[Job]]:
    stated = Behaviour(longest_request_seconds=1, startup_seconds=1, keep_alive_timeout_seconds=1, on_term=OnTerm.EXIT)
    application = Application(stated, None)

    def make(names: str) -> list[Job]:
        return [
            Job(experiment=Experiment.ROLLOUT, variant=name, path=neg_path, application=application)
            for name in names.split()
        ]

    return make


def slow(job: Job) -> Job:
    return replace(job, settings=replace(job.settings, attach_lag_seconds=(80, 100)))


def ignore(_job: Job, _phase: str) -> None:
    pass


def test_results_come_in_the_order_of_the_jobs_whichever_ends_first(sandboxes, make_jobs):
    def late() -> str:
        time.sleep(0.2)
        return "late"

    sandboxes.outcomes = {"a": [late]}
    assert run_all(make_jobs("a b c"), ignore, parallel=2) == ["late", "b", "c"]


@pytest.mark.parametrize("parallel", [1, 2, 3])
def test_no_more_labs_run_at_once_than_asked_for(sandboxes, make_jobs, parallel):
    def pause() -> None:
        time.sleep(0.05)

    sandboxes.outcomes = {name: [pause] for name in "abcdef"}
    run_all(make_jobs("a b c d e f"), ignore, parallel)
    assert sandboxes.most_at_once == parallel
    assert sandboxes.runs == Counter("abcdef")


def test_nothing_to_run_is_no_result(sandboxes):
    assert run_all([], ignore) == []


def test_every_phase_is_told_with_its_job_and_done_at_the_end(sandboxes, make_jobs):
    told: list[tuple[str, str]] = []
    run_all(make_jobs("a b"), lambda job, phase: told.append((job.variant, phase)), parallel=1)
    assert told == [("a", "measuring"), ("a", "done"), ("b", "measuring"), ("b", "done")]


def test_a_run_that_is_void_because_the_machine_stalled_is_run_again(sandboxes, make_jobs):
    sandboxes.outcomes = {"a": [stalls()] * (TRIES - 1)}
    told: list[str] = []
    sandboxes.outcomes["a"].append(rollout)
    (result,) = run_all(make_jobs("a"), lambda _job, phase: told.append(phase))
    assert TRIES == 3
    again = "again, as the run is void: the machine stalled for 0.9 s"
    assert told == ["measuring", again] * 2 + ["measuring", "done"]
    assert result.void_runs == ("the machine stalled for 0.9 s",) * 2


def test_a_void_run_is_repeated_with_no_other_lab_beside_it(sandboxes, make_jobs):
    beside: list[int] = []

    def pause() -> None:
        time.sleep(0.05)

    def alone() -> RolloutResult:
        for _ in range(20):
            beside.append(sandboxes.running)
            time.sleep(0.01)
        return rollout()

    sandboxes.outcomes = {"a": [stalls(), alone]} | {name: [pause] for name in "bcdef"}
    run_all(make_jobs("a b c d e f"), ignore, parallel=3)
    assert set(beside) == {1}
    assert sandboxes.most_at_once == 3
    assert sandboxes.runs == Counter("aabcdef")


def test_two_void_runs_are_repeated_one_after_the_other(sandboxes, make_jobs):
    def pause() -> None:
        time.sleep(0.05)

    again: list[int] = []

    def alone() -> RolloutResult:
        again.append(sandboxes.running)
        pause()
        return rollout()

    sandboxes.outcomes = {name: [stalls(), alone] for name in "ab"}
    run_all(make_jobs("a b"), ignore, parallel=2)
    assert again == [1, 1]


def test_before_a_void_run_is_repeated_the_machine_is_measured_again(sandboxes, make_jobs, monkeypatch):
    patience: list[float] = []

    def measured(seconds: float) -> float:
        patience.append(seconds)
        return 0.1

    monkeypatch.setattr("nodrop.lab.machine.quiet_latency_real_seconds", measured)
    (job,) = make_jobs("a")
    stated = replace(job.application.behaviour, keep_alive_timeout_seconds=12)
    settings = replace(job.settings, speed_up=30, speed_up_is_forced=False)
    seen: list[float] = []
    sandboxes.outcomes = {"a": [stalls(), rollout]}
    asked = replace(job, settings=settings, application=Application(stated, None))
    run_all([asked], lambda tried, _: seen.append(tried.settings.allowance_real_seconds))
    assert list(dict.fromkeys(seen)) == pytest.approx([0.5, 1.2])
    assert patience == [PATIENCE_REAL_SECONDS]


def test_a_machine_that_stalls_every_time_is_a_failure_that_says_what_to_do(sandboxes, make_jobs):
    sandboxes.outcomes = {"a": [stalls()] * 9}
    with pytest.raises(LabFailedError) as failure:
        run_all(make_jobs("a"), ignore)
    assert sandboxes.runs["a"] == 3
    assert str(failure.value) == (
        "a: undecided, 3 runs were void, the last at 10x: the machine stalled for 0.9 s; "
        "free the machine, or give the runs more time: --parallel 1 --speed-up 5"
    )


def test_at_the_least_speed_no_lower_one_is_advised(sandboxes, make_jobs):
    sandboxes.outcomes = {"a": [stalls()] * 9}
    (job,) = make_jobs("a")
    with pytest.raises(LabFailedError, match=r"the last at 1x: .*; free the machine, or take one with more cores$"):
        run_all([replace(job, settings=replace(job.settings, speed_up=1))], ignore)


def test_a_lab_that_cannot_measure_is_named_and_not_run_again(sandboxes, make_jobs):
    sandboxes.outcomes = {"b": [raising(LabFailedError("the pods do not become available"))]}
    with pytest.raises(LabFailedError, match=r"^b: the pods do not become available$"):
        run_all(make_jobs("a b"), ignore, parallel=1)
    assert sandboxes.runs["b"] == 1


@pytest.mark.parametrize("error", [LabUnavailableError("no namespaces"), RuntimeError("a bug")])
def test_any_other_error_reaches_the_caller_as_it_is(sandboxes, make_jobs, error):
    sandboxes.outcomes = {"a": [raising(error)]}
    with pytest.raises(type(error)) as raised:
        run_all(make_jobs("a b"), ignore)
    assert raised.value is error


def test_after_a_failure_no_further_lab_begins(sandboxes, make_jobs):
    def slow() -> None:
        time.sleep(0.2)

    sandboxes.outcomes = {"a": [raising(LabFailedError("broken"))], "b": [slow]}
    sandboxes.outcomes |= {name: [slow] for name in "cdefgh"}
    with pytest.raises(LabFailedError):
        run_all(make_jobs("a b c d e f g h"), ignore, parallel=2)
    time.sleep(0.5)
    assert not {"d", "e", "f", "g", "h"} & set(sandboxes.runs)


def test_a_lab_that_fails_costs_the_others_nothing_where_each_is_asked_for(sandboxes, make_jobs):
    sandboxes.outcomes = {"b": [raising(LabFailedError("b cannot start"))]}
    first, failed, last = run_each(make_jobs("a b c"), ignore)
    assert (first, last) == ("a", "c")
    assert isinstance(failed, LabFailedError)
    assert "b cannot start" in str(failed)


def test_a_machine_without_a_lab_stops_each_too(sandboxes, make_jobs):
    sandboxes.outcomes = {"a": [raising(LabUnavailableError("no namespaces"))]}
    with pytest.raises(LabUnavailableError, match="no namespaces"):
        run_each(make_jobs("a b"), ignore)


def test_after_a_void_run_the_machine_is_taken_to_be_twice_as_late(sandboxes, make_jobs, monkeypatch):
    monkeypatch.setattr("nodrop.lab.machine.latency_real_seconds", lambda: 0.05)
    (job,) = make_jobs("a")
    stated = replace(job.application.behaviour, keep_alive_timeout_seconds=10)
    settings = replace(job.settings, speed_up=30, speed_up_is_forced=False)
    seen: list[tuple[float, float]] = []
    sandboxes.outcomes = {"a": [stalls(), stalls(), rollout]}
    asked = replace(job, settings=settings, application=Application(stated, None))
    run_all([asked], lambda tried, _: seen.append((tried.settings.speed_up, tried.settings.allowance_real_seconds)))
    assert list(dict.fromkeys(seen)) == [(20, 0.5), (10, 1.0), (5, 2.0)]


@pytest.mark.parametrize("control_plane", ["embedded", "kubernetes"])
def test_labs_with_a_control_plane_of_their_own_are_known_to_be_heavy(sandboxes, make_jobs, monkeypatch, control_plane):
    told = []
    monkeypatch.setattr("nodrop.lab.machine.latency_real_seconds", lambda: 0.05)
    monkeypatch.setattr("nodrop.lab.machine.labs_side_by_side", lambda _, heavy: told.append(heavy) or 1)
    jobs = [replace(each, settings=replace(each.settings, control_plane=control_plane)) for each in make_jobs("a b")]
    run_all(jobs, ignore)
    assert told == [control_plane == "kubernetes"]


def test_what_is_refused_is_named_and_not_run(sandboxes, make_jobs, monkeypatch):
    monkeypatch.setattr("nodrop.lab.machine.latency_real_seconds", lambda: 0.5)
    (job,) = make_jobs("a")
    asked = replace(job, settings=replace(job.settings, speed_up_is_forced=False))
    with pytest.raises(LabFailedError, match="a: refused, this machine cannot rehearse it: the keep-alive timeout"):
        run_all([asked], ignore)
    assert not sandboxes.runs


def test_the_longest_runs_begin_first_and_results_keep_their_order(make_jobs, monkeypatch):
    began = []
    monkeypatch.setattr(sandbox, "run", lambda job, _progress: began.append(job.variant) or job.variant)
    short, attaching, unready, twice = make_jobs("short attaching unready twice")
    jobs = [
        replace(unready, experiment=Experiment.UNREADY),
        replace(short, steady_first=False),
        replace(twice, steady_first=True),
        replace(slow(attaching), steady_first=False),
    ]
    assert run_all(jobs, ignore, parallel=1) == ["unready", "short", "twice", "attaching"]
    assert began == ["attaching", "twice", "short", "unready"]


UNLIKE = "no request failed where the timing model expects 45"
MANY = "500 requests failed where the timing model expects 45"
LATE = "the machine stalled for 0.9 s"


@pytest.mark.parametrize(
    ("outcomes", "unlike", "void", "outvoted"),
    [
        ("=", "", (), ()),
        ("~~", UNLIKE, (), ()),
        ("~==", "", (), (UNLIKE,)),
        ("~=~", UNLIKE, (), ("what the timing model expects",)),
        ("!~!~", UNLIKE, (LATE, LATE), ()),
        ("!=", "", (LATE,), ()),
        ("~++", MANY, (), (UNLIKE,)),
        ("+~==", "", (), (MANY, UNLIKE)),
    ],
)
def test_a_run_that_is_unlike_the_model_is_the_result_where_another_one_is_too(
    sandboxes, make_jobs, outcomes, unlike, void, outvoted
):
    made = {
        "=": rollout,
        "~": lambda: replace(rollout(), unlike_model=UNLIKE, expected_failed=45),
        "+": lambda: replace(rollout(failed=500), unlike_model=MANY, expected_failed=45),
        "!": stalls(),
    }
    sandboxes.outcomes = {"a": [made[each] for each in outcomes]}
    (result,) = run_all(make_jobs("a"), ignore)
    assert isinstance(result, RolloutResult)
    assert (result.unlike_model, result.void_runs, result.outvoted_runs) == (unlike, void, outvoted)
    assert sandboxes.runs["a"] == len(outcomes)


def test_a_run_that_is_unlike_the_model_leaves_the_speed_as_it_is_and_says_why_it_is_repeated(sandboxes, make_jobs):
    told: list[tuple[str, float]] = []
    sandboxes.outcomes = {"a": [lambda: replace(rollout(), unlike_model=UNLIKE), rollout, rollout]}
    run_all(make_jobs("a"), lambda job, phase: told.append((phase, job.settings.allowance_real_seconds)))
    assert [phase for phase, _ in told if phase.startswith("again")] == [
        f"again, as {UNLIKE}",
        "again, as the run before came out otherwise",
    ]
    assert len({allowed for _, allowed in told}) == 1


def test_what_fails_beside_a_run_reaches_the_caller_and_leaves_nobody_waiting(sandboxes, make_jobs):
    def broken(_job, _phase):
        raise IndexError("the progress bar")

    with pytest.raises(IndexError, match="the progress bar"):
        run_all(make_jobs("a"), broken)
