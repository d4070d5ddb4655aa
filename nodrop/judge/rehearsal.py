"""Rehearsals and rules in one judgement: what a rehearsal counted, or why there was none, beside what rules found."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from nodrop.judge.judgement import Judgement, PathJudgement, in_order, worst_first
from nodrop.judge.limits import node_port_reason
from nodrop.rollout import Diagnostic, Severity

FAILED, LEAKED = "rehearsed-rollout-fails-no-request", "rehearsed-unready-pod-gets-no-request"
"""Rules that a rehearsal can find broken."""


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What came of rehearsing one path, over all its runs."""

    requests: int = 0
    """Of rollouts."""
    failed: int = 0
    """Of these."""
    causes: tuple[str, ...] = ()
    """Why, the most frequent first, in the words of the load balancer's log."""
    requests_after_removal: int = 0
    """Sent after an unready pod had been taken out."""
    leaked: int = 0
    """How many of these the unready pod still answered."""
    undecided: tuple[str, ...] = ()
    """Why a run says nothing, such as a rollout that did not end."""

    @property
    def ran(self) -> bool:
        """Whether anything was counted."""
        return bool(self.requests or self.requests_after_removal)


def with_rehearsals(judgement: Judgement, rehearsals: Mapping[str, Rehearsal]) -> Judgement:
    """The judgement with what rehearsals found, by the names of the paths; a path without one stays as it is."""
    paths = [
        _with(each, rehearsals[each.name]) if each.path is not None and each.name in rehearsals else each
        for each in judgement.paths
    ]
    return replace(judgement, paths=worst_first(paths))


def _with(judged: PathJudgement, rehearsal: Rehearsal) -> PathJudgement:
    assert judged.path is not None  # noqa: S101 - states an invariant
    cured = node_port_reason(judged.path) if rehearsal.ran and not rehearsal.undecided else None
    kept = tuple(each for each in judged.not_judged if each != cured)
    waivers = {each.rule: each.waiver for each in judged.diagnostics if each.waiver is not None}
    found = (replace(each, waiver=waivers.get(each.rule)) for each in _found(rehearsal))
    return replace(
        judged,
        diagnostics=in_order((*found, *judged.diagnostics)),
        not_judged=(*kept, *(f"not rehearsed: {each}" for each in rehearsal.undecided)),
    )


def _found(rehearsal: Rehearsal) -> Iterator[Diagnostic]:
    if rehearsal.failed:
        yield Diagnostic(
            rule=FAILED,
            severity=Severity.ERROR,
            input="rehearsal.failed",
            value=rehearsal.failed,
            seen=f"of {rehearsal.requests:,} requests during a rehearsed rollout",
            why=", ".join(rehearsal.causes) or "they were not answered with 200",
            source="this rehearsal",
            would_pass="0; the rules below say what to change",  # noqa: S106 - not a password
        )
    if rehearsal.leaked:
        yield Diagnostic(
            rule=LEAKED,
            severity=Severity.ERROR,
            input="rehearsal.leaked",
            value=rehearsal.leaked,
            seen=f"of {rehearsal.requests_after_removal:,} requests after an unready pod had been taken out",
            why="kept-alive connections stay with the pod that they were opened to",
            source="this rehearsal",
            would_pass="0, by container-native load balancing (NEG)",  # noqa: S106 - not a password
        )
