import json
from importlib.resources import files
from xml.etree import ElementTree

import jsonschema
import pytest

from nodrop.judge import Verdict
from nodrop.report.judged.annotations import annotations
from nodrop.report.judged.document import document
from nodrop.report.judged.junit import junit
from nodrop.report.judged.model import Report
from nodrop.report.judged.sarif import sarif
from nodrop.report.judged.text import text

SCHEMA = json.loads((files("nodrop.report.schemas") / "nodrop-check.schema.json").read_text())


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_document_keeps_the_schema(report, compared):
    jsonschema.validate(json.loads(document(report)), SCHEMA)
    jsonschema.validate(json.loads(document(compared)), SCHEMA)
    jsonschema.validate(json.loads(document(Report(verdict=Verdict.NOT_JUDGED))), SCHEMA)


def test_the_schema_refuses_what_is_missing_and_what_is_unknown(report):
    whole = json.loads(document(report))
    for wrong in (
        {**whole, "more": 1},
        {**whole, "verdict": "fine"},
        {key: whole[key] for key in whole if key != "paths"},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, SCHEMA)


def test_a_finding_holds_all_that_the_judgement_knows(report):
    (first, _), *_ = (path["findings"] for path in json.loads(document(report))["paths"])
    assert first == {
        "rule": "grace-covers-longest-request",
        "severity": "error",
        "object": {"kind": "Deployment", "namespace": "shop", "name": "web"},
        "field": "spec.template.spec.terminationGracePeriodSeconds",
        "file": "deploy/web.yaml",
        "line": 31,
        "template": None,
        "input": "rollout.termination_grace_period_seconds",
        "value": 20,
        "seen": "shorter than 60 s + 30 s",
        "why": "KILL cuts off the last request",
        "source": "kubernetes.io, Pod Lifecycle",
        "would_pass": 95,
        "waiver": None,
        "waived_by": None,
        "expected_failed_alone": 217.6,
    }


def test_text_survives_and_no_log_takes_it_for_a_command():
    name = "##vso[task.complete]\x1b\u202e\udc80"
    told = document(Report(verdict=Verdict.CLEAN, passed_over=(name,)))
    assert json.loads(told)["passed_over"] == [name]
    assert told.isascii()
    assert "##" not in told
    assert "\x1b" not in told


def test_what_could_not_be_read_is_in_every_format(root):
    report = Report(verdict=Verdict.CLEAN, unread=("web.yaml, line 3 (document 1): not YAML",))
    content = json.loads(document(report))
    jsonschema.validate(content, SCHEMA)
    assert content["unread"] == ["web.yaml, line 3 (document 1): not YAML"]
    (run,) = json.loads(sarif(report, root, "<stdin>"))["runs"]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["level"] == "error"
    told = ElementTree.fromstring(junit(report, ()))
    assert told.get("errors") == "1"
    assert "::error title=not read::web.yaml, line 3 (document 1): not YAML\n" in annotations(report, root, "<stdin>")
    assert text(report, 120).startswith("not read: web.yaml, line 3 (document 1): not YAML\n")
    assert text(report, 120).endswith("1 not read.\n")
