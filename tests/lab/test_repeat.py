"""Verdicts repeat: over seeds a variant has one, or is undecided; `make repeat` makes many more runs."""

import json
from datetime import date

import pytest

from benchmarks import repeat
from benchmarks.record import BEGIN, END, with_record
from benchmarks.repeat_rows import LOADS, joined, markdown, row
from nodrop.lab.confidence import upper_bound
from nodrop.lab.errors import LabFailedError
from nodrop.lab.results import MethodCount
from nodrop.report.rehearsal_verdict import WHY_UNDECIDED, RehearsalVerdict
from tests.cli.labs import make_ipvs_folder
from tests.report.conftest import rollout

DAY = date(2026, 11, 27)

FEW = ("NEG, neither", "NEG, preStop + gate", "NodePort, the service of the 2019 report, 1 pod")
SAVED = {"GET": MethodCount(requests=9, failed=0, saved=1)}
BEHIND_IPVS = "NodePort, preStop, IPVS today"


def test_runs_of_one_verdict_are_one_row_with_what_they_add_up_to():
    found = row("a", "idle", DAY, [rollout(failed=3, seed=1), rollout(failed=5, seed=2)])
    assert (found["verdict"], found["contradicts"], found["runs"]) == ("drops", False, {"drops": 2})
    assert (found["failed"], found["requests"]) == (8, 2_680)


def test_a_clean_and_a_dropping_run_contradict_each_other():
    found = row("a", "busy", DAY, [rollout(), rollout(failed=1)])
    assert (found["verdict"], found["contradicts"]) == ("undecided", True)


def test_what_a_retry_saved_contradicts_no_drop_but_a_clean_run():
    saved = rollout(methods=SAVED)
    found = row("a", "idle", DAY, [saved, rollout(failed=1)])
    assert (found["verdict"], found["contradicts"]) == ("drops", False)
    found = row("a", "idle", DAY, [saved, rollout()])
    assert found["contradicts"]


def test_what_the_machine_left_undecided_contradicts_nothing_and_says_why():
    found = row("a", "busy", DAY, [rollout(), LabFailedError("a: undecided, 3 runs were void")])
    assert (found["verdict"], found["contradicts"]) == ("clean", False)
    assert found["runs"] == {"clean": 1, "undecided": 1}
    assert found["undecided"] == ["a: undecided, 3 runs were void"]
    unfinished = row("a", "busy", DAY, [rollout(), rollout(finished=False)])
    assert unfinished["undecided"] == ["it did not end within its time limit"]
    alone = row("a", "busy", DAY, [LabFailedError("a: undecided")])
    assert (alone["verdict"], alone["upper_bound"]) == ("undecided", None)


@pytest.mark.parametrize(("failed", "most"), [(0, 2.996), (1, 4.744), (10, 16.962), (100, 118.08)])
def test_the_bound_is_the_mean_at_which_so_few_fail_in_one_of_twenty_runs(failed, most):
    assert upper_bound(failed, 10_000) == pytest.approx(most / 10_000, rel=1e-3)


def test_many_failures_have_a_bound_above_their_share_and_no_requests_have_none():
    assert 0.1 < (upper_bound(1_000, 10_000) or 0) < 0.108
    assert upper_bound(5, 5) == 1
    assert upper_bound(0, 0) is None


def record(load, *variants, failed=0, **made) -> dict:
    found = [row(variant, load, DAY, [rollout(failed=failed)]) for variant in variants]
    return {"cores": 2, "seeds": 1, "rows": found} | made


def named(content) -> list[tuple[str, str, int]]:
    return [(each["variant"], each["load"], each["failed"]) for each in content["rows"]]


def test_a_load_that_is_measured_later_joins_the_record_of_the_other():
    busy, idle = record("busy", "a", "b"), record("idle", "a", "b")
    both = [("a", "idle", 0), ("b", "idle", 0), ("a", "busy", 0), ("b", "busy", 0)]
    assert named(joined(idle, busy)) == named(joined(busy, idle)) == both


def test_what_is_measured_again_takes_the_place_of_what_was_recorded():
    again = joined(record("idle", "a", "b"), record("idle", "a", failed=3))
    assert named(again) == [("a", "idle", 3), ("b", "idle", 0)]


@pytest.mark.parametrize("made", [{"seeds": 2}, {"cores": 8}])
def test_a_record_of_other_seeds_or_another_machine_is_not_joined(made):
    busy = record("busy", "a")
    assert joined(record("idle", "a", **made), busy) == busy


def test_a_run_of_one_load_keeps_the_other_in_the_file(tmp_path, monkeypatch):
    output = tmp_path / "repeat.json"
    monkeypatch.setattr(repeat, "jobs_of", lambda seeds, variants: [])
    monkeypatch.setattr(repeat, "measured", lambda load, jobs: [row("a", load, DAY, [rollout()])])
    for load in LOADS:
        monkeypatch.setattr("sys.argv", ["repeat", "--load", load, "--seeds", "1", "--output", str(output)])
        with pytest.raises(SystemExit) as ended:
            repeat.main()
        assert not ended.value.code
    assert [each["load"] for each in json.loads(output.read_text())["rows"]] == ["idle", "busy"]


