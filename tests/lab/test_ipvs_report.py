"""What `make ipvs-report` writes down of a run, and that docs/reports.md has what is recorded."""

import json
from dataclasses import replace

import pytest

from benchmarks import ipvs_report
from benchmarks.record import BEGIN, with_record
from benchmarks.rehearsed import PROJECT, Case, joined, run
from nodrop.lab.results import to_json
from tests.report.conftest import CONDITIONS, rollout, unready

MEASURED = {"name": "before Linux 5.16", "day": "2026-11-28", "command": "nodrop rehearse", "said": ""}


def row(result, **changed):
    return {**MEASURED, **ipvs_report.row_of(json.loads(json.dumps(to_json(result)))), **changed}


def test_a_rollouts_row_says_what_failed_and_how_much_of_it_afterwards() -> None:
    conditions = replace(CONDITIONS, proxy_mode="IPVS (a=0) with servers from kube-proxy itself", client_ports=64)
    subject = replace(rollout().subject, backend="NodePort")
    measured = row(rollout(failed=670, failed_after=500, conditions=conditions, subject=subject))
    told = ["before Linux 5.16", conditions.proxy_mode, "64", "670 of 1,340 (50 %)", "500", "2026-11-28"]
    assert ipvs_report.cells(measured) == told


def test_a_row_behind_a_neg_has_no_node_port_and_one_without_failures_no_share() -> None:
    (_, translated, ports, failed, after, _) = ipvs_report.cells(row(rollout()))
    assert (translated, ports, failed, after) == ("none: no NodePort", "all", "0 of 1,340", "0")


def test_a_relabelled_pods_row_counts_what_it_answered_after_its_removal() -> None:
    result = unready()
    (_, _, _, answered, after, _) = ipvs_report.cells(row(result))
    assert answered.startswith(f"{result.served_after_removal:,} of {result.requests_after_removal:,}")
    assert after == ""


def test_a_run_without_a_result_is_told_with_its_reason() -> None:
    told = ["before Linux 5.16", "undecided: too busy", "", "", "", "2026-11-28"]
    assert ipvs_report.cells({**MEASURED, "said": "too busy"}) == told


def test_a_row_that_is_no_longer_in_the_list_goes_from_the_record() -> None:
    kept = joined(None, {**MEASURED, "name": "gone"}, 2, ["gone"])
    names = [each["name"] for each in joined(kept, MEASURED, 2, ["before Linux 5.16"])["rows"]]
    assert names == ["before Linux 5.16"]


def test_a_command_may_be_a_pipe_and_one_without_a_result_says_why() -> None:
    measured, result = run(Case("piped", "echo 'kind: [' | nodrop rehearse -"))
    assert result is None
    assert "Traceback" not in measured["said"]
    assert measured["said"]
    assert measured["command"] == "echo 'kind: [' | nodrop rehearse -"


@pytest.mark.parametrize("case", ipvs_report.CASES, ids=[case.name for case in ipvs_report.CASES])
def test_each_command_names_manifests_that_are_there(case) -> None:
    files = [word for word in case.command.split() if word.endswith(".yaml")]
    assert files
    assert all((PROJECT / file).exists() for file in files)


def test_the_page_says_what_is_recorded_and_by_the_commands_of_the_list() -> None:
    page, record = ipvs_report.PAGE.read_text(), json.loads(ipvs_report.FILE.read_text())
    assert with_record(page, ipvs_report.markdown(record, ipvs_report.HEADER, ipvs_report.cells)) == page
    assert page.count(f"{BEGIN}\n") == 1
    assert {(each["name"], each["command"]) for each in record["rows"]} <= set(ipvs_report.CASES)


def test_the_record_shows_what_the_page_tells() -> None:
    rows = {each["name"]: each for each in json.loads(ipvs_report.FILE.read_text())["rows"]}
    assert set(rows) == {case.name for case in ipvs_report.CASES}
    wrong = {name: each["wrong"] for name, each in rows.items()}
    cured = {
        "nftables",
        "NEG",
        "today, few ports",
        "only conn_reuse_mode as today",
        "only expire_nodest_conn as today: kube-proxy 1.21",
        "before Linux 5.16, 2 requests/s, all ports",
        "relabelled, today",
    }
    assert {name for name in cured if wrong[name]} == set()
    shown = {
        "before Linux 5.16, few ports",
        "before Linux 5.16, kube-proxy itself",
        "before Linux 5.16, 2 requests/s",
        "relabelled, before Linux 5.16",
    }
    assert {name for name in shown if wrong[name] < 0.1 * rows[name]["requests"]} == set()
    agent = rows["kube-proxy 1.21 + agent"]
    assert agent["wrong"] > agent["wrong_after"] == 0
    assert rows["before Linux 5.16, few ports"]["wrong_after"] > 1_000
