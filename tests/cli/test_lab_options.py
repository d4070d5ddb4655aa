"""The lab's options, which `nodrop rehearse` and `nodrop compare` share: what the lab is asked for."""

import os
import pty
import re
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from nodrop.cli.progress import left_text, progress_of
from nodrop.lab.job import Ipvs, Settings
from nodrop.rollout import OnTerm
from tests.cli.labs import NEG, ROOT, make_ipvs_folder, nodrop

CHOSEN = Settings(speed_up=30, speed_up_is_forced=False)
"""What nobody forces: the lab chooses the speed-up, up to 30."""


def test_the_options_are_what_the_lab_is_asked_for(lab):
    lags = ["--attach-lag", 1, 2, "--detach-lag", 3, 4, "--kube-proxy-lag", 5, 6]
    more = [
        "--seed",
        8,
        "--requests-per-second",
        9,
        "--proxies",
        3,
        "--speed-up",
        20,
        "--parallel",
        1,
        "--experiment",
        "rollout",
    ]
    assert nodrop("rehearse", NEG, *lags, *more).exit_code == 0
    (job,) = lab.jobs
    assert job.settings == Settings(
        speed_up=20,
        seed=8,
        requests_per_second=9,
        proxies=3,
        attach_lag_seconds=(1, 2),
        detach_lag_seconds=(3, 4),
        kube_proxy_lag_seconds=(5, 6),
    )
    assert (job.experiment, lab.parallel) == ("rollout", 1)


def test_without_options_it_is_the_measured_lags_and_both_experiments(lab):
    assert nodrop("rehearse", NEG).exit_code == 0
    assert [(job.experiment, job.settings) for job in lab.jobs] == [("rollout", CHOSEN), ("unready", CHOSEN)]


