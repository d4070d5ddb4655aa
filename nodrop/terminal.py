"""Printing: whatever a command says goes through here, as text that no terminal and no CI runner obeys.

`echo` for lines, `plain_text` for what Rich lays out; neither knows markup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.text import Text


def echo(message: object = "", *, err: bool = False, nl: bool = True) -> None:
    """Print a text of one or more lines, from any source."""
    from nodrop.rollout.text import printable_lines  # not before there is something to print

    click.echo(printable_lines(str(message)), err=err, nl=nl)


def plain_text(line: str, style: str = "") -> Text:
    """One line for Rich to lay out, from any source."""
    from rich.text import Text

    from nodrop.rollout.text import printable

    return Text(printable(line), style)
