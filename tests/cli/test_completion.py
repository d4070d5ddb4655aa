"""Completion by the shell, as docs/command-line.md sets it up."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from nodrop.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "command-line.md"


def completed(words: str) -> list[str]:
    environment = {"_NODROP_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = CliRunner(env=environment).invoke(main, [], prog_name="nodrop")
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("nodrop pl", ["plan"]),
        ("nodrop plan --on-term d", ["drain"]),
        ("nodrop check --requests", ["--requests-per-second"]),
        ("nodrop explain grace-c", ["grace-covers-longest-request"]),
        ("nodrop check --select grace-c", ["grace-covers-longest-request"]),
        ("nodrop plan --accept grace-c", ["grace-covers-longest-request"]),
    ],
)
def test_the_shell_completes_commands_options_words_and_rules(words, expected):
    assert completed(words) == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_lines_that_the_page_shows_print_a_script_of_the_shell(shell):
    assert re.search(rf"_NODROP_COMPLETE={shell}_source nodrop\b", PAGE.read_text())
    done = CliRunner(env={"_NODROP_COMPLETE": f"{shell}_source"}).invoke(main, [], prog_name="nodrop")
    assert (done.exit_code, f"_NODROP_COMPLETE={shell}_complete" in done.stdout) == (0, True)
