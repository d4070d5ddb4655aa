"""`nodrop rules` and `nodrop explain`: which rules there are, and all that is known of one."""

from __future__ import annotations

import textwrap
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from nodrop.cli.judged import Style, for_stdout
from nodrop.cli.parameters import json_option, rule_names

if TYPE_CHECKING:
    from nodrop.rollout.registry import Rule

_INDENT = 18
MOST_COLUMNS = 120
"""Widest text; longer lines of prose read badly."""


@click.command(short_help="List every rule.")
@json_option
def rules(as_json: bool) -> None:
    """List every rule, with its severity and what it requires."""
    from nodrop.rollout import all_rules
    from nodrop.rule_words import document

    found = sorted(all_rules().values(), key=lambda rule: (list(type(rule.kind)).index(rule.kind), rule.name))
    if as_json:
        _print_json([document(rule) for rule in found])
        return
    click.echo(for_stdout(partial(_list, found)), nl=False)


@click.command(short_help="Explain one rule.")
@click.argument("name", shell_complete=rule_names)
@json_option
def explain(name: str, as_json: bool) -> None:
    """Explain one rule: what goes wrong, what to do, examples, sources."""
    from nodrop.rule_words import document, find, near

    rule = find(name)
    if rule is None:
        names = near(name)
        listed = " or ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
        meant = f"did you mean {listed}?" if names else "`nodrop rules` lists them"
        raise click.UsageError(f"{name} is not the name of a rule; {meant}")
    if as_json:
        _print_json([document(rule)])
        return
    click.echo(for_stdout(partial(_whole, rule)), nl=False)


def _print_json(found: list[dict[str, Any]]) -> None:
    from nodrop.report.documents import headed, serialised

    click.echo(serialised(headed("nodrop-rules", 1, {"rules": found})), nl=False)


def _list(found: list[Rule], width: int, style: Style = lambda words, _: words) -> str:
    from nodrop.rule_words import weight

    lines = []
    for kind, group in groupby(found, key=lambda rule: rule.kind):
        lines.append(style(f"Rules of {kind}", "heading"))
        for rule in group:
            lines += [f"  {rule.name} ({weight(rule)})", *_wrapped(rule.holds, width, "      ")]
        lines.append("")
    return "\n".join([*lines, "nodrop explain NAME shows one in full."]) + "\n"


def _whole(rule: Rule, width: int, style: Style = lambda words, _: words) -> str:
    from nodrop.rule_words import sections, weight

    lines = [style(f"{rule.name} ({weight(rule)})", "heading"), *_wrapped(rule.holds, width, "")]
    for label, text in sections(rule):
        first, *more = _wrapped(text, width, " " * _INDENT)
        lines += [label.ljust(_INDENT) + first[_INDENT:], *more]
    return "\n".join(lines) + "\n"


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    """Lines of the width, each name whole."""
    from nodrop.rollout.text import printable

    return textwrap.wrap(
        printable(text),
        min(width, MOST_COLUMNS),
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [indent]
