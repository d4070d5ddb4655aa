"""The timing model: when does a rollout on GKE drop a request, and which timings drop none.

Pure functions on numbers, standard library only. It reads no Kubernetes objects (`nodrop.paths` does) and runs nothing.
The figures it rests on are in `facts`, the keys of the annotations that carry an application's behaviour in
`annotations`.
"""

from nodrop.rollout.findings import Finding, Severity
from nodrop.rollout.health_checks import (
    INSTANCE_GROUP_HEALTH_CHECK,
    INSTANCE_GROUP_PROBE_ADDED_INTERVAL_SECONDS,
    NEG_HEALTH_CHECK,
    HealthCheck,
    Probe,
)
from nodrop.rollout.placement import DisruptionBudget, Placement
from nodrop.rollout.pod_timeline import PodTimeline
from nodrop.rollout.programming import MEASURED, Programming
from nodrop.rollout.rules import RULES, Rule, check
from nodrop.rollout.solver import Unsolvable, solve
from nodrop.rollout.timing import Mode, OnTerm, Protocol, Rollout, resolve_surge_and_unavailable
from nodrop.rollout.wiring import Wiring

__all__ = [
    "INSTANCE_GROUP_HEALTH_CHECK",
    "INSTANCE_GROUP_PROBE_ADDED_INTERVAL_SECONDS",
    "MEASURED",
    "NEG_HEALTH_CHECK",
    "RULES",
    "DisruptionBudget",
    "Finding",
    "HealthCheck",
    "Mode",
    "OnTerm",
    "Placement",
    "PodTimeline",
    "Probe",
    "Programming",
    "Protocol",
    "Rollout",
    "Rule",
    "Severity",
    "Unsolvable",
    "Wiring",
    "check",
    "resolve_surge_and_unavailable",
    "solve",
]
