"""Waiving a rule by name, with a reason: what it finds fails nothing and stays visible.

A waiver that cannot be right is a finding itself, and so is one that waives nothing. Not here: where waivers are stated
(a component's input, a Deployment's annotation), and how they are shown.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain

from nodrop.gke.applications import ACCEPT, write_accept
from nodrop.rollout.diagnostics import Diagnostic
from nodrop.rollout.registry import all_rules, waivable
from nodrop.rollout.rules.waiving import (
    waiver_of_a_broken_rule,
    waiver_of_a_known_rule,
    waiver_of_a_waivable_rule,
    waiver_with_a_reason,
)
from nodrop.rollout.text import one_line

UNWAIVABLE: Mapping[str, str] = {
    each.name: each.unwaivable for each in all_rules().values() if each.unwaivable is not None
}
"""Rules that no reason helps against, by name: why."""

WAIVABLE = waivable()
"""Names of the rules that may be waived."""


def waive(
    diagnostics: Iterable[Diagnostic], accept: Mapping[str, str], *, not_asked: Collection[str] = ()
) -> list[Diagnostic]:
    """The diagnostics, those whose rule is waived with the reason, and after them what is wrong with the waivers.

    Args:
        diagnostics: what the rules found.
        accept: reason by rule name.
        not_asked: names of rules that could find nothing, since what they judge is not stated; whether a waiver of
            theirs is needed is not for the caller to say.
    """
    reasons = effective(accept)
    found = [replace(each, waiver=reasons[each.rule]) if each.rule in reasons else each for each in diagnostics]
    needless = [name for name in reasons if name not in {*not_asked, *(each.rule for each in found)}]
    stale = chain.from_iterable(waiver_of_a_broken_rule(name, reasons[name], broken=False) for name in needless)
    return [*found, *_wrong(accept), *stale]


def effective(accept: Mapping[str, str]) -> dict[str, str]:
    """The waivers that name a waivable rule and give a reason, in their order, each reason in one line."""
    lines = {name: one_line(reason) for name, reason in accept.items()}
    return {name: line for name, line in lines.items() if line and name in WAIVABLE}


def annotation(accept: Mapping[str, str]) -> dict[str, str]:
    """The effective waivers as the annotation that a Deployment carries; empty where there are none."""
    reasons = effective(accept)
    return {ACCEPT: write_accept(reasons)} if reasons else {}


def _wrong(accept: Mapping[str, str]) -> Iterator[Diagnostic]:
    """The waivers that cannot take effect, and why."""
    for name, reason in accept.items():
        for rule in (waiver_of_a_waivable_rule, waiver_of_a_known_rule, waiver_with_a_reason):
            yield from rule(name, reason)
