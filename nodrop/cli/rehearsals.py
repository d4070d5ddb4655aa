"""From a judgement to the lab's jobs, and from what the lab measured to what the judgement takes in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from nodrop.judge import Judgement, PathJudgement, Rehearsal
from nodrop.lab.conditions import unrehearsed
from nodrop.lab.containers import Application
from nodrop.lab.errors import LabFailedError
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.lab.protocols import Requests, requests_of
from nodrop.lab.results import Result, RolloutResult, UnreadyResult
from nodrop.paths import ServingPath
from nodrop.report.summary import RolloutSummary, UnreadySummary, summarise
from nodrop.report.words import CAUSES


def not_rehearsed(judgement: Judgement, *, stand_in: bool, requests: str | None = None) -> dict[str, tuple[str, ...]]:
    """Why a path cannot be rehearsed as it is declared, by its name; no reasons where it can."""
    return {
        each.name: unrehearsed(each.path, each.rollout, stand_in=stand_in, requests=_requests_of(each.path, requests))
        if each.path and each.rollout
        else each.not_judged or ("it cannot be read",)
        for each in judgement.paths
    }


def _requests_of(path: ServingPath, stated: str | None) -> Requests:
    return requests_of(path, Requests(stated) if stated else None)


def job_of(
    judged: PathJudgement,
    experiment: str,
    settings: Settings,
    command: Mapping[str, Any],
    requests: str | None = None,
) -> Job:
    """One run of a path as the judgement takes it: how its application behaves, what is waived, what stays open."""
    path, rollout = judged.path, judged.rollout
    if path is None or rollout is None:
        raise ValueError(f"{judged.name}: there is no rollout to rehearse")
    return Job(
        experiment=Experiment(experiment),
        variant=f"{path.name}, {path.backend}" + (", relabelled" if experiment == Experiment.RELABELLED else ""),
        path=path,
        application=Application(rollout.behaviour, requests=_requests_of(path, requests), **command),
        settings=settings,
        unjudged=judged.reasons,
        accepted={rule: reason for rule, (reason, _) in judged.accepted.items()},
    )


def rehearsals(
    jobs: Sequence[Job], outcomes: Sequence[Result | LabFailedError], reasons: Mapping[str, tuple[str, ...]]
) -> dict[str, Rehearsal]:
    """What came of each path, by its name, over all its runs."""
    of_path: dict[str, list[Result | LabFailedError]] = {}
    for job, outcome in zip(jobs, outcomes, strict=True):
        of_path.setdefault(job.path.name, []).append(outcome)
    open_ones = {job.path.name for job in jobs if job.application.requests.kept_open}
    return {name: _rehearsal(of_path.get(name, ()), why, kept_open=name in open_ones) for name, why in reasons.items()}


def _rehearsal(outcomes: Sequence[Result | LabFailedError], reasons: tuple[str, ...], *, kept_open: bool) -> Rehearsal:
    results = [each for each in outcomes if not isinstance(each, LabFailedError)]
    failures = [str(each) for each in outcomes if isinstance(each, LabFailedError)]
    summaries = summarise(results)
    told = [each for each in results if not each.conditions.too_fast]
    rollouts = [each for each in told if isinstance(each, RolloutResult)]
    unready = [each for each in told if isinstance(each, UnreadyResult)]
    causes = sum((Counter(each.failures) for each in rollouts), Counter())
    steady = sum((Counter(each.steady_failures) for each in rollouts), Counter())
    return Rehearsal(
        requests=sum(each.requests for each in rollouts),
        failed=sum(each.failed for each in rollouts),
        causes=_told(causes),
        steady_requests=sum(each.steady_requests for each in rollouts),
        steady_failed=steady.total(),
        steady_causes=_told(steady),
        requests_after_removal=sum(each.requests_after_removal for each in unready),
        leaked=sum(each.served_after_removal for each in unready),
        undecided=(
            *dict.fromkeys(f"not rehearsed: {each}" for each in (*reasons, *failures)),
            *_undecided("rollout", summaries[0]),
            *_undecided("unready pod", summaries[1]),
        ),
        kept_open=kept_open,
        left_out=tuple(dict.fromkeys(topic for each in results for topic in each.subject.left_out)),
    )


def _undecided(what: str, summaries: Iterable[RolloutSummary | UnreadySummary]) -> Iterator[str]:
    for each in summaries:
        for why in each.undecided:
            yield f"rehearsed, and not decided: {what}: {why}"


def _told(causes: Counter[str]) -> tuple[str, ...]:
    """Each cause with its number and its meaning, the most frequent first."""
    return tuple(f"{number:,} {cause}: {CAUSES.get(cause, cause)}" for cause, number in causes.most_common())
