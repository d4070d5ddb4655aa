"""The options that say which stack to evaluate, and how."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nodrop.terminal import echo

if TYPE_CHECKING:
    from nodrop.preview import Evaluation


def _config(_ctx: click.Context, _param: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """Read `key=value` options."""
    config = {}
    for item in given:
        key, equals, value = item.partition("=")
        if not (key and equals):
            raise click.BadParameter(f"{item!r} is not of the form KEY=VALUE, such as 'replicas=3'")
        config[key] = value
    return config


project_option = click.option(
    "--project",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    show_default="the current folder",
    help="Folder of the Pulumi project.",
)


def config_of(*names: str, files: str = "the stack's file") -> Callable[..., Any]:
    """An option of these names that takes config values, which go before those of `files`."""
    return click.option(
        *names,
        multiple=True,
        metavar="KEY=VALUE",
        callback=_config,
        help=f"Config value that overrides {files}, for a key of the project or NAMESPACE:KEY. Repeatable.",
    )


config_option = config_of("--config", "-c")


def stack_option(told: str) -> Callable[..., Any]:
    """The option --stack, with what it does to the stack."""
    return click.option("--stack", "-s", metavar="NAME", help=f"{told} Its file is Pulumi.NAME.yaml.")


def stacks_here(project: Path) -> str:
    """The stacks of a project, for a message that asks for one; empty where there are none. Raises ProjectError."""
    from nodrop.preview.project import stacks_of

    names = stacks_of(project)
    return f"stacks here: {', '.join(names)}" if names else ""


def no_stack_given(project: Path) -> click.UsageError:
    """That a stack is wanted, with those that there are. Raises ProjectError where there is no project."""
    return click.UsageError(
        f"give --stack NAME; {stacks_here(project) or 'any NAME does, as no stack has a file here'}"
    )


def judged_from(files: Collection[Path], stack: str | None, project: Path, config: Mapping[str, str]) -> None:
    """Raises click.UsageError where neither or both of files and stack are given, or config for files."""
    if bool(files) != bool(stack):
        if files and config:
            raise click.UsageError(f"--config {next(iter(config))} is for a --stack; files have no config")
        return
    from nodrop.preview.project import ProjectError

    wanted = "give either FILEs, folders or -, or --stack"
    with suppress(ProjectError):  # files need no project
        wanted = "; ".join(filter(None, (wanted, stacks_here(project))))
    raise click.UsageError(wanted)


def load_stack(project: Path, stack: str, config: dict[str, str]) -> Evaluation:
    """Evaluate a stack offline and print what the program warned of to stderr.

    Where other stacks have a file, one without is taken for a slip. Raises click.UsageError.
    """
    from nodrop.preview import ProgramError, evaluate
    from nodrop.preview.project import stacks_of
    from nodrop.rollout.text import meant

    names = stacks_of(project)
    if names and stack not in names:
        slip = meant(stack, names)
        raise click.UsageError(f"stack {stack!r} has no file Pulumi.{stack}.yaml{slip}; {stacks_here(project)}")
    try:
        evaluation = evaluate(project, stack, config=config)
    except ProgramError as error:
        if type(error.__cause__).__name__ != "ConfigMissingError":  # Pulumi's, which only nodrop.preview imports
            raise
        key = getattr(error.__cause__, "key", "KEY")
        raise click.ClickException(f"{error}\n  or, for this command alone: --config {key}=VALUE") from None
    for diagnostic in evaluation.diagnostics:
        echo(f"{diagnostic.severity}: {diagnostic.message}", err=True)
    return evaluation
