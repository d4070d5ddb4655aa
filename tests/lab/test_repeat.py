"""Verdicts repeat: over seeds a variant has one, or is undecided; `make repeat` makes many more runs."""

import json

import pytest

from benchmarks import repeat
from benchmarks.record import BEGIN, END, with_record
from benchmarks.repeat_rows import LOADS, joined, markdown, percentile, rows
from nodrop.lab.confidence import upper_bound
from nodrop.lab.errors import LabFailedError
from nodrop.lab.results import MethodCount
from tests.report.conftest import rollout

FEW = ("NEG, neither", "NEG, preStop + gate", "NodePort, the service of the 2019 report, 1 pod")


def test_runs_of_one_verdict_are_one_row_with_what_they_add_up_to():
    (row,) = rows("idle", {"a": [rollout(failed=3, seed=1), rollout(failed=5, seed=2)]})
    assert (row["verdict"], row["contradicts"], row["runs"]) == ("drops", False, {"drops": 2})
    assert (row["failed"], row["requests"]) == (8, 2_680)


def test_a_clean_and_a_dropping_run_contradict_each_other():
    (row,) = rows("busy", {"a": [rollout(), rollout(failed=1)]})
    assert (row["verdict"], row["contradicts"]) == ("undecided", True)


def test_what_a_retry_saved_contradicts_no_drop_but_a_clean_run():
    saved = rollout(methods={"GET": MethodCount(requests=9, failed=0, saved=1)})
    (row,) = rows("idle", {"a": [saved, rollout(failed=1)]})
    assert (row["verdict"], row["contradicts"]) == ("drops", False)
    (row,) = rows("idle", {"a": [saved, rollout()]})
    assert row["contradicts"]


def test_what_the_machine_left_undecided_contradicts_nothing_and_says_why():
    (row,) = rows("busy", {"a": [rollout(), LabFailedError("a: undecided, 3 runs were void")]})
    assert (row["verdict"], row["contradicts"]) == ("clean", False)
    assert row["runs"] == {"clean": 1, "undecided": 1}
    assert row["undecided"] == ["a: undecided, 3 runs were void"]
    (alone,) = rows("busy", {"a": [LabFailedError("a: undecided")]})
    assert (alone["verdict"], alone["upper_bound"]) == ("undecided", None)


def test_percentiles_are_values_that_were_measured():
    values = [*range(1, 21)]
    assert [percentile(values, each) for each in (50, 95, 99)] == [10, 19, 20]
    assert percentile([7], 50) == 7


@pytest.mark.parametrize(("failed", "most"), [(0, 2.996), (1, 4.744), (10, 16.962), (100, 118.08)])
def test_the_bound_is_the_mean_at_which_so_few_fail_in_one_of_twenty_runs(failed, most):
    assert upper_bound(failed, 10_000) == pytest.approx(most / 10_000, rel=1e-3)


def test_many_failures_have_a_bound_above_their_share_and_no_requests_have_none():
    assert 0.1 < (upper_bound(1_000, 10_000) or 0) < 0.108
    assert upper_bound(5, 5) == 1
    assert upper_bound(0, 0) is None


def record(load, *variants, failed=0, **made) -> dict:
    found = rows(load, {variant: [rollout(failed=failed)] for variant in variants})
    return {"day": "2026-11-27", "cores": 2, "seeds": 1, "rows": found} | made


def named(content) -> list[tuple[str, str, int]]:
    return [(row["variant"], row["load"], row["failed"]) for row in content["rows"]]


def test_a_load_that_is_measured_later_joins_the_record_of_the_other():
    busy, idle = record("busy", "a", "b"), record("idle", "a", "b")
    both = [("a", "idle", 0), ("b", "idle", 0), ("a", "busy", 0), ("b", "busy", 0)]
    assert named(joined(idle, busy)) == named(joined(busy, idle)) == both


def test_what_is_measured_again_takes_the_place_of_what_was_recorded():
    again = joined(record("idle", "a", "b"), record("idle", "b", failed=3))
    assert named(again) == [("a", "idle", 0), ("b", "idle", 3)]


@pytest.mark.parametrize("made", [{"day": "2026-11-26"}, {"seeds": 2}, {"cores": 8}])
def test_a_record_of_another_day_other_seeds_or_another_machine_is_not_joined(made):
    busy = record("busy", "a")
    assert joined(record("idle", "a", **made), busy) == busy


def test_a_run_of_one_load_keeps_the_other_in_the_file(tmp_path, monkeypatch):
    output = tmp_path / "repeat.json"
    monkeypatch.setattr(repeat, "jobs_of", lambda seeds, variants: [])
    monkeypatch.setattr(repeat, "measured", lambda load, jobs: rows(load, {"a": [rollout()]}))
    for load in LOADS:
        monkeypatch.setattr("sys.argv", ["repeat", "--load", load, "--seeds", "1", "--output", str(output)])
        with pytest.raises(SystemExit) as ended:
            repeat.main()
        assert not ended.value.code
    assert [row["load"] for row in json.loads(output.read_text())["rows"]] == ["idle", "busy"]


def test_the_page_has_the_record_in_its_place_and_nothing_else_changes():
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    found = rows("idle", {"a": [rollout(failed=3)], "b": [LabFailedError("b: undecided, 3 runs were void")]})
    content = {"day": "2026-11-27", "cores": 2, "seeds": 1, "rows": found}
    changed = with_record(page, markdown(content))
    assert changed.startswith("before\n<!-- record -->\nRecorded on 2026-11-27, 2 cores, 1 seeds")
    assert changed.endswith("- b: undecided, 3 runs were void\n<!-- end of record -->\nafter\n")
    assert "| a | idle | drops | drops 1 | 0 | 3 of 1,340 |" in changed
    assert with_record(changed, markdown(content)) == changed


def test_the_page_says_what_is_recorded():
    page = repeat.PAGE.read_text()
    if repeat.FILE.exists():
        assert with_record(page, markdown(json.loads(repeat.FILE.read_text()))) == page
    assert page.count(BEGIN) == page.count(END) == 1


@pytest.mark.lab
@pytest.mark.timeout(1800)
def test_two_seeds_of_three_variants_have_one_verdict_each():
    found = repeat.measured("idle", repeat.jobs_of((1, 2), FEW))
    decided = {row["variant"]: row["verdict"] for row in found if row["verdict"] != "undecided"}
    assert not [row for row in found if row["contradicts"]]
    expected = dict(zip(FEW, ("drops", "clean", "leaks"), strict=True))
    assert decided == {variant: expected[variant] for variant in decided}
    assert all(row["undecided"] for row in found if row["variant"] not in decided)
