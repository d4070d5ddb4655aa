"""What owners accept is in every form of the report, beside what was measured."""

import io
import json
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from nodrop.report.files import write_json
from nodrop.report.html import page
from nodrop.report.table import print_results

DRAINING = "draining-covers-longest-request"
ACCEPTED = {DRAINING: "websocket clients reconnect", "survives-a-lost-pod": "a batch"}


def accepting(result, accepted=ACCEPTED):
    return replace(result, subject=replace(result.subject, accepted=accepted))


def printed(results, width=120):
    file = io.StringIO()
    print_results(results, Console(file=file, width=width))
    return file.getvalue()


def test_the_terminal_has_a_line_below_the_table_for_each_variant_that_accepts_something(make_rollout, make_unready):
    results = [accepting(make_rollout()), make_rollout("NEG, gate"), accepting(make_unready(), {DRAINING: "[red]"})]
    rollout, unready = (line for line in printed(results, 200).splitlines() if line.startswith("Accepted"))
    assert rollout == (
        "Accepted in NEG, preStop + gate (2 pods): draining-covers-longest-request: websocket clients reconnect; "
        "survives-a-lost-pod: a batch"
    )
    assert unready == "Accepted in NodePort, keep-alive (2 pods): draining-covers-longest-request: [red]"


def test_the_seeds_of_a_variant_share_one_line(make_rollout):
    text = printed([accepting(make_rollout(seed=1)), accepting(make_rollout(seed=2))])
    assert text.count("Accepted in") == 1


def test_runs_of_a_variant_under_other_conditions_share_it_too(make_rollout):
    run = accepting(make_rollout())
    text = printed([run, replace(run, conditions=replace(run.conditions, speed_up=10.0))])
    assert text.count("Accepted in") == 1


@pytest.mark.parametrize("width", [80, 120])
def test_a_long_reason_stays_within_the_terminal(make_rollout, width):
    text = printed([accepting(make_rollout(), {DRAINING: "reconnect " * 30 + "x" * 300})], width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert "x" * 300 in text.replace("\n", "")


def test_nothing_is_said_where_nothing_is_accepted(make_rollout):
    assert "Accepted" not in printed([make_rollout()])
    assert "Accepted" not in page([make_rollout()])


def test_the_file_has_the_reasons_by_rule(make_rollout, tmp_path):
    write_json([accepting(make_rollout())], tmp_path / "results.json")
    (result,) = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["results"]
    assert result["subject"]["accepted"] == ACCEPTED


def test_the_page_says_it_once_for_each_variant(make_rollout, make_unready):
    text = page([accepting(make_rollout(seed=1)), accepting(make_rollout(seed=2)), accepting(make_unready())])
    reasons = "draining-covers-longest-request: websocket clients reconnect; survives-a-lost-pod: a batch"
    assert text.count(f"<dt>Accepted in NEG, preStop + gate (2 pods)</dt><dd>{reasons}</dd>") == 1
    assert text.count(f"<dt>Accepted in NodePort, keep-alive (2 pods)</dt><dd>{reasons}</dd>") == 1


def test_a_reason_is_text_on_the_page(make_rollout):
    text = page([accepting(make_rollout(), {"<b>": "<script>alert(1)</script>"})])
    assert text.count("<script") == 1
    assert "<script>alert" not in text
    assert "&lt;b&gt;: &lt;script&gt;alert(1)&lt;/script&gt;" in text
