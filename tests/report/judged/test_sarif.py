import json
from copy import deepcopy
from pathlib import Path

import jsonschema
import pytest

from nodrop.judge import Verdict
from nodrop.report.judged.model import PathReport, Report
from nodrop.report.judged.sarif import sarif
from nodrop.rollout.registry import all_rules

SCHEMA = json.loads((Path(__file__).parent.parent / "schemas" / "sarif-2.1.0-rtm.5.json").read_text())
for _definition, _change in {
    "region": {"anyOf": [{"required": [each]} for each in ("startLine", "charOffset", "byteOffset")]},
}.items():
    SCHEMA["definitions"][_definition] |= _change  # OASIS, SARIF 2.1.0 errata 01, which is stricter here
for _definition, _property in (
    ("result", "level"),
    ("result", "kind"),
    ("notification", "level"),
    ("suppression", "kind"),
    ("suppression", "status"),
    ("run", "columnKind"),
):
    SCHEMA["definitions"][_definition]["properties"][_property]["type"] = "string"


def valid(told: str) -> dict:
    """The document's only run."""
    document = json.loads(told)
    jsonschema.Draft4Validator(SCHEMA).validate(document)
    (run,) = document["runs"]
    return run


def test_it_keeps_the_schema(report, compared, root):
    valid(sarif(report, root, "<stdin>"))
    valid(sarif(compared, root, "<stdin>"))
    valid(sarif(Report(verdict=Verdict.NOT_JUDGED), root, "<stdin>"))


def test_the_schema_refuses_a_wrong_level(report, root):
    document = json.loads(sarif(report, root, "<stdin>"))
    for place, value in (("level", "fatal"), ("message", {})):
        wrong = deepcopy(document)
        wrong["runs"][0]["results"][0][place] = value
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft4Validator(SCHEMA).validate(wrong)


def of_one(found) -> Report:
    return Report(verdict=Verdict.DROPS, paths=(PathReport(name="shop/web", verdict=Verdict.DROPS, found=(found,)),))


def place(told: str) -> dict:
    (result,) = valid(told)["results"]
    return result["locations"][0]["physicalLocation"]


def test_files_are_named_from_the_repositorys_root_wherever_the_command_runs(found, root, monkeypatch):
    (root / "deploy").mkdir()
    monkeypatch.chdir(root / "deploy")
    assert place(sarif(of_one(found(file="web page.yaml")), root, "<stdin>")) == {
        "artifactLocation": {"uri": "deploy/web%20page.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 31},
    }


def test_a_file_beside_the_repository_is_named_whole(found, root, tmp_path_factory):
    other = tmp_path_factory.mktemp("other") / "web.yaml"
    assert place(sarif(of_one(found(file=str(other))), root, "<stdin>"))["artifactLocation"] == {"uri": other.as_uri()}


def test_standard_input_keeps_its_lines(found, root):
    assert place(sarif(of_one(found(file="<stdin>", line=7)), root, "<stdin>")) == {
        "artifactLocation": {"uri": "stdin", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 7},
    }


def test_an_unknown_line_is_left_out_and_so_is_an_unknown_file(found, root):
    assert "region" not in place(sarif(of_one(found(line=None)), root, "<stdin>"))
    (result,) = valid(sarif(of_one(found(file=None, line=None)), root, "<stdin>"))["results"]
    assert result["locations"] == [
        {
            "logicalLocations": [
                {
                    "fullyQualifiedName": "Deployment shop/web/spec.template.spec.terminationGracePeriodSeconds",
                    "kind": "resource",
                }
            ]
        }
    ]


def test_each_severity_has_its_level(report, root):
    results = {each["ruleId"]: each for each in valid(sarif(report, root, "<stdin>"))["results"]}
    assert {rule: each["level"] for rule, each in results.items()} == {
        "keep-alive-outlasts-load-balancer": "error",
        "grace-covers-longest-request": "error",
        "survives-a-lost-pod": "warning",
        "selector-matches-pods": "note",
        "draining-covers-longest-request": "error",
        "path-is-judged": "note",
    }


def test_what_does_not_count_is_suppressed_with_its_reason_where_that_is_stated(compared, root):
    results = valid(sarif(compared, root, "<stdin>"))["results"]
    suppressed = {each["ruleId"]: each["suppressions"] for each in results if "suppressions" in each}
    assert suppressed == {
        rule: [{"kind": kind, "status": "accepted", "justification": reason}]
        for rule, kind, reason in (
            ("draining-covers-longest-request", "inSource", "clients reconnect"),
            ("selector-stays", "external", "both have it"),
            ("load-balancer-is-admitted", "external", "an inner firewall"),
            ("keep-alive-outlasts-load-balancer", "external", "known from the baseline"),
        )
    }


def test_a_charts_template_is_named_beside_the_line_of_what_was_piped(found, root):
    rendered = found(file="<stdin>", line=7, template="shop/templates/web.yaml")
    (result,) = valid(sarif(of_one(rendered), root, "<stdin>"))["results"]
    (location,) = result["locations"]
    assert location["physicalLocation"]["region"] == {"startLine": 7}
    assert {"fullyQualifiedName": "shop/templates/web.yaml", "kind": "template"} in location["logicalLocations"]
    assert result["message"]["text"].endswith("Rendered from shop/templates/web.yaml")


def test_rules_are_told_once_and_found_by_their_index(report, root):
    run = valid(sarif(report, root, "<stdin>"))
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])


