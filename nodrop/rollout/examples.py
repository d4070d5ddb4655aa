"""The examples of rules, judged: edits of a rollout that breaks none."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from nodrop.rollout.diagnostics import Diagnostic
from nodrop.rollout.facts import LOAD_BALANCER_RANGES
from nodrop.rollout.placement import DisruptionBudget, Placement
from nodrop.rollout.registry import Edits, Rule, RuleKind
from nodrop.rollout.solver import solve
from nodrop.rollout.timing import Rollout
from nodrop.rollout.wiring import Front, Wiring

CLEAN = replace(
    solve(longest_request_seconds=20, startup_seconds=5, replicas=2),
    placement=Placement(disruption_budget=DisruptionBudget(allowed_disruptions=1, always_allows_unhealthy=True)),
    wiring=Wiring(
        entry="Ingress gce",
        container_native=True,
        routes={"www.example.com/*": "web"},
        neg_annotation='{"ingress": true}',
        selector={"app": "web"},
        pod_labels={"app": "web"},
        target_port="http",
        serving_port=8080,
        load_balancer_before_pods=True,
        admitted_ranges=LOAD_BALANCER_RANGES,
        front=Front(),
        protocol="HTTP",
    ),
)
"""Breaks no rule; what the examples of a rule edit."""


def judged(rule: Rule, edits: Edits) -> list[Diagnostic]:
    """What a rule finds where the clean values have such edits."""
    match rule.kind:
        case RuleKind.VERSION:
            found: Iterable[Diagnostic] = rule.judge(edited(CLEAN, {**rule.given, **edits}))
        case RuleKind.CHANGE:
            before = edited(CLEAN, rule.given)
            found = rule.judge(before, edited(before, edits))
        case RuleKind.OBJECTS | RuleKind.REHEARSAL | RuleKind.WAIVER:
            found = rule.judge(**rule.given, **edits)
    return list(found)


def edited(rollout: Rollout, edits: Edits) -> Rollout:
    """The rollout with each value put at its path, such as `placement.spot`."""
    for path, value in edits.items():
        rollout = _put(rollout, path.split("."), value)
    return rollout


def _put(target: Any, names: list[str], value: Any) -> Any:
    first, *rest = names
    return replace(target, **{first: _put(getattr(target, first), rest, value) if rest else value})