def test_what_is_measured_by_an_end_in_the_middle_is_kept(tmp_path, monkeypatch):
    def interrupted(load, jobs):
        yield row("a", load, DAY, [rollout()])
        raise KeyboardInterrupt

    output = tmp_path / "repeat.json"
    monkeypatch.setattr(repeat, "jobs_of", lambda seeds, variants: [])
    monkeypatch.setattr(repeat, "measured", interrupted)
    monkeypatch.setattr("sys.argv", ["repeat", "--load", "idle", "--seeds", "1", "--output", str(output)])
    with pytest.raises(KeyboardInterrupt):
        repeat.main()
    assert [each["day"] for each in json.loads(output.read_text())["rows"]] == ["2026-11-27"]


def test_the_page_has_the_record_in_its_place_and_nothing_else_changes():
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    void = LabFailedError("b: undecided, 3 runs were void")
    found = [row("a", "idle", DAY, [rollout(failed=3)]), row("b", "idle", DAY, [void])]
    content = {"cores": 2, "seeds": 1, "rows": found}
    changed = with_record(page, markdown(content))
    assert changed.startswith("before\n<!-- record -->\nOn 2 cores, 1 seeds")
    assert changed.endswith("- b, 1 of 1:\n  - 3 runs were void\n<!-- end of record -->\nafter\n")
    assert "| a | idle | 2026-11-27 | drops | drops 1 | 0 | 3 of 1,340 |" in changed
    assert with_record(changed, markdown(content)) == changed


KEPT_ALIVE = WHY_UNDECIDED[RehearsalVerdict.UNDECIDED]


def of_page(*rows) -> list[str]:
    """What the page says below the table."""
    lines = markdown({"cores": 2, "seeds": 4, "rows": rows}).splitlines()
    return [line for line in lines[1:] if line and not line.startswith("|")]


def test_the_page_counts_the_runs_that_decide_nothing_by_load_and_says_why():
    node_port = "NodePort, preStop"
    runs = [rollout(node_port, "NodePort"), rollout(node_port, "NodePort", failed=1), rollout(finished=False)]
    void = LabFailedError(f"{node_port}: undecided, 3 runs were void, the last at 17x")
    found = row(node_port, "idle", DAY, [*runs, void])
    assert found["undecided"] == sorted([KEPT_ALIVE, str(void), WHY_UNDECIDED[RehearsalVerdict.UNFINISHED]])
    clean = row("NEG, preStop", "busy", DAY, [rollout()])
    assert of_page(found, clean) == [
        "Load idle: 3 of the 4 runs decide nothing.",
        "- NodePort, preStop, 3 of 4:",
        "  - 3 runs were void, the last at 17x",
        f"  - {WHY_UNDECIDED[RehearsalVerdict.UNFINISHED]}",
        f"  - {KEPT_ALIVE}",
        "Load busy: 0 of the 1 runs decide nothing.",
    ]


def test_what_only_retries_saved_is_no_run_that_decides_nothing():
    found = row("NEG, neither", "idle", DAY, [rollout(methods=SAVED), rollout(failed=1)])
    assert found["undecided"] == []
    assert of_page(found) == ["Load idle: 0 of the 2 runs decide nothing."]


def test_the_page_says_what_is_recorded():
    page = repeat.PAGE.read_text()
    if repeat.FILE.exists():
        assert with_record(page, markdown(json.loads(repeat.FILE.read_text()))) == page
    assert page.count(BEGIN) == page.count(END) == 1


def test_it_repeats_each_row_that_compare_has_here(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    without = repeat.jobs_of((1, 2), None)
    assert not any(job.settings.ipvs for job in without)
    with pytest.raises(SystemExit, match=f"no such variant here: {BEHIND_IPVS}"):
        repeat.jobs_of((1,), [BEHIND_IPVS])
    make_ipvs_folder(tmp_path)
    assert len(repeat.jobs_of((1, 2), None)) == len(without) + 2 * 6
    jobs = repeat.jobs_of((1, 2), [BEHIND_IPVS])
    assert [job.settings.seed for job in jobs] == [1, 2]
    assert all(job.settings.ipvs for job in jobs)


@pytest.mark.lab
@pytest.mark.timeout(1800)
def test_two_seeds_of_three_variants_have_one_verdict_each():
    found = repeat.measured("idle", repeat.jobs_of((1, 2), FEW))
    decided = {row["variant"]: row["verdict"] for row in found if row["verdict"] != "undecided"}
    assert not [row for row in found if row["contradicts"]]
    expected = dict(zip(FEW, ("drops", "clean", "leaks"), strict=True))
    assert decided == {variant: expected[variant] for variant in decided}
    assert decided, found
    assert all(row["undecided"] for row in found if row["variant"] not in decided)
