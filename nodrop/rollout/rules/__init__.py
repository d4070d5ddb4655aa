"""The rules that a rollout must keep to drop no request, one function a rule.

A rule takes a `Rollout` and yields a `Diagnostic` for each way in which it is broken; a rule of change takes two. To
add one, write the function into one of these modules, under `version_rule` or `change_rule`. Not here: reading the
numbers from objects, choosing them (`solver`), and waiving a rule.
"""

from nodrop.rollout.diagnostics import Diagnostic
from nodrop.rollout.registry import Rule, RuleKind, all_rules, rules_of
from nodrop.rollout.rules import (
    arriving,
    changes,
    check_changes,
    connections,
    drains,
    foundations,
    front,
    health,
    leaving,
    nodes,
    objects,
    old_pods,
    peers,
    ports,
    probes,
    rehearsed,
    replacements,
    scheduling,
    service_changes,
    settings,
    updates,
    waiving,
    wiring,
    workload,
    zones,
)
from nodrop.rollout.timing import Rollout

_ORDER = (
    workload,
    leaving,
    connections,
    arriving,
    zones,
    health,
    drains,
    nodes,
    scheduling,
    wiring,
    foundations,
    ports,
    probes,
    settings,
    check_changes,
    service_changes,
    changes,
    front,
    peers,
    old_pods,
    replacements,
    updates,
    objects,
    rehearsed,
    waiving,
)
"""In which rules are asked: a pod's end first, then its start, then what is around it."""


def _in_order(kind: RuleKind) -> tuple[Rule, ...]:
    modules = [module.__name__ for module in _ORDER]
    return tuple(sorted(rules_of(kind), key=lambda rule: modules.index(rule.judge.__module__)))


RULES = _in_order(RuleKind.VERSION)
"""What one rollout must keep."""

CHANGE_RULES = _in_order(RuleKind.CHANGE)
"""What must stay between one rollout and the next of the same objects."""


RULE_NAMES = frozenset(all_rules())
"""Every name that a diagnostic's `rule` may have."""


def check(rollout: Rollout) -> list[Diagnostic]:
    """Every broken rule, in the order of `RULES`; only the first precondition where one is broken."""
    return _unfit(rollout) or [found for rule in RULES for found in rule.judge(rollout)]


def check_change(before: Rollout, after: Rollout) -> list[Diagnostic]:
    """Every broken rule of change, in the order of `CHANGE_RULES`; neither rollout itself is checked."""
    return _unfit(before) or _unfit(after) or [found for rule in CHANGE_RULES for found in rule.judge(before, after)]


def _unfit(rollout: Rollout) -> list[Diagnostic]:
    """What leaves the other rules nothing to say: the first precondition that is broken."""
    preconditions = (rule for rule in RULES if rule.precondition)
    return next(filter(None, (list(rule.judge(rollout)) for rule in preconditions)), [])
