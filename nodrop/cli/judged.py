"""Printing a judgement: as wide as the terminal and in colour, or plain into a file."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any, Protocol

import click

FILE_COLUMNS = 120
"""Width of the text where the output is no terminal."""
_STYLES: dict[str, dict[str, Any]] = {
    "drops": {"fg": "red"},
    "error": {"fg": "red"},
    "at risk": {"fg": "yellow"},
    "warning": {"fg": "yellow"},
    "not judged": {"fg": "magenta"},
    "clean": {"fg": "green"},
    "heading": {"bold": True},
    "create": {"fg": "green"},
    "import": {"fg": "cyan"},
    "read": {"fg": "cyan"},
}


class Laid(Protocol):
    """A text that is laid out for a width in columns, and styled by words."""

    def __call__(self, width: int, style: Style = ..., /) -> str:
        """The text."""
        ...


class Style(Protocol):
    """Sets words in the style of a severity or verdict."""

    def __call__(self, words: str, kind: str, /) -> str:
        """The words in their style."""
        ...


def for_stdout(laid: Laid) -> str:
    """The text as stdout shows it; without colour where the variable NO_COLOR has a value (no-color.org)."""
    if sys.stdout is None or not sys.stdout.isatty():  # None where it is closed
        return for_file(laid)
    width = shutil.get_terminal_size().columns
    if os.environ.get("NO_COLOR"):
        return laid(width)
    return laid(width, lambda words, kind: click.style(words, **_STYLES[kind]))


def for_file(laid: Laid) -> str:
    """The text without colour, as wide as the variable COLUMNS says."""
    return laid(shutil.get_terminal_size((FILE_COLUMNS, 0)).columns)
