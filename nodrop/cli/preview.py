"""`nodrop preview`: what a Pulumi program would create."""

from __future__ import annotations

import json
from pathlib import Path

import click

from nodrop.cli.stack import config_option, load_stack, project_option


@click.command()
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
        try:
            files = room.render(room.kubernetes_objects(evaluation), directory)
        except OSError as error:
            raise click.ClickException(f"{error.filename} cannot be written: {error.strerror}") from None
        click.echo(f"{len(files)} objects written to {directory}", err=True)
    if as_json:
        click.echo(json.dumps(room.as_json(evaluation), indent=2))
    elif directory is None:
        room.print_tree(evaluation, Console())
