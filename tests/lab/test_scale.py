"""What `make scale` writes down of a run: its figures, or why there are none."""

import json
from dataclasses import replace
from typing import Any

from benchmarks import scale
from benchmarks.record import BEGIN, END, with_record
from benchmarks.rehearsed import PROJECT, joined, reason
from nodrop.lab.load_generator import SHARE_BESIDE_MANY, VEGETA_HOLDS
from nodrop.lab.results import to_json
from tests.report.conftest import CONDITIONS, rollout

ROW = {
    "name": "2 pods",
    "day": "2026-11-27",
    "command": "nodrop rehearse",
    "real_seconds": 99,
    "speed_up": 3.0,
    "load_generator": "vegeta",
    "requests_per_real_second": 5100,
    "traffic_real_seconds": 63,
    "requests": 321_300,
    "failed": 0,
    "too_fast": False,
    "latest_real_seconds": {"pods": 0.0123, "proxies": 0.0456},
    "said": "",
}


def test_a_row_says_who_sent_and_which_part_was_latest() -> None:
    told = [
        "2 pods",
        "0 of 321,300",
        "<= 0.01 %",
        "5,100, vegeta",
        "63 s",
        "3x",
        "proxies, 46 ms",
        "99 s",
        "2026-11-27",
    ]
    assert scale.cells(ROW) == told


def test_no_bound_is_told_of_a_speed_beyond_what_the_lab_resolves() -> None:
    assert scale.cells({**ROW, "too_fast": True})[1:3] == ["0 of 321,300", "too fast"]
    assert scale.cells({**ROW, "too_fast": True, "failed": 3})[2] == "too fast"


def test_every_row_has_a_cell_for_each_header() -> None:
    rows = (ROW, {**ROW, "failed": None, "requests": None})
    assert {len(scale.cells(row)) for row in rows} == {len(scale.HEADER)}


def test_a_run_without_a_result_is_told_with_its_reason_and_never_as_clean() -> None:
    (_, failed, *_, lasted, _) = scale.cells({**ROW, "failed": None, "requests": None, "said": "machine too busy"})
    assert (failed, lasted) == ("undecided: machine too busy", "99 s")


def test_the_record_names_the_cores_and_each_rows_day_and_command() -> None:
    text = scale.markdown({"cores": 2, "rows": [ROW]}, scale.HEADER, scale.cells)
    assert text.startswith("On 2 cores:\n")
    assert "| 99 s | 2026-11-27 |" in text
    assert "- 2 pods: `nodrop rehearse`" in text


def test_a_row_that_is_measured_later_joins_the_record_in_the_order_of_the_list() -> None:
    first, last = scale.CASES[0].name, scale.LADDERS[-1].steps[0].name
    record: dict[str, Any] = {}
    for name in (last, "2 pods", first):
        record = joined(record or None, {**ROW, "name": name}, 2, scale.order())
    assert [row["name"] for row in record["rows"]] == [first, "2 pods", last]


def test_a_row_that_is_measured_again_takes_the_place_of_what_was_recorded() -> None:
    (row,) = joined(joined(None, ROW, 2, scale.order()), {**ROW, "failed": 3}, 2, scale.order())["rows"]
    assert row["failed"] == 3


def test_the_record_of_a_machine_with_other_cores_is_not_joined() -> None:
    (row,) = joined(joined(None, ROW, 8, scale.order()), {**ROW, "name": "1 pod"}, 2, scale.order())["rows"]
    assert row["name"] == "1 pod"


def test_the_page_has_a_place_for_it_and_says_what_is_recorded() -> None:
    page = scale.PAGE.read_text()
    assert page.count(f"{BEGIN}\n") == page.count(END) == 1
    assert page.index(BEGIN) < page.index(END)
    assert with_record(page, scale.markdown(json.loads(scale.FILE.read_text()), scale.HEADER, scale.cells)) == page


