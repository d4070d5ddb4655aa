"""A solved rollout with numbers that its owner states in place of those found, and what follows from them."""

from collections.abc import Collection
from dataclasses import replace
from math import ceil
from typing import Any

from nodrop.rollout.plan import plan
from nodrop.rollout.refusals import Unsolvable
from nodrop.rollout.solver import grace_seconds, lasting, surged, too_slow
from nodrop.rollout.timing import Rollout, recommended_arrivals_seconds


def with_stated(
    solved: Rollout,
    stated: dict[str, Any],
    *,
    rolled_out_within_seconds: float | None = None,
    accept: Collection[str] = (),
) -> Rollout:
    """The rollout with the numbers stated; those that are not stated, and depend on them, follow.

    The grace period follows preStop; the surge, and where no gate waits the progress deadline, minReadySeconds.

    Args:
        solved: as `solve` gives it.
        stated: values by field of a Rollout.
        rolled_out_within_seconds: the wished duration, as `solve` takes it.
        accept: names of rules that need not be kept.

    Raises:
        Unsolvable: with the numbers stated, the rollout takes longer than wished.
    """
    rollout = replace(solved, **stated)
    if "pre_stop_seconds" in stated and "termination_grace_period_seconds" not in stated:
        rollout = replace(rollout, termination_grace_period_seconds=_grace_seconds(rollout))
    if "min_ready_seconds" in stated and "max_surge" not in stated:
        rollout = surged(rollout, rolled_out_within_seconds, accept)
    if "progress_deadline_seconds" not in stated:
        rollout = lasting(rollout)
    takes = plan(rollout).rolled_out_seconds
    if rolled_out_within_seconds is not None and takes > rolled_out_within_seconds:
        raise Unsolvable([too_slow(rollout, rolled_out_within_seconds, ceil(takes))])
    return rollout


def _grace_seconds(rollout: Rollout) -> int:
    arrivals = max(recommended_arrivals_seconds(rollout.draining_timeout_seconds), rollout.pre_stop_floor_seconds)
    return grace_seconds(
        rollout.mode, rollout.on_term, arrivals, rollout.pre_stop_seconds, rollout.longest_request_seconds
    )
