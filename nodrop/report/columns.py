"""The columns of the two tables, each with its text for one summary and a sentence that explains it.

The terminal and the page lay out the same columns; neither repeats what a column says.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from nodrop.report.figures import count, expected, percent, seconds, upper_bound
from nodrop.report.summary import CauseCount, MethodSummary, RolloutSummary, Summary, UnreadySummary
from nodrop.report.words import NOTHING, spread

Row = TypeVar("Row", bound=Summary)

ROLLOUT_TITLE = "Rollout: every pod replaced under load"
METHODS = {
    "GET": ", and how many the load balancer saved by sending them once more",
    "POST": ", which no load balancer sends twice",
}
WITHOUT_SERVICE = "Seconds without service"
UNREADY_TITLE = "Unready: one pod turns unready under load"


@dataclass(frozen=True, kw_only=True)
class Column(Generic[Row]):
    """One column: its header, its text for a row, and whether that text is a figure."""

    header: str
    cell: Callable[[Row], str]
    figure: bool = True
    meaning: str = ""
    """A sentence for the page; empty where the header says it."""
    detail: bool = False
    """The page tells it beside the timeline, not in the table."""


def rollout_columns(causes: Callable[[Sequence[CauseCount]], str]) -> tuple[Column[RolloutSummary], ...]:
    """The rollout table's columns; `causes` writes the (one or more) causes of a row, which may have to be short."""
    return (
        Column(header="Verdict", cell=lambda row: row.verdict.value, figure=False),
        Column(header="Variant", cell=lambda row: row.subject.variant, figure=False),
        Column(header="Backend", cell=lambda row: row.subject.backend, figure=False),
        Column(header="Pods", cell=lambda row: str(row.subject.replicas)),
        Column(header="preStop", cell=lambda row: _duration(row.subject.pre_stop_seconds)),
        Column(
            header="Gate",
            cell=lambda row: "yes" if row.subject.readiness_gate else "no",
            figure=False,
            meaning="whether the pods wait for the load balancer's readiness gate",
        ),
        Column(header="Requests", cell=lambda row: spread(row.requests, count)),
        Column(
            header="Failed",
            cell=lambda row: spread(row.failed, count),
            meaning="responses other than 200, without those that the same traffic has without a rollout",
        ),
        *(
            Column(
                header=method,
                cell=partial(_of_method, method=method),
                meaning=f"{method}s of these{meaning}",
            )
            for method, meaning in METHODS.items()
        ),
        Column(
            header="Model",
            cell=lambda row: spread(row.expected_failed, expected),
            meaning="failed requests that the timing model expected with these lags, before any retry; it shares its "
            "assumptions with the lab and knows no NodePort; fewer than two pods a zone are not held to it, as the "
            "first of a zone passes its gate unchecked",
        ),
        Column(
            header="Loss",
            cell=_loss,
            meaning="the share of requests that failed, and the bound on the loss that so many requests, of all seeds, "
            "allow for with 95 % confidence",
        ),
        Column(
            header=WITHOUT_SERVICE,
            cell=_disrupted,
            meaning="seconds in which a request failed, over new and over reused connections: P50/P95/P99 of the seeds",
        ),
        Column(
            header="Causes",
            cell=lambda row: causes(row.causes) if row.causes else NOTHING,
            figure=False,
            meaning="how many requests failed, and of what; the most frequent first",
        ),
        Column(
            header="Slack TERM",
            cell=lambda row: spread(row.term_after_last_request, seconds),
            meaning="seconds between the last request that a replaced pod answered and its SIGTERM; negative: it "
            "still answered after SIGTERM",
            detail=True,
        ),
        Column(
            header="Slack KILL",
            cell=lambda row: spread(row.kill_after_last_response, seconds),
            meaning="seconds between a replaced pod's last response and the end of its grace period",
            detail=True,
        ),
        Column(
            header="Slack swap",
            cell=lambda row: spread(row.deletion_after_new_routable, seconds),
            meaning="seconds between the moment when a proxy could first reach the new pod and the deletion of the old "
            "pod that it replaced; negative: fewer pods served for so long",
            detail=True,
        ),
    )


