"""Draws one run as an SVG: above, a row for each pod with its phases; below, requests and failures over the same axis.

A prediction is a thin bar below that of the run. Colours are the page's CSS variables, so that one
drawing reads in light, in dark and on paper, and text stays text. The title, the description and the legend are the
page's. A prediction without a run is in `prediction`.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from io import StringIO

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nodrop.lab.results import Histogram, PodTimeline, Result, RolloutResult, UnreadyResult
from nodrop.report.colours import COLOURS, MARKERS, PHASE_VARIABLES
from nodrop.report.figures import count, seconds
from nodrop.report.phases import MarkKind, Phase, Window, marks, phases, whole, window

WIDTH, LEFT, RIGHT = 9.6, 1.75, 0.12
ROW, TOP, GAP, LOAD, BOTTOM = 0.27, 0.24, 0.1, 0.95, 0.42
"""Inches: the width with its margins, then from top to bottom a pod's row and what lies around the two panels."""

FONT_POINTS = 8
CHARACTER_POINTS = 4.4
"""Width of an average character at FONT_POINTS."""

LONGEST_NAME = 20
"""Characters of a pod's name; the end tells pods apart."""

BAR_HEIGHT = 0.62
PREDICTED_HEIGHT, PREDICTED_BELOW = 0.12, 0.4
"""Rows; of what was measured, and of what was predicted below it."""
TIP = "tip:"
"""Begins the id of a part that shows the rest of the id where a reader points at it."""

DASHES = (0, (3, 2))


def draw(result: Result, salt: str, prediction: Iterable[PodTimeline] = ()) -> str:
    """The inside of an SVG element of the size `view_box`, the same text for the same run.

    Args:
        result: what was measured.
        salt: distinguishes the drawing's ids from those of the page's other drawings.
        prediction: the pods of the same rollout, to be drawn over those measured.
    """
    rows = sorted(result.pods, key=lambda pod: (not pod.old, pod.events.get("created", float("-inf")), pod.name))
    prediction = tuple(prediction)
    within = _extended(window(result), prediction)
    width, height = _size(result)

    def panels(figure: Figure) -> None:
        panel = ((WIDTH - LEFT - RIGHT) / width, LEFT / width)
        pods = figure.add_axes((panel[1], (BOTTOM + LOAD + GAP) / height, panel[0], ROW * max(len(rows), 1) / height))
        load = figure.add_axes((panel[1], BOTTOM / height, panel[0], LOAD / height))
        frame(pods, within)
        frame(load, within)
        pods.tick_params(labelbottom=False)
        _draw_pods(pods, result, rows, within)
        for row, predicted in enumerate(matched(rows, prediction)):
            if predicted is not None:
                _draw_predicted(pods, row, predicted, within)
        draw_load(load, result.histogram)
        _draw_trigger(pods, load, result)

    return svg_inside(width, height, salt, panels)


def svg_inside(width: float, height: float, salt: str, panels: Callable[[Figure], None]) -> str:
    """What `panels` draws into a figure of so many inches, without the SVG element around it.

    `salt`: distinguishes the drawing's ids from those of the page's other drawings.
    """
    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # a matplotlibrc in the current folder may ask for LaTeX
        matplotlib.rcParams["svg.fonttype"] = "none"
        matplotlib.rcParams["svg.hashsalt"] = salt
        matplotlib.rcParams["font.size"] = FONT_POINTS
        matplotlib.rcParams["text.parse_math"] = False
        figure = Figure(figsize=(width, height))
        FigureCanvasSVG(figure)
        panels(figure)
        file = StringIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    return _inner(file.getvalue())


def matched(measured: Sequence[PodTimeline], predicted: Iterable[PodTimeline]) -> list[PodTimeline | None]:
    """The prediction for each measured pod: the first old one to be deleted for the first deleted, and so on."""
    found: list[PodTimeline | None] = [None] * len(measured)
    predicted = tuple(predicted)
    for old, event in ((True, "deleted"), (False, "created")):
        theirs = sorted(
            (pod for pod in predicted if pod.old is old), key=lambda pod: pod.events.get(event, float("inf"))
        )
        mine = sorted(
            (number for number, pod in enumerate(measured) if pod.old is old and event in pod.events),
            key=lambda number: measured[number].events[event],
        )
        for number, pod in zip(mine, theirs, strict=False):
            found[number] = pod
    return found


