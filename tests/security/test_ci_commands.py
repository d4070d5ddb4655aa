"""No text from outside is a command to a CI runner, however it is laid out. Each parser follows its runner's source."""

import re
import textwrap
from collections.abc import Callable
from itertools import product

import pytest

from nodrop.rollout.text import one_line, printable, printable_lines

GITHUB_COMMANDS = (
    *("internal-set-repo-path", "set-env", "set-output", "save-state", "add-mask", "add-path", "add-matcher"),
    *("remove-matcher", "debug", "warning", "error", "notice", "group", "endgroup", "echo", "stop-commands"),
)
"""Source: actions/runner src/Runner.Worker/ActionCommandManager.cs."""


def github(line: str) -> bool:
    """Source: actions/runner src/Runner.Common/ActionCommand.cs, TryParseV2 and TryParse; names in any case."""
    trimmed = line.lstrip()
    if trimmed.startswith("::"):
        information, closed, _ = trimmed[2:].partition("::")
        if closed and information.partition(" ")[0].lower() in GITHUB_COMMANDS:
            return True
    _, prefix, rest = line.partition("##[")
    information, closed, _ = rest.partition("]")
    return bool(prefix and closed and information.partition(" ")[0].lower() in GITHUB_COMMANDS)


def act(line: str) -> bool:
    """Runners of Gitea and Forgejo obey any name. Source: nektos/act pkg/runner/command.go."""
    return bool(re.match(r"::([^ ]+)( (.+))?::([^\r\n]*)", line) or re.match(r"##\[([^ ]+)( (.+))?]([^\r\n]*)", line))


def azure(line: str) -> bool:
    """Source: microsoft/azure-pipelines-agent src/Microsoft.VisualStudio.Services.Agent/Command.cs, TryParse."""
    _, prefix, rest = line.partition("##vso[")
    information, closed, _ = rest.partition("]")
    name = information.partition(" ")[0]
    return bool(prefix and closed and len([each for each in name.split(".") if each]) == 2)


def gitlab(line: str) -> bool:
    """Source: GitLab lib/gitlab/regex.rb, logs_section_prefix_regex and what it is put together with."""
    return bool(re.search(r"section_((?:start)|(?:end)):(\d+):([a-zA-Z0-9_.-]+)(\[.*\])?\r\033\[0K", line))


def teamcity(line: str) -> bool:
    """Source: JetBrains, Service messages."""
    return "##teamcity[" in line


PARSERS: tuple[Callable[[str], bool], ...] = (github, act, azure, gitlab, teamcity)
COMMANDS = (
    *(f"::{name}::x" for name in GITHUB_COMMANDS),
    "::ERROR file=a.py,line=1::x",
    "::anything::x",
    *(f"##[{name}]x" for name in GITHUB_COMMANDS),
    "##[ERROR a=b]x",
    "##vso[task.setvariable variable=x;issecret=false]y",
    "##vso[build.uploadlog]/etc/passwd",
    "section_start:1560896352:name\r\x1b[0Kheader",
    "section_end:1560896353:name[collapsed=true]\r\x1b[0K",
    "##teamcity[buildStatus status='SUCCESS']",
    "##teamcity[setParameter name='a' value='b']",
)
AROUND = ("", " ", "\t", "\xa0", "\u3000", "\u2028", "\x85", "a ", "a\n", "a\r\n", "a\r", "::", "#", "w" * 60 + " ")


@pytest.mark.parametrize("shown", [printable, printable_lines, one_line])
def test_no_runner_obeys_what_is_printed(shown):
    for before, command in product(AROUND, COMMANDS):
        text = shown(before + command)
        lines = [*text.split("\n"), *(line for width in (20, 60, 80) for line in textwrap.wrap(text, width))]
        assert not [line for parser in PARSERS for line in lines if parser(line)]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_runner_obeys_the_command_itself(command):
    assert any(parser(command) for parser in PARSERS)


@pytest.mark.parametrize("text", ["a ## b", "# [x]", "x##y", "[a](b)", "std::vector<int>", "a: b", "kind: Service"])
def test_what_is_no_command_stays_as_it_is(text):
    assert printable(text) == text