UNREADY_COLUMNS: tuple[Column[UnreadySummary], ...] = (
    Column(header="Verdict", cell=lambda row: row.verdict.value, figure=False),
    Column(header="Variant", cell=lambda row: row.subject.variant, figure=False),
    Column(header="Backend", cell=lambda row: row.subject.backend, figure=False),
    Column(header="Pods", cell=lambda row: str(row.subject.replicas)),
    Column(
        header="Keep-alive",
        cell=lambda row: "yes" if row.subject.keep_alive else "no",
        figure=False,
        meaning="whether the application keeps connections open after a response",
    ),
    Column(
        header="Removed after",
        cell=lambda row: spread(row.removed, seconds, absent="never"),
        meaning="seconds from the flip of readiness until the last node or proxy had taken the pod out",
    ),
    Column(
        header="Last request",
        cell=lambda row: spread(row.last_request, seconds, absent="none"),
        meaning="seconds from the flip of readiness until the last request that the unready pod answered",
    ),
    Column(
        header="Leak",
        cell=lambda row: _leak(row),
        meaning="the share of the requests after removal that the unready pod still answered, or, where it answered "
        "none, the bound on it at 95 % confidence; where it was never removed, of the requests at the end of the run",
    ),
    Column(
        header="Pinned flows",
        cell=lambda row: spread(row.pinned_flows, count),
        meaning="tracked connections that a node still translated to the pod right after its removal",
    ),
    Column(header="Requests", cell=lambda row: spread(row.requests, count)),
    Column(header="Failed", cell=lambda row: spread(row.failed, count), meaning="responses other than 200"),
)


def informative(columns: Sequence[Column[Row]], rows: Sequence[Row]) -> list[Column[Row]]:
    """Without the backend where each variant's name says it, causes where nothing failed, or a model that is silent."""
    silent = set() if any(len(row.runs) > 1 for row in rows) else {WITHOUT_SERVICE}
    if all(row.subject.backend in row.subject.variant for row in rows):
        silent.add("Backend")
    if not any(row.causes for row in rows):
        silent.add("Causes")
    if all(isinstance(row, RolloutSummary) and row.expected_failed is None for row in rows):
        silent.add("Model")
    if not any(isinstance(row, RolloutSummary) and any(_told(each) for each in row.methods) for row in rows):
        silent |= set(METHODS)
    return [column for column in columns if column.header not in silent]


def _told(method: MethodSummary) -> bool:
    """Whether anything happened to its requests."""
    return bool(method.failed.high or method.saved.high)


def _of_method(row: RolloutSummary, method: str) -> str:
    found = next((each for each in row.methods if each.name == method), None)
    if found is None:
        return NOTHING
    saved = f", {spread(found.saved, count)} saved" if found.saved.high else ""
    return f"{spread(found.failed, count)}{saved}"


def _duration(value: float | None) -> str:
    return NOTHING if value is None else f"{value:g} s"


def _loss(row: RolloutSummary) -> str:
    if row.loss_bound is None:
        return NOTHING
    share = f"{spread(row.failed_share, percent)}, " if row.failed.high else ""
    return f"{share}{upper_bound(row.loss_bound)}"


def _disrupted(row: RolloutSummary) -> str:
    return ", ".join(f"{kind} {'/'.join(map(count, seconds))}" for kind, seconds in row.disrupted.items()) or NOTHING


def _leak(row: UnreadySummary) -> str:
    share = spread(row.leak, percent)
    if row.leak is None or row.leak_bound is None:
        return share
    if not row.leak.high:
        share = upper_bound(row.leak_bound)
    if len(row.runs) > 1:
        return share
    return f"{share} ({count(row.worst.served_after_removal)} of {count(row.worst.requests_after_removal)})"