def test_the_kernel_with_ipvs_is_that_of_the_folder_and_not_the_cache_s(lab, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_ipvs_folder(tmp_path)
    folder = make_ipvs_folder(tmp_path, "unpacked")
    for named in (folder, "unpacked"):
        ended = nodrop("rehearse", NEG, "--proxy", "ipvs", "--ipvs-folder", named, "--experiment", "rollout")
        assert ended.exit_code == 0, ended.stderr
        (job,) = lab.jobs
        assert job.settings.ipvs == Ipvs(packages=str(folder))
    (tmp_path / "empty").mkdir()
    ended = nodrop("rehearse", NEG, "--proxy", "ipvs", "--ipvs-folder", "empty")
    assert ended.exit_code == 3
    assert "--proxy ipvs needs a User-mode Linux: empty lacks usr/bin/linux.uml" in " ".join(ended.stderr.split())


def test_the_sysctls_of_ipvs_and_the_ports_are_what_the_lab_is_asked_for(lab, tmp_path):
    folder = make_ipvs_folder(tmp_path)
    options = ("--ipvs", "conn_reuse_mode=0,delete_at_once=1", "--client-ports", 64, "--experiment", "rollout")
    assert nodrop("rehearse", NEG, "--proxy", "ipvs", *options).exit_code == 0
    (job,) = lab.jobs
    assert job.settings.ipvs == Ipvs(packages=str(folder), conn_reuse_mode=0, delete_at_once=True)
    assert job.settings.client_ports == 64


def test_labs_run_side_by_side_as_the_machine_bears_unless_it_is_stated(lab):
    assert nodrop("rehearse", NEG).exit_code == 0
    assert lab.parallel is None


def test_a_range_of_lags_begins_with_the_lower_one_and_is_not_negative(lab):
    for option in ("--attach-lag", "--detach-lag", "--kube-proxy-lag"):
        for low, high in ((9, 3), (-1, 3)):
            ended = nodrop("rehearse", NEG, option, low, high)
            assert ended.exit_code == 2
            assert option in ended.stderr
        assert nodrop("rehearse", NEG, option, 3, 3).exit_code == 0


def test_the_application_behaves_as_its_deployment_says_and_else_as_the_options_say(lab, write):
    unstated = write(lambda objects: objects["Deployment"]["metadata"].pop("annotations"))
    said = ["--longest-request-seconds", 1, "--startup-seconds", 2, "--keep-alive-timeout-seconds", 3]
    for file, expected in ((unstated, (1, 2, 3, OnTerm.SERVE)), (NEG, (30, 5, 620, OnTerm.DRAIN))):
        nodrop("rehearse", file, *said, "--on-term", "serve")
        assert lab.jobs
        for job in lab.jobs:
            stated = job.application.behaviour
            times = (stated.longest_request_seconds, stated.startup_seconds, stated.keep_alive_timeout_seconds)
            assert (*times, stated.on_term) == expected


@pytest.mark.parametrize("arguments", [[], [NEG, "--stack", "container-native"]])
def test_neither_or_both_of_files_and_stack_is_wrong_usage(lab, arguments):
    ended = nodrop("rehearse", *arguments)
    assert ended.exit_code == 2
    assert "give either FILEs, folders or -, or --stack" in ended.stderr
    assert not lab.jobs


def test_progress_is_a_bar_with_the_phase_where_somebody_watches():
    script = """
from types import SimpleNamespace
from nodrop.cli.progress import progress_of
job = SimpleNamespace(variant="a variant", experiment="rollout")
with progress_of(2) as progress:
    progress(job, "done")
    progress(job, "warming up")
"""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    subprocess.run([sys.executable, "-c", script], stderr=theirs, env=environment, check=True, timeout=30)
    os.close(theirs)
    with open(ours, "rb") as terminal:
        shown = terminal.read1().decode()
    assert "1/2" in shown
    assert "left" in shown
    assert "a variant, rollout: warming up" in shown


def test_elsewhere_it_is_a_line_for_each_run_with_the_time_left(capfd):
    job: Any = SimpleNamespace(variant="a variant", experiment="rollout")
    with progress_of(2) as progress:
        for phase in ("starting", "done", "starting", "done"):
            progress(job, phase)
    first, second = capfd.readouterr().err.splitlines()
    assert re.fullmatch(r"1/2 a variant, rollout, about \d+ s left", first)
    assert second == "2/2 a variant, rollout"


def test_the_time_left_is_that_of_the_runs_so_far():
    assert left_text(40, 2, 3) == ", about 20 s left"
    assert left_text(60, 1, 4) == ", about 3 min left"
    assert left_text(60, 4, 4) == ""


@pytest.mark.parametrize("option", ["--speed-up", "--requests-per-second", "--startup-seconds"])
def test_nan_is_no_number(lab, option):
    result = nodrop("rehearse", NEG, option, "nan")
    assert result.exit_code == 2
    assert re.search(r"nan'? is not (a number|more than 0|a duration)", result.stderr)
    assert lab.jobs == ()


@pytest.mark.parametrize("options", [("--report", "web.yaml/report"), ("--output", "web.yaml/results.json")])
@pytest.mark.parametrize(
    "command", [("rehearse", NEG), ("compare", "--project", ROOT), ("demo",)], ids=lambda each: each[0]
)
def test_what_could_not_be_written_is_refused_before_anything_runs(command, options, lab, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "web.yaml").touch()
    done = nodrop(*command, *options)
    assert (done.exit_code, done.stdout, lab.jobs) == (2, "", ())
    assert done.stderr.startswith(f"error: {options[1]}")
    assert "cannot be written: " in done.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["web.yaml"]


@pytest.mark.parametrize("path", ["a" * 300, "a" * 300 + "/below", "new/" + "a" * 300, "loop/below", "dangling/below"])
@pytest.mark.parametrize("option", ["--report", "--output"])
def test_a_path_that_no_file_can_have_is_refused_before_anything_runs(option, path, lab, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("nowhere")
    there = set(tmp_path.iterdir())
    done = nodrop("rehearse", NEG, option, path)
    assert (done.exit_code, done.stdout, lab.jobs) == (2, "", ())
    assert done.stderr.startswith(f"error: {path}")
    assert "cannot be written: " in done.stderr
    assert set(tmp_path.iterdir()) == there


def test_a_pipe_is_refused_as_output_before_anything_runs(lab, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    done = nodrop("rehearse", NEG, "--output", tmp_path / "pipe")
    assert (done.exit_code, lab.jobs) == (2, ())
    assert done.stderr == f"error: {tmp_path / 'pipe'} cannot be written: it is not a regular file\n"