def test_a_finding_keeps_its_fingerprint_when_it_moves_and_no_two_share_one(report, found, root):
    def fingerprint(**changes) -> str:
        (result,) = valid(sarif(of_one(found(**changes)), root, "<stdin>"))["results"]
        return result["partialFingerprints"]["nodropFinding/v1"]

    assert fingerprint(line=99, value=25, seen="other words") == fingerprint()
    assert fingerprint(field="spec.replicas") != fingerprint()
    results = valid(sarif(report, root, "<stdin>"))["results"]
    assert len({each["partialFingerprints"]["nodropFinding/v1"] for each in results}) == len(results)


def test_what_was_passed_over_is_a_notification(report, root):
    (invocation,) = valid(sarif(report, root, "<stdin>"))["invocations"]
    (told,) = invocation["toolExecutionNotifications"]
    assert told["message"]["text"] == "passed over: values.yaml: not a Kubernetes object"


def test_a_change_is_among_the_results_and_what_was_not_compared_among_the_notifications(compared, root):
    run = valid(sarif(compared, root, "<stdin>"))
    results = {each["ruleId"]: each for each in run["results"]}
    assert results["target-port-stays"]["locations"][0]["physicalLocation"]["region"] == {"startLine": 8}
    assert "suppressions" in results["selector-stays"]
    assert "suppressions" in results["load-balancer-is-admitted"]
    told = [each["message"]["text"] for each in run["invocations"][0]["toolExecutionNotifications"]]
    assert "not compared: Service shop/legacy: a NodePort" in told


def test_a_rule_says_what_it_holds_what_goes_wrong_and_its_cure(report, root):
    rules = {each["id"]: each for each in valid(sarif(report, root, "<stdin>"))["tool"]["driver"]["rules"]}
    told, known = rules["grace-covers-longest-request"], all_rules()["grace-covers-longest-request"]
    assert told["shortDescription"]["text"] == known.holds
    assert known.cure in told["help"]["text"]
    assert told["defaultConfiguration"]["level"] == "error"


def test_a_rule_that_nobody_registered_is_told_by_its_finding(found, root):
    (rule,) = valid(sarif(of_one(found(rule="of-tomorrow")), root, "<stdin>"))["tool"]["driver"]["rules"]
    assert rule == {"id": "of-tomorrow", "shortDescription": {"text": "KILL cuts off the last request"}}
