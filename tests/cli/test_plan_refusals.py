"""What `nodrop plan` refuses, in the words of its options."""

import re

import pytest

from tests.cli.plans import plan


@pytest.mark.parametrize(
    ("options", "rule", "option", "nearest"),
    [
        (("--longest-request-seconds", 600), "grace-within-eviction-limits", "--longest-request-seconds", "283"),
        (("--startup-seconds", 700), "progress-deadline-covers-start-up", "--startup-seconds", r"\d+: a faster start"),
        (("--start-delay-seconds", 567), "progress-deadline-covers-start-up", "--start-delay-seconds", r"\d+"),
        (("--spot",), "nodes-drain-before-they-stop", "--spot", None),
        (("--keep-alive-timeout-seconds", 5), "keep-alive-outlasts-load-balancer", "--keep-alive-timeout-seconds", 620),
        (("--replicas", 3, "--within", 20), "surge-limits-blast-radius", "--within", r"\d+"),
        (("--replicas", 0), "inputs-in-range", "--replicas", 1),
        (("--zones", 0), "inputs-in-range", "--zones", 1),
        (("--longest-request-seconds", 10**9), "inputs-in-range", "--longest-request-seconds", r"\d+"),
    ],
)
def test_a_refusal_names_the_option_the_rule_and_the_nearest_wish(options, rule, option, nearest):
    result = plan(*options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error: {option}")
    assert f"[{rule};" in result.stderr
    other = f"{option} {nearest}" if nearest else f"without {option}"
    assert re.search(rf"(Would pass|another application): {other}", result.stderr)


@pytest.mark.parametrize("option", ["--longest-request-seconds", "--startup-seconds"])
def test_the_nearest_wish_passes_and_the_next_does_not(option):
    nearest = re.search(r"another application: \S+ (\d+)", plan(option, 5000).stderr)
    assert nearest
    assert plan(option, nearest[1]).exit_code == 0
    assert plan(option, int(nearest[1]) + 1).exit_code == 2


@pytest.mark.parametrize(
    "options",
    [
        ("--longest-request-seconds", 600),
        ("--keep-alive-timeout-seconds", 5),
        ("--spot",),
        ("--longest-request-seconds", 400, "--keep-alive-timeout-seconds", 5),
        ("--replicas", 30, "--within", 100),
    ],
)
def test_a_waiver_is_offered_that_lets_the_plan_go_ahead(options):
    offered = re.findall(r"--accept '([a-z-]+)=REASON'", plan(*options).stderr)
    assert offered
    waivers = [word for rule in offered for word in ("--accept", f"{rule}=a batch")]
    ended = plan(*options, *waivers)
    assert ended.exit_code == 0, ended.stderr
    assert "Reason: a batch" in " ".join(ended.stdout.split())


def test_of_a_fact_the_waiver_comes_before_another_application_and_of_a_wish_after_the_nearest():
    assert "Would pass: --accept 'keep-alive-outlasts" in plan("--keep-alive-timeout-seconds", 5).stderr
    assert "; or --accept 'surge-limits-blast-radius=REASON'" in plan("--replicas", 30, "--within", 100).stderr


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
    assert first == "error: no rollout meets all of this:"
    assert {line.split()[0] for line in others} == {"--longest-request-seconds", "--keep-alive-timeout-seconds"}


@pytest.mark.parametrize("rule", ["no-such-rule", "inputs-in-range"])
def test_a_waiver_that_cannot_be_right_is_refused(rule):
    result = plan("--accept", f"{rule}=because")
    assert result.exit_code == 2
    assert result.stderr.startswith(f'error: --accept "{rule}"')


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
        ("--longest-request-seconds", "nan"),
        ("--startup-seconds", "inf"),
        ("--within", "-5"),
        ("--within", "5 minutes"),
        ("--pre-stop-floor-seconds", "0.5s"),
    ],
)
def test_wrong_usage_exits_2(options):
    assert plan(*options).exit_code == 2


def test_more_pods_than_an_api_holds_are_refused():
    assert plan("--replicas", 2**31).exit_code == 2
