"""The `nodrop` command: reads options, calls one package, prints what it gives.

Exit codes are those of `exit_codes`. Not here: any work. Packages are imported inside the commands, so that
`nodrop --help` stays fast and a command needs only what it uses.
"""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any, NoReturn

import click

from nodrop.cli.check import check
from nodrop.cli.compare import compare
from nodrop.cli.demo import demo
from nodrop.cli.exit_codes import CANNOT_RUN_HERE, INTERRUPTED, NOBODY_READS, UNREADABLE
from nodrop.cli.plan import plan
from nodrop.cli.preview import preview
from nodrop.cli.rehearse import rehearse
from nodrop.cli.rules import explain, rules
from nodrop.garbage_collection import none_at_exit
from nodrop.terminal import echo, never_fail_to_encode


class _Commands(click.Group):
    """A group whose errors are told as `_errors_told` does, those of its own options too."""

    def make_context(self, *given: Any, **more: Any) -> click.Context:
        with _errors_told():
            never_fail_to_encode()
            return super().make_context(*given, **more)

    def invoke(self, ctx: click.Context) -> Any:
        with _errors_told():
            return super().invoke(ctx)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args[0] not in self.commands and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise click.UsageError(f"{args[0]!r} is not a command{_meant(args[0], self.commands)}", ctx)
        return super().resolve_command(ctx, args)


@contextmanager
def _errors_told() -> Generator[None]:
    """Turns the errors that a user can act on into one message, `error: ...`, and an exit code."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.ClickException as error:
        echo(f"error: {_message(error)}", err=True)
        if isinstance(error, click.UsageError) and error.ctx is not None:
            echo(f"`{error.ctx.command_path} --help` lists what it takes", err=True)
        sys.exit(UNREADABLE)
    except KeyboardInterrupt:
        echo("interrupted", err=True)
        sys.exit(INTERRUPTED)
    except ValueError as error:
        if not type(error).__module__.startswith("nodrop."):
            _fail_of_our_own(error)
        echo(f"error: {error}", err=True)
        sys.exit(UNREADABLE)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that closing it does not fail again
        sys.exit(NOBODY_READS)
    except (click.exceptions.Exit, click.Abort):
        raise
    except Exception as error:
        _fail_of_our_own(error)


def _message(error: click.ClickException) -> str:
    if isinstance(error, click.UsageError) and error.ctx is not None:
        extra = re.match(r"Got unexpected extra arguments? \((\S+?)[ )]", error.message)
        if extra and any("--stack" in each.opts for each in error.ctx.command.params):
            return f"{error.message}; did you mean --stack {extra[1]}?"
    if not isinstance(error, click.NoSuchOption) or error.ctx is None:
        return error.format_message()
    if error.option_name == "--version":
        return f"{error.option_name!r} is an option of nodrop alone: `nodrop --version`"
    options = [name for each in error.ctx.command.params for name in each.opts if name.startswith("--")]
    return f"{error.option_name!r} is not an option of {error.ctx.command_path}{_meant(error.option_name, options)}"


def _meant(name: str, known: Iterable[str]) -> str:
    from nodrop.rollout.text import meant

    return meant(name, known)


def _fail_of_our_own(error: Exception) -> NoReturn:
    """An unexpected error, with its traceback unless a module is missing; its code must not be the one of dropped
    requests."""
    name = error.name if isinstance(error, ModuleNotFoundError) else None
    package = (name or "nodrop").partition(".")[0]
    if package in sys.stdlib_module_names:
        echo(f"error: this Python lacks the module {name} of its standard library", err=True)
    elif package != "nodrop":
        echo(f"error: the package {name} is missing: pip install 'gke-nodrop[lab]' brings it", err=True)
    else:
        echo(traceback.format_exc(), err=True)
    sys.exit(CANNOT_RUN_HERE)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gke-nodrop")
def main() -> None:
    """Serve HTTP on GKE without dropping a request, and rehearse it before deploying."""
    none_at_exit()


for command in (check, plan, preview, demo, compare, rehearse, rules, explain):
    main.add_command(command)
