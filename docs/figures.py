"""Draws the figures of docs/rollout.md from the model itself, and the scatter plot from docs/consistency.json.

python docs/figures.py        # writes docs/figures/*.svg
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from benchmarks.consistency_cases import TOLERANCE, recorded
from nodrop.rollout import Cause, OnTerm, expected_drops, plan, solve

DOCS = Path(__file__).parent
FOLDER = DOCS / "figures"
POLLS = solve(longest_request_seconds=30, startup_seconds=20, replicas=90)
"""The service of the first field report: 90 instances, 30 s long polls; its start-up is an assumption."""
POLLS_PER_SECOND = 15_000
SMALL = solve(longest_request_seconds=30, startup_seconds=10, replicas=4)
INK, RED, BLUE, GREY = "#333333", "#c0392b", "#1f6fb2", "#999999"


def main() -> None:
    """Draws all."""
    FOLDER.mkdir(exist_ok=True)
    _draw("duration", "pods added at a time (maxSurge)", "seconds", _duration)
    _draw("pods", "pods added at a time (maxSurge)", "pods at the peak", _pods)
    _draw("pre-stop", "preStop, seconds", "failed requests a rollout, at 100 requests/s", _pre_stop)
    _draw("draining", "draining timeout, seconds", "failed requests a rollout, at 100 requests/s", _draining)
    _draw("consistency", "expected failed requests (model)", "counted failed requests (lab)", _consistency)


def _draw(name: str, across: str, up: str, draw: Callable[[Axes], None]) -> None:
    # text stays text, and the same drawing is the same file
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "nodrop", "font.size": 9}):
        figure = Figure(figsize=(6.4, 3.6), layout="constrained")
        axes = figure.subplots()
        axes.set_xlabel(across)
        axes.set_ylabel(up)
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes)
        if axes.get_legend_handles_labels()[1]:
            axes.legend(frameon=False)
        FigureCanvasSVG(figure).print_svg(FOLDER / f"{name}.svg", metadata={"Date": None})


def _duration(axes: Axes) -> None:
    surges = range(1, 24)
    plans = [plan(replace(POLLS, max_surge=surge)) for surge in surges]
    axes.step(surges, [p.old_gone_seconds for p in plans], color=GREY, where="mid", label="last old pod gone, most")
    axes.step(surges, [p.rolled_out_seconds for p in plans], color=BLUE, where="mid", label="rolled out, most")
    least = [p.rolled_out_at_least_seconds for p in plans]
    axes.step(surges, least, color=INK, where="mid", linestyle="--", label="rolled out, lower bound")
    axes.set_ylim(0)


def _pods(axes: Axes) -> None:
    surges = range(1, 24)
    axes.step(surges, [plan(replace(POLLS, max_surge=surge)).peak_pods for surge in surges], color=BLUE, where="mid")
    axes.axhline(POLLS.replicas, color=GREY, linestyle="--")
    axes.set_ylim(0)


def _pre_stop(axes: Axes) -> None:
    seconds = range(61)
    for on_term, colour in ((OnTerm.EXIT, RED), (OnTerm.DRAIN, BLUE)):
        rollouts = [
            replace(SMALL, on_term=on_term, pre_stop_seconds=each, termination_grace_period_seconds=each + 35)
            for each in seconds
        ]
        axes.plot(seconds, [expected_drops(r, 100).total for r in rollouts], color=colour, label=f"on TERM: {on_term}")
    axes.axvline(28.6, color=GREY, linestyle="--")
    axes.set_ylim(0)


def _draining(axes: Axes) -> None:
    seconds = range(41)
    drops = [expected_drops(replace(SMALL, draining_timeout_seconds=each), 100) for each in seconds]
    axes.plot(seconds, [each.by_cause[Cause.CUT_IN_FLIGHT] for each in drops], color=RED, label="cut in flight")
    axes.axvline(SMALL.longest_request_seconds, color=GREY, linestyle="--")
    axes.set_ylim(0)


def _consistency(axes: Axes) -> None:
    pairs = recorded((DOCS / "consistency.json").read_text())
    most = 1.2 * max(max(pair.expected, pair.counted) for pair in pairs)
    axes.plot([0, most], [0, most], color=GREY)
    for bound in (1 - TOLERANCE, 1 + TOLERANCE):
        axes.plot([0, most], [0, bound * most], color=GREY, linestyle="--")
    for near, colour, label in ((True, BLUE, "within 30 %"), (False, RED, "beyond")):
        chosen = [pair for pair in pairs if pair.within_tolerance is near]
        expected, counted = [pair.expected for pair in chosen], [pair.counted for pair in chosen]
        axes.scatter(expected, counted, color=colour, s=14, label=f"{label}: {len(chosen)} of {len(pairs)}", zorder=3)
    axes.set_xscale("symlog", linthresh=10)
    axes.set_yscale("symlog", linthresh=10)
    axes.set_xlim(-1, most)
    axes.set_ylim(-1, most)


if __name__ == "__main__":
    main()