def view_box(result: Result) -> str:
    """The drawing's viewBox, in points."""
    width, height = _size(result)
    return f"0 0 {72 * width:g} {72 * height:g}"


def _size(result: Result) -> tuple[float, float]:
    return WIDTH, TOP + ROW * max(len(result.pods), 1) + GAP + LOAD + BOTTOM


def frame(axes: Axes, within: Window) -> None:
    """Give the axes their grid of seconds, and nothing else around them."""
    axes.set_xlim(within.start, within.end)
    axes.patch.set_visible(False)
    axes.grid(axis="x", color=COLOURS["line"], linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelcolor=COLOURS["ink"])
    axes.xaxis.set_major_locator(MaxNLocator(nbins=12, steps=[1, 2, 3, 5, 6, 10]))
    for spine in axes.spines.values():
        spine.set_visible(False)


def _extended(within: Window, pods: Iterable[PodTimeline]) -> Window:
    """The window with all that is predicted in it."""
    return Window(start=within.start, end=max([within.end, *(at for pod in pods for at in pod.events.values())]))


def _draw_pods(axes: Axes, result: Result, rows: list[PodTimeline], within: Window) -> None:
    axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    axes.set_yticks(range(len(rows)), [_row_label(pod, result) for pod in rows])
    for row, pod in enumerate(rows):
        draw_pod(axes, row, pod, within, gated=result.subject.readiness_gate)


def draw_pod(axes: Axes, row: int, pod: PodTimeline, within: Window, *, gated: bool) -> None:
    """Draw a pod's phases and marks. `gated`: its path has a readiness gate."""
    points = 72 * (WIDTH - LEFT - RIGHT) / (within.end - within.start)
    for phase in phases(pod, within, gated=gated):
        _draw_phase(axes, row, phase, points)
    _draw_marks(axes, row, pod, within)


def _draw_predicted(axes: Axes, row: int, pod: PodTimeline, within: Window) -> None:
    for phase in phases(pod, within, gated="gate" in pod.events):
        bar = axes.barh(
            row + PREDICTED_BELOW,
            phase.end - phase.start,
            left=phase.start,
            height=PREDICTED_HEIGHT,
            color=COLOURS[PHASE_VARIABLES[phase.kind]],
            linewidth=0,
            zorder=2,
        )
        _give_tip(bar, f"predicted: {phase.kind.value}, {_stretch(phase)}")


def _stretch(phase: Phase) -> str:
    return f"{seconds(phase.start)} to {seconds(phase.end)} s ({seconds(phase.end - phase.start)} s)"


def _give_tip(bars: BarContainer, text: str) -> None:
    for patch in bars:
        patch.set_gid(TIP + text)


def _draw_phase(axes: Axes, row: int, phase: Phase, points_per_second: float) -> None:
    length = phase.end - phase.start
    bar = axes.barh(
        row,
        length,
        left=phase.start,
        height=BAR_HEIGHT,
        color=COLOURS[PHASE_VARIABLES[phase.kind]],
        edgecolor=COLOURS["paper"],
        linewidth=0.8,
        zorder=2,
    )
    _give_tip(bar, f"{phase.kind.value}, {_stretch(phase)}")
    start, end = max(_beside_trigger(phase), key=lambda piece: piece[1] - piece[0])
    if (end - start) * points_per_second > CHARACTER_POINTS * len(phase.kind.value) + 12:
        axes.text(
            start + 5 / points_per_second,
            row,
            phase.kind.value,
            color=COLOURS["ink"],
            fontsize=FONT_POINTS - 0.5,
            verticalalignment="center_baseline",
            zorder=3,
        )


def _beside_trigger(phase: Phase) -> list[tuple[float, float]]:
    """The phase's stretches before and after the trigger, whose line would cross a label."""
    return [(phase.start, max(phase.start, min(0, phase.end))), (min(max(0, phase.start), phase.end), phase.end)]


