"""Rehearsals and rules in one judgement: what a rehearsal counted, or why there was none, beside what rules found."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from nodrop.judge.accepted import waived
from nodrop.judge.judgement import Assumption, Judgement, PathJudgement, in_order, worst_first
from nodrop.rollout import Diagnostic, Origin
from nodrop.rollout.rules.rehearsed import (
    rehearsed_rollout_fails_no_request,
    rehearsed_steady_traffic_fails_no_request,
    rehearsed_unready_pod_gets_no_request,
)


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What came of rehearsing one path, over all its runs."""

    requests: int = 0
    """Of rollouts."""
    failed: int = 0
    """Of these, because of the rollouts."""
    causes: tuple[str, ...] = ()
    """Why, the most frequent first, in the words of the load balancer's log."""
    steady_requests: int = 0
    """Sent before the rollouts, while nothing changed."""
    steady_failed: int = 0
    """Of these."""
    steady_causes: tuple[str, ...] = ()
    requests_after_removal: int = 0
    """Sent after an unready pod had been taken out."""
    leaked: int = 0
    """How many of these the unready pod still answered."""
    undecided: tuple[str, ...] = ()
    """Why there was no run, or one says nothing, such as a rollout that did not end; sentences as they are told."""
    kept_open: bool = False
    """Whether clients kept connections or streams open."""
    left_out: tuple[str, ...] = ()
    """What the path has and its runs did not, though no verdict depends on it; a few words each."""

    @property
    def decides_rollouts(self) -> bool:
        """Whether requests of rollouts were counted, and each run says something."""
        return bool(self.requests) and not self.undecided


def with_rehearsals(judgement: Judgement, rehearsals: Mapping[str, Rehearsal]) -> Judgement:
    """The judgement with what rehearsals found, by the names of the paths; a path without one stays as it is."""
    paths = [
        _with(each, rehearsals[each.name]) if each.path is not None and each.name in rehearsals else each
        for each in judgement.paths
    ]
    return replace(judgement, paths=worst_first(paths))


def _with(judged: PathJudgement, rehearsal: Rehearsal) -> PathJudgement:
    explained = any(each.waiver is None for each in judged.diagnostics)
    found = waived(_found(rehearsal, explained), judged.accepted)
    return replace(
        judged,
        diagnostics=in_order((*found, *judged.diagnostics)),
        awaiting_rehearsal=() if rehearsal.decides_rollouts else judged.awaiting_rehearsal,
        reasons=(*judged.reasons, *rehearsal.undecided),
        assumptions=(*judged.assumptions, *_assumed(rehearsal)),
    )


def _assumed(rehearsal: Rehearsal) -> Iterator[Assumption]:
    if rehearsal.left_out:
        yield Assumption(name="rehearsed", value=f"without {', '.join(rehearsal.left_out)}", origin=Origin.DEFAULT)


def _found(rehearsal: Rehearsal, explained: bool) -> Iterator[Diagnostic]:
    rollout = (rehearsal.failed, rehearsal.requests, rehearsal.causes)
    steady = (rehearsal.steady_failed, rehearsal.steady_requests, rehearsal.steady_causes)
    kept_open = rehearsal.kept_open
    yield from rehearsed_rollout_fails_no_request(*rollout, kept_open=kept_open, explained=explained)
    yield from rehearsed_steady_traffic_fails_no_request(*steady, kept_open=kept_open, explained=explained)
    yield from rehearsed_unready_pod_gets_no_request(rehearsal.leaked, rehearsal.requests_after_removal)
