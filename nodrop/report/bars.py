"""A predicted rollout as lines of text: a bar for each pod over one axis of seconds, in ASCII.

Phases and marks are those of the page's drawing (`phases`).
"""

from collections.abc import Iterable, Sequence
from math import floor

from nodrop.report.phases import MarkKind, PhaseKind, Window, marks, phases
from nodrop.report.rows import MARK_WORDS, rows
from nodrop.rollout import PodTimeline

FILLS = {
    PhaseKind.STARTING: ".",
    PhaseKind.WAITING: "-",
    PhaseKind.SERVING: "=",
    PhaseKind.UNREADY: "?",
    PhaseKind.PRE_STOP: "~",
    PhaseKind.STOPPING: "#",
}
SIGNS = {MarkKind.ATTACHED: "^", MarkKind.REMOVED: "v", MarkKind.KILLED: "X"}
"""Of the marks that a prediction has; they stand in the bar, on top of its phase."""

LEGEND = (
    "  ".join(f"{FILLS[kind]} {kind.value}" for kind in PhaseKind if kind is not PhaseKind.UNREADY),
    "  ".join(f"{sign} {MARK_WORDS[kind]}" for kind, sign in SIGNS.items()),
)
"""Two lines."""

LEAST_COLUMNS = 40
"""Of a bar, however narrow the terminal."""

MOST_TICKS = 10


def bars(pods: Iterable[PodTimeline], width: int) -> list[str]:
    """The rollout's lines, the axis last, within `width` characters."""
    shown = rows(pods)
    events = [at for row in shown if row.pod for at in row.pod.events.values()]
    within = Window(start=0, end=max([1.0, *events]))
    margin = max(len(row.label) for row in shown) + 2 if shown else 0
    columns = max(LEAST_COLUMNS, width - margin)
    lines = [row.label.ljust(margin) + (_bar(row.pod, within, columns) if row.pod else "") for row in shown]
    return [line.rstrip() for line in [*lines, *_axis(within, margin, columns)]]


def _bar(pod: PodTimeline, within: Window, columns: int) -> str:
    cells = [" "] * columns
    for phase in phases(pod, within, gated="gate" in pod.events or pod.old):
        start = _column(phase.start, within, columns)
        end = columns if phase.end == within.end else max(start + 1, _column(phase.end, within, columns))
        cells[start:end] = FILLS[phase.kind] * (end - start)
    for mark in marks(pod, within):
        if mark.kind in SIGNS:
            cells[_column(mark.at, within, columns)] = SIGNS[mark.kind]
    return "".join(cells)


def _column(at: float, within: Window, columns: int) -> int:
    """The column that a moment lies in; the end of the window is the last."""
    return min(int(columns * (at - within.start) / (within.end - within.start)), columns - 1)


def _axis(within: Window, margin: int, columns: int) -> Sequence[str]:
    labels, ticks = [" "] * columns, ["-"] * columns
    step = _step(within.end / MOST_TICKS)
    for at in range(0, floor(within.end) + 1, step):
        column = _column(at, within, columns)
        ticks[column] = "+"
        label = str(at) if at else "0 s"
        start = min(column, columns - len(label))
        labels[start : start + len(label)] = label
    return " " * margin + "".join(ticks), " " * margin + "".join(labels)


def _step(least: float) -> int:
    """The smallest round number of seconds that is not less."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if factor * power >= least:
                return factor * power
        power *= 10
