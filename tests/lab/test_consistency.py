"""The model's expectations beside the lab's counts; `make consistency` makes many more of them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import consistency_cases
from benchmarks.consistency_cases import (
    DRAINING,
    RANDOM,
    TOLERANCE,
    Comparison,
    Configuration,
    configurations,
    from_json,
    record,
    to_json,
)
from nodrop.lab.results import RolloutResult
from nodrop.lab.runner import run_all
from nodrop.rollout import Cause, PodTimeline, timeline

RECORDED = Path(__file__).parent.parent.parent / "docs" / "consistency.json"
FEW = 4
STEPS_SECONDS = 12
"""What a busy machine may add to one event, and probes that miss a beat for it, at ten times the speed."""


@pytest.fixture(scope="session")
def recorded() -> list[Comparison]:
    return consistency_cases.recorded(RECORDED.read_text())


def test_a_seed_always_makes_the_same_configurations():
    assert configurations(5, seed=3) == configurations(5, seed=3) != configurations(5, seed=4)


def test_configurations_are_safe_and_unsafe_of_every_kind():
    made = configurations(60, seed=1)
    assert 15 <= sum(each.expected.total == 0 for each in made) <= 45
    causes = {cause for each in made for cause, expected in each.expected.by_cause.items() if expected}
    assert {cause.name for cause in causes} == {"STOPPED_POD", "CUT_IN_FLIGHT", "NO_ENDPOINT"}
    assert {each.rollout.strategy for each in made} == {"RollingUpdate", "Recreate"}
    assert {each.injects_gate for each in made} == {True, False}


def test_the_objects_of_a_configuration_state_its_rollout():
    for number, each in enumerate(configurations(20, seed=5)):
        path = each.job(number).path
        assert path.max_surge == each.rollout.max_surge
        assert (path.pre_stops.of(path.container).seconds or 0) == each.rollout.pre_stop_seconds
        assert path.draining_timeout_seconds == each.rollout.draining_timeout_seconds
        assert bool(path.readiness_gates) == each.rollout.readiness_gate


def test_the_draining_ones_have_long_requests_and_a_fifth_of_them_cut_some():
    made = configurations(20, seed=2, draining=True)
    assert all(each.rollout.longest_request_seconds >= 10 for each in made)
    assert sum(each.expected.by_cause[Cause.CUT_IN_FLIGHT] >= 30 for each in made) >= 4


def test_each_draw_of_a_record_has_its_day_and_is_read_as_it_was_written():
    first, second = (
        Comparison(configuration=configuration, failures={"failed_to_pick_backend": 3}, requests=9)
        for configuration in configurations(2, seed=2)
    )
    text = record(record("", RANDOM, [first], "2026-11-27"), DRAINING, [second], "2026-11-28")
    assert {draw: part["day"] for draw, part in json.loads(text).items()} == {
        RANDOM: "2026-11-27",
        DRAINING: "2026-11-28",
    }
    assert consistency_cases.recorded(text) == [first, second]
    again = record(text, RANDOM, [second, second], "2026-11-29")
    assert consistency_cases.recorded(again) == [second, second, second]


def test_a_comparison_survives_its_way_through_json():
    (configuration,) = configurations(1, seed=2)
    comparison = Comparison(configuration=configuration, failures={"failed_to_pick_backend": 3}, requests=9)
    assert from_json(json.loads(json.dumps(to_json(comparison)))) == comparison


@pytest.mark.parametrize(
    ("counted", "zero", "near"),
    [(0, False, False), (69, True, False), (70, True, True), (130, True, True), (131, True, False)],
)
def test_a_count_agrees_within_its_tolerance(monkeypatch, counted, zero, near):
    monkeypatch.setattr(Comparison, "expected", 100)
    (configuration,) = configurations(1, seed=2)
    comparison = Comparison(configuration=configuration, failures={"any": counted}, requests=1000)
    assert (comparison.agrees_on_zero, comparison.within_tolerance) == (zero, near)


def test_the_recorded_runs_agree_with_the_model_as_it_is(recorded):
    assert len(recorded) >= 50
    assert [each for each in recorded if not each.agrees_on_zero] == []
    assert sum(each.within_tolerance for each in recorded) >= 0.9 * len(recorded)


@pytest.fixture(scope="session")
def fresh() -> list[tuple[Configuration, RolloutResult]]:
    """A few runs of this machine: the first that are to lose nothing, and the first that are to lose many."""
    made = configurations(30, seed=11)
    safe = [each for each in made if each.expected.total == 0]
    unsafe = [each for each in made if each.expected.total >= 60 and each.rollout.strategy == "RollingUpdate"]
    chosen = [*safe[: FEW // 2], *unsafe[: FEW // 2]]
    jobs = [each.job(number) for number, each in enumerate(chosen, 1)]
    paced = [replace(job, settings=replace(job.settings, speed_up_is_forced=False)) for job in jobs]
    results = run_all(paced, lambda _job, _phase: None)
    return [
        (each.as_run(result.conditions.allowance_real_seconds), result)
        for each, result in zip(chosen, results, strict=True)
        if isinstance(result, RolloutResult)
    ]


@pytest.mark.lab
def test_fresh_runs_agree_with_the_model(fresh):
    assert len(fresh) == FEW
    for configuration, result in fresh:
        comparison = Comparison(
            configuration=configuration,
            failures=result.failures,
            requests=result.requests,
            saved=result.saved,
        )
        assert comparison.agrees_on_zero, comparison
        assert comparison.counted == pytest.approx(comparison.expected, rel=2 * TOLERANCE), comparison


@pytest.mark.lab
def test_pods_live_through_the_events_that_were_predicted(fresh):
    """By the length of each stage: what comes late once makes all that follows late."""
    stages = (("created", "started"), ("deleted", "removed"), ("deleted", "term"))
    for configuration, result in fresh:
        predicted = timeline(configuration.rollout, configuration.programming)
        for stage in stages:
            lengths = [_lengths(pods, stage) for pods in (predicted, result.pods)]
            assert lengths[0]
            assert max(lengths[1]) == pytest.approx(max(lengths[0]), abs=STEPS_SECONDS), stage
            assert min(lengths[1]) == pytest.approx(min(lengths[0]), abs=STEPS_SECONDS), stage


def _lengths(pods: tuple[PodTimeline, ...], stage: tuple[str, str]) -> list[float]:
    first, last = stage
    return [pod.events[last] - pod.events[first] for pod in pods if first in pod.events and last in pod.events]
