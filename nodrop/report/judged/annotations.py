"""A judgement as workflow commands by which GitHub marks lines of a pull request.

Source: GitHub, Workflow commands for GitHub Actions; actions/toolkit packages/core/src/command.ts, escapeData and
escapeProperty.
"""

from collections.abc import Iterator
from pathlib import Path

from nodrop.report.judged.model import Report, instead, sentence, shown
from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.text import printable

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOT_JUDGED: "notice"}


def annotations(report: Report, root: Path, stdin: str) -> str:
    """One command a line, and a sentence for the log.

    `root` is the repository's folder, absolute; `stdin` is what `file` is where the object came from standard input.
    """
    lines = [_command(path, each, root, stdin) for path, each in report.found]
    lines += [
        f"::notice title={_property(f'{path.name}: not judged')}::{_data(reason)}"
        for path in report.paths
        for reason in path.not_judged
    ]
    not_compared = report.change.not_compared if report.change else ()
    lines += [f"::notice title=not compared::{_data(each)}" for each in not_compared]
    lines += [f"::error title=not read::{_data(each)}" for each in report.unread]
    lines += [f"::notice title=passed over::{_data(each)}" for each in report.passed_over]
    return "\n".join([*lines, printable(sentence(report))]) + "\n"


def _command(path: str | None, found: Diagnostic, root: Path, stdin: str) -> str:
    properties = ",".join(f"{key}={_property(value)}" for key, value in _properties(path, found, root, stdin))
    told = f"{found.field or found.input}: {shown(found.value)}: {found.seen}; {found.why} [{found.source}]."
    rendered = "" if found.template is None else f" (rendered from {found.template})"
    return f"::{_COMMANDS[found.severity]} {properties}::{_data(f'{told} Instead: {instead(found)}{rendered}')}"


def _properties(path: str | None, found: Diagnostic, root: Path, stdin: str) -> Iterator[tuple[str, str]]:
    if found.file is not None and found.file != stdin:
        whole = Path(found.file).absolute()
        yield "file", str(whole.relative_to(root)) if whole.is_relative_to(root) else found.file
        if found.line is not None:
            yield "line", str(found.line)
    yield "title", f"{path or found.object}: {found.rule}"


def _data(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
