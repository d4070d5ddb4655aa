"""The timing model: when does a rollout on GKE drop a request, and which timings drop none.

Pure functions on numbers, standard library only. It reads no Kubernetes objects (`nodrop.paths` does) and runs nothing.
The figures it rests on are in `facts`, the keys of the annotations that carry an application's behaviour in
`annotations`.
"""

from nodrop.gke.health_checks import (
    HealthCheck,
    Probe,
)
from nodrop.rollout.behaviour import ASSUMED, Behaviour, Facts, OnTerm
from nodrop.rollout.diagnostics import Diagnostic, ObjectRef, Origin, Severity
from nodrop.rollout.drops import Cause, Drops, expected_drops
from nodrop.rollout.placement import DisruptionBudget, Placement, PodQuota
from nodrop.rollout.plan import RolloutPlan, cheapest_surge, plan
from nodrop.rollout.pod_timeline import PodTimeline
from nodrop.rollout.programming import MEASURED, Programming
from nodrop.rollout.refusals import Unsolvable
from nodrop.rollout.registry import Rule, RuleKind, all_rules
from nodrop.rollout.rules import CHANGE_RULES, RULE_NAMES, RULES, check, check_change
from nodrop.rollout.solver import solve
from nodrop.rollout.timeline import timeline
from nodrop.rollout.timing import AppProtocol, Mode, Rollout, resolve_surge_and_unavailable
from nodrop.rollout.wiring import Wiring

__all__ = [
    "ASSUMED",
    "CHANGE_RULES",
    "MEASURED",
    "RULES",
    "RULE_NAMES",
    "AppProtocol",
    "Behaviour",
    "Cause",
    "Diagnostic",
    "DisruptionBudget",
    "Drops",
    "Facts",
    "HealthCheck",
    "Mode",
    "ObjectRef",
    "OnTerm",
    "Origin",
    "Placement",
    "PodQuota",
    "PodTimeline",
    "Probe",
    "Programming",
    "Rollout",
    "RolloutPlan",
    "Rule",
    "RuleKind",
    "Severity",
    "Unsolvable",
    "Wiring",
    "all_rules",
    "cheapest_surge",
    "check",
    "check_change",
    "expected_drops",
    "plan",
    "resolve_surge_and_unavailable",
    "solve",
    "timeline",
]
