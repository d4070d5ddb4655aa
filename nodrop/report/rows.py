"""Which pods a drawing of a predicted rollout shows: pods that do the same share a row, and the middle is left out.

Also what the drawings' legends call the marks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from nodrop.report.phases import MarkKind
from nodrop.rollout import PodTimeline

MOST_ROWS = 5
"""Of the old pods, and of the new ones."""

MARK_WORDS = {kind: kind.value for kind in MarkKind} | {MarkKind.REMOVED: "last proxy took it out"}
"""What a legend says; a prediction has no nodes to take a pod out."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a drawing."""

    label: str
    pod: PodTimeline | None
    """What the row shows; None: pods that are left out."""


def rows(pods: Iterable[PodTimeline]) -> tuple[Row, ...]:
    """The old pods' rows, then the new ones', each kind in the order in which it is given."""
    pods = tuple(pods)
    return (*_kind("old", [pod for pod in pods if pod.old]), *_kind("new", [pod for pod in pods if not pod.old]))


def _kind(name: str, pods: Sequence[PodTimeline]) -> list[Row]:
    found: list[Row] = []
    firsts: list[int] = []
    number = 1
    for _, alike in groupby(pods, key=lambda pod: (dict(pod.events), pod.last_request)):
        group = list(alike)
        firsts.append(number)
        number += len(group)
        found.append(Row(label=f"{name} {_range(firsts[-1], number - 1)}", pod=group[0]))
    if len(found) <= MOST_ROWS:
        return found
    left_out = Row(label=f"... {_range(firsts[MOST_ROWS - 2], firsts[-1] - 1)}", pod=None)
    return [*found[: MOST_ROWS - 2], left_out, found[-1]]


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"
