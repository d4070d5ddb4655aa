"""Draws the picture of the README: one rollout as many Deployments are, and the same with preStop and readiness gate.

Both are rows of `nodrop compare`, rehearsed on real packets in about 20 seconds.

python docs/picture.py        # writes docs/figures/rollout.svg
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from nodrop.cli.compare import NEG_STACK, NODE_PORT_STACK, Stack, compared
from nodrop.lab.job import Job, Settings
from nodrop.lab.results import PodTimeline, RolloutResult
from nodrop.lab.runner import run_all
from nodrop.project_file import ProjectFile
from nodrop.report.phases import OPENS, MarkKind, PhaseKind, Window, window
from nodrop.report.prediction import document
from nodrop.report.timeline import (
    COLOURS,
    LEFT,
    MARKERS,
    PHASE_VARIABLES,
    RIGHT,
    WIDTH,
    draw_load,
    draw_pod,
    frame,
    svg_inside,
)
from nodrop.rollout import Facts

PROJECT = Path(__file__).parents[1]
FILE = PROJECT / "docs" / "figures" / "rollout.svg"
SHOWN = {
    "NEG, neither": "Without preStop and readiness gate",
    "NEG, preStop + gate": "With preStop and readiness gate",
}
PODS, LOAD, HEADING, GAP, BELOW, LEGEND = 1.0, 0.7, 0.42, 0.1, 0.3, 0.62
"""Inches, from top to bottom of a run's panels; the legend is below the last."""
PHASES = [kind for kind in PhaseKind if kind is not PhaseKind.UNREADY]
EVENTS = [*OPENS, "removed", "gone"]
"""Those that are drawn: the borders of phases, and the moment until which a request may still be sent to the pod."""


def main() -> None:
    """Rehearses both and draws them."""
    results = run_all([job for job in _jobs() if job.variant in SHOWN], _told)
    FILE.write_text(picture([each for each in results if isinstance(each, RolloutResult)]))


def _jobs() -> list[Job]:
    stacks = (Stack(PROJECT, NEG_STACK, {}), Stack(PROJECT, NODE_PORT_STACK, {}))
    return compared(*stacks, ProjectFile(), Facts(), [Settings(speed_up=30, speed_up_is_forced=False)])


def _told(job: Job, phase: str) -> None:
    print(f"{job.variant}: {phase}", file=sys.stderr)


def picture(results: Sequence[RolloutResult]) -> str:
    """The SVG document: the runs below each other over one axis."""
    each = HEADING + PODS + GAP + LOAD + BELOW
    height = each * len(results) + LEGEND
    within = Window(
        start=min(window(result).start for result in results), end=max(window(result).end for result in results)
    )

    most = max(count for result in results for count in result.histogram.requests)

    def panels(figure: Figure) -> None:
        for number, result in enumerate(results):
            load = _run(figure, result, within, height - number * each, height)
            load.set_ylim(0, 1.1 * most)
        load.set_xlabel("seconds since the rollout began", color=COLOURS["muted"])
        figure.legend(handles=_legend(), loc="lower center", ncols=4, frameon=False, labelcolor=COLOURS["ink"])

    title = "; ".join(_heading(result) for result in results)
    return document(svg_inside(WIDTH, height, "rollout", panels), height, title)


def _run(figure: Figure, result: RolloutResult, within: Window, top: float, height: float) -> Axes:
    def panel(above: float, tall: float) -> Axes:
        box = (LEFT / WIDTH, (top - above - tall) / height, (WIDTH - LEFT - RIGHT) / WIDTH, tall / height)
        axes = figure.add_axes(box)
        frame(axes, within)
        axes.axvline(0, color=COLOURS["ink"], linewidth=0.9, linestyle=(0, (3, 2)), zorder=5)
        return axes

    pods = panel(HEADING, PODS)
    pods.tick_params(labelbottom=False)
    pods.set_title(_heading(result), loc="left", color=COLOURS["ink"], fontsize=10, fontweight="bold")
    shown = sorted(result.pods, key=_order)
    pods.set_ylim(len(shown) - 0.5, -0.5)
    pods.set_yticks(range(len(shown)), [f"{'old' if pod.old else 'new'} pod" for pod in shown])
    for row, pod in enumerate(shown):
        draw_pod(pods, row, _as_drawn(pod), within, gated=result.subject.readiness_gate)
    load = panel(HEADING + PODS + GAP, LOAD)
    draw_load(load, replace(result.histogram, by_old=(0,) * len(result.histogram.by_old)))
    load.set_xlabel("")
    return load


def _as_drawn(pod: PodTimeline) -> PodTimeline:
    return replace(pod, events={event: pod.events[event] for event in EVENTS if event in pod.events}, last_request=None)


def _order(pod: PodTimeline) -> tuple[bool, float]:
    return not pod.old, pod.events.get("created", float("-inf"))


def _heading(result: RolloutResult) -> str:
    return f"{SHOWN[result.subject.variant]}: {result.failed:,} of {result.requests:,} requests failed"


def _legend() -> list[Artist]:
    """Seven entries: the requests are named by their axis."""
    phases: list[Artist] = [Patch(facecolor=COLOURS[PHASE_VARIABLES[kind]], label=kind.value) for kind in PHASES]
    removed = Line2D(
        [],
        [],
        linestyle="none",
        marker=MARKERS[MarkKind.REMOVED].shape,
        color=COLOURS["ink"],
        label="last proxy took it out",
    )
    return [*phases, removed, Patch(facecolor=COLOURS["failed"], label="failed")]


if __name__ == "__main__":
    main()
