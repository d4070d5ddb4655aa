"""The rules that a rollout must keep to drop no request, one function a rule.

A rule takes a `Rollout` and yields a `Finding` for each way in which it is broken. To add one, write the function and
put it into `RULES`. Not here: reading the numbers from objects, choosing them (`solver`), and waiving a rule.
"""

from collections.abc import Callable, Iterator

from nodrop.rollout.findings import Finding
from nodrop.rollout.rules.arriving import (
    check_timeout_within_interval,
    min_ready_covers_attach,
    probe_timeout_within_period,
    progress_deadline_before_gate_opens,
    progress_deadline_covers_start_up,
    rolls_without_unavailable,
    survives_a_lost_pod,
)
from nodrop.rollout.rules.connections import backend_timeout_covers_longest_request, keep_alive_outlasts_load_balancer
from nodrop.rollout.rules.leaving import (
    draining_covers_longest_request,
    every_container_has_pre_stop,
    exit_on_term_cuts_no_request,
    grace_covers_longest_request,
    grace_exceeds_pre_stop,
    grace_outlasts_deprogramming,
    pre_stop_outlasts_deprogramming,
)
from nodrop.rollout.timing import Rollout

Rule = Callable[[Rollout], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    pre_stop_outlasts_deprogramming,
    exit_on_term_cuts_no_request,
    grace_exceeds_pre_stop,
    grace_covers_longest_request,
    grace_outlasts_deprogramming,
    every_container_has_pre_stop,
    draining_covers_longest_request,
    backend_timeout_covers_longest_request,
    keep_alive_outlasts_load_balancer,
    rolls_without_unavailable,
    survives_a_lost_pod,
    min_ready_covers_attach,
    progress_deadline_before_gate_opens,
    progress_deadline_covers_start_up,
    check_timeout_within_interval,
    probe_timeout_within_period,
)


def check(rollout: Rollout) -> list[Finding]:
    """Every broken rule, in the order of `RULES`."""
    return [finding for rule in RULES for finding in rule(rollout)]
