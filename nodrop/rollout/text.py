"""Text from outside (names, labels, reasons, messages of programs) made safe to print in a terminal or a CI job's log.

Whatever is printed goes through here once, at the edge. Markup is not known here: what uses Rich prints plain text.
"""

import re
from collections.abc import Iterable

_CI_COMMAND = re.compile(r"##(?=\w*\[)")
"""How a CI runner's command begins, anywhere in a line.

Source: actions/runner src/Runner.Common/ActionCommand.cs, TryParse; microsoft/azure-pipelines-agent
src/Microsoft.VisualStudio.Services.Agent/Command.cs (`##vso[`); JetBrains, TeamCity service messages (`##teamcity[`).
A section of GitLab needs a carriage return and an escape, which are never printed.
"""
_CI_LINE_COMMAND = re.compile(
    r"^(\s*):(?=:)|(?<=\s):(?=:\S)|:(?=:(?:add-mask|add-matcher|add-path|debug|echo|endgroup|error|group|notice|remove-matcher"
    r"|save-state|set-env|set-output|stop-commands|warning|internal-[a-z-]+)\b)",
    re.IGNORECASE,
)
"""How one begins at the beginning of a line, blanks left out; anywhere, since what lays out lines may break them there.

Source: actions/runner ActionCommand.cs, TryParseV2, and ActionCommandManager.cs for the names.
"""


def printable(text: str) -> str:
    """The text as one line that a terminal and a CI runner show and do not obey.

    Line breaks and tabs become blanks; control characters, marks that turn the direction of text, lone surrogates and
    other unprintable characters become escapes such as `\\x1b`; a CI runner's command is broken up by a blank.
    """
    return _not_a_command(text if text.isprintable() else "".join(map(_printable, text)))


def printable_lines(text: str) -> str:
    """A text of several lines, each made printable."""
    return "\n".join(map(printable, text.split("\n")))


def one_line(text: str) -> str:
    """What of a text, such as the reason of a waiver, can be printed, in one line; empty if nothing can."""
    shown = "".join(each if each.isprintable() else " " for each in text)
    return _not_a_command(" ".join(shown.split()))


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    if character.isspace():
        return " "
    return character.encode("unicode_escape").decode("ascii")


def _not_a_command(line: str) -> str:
    if "::" not in line and "##" not in line:
        return line
    return _CI_LINE_COMMAND.sub(r"\1: ", _CI_COMMAND.sub("## ", line))


def meant(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """What to add to a refusal of a name: `; did you mean ...?` with the nearest one, else `; ` and `otherwise`."""
    from difflib import get_close_matches  # only a refusal needs it

    near = get_close_matches(name, list(known), n=1)
    told = f"did you mean {near[0]}?" if near else otherwise
    return f"; {told}" if told else ""
