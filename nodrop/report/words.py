"""The words of a report's rows: causes and their codes, spans of values, names of variants, waivers.

Plain ASCII text, so that any terminal shows it; the page sets it in finer type. Pure, without layout.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from string import ascii_lowercase

from nodrop.lab.causes import TIMEOUT_AT_RETRY
from nodrop.lab.counting import DRAINING_ENDED
from nodrop.report.figures import count
from nodrop.report.summary import CauseCount, Range, RolloutSummary, UnreadySummary

NOTHING = "-"
"""What stands where a run has no value."""

CAUSES = {
    "failed_to_connect_to_backend": "the pod had stopped before its removal reached every proxy",
    "failed_to_pick_backend": "no healthy endpoint was left",
    "backend_connection_closed_before_data_sent_to_client": "the pod closed the connection before it answered: "
    "killed within the request, or a keep-alive shorter than the load balancer's",
    "backend_connection_closed_after_partial_response_sent": "the pod was killed within its response: grace period too "
    "short",
    DRAINING_ENDED: "the load balancer drained the pod for no longer than drainingTimeoutSec says; the longest request "
    "needs more",
    "backend_timeout": "the response took longer than the backend timeout",
    TIMEOUT_AT_RETRY: "the first try was cut, and what was left of the backend timeout was not enough for the second",
}
"""Meaning of the load balancer's `statusDetails` during a rollout (Google: External Application Load Balancer logging
and monitoring, statusDetails HTTP failure messages)."""


def named(summary: RolloutSummary | UnreadySummary) -> str:
    """The variant, with how many pods it has where it does not say so itself."""
    replicas = summary.subject.replicas
    pods = "1 pod" if replicas == 1 else f"{replicas} pods"
    variant = summary.subject.variant
    return variant if variant.endswith(pods) else f"{variant} ({pods})"


def cause_codes(summaries: Iterable[RolloutSummary | UnreadySummary]) -> dict[str, str]:
    """A short code for each cause, since the names of statusDetails do not fit into a cell; the most frequent first."""
    totals: dict[str, float] = {}
    for cause in (cause for summary in summaries for cause in summary.causes):
        totals[cause.name] = totals.get(cause.name, 0) + cause.count.high
    ranked = sorted(totals, key=lambda name: (-totals[name], name))
    return {name: ascii_lowercase[rank] if rank < 26 else f"#{rank + 1}" for rank, name in enumerate(ranked)}


def coded(causes: Sequence[CauseCount], codes: Mapping[str, str]) -> str:
    """The causes of one row by their codes."""
    return ", ".join(f"{codes[cause.name]} {spread(cause.count, count)}" for cause in causes)


def accepted(summaries: Sequence[RolloutSummary | UnreadySummary]) -> tuple[tuple[str, str], ...]:
    """Each variant whose owner waives rules, with the rules and the reasons."""
    return tuple(
        dict.fromkeys(
            (named(summary), "; ".join(f"{rule}: {reason}" for rule, reason in summary.subject.accepted.items()))
            for summary in summaries
            if summary.subject.accepted
        )
    )


def spread(values: Range | None, text: Callable[[float], str], absent: str = NOTHING) -> str:
    """Smallest to largest as "low..high", one number where they read the same; `absent` names a missing value."""
    if values is None:
        return absent
    shown = between(values.low, values.high, text)
    return f"{shown}, {absent} in {values.absent}" if values.absent else shown


def between(low: float, high: float, text: Callable[[float], str]) -> str:
    """As "low..high", or one number where both read the same."""
    return text(low) if text(low) == text(high) else f"{text(low)}..{text(high)}".replace(" %..", "..")
