"""What `nodrop rehearse` says and writes of its results, decided or not, and how it ends."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nodrop.cli import main
from nodrop.lab import runner
from nodrop.lab.errors import LabFailedError, LabUnavailableError
from nodrop.lab.results import MethodCount
from tests.cli.labs import NEG, NODE_PORT, in_another_namespace, nodrop, told_alike, too_fast
from tests.report.conftest import rollout, subject, unready


def test_a_lab_that_cannot_measure_exits_3_with_its_reason(lab):
    lab.error = LabFailedError("demo/web: does not become available")
    ended = nodrop("rehearse", NEG)
    assert ended.exit_code == 3
    assert "not rehearsed: demo/web: does not become available" in " ".join(ended.stdout.split())


@pytest.mark.parametrize(
    ("of_rollout", "of_unready", "code"),
    [
        ({}, {}, 0),
        ({"failures": {"failed_to_pick_backend": 3}}, {}, 1),
        ({}, {"served_after_removal": 5}, 1),
        ({"finished": False}, {}, 3),
        ({"requests": 0}, {}, 3),
        ({}, {"removed_seconds": None}, 3),
        ({"failures": {"failed_to_pick_backend": 3}}, {"removed_seconds": None}, 1),
    ],
)
def test_a_rehearsal_ends_with_1_when_requests_drop_or_leak_and_with_3_when_it_decides_nothing(
    lab, of_rollout, of_unready, code
):
    lab.rollout = rollout(**of_rollout)
    lab.unready = replace(unready(served=0), **of_unready)
    assert nodrop("rehearse", NEG).exit_code == code


def test_beside_a_path_whose_runs_were_all_void_nothing_is_called_clean(lab, write, tmp_path):
    lab.void = "other/web, NEG"
    document = tmp_path / "results.json"
    options = ("--experiment", "rollout", "--report", tmp_path, "--output", document)
    ended = nodrop("rehearse", write(in_another_namespace), NEG, *options)
    assert ended.exit_code == 3
    why = "other/web, NEG: undecided, 3 runs were void: machine too busy"
    told_alike(ended, tmp_path / "index.html", document, "Not every variant was decided", why)


@pytest.mark.parametrize(("failed", "verdict", "code"), [(0, "not judged", 3), (3, "drops", 1)])
def test_a_path_of_which_one_run_is_void_is_judged_by_the_others_and_never_clean(lab, tmp_path, failed, verdict, code):
    lab.void, lab.void_seed = "demo/web, NEG", 2
    lab.rollout = rollout(failed=failed)
    output = tmp_path / "results.json"
    ended = nodrop("rehearse", NEG, "--seeds", 3, "--experiment", "rollout", "--output", output)
    assert ended.exit_code == code
    why = "demo/web, NEG: undecided, 3 runs were void: machine too busy"
    said = " ".join(ended.stdout.split())
    assert f"{verdict} demo/web: " in said
    assert f"not judged not rehearsed: {why}" in said
    document = json.loads(output.read_text())
    assert document["undecided"] == [why]
    assert [each["requests"] for each in document["results"]] == [lab.rollout.requests] * 2
    (path,) = document["judgement"]["paths"]
    assert (path["verdict"], path["not_judged"]) == (verdict, [f"not rehearsed: {why}"])


def test_what_keeps_both_experiments_of_a_path_from_a_result_is_said_once(lab, tmp_path):
    lab.void = "demo/web, NEG"
    output = tmp_path / "results.json"
    said = " ".join(nodrop("rehearse", NEG, "--output", output).stdout.split())
    why = "demo/web, NEG: undecided, 3 runs were void: machine too busy"
    assert len(lab.jobs) == 2
    assert said.count(f"not judged not rehearsed: {why}") == 1
    assert json.loads(output.read_text())["undecided"] == [why]


def test_a_machine_without_the_labs_needs_exits_3(lab):
    lab.error = LabUnavailableError("the lab needs Linux")
    ended = nodrop("rehearse", NEG)
    assert (ended.exit_code, ended.stdout) == (3, "")
    assert ended.stderr.startswith("error: the lab cannot run here: the lab needs Linux")


@pytest.mark.parametrize("option", ["--output", "--report"])
def test_a_result_that_cannot_be_written_any_more_is_one_message_after_the_table(lab, tmp_path, option, monkeypatch):
    file = tmp_path / "file"

    def run_each(*given: Any) -> list[Any]:
        file.touch()
        return lab.run_each(*given)

    monkeypatch.setattr(runner, "run_each", run_each)
    ended = nodrop("rehearse", NEG, option, file / "below")
    assert ended.exit_code == 2
    assert "The rollout dropped no request" in ended.stdout
    assert re.match(rf"error: {re.escape(str(file))}\S* cannot be written: ", ended.stderr)


def test_what_was_rehearsed_is_in_the_files_though_nobody_reads_the_text(lab, tmp_path, monkeypatch):
    def closed(*_: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("nodrop.cli.lab_options._print_text", closed)
    monkeypatch.setattr("os.dup2", lambda *_: None)
    output = tmp_path / "results.json"
    with pytest.raises(SystemExit):
        main(["rehearse", NEG, "--experiment", "rollout", "--output", str(output), "--report", str(tmp_path)])
    assert json.loads(output.read_text())["results"]
    assert (tmp_path / "index.html").exists()


@pytest.mark.parametrize("experiment", ["rollout", "unready"])
def test_a_speed_that_is_forced_beyond_its_bound_is_undecided_everywhere(lab, tmp_path, experiment):
    lab.rollout, lab.unready = too_fast(lab.rollout), too_fast(lab.unready)
    document = tmp_path / "results.json"
    options = ("--experiment", experiment, "--speed-up", 30, "--report", tmp_path, "--output", document)
    ended = nodrop("rehearse", NEG, *options)
    what, title = {
        "rollout": ("rollout", "The rollout was not decided: too fast"),
        "unready": ("unready pod", "Not every unready pod was decided"),
    }[experiment]
    why = "its speed was forced beyond what the lab resolves, so its figures say nothing"
    told_alike(ended, tmp_path / "index.html", document, title, f"{what} demo/web, NEG (2 pods): {why}")
    assert ended.exit_code == 3
    said = " ".join(ended.stdout.split())
    assert "too fast demo/web, NEG" in said
    assert "At 30x: demo/web, NEG (2 pods): forced, beyond 9x: the backend timeout." in said
    assert f"rehearsed, and not decided: {what}: {why}" in said


def test_what_fails_at_a_speed_that_is_forced_beyond_its_bound_is_no_drop(lab):
    lab.rollout, lab.unready = too_fast(rollout(failed=9)), too_fast(unready(served=9))
    ended = nodrop("rehearse", NEG, "--speed-up", 30)
    assert ended.exit_code == 3
    assert ended.stdout.startswith("The rollout was not decided: too fast")
    said = " ".join(ended.stdout.split())
    assert "1 serving path: 1 not judged" in said
    assert "Worst: " not in said


SAVED = {"GET": MethodCount(requests=10, failed=0, saved=3)}


@pytest.mark.parametrize(
    ("manifest", "of_rollout", "of_unready", "why"),
    [
        (NEG, {"finished": False}, {}, "it did not end within its time limit"),
        (NEG, {"requests": 0}, {}, "no request was sent"),
        (NEG, {"methods": SAVED}, {}, "no request failed, but only because the load balancer sent some GETs once more"),
        (NEG, {}, {"removed_seconds": None}, "it was never taken out"),
        (NODE_PORT, {"subject": subject(backend="NodePort")}, {}, "do not show that no kept-alive connection is cut"),
        (NEG, {"subject": replace(subject(), unjudged=("why",))}, {}, "not everything on the path is judged"),
    ],
)
def test_what_decides_nothing_is_told_alike_in_headline_and_judgement(
    lab, tmp_path, manifest, of_rollout, of_unready, why
):
    file = tmp_path / "web.yaml"
    file.write_text(
        Path(manifest).read_text().replace('keep-alive-timeout-seconds: "30"', 'keep-alive-timeout-seconds: "620"')
    )
    lab.rollout = rollout(**of_rollout)
    lab.unready = replace(unready(served=0), **of_unready)
    ended = nodrop("rehearse", file)
    said = " ".join(ended.stdout.split())
    assert ended.exit_code == 3
    assert re.search(rf"Not decided: [^.]*{why}", said)
    assert re.search(rf"not judged [^.]*rehearsed, and not decided: [^.]*{why}", said)
    assert "1 serving path: 1 not judged" in said
