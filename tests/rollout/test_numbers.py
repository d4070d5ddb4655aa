"""The numbers of a rollout by field."""

import pytest

from nodrop.rollout import Mode, OnTerm, solve
from nodrop.rollout.numbers import for_gateway, numbers
from nodrop.rollout.reasons import Holder, reasons


@pytest.mark.parametrize(
    "wishes",
    [
        {},
        {"max_replicas": 9},
        {"mode": Mode.HARD_CODED_DELAY, "on_term": OnTerm.SERVE},
        {"on_term": OnTerm.EXIT, "rolled_out_within_seconds": 600},
        {"zones": 3, "keep_alive_timeout_seconds": 0},
    ],
)
def test_every_number_that_has_a_reason_is_the_rollouts_own(wishes):
    rollout = solve(longest_request_seconds=20, startup_seconds=8, replicas=6, **wishes)
    found = numbers(rollout)
    assert {(each.place, each.field): each.value for each in reasons(rollout)}.items() <= found.items()


def test_behind_a_gateway_two_policies_hold_what_a_backend_config_does():
    rollout = solve(longest_request_seconds=20, startup_seconds=8, replicas=6)
    moved = [for_gateway(place) for place in numbers(rollout)]
    assert {holder for holder, _ in moved} == set(Holder) - {Holder.BACKEND_CONFIG}
    assert (Holder.HEALTH_CHECK_POLICY, "spec.default.timeoutSec") in moved
    assert (Holder.BACKEND_POLICY, "spec.default.timeoutSec") in moved
