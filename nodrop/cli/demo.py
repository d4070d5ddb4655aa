"""`nodrop demo`: the comparison on the stacks that ship with nodrop, from any folder."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

from nodrop.cli.compare import compare


@click.command()
@click.option(
    "--report",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("report"),
    show_default=True,
    help="Where index.html goes.",
)
@click.pass_context
def demo(ctx: click.Context, folder: Path) -> None:
    """Rehearse a NodePort and a NEG service, each with and without preStop and readiness gate.

    Takes about a minute on two cores, from any folder. `nodrop compare` does the same with other stacks and conditions.
    """
    options = ["--project", str(shipped_project()), "--report", str(folder)]
    with compare.make_context("compare", options, parent=ctx) as inner:
        compare.invoke(inner)


def shipped_project() -> Path:
    """The folder of the Pulumi project that ships with nodrop: inside the package, or around it in a checkout."""
    package = Path(str(files("nodrop")))
    inside = package / "demo"
    return inside if inside.exists() else package.parent
