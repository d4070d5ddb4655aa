"""A registered rule in words, as `nodrop explain` and its page in docs/rules show it. Pure; the layout is theirs."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from enum import Enum
from typing import Any

from nodrop.rollout.examples import judged
from nodrop.rollout.registry import Edits, Rule, all_rules
from nodrop.rollout.rules.waiving import kebab_case


def find(name: str) -> Rule | None:
    """The rule of that name, however it is capitalised or joined."""
    return all_rules().get(kebab_case(name))


def near(name: str) -> list[str]:
    """Up to three names that a wrong name may be a slip for, the nearest first."""
    wanted = kebab_case(name)
    return get_close_matches(wanted, all_rules(), n=3) or [each for each in all_rules() if wanted in each][:3]


def weight(rule: Rule) -> str:
    """Such as `error or warning`."""
    return " or ".join(rule.severities)


def sections(rule: Rule) -> Iterator[tuple[str, str]]:
    """Label and text of all that is said of a rule beside its name and what it holds."""
    yield "What goes wrong", rule.goes_wrong
    yield "What to do", rule.cure
    if len(rule.severities) == 1:
        yield "Severity", weight(rule)
    else:
        yield from ((severity.capitalize(), when) for severity, when in rule.severities.items())
    yield "Judges", f"{rule.kind}" + (f"; has to know: {rule.fact}" if rule.fact else "")
    yield from _example("Breaks it", rule, rule.breaks)
    yield from _example("As a warning", rule, rule.warns)
    yield from _example("Keeps it", rule, rule.keeps)
    yield "Waiver", "with a reason" if rule.unwaivable is None else f"none: {rule.unwaivable}"
    yield "Source" if len(rule.sources) == 1 else "Sources", "; ".join(rule.sources)


def document(rule: Rule) -> dict[str, Any]:
    """The rule as JSON."""
    return {
        "name": rule.name,
        "judges": rule.kind.value,
        "holds": rule.holds,
        "severities": {severity.value: when for severity, when in rule.severities.items()},
        "goes_wrong": rule.goes_wrong,
        "cure": rule.cure,
        "sources": list(rule.sources),
        "waivable": rule.unwaivable is None,
        "breaks": _edits(rule, rule.breaks),
        "keeps": _edits(rule, rule.keeps),
    }


def _example(label: str, rule: Rule, edits: Edits | None) -> Iterator[tuple[str, str]]:
    """The edits, and what is said of them."""
    if edits is not None:
        yield label, ", ".join(f"{name} = {value}" for name, value in _edits(rule, edits).items())
        yield from (("nodrop says", str(each)) for each in judged(rule, edits)[:1])


def _edits(rule: Rule, edits: Edits) -> dict[str, str]:
    return {name: _shown(value) for name, value in {**rule.given, **edits}.items()}


def _shown(value: Any) -> str:
    """A value of an example for readers: no class names, no default fields."""
    if isinstance(value, Enum):
        return str(value.value)
    if is_dataclass(value) and not isinstance(value, type):
        stated = [each for each in fields(value) if getattr(value, each.name) != each.default]
        return "(" + ", ".join(f"{each.name} {_shown(getattr(value, each.name))}" for each in stated) + ")"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_shown(each)}" for key, each in value.items()) + "}"
    if isinstance(value, tuple | list):
        return ", ".join(map(_shown, value)) or "none"
    if value is None:
        return "absent"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
