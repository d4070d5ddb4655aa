"""The options that say which stack to evaluate, and how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nodrop.terminal import echo

if TYPE_CHECKING:
    from nodrop.preview import Evaluation, StackOutputs


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


def _stack_outputs(_ctx: click.Context, _param: click.Parameter, given: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Read `stack=file` options. Raises click.BadParameter with everything wrong in any of them."""
    if not given:
        return {}
    from nodrop.preview import ProjectError, read_stack_outputs

    found: dict[str, dict[str, Any]] = {}
    wrong = []
    names = [item.partition("=")[0] for item in given]
    for item, name in zip(given, names, strict=True):
        file = item.partition("=")[2]
        if not (name and file):
            wrong.append(f"{item!r} is not of the form STACK=FILE, such as 'org/infra/dev=infra.json'")
            continue
        try:
            found[name] = read_stack_outputs(Path(file).read_text(encoding="utf-8-sig"), name, file)
        except OSError as error:
            wrong.append(f"{file} cannot be read: {error.strerror}")
        except UnicodeDecodeError:
            wrong.append(f"{file} is not UTF-8 text")
        except ProjectError as error:
            wrong.append(str(error))
    wrong += [f"stack {name} is given {count} times" for name, count in Counter(names).items() if name and count > 1]
    if wrong:
        raise click.BadParameter("\n".join(wrong))
    return found


stack_outputs_option = click.option(
    "--stack-outputs",
    multiple=True,
    metavar="STACK=FILE",
    callback=_stack_outputs,
    help="Outputs of another stack that the program references, as `pulumi stack output --json --stack STACK` prints "
    "them. Repeatable.",
)


def stack_options(told: str) -> Callable[..., Any]:
    """The option --stack, with what it does to the stack, and what its program is given."""
    options = (
        click.option("--stack", "-s", metavar="NAME", help=f"{told} Its file is Pulumi.NAME.yaml."),
        project_option,
        config_of("--config", "-c"),
        stack_outputs_option,
    )

    def added(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return added


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


def judged_from(
    files: Collection[Path],
    stack: str | None,
    project: Path,
    config: Mapping[str, str],
    stack_outputs: Mapping[str, Any],
) -> None:
    """Raises click.UsageError where neither or both of files and stack are given, or what is for a stack for files."""
    if bool(files) != bool(stack):
        if files and config:
            raise click.UsageError(f"--config {next(iter(config))} is for a --stack; files have no config")
        if files and stack_outputs:
            raise click.UsageError(
                f"--stack-outputs {next(iter(stack_outputs))} is for a --stack; files reference none"
            )
        return
    from nodrop.preview.project import ProjectError

    wanted = "give either FILEs, folders or -, or --stack"
    with suppress(ProjectError):  # files need no project
        wanted = "; ".join(filter(None, (wanted, stacks_here(project))))
    raise click.UsageError(wanted)


def load_stack(project: Path, stack: str, config: dict[str, str], stack_outputs: StackOutputs) -> Evaluation:
    """The same as `evaluate_stack`; also raises ProjectError where the program references no stack of those outputs."""
    from nodrop.preview import refuse_unreferenced

    evaluation = evaluate_stack(project, stack, config, stack_outputs)
    refuse_unreferenced(stack_outputs, [evaluation])
    return evaluation


def evaluate_stack(project: Path, stack: str, config: dict[str, str], stack_outputs: StackOutputs) -> Evaluation:
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
        evaluation = evaluate(project, stack, config=config, stack_outputs=stack_outputs)
    except ProgramError as error:
        if type(error.__cause__).__name__ != "ConfigMissingError":  # Pulumi's, which only nodrop.preview imports
            raise
        key = getattr(error.__cause__, "key", "KEY")
        raise click.ClickException(f"{error}\n  or, for this command alone: --config {key}=VALUE") from None
    for diagnostic in evaluation.diagnostics:
        echo(f"{diagnostic.severity}: {diagnostic.message}", err=True)
    return evaluation
