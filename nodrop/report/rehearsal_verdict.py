"""What the runs of one variant come to: the worst of them decides."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from nodrop.lab.results import RolloutResult, UnreadyResult
from nodrop.paths import Backend


class RehearsalVerdict(StrEnum):
    """What a variant's runs come to: the worst of them decides."""

    CLEAN = "clean"
    DROPS = "drops"
    UNFINISHED = "unfinished"
    NO_LEAK = "no leak"
    LEAKS = "leaks"
    NOT_REMOVED = "not removed"
    NO_TRAFFIC = "no traffic"
    SAVED = "saved by retries"
    """No request failed, but only because the load balancer sent some GETs twice, as it never sends a POST."""
    TOO_FAST = "too fast"
    """At a speed that was forced beyond its bound: what failed may be the lab's doing, and the rest says nothing."""
    NOT_JUDGED = "not judged"
    """Nothing failed, on a path of which no rule and no rehearsal judges everything."""
    UNDECIDED = "undecided"
    """Nothing failed, where kept-alive connections are cut now and then, and no model says that they are not."""

    @property
    def good(self) -> bool:
        """True for the outcomes that a user wants."""
        return self in (RehearsalVerdict.CLEAN, RehearsalVerdict.NO_LEAK)


WHY_UNDECIDED = {
    RehearsalVerdict.UNFINISHED: "it did not end within its time limit",
    RehearsalVerdict.NOT_REMOVED: "it was never taken out",
    RehearsalVerdict.NO_TRAFFIC: "no request was sent",
    RehearsalVerdict.SAVED: "no request failed, but only because the load balancer sent some GETs once more",
    RehearsalVerdict.TOO_FAST: "its speed was forced beyond what the lab resolves, so its figures say nothing",
    RehearsalVerdict.NOT_JUDGED: "nothing failed, but not everything on the path is judged",
    RehearsalVerdict.UNDECIDED: "nothing failed, but so few requests do not show that no kept-alive connection is cut",
}
"""The verdicts that decide nothing, each with the reason."""


def rollout_verdict(runs: Sequence[RolloutResult]) -> RehearsalVerdict:
    """Of rollouts; failures decide, unless the speed may have made them."""
    if any(run.failed for run in runs if not run.conditions.too_fast):
        return RehearsalVerdict.DROPS
    if any(run.conditions.too_fast for run in runs):
        return RehearsalVerdict.TOO_FAST
    if not all(run.finished for run in runs):
        return RehearsalVerdict.UNFINISHED
    if any(run.saved for run in runs):
        return RehearsalVerdict.SAVED
    if not all(run.requests for run in runs):
        return RehearsalVerdict.NO_TRAFFIC
    if any(run.subject.unjudged for run in runs):
        return RehearsalVerdict.NOT_JUDGED
    kept = any(run.subject.backend == Backend.INSTANCE_GROUP and run.subject.keep_alive for run in runs)
    return RehearsalVerdict.UNDECIDED if kept else RehearsalVerdict.CLEAN


def unready_verdict(runs: Sequence[UnreadyResult]) -> RehearsalVerdict:
    """Of pods that turn unready; what one still serves after its removal decides, unless the speed may have made it."""
    if any(run.served_after_removal for run in runs if not run.conditions.too_fast):
        return RehearsalVerdict.LEAKS
    if any(run.conditions.too_fast for run in runs):
        return RehearsalVerdict.TOO_FAST
    if any(run.removed_seconds is None for run in runs):
        return RehearsalVerdict.NOT_REMOVED
    if not all(run.requests_after_removal for run in runs):
        return RehearsalVerdict.NO_TRAFFIC
    return RehearsalVerdict.NOT_JUDGED if any(run.subject.unjudged for run in runs) else RehearsalVerdict.NO_LEAK


def undecided(verdict: RehearsalVerdict, beside: Mapping[RehearsalVerdict, bool]) -> tuple[str, ...]:
    """Reasons of the verdict, and of those beside it that hold and that it hides."""
    held = dict.fromkeys((verdict, *(each for each, holds in beside.items() if holds)))
    return tuple(WHY_UNDECIDED[each] for each in held if each in WHY_UNDECIDED)
