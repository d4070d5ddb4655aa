"""`nodrop rules` and `nodrop explain`: which rules there are, and all that is known of one."""

from __future__ import annotations

import shutil
import textwrap
from itertools import groupby
from typing import Any

import click

from nodrop.cli.parameters import json_option
from nodrop.terminal import echo

_INDENT = 18


@click.command(short_help="List every rule.")
@json_option
def rules(as_json: bool) -> None:
    """List every rule, with its severity and what holds where it is kept."""
    from nodrop.rollout import all_rules
    from nodrop.rule_words import document, weight

    found = sorted(all_rules().values(), key=lambda rule: (list(type(rule.kind)).index(rule.kind), rule.name))
    if as_json:
        _print_json([document(rule) for rule in found])
        return
    for kind, group in groupby(found, key=lambda rule: rule.kind):
        echo(f"Rules of {kind}")
        for rule in group:
            echo(f"  {rule.name} ({weight(rule)})")
            echo(textwrap.fill(rule.holds, _width(), initial_indent="      ", subsequent_indent="      "))
        echo("")
    echo("nodrop explain NAME shows one in full.")


@click.command(short_help="Explain one rule.")
@click.argument("name")
@json_option
def explain(name: str, as_json: bool) -> None:
    """Explain one rule: what goes wrong, what to do, examples, sources."""
    from nodrop.rule_words import document, find, near, sections, weight

    rule = find(name)
    if rule is None:
        names = near(name)
        meant = f"did you mean {' or '.join(names)}?" if names else "`nodrop rules` lists them"
        raise click.UsageError(f"{name} is not the name of a rule; {meant}")
    if as_json:
        _print_json([document(rule)])
        return
    echo(f"{rule.name} ({weight(rule)})")
    echo(textwrap.fill(rule.holds, _width()))
    for label, text in sections(rule):
        lines = textwrap.wrap(text, _width() - _INDENT, break_on_hyphens=False)
        echo(textwrap.indent("\n".join(lines), " " * _INDENT).replace(" " * _INDENT, label.ljust(_INDENT), 1))


def _print_json(found: list[dict[str, Any]]) -> None:
    from nodrop.report.documents import headed, serialised

    click.echo(serialised(headed("nodrop-rules", 1, {"rules": found})), nl=False)


def _width() -> int:
    return min(120, shutil.get_terminal_size().columns)
