"""The `nodrop` command: reads options, calls one room, prints what it gives.

Exit codes: 0 done, 1 an input or a program is at fault (one message on stderr), 2 wrong usage, 3 the lab cannot run
here, 130 interrupted. Not here: any work. Rooms are imported inside the commands, so that `nodrop --help` stays fast
and a command needs only what it uses.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from nodrop.preview import Evaluation

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 and the number of SIGINT, as shells count it."""


class _Commands(click.Group):
    """Turns the errors that a user can act on into one message and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            sys.exit(INTERRUPTED)
        except ValueError as error:
            if not type(error).__module__.startswith("nodrop."):
                raise
            click.echo(f"error: {error}", err=True)
            sys.exit(1)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gke-nodrop")
def main() -> None:
    """Serve HTTP on GKE without dropping a request, and prove it before deploying."""


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
config_option = click.option(
    "--config",
    "-c",
    multiple=True,
    metavar="KEY=VALUE",
    callback=_config,
    help="Config value that goes before the stack's file, for a key of the project or NAMESPACE:KEY; repeatable.",
)


def load_stack(project: Path, stack: str, config: dict[str, str]) -> Evaluation:
    """Evaluate a stack offline and print what the program warned of to stderr."""
    from nodrop.preview import evaluate

    evaluation = evaluate(project, stack, config=config)
    for diagnostic in evaluation.diagnostics:
        click.echo(f"{diagnostic.severity}: {diagnostic.message}", err=True)
    return evaluation


@main.command()
@project_option
@click.option("--stack", "-s", required=True, help="Name of the stack.")
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--render",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write the Kubernetes objects as YAML files into DIR, secrets masked.",
)
def preview(project: Path, stack: str, config: dict[str, str], as_json: bool, directory: Path | None) -> None:
    """Show what a Pulumi program would create, without CLI, plugins, cloud or credentials."""
    evaluation = load_stack(project, stack, config)

    from rich.console import Console

    from nodrop import preview as room

    if directory is not None:
        files = room.render(room.kubernetes_objects(evaluation), directory)
        click.echo(f"{len(files)} objects written to {directory}", err=True)
    if as_json:
        click.echo(json.dumps(room.as_json(evaluation), indent=2))
    elif directory is None:
        room.print_tree(evaluation, Console())
