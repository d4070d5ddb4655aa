"""`nodrop demo`: the comparison on the stacks that ship with nodrop, from any folder."""

from __future__ import annotations

import shlex
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from nodrop.cli.compare import NEG_STACK, NODE_PORT_STACK, Stack, behind_ipvs, compare, run_comparison
from nodrop.cli.proxy_options import ipvs_here
from nodrop.terminal import echo

_OF_PROJECTS = ("project", "config", "neg_stack", "neg_config", "node_port_stack", "node_port_config")


@click.command(
    short_help="Rehearse the stacks that ship with nodrop.",
    params=[each for each in compare.params if each.name not in _OF_PROJECTS],
)
def demo(**options: Any) -> None:
    """Rehearse a service behind NEGs and behind a NodePort, with and without preStop and readiness gate.

    Takes about a minute on two cores, from any folder. `nodrop compare` does the same with other stacks, and behind
    IPVS.
    """
    from nodrop.project_file import ProjectFile

    project = shipped_project()
    if rows := behind_ipvs(options["variants"]):
        again = f"nodrop compare --project {shlex.quote(str(project))}"
        raise click.UsageError(f"--variant {rows[0]!r} is a row behind IPVS, which demo leaves out; {again} has it")
    stacks = (Stack(project, NEG_STACK, {}), Stack(project, NODE_PORT_STACK, {}))
    run_comparison(*stacks, ProjectFile(), None, **options)
    if options["proxy"] != "ipvs" and ipvs_here(options["ipvs_folder"]):
        echo(f"to add the rows behind IPVS: nodrop compare --project {shlex.quote(str(project))}", err=True)


def shipped_project() -> Path:
    """The folder of the Pulumi project that ships with nodrop: inside the package, or around it in a checkout."""
    package = Path(str(files("nodrop")))
    inside = package / "demo"
    return inside if inside.exists() else package.parent
