"""One run's drawing with the words around it: what it shows, what the table leaves out, how to run it again."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from nodrop.lab.results import Result, RolloutResult, UnreadyResult
from nodrop.report.columns import rollout_columns
from nodrop.report.figures import count, seconds
from nodrop.report.origin import Provenance
from nodrop.report.summary import RolloutSummary, Summary
from nodrop.report.timeline import draw, view_box


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """One drawing with the words around it."""

    anchor: str
    summary: Summary
    run: Result
    """The run that is drawn: the variant's worst."""
    aside: str
    sentences: str
    details: Sequence[tuple[str, str, str]]
    """Header, figure and meaning of each column that the table leaves out."""
    command: str
    """Runs this variant alone again; empty where the command is unknown."""
    view_box: str
    drawing: Markup


def captioned(anchor: str, summary: Summary, origin: Provenance | None) -> Timeline:
    """The drawing of a variant. `anchor`: its id on the page; `origin`: None where the command is unknown."""
    run = summary.worst
    pods = "1 pod" if run.subject.replicas == 1 else f"{run.subject.replicas} pods"
    seed = f"seed {run.conditions.seed}"
    return Timeline(
        anchor=anchor,
        summary=summary,
        run=run,
        aside=f"{pods}, {seed}" + (f", the worst of {len(summary.runs)} runs" if len(summary.runs) > 1 else ""),
        sentences=f"{_rollout(run) if isinstance(run, RolloutResult) else _unready(run)} {_load(run)}{_differs(run)}",
        details=_details(summary),
        command=origin.again(run) if origin else "",
        view_box=view_box(run),
        drawing=Markup(draw(run, anchor, run.predicted if isinstance(run, RolloutResult) else ())),  # noqa: S704 (matplotlib escapes the names that it draws)
    )


def _details(summary: Summary) -> list[tuple[str, str, str]]:
    """Header, figure and meaning of each column that the table leaves out."""
    if not isinstance(summary, RolloutSummary):
        return []
    return [(each.header, each.cell(summary), each.meaning) for each in rollout_columns(str) if each.detail]


def _rollout(run: RolloutResult) -> str:
    old = sum(pod.old for pod in run.pods)
    pods = f"{old} old and {len(run.pods) - old} new pods"
    if not run.finished:
        return f"{pods}; the rollout did not end within its time limit."
    lag = run.first_dropping_lag_seconds
    margin = (
        "" if lag is None else f" A proxy that lags {seconds(lag)} s behind a deletion meets a stopped application."
    )
    return f"{pods}; the last old one was gone after {seconds(run.duration_seconds)} s.{margin}"


def _unready(run: UnreadyResult) -> str:
    removed = "never taken out" if run.removed_seconds is None else f"taken out after {seconds(run.removed_seconds)} s"
    last = run.last_request_seconds
    served = "it answered no request after the flip" if last is None else f"its last request came at {seconds(last)} s"
    after = "at the end of the run" if run.removed_seconds is None else "after its removal"
    leak = f"of the {count(run.requests_after_removal)} requests {after} it answered {count(run.served_after_removal)}"
    return f"The unready pod was {removed}; {served}; {leak}."


def _differs(run: Result) -> str:
    return f" As {run.subject.differs}." if run.subject.differs else ""


def _load(run: Result) -> str:
    """The requests that the drawing's bins hold, and how many the run had where that is more."""
    sent, failed = sum(run.histogram.requests), sum(run.histogram.failures)
    missing = f" (of {count(run.requests)} in the run)" if sent != run.requests else ""
    return f"{count(sent)} requests{missing}, {count(failed)} failed."
