"""`nodrop plan`: the owner's questions as options, the answer as table, YAML and picture, and what is refused."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from click.testing import CliRunner, Result

from nodrop.cli import main
from nodrop.cli.plan_words import unstated
from nodrop.rollout import ASSUMED, RULE_NAMES, Mode, OnTerm, check, solve

FIRST_REPORT = ("--replicas", 90, "--startup-seconds", 20, "--within", 600)


def plan(*options: object) -> Result:
    return CliRunner().invoke(main, ["plan", *(str(option) for option in options)])


def documents(*options: object) -> tuple[dict[str, Any], dict[str, Any]]:
    """Deployment and BackendConfig of `--yaml`."""
    result = plan("--yaml", *options)
    assert result.exit_code == 0, result.stderr
    deployment, backend_config = yaml.safe_load_all(result.stdout)
    return deployment, backend_config


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


def test_durations_drops_and_timeline_are_for_the_most_pods():
    out = plan("--replicas", "4-9", "--requests-per-second", 10).stdout
    assert "A rollout of 9 pods" in out
    assert "\nold 9 " in out
    assert "spec.maxReplicas" in out


@pytest.mark.parametrize(
    ("options", "rule", "option", "nearest"),
    [
        (("--longest-request-seconds", 600), "grace-within-eviction-limits", "--longest-request-seconds", "283"),
        (("--startup-seconds", 700), "progress-deadline-covers-start-up", "--startup-seconds", r"\d+: a faster start"),
        (("--spot",), "nodes-drain-before-they-stop", "--spot", None),
        (("--keep-alive-timeout-seconds", 5), "keep-alive-outlasts-load-balancer", "--keep-alive-timeout-seconds", 620),
        (("--replicas", 3, "--within", 20), "surge-limits-blast-radius", "--within", r"\d+"),
        (("--replicas", 0), "inputs-in-range", "--replicas", 1),
        (("--zones", 0), "inputs-in-range", "--zones", 1),
        (("--longest-request-seconds", "nan"), "inputs-in-range", "--longest-request-seconds", r"\d+"),
    ],
)
def test_a_refusal_names_the_option_the_rule_and_the_nearest_wish(options, rule, option, nearest):
    result = plan(*options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"Error: {option}")
    assert f"[{rule};" in result.stderr
    would_pass = rf"Would pass: {option} {nearest}" if nearest else f"Would pass: without {option}"
    assert re.search(would_pass, result.stderr)


@pytest.mark.parametrize("option", ["--longest-request-seconds", "--startup-seconds"])
def test_the_nearest_wish_passes_and_the_next_does_not(option):
    nearest = re.search(r"Would pass: \S+ (\d+)", plan(option, 5000).stderr)
    assert nearest
    assert plan(option, nearest[1]).exit_code == 0
    assert plan(option, int(nearest[1]) + 1).exit_code == 2


def test_no_refusal_speaks_of_the_models_own_names():
    refused = [
        ("--longest-request-seconds", 600),
        ("--longest-request-seconds", 4000, "--startup-seconds", 700, "--keep-alive-timeout-seconds", 5),
        ("--pre-stop-floor-seconds", 4000),
        ("--replicas", 1, "--within", 5, "--zones", 3),
        ("--on-term", "exit", "--longest-request-seconds", 300),
    ]
    for options in refused:
        assert not re.search(r"[a-z]_[a-z]|rollout\.", plan(*options).stderr), options


def test_all_that_is_wrong_is_said_at_once():
    result = plan("--longest-request-seconds", 4000, "--keep-alive-timeout-seconds", 5)
    assert result.exit_code == 2
    first, *others = result.stderr.splitlines()
    assert first == "Error: no rollout meets all of this:"
    assert {line.split()[0] for line in others} == {"--longest-request-seconds", "--keep-alive-timeout-seconds"}


def test_an_accepted_rule_refuses_nothing_and_stays_visible_with_its_reason():
    result = plan("--spot", "--accept", "nodes-drain-before-they-stop=a batch")
    assert result.exit_code == 0
    assert "accepted: --spot: " in result.stdout
    assert "No rule is broken." not in result.stdout
    assert "Reason: a batch" in " ".join(result.stdout.split())


def test_a_waiver_that_waives_nothing_is_a_warning():
    result = plan("--accept", "survives-a-lost-pod=a batch")
    assert result.exit_code == 0
    assert 'warning: --accept "survives-a-lost-pod": waives nothing' in result.stdout


@pytest.mark.parametrize(
    "rule", ["grace-within-eviction-limits", "nodes-drain-before-they-stop", "liveness-outlasts-health-check"]
)
def test_a_needless_waiver_of_what_the_options_do_state_is_a_warning(rule):
    assert f'warning: --accept "{rule}": waives nothing' in plan("--accept", f"{rule}=why").stdout


@pytest.mark.parametrize(
    "rule",
    [
        "autoscaler-takes-over-replicas",
        "budget-allows-an-eviction",
        "every-container-has-pre-stop",
        "every-zone-keeps-an-endpoint",
        "headers-timeout-exceeds-keep-alive",
        "health-check-answers-200",
        "load-balancer-is-admitted",
        "readiness-stands-alone",
    ],
)
def test_a_waiver_of_what_no_option_states_is_no_warning(rule):
    assert "warning" not in plan("--accept", f"{rule}=none here").stdout


def test_a_needless_waiver_of_the_zone_rule_is_a_warning_once_zones_are_stated():
    assert (
        "waives nothing" in plan("--zones", 2, "--replicas", 9, "--accept", "every-zone-keeps-an-endpoint=why").stdout
    )


def test_what_no_rule_has_judged_is_said():
    said = (
        " ".join(plan().stdout.split()).partition("Not judged, as no option states it: ")[2].partition(". Predicted")[0]
    )
    for unasked in ("zones", "quota", "other containers", "headersTimeout", "health check's answer", "readiness"):
        assert unasked in said
    assert "states it: other containers" in " ".join(plan("--zones", 1).stdout.split())


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


def test_the_yaml_says_which_annotations_are_assumed():
    lines = [line.strip() for line in plan("--yaml", "--startup-seconds", 10).stdout.splitlines()]
    above = dict(zip(lines[1:], lines, strict=False))
    assumed = {line for line, before in above.items() if before == "# assumed, as no option states it"}
    assert assumed == {
        "gke-nodrop/longest-request-seconds: '30'",
        "gke-nodrop/keep-alive-timeout-seconds: '620'",
        "gke-nodrop/on-term: drain",
    }


@pytest.mark.parametrize("command", ["plan", "rehearse", "compare"])
def test_the_help_says_what_is_assumed_and_every_answer_to_sigterm(command):
    said = " ".join(CliRunner().invoke(main, [command, "--help"], terminal_width=200).stdout.split())
    for option, value in (
        ("longest-request-seconds", 30),
        ("startup-seconds", 10),
        ("keep-alive-timeout-seconds", 620),
    ):
        assert re.search(rf"--{option} FLOAT[^\[]*\[default: {value}, assumed", said), option
    assert re.search(rf"--on-term \[{'[|]'.join(OnTerm)}\][^\[]*\[default: drain, assumed\]", said)


def test_rules_that_no_option_states_exist():
    assert unstated(None).keys() < RULE_NAMES


def test_no_rule_that_no_option_states_finds_anything():
    wishes: dict[str, Any] = {
        "longest_request_seconds": 4000,
        "startup_seconds": 700,
        "replicas": 1,
        "zones": 3,
        "spot": True,
    }
    rollout = solve(**wishes, keep_alive_timeout_seconds=5, on_term=OnTerm.EXIT, accept=RULE_NAMES)
    broken = {finding.rule for finding in check(rollout)}
    assert broken
    assert broken & unstated(3).keys() == set()


def test_a_rule_that_is_only_a_warning_stays_open():
    result = plan("--replicas", 1)
    assert result.exit_code == 0
    assert "warning: --replicas 1: fewer than 2" in result.stdout


@pytest.mark.parametrize("rule", ["no-such-rule", "inputs-in-range"])
def test_a_waiver_that_cannot_be_right_is_refused(rule):
    result = plan("--accept", f"{rule}=because")
    assert result.exit_code == 2
    assert result.stderr.startswith(f'Error: --accept "{rule}"')


@pytest.mark.parametrize(
    "options",
    [
        ("--accept", "survives-a-lost-pod"),
        ("--accept", "survives-a-lost-pod= "),
        ("--accept", "=because"),
        ("--accept", "survives-a-lost-pod=a", "--accept", "survives-a-lost-pod=b"),
        ("--replicas", "many"),
        ("--replicas", "5-2"),
        ("--replicas", "-1"),
        ("--health-check-path", "ready"),
        ("--health-check-path", "/a b"),
        ("--requests-per-second", "nan"),
        ("--requests-per-second", 0),
        ("--requests-per-second", 1e308),
        ("--requests-per-second", "inf"),
        ("--on-term", "die"),
    ],
)
def test_wrong_usage_exits_2(options):
    assert plan(*options).exit_code == 2


@pytest.mark.parametrize(
    "options", [FIRST_REPORT, ("--zones", 3), ("--mode", "hard-coded-delay", "--on-term", "serve")]
)
@pytest.mark.parametrize("version", ["1.30", "1.34"])
def test_the_yaml_is_what_kubernetes_takes_once_it_is_pasted(options, version):
    deployment, backend_config = documents(*options)
    spec = deployment["spec"]
    spec["selector"] = {"matchLabels": {"app": "web"}}
    spec["template"]["metadata"] = {"labels": {"app": "web"}}
    spec["template"]["spec"]["containers"][0] |= {"image": "x", "ports": [{"name": "http", "containerPort": 80}]}
    kubernetes_validate.validate(deployment, version, strict=True)
    assert (backend_config["apiVersion"], backend_config["kind"]) == ("cloud.google.com/v1", "BackendConfig")


def test_yaml_alone_goes_to_stdout_and_what_stays_open_to_stderr():
    result = plan("--yaml", "--replicas", 1, "--accept", "survives-a-lost-pod=a batch")
    deployment, _ = yaml.safe_load_all(result.stdout)
    assert deployment["metadata"]["annotations"]["gke-nodrop/accept"] == '{"survives-a-lost-pod": "a batch"}'
    assert result.stderr.startswith("accepted: --replicas 1: ")


def test_the_yaml_has_its_reasons_as_comments():
    assert "# preStop 60 + longest request 30 + margin 5 [grace-covers-longest-request]" in plan("--yaml").stdout


def test_beside_the_yaml_the_expected_drops_go_to_stderr():
    result = plan("--yaml", "--requests-per-second", 10)
    assert len(list(yaml.safe_load_all(result.stdout))) == 2
    assert result.stderr.startswith("Expected to fail in one rollout at 10 requests/s")
    assert "as planned: 0 of " in result.stderr


def test_yaml_and_picture_come_together(tmp_path: Path):
    file = tmp_path / "plan.svg"
    result = plan("--yaml", "--svg", file)
    assert len(list(yaml.safe_load_all(result.stdout))) == 2
    assert file.read_text().startswith("<svg ")


def test_the_yaml_of_an_autoscaled_service_says_where_its_replicas_go():
    out = plan("--yaml", "--replicas", "3-20").stdout
    assert out.startswith("# spec.replicas is left out: keep it if your Deployment states it")
    assert "minReplicas 3, maxReplicas 20" in out


def test_a_rate_has_a_limit_below_which_every_figure_is_a_number():
    refused = plan("--requests-per-second", 1e308)
    assert "1e+308 is not more than 0 and at most 1,000,000,000" in refused.stderr
    for rate, shown in ((1_000_000_000, "1,000,000,000"), (5e-324, "4.94065645841247e-324")):
        out = plan("--requests-per-second", rate).stdout
        assert f"at {shown} requests/s" in out
        assert re.search(r"as planned: [0-9,]+ of", out)
        assert not re.search(r"\b(inf|nan)\b", out)


def test_svg_draws_the_timeline_into_a_file(tmp_path: Path):
    file = tmp_path / "plan.svg"
    result = plan("--svg", file)
    assert result.exit_code == 0
    assert file.read_text().startswith("<svg ")
    assert "<title>Predicted rollout of 2 pods</title>" in file.read_text()
    assert result.stderr == f"{file}: the predicted timeline\n"


def test_the_picture_of_one_pod_is_named_in_the_singular(tmp_path: Path):
    plan("--replicas", 1, "--svg", tmp_path / "plan.svg")
    assert "<title>Predicted rollout of 1 pod</title>" in (tmp_path / "plan.svg").read_text()


def test_svg_without_its_extra_says_which(tmp_path: Path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for module in ("nodrop.report.prediction", "nodrop.report.timeline"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    result = plan("--svg", tmp_path / "plan.svg")
    assert result.exit_code == 2
    assert "gke-nodrop[lab]" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_svg_into_a_folder_that_is_not_there_is_one_message(tmp_path: Path):
    result = plan("--svg", tmp_path / "no" / "plan.svg")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_more_pods_than_a_neg_holds_are_planned_but_not_drawn(tmp_path: Path):
    for pods in (10_001, 2**31 - 1):
        result = plan("--replicas", pods)
        assert result.exit_code == 0
        assert "Predicted" not in result.stdout
    assert "Predicted" in plan("--replicas", 10_000).stdout
    assert "10000 pods at most" in plan("--replicas", 10_001, "--svg", tmp_path / "plan.svg").stderr


def test_expected_drops_of_too_many_pods_are_left_out_with_a_word():
    result = plan("--replicas", 10_001, "--requests-per-second", 10)
    assert result.exit_code == 0
    assert "Expected to fail" not in result.stdout
    assert result.stderr == "expected drops are left out: more than 10000 pods\n"
    assert "Expected to fail" in plan("--replicas", 10_000, "--requests-per-second", 10).stdout


def test_more_pods_than_an_api_holds_are_refused():
    assert plan("--replicas", 2**31).exit_code == 2


@pytest.mark.parametrize("options", [(), ("--yaml",)])
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
