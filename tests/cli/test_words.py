"""One set of words over all commands: durations, slips of names, one form of errors, standard input."""

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from nodrop.cli import main
from nodrop.cli.parameters import Duration, Word
from tests.cli.labs import NEG

ROOT = Path(__file__).parents[2]


def nodrop(*arguments: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)], input=stdin, prog_name="nodrop")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30", 30), ("30s", 30), ("5m", 300), ("1h", 3600), ("1h30m", 5400), ("1m5s", 65), ("0.5", 0.5), ("1.5m", 90)],
)
def test_a_duration_is_seconds_however_it_is_written(text, seconds):
    assert Duration().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "s", "5 minutes", "30ms", "nan", "inf", "-1", "1.2.3s", "m5"])
def test_what_is_no_duration_is_refused_with_one_that_is(text):
    with pytest.raises(click.BadParameter):
        Duration().convert(text, None, None)


def test_every_option_that_takes_a_time_takes_a_duration():
    times = {
        (name, option.name)
        for name, command in main.commands.items()
        for option in command.params
        if option.name and (option.name.endswith(("_seconds", "_lag")) or option.name == "within")
    }
    assert len(times) > 20
    for name, option in sorted(times):
        (found,) = (each for each in main.commands[name].params if each.name == option)
        kinds = [found.type.types[0]] if isinstance(found.type, click.Tuple) else [found.type]
        assert all(isinstance(kind, Duration) for kind in kinds), (name, option)


def test_an_option_means_the_same_in_every_command():
    by_name: dict[str, set[str | None]] = {}
    for command in main.commands.values():
        for option in command.params:
            if isinstance(option, click.Option):
                for name in option.opts:
                    by_name.setdefault(name, set()).add(f"{type(option.type)} {option.is_flag}")
    differing = {name: kinds for name, kinds in by_name.items() if len(kinds) > 1}
    assert differing.keys() <= {"--against", "--replicas"}


def test_every_option_of_several_words_knows_the_nearest_one():
    choices = [each for command in main.commands.values() for each in command.params if hasattr(each.type, "choices")]
    assert len(choices) > 10
    assert [each.name for each in choices if not isinstance(each.type, Word)] == []


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("plann",), "plan"),
        (("check", "--failon", "error", NEG), "--fail-on"),
        (("rehearse", "--experiments", "rollout", NEG), "--experiment"),
        (("--versions",), "--version"),
        (("plan", "--on-term", "drian"), "drain"),
        (("check", "--fail-on", "warnings", NEG), "warning"),
        (("check", "--select", "grace-covers-longest-requests", NEG), "grace-covers-longest-request"),
        (("plan", "--accept", "survives-lost-pod=a batch"), "survives-a-lost-pod"),
        (("explain", "survive-lost-pod"), "survives-a-lost-pod"),
        (("preview", "--project", ROOT, "--stack", "container-nativ"), "container-native"),
        (("compare", "--project", ROOT, "--variant", "NEG, preSto"), "NEG, preStop"),
        (("preview", "--project", ROOT, "-s", "container-native", "-c", "replica=3"), "gke-nodrop:replicas"),
    ],
)
def test_a_slip_is_answered_with_the_nearest_name(arguments, meant):
    ended = nodrop(*arguments)
    assert ended.exit_code == 2
    assert f"did you mean {meant}?" in ended.stderr


def test_a_name_unlike_all_is_not_answered_with_all_of_them():
    for arguments in (("check", "--ignore", "xyzzy", NEG), ("plan", "--accept", "xyzzy=why")):
        told = nodrop(*arguments).stderr
        assert "`nodrop rules` lists" in told
        assert len(told) < 300


@pytest.mark.parametrize("command", ["preview", "check", "rehearse"])
def test_the_stacks_that_exist_are_listed_when_none_is_named(command):
    told = nodrop(command, "--project", ROOT).stderr
    assert "stacks here: comparison, container-native, legacy-nodeport" in told


def test_a_stack_without_a_file_is_no_slip_where_no_stack_has_one(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "__main__.py").write_text("")
    assert nodrop("preview", "--project", tmp_path, "--stack", "any").exit_code == 0
    assert "any NAME does" in nodrop("preview", "--project", tmp_path).stderr


def test_compare_names_the_demo_where_there_is_no_project(tmp_path):
    told = nodrop("compare", "--project", tmp_path).stderr
    assert told.startswith("error: no Pulumi.yaml in ")
    assert "`nodrop demo`" in told


def test_without_a_project_no_stack_is_asked_for(tmp_path):
    told = nodrop("preview", "--project", tmp_path).stderr
    assert told.startswith("error: no Pulumi.yaml in ")
    assert "--stack" not in told


@pytest.mark.parametrize(
    "arguments",
    [
        ("--no-such",),
        ("plann",),
        ("plan", "--no-such"),
        ("plan", "--within", "soon"),
        ("plan", "--spot"),
        ("explain",),
        ("explain", "xyzzy"),
        ("check",),
        ("check", "absent.yaml"),
        ("check", NEG, "--baseline", "absent.json"),
        ("rehearse", "absent.yaml"),
        ("preview", "--project", ROOT, "-s", "nowhere"),
        ("compare", "--project", ROOT, "--neg-stack", "nowhere"),
    ],
    ids=lambda each: " ".join(map(str, each)).replace(str(ROOT), "."),
)
def test_every_error_has_one_form(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ended = nodrop(*arguments)
    assert (ended.exit_code, ended.stdout) == (2, "")
    said = [line for line in ended.stderr.splitlines() if not line.startswith("evaluating ")]
    assert said[0].startswith("error: ")
    assert not re.search(r"^(Usage|Try|Error)", ended.stderr, re.MULTILINE)


def test_standard_input_is_a_dash_for_every_command_that_takes_files(lab):
    text = Path(NEG).read_text()
    for command in ("check", "rehearse"):
        assert "demo/web: Ingress web > Service web:80 > NEG" in nodrop(command, "-", stdin=text).stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("rehearse", NEG, "--speed-up", 200), "'200' is not a number from 1 to 100"),
        (("rehearse", NEG, "--speed-up", "nan"), "'nan' is not a number from 1 to 100"),
        (("rehearse", NEG, "--seeds", 0), "'0' is not a whole number of at least 1"),
        (("compare", "--replicas", "x"), "'x' is not a whole number of at least 1"),
        (("preview", "dev"), "Got unexpected extra argument (dev); did you mean --stack dev?"),
        (("check", "--version"), "'--version' is an option of nodrop alone: `nodrop --version`"),
        (("explain", "pre-stop"), "did you mean pre-stop-outlasts-deprogramming, grace-exceeds-pre-stop or every-"),
        (("check", NEG, "--settings", "nope.yaml"), "nope.yaml: cannot be read: No such file or directory"),
    ],
)
def test_wrong_usage_is_told_with_what_would_be_right(arguments, told):
    done = nodrop(*arguments)
    assert done.exit_code == 2
    assert told in done.stderr


def test_a_settings_file_whose_name_is_nearly_right_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nodrop.yml").touch()
    assert f"warning: {tmp_path}/nodrop.yml is not read; did you mean nodrop.yaml?" in nodrop("check", NEG).stderr
    assert "nodrop.yml is not" not in nodrop("check", NEG, "--settings", "nodrop.yml").stderr
