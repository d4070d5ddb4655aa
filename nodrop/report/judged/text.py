"""A judgement for people, in plain lines of a given width; colour says nothing that the words do not."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from textwrap import wrap

from nodrop.judge import Verdict
from nodrop.report.figures import count, expected, percent
from nodrop.report.judged.loss import ExpectedLoss
from nodrop.report.judged.model import (
    NOT_READ,
    PASSED_OVER,
    ChangeReport,
    PathReport,
    Report,
    instead,
    of_object,
    place,
    sentence,
    shown,
)
from nodrop.rollout.diagnostics import Diagnostic
from nodrop.rollout.drops import LONG_REQUEST_SHARE
from nodrop.rollout.text import printable

MOST_COLUMNS = 160
"""Widest text; longer lines read badly."""

_LABEL = 10
"""Columns of the labels in front of a finding's parts."""

_REMEMBERED_TEXTS = 1024
"""Texts that are kept laid out: a rule says the same of many paths."""

_STEP = re.compile(r"[:;] (?=[1-9]\. )")
"""Between the steps of a remedy."""

COMPARED = "their routes, backends, health checks, selectors, certificates and addresses, and what their pods run on"
"""What a judgement of a change looks at."""

Style = Callable[[str, str], str]
"""Sets a text in the style of a severity or verdict, or gives it back."""


def text(report: Report, width: int, style: Style = lambda words, _: words) -> str:
    """The report in lines of at most `width` columns, names that are longer apart; ends with a line break."""
    lines = list(_lines(report, max(40, min(width, MOST_COLUMNS)), style))
    return "\n".join(lines) + "\n"


def _change(change: ChangeReport, width: int, style: Style) -> Iterator[str]:
    yield style(change.verdict, change.verdict) + printable(f"  the change from {change.before}")
    for each in change.found:
        yield from finding(each, width, style)
    for each in change.accepted:
        told = f"{each.severity} {each.rule}: {each.object}: {shown(each.value)}. Reason: {each.waiver}"
        yield from _labelled("accepted", told, width)
    for each in change.not_compared:
        yield from _labelled("not compared", each, width)
    yield ""
    if change.compared:
        harmless = change.verdict not in (Verdict.DROPS, Verdict.AT_RISK)
        told = "No change that is known to drop requests. " if harmless else ""
        plural = "s" if len(change.compared) > 1 else ""
        compared = ", ".join(change.compared)
        yield from _wrapped("", f"{told}Compared: serving path{plural} {compared}; {COMPARED}.", width, "")
    else:
        yield from _wrapped("", f"Nothing was compared: there is no serving path in {change.before}.", width, "")


def _lines(report: Report, width: int, style: Style) -> Iterator[str]:
    if report.change:
        yield from _change(report.change, width, style)
        yield ""
    for path in report.paths:
        yield from _path(path, width, style)
        yield ""
    if report.objects:
        yield "Objects on no serving path"
        for each in report.objects:
            yield from finding(each, width, style)
        yield ""
    for each in report.accepted_objects:
        told = (
            f"{each.severity} {each.rule}: {of_object(each)}: {shown(each.value)}: {each.seen}. Reason: {each.waiver}"
        )
        yield from _labelled("accepted", told, width)
    for each in report.unread:
        yield from _wrapped(NOT_READ, each, width, "  ")
    for each in report.passed_over:
        yield from _wrapped(PASSED_OVER, each, width, "  ")
    for rule, number in report.hidden.items():
        yield from _wrapped("hidden: ", f"{rule}, {number} found", width, "  ")
    for each in report.gone:
        yield from _wrapped("no longer found, so remove it from the baseline: ", each, width, "  ")
    yield from _wrapped("", sentence(report), width, "")


def _path(path: PathReport, width: int, style: Style) -> Iterator[str]:
    head = f"{path.name}: " if path.way else path.name
    first, *more = _wrapped(f"{path.verdict}  ", f"{head}{' > '.join(path.way)}", width, "  ")
    yield style(first[: len(path.verdict)], path.verdict) + first[len(path.verdict) :]
    yield from more
    for each in path.found:
        yield from finding(each, width, style, path.loss)
    for each in path.not_judged:
        yield from _labelled("not judged", each, width)
    for each in path.accepted:
        told = f"{each.severity} {each.rule}: {shown(each.value)}: {each.seen}. Reason: {each.waiver}"
        yield from _labelled("accepted", told, width)
    if path.stated:
        yield from _labelled("stated", "; ".join(path.stated), width)
    if path.assumptions:
        yield from _labelled("assumed", "; ".join(path.assumptions), width)
    if path.loss:
        yield from _labelled("expected", loss_text(path.loss), width)


def finding(
    found: Diagnostic, width: int, style: Style = lambda words, _: words, loss: ExpectedLoss | None = None
) -> Iterator[str]:
    """The lines of one finding, indented by two: severity and rule, and below them where, what, why and the cure."""
    yield f"  {style(found.severity, found.severity)}  {printable(found.rule)}"
    where = [place(found), of_object(found), found.field or found.input]
    yield from _wrapped("    ", "  ".join(filter(None, where)), width, "      ")
    for label, said in (
        ("seen", f"{shown(found.value)}: {found.seen}"),
        ("why", f"{found.why} [{found.source}]"),
    ):
        yield from _labelled(label, said, width, "    ")
    cure, *steps = _STEP.split(instead(found))
    yield from _labelled("instead", f"{cure}:" if steps else cure, width, "    ")
    for each in steps:
        yield from _labelled("", each, width, "    ")
    if loss and found in loss.alone:
        yield from _labelled("alone", alone_text(loss, found), width, "    ")


def loss_text(loss: ExpectedLoss) -> str:
    """What a path is expected to lose in one rollout, by cause."""
    drops = loss.drops
    causes = ", ".join(f"{expected(lost)} {cause.value}" for cause, lost in drops.by_cause.items() if lost)
    share = f" ({percent(drops.total / drops.requests)}: {causes})" if causes else ""
    rate = f"at {loss.requests_per_second:,.15g} requests/s, {LONG_REQUEST_SHARE:.0%} of them as long as the longest"
    return f"{expected(drops.total)} of {count(drops.requests)} requests fail{share} in one rollout {rate}"


def alone_text(loss: ExpectedLoss, found: Diagnostic) -> str:
    """What a finding costs by itself."""
    in_rollout = f"in one rollout at {loss.requests_per_second:,.15g} requests/s"
    return f"{expected(loss.alone[found])} requests would fail {in_rollout} if this were the only finding"


def _labelled(label: str, said: str, width: int, indent: str = "  ") -> Sequence[str]:
    return _wrapped(f"{indent}{label:<{_LABEL}}  ", said, width, indent + " " * (_LABEL + 2))


@lru_cache(maxsize=_REMEMBERED_TEXTS)
def _wrapped(first: str, said: str, width: int, after: str) -> Sequence[str]:
    """A text in lines of the width, each name whole; of what it says, only what can be printed."""
    lines = wrap(
        printable(said),
        width,
        initial_indent=first,
        subsequent_indent=after,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return tuple(map(printable, lines or [first.rstrip()]))  # a break may put a command at a line's beginning
