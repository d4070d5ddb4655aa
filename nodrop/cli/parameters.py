"""What every command takes in the same form: durations, words of a set, names with the nearest one for a slip."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

DURATION_METAVAR = "DURATION"
MOST_REQUESTS_PER_SECOND = 1_000_000_000
"""Source: chosen; more than any service has, and far from what arithmetic cannot hold."""
_UNITS = {"h": 3600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?:(?P<h>[\d.]+)h)?(?:(?P<m>[\d.]+)m)?(?:(?P<s>[\d.]+)s)?")


class Duration(click.ParamType):
    """Seconds, given as `30s`, `5m`, `1h`, `1h30m` or a plain number of seconds."""

    name = "duration"

    def __init__(self, *, least: float = 0, whole: bool = False) -> None:
        """Of at least so many seconds; `whole`: without fractions."""
        self._least = least
        self._whole = whole

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002 - as click calls it
        """What help calls a value."""
        return DURATION_METAVAR

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The seconds. Raises click.BadParameter."""
        seconds = value if isinstance(value, int | float) else _seconds(value)
        if seconds is None:
            self.fail(f"{value!r} is not a duration such as '30s', '5m', '1h' or a plain number of seconds", param, ctx)
        if seconds < self._least:
            self.fail(f"{value!r} is shorter than {self._least:g} s", param, ctx)
        if self._whole and seconds != int(seconds):
            self.fail(f"{value!r} is not a whole number of seconds", param, ctx)
        return int(seconds) if self._whole else float(seconds)


def _seconds(text: str) -> float | None:
    """None where the text is no duration."""
    parts = _DURATION.fullmatch(text.strip().lower())
    try:
        if parts is None:
            seconds = float(text)
        elif not any(parts.groups()):
            return None
        else:
            seconds = sum(float(parts[unit]) * size for unit, size in _UNITS.items() if parts[unit])
    except ValueError:
        return None
    return seconds if abs(seconds) < float("inf") else None  # neither nan nor infinite


class Rate(click.ParamType):
    """Requests per second, more than 0."""

    name = "rate"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The rate. Raises click.BadParameter."""
        try:
            rate = float(value)
        except ValueError:
            self.fail(f"{value!r} is not a number", param, ctx)
        if not 0 < rate <= MOST_REQUESTS_PER_SECOND:
            self.fail(f"{rate:.15g} is not more than 0 and at most {MOST_REQUESTS_PER_SECOND:,}", param, ctx)
        return rate


class _Ranged(click.ParamType):
    """Says of another value what would be taken, in the words of the other types."""

    _noun = ""
    min: float | None
    max: float | None

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number. Raises click.BadParameter."""
        try:
            number = super().convert(value, param, ctx)
        except click.BadParameter:
            number = math.nan
        if not math.isfinite(number):
            self.fail(f"{value!r} is not {self._noun} {self._range()}", param, ctx)
        return number

    def _range(self) -> str:
        least, most = (None if bound is None else f"{bound:,.15g}" for bound in (self.min, self.max))
        return f"from {least} to {most}" if most else f"of at least {least}"


class WholeNumber(_Ranged, click.IntRange):
    """A whole number within a range."""

    _noun = "a whole number"


class Number(_Ranged, click.FloatRange):
    """A number within a range, and not nan."""

    _noun = "a number"


class Word(click.Choice[str]):
    """One word of a set; of another it says which one may be meant."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:  # noqa: ARG002 - likewise
        """The message of the refusal."""
        from nodrop.rollout.text import meant

        return f"{value!r} is not one of {', '.join(self.choices)}{meant(str(value), self.choices)}"


def known(names: Iterable[str], given: Iterable[str], what: str, otherwise: str = "") -> None:
    """Raises click.BadParameter for every given name that is none, with the nearest one; `otherwise`: where there is
    none."""
    from nodrop.rollout.text import meant  # not before a command runs

    names = tuple(names)
    wrong = [f"{each!r} is {what}{meant(each, names, otherwise)}" for each in given if each not in names]
    if wrong:
        raise click.BadParameter("\n".join(wrong))


judged_files = click.Path(path_type=Path, allow_dash=True, readable=False)
"""Files, folders and `-` with objects; one that cannot be read is told where it is read, and the rest is judged."""
files_argument = click.argument("files", nargs=-1, metavar="[FILE|DIR|-]...", type=judged_files)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def rule_names(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    """The names of rules that begin so, for the shell to complete."""
    from nodrop.rollout import all_rules

    return [name for name in all_rules() if name.startswith(incomplete)]
