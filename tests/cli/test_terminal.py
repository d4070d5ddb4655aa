"""What a command shows in a terminal: colour unless NO_COLOR asks for none, and errors in lines of its width."""

import os
import pty
import subprocess
import sys
import termios
from contextlib import suppress

import pytest
from click.testing import CliRunner

from nodrop.cli import main
from tests.cli.conftest import check

COLUMNS = 80


def in_a_terminal(*arguments: object, **environment: str) -> str:
    """What stands on a terminal after a command, its stderr too."""
    here, there = pty.openpty()
    termios.tcsetwinsize(there, (24, COLUMNS))
    command = [sys.executable, "-c", "from nodrop.cli import main; main()", *map(str, arguments)]
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
    running = subprocess.Popen(command, stdin=there, stdout=there, stderr=there, env=kept | environment)
    os.close(there)
    shown = b""
    with suppress(OSError):  # Linux ends a terminal that nobody writes to any more so
        while part := os.read(here, 4096):
            shown += part
    os.close(here)
    running.wait()
    return shown.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(("file", "code"), [("nowhere.yaml", 2), ("web.yaml", 1)])
def test_a_closed_stderr_does_not_change_the_exit_code(dropping, file, code):
    command = [sys.executable, "-c", "import sys; sys.stderr = None; from nodrop.cli import main; main()"]
    done = subprocess.run([*command, "check", dropping.with_name(file)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.startswith("drops  shop/web")) == (code, code == 1)


@pytest.mark.parametrize("arguments", [(), ("--json",)], ids=["text", "JSON"])
def test_a_closed_stdout_does_not_change_the_exit_code(dropping, arguments):
    command = [sys.executable, "-c", "import sys; sys.stdout = None; from nodrop.cli import main; main()"]
    done = subprocess.run([*command, "check", *arguments, dropping], capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)


def test_a_terminal_gets_colour_and_a_file_none(dropping):
    assert in_a_terminal("check", dropping).startswith("\x1b[31mdrops\x1b[0m  shop/web")
    assert "\x1b" not in check(dropping).stdout


def test_no_command_colours_a_terminal_where_no_color_is_set(dropping):
    shown = in_a_terminal("check", dropping, NO_COLOR="1")
    assert shown.startswith("drops  shop/web")
    assert "\x1b" not in shown
    assert "\x1b" not in in_a_terminal("rules", NO_COLOR="1")
    assert "\x1b" in in_a_terminal("check", dropping, NO_COLOR="")  # no-color.org: an empty value is none


def test_an_error_is_as_wide_as_the_terminal_with_every_name_whole_and_one_line_elsewhere():
    arguments = ("plan", "--longest-request-seconds", "600")
    shown = in_a_terminal(*arguments)
    assert shown.startswith("error: --longest-request-seconds 600: needs terminationGracePeriodSeconds")
    assert max(map(len, shown.splitlines())) <= COLUMNS
    assert "'grace-within-eviction-limits=REASON'" in shown
    elsewhere = CliRunner().invoke(main, arguments).stderr
    assert len(elsewhere.splitlines()) == 1
    assert " ".join(shown.split()) == " ".join(elsewhere.split())


def test_no_line_that_is_broken_begins_like_a_command_of_a_ci_runner():
    shown = in_a_terminal(f"{'a' * (COLUMNS - 10)} :: b")
    assert [line.split(maxsplit=1)[0] for line in shown.splitlines()[:2]] == ["error:", ":"]
