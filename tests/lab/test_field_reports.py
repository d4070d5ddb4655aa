"""What `make field-reports` writes down, and that docs/reports.md has it and tells what it shows."""

import json

import pytest

from benchmarks import field_reports
from benchmarks.record import END
from benchmarks.rehearsed import PROJECT

CASES = [case for cases in field_reports.TABLES.values() for case in cases]


def test_the_page_says_what_is_recorded_and_by_the_commands_of_the_list() -> None:
    page, record = field_reports.PAGE.read_text(), json.loads(field_reports.FILE.read_text())
    assert field_reports.with_tables(page, record) == page
    assert [(each["name"], each["command"]) for each in record["rows"]] == CASES


@pytest.mark.parametrize("name", field_reports.TABLES)
def test_each_table_has_its_place(name) -> None:
    page = field_reports.PAGE.read_text()
    begin = f"<!-- record {name} -->\n"
    assert page.count(begin) == 1
    assert "<!-- record" not in page[page.index(begin) + len(begin) :].partition(END)[0]


def test_the_record_shows_causes_and_cures() -> None:
    rows = {each["name"]: each for each in json.loads(field_reports.FILE.read_text())["rows"]}
    wrong = {name: each["wrong"] / each["requests"] for name, each in rows.items()}
    shown = {name for name, share in wrong.items() if share > 0.01}
    assert shown == {"NodePort, kept-alive connections", "NEG, neither", "NEG, preStop, slow attach"}
    assert {name for name, share in wrong.items() if share == 0} == set(rows) - shown


def test_a_row_without_a_result_is_told_with_its_reason() -> None:
    row = {"name": "NEG", "said": "too busy", "day": "2026-11-28"}
    assert field_reports.cells(row) == ["NEG", "undecided: too busy", "2026-11-28"]


def test_the_stacks_of_the_commands_are_there() -> None:
    stacks = {
        word for case in CASES for word in case.command.split() if word in ("legacy-nodeport", "container-native")
    }
    assert all((PROJECT / "stacks" / f"Pulumi.{stack}.yaml").exists() for stack in stacks)
    assert len(stacks) == 2
