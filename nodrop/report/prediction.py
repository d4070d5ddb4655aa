"""Draws a predicted rollout as an SVG file that stands alone, with its legend, in light and in dark.

The parts are those of the page's drawings (`timeline`), the colours those of its style sheet.
"""

import re
from collections.abc import Iterable
from importlib.resources import files
from xml.sax.saxutils import escape

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from nodrop.report.colours import COLOURS, MARKERS, PHASE_VARIABLES
from nodrop.report.phases import PhaseKind, Window, marks, phases
from nodrop.report.rows import MARK_WORDS, Row, rows
from nodrop.report.timeline import (
    LEFT,
    RIGHT,
    ROW,
    TOP,
    WIDTH,
    draw_pod,
    frame,
    svg_inside,
)
from nodrop.rollout import PodTimeline

LEGEND, AXIS = 0.62, 0.42
"""Inches below the rows."""


def prediction_svg(pods: Iterable[PodTimeline], title: str) -> str:
    """The SVG document."""
    inside, height = _inside(pods)
    return document(inside, height, title)


def prediction_inside(pods: Iterable[PodTimeline]) -> tuple[str, str]:
    """View box and content for an SVG element of the page, whose style sheet has the colours."""
    inside, height = _inside(pods)
    return f"0 0 {72 * WIDTH:g} {72 * height:g}", inside


def _inside(pods: Iterable[PodTimeline]) -> tuple[str, float]:
    """The drawing, and its height in inches."""
    shown = rows(pods)
    height = TOP + ROW * max(len(shown), 1) + AXIS + LEGEND

    def panel(figure: Figure) -> None:
        _draw(figure, shown, height)

    return svg_inside(WIDTH, height, "prediction", panel), height


def document(inside: str, height: float, title: str) -> str:
    """An SVG document that stands alone, around what `timeline.svg_inside` drew into so many inches of height."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'viewBox="0 0 {72 * WIDTH:g} {72 * height:g}" width="{96 * WIDTH:g}" height="{96 * height:g}">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_colours()}\n</style>\n"
        f'<rect width="100%" height="100%" style="fill: var(--paper)"/>\n{inside}\n</svg>\n'
    )


def _draw(figure: Figure, shown: tuple[Row, ...], height: float) -> None:
    events = [at for row in shown if row.pod for at in row.pod.events.values()]
    within = Window(start=0, end=max([1.0, *events]))
    below = AXIS + LEGEND
    axes = figure.add_axes(
        (LEFT / WIDTH, below / height, (WIDTH - LEFT - RIGHT) / WIDTH, ROW * max(len(shown), 1) / height)
    )
    frame(axes, within)
    axes.set_ylim(max(len(shown), 1) - 0.5, -0.5)
    axes.set_yticks(range(len(shown)), [row.label for row in shown])
    axes.set_xlabel("seconds since the change of the pod template, predicted", color=COLOURS["muted"])
    for number, row in enumerate(shown):
        if row.pod:
            draw_pod(axes, number, row.pod, within, gated=row.pod.old or "gate" in row.pod.events)
    drawn = [row.pod for row in shown if row.pod]
    kinds = {phase.kind for pod in drawn for phase in phases(pod, within, gated=pod.old or "gate" in pod.events)}
    marked = {mark.kind for pod in drawn for mark in marks(pod, within)}
    handles: list[Artist] = [
        Patch(facecolor=COLOURS[PHASE_VARIABLES[kind]], label=kind.value) for kind in PhaseKind if kind in kinds
    ]
    handles += [
        Line2D(
            [],
            [],
            linestyle="none",
            marker=marker.shape,
            markersize=marker.size,
            color=COLOURS["ink"],
            label=MARK_WORDS[kind],
        )
        for kind, marker in MARKERS.items()
        if kind in marked
    ]
    figure.legend(handles=handles, loc="lower center", ncols=4, frameon=False, labelcolor=COLOURS["ink"])


def _colours() -> str:
    """The page's variables, in light and in dark."""
    css = (files("nodrop.report") / "templates" / "page.css").read_text(encoding="utf-8")
    return "\n".join(
        re.findall(
            r"^:root \{.*?^\}|^@media screen and \(prefers-color-scheme: dark\) \{.*?^\}", css, re.DOTALL | re.MULTILINE
        )
    )