def _draw_marks(axes: Axes, row: int, pod: PodTimeline, within: Window) -> None:
    gone, removed = pod.events.get("gone"), pod.events.get("removed")
    if gone is not None and removed is not None and gone < removed:
        axes.plot([gone, removed], [row, row], color=COLOURS["ink"], linewidth=1.2, linestyle=DASHES, zorder=2)
    for mark in marks(pod, within):
        marker = MARKERS[mark.kind]
        axes.plot(
            [mark.at],
            [row + (0 if mark.kind is MarkKind.REMOVED and gone is not None and gone < mark.at else marker.offset)],
            marker=marker.shape,
            markersize=marker.size,
            color=COLOURS["ink"],
            markeredgecolor=COLOURS["paper"],
            markeredgewidth=0.8,
            clip_on=False,
            zorder=6,
        )


def _row_label(pod: PodTimeline, result: Result) -> str:
    role = ("old" if pod.old else "new") if isinstance(result, RolloutResult) else ("unready" if pod.old else "other")
    name = pod.name if len(pod.name) <= LONGEST_NAME else "…" + pod.name[1 - LONGEST_NAME :]
    return f"{name} {role}"


def draw_load(axes: Axes, histogram: Histogram) -> None:
    """Draw requests, those that an old pod or the unready one answered, and failures, over the seconds."""
    histogram = whole(histogram)
    edges = [histogram.start + histogram.width * index for index in range(len(histogram.requests) + 1)]
    if histogram.requests:
        axes.stairs(histogram.requests, edges, fill=True, color=COLOURS["requests"], linewidth=0)
    if any(histogram.by_old):
        axes.stairs(histogram.by_old, edges, fill=True, color=COLOURS["by-old"], linewidth=0)
    if any(histogram.failures):
        axes.stairs(histogram.failures, edges, fill=True, color=COLOURS["failed"], linewidth=0)
    for start, sent, old, failed in zip(edges, histogram.requests, histogram.by_old, histogram.failures, strict=False):
        if sent or failed:
            over = axes.bar(start, max(sent, failed), width=histogram.width, align="edge", color="none")
            said = f"{seconds(start)} to {seconds(start + histogram.width)} s: {count(sent)} requests"
            _give_tip(over, f"{said}, {count(old)} answered by an old pod, {count(failed)} failed")
    axes.set_ylim(0, 1.25 * max([1, *histogram.requests, *histogram.failures]))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=3, integer=True))
    axes.set_ylabel(f"requests\nper {histogram.width:g} s", color=COLOURS["ink"], rotation=0, ha="right", va="center")
    axes.yaxis.set_label_coords(-0.045, 0.5)
    axes.set_xlabel("seconds of the rehearsed system", color=COLOURS["muted"])


def _draw_trigger(pods: Axes, load: Axes, result: Result) -> None:
    label = "rollout begins" if isinstance(result, RolloutResult) else "readiness flips"
    for axes in (pods, load):
        axes.axvline(0, color=COLOURS["ink"], linewidth=0.9, linestyle=DASHES, zorder=5)
        if isinstance(result, UnreadyResult) and result.removed_seconds is not None:
            axes.axvline(result.removed_seconds, color=COLOURS["ink"], linewidth=0.7, linestyle=(0, (1, 2)), zorder=5)
    pods.text(0, -0.62, label, color=COLOURS["ink"], ha="left", va="bottom", clip_on=False)


def _inner(svg: str) -> str:
    """What matplotlib put into its svg element, without a style of its own and the ids that nothing refers to."""
    parts = r"^.*?<svg[^>]*>|<metadata>.*?</metadata>|<style.*?</style>|</svg>\s*$"
    inner = re.sub(parts, "", svg, flags=re.DOTALL)
    inner = re.sub(rf'<g id="{TIP}([^"]*)"([^>]*)>', r'<g class="tip"\2><title>\1</title>', inner)
    inner = re.sub(r'<g id="[^"]*"', "<g", inner)
    inner = re.sub(r"'DejaVu Sans'[^;\"]*", "var(--font)", inner)
    for name, colour in COLOURS.items():
        inner = inner.replace(colour, f"var(--{name})")
    return inner.strip()
