"""What a waiver must be, one function a rule. Each is asked of one waiver: the name of a rule, and a reason."""

import json
from collections.abc import Iterator
from difflib import get_close_matches
from functools import partial

from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.registry import RuleKind, all_rules, register, waivable
from nodrop.rollout.sources import THIS_MODEL
from nodrop.rollout.text import one_line

waiver_rule = partial(
    register,
    RuleKind.WAIVER,
    source=THIS_MODEL,
    unwaivable="a waiver is right or it is not; correct it",
    asked_by_components=True,
)


@waiver_rule(
    severity=Severity.ERROR,
    goes_wrong="Whatever the reason, an API refuses what the rule is about, or nothing was judged.",
    cure="Remove the waiver and keep the rule.",
    breaks={"name": "grace-exceeds-pre-stop", "reason": "it starts fast"},
    keeps={"name": "grace-covers-longest-request", "reason": "clients retry"},
)
def waiver_of_a_waivable_rule(name: str, reason: str) -> Iterator[Diagnostic]:
    """Only rules that can be waived are waived."""
    rule = all_rules().get(kebab_case(name))
    if rule is not None and rule.unwaivable is not None:
        yield Diagnostic(
            rule="waiver-of-a-waivable-rule",
            severity=Severity.ERROR,
            input=_input(name),
            value=reason,
            seen=f"cannot be waived: {rule.unwaivable}",
            why="whatever the reason",
            source=THIS_MODEL,
            would_pass="absent, with the rule kept",
        )


@waiver_rule(
    severity=Severity.ERROR,
    goes_wrong="A waiver with an unknown name waives nothing.",
    cure="Use a name from `nodrop rules`.",
    breaks={"name": "survives_lost_pod", "reason": "a batch"},
    keeps={"name": "survives-a-lost-pod", "reason": "a batch"},
)
def waiver_of_a_known_rule(name: str, reason: str) -> Iterator[Diagnostic]:  # noqa: ARG001 - as the others
    """Every waiver names a rule."""
    meant = all_rules().get(kebab_case(name))
    if name not in all_rules() and (meant is None or meant.unwaivable is None):
        near = nearest(name, waivable())
        yield Diagnostic(
            rule="waiver-of-a-known-rule",
            severity=Severity.ERROR,
            input=_input(name),
            value=name,
            seen=f"is not the name of a rule; did you mean {near}?" if near else "is not the name of a rule",
            why="a waiver with an unknown name waives nothing",
            source=THIS_MODEL,
            would_pass=near or "a name that `nodrop rules` lists",
        )


@waiver_rule(
    severity=Severity.ERROR,
    goes_wrong="A later reader cannot tell whether the waiver still holds.",
    cure="Say why the service can live with it.",
    breaks={"name": "survives-a-lost-pod", "reason": " "},
    keeps={"name": "survives-a-lost-pod", "reason": "a batch"},
)
def waiver_with_a_reason(name: str, reason: str) -> Iterator[Diagnostic]:
    """Every waiver gives a reason."""
    if name in waivable() and not one_line(reason):
        yield Diagnostic(
            rule="waiver-with-a-reason",
            severity=Severity.ERROR,
            input=_input(name),
            value=reason,
            seen="is not a reason",
            why="a later reader must be able to tell whether the waiver still holds",
            source=THIS_MODEL,
            would_pass="why the service can live with it, such as: websocket clients reconnect",
        )


@waiver_rule(
    severity=Severity.WARNING,
    goes_wrong="A needless waiver hides a later break of the rule.",
    cure="Remove the waiver.",
    given={"name": "survives-a-lost-pod", "reason": "a batch"},
    breaks={"broken": False},
    keeps={"broken": True},
)
def waiver_of_a_broken_rule(name: str, reason: str, *, broken: bool) -> Iterator[Diagnostic]:
    """Every waived rule is broken, as far as it was judged."""
    if not broken:
        yield Diagnostic(
            rule="waiver-of-a-broken-rule",
            severity=Severity.WARNING,
            input=_input(name),
            value=reason,
            seen="waives nothing: nothing stated here breaks the rule",
            why="a needless waiver hides a later break of the rule",
            source=THIS_MODEL,
            would_pass="absent",
        )


def nearest(name: str, names: tuple[str, ...]) -> str | None:
    """The one of the names that a name may be a slip for."""
    return next(iter(get_close_matches(kebab_case(name), names, n=1)), None)


def kebab_case(name: str) -> str:
    """The name as rules are written: lower case, with hyphens."""
    return "-".join(name.lower().replace("_", " ").split())


def _input(name: str) -> str:
    shown = json.dumps(name, ensure_ascii=False)
    return f"accept[{shown if len(shown) <= 80 else f'{shown[:77]}...'}]"
