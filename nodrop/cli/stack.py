"""The options that say which stack to evaluate, and how."""

from __future__ import annotations

from collections.abc import Callable
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


def config_of(*names: str, stack: str = "stack") -> Callable[..., Any]:
    """An option of these names that takes config values for a stack."""
    return click.option(
        *names,
        multiple=True,
        metavar="KEY=VALUE",
        callback=_config,
        help=f"Config value before the {stack}'s file, for a key of the project or NAMESPACE:KEY. Repeatable.",
    )


config_option = config_of("--config", "-c")


def load_stack(project: Path, stack: str, config: dict[str, str]) -> Evaluation:
    """Evaluate a stack offline and print what the program warned of to stderr."""
    from nodrop.preview import evaluate

    evaluation = evaluate(project, stack, config=config)
    for diagnostic in evaluation.diagnostics:
        echo(f"{diagnostic.severity}: {diagnostic.message}", err=True)
    return evaluation
