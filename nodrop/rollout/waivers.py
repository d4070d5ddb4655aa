"""Waiving a rule by name, with a reason: what it finds fails nothing and stays visible.

A waiver that cannot be right is a finding itself, and so is one that waives nothing. Not here: where waivers are stated
(a component's input, a Deployment's annotation), and how they are shown.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches

from nodrop.rollout.annotations import ACCEPT
from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.rules import RULE_NAMES
from nodrop.rollout.sources import THIS_MODEL
from nodrop.rollout.text import one_line

UNWAIVABLE: Mapping[str, str] = {
    "workload-is-judged": "nothing was judged, so there is nothing to accept",
    "inputs-in-range": "no timing can be computed from such a number",
    "check-timeout-within-interval": "the load balancer's API refuses such a health check",
    "grace-exceeds-pre-stop": "the Kubernetes API refuses a sleep longer than the grace period",
}
"""Rules that no reason helps against, by name: why."""

WAIVABLE = tuple(sorted(RULE_NAMES - UNWAIVABLE.keys()))
"""Names of the rules that may be waived."""


def waive(
    diagnostics: Iterable[Diagnostic], accept: Mapping[str, str], *, not_asked: Collection[str] = ()
) -> list[Diagnostic]:
    """The diagnostics, those whose rule is waived with the reason, and after them what is wrong with the waivers.

    Args:
        diagnostics: what the rules found.
        accept: reason by rule name.
        not_asked: names of rules that could find nothing, since nobody stated what they judge; whether a waiver of
            theirs is needed is not for the caller to say.
    """
    reasons = effective(accept)
    found = [replace(each, waiver=reasons.get(each.rule)) for each in diagnostics]
    needless = [name for name in reasons if name not in {*not_asked, *(each.rule for each in found)}]
    return [*found, *_wrong(accept), *(_needless(name, reasons[name]) for name in needless)]


def effective(accept: Mapping[str, str]) -> dict[str, str]:
    """The waivers that name a waivable rule and give a reason, in their order, each reason in one line."""
    lines = {name: one_line(reason) for name, reason in accept.items()}
    return {name: line for name, line in lines.items() if line and name in WAIVABLE}


def annotation(accept: Mapping[str, str]) -> dict[str, str]:
    """The effective waivers as the annotation that a Deployment carries; empty where there are none."""
    reasons = effective(accept)
    return {ACCEPT: json.dumps(reasons, sort_keys=True, ensure_ascii=False)} if reasons else {}


def _wrong(accept: Mapping[str, str]) -> Iterator[Diagnostic]:
    """The waivers that cannot take effect; of each, the first reason why."""
    for name, reason in accept.items():
        if (meant := _kebab_case(name)) in UNWAIVABLE:
            yield Diagnostic(
                rule="waiver-of-a-waivable-rule",
                severity=Severity.ERROR,
                input=_input(name),
                value=reason,
                seen=f"cannot be waived: {UNWAIVABLE[meant]}",
                why="whatever the reason",
                source=THIS_MODEL,
                would_pass="absent, with the rule kept",  # noqa: S106 - not a password
            )
        elif name not in RULE_NAMES:
            near = _nearest(name)
            yield Diagnostic(
                rule="waiver-of-a-known-rule",
                severity=Severity.ERROR,
                input=_input(name),
                value=name,
                seen=f"is not the name of a rule; did you mean {near}?" if near else "is not the name of a rule",
                why="a waiver by a wrong name waives nothing",
                source=THIS_MODEL,
                would_pass=near or f"one of {', '.join(WAIVABLE)}",
            )
        elif not one_line(reason):
            yield Diagnostic(
                rule="waiver-with-a-reason",
                severity=Severity.ERROR,
                input=_input(name),
                value=reason,
                seen="is no reason",
                why="whoever meets the waiver later must be able to tell whether it still holds",
                source=THIS_MODEL,
                would_pass="why the service can live with it, such as: websocket clients reconnect",  # noqa: S106
            )


def _needless(name: str, reason: str) -> Diagnostic:
    return Diagnostic(
        rule="waiver-of-a-broken-rule",
        severity=Severity.WARNING,
        input=_input(name),
        value=reason,
        seen="waives nothing: nothing stated here breaks the rule",
        why="left behind, it would hide the day on which something does",
        source=THIS_MODEL,
        would_pass="absent",  # noqa: S106 - not a password
    )


def _input(name: str) -> str:
    shown = json.dumps(name, ensure_ascii=False)
    return f"accept[{shown if len(shown) <= 80 else f'{shown[:77]}...'}]"


def _nearest(name: str) -> str | None:
    """The waivable rule that the name may be a slip for."""
    return next(iter(get_close_matches(_kebab_case(name), WAIVABLE, n=1)), None)


def _kebab_case(name: str) -> str:
    return "-".join(name.lower().replace("_", " ").split())
