"""The requests that one rollout is expected to lose, by the timing model: of a path, and by what was found of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeGuard

from nodrop.judge import PathJudgement
from nodrop.paths import Backend
from nodrop.rollout import Diagnostic, Drops, Rollout, expected_drops
from nodrop.rollout.examples import edited

_MOST_PODS = 1000
"""Most pods whose expected loss is computed, so that an answer comes in a moment. Source: chosen."""


@dataclass(frozen=True, kw_only=True)
class ExpectedLoss:
    """What one rollout is expected to lose at a steady rate, by the timing model."""

    requests_per_second: float
    drops: Drops
    alone: Mapping[Diagnostic, float] = field(default_factory=dict)
    """Failed requests by finding, were it the only one: with all others as would pass. Those whose value is one of the
    model's numbers."""


def loss_of(path: PathJudgement, requests_per_second: float) -> ExpectedLoss | None:
    """None where the timing model knows no such path, or not in a moment."""
    rollout = path.rollout
    if rollout is None or path.path is None or path.path.backend is not Backend.NEG:
        return None
    if not 1 <= rollout.replicas_at_most <= _MOST_PODS:
        return None
    try:
        drops = expected_drops(rollout, requests_per_second)
    except ValueError:
        return None
    alone = _alone(rollout, path.diagnostics, requests_per_second)
    return ExpectedLoss(requests_per_second=requests_per_second, drops=drops, alone=alone)


def _alone(rollout: Rollout, found: Iterable[Diagnostic], requests_per_second: float) -> dict[Diagnostic, float]:
    judged: dict[Diagnostic, str] = {}
    passing: dict[str, float] = {}
    for each in found:
        name, wanted = each.input.removeprefix("rollout."), each.would_pass
        if _is_number(getattr(rollout, name, None)) and _is_number(wanted):
            judged[each] = name
            passing[name] = max(passing.get(name, wanted), wanted)
    alone: dict[Diagnostic, float] = {}
    for each, name in judged.items():
        others = {other: value for other, value in passing.items() if other != name}
        try:
            alone[each] = expected_drops(edited(rollout, others), requests_per_second).total
        except ValueError:
            continue
    return alone


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