def test_the_record_shows_what_the_load_generator_is_said_to_hold() -> None:
    rows = {row["name"]: row for row in json.loads(scale.FILE.read_text())["rows"]}
    assert {case.name for case in scale.CASES} <= set(rows)
    assert [rows[case.name]["failed"] for case in scale.CASES] == [0] * len(scale.CASES)
    minute = rows[next(case.name for case in scale.CASES if "a minute" in case.name)]
    assert (minute["requests_per_real_second"], minute["too_fast"]) == (VEGETA_HOLDS, False)
    assert minute["traffic_real_seconds"] >= 60
    for ladder in scale.LADDERS:
        tried = [rows[step.name]["failed"] for step in ladder.steps if step.name in rows]
        assert len(tried) == len(ladder.steps) or tried[-1] is None, ladder.name
        assert set(tried[:-1]) == {0}
    many = [rows[step.name] for step in scale.LADDERS[0].steps if rows.get(step.name, {}).get("failed") == 0]
    assert many[-1]["requests_per_real_second"] == SHARE_BESIDE_MANY * VEGETA_HOLDS


def test_a_row_is_read_from_what_a_rehearsal_writes() -> None:
    measured = rollout(
        failed=3,
        conditions=replace(CONDITIONS, speed_up=10.0, requests_per_second=300.0, load_generator="vegeta"),
        steady_requests=700,
        latencies_real_seconds={"proxies": 0.13456},
        void_runs=("machine too busy",),
    )
    result = json.loads(json.dumps(to_json(measured)))
    assert scale.row_of(result) == {
        "pods": 2,
        "speed_up": 10,
        "load_generator": "vegeta",
        "requests_per_real_second": 3000,
        "traffic_real_seconds": 17,  # 56 bins of 3 s, 10 times as fast
        "rollout_seconds": 142,
        "requests": 1_340,
        "failed": 3,
        "too_fast": False,
        "steady_requests": 700,
        "latest_real_seconds": {"proxies": 0.135},
        "void_runs": 1,
    }
    row = {"name": "2 pods", "day": "", "command": "", "real_seconds": 99, **scale.row_of(result), "said": ""}
    assert scale.cells(row)[1:4] == ["3 of 1,340", "<= 0.58 %", "3,000, vegeta"]


def test_what_is_measured_for_a_minute_is_what_the_load_generator_is_said_to_hold() -> None:
    (case,) = [each for each in scale.CASES if "requests/s" in each.name]
    words = case.command.split()
    speed_up, rate = (float(words[words.index(option) + 1]) for option in ("--speed-up", "--requests-per-second"))
    assert speed_up * rate == VEGETA_HOLDS  # more would be "too fast"
    assert case.name.startswith(f"{VEGETA_HOLDS:,} ")


def test_a_ladder_ends_at_the_first_load_that_is_undecided(monkeypatch) -> None:
    def measured_by(case):
        return {"name": case.name, "failed": None if "1,800" in case.name else 0}

    monkeypatch.setattr(scale, "measured_by", measured_by)
    names = [row["name"] for row in scale.measured("requests/s")]
    first, second = scale.LADDERS
    assert [name for name in names if name.startswith(first.name)] == [step.name for step in first.steps[:2]]
    assert [name for name in names if name.startswith(second.name)] == [step.name for step in second.steps]


def test_the_reason_is_what_the_rehearsal_said_without_the_advice() -> None:
    said = "not judged  not rehearsed: web, NEG: undecided, 3 runs were void,\n  the last at 10x: too busy; free it"
    assert reason(said) == "3 runs were void, the last at 10x: too busy"
    assert reason("error: no stack\n") == "no stack"
    assert reason("killed") == "killed"


def test_every_size_that_is_claimed_has_a_case_whose_manifests_are_there() -> None:
    names = [case.name for case in scale.CASES]
    assert [name for name in names if "pod" in name][:4] == ["1 pod", "2 pods", "20 pods", "90 pods"]
    cases = [*scale.CASES, *(ladder.steps[0] for ladder in scale.LADDERS)]
    files = [word for case in cases for word in case.command.split() if word.endswith(".yaml")]
    assert files
    assert all((PROJECT / file).exists() for file in files)
