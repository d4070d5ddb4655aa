"""Turns measured runs into what a reader compares: one summary for each variant, over all of its seeds.

Pure: results in, plain values out. Words, columns and drawings are elsewhere.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from nodrop.lab.confidence import upper_bound
from nodrop.lab.results import Conditions, Result, RolloutResult, Subject, UnreadyResult
from nodrop.report.disrupted import over_seeds
from nodrop.report.rehearsal_verdict import RehearsalVerdict, rollout_verdict, undecided, unready_verdict

Run = TypeVar("Run", bound=Result)


@dataclass(frozen=True, kw_only=True)
class Range:
    """The smallest and the largest of one figure over the runs of a variant."""

    low: float
    high: float
    absent: int
    """Number of runs in which the figure has no value."""


@dataclass(frozen=True, kw_only=True)
class CauseCount:
    """How often requests failed for one reason, over the runs of a variant."""

    name: str
    """In the words of the load balancer's log (`statusDetails`)."""
    count: Range


@dataclass(frozen=True, kw_only=True)
class MethodSummary:
    """The requests of one method, over the runs of a variant."""

    name: str
    failed: Range
    saved: Range
    """Answered at the load balancer's second try."""


@dataclass(frozen=True, kw_only=True)
class RolloutSummary:
    """All rollout runs of one variant. Spans are None where no run has a value; slacks are in seconds."""

    subject: Subject
    runs: tuple[RolloutResult, ...]
    worst: RolloutResult
    verdict: RehearsalVerdict
    requests: Range
    failed: Range
    expected_failed: Range | None
    """What the timing model expected."""
    failed_share: Range | None
    """Share (0 to 1) of a run's requests that failed."""
    loss_bound: float | None
    """Upper 95 % bound (0 to 1) of the loss, of the requests of all runs; None where none was sent."""
    undecided: tuple[str, ...]
    """Why not all is decided: besides failures, which decide, what of its runs says nothing."""
    disrupted: Mapping[str, Sequence[int]]
    """Seconds in which a request failed, by new and reused connections: P50, P95 and P99 of the runs."""
    causes: tuple[CauseCount, ...]
    """The most frequent first."""
    methods: tuple[MethodSummary, ...]
    """Sorted by name."""
    reconnects: Range
    """Connections that are kept open, and that a pod ended properly."""
    term_after_last_request: Range | None
    kill_after_last_response: Range | None
    deletion_after_new_routable: Range | None


@dataclass(frozen=True, kw_only=True)
class UnreadySummary:
    """All unready runs of one variant. Spans are None where no run has a value; times are in seconds."""

    subject: Subject
    runs: tuple[UnreadyResult, ...]
    worst: UnreadyResult
    verdict: RehearsalVerdict
    requests: Range
    failed: Range
    causes: tuple[CauseCount, ...]
    removed: Range | None
    last_request: Range | None
    leak: Range | None
    """Share (0 to 1) of the requests after removal that the unready pod still answered."""
    undecided: tuple[str, ...]
    """As of a `RolloutSummary`."""
    leak_bound: float | None
    """Its upper 95 % bound, of the requests of all runs; None where none was sent."""
    pinned_flows: Range


Summary = RolloutSummary | UnreadySummary


def summarise(results: Iterable[Result]) -> tuple[tuple[RolloutSummary, ...], tuple[UnreadySummary, ...]]:
    """The rollout and the unready summaries, in the order in which their variants first appear.

    Runs belong together when they agree in everything but the seed, the programming lags drawn from it, and what the
    machine at that moment made of the pace.
    """
    results = tuple(results)
    rollouts = _grouped([result for result in results if isinstance(result, RolloutResult)])
    unready = _grouped([result for result in results if isinstance(result, UnreadyResult)])
    return tuple(_rollout(runs) for runs in rollouts), tuple(_unready(runs) for runs in unready)


def span(values: Iterable[float | None]) -> Range | None:
    """Smallest and largest of the values that are not None; None if there is no such value."""
    values = tuple(values)
    present = [value for value in values if value is not None]
    if not present:
        return None
    return Range(low=min(present), high=max(present), absent=len(values) - len(present))


def _grouped(results: Sequence[Run]) -> list[tuple[Run, ...]]:
    groups: dict[Hashable, list[Run]] = {}
    for result in results:
        groups.setdefault((result.subject, _asked(result.conditions)), []).append(result)
    return [tuple(runs) for runs in groups.values()]


