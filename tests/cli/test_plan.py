"""`nodrop plan`: the owner's questions as options, and the answer as a table."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner

from nodrop.cli import main
from nodrop.rollout import ASSUMED, Mode, OnTerm, check, solve
from tests.cli.plans import FIRST_REPORT, plan


@pytest.fixture
def asked(monkeypatch) -> Callable[..., dict[str, Any]]:
    """What the solver is asked for these options."""
    seen: dict[str, Any] = {}

    def recorded(**wishes):
        seen.update(wishes)
        return solve(**wishes)

    monkeypatch.setattr("nodrop.rollout.solve", recorded)

    def ask(*options: object) -> dict[str, Any]:
        result = plan(*options)
        assert result.exit_code == 0, result.stderr
        return seen

    return ask


def test_the_service_of_the_first_report():
    result = plan(*FIRST_REPORT, "--requests-per-second", 15_000)
    assert result.exit_code == 0
    assert result.stderr == ""
    for field, value in (
        ("lifecycle.preStop.sleep.seconds", 60),
        ("spec.template.spec.terminationGracePeriodSeconds", 95),
        ("spec.strategy.rollingUpdate.maxSurge", 7),
        ("spec.connectionDraining.drainingTimeoutSec", 30),
    ):
        assert re.search(rf"{re.escape(field)} +{value} ", result.stdout)
    assert "35" in result.stdout
    assert "28.6 + draining 30 = 58.6" in result.stdout
    assert "No rule is broken." in result.stdout
    assert re.search(r"as planned: 0 of [0-9,]+\n", result.stdout)
    assert re.search(r"with the API's defaults .*:\n +[1-9][0-9,]+ of ", result.stdout)
    assert "... 22-84" in result.stdout
    assert max(len(line) for line in result.stdout.splitlines()) <= 120


def test_every_option_reaches_the_solver(asked):
    options = (
        *("--replicas", "6-20", "--longest-request-seconds", 12.5, "--startup-seconds", 7, "--start-delay-seconds", 9),
        *("--keep-alive-timeout-seconds", 700, "--on-term", "exit", "--zones", 3, "--spot", "--within", 3000),
        *("--mode", "hard-coded-delay", "--health-check-path", "/ready/", "--pre-stop-floor-seconds", 70),
        *("--accept", "nodes-drain-before-they-stop=batch work", "--accept", "survives-a-lost-pod=a=b"),
    )
    assert asked(*options) == {
        "replicas": 6,
        "max_replicas": 20,
        "longest_request_seconds": 12.5,
        "startup_seconds": 7,
        "start_delay_seconds": 9,
        "keep_alive_timeout_seconds": 700,
        "on_term": OnTerm.EXIT,
        "zones": 3,
        "spot": True,
        "rolled_out_within_seconds": 3000,
        "mode": Mode.HARD_CODED_DELAY,
        "health_check_path": "/ready/",
        "pre_stop_floor_seconds": 70,
        "accept": {"nodes-drain-before-they-stop": "batch work", "survives-a-lost-pod": "a=b"},
    }


def test_the_solver_is_asked_for_what_an_owner_with_no_wishes_gets(asked):
    wishes = asked()
    assert vars(ASSUMED).items() <= wishes.items()
    assert check(solve(**wishes)) == []


@pytest.mark.parametrize(("given", "least", "most"), [("4", 4, None), ("4-9", 4, 9), ("4..9", 4, 9), ("4-4", 4, 4)])
def test_replicas_are_a_number_or_the_autoscalers_range(asked, given, least, most):
    wishes = asked("--replicas", given)
    assert (wishes["replicas"], wishes["max_replicas"]) == (least, most)


def test_what_nobody_stated_of_replicas_is_not_called_stated():
    def why(*options):
        numbers = json.loads(plan(*options, "--json").stdout)["plans"][0]["numbers"]
        return next(each["why"] for each in numbers if each["field"] == "spec.replicas")

    assert why() == "not stated; 2 or more survive a lost node"
    assert why("--replicas", 2) == "as stated; 2 or more survive a lost node"


def test_durations_drops_and_timeline_are_for_the_most_pods():
    out = plan("--replicas", "4-9", "--requests-per-second", 10).stdout
    assert "A rollout of 9 pods" in out
    assert "\nold 9 " in out
    assert "spec.maxReplicas" in out


def test_what_no_option_states_is_assumed_and_said():
    assert (
        "\nAssumed, as no option states it: longest request 30 s, start-up 10 s, keep-alive 620 s, on TERM drain.\n"
        in plan().stdout
    )


def test_what_an_option_states_is_not_assumed_even_where_it_is_what_would_be():
    out = plan("--longest-request-seconds", 30, "--on-term", "drain").stdout
    assert "Assumed, as no option states it: start-up 10 s, keep-alive 620 s.\n" in out
    stated = ("--longest-request-seconds", 0, "--startup-seconds", 0, "--keep-alive-timeout-seconds", 0)
    assert "Assumed" not in plan(*stated, "--on-term", "serve").stdout


@pytest.mark.parametrize("command", ["plan", "rehearse", "compare"])
def test_the_help_says_what_is_assumed_and_every_answer_to_sigterm(command):
    said = " ".join(CliRunner().invoke(main, [command, "--help"], terminal_width=200).stdout.split())
    for option, value in (
        ("longest-request-seconds", 30),
        ("startup-seconds", 10),
        ("keep-alive-timeout-seconds", 620),
    ):
        assert re.search(rf"--{option} DURATION[^\[]*\[default: {value} s, assumed", said), option
    assert re.search(rf"--on-term \[{'[|]'.join(OnTerm)}\][^\[]*\[default: drain, assumed\]", said)


def test_a_rate_has_a_limit_below_which_every_figure_is_a_number():
    refused = plan("--requests-per-second", 1e308)
    assert "1e+308 is not more than 0 and at most 1,000,000,000" in refused.stderr
    for rate, shown in ((1_000_000_000, "1,000,000,000"), (5e-324, "4.94065645841247e-324")):
        out = plan("--requests-per-second", rate).stdout
        assert f"at {shown} requests/s" in out
        assert re.search(r"as planned: [0-9,]+ of", out)
        assert not re.search(r"\b(inf|nan)\b", out)


@pytest.mark.slow
def test_expected_drops_of_too_many_pods_are_left_out_with_a_word():
    result = plan("--replicas", 10_001, "--requests-per-second", 10)
    assert result.exit_code == 0
    assert "Expected to fail" not in result.stdout
    assert result.stderr == "expected drops are left out: more than 10000 pods\n"
    assert "Expected to fail" in plan("--replicas", 10_000, "--requests-per-second", 10).stdout


@pytest.mark.parametrize("options", [(), ("--format", "yaml"), ("--json",)])
def test_the_command_imports_neither_pulumi_nor_matplotlib(options):
    heavy = {"pulumi", "pulumi_kubernetes", "pulumi_gcp", "grpc", "aiohttp", "matplotlib", "jinja2", "numpy"}
    program = (
        "import sys; from nodrop.cli import main; main(sys.argv[1:], standalone_mode=False);"
        f"print(sorted({heavy!r} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "plan", *options], capture_output=True, text=True, env={**os.environ}
    )
    assert done.stderr == "[]\n"
    assert done.stdout
