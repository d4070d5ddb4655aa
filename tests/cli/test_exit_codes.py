"""How every command ends when it is interrupted, when nodrop itself fails, and when nobody reads on."""

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from nodrop.cli import exit_codes, main
from tests.cli.conftest import SHOP
from tests.cli.labs import NEG

WANTED = {"preview": ["--stack", "dev"], "explain": ["a-rule"]}
"""What a command must be given before it starts."""


def ended(command: str, error: BaseException, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """Exit code and stderr of a command in which that is raised."""

    def broken(**_: object) -> None:
        raise error

    monkeypatch.setattr(main.commands[command], "callback", broken)
    done = CliRunner().invoke(main, [command, *WANTED.get(command, [])])
    return done.exit_code, done.stderr


@pytest.mark.parametrize("command", sorted(main.commands))
def test_ctrl_c_ends_every_command_with_130_and_one_word(command, monkeypatch):
    assert ended(command, KeyboardInterrupt(), monkeypatch) == (exit_codes.INTERRUPTED, "interrupted\n")


@pytest.mark.parametrize("command", sorted(main.commands))
def test_a_fault_of_nodrops_own_is_never_the_code_of_dropped_requests(command, monkeypatch):
    code, told = ended(command, RuntimeError("a bug"), monkeypatch)
    assert code == exit_codes.CANNOT_RUN_HERE
    assert "RuntimeError: a bug" in told


@pytest.mark.parametrize(
    "command",
    [
        ["rehearse", NEG],
        ["demo"],
        ["check", NEG, "--format", "html"],
        ["plan", "--report", "page"],
        ["plan", "--svg", "plan.svg"],
    ],
    ids=" ".join,
)
def test_without_the_extra_a_command_that_needs_it_says_in_one_line_what_to_install(command, tmp_path):
    extra = ("aiohttp", "pyroute2", "jinja2", "matplotlib", "websockets", "h2", "msgspec", "envoy")
    script = f"import sys; sys.modules.update(dict.fromkeys({extra})); from nodrop.cli import main; main(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", script, *command], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == exit_codes.CANNOT_RUN_HERE
    last = done.stderr.splitlines()[-1]
    assert last.startswith("error: the package ")
    assert last.endswith(" is missing: pip install 'gke-nodrop[lab]' brings it")
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_module_that_this_python_lacks_is_not_said_to_come_with_the_extra():
    script = "import sys; sys.modules['xml.etree'] = None; from nodrop.cli import main; main(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", script, "check", NEG, "--format", "junit"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (exit_codes.CANNOT_RUN_HERE, "")
    assert done.stderr == "error: this Python lacks the module xml.etree of its standard library\n"


def test_what_the_locale_cannot_encode_is_printed_as_an_escape(tmp_path):
    (tmp_path / "\u2500.yaml").write_text(SHOP.read_text())
    done = subprocess.run(
        [sys.executable, "-c", "from nodrop.cli import main; main()", "check", "."],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (1, False)
    assert b"    \\u2500.yaml:" in done.stdout
