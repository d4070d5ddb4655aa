"""A judgement as SARIF 2.1.0, as code scanning reads it.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0; GitHub, SARIF support for code
scanning.
"""

import hashlib
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nodrop.report.judged.document import serialised
from nodrop.report.judged.model import Report, instead, shown
from nodrop.rollout.diagnostics import Diagnostic, Origin, Severity
from nodrop.rollout.registry import all_rules
from nodrop.rollout.text import printable

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
UNJUDGED = "path-is-judged"
"""The rule under which a path's reasons for not being judged are listed."""
_ROOT = "%SRCROOT%"
_KNOWN = "known from the baseline"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOT_JUDGED: "note"}


def sarif(report: Report, root: Path, stdin: str) -> str:
    """The report as JSON.

    Args:
        report: what to write.
        root: folder of the repository, absolute; files below it are named relative to it.
        stdin: what a diagnostic's `file` is where the object came from standard input, which has no place on disk.
    """
    results = [
        *(_result(path, each, root, stdin) for path, each in report.found),
        *(_result(path, each, root, stdin) for path, each in report.accepted),
        *(_result(path, each, root, stdin) | _suppressed(_KNOWN) for path, each in report.known),
        *(_unjudged(path.name, reason) for path in report.paths for reason in path.not_judged),
    ]
    rules = list(dict.fromkeys(result["ruleId"] for result in results))
    for result in results:
        result["ruleIndex"] = rules.index(result["ruleId"])
    return serialised(
        {
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {
                        "driver": {
                            "name": "nodrop",
                            "version": version("gke-nodrop"),
                            "rules": [_rule(name, report) for name in rules],
                        }
                    },
                    "columnKind": "unicodeCodePoints",
                    "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
                    "invocations": [
                        {
                            "executionSuccessful": not report.unread,
                            "toolExecutionNotifications": [
                                {"level": "note", "message": {"text": f"passed over: {printable(each)}"}}
                                for each in report.passed_over
                            ]
                            + [
                                {"level": "error", "message": {"text": f"not read: {printable(each)}"}}
                                for each in report.unread
                            ]
                            + [
                                {"level": "note", "message": {"text": f"not compared: {printable(each)}"}}
                                for each in (report.change.not_compared if report.change else ())
                            ],
                        }
                    ],
                    "results": results,
                }
            ],
        }
    )


def _rule(name: str, report: Report) -> dict[str, Any]:
    """What code scanning shows of a rule: what it holds, what goes wrong without it, its cure and sources."""
    if name == UNJUDGED:
        return {"id": UNJUDGED, "shortDescription": {"text": "The path could not be judged, or not all of it."}}
    rule = all_rules().get(name)
    if rule is None:
        first = next(each for _, each in (*report.found, *report.accepted, *report.known) if each.rule == name)
        return {"id": name, "shortDescription": {"text": printable(first.why)}}
    sources = "; ".join(rule.sources)
    return {
        "id": name,
        "shortDescription": {"text": rule.holds},
        "fullDescription": {"text": rule.goes_wrong},
        "help": {"text": f"{rule.goes_wrong}\n\n{rule.cure}\n\nSource: {sources}"},
        "defaultConfiguration": {"level": _LEVELS[next(iter(rule.severities))]},
    }


def _result(path: str | None, found: Diagnostic, root: Path, stdin: str) -> dict[str, Any]:
    told = f"{path or found.object}: {found.field or found.input}: {shown(found.value)}: {found.seen}."
    result: dict[str, Any] = {
        "ruleId": found.rule,
        "level": _LEVELS[found.severity],
        "message": {"text": printable(f"{told} Instead: {instead(found)}{_rendered(found)}")},
        "locations": [_location(found, root, stdin)],
        "partialFingerprints": {"nodropFinding/v1": _fingerprint(path, found.rule, found.object, found.field)},
        "properties": {"severity": found.severity.value, "path": path},
    }
    if found.template is not None:
        result["properties"]["template"] = printable(found.template)
    if found.waiver is not None:
        result |= _suppressed(found.waiver, in_source=found.waived_by is Origin.ANNOTATION)
    return result


def _suppressed(reason: str, *, in_source: bool = False) -> dict[str, Any]:
    """In the source is what the object itself accepts."""
    kind = "inSource" if in_source else "external"
    return {"suppressions": [{"kind": kind, "status": "accepted", "justification": printable(reason)}]}


def _rendered(found: Diagnostic) -> str:
    """Where the text comes from whose line is given; the line in the template is not known."""
    return "" if found.template is None else f". Rendered from {found.template}"


def _unjudged(path: str, reason: str) -> dict[str, Any]:
    return {
        "ruleId": UNJUDGED,
        "level": _LEVELS[Severity.NOT_JUDGED],
        "message": {"text": printable(f"{path}: {reason}")},
        "locations": [{"logicalLocations": [{"fullyQualifiedName": printable(path), "kind": "resource"}]}],
        "partialFingerprints": {"nodropFinding/v1": _fingerprint(path, UNJUDGED, reason)},
        "properties": {"severity": Severity.NOT_JUDGED.value, "path": path},
    }


def _location(found: Diagnostic, root: Path, stdin: str) -> dict[str, Any]:
    location: dict[str, Any] = {}
    if found.file is not None:
        physical: dict[str, Any] = {"artifactLocation": _artifact(found.file, root, stdin)}
        if found.line is not None:
            physical["region"] = {"startLine": found.line}
        location["physicalLocation"] = physical
    named: Sequence[str] = [str(found.object)] if found.object else []
    name = "/".join([*named, found.field or found.input])
    location["logicalLocations"] = [{"fullyQualifiedName": printable(name), "kind": "resource"}]
    if found.template is not None:
        location["logicalLocations"].append({"fullyQualifiedName": printable(found.template), "kind": "template"})
    return location


def _artifact(file: str, root: Path, stdin: str) -> dict[str, str]:
    if file == stdin:
        return {"uri": "stdin", "uriBaseId": _ROOT}
    whole = Path(file).absolute()
    try:
        return {"uri": quote(whole.relative_to(root).as_posix()), "uriBaseId": _ROOT}
    except ValueError:
        return {"uri": whole.as_uri()}


def _fingerprint(*parts: object) -> str:
    """Stays as long as rule, object and field do, wherever in the file they stand."""
    return hashlib.sha256("\n".join(map(str, _said(parts))).encode(errors="backslashreplace")).hexdigest()[:32]


def _said(parts: Iterable[object]) -> Iterable[object]:
    return ("" if part is None else part for part in parts)
