"""A baseline: the findings of one day, by which `nodrop check` is adopted gradually. docs/check.md explains it.

A finding is known by its rule, path, object and field, not by its line or value. Reading and writing the file is the
command's.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from nodrop.rollout import Diagnostic

FORMAT = "nodrop-baseline"
FORMAT_VERSION = 1
_KEYS = ("rule", "path", "object", "field")


class BaselineError(ValueError):
    """The text is no baseline; the message names the file."""


@dataclass(frozen=True, order=True)
class BaselineEntry:
    """One finding that does not count."""

    rule: str
    path: str
    """Empty for an object on no path."""
    object: str
    field: str

    def __str__(self) -> str:
        return f"{self.rule} of {self.path or self.object}, {self.field}"


def identity(path: str | None, found: Diagnostic) -> BaselineEntry:
    """What a finding on the path of that name is known by."""
    return BaselineEntry(
        rule=found.rule, path=path or "", object=str(found.object or ""), field=found.field or found.input
    )


def write_baseline(found: Iterable[tuple[str | None, Diagnostic]]) -> str:
    """The text of a baseline with the findings, sorted so that versions of it can be compared."""
    known = sorted({identity(path, each) for path, each in found})
    document = {"format": FORMAT, "version": FORMAT_VERSION, "findings": [asdict(each) for each in known]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def read_baseline(text: str, name: str) -> frozenset[BaselineEntry]:
    """The findings that a baseline's text names. BaselineError, with the file's `name`, if it is none."""
    wanted = f"{name} is not a baseline written by `nodrop check --write-baseline`"
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BaselineError(f"{wanted}: {error if isinstance(error, ValueError) else 'nested too deeply'}") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise BaselineError(f'{wanted}: "format" is not "{FORMAT}"')
    if document.get("version") != FORMAT_VERSION:
        raise BaselineError(f'{wanted}: "version" is {document.get("version")!r}; this nodrop reads {FORMAT_VERSION}')
    findings = document.get("findings")
    entries = findings if isinstance(findings, list) else [None]
    known: set[BaselineEntry] = set()
    for number, each in enumerate(entries):
        if not isinstance(each, dict) or any(not isinstance(each.get(key), str) for key in _KEYS):
            raise BaselineError(f'{wanted}: "findings", entry {number}, lacks one of {", ".join(_KEYS)}')
        known.add(BaselineEntry(**{key: each[key] for key in _KEYS}))
    return frozenset(known)
