"""Printing: whatever a command says goes through here, as text that no terminal and no CI runner obeys.

`echo` for lines, `plain_text` for what Rich lays out; neither knows markup.
"""

from __future__ import annotations

import io
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.text import Text


def never_fail_to_encode() -> None:
    """Print an escape such as `\\u2500` for what the locale's encoding has no character for."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # None where it is closed
            stream.reconfigure(errors="backslashreplace")


def echo(message: object = "", *, err: bool = False, nl: bool = True) -> None:
    """Print a text of one or more lines, from any source; on stderr, where it is a terminal, as wide as that."""
    from nodrop.rollout.text import printable_lines  # not before there is something to print

    said = printable_lines(str(message))
    if err and sys.stderr and sys.stderr.isatty():  # None where it is closed
        said = printable_lines(_in_columns(said, shutil.get_terminal_size().columns))  # breaks may begin a CI command
    click.echo(said, err=err, nl=nl)


def _in_columns(said: str, width: int) -> str:
    """The text with its longer lines broken at the width, each name whole, indented below their first."""
    return "\n".join(
        part for line in said.split("\n") for part in ([line] if len(line) <= width else _broken(line, width))
    )


def _broken(line: str, width: int) -> list[str]:
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def plain_text(line: str, style: str = "") -> Text:
    """One line for Rich to lay out, from any source."""
    from rich.text import Text

    from nodrop.rollout.text import printable

    return Text(printable(line), style)
