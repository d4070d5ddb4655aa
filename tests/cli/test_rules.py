"""`nodrop rules` and `nodrop explain`, and the pages that say the same."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner, Result

from nodrop.cli import main
from nodrop.rollout import all_rules
from nodrop.rule_words import near

RULES = tuple(all_rules().values())


def run(*args: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, args)
    assert result.exit_code == code, result.output
    return result


def words(text: str) -> str:
    return " ".join(text.split())


def test_every_rule_is_listed_with_what_holds_where_it_is_kept():
    listed = words(run("rules").stdout)
    for rule in RULES:
        assert f"{rule.name} ({' or '.join(rule.severities)}) {rule.holds}" in listed


def test_the_list_is_one_json_document_for_machines():
    document = json.loads(run("rules", "--json").stdout)
    assert document["version"] == 1
    assert {each["name"] for each in document["rules"]} == all_rules().keys()
    (found,) = (each for each in document["rules"] if each["name"] == "survives-a-lost-pod")
    assert (found["judges"], found["severities"], found["waivable"]) == ("one version", {"warning": ""}, True)
    assert (found["breaks"], found["keeps"]) == ({"replicas": "1"}, {"replicas": "2"})


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_all_of_a_rule_is_told(rule):
    told = words(run("explain", rule.name).stdout)
    for text in (rule.holds, rule.goes_wrong, rule.cure, *rule.sources, *rule.severities.values()):
        assert words(text) in told


@pytest.mark.parametrize("name", ["Survives a lost pod", "survives_a_lost_pod", "SURVIVES-A-LOST-POD"])
def test_a_name_is_understood_however_it_is_joined(name):
    assert run("explain", name).stdout.startswith("survives-a-lost-pod (warning)")


def test_a_slip_is_answered_with_the_nearest_names():
    assert "did you mean survives-a-lost-pod" in run("explain", "survive-lost-pod", code=2).stderr


def test_part_of_a_name_is_answered_with_names_that_have_it():
    assert near("attach") == ["min-ready-covers-attach"]


def test_a_name_unlike_all_is_answered_with_where_they_are_listed():
    assert "`nodrop rules` lists them" in run("explain", "xyzzy", code=2).stderr


@pytest.mark.parametrize("command", ["['rules']", "['explain', 'standalone-negs-stay']"])
def test_listing_rules_imports_no_pulumi(command):
    program = (
        "import sys; from nodrop.cli import main; "
        f"main({command}, standalone_mode=False); "
        "sys.exit(any(name.partition('.')[0] in ('pulumi', 'yaml', 'rich') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True).returncode == 0