def _asked(conditions: Conditions) -> Conditions:
    lags = {"attach_lag_seconds": (), "detach_lag_seconds": (), "kube_proxy_lag_seconds": ()}
    return replace(
        conditions,
        seed=0,
        speed_up=0,
        pace="",
        speed_up_is_bounded=False,
        allowance_real_seconds=0,
        load_generator="",
        **lags,
    )


def _rollout(runs: tuple[RolloutResult, ...]) -> RolloutSummary:
    verdict = rollout_verdict(runs)
    beside = {
        RehearsalVerdict.UNFINISHED: not all(run.finished for run in runs),
        RehearsalVerdict.NO_TRAFFIC: not all(run.requests for run in runs),
        RehearsalVerdict.TOO_FAST: any(run.conditions.too_fast for run in runs),
    }
    return RolloutSummary(
        subject=runs[0].subject,
        runs=runs,
        worst=max(runs, key=lambda run: (run.failed, not run.finished, -_smallest_slack(run))),
        verdict=verdict,
        undecided=undecided(verdict, beside),
        requests=_counts(runs, lambda run: run.requests),
        failed=_counts(runs, lambda run: run.failed),
        expected_failed=span(run.expected_failed for run in runs),
        failed_share=span(run.failed / run.requests if run.requests else None for run in runs),
        loss_bound=upper_bound(sum(run.failed for run in runs), sum(run.requests for run in runs)),
        disrupted=over_seeds(runs),
        causes=_causes([run.failures for run in runs]),
        methods=_methods(runs),
        reconnects=_counts(runs, lambda run: run.reconnects),
        term_after_last_request=span(run.slack.term_after_last_request for run in runs),
        kill_after_last_response=span(run.slack.kill_after_last_response for run in runs),
        deletion_after_new_routable=span(run.slack.deletion_after_new_routable for run in runs),
    )


def _unready(runs: tuple[UnreadyResult, ...]) -> UnreadySummary:
    verdict = unready_verdict(runs)
    beside = {
        RehearsalVerdict.NOT_REMOVED: any(run.removed_seconds is None for run in runs),
        RehearsalVerdict.TOO_FAST: any(run.conditions.too_fast for run in runs),
    }
    return UnreadySummary(
        subject=runs[0].subject,
        runs=runs,
        worst=max(runs, key=lambda run: (run.leak, run.removed_seconds is None, run.last_request_seconds or 0)),
        verdict=verdict,
        undecided=undecided(verdict, beside),
        requests=_counts(runs, lambda run: run.requests),
        failed=_counts(runs, lambda run: sum(run.failures.values())),
        causes=_causes([run.failures for run in runs]),
        removed=span(run.removed_seconds for run in runs),
        last_request=span(run.last_request_seconds for run in runs),
        leak=span(run.leak if run.requests_after_removal else None for run in runs),
        leak_bound=upper_bound(
            sum(run.served_after_removal for run in runs), sum(run.requests_after_removal for run in runs)
        ),
        pinned_flows=_counts(runs, lambda run: run.pinned_flows),
    )


def _smallest_slack(run: RolloutResult) -> float:
    slack = run.slack
    values = (slack.term_after_last_request, slack.kill_after_last_response, slack.deletion_after_new_routable)
    return min((value for value in values if value is not None), default=0.0)


def _counts(runs: Sequence[Run], count: Callable[[Run], int]) -> Range:
    values = [count(run) for run in runs]
    return Range(low=min(values), high=max(values), absent=0)


def _methods(runs: Sequence[RolloutResult]) -> tuple[MethodSummary, ...]:
    counted = {name: [run.methods[name] for run in runs if name in run.methods] for run in runs for name in run.methods}
    return tuple(
        MethodSummary(
            name=name,
            failed=Range(low=min(each.failed for each in of), high=max(each.failed for each in of), absent=0),
            saved=Range(low=min(each.saved for each in of), high=max(each.saved for each in of), absent=0),
        )
        for name, of in sorted(counted.items())
    )


def _causes(failures: Sequence[Mapping[str, int]]) -> tuple[CauseCount, ...]:
    names = {name for by_cause in failures for name, count in by_cause.items() if count}
    totals = {name: sum(by_cause.get(name, 0) for by_cause in failures) for name in names}
    counts = {name: [by_cause.get(name, 0) for by_cause in failures] for name in names}
    return tuple(
        CauseCount(name=name, count=Range(low=min(counts[name]), high=max(counts[name]), absent=0))
        for name in sorted(names, key=lambda name: (-totals[name], name))
    )
