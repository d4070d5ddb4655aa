"""A planned rollout in a terminal: numbers with their reasons, durations, what stays open, timeline, expected drops.

Laid out for 120 columns. Nothing here decides a number.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor

from rich import box
from rich.console import Console
from rich.table import Table

from nodrop.gke import defaults
from nodrop.report.bars import LEGEND, bars
from nodrop.report.figures import count, expected, percent, seconds
from nodrop.rollout import MEASURED, Drops, PodTimeline, RolloutPlan
from nodrop.rollout.behaviour import assumed_text
from nodrop.rollout.drops import LONG_REQUEST_SHARE
from nodrop.rollout.reasons import Reason
from nodrop.terminal import plain_text

COLUMNS = 120
"""Width where the terminal is wider, or no terminal."""

_DEFAULTS = (
    f"no preStop, grace {defaults.GRACE_PERIOD_SECONDS} s, no draining, "
    f"surge and unavailable {defaults.SURGE_AND_UNAVAILABLE}"
)


@dataclass(frozen=True, kw_only=True)
class ExpectedDrops:
    """What a rollout is expected to lose, and what it would lose with the API's defaults."""

    requests_per_second: float
    planned: Drops
    by_default: Drops


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Everything that a plan says."""

    reasons: Sequence[Reason]
    plan: RolloutPlan
    pods: int
    """Replicas, the most of them where an autoscaler decides."""
    open: Sequence[str]
    """Findings that remain, in words."""
    accepted: Sequence[str]
    """Findings that the owner accepts, in words, with the reasons."""
    assumed: Sequence[str]
    """Names of the facts of `Behaviour` that were not stated."""
    not_judged: Sequence[str]
    """What was not stated, in words, so that no rule has judged it."""
    timeline: Sequence[PodTimeline]
    """As predicted with the lags of `MEASURED`; empty: too many pods to draw."""
    drops: ExpectedDrops | None


def print_plan(answer: Answer, console: Console) -> None:
    """Print the whole answer."""
    console.print(_numbers(answer.reasons))
    for line in (*_durations(answer), *_open(answer)):
        console.print(plain_text(line))
    if answer.timeline:
        console.print()
        console.print(plain_text(_prediction(), style="bold"))
        for line in (*bars(answer.timeline, min(console.width, COLUMNS)), *LEGEND):
            console.print(plain_text(line), no_wrap=True, crop=False, overflow="ignore")
    if answer.drops:
        for line in ("", *drops_lines(answer.drops)):
            console.print(plain_text(line))


def sentences(answer: Answer) -> Iterator[str]:
    """All that the answer says beside its numbers and its timeline, a line each."""
    yield from (*_durations(answer), *_open(answer))
    if answer.drops:
        yield from drops_lines(answer.drops)


def _numbers(reasons: Sequence[Reason]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
    table.add_column("Field", no_wrap=True)
    table.add_column("Value", justify="right", no_wrap=True)
    table.add_column(plain_text("Why [rule]"), overflow="fold")
    place = None
    for reason in reasons:
        if reason.place is not place:
            place = reason.place
            table.add_row(plain_text(place.value, style="bold"))
        why = f"{reason.why} [{reason.rule}]" if reason.rule else reason.why
        table.add_row(plain_text(f"  {reason.field}"), f"{reason.value:.15g}", plain_text(why))
    return table


def _durations(answer: Answer) -> Iterator[str]:
    plan = answer.plan
    yield ""
    yield (
        f"A rollout of {pods_text(answer.pods)} adds {count(plan.surge)} at a time and has at most "
        f"{pods_text(plan.peak_pods)} at once, terminating ones included."
    )
    status = _from_to(plan.rolled_out_at_least_seconds, plan.rolled_out_seconds)
    gone = _from_to(plan.old_gone_at_least_seconds, plan.old_gone_seconds)
    yield f"`kubectl rollout status` succeeds after {status}, the last old pod is gone after {gone}."


def pods_text(number: int) -> str:
    """So many pods."""
    return f"{count(number)} {'pod' if number == 1 else 'pods'}"


def _from_to(least: float, most: float) -> str:
    """The bounds in whole seconds that still are bounds; a millionth is floating-point noise."""
    return f"{count(floor(round(least, 6)))} to {count(ceil(round(most, 6)))} s"


def _open(answer: Answer) -> Iterator[str]:
    yield ""
    yield from (*answer.open, *answer.accepted) or ["No rule is broken."]
    if answer.assumed:
        yield f"Assumed, as no option states it: {assumed_text(answer.assumed)}."
    yield f"Not judged, as no option states it: {', '.join(answer.not_judged)}."


def _prediction() -> str:
    attach, detach = MEASURED.attach_lag_seconds, MEASURED.detach_lag_seconds
    return (
        f"Predicted, with {len(attach)} proxies that attach after {seconds(min(attach))} to {seconds(max(attach))} s "
        f"and detach after {seconds(min(detach))} to {seconds(max(detach))} s"
    )


def drops_lines(drops: ExpectedDrops) -> Iterator[str]:
    """The expectation, and its comparison."""
    yield (
        f"Expected to fail in one rollout at {drops.requests_per_second:,.15g} requests/s, {LONG_REQUEST_SHARE:.0%} of "
        "them as long as the longest:"
    )
    yield f"  as planned: {_failed(drops.planned)}"
    yield f"  with the API's defaults ({_DEFAULTS}):"
    yield f"    {_failed(drops.by_default)}"


def _failed(drops: Drops) -> str:
    causes = ", ".join(f"{expected(number)} {cause.value}" for cause, number in drops.by_cause.items() if number)
    total = f"{expected(drops.total)} of {count(drops.requests)}"
    return f"{total} ({percent(drops.total / drops.requests)}): {causes}" if causes else total
