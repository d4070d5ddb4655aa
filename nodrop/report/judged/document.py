"""A judgement as a JSON document, by `nodrop-check.schema.json` of `report/schemas`; docs/formats.md explains it."""

from typing import Any

from nodrop.report.documents import headed, serialised
from nodrop.report.judged.loss import ExpectedLoss
from nodrop.report.judged.model import ChangeReport, PathReport, Report, sentence
from nodrop.rollout.diagnostics import Diagnostic

FORMAT = "nodrop-check"
"""Which kind of document it is."""
FORMAT_VERSION = 2
"""Any other shape is another version."""


def document(report: Report) -> str:
    """The report as JSON, indented, ending with a line break."""
    return serialised(content(report))


def content(report: Report) -> dict[str, Any]:
    """The report as a JSON object."""
    said = {
        "verdict": report.verdict.value,
        "summary": sentence(report),
        "against": report.change and change_content(report.change),
        "paths": [_path(path) for path in report.paths],
        "objects": [finding(each) for each in (*report.objects, *report.accepted_objects)],
        "passed_over": list(report.passed_over),
        "unread": list(report.unread),
        "hidden": dict(report.hidden),
        "baseline": {"known": len(report.known), "gone": list(report.gone)},
    }
    return headed(FORMAT, FORMAT_VERSION, said)


def change_content(change: ChangeReport) -> dict[str, Any]:
    """The judgement of a change as a JSON object."""
    return {
        "verdict": change.verdict.value,
        "paths": list(change.compared),
        "findings": [finding(each) for each in change.found],
        "accepted": [finding(each) for each in change.accepted],
        "not_compared": list(change.not_compared),
    }


def finding(found: Diagnostic, loss: ExpectedLoss | None = None) -> dict[str, Any]:
    """One finding, everything that is known of it, its path's expected loss included."""
    return {
        "rule": found.rule,
        "severity": found.severity.value,
        "object": found.object
        and {"kind": found.object.kind, "namespace": found.object.namespace, "name": found.object.name},
        "field": found.field,
        "file": found.file,
        "line": found.line,
        "template": found.template,
        "input": found.input,
        "value": _plain(found.value),
        "seen": found.seen,
        "why": found.why,
        "source": found.source,
        "would_pass": _plain(found.would_pass),
        "waiver": found.waiver,
        "waived_by": found.waived_by and found.waived_by.value,
        "expected_failed_alone": loss and loss.alone.get(found),
    }


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _path(path: PathReport) -> dict[str, Any]:
    return {
        "name": path.name,
        "verdict": path.verdict.value,
        "way": list(path.way),
        "findings": [finding(each, path.loss) for each in path.found],
        "accepted": [finding(each, path.loss) for each in path.accepted],
        "not_judged": list(path.not_judged),
        "stated": list(path.stated),
        "assumptions": list(path.assumptions),
        "expected_loss": path.loss
        and {
            "requests_per_second": path.loss.requests_per_second,
            "requests": path.loss.drops.requests,
            "failed": path.loss.drops.total,
            "by_cause": {cause.value: lost for cause, lost in path.loss.drops.by_cause.items()},
        },
    }
