"""How long a rollout takes, between which bounds, and how many pods it has at most.

With the same time to available for every pod the Deployment controller works in lockstep (`schedule.rolling_update`):
maxSurge + maxUnavailable pods at a time, and the last old pod goes when replicas - maxUnavailable new ones are
available. Where pods differ, no event comes before that of the fastest pod's lockstep, and none after the slowest's.
Not here: the controllers' own delays, of a second or so for each batch, which come on top of the most.
"""

from bisect import bisect_left
from dataclasses import dataclass

from nodrop.rollout.timing import Rollout, peak_pods


@dataclass(frozen=True, kw_only=True)
class RolloutPlan:
    """One rollout's duration in seconds since the change of the pod template, and its pods."""

    surge: int
    """Pods that the Deployment may add."""
    rolled_out_seconds: float
    """Most seconds until `kubectl rollout status` reports success."""
    rolled_out_at_least_seconds: float
    """Least seconds until then; no load balancer was seen to be quicker."""
    old_gone_seconds: float
    """Most seconds until the last old pod has ended, by KILL if need be; a load test must run past it."""
    old_gone_at_least_seconds: float
    """The same where every application exits as soon as it gets TERM, and none ends by itself before."""
    peak_pods: int
    """Most pods at a time, terminating ones included: what quota and address ranges must hold."""


def plan(rollout: Rollout) -> RolloutPlan:
    """Duration and pods of `rollout`, at its greatest number of replicas."""
    least, most = rollout.least_seconds_to_available, rollout.seconds_to_available
    shortest_end, longest_end = rollout.term_seconds, rollout.kill_seconds
    if rollout.strategy == "Recreate":
        surge = 0
        deleted_at_least = deleted = 0.0
        rolled_out_at_least, rolled_out = shortest_end + least, longest_end + most
    else:
        surge = rollout.max_surge
        batches, batches_to_last_deletion = _batches(rollout, surge)
        rolled_out_at_least, rolled_out = batches * least, batches * most
        deleted_at_least, deleted = batches_to_last_deletion * least, batches_to_last_deletion * most
    return RolloutPlan(
        surge=surge,
        rolled_out_seconds=rolled_out,
        rolled_out_at_least_seconds=rolled_out_at_least,
        old_gone_seconds=deleted + longest_end,
        old_gone_at_least_seconds=deleted_at_least + shortest_end,
        peak_pods=peak_pods(rollout),
    )


def cheapest_surge(rollout: Rollout, within_seconds: float) -> int | None:
    """The fewest added pods with which `rollout` is rolled out within so many seconds at most; None: no number does.

    All else stays as `rollout` says, its maxUnavailable too; 0 only where that lets the rollout move without surge.
    """
    if rollout.strategy == "Recreate":
        return 0 if plan(rollout).rolled_out_seconds <= within_seconds else None
    least = 0 if rollout.max_unavailable else 1
    surges = range(least, max(least, rollout.replicas_at_most) + 1)

    def in_time(surge: int) -> bool:
        batches, _ = _batches(rollout, surge)
        return batches * rollout.seconds_to_available <= within_seconds

    index = bisect_left(surges, True, key=in_time)
    return surges[index] if index < len(surges) else None


def _batches(rollout: Rollout, surge: int) -> tuple[int, int]:
    """Rounds of creation until all new pods are available, and until the last old one may be deleted."""
    replicas = rollout.replicas_at_most
    unavailable = rollout.max_unavailable if surge or rollout.max_unavailable else 1
    at_a_time = surge + unavailable
    return _ceil_div(replicas, at_a_time), _ceil_div(max(0, replicas - unavailable), at_a_time)


def _ceil_div(pods: int, at_a_time: int) -> int:
    return -(-pods // at_a_time)
