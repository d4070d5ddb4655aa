"""How every command ends when it is interrupted, when nodrop itself fails, and when nobody reads on."""

import pytest
from click.testing import CliRunner

from nodrop.cli import exit_codes, main

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
