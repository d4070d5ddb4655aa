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

from nodrop.lab.results import PodTimeline, Result
from nodrop.report.captions import captioned
from nodrop.report.colours import MARKERS, PHASE_VARIABLES
from nodrop.report.columns import ROLLOUT_TITLE, UNREADY_COLUMNS, UNREADY_TITLE, Column, informative, rollout_columns
from nodrop.report.conditions import conditions_line, facts
from nodrop.report.figures import count, seconds
from nodrop.report.headline import Headline, headline, undecided
from nodrop.report.judged.headline import judged_headline
from nodrop.report.judged.model import Report, instead, place, sentence, shown
from nodrop.report.judged.text import alone_text, loss_text
from nodrop.report.limits import limits_of
from nodrop.report.origin import Provenance
from nodrop.report.phases import PhaseKind
from nodrop.report.plan import Answer, pods_text, sentences
from nodrop.report.prediction import prediction_inside
from nodrop.report.rehearsal_verdict import RehearsalVerdict
from nodrop.report.summary import Summary, summarise
from nodrop.report.words import (
    CAUSES,
    NOTHING,
    accepted,
    cause_codes,
    coded,
)
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
class RunFacts:
    """One run with those of its conditions, by label, in which the runs differ."""

    run: Result
    own: dict[str, str]


def page(
    results: Iterable[Result] = (),
    judgement: Report | None = None,
    plan: Answer | None = None,
    origin: Provenance | None = None,
    without_result: Sequence[str] = (),
) -> str:
    """The whole page as HTML text.

    Args:
        results: of rehearsals: each variant's worst run is drawn, every run's facts are listed.
        judgement: shown in the words and the order of `nodrop check`.
        plan: shown with its predicted timeline.
        origin: when, where and by which command the page came to be.
        without_result: what was to be rehearsed and has no result, each with the reason.
    """
    results = tuple(results)
    rollouts, unready = summarise(results)
    anchored = [(f"run-{number}", summary) for number, summary in enumerate([*rollouts, *unready], 1)]
    shared, runs = _facts(results)
    codes = cause_codes(rollouts)
    head = _headline(results, judgement, plan, without_result)
    script = (files("nodrop.report") / "templates" / "sort.js").read_text(encoding="utf-8")
    return (
        _environment()
        .get_template("page.html")
        .render(
            version=version("gke-nodrop"),
            kind="rehearsal" if results or not (judgement or plan) else "check" if judgement else "plan",
            title=head.title,
            origin=origin,
            script=Markup(script),  # noqa: S704 (our own)
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
            judgement=judgement,
            alone_text=alone_text,
            loss_text=loss_text,
            plan=plan,
            prediction=plan and plan.timeline and _prediction(plan),
            verdict=judgement and sentence(judgement),
            shown=shown,
            instead=instead,
            place=place,
            headline=head,
            failed=any(any(run.histogram.failures) for run in results),
            undecided=undecided(rollouts, unready, without_result),
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
            timelines=[captioned(anchor, summary, origin) for anchor, summary in anchored],
            phases=[(kind, PHASE_VARIABLES[kind]) for kind in PhaseKind if kind is not PhaseKind.UNREADY or unready],
            markers=MARKERS,
            events=PodTimeline.EVENTS,
            shared=shared,
            runs=runs,
            limits=limits_of(results),
        )
    )


def _headline(
    results: Sequence[Result], judgement: Report | None, plan: Answer | None, without_result: Sequence[str]
) -> Headline:
    """Of what was rehearsed, if anything was; else of what was judged or planned."""
    if judgement and not results:
        return judged_headline(judgement)
    if plan and not results:
        title = f"A rollout of {pods_text(plan.pods)}, planned"
        return Headline(title=title, details=tuple(line.replace("`", "") for line in sentences(plan) if line))
    return headline(*summarise(results), without_result)


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
    """The text, escaped, with a chance to break the line after each underscore, and each dot between names."""
    return Markup("<wbr>").join(escape(part) for part in re.split(r"(?<=_)|(?<=[\w\]]\.)(?=[A-Za-z])", text))


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
    shared = (
        {label: text for label, text in runs[0].items() if all(run.get(label) == text for run in runs)} if runs else {}
    )
    return shared, [
        RunFacts(run=result, own={label: text for label, text in run.items() if label not in shared})
        for result, run in zip(results, runs, strict=True)
    ]
