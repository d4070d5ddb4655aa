"""The report as one self-contained page: it loads nothing, and reads in light, in dark and on paper.

Its one script sorts tables; the policy of the page admits that script alone, by its hash.

Puts words, columns and drawings into the templates; computes none of them. Needs the extra `lab` (Jinja2, matplotlib).
"""

import base64
import hashlib
import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from nodrop.judge import Verdict
from nodrop.lab.results import PodTimeline, Result, RolloutResult, UnreadyResult
from nodrop.report.columns import ROLLOUT_TITLE, UNREADY_COLUMNS, UNREADY_TITLE, Column, informative, rollout_columns
from nodrop.report.figures import count, seconds
from nodrop.report.judged.model import Report, place, sentence, shown
from nodrop.report.judged.text import alone_text, loss_text
from nodrop.report.limits import LIMITS
from nodrop.report.origin import Provenance
from nodrop.report.phases import PhaseKind
from nodrop.report.plan import Answer, pods_text, sentences
from nodrop.report.prediction import prediction_inside
from nodrop.report.summary import RehearsalVerdict, RolloutSummary, Summary, summarise
from nodrop.report.timeline import MARKERS, PHASE_VARIABLES, draw, view_box
from nodrop.report.words import CAUSES, NOTHING, accepted, cause_codes, coded, conditions_line, facts, headline
from nodrop.rollout.text import printable, printable_lines


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table of the comparison; each row with the anchor of its timeline."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[tuple[str, Summary]]
    accepted: Sequence[tuple[str, str]]
    """Variant, and the rules that its owner waives with the reasons."""


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


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """One run with those of its conditions, by label, in which the runs differ."""

    run: Result
    own: dict[str, str]


def page(
    results: Iterable[Result] = (),
    judgement: Report | None = None,
    plan: Answer | None = None,
    origin: Provenance | None = None,
) -> str:
    """The whole page as HTML text.

    Args:
        results: of rehearsals: each variant's worst run is drawn, every run's facts are listed.
        judgement: shown in the words and the order of `nodrop check`.
        plan: shown with its predicted timeline.
        origin: when, where and by which command the page came to be.
    """
    results = tuple(results)
    rollouts, unready = summarise(results)
    anchored = [(f"run-{number}", summary) for number, summary in enumerate([*rollouts, *unready], 1)]
    shared, runs = _facts(results)
    codes = cause_codes(rollouts)
    script = (files("nodrop.report") / "templates" / "sort.js").read_text(encoding="utf-8")
    return (
        _environment()
        .get_template("page.html")
        .render(
            version=version("gke-nodrop"),
            kind="rehearsal" if results or not (judgement or plan) else "check" if judgement else "plan",
            title=_title(results, judgement, plan) or headline(rollouts, unready).title,
            origin=origin,
            script=Markup(script),  # noqa: S704 (our own)
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
            judgement=judgement,
            alone_text=alone_text,
            loss_text=loss_text,
            plan=plan,
            plan_lines=plan and list(sentences(plan)),
            prediction=plan and plan.timeline and _prediction(plan),
            verdict=judgement and sentence(judgement),
            shown=shown,
            place=place,
            headline=headline(rollouts, unready),
            conditions=conditions_line(results),
            tables=[
                table
                for table in (
                    Table(
                        title=ROLLOUT_TITLE,
                        columns=_tabled(informative(rollout_columns(lambda causes: coded(causes, codes)), rollouts)),
                        rows=anchored[: len(rollouts)],
                        accepted=accepted(rollouts),
                    ),
                    Table(
                        title=UNREADY_TITLE,
                        columns=informative(UNREADY_COLUMNS, unready),
                        rows=anchored[len(rollouts) :],
                        accepted=accepted(unready),
                    ),
                )
                if table.rows
            ],
            causes=[(code, name, CAUSES.get(name, "")) for name, code in codes.items()],
            timelines=[_timeline(anchor, summary, origin) for anchor, summary in anchored],
            phases=[(kind, PHASE_VARIABLES[kind]) for kind in PhaseKind if kind is not PhaseKind.UNREADY or unready],
            markers=MARKERS,
            events=PodTimeline.EVENTS,
            shared=shared,
            runs=runs,
            limits=LIMITS,
        )
    )


_TITLES = {
    Verdict.DROPS: "Requests drop",
    Verdict.AT_RISK: "Requests are at risk",
    Verdict.CLEAN: "No rollout drops a request",
    Verdict.NOT_JUDGED: "Not judged, or not all of it",
}


def _title(results: Sequence[Result], judgement: Report | None, plan: Answer | None) -> str | None:
    """None: what was rehearsed says it."""
    if results:
        return None
    if judgement:
        return _TITLES[judgement.verdict]
    return f"A rollout of {pods_text(plan.pods)}, planned" if plan else None


def _prediction(plan: Answer) -> tuple[str, Markup]:
    """View box and drawing."""
    box, drawing = prediction_inside(plan.timeline)
    return box, Markup(drawing)  # noqa: S704 (matplotlib escapes the names that it draws)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("nodrop.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "typeset": typeset,
        "breakable": breakable,
        "moment": _moment,
        "tone": _tone,
        "judged_tone": lambda verdict: {"drops": "bad", "clean": "good"}.get(verdict, "open"),
        "count": count,
        "command": shlex.join,
    }
    return environment


def _printable(value: object) -> str:
    """What of a value can be printed, whatever its type; markup stays markup."""
    if isinstance(value, Markup):
        return Markup(printable_lines(str(value)))  # noqa: S704 (no character that it replaces is one of markup)
    return printable(str(value))


def typeset(text: str) -> str:
    """Figures in finer type than ASCII has: ranges, bounds, minus signs, missing values."""
    if text == NOTHING:
        return "\N{EN DASH}"
    text = re.sub(r"(?<=[\d%])\.\.(?=[-<\d])", " to ", text).replace("<= ", "≤\N{NO-BREAK SPACE}")
    return re.sub(r"(?<![\w.-])-(?=\d)", "\N{MINUS SIGN}", text)


def breakable(text: str) -> Markup:
    """The text, escaped, with a chance to break the line after each underscore."""
    return Markup("_<wbr>").join(escape(part) for part in text.split("_"))


def _moment(at: float | None) -> str:
    return typeset(NOTHING if at is None else seconds(at))


def _tone(summary: Summary) -> str:
    """Bad where a rollout failed requests, good where the verdict is and no request failed, else open."""
    if summary.verdict is RehearsalVerdict.DROPS:
        return "bad"
    return "good" if summary.verdict.good and not summary.failed.high else "open"


def _tabled(columns: Sequence[Column]) -> list[Column]:
    return [column for column in columns if not column.detail]


def _facts(results: Sequence[Result]) -> tuple[dict[str, str], list[RunFacts]]:
    """The conditions that all runs share, and each run with its own."""
    runs = [facts(result.conditions) for result in results]
    shared = {label: text for label, text in runs[0].items() if all(run[label] == text for run in runs)} if runs else {}
    return shared, [
        RunFacts(run=result, own={label: text for label, text in run.items() if label not in shared})
        for result, run in zip(results, runs, strict=True)
    ]


def _timeline(anchor: str, summary: Summary, origin: Provenance | None) -> Timeline:
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
