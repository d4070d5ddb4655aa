"""`nodrop rehearse --command` and `--requests`: what the command gets, and what clients send."""

from dataclasses import replace
from pathlib import Path

import pytest

from nodrop.lab.job import Experiment
from nodrop.lab.protocols import Requests
from tests.cli.labs import NEG, nodrop


def test_a_command_without_unready_path_is_rolled_out_only_and_that_is_said(lab):
    ended = nodrop("rehearse", NEG, "--command", "sh serve --port {port}")
    assert ended.exit_code == 0
    assert "unready is left out: --unready-path says how" in ended.stderr
    (job,) = lab.jobs
    assert (job.experiment, job.application.command) == ("rollout", "sh serve --port {port}")


def test_a_command_gets_the_variables_and_files_that_are_named_and_no_other(lab, tmp_path, monkeypatch):
    monkeypatch.setenv("MODE", "fast")
    monkeypatch.setenv("A_TOKEN", "a secret")
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    options = ("--command", "sh serve", "--env", "MODE", "--read", "data")
    assert nodrop("rehearse", NEG, *options).exit_code == 0
    (job,) = lab.jobs
    assert job.application.environment == {"MODE": "fast"}
    assert job.application.read == (str(tmp_path / "data"),)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--env", "PATH"), "--env and --read are for --command"),
        (("--read", "/etc"), "--env and --read are for --command"),
        (("--command", "nosuchprog {port}"), "--command: 'nosuchprog' is no program in PATH"),
        (("--command", "./sh {port}"), "--command: './sh' is no program in PATH, nor a file here that may be executed"),
        (("--command", "sh serve", "--env", "NO_SUCH"), "--env NO_SUCH: the environment has no such variable"),
        (("--command", "sh serve", "--read", "no-such"), "'no-such' does not exist"),
    ],
)
def test_variables_and_files_that_cannot_be_handed_over_are_wrong_usage(lab, options, message):
    ended = nodrop("rehearse", NEG, *options)
    assert ended.exit_code == 2
    assert message in " ".join(ended.stderr.split())
    assert not lab.jobs


def test_a_command_with_unready_path_is_rehearsed_in_both_experiments(lab):
    ended = nodrop("rehearse", NEG, "--command", "sh serve --port {port}", "--unready-path", "/off")
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert [(job.experiment, job.application.unready_path) for job in lab.jobs] == [
        ("rollout", "/off"),
        ("unready", "/off"),
    ]


@pytest.mark.parametrize(
    "arguments", [["--command", "sh serve {port}", "--experiment", "unready"], ["--unready-path", "/off"]]
)
def test_what_would_leave_nothing_to_do_or_have_no_effect_is_wrong_usage(lab, arguments):
    ended = nodrop("rehearse", NEG, *arguments)
    assert ended.exit_code == 2
    assert "--unready-path" in ended.stderr
    assert not lab.jobs


def test_a_command_that_cannot_be_split_is_a_usage_error(lab):
    result = nodrop("rehearse", NEG, "--command", "python3 'server.py", "--unready-path", "/fail")
    assert result.exit_code == 2
    assert "No closing quotation" in result.stderr
    assert lab.jobs == ()


@pytest.mark.parametrize(
    ("options", "requests"),
    [
        ((), Requests.HTTP),
        (("--requests", "websocket"), Requests.WEBSOCKET),
        (("--requests", "stream"), Requests.STREAM),
    ],
)
def test_what_clients_send_is_an_option(lab, options, requests):
    nodrop("rehearse", NEG, "--experiment", "rollout", *options)
    (job,) = lab.jobs
    assert job.application.requests is requests


@pytest.mark.parametrize("requests", ["websocket", "stream"])
def test_what_is_kept_open_is_not_rehearsed_at_an_unready_pod(lab, requests):
    ended = nodrop("rehearse", NEG, "--requests", requests)
    assert {job.experiment for job in lab.jobs} == {Experiment.ROLLOUT}
    assert "unready is left out: open connections stay at an unready pod" in ended.stderr
    alone = nodrop("rehearse", NEG, "--requests", requests, "--experiment", "unready")
    assert alone.exit_code == 2
    assert f"--requests {requests} rehearses rollouts" in alone.stderr


@pytest.mark.parametrize(
    ("requests", "told"), [("websocket", "0, by `drainingTimeoutSec`"), ("http", "0; the other findings")]
)
def test_of_connections_that_stay_open_the_cure_is_what_cuts_them(lab, requests, told):
    lab.rollout = replace(lab.rollout, failures={"backend_connection_closed_before_data_sent_to_client": 3})
    ended = nodrop("rehearse", NEG, "--requests", requests, "--experiment", "rollout")
    assert ended.exit_code == 1
    assert f"instead     {told}" in ended.stdout


def test_requests_of_grpc_need_a_backend_that_speaks_http2(lab):
    ended = nodrop("rehearse", NEG, "--requests", "grpc")
    assert ended.exit_code == 3
    assert not lab.jobs
    assert "requests of gRPC need HTTP/2" in " ".join(ended.stdout.split())
