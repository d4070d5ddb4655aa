"""Every command reads well at 80, 120 and 200 columns, and into a file: nothing too wide, no name split, no blanks."""

import re
from functools import cache
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from nodrop.cli import main
from tests.cli.conftest import SHOP
from tests.cli.labs import NEG, ROOT
from tests.report.conftest import rollout

WIDTHS = (80, 120, 200)
STACK = ("--project", ROOT, "--stack", "container-native")
COMMANDS = {
    "check": ("check", SHOP, "--requests-per-second", 100, "--against", NEG),
    "plan": ("plan", "--requests-per-second", 100, "--accept", "survives-a-lost-pod=a batch", "--replicas", 1),
    "plan of a file": ("plan", SHOP),
    "rehearse": ("rehearse", NEG),
    "compare": ("compare", "--project", ROOT),
    "rules": ("rules",),
    "explain": ("explain", "grace-covers-longest-request"),
    "preview": ("preview", *STACK),
}
NAMES = re.compile(r"[a-z]+(?:-[a-z]+){2,}|[a-z]+\.[A-Za-z.]+\.[A-Za-z]+")
"""Names of rules and fields."""


@pytest.fixture(autouse=True)
def dropping_lab(lab, tmp_path, monkeypatch):
    lab.rollout = rollout(failed=36)
    monkeypatch.chdir(tmp_path)


@cache
def printed(command: str, width: int) -> str:
    result = CliRunner(env={"COLUMNS": str(width)}).invoke(main, [*map(str, COMMANDS[command])])
    assert result.stdout, result.stderr
    return result.stdout


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("command", COMMANDS)
def test_no_line_is_wider_than_the_terminal_or_ends_with_blanks(command, width):
    lines = printed(command, width).splitlines()
    assert len(lines) > 3
    wide = [line for line in lines if len(line) > width and len(line.split()) > 1]
    assert wide == []
    assert [line for line in lines if line != line.rstrip()] == []
    assert not any("\x1b" in line for line in lines)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_name_is_split_however_narrow_it_is(command):
    names = set(NAMES.findall(printed(command, 200)))
    assert names <= set(NAMES.findall(printed(command, 80)))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_wide_terminal_is_used(command):
    if command != "preview":
        assert len(printed(command, 120).splitlines()) < len(printed(command, 80).splitlines())


@pytest.mark.parametrize("command", sorted(main.commands))
def test_help_fits_80_columns_and_splits_no_name(command):
    text = CliRunner(env={"COLUMNS": "80"}).invoke(main, [command, "--help"]).stdout
    assert max(map(len, text.splitlines())) <= 80
    assert [line for line in text.splitlines() if line.endswith("-") or line != line.rstrip()] == []
    shown = [each.show_default for each in main.commands[command].params if isinstance(each, click.Option)]
    helps = [each.help for each in main.commands[command].params if isinstance(each, click.Option)]
    told = " ".join(str(each) for each in (*helps, *shown))
    words = {word.strip("(),;.:[]") for word in told.split() if re.search(r"\w[-_=]\w", word)}
    assert words <= {word.strip("(),;.:[]") for word in text.split()}


def test_the_output_file_of_check_has_neither_colour_nor_blanks(tmp_path: Path):
    file = tmp_path / "out.txt"
    CliRunner().invoke(main, ["check", str(SHOP), "--output", str(file)])
    assert "error  pre-stop-outlasts-deprogramming" in file.read_text()
    assert [line for line in file.read_text().splitlines() if line != line.rstrip() or "\x1b" in line] == []
