"""A planned rollout for people: numbers with their reasons, durations, what stays open, timeline, expected drops.

In plain lines of a given width; colour says nothing that the words do not. Nothing here decides a number.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor
from textwrap import wrap

from nodrop.gke import defaults
from nodrop.report.bars import LEGEND, bars
from nodrop.report.figures import count, expected, percent, seconds
from nodrop.rollout import MEASURED, Drops, PodTimeline, RolloutPlan
from nodrop.rollout.behaviour import Behaviour, assumed_text
from nodrop.rollout.drops import LONG_REQUEST_SHARE
from nodrop.rollout.numbers import Place
from nodrop.rollout.reasons import Reason
from nodrop.rollout.text import printable

MOST_COLUMNS = 160
"""Widest text; longer lines read badly."""
_LEAST_COLUMNS_OF_A_REASON = 45
"""Beside the numbers; where it has less room, it stands below its number."""
_NONE = "-"
"""What stands where a manifest states no such number."""

_DEFAULTS = (
    f"no preStop, grace {defaults.GRACE_PERIOD_SECONDS} s, no draining, "
    f"surge and unavailable {defaults.SURGE_AND_UNAVAILABLE}"
)

Style = Callable[[str, str], str]
"""Sets a text in the style of a kind of words, or gives it back."""


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
    """Names of the facts of `behaviour` that were not stated."""
    behaviour: Behaviour
    """What it is planned for."""
    not_judged: Sequence[str]
    """What was not stated, in words, so that no rule has judged it."""
    timeline: Sequence[PodTimeline]
    """As predicted with the lags of `MEASURED`; empty: too many pods to draw."""
    drops: ExpectedDrops | None
    stated: Sequence[str] = ()
    """Facts that objects or nodrop.yaml state, in words, with where."""
    name: str | None = None
    """Of the serving path whose manifest was read; None: it was planned from options alone."""
    declared: Mapping[Place, float | None] = field(default_factory=dict)
    """The manifest's numbers; None where it states none."""

    def differs(self, reason: Reason) -> bool:
        """Whether the manifest has another number there."""
        return bool(self.declared) and self.declared.get((reason.place, reason.field)) != reason.value


def plan_text(answer: Answer, width: int, style: Style = lambda words, _: words) -> str:
    """The whole answer in lines of at most `width` columns, field names that are longer apart."""
    width = max(40, min(width, MOST_COLUMNS))
    lines = [*_heading(answer, width, style), *_numbers(answer, width, style)]
    for line in (*_durations(answer), *_open(answer)):
        lines += _wrapped(line, width)
    if answer.timeline:
        lines += ["", *(style(line, "heading") for line in _wrapped(_prediction(), width))]
        lines += [*bars(answer.timeline, width), *LEGEND]
    if answer.drops:
        lines.append("")
        for line in drops_lines(answer.drops):
            lines += _wrapped(line, width)
    return "\n".join(lines) + "\n"


def sentences(answer: Answer) -> Iterator[str]:
    """All that the answer says beside its numbers and its timeline, a line each."""
    yield from (*_durations(answer), *_open(answer))
    if answer.drops:
        yield from drops_lines(answer.drops)


def _wrapped(line: str, width: int) -> list[str]:
    """The line in lines of the width, each name whole, indented as the line is."""
    shown = printable(line)
    indent = " " * (len(shown) - len(shown.lstrip()))
    lines = wrap(
        shown.lstrip(),
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return lines or [""]


def _heading(answer: Answer, width: int, style: Style) -> Iterator[str]:
    if answer.name is None:
        return
    differing = sum(map(answer.differs, answer.reasons))
    told = f"{answer.name}: {differing} of {len(answer.reasons)} numbers differ from the solved ones (*)"
    yield from (style(line, "heading") for line in _wrapped(told, width))
    yield ""


def _numbers(answer: Answer, width: int, style: Style) -> Iterator[str]:
    """A row for each number: where it stands, what the manifest has, what it is, why."""
    header = ["Field", *(["Manifest"] if answer.declared else []), "Solved" if answer.declared else "Value"]
    rows = [_row(answer, reason) for reason in answer.reasons]
    widths = [max(len(row[at]) for row in [header, *rows]) for at in range(len(header))]

    def laid(cells: Sequence[str]) -> str:
        first, *figures = cells
        return "  ".join(
            [first.ljust(widths[0]), *(each.rjust(to) for each, to in zip(figures, widths[1:], strict=True))]
        )

    room = width - len(laid(header)) - 2
    beside = room >= _LEAST_COLUMNS_OF_A_REASON
    yield style(f"{laid(header)}  Why [rule]" if beside else laid(header), "heading")
    yield "-" * (width if beside else len(laid(header)))
    place = None
    for reason, row in zip(answer.reasons, rows, strict=True):
        if reason.place is not place:
            place = reason.place
            yield style(place.value, "heading")
        why = f"{reason.why} [{reason.rule}]" if reason.rule else reason.why
        if beside:
            first, *more = _wrapped(why, room)
            yield f"{laid(row)}  {first}"
            yield from (" " * (width - room) + line for line in more)
        else:
            yield laid(row).rstrip()
            yield from _wrapped(f"      {why}", width)


def _row(answer: Answer, reason: Reason) -> list[str]:
    figures = [f"{reason.value:.15g}"]
    if answer.declared:
        declared = answer.declared.get((reason.place, reason.field))
        mark = "*" if answer.differs(reason) else " "
        figures = [_NONE if declared is None else f"{declared:.15g}", f"{figures[0]}{mark}"]
    return [f"  {reason.field}", *figures]


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
    yield from (*answer.open, *answer.accepted) or [_nothing_open(answer)]
    if answer.stated:
        yield f"Stated: {'; '.join(answer.stated)}."
    if answer.assumed:
        yield f"Assumed, as {_no_one(answer)} states it: {assumed_text(answer.assumed, answer.behaviour)}."
    yield f"Not judged, as {_no_one(answer)} states it: {', '.join(answer.not_judged)}."


def _nothing_open(answer: Answer) -> str:
    if answer.name is None:
        return "No rule is broken."
    return "The solved numbers break no rule. `nodrop check` shows which rules the manifest's numbers break."


def _no_one(answer: Answer) -> str:
    return "no option" if answer.name is None else "neither object nor option"


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
