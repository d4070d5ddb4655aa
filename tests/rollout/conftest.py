"""A rollout that breaks no rule, and what the rules say of it with some values changed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from nodrop.rollout import Diagnostic, DisruptionBudget, Placement, Probe, Rollout, Severity, Wiring, check, solve

GOOD = replace(
    solve(longest_request_seconds=20, startup_seconds=5, replicas=2), startup_probe=None, liveness_probe=None
)
GROUPS: dict[str, Any] = {
    "health_check": GOOD.health_check,
    "readiness_probe": GOOD.readiness_probe,
    "startup_probe": Probe(path="/", period_seconds=5, timeout_seconds=5, success_threshold=1, failure_threshold=12),
    "liveness_probe": Probe(path="/", period_seconds=10, timeout_seconds=5, success_threshold=1, failure_threshold=3),
    "placement": Placement(disruption_budget=DisruptionBudget(allowed_disruptions=1, always_allows_unhealthy=True)),
    "wiring": Wiring(
        entry="Ingress gce",
        container_native=True,
        routes={"www.example.com/*": "web"},
        neg_annotation='{"ingress": true}',
        selector={"app": "web"},
        pod_labels={"app": "web", "tier": "front"},
        target_port="http",
    ),
}


def changed(**changes) -> Rollout:
    """A good rollout with these changes; a group that is given as a mapping is a good one with those changes."""
    groups = {
        name: replace(GROUPS[name], **value)
        for name, value in changes.items()
        if name in GROUPS and isinstance(value, dict)
    }
    return replace(GOOD, **changes | groups)


def verdict_of(rule: str, **changes) -> Severity | None:
    """The severity of the one finding of that rule on a good rollout with these changes; None if it passes."""
    findings = [finding for finding in check(changed(**changes)) if finding.rule == rule]
    assert len(findings) <= 1
    return findings[0].severity if findings else None


@pytest.fixture
def good() -> Rollout:
    return GOOD


@pytest.fixture
def change() -> Callable[..., Rollout]:
    return changed


@pytest.fixture
def verdict() -> Callable[..., Severity | None]:
    return verdict_of


@pytest.fixture
def findings_of() -> Callable[..., list[Diagnostic]]:
    def findings_of(rule: str, **changes) -> list[Diagnostic]:
        return [finding for finding in check(changed(**changes)) if finding.rule == rule]

    return findings_of
