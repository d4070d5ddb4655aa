"""`nodrop preview`: what a Pulumi program would create, or what its changes would drop."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nodrop.cli.exit_codes import DROPS
from nodrop.cli.stack import config_option, load_stack, project_option
from nodrop.terminal import echo

if TYPE_CHECKING:
    from nodrop.judge import ChangeJudgement
    from nodrop.preview import Evaluation, State
    from nodrop.rollout import Diagnostic

_NAMES = {
    "health_check.path": "health check path",
    "health_check.port": "health check port",
    "health_check.type": "health check type",
    "wiring.target_port": "targetPort",
    "wiring.selector": "selector",
    "wiring.pod_labels": "pod labels",
    "wiring.routes": "route",
    "wiring.entry": "load balancer by",
    "wiring.container_native": "container-native backends",
    "wiring.states_replicas": "Deployment spec.replicas stated",
    "wiring.replaced": "replaced object",
    "wiring.unserved": "path broken at",
}


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
@click.option(
    "--against",
    "exported",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="STATE",
    help="Say which changes to the exported state of the stack (`pulumi stack export`; - for stdin) drop requests, and "
    "what to do instead. Exits with 1 if any does.",
)
def preview(
    project: Path, stack: str, config: dict[str, str], as_json: bool, directory: Path | None, exported: str | None
) -> None:
    """Show what a Pulumi program would create, without CLI, plugins, cloud or credentials."""
    state = None if exported is None else _read(exported)
    evaluation = load_stack(project, stack, config)

    from rich.console import Console

    from nodrop import preview as package

    if directory is not None:
        try:
            files = package.render(package.kubernetes_objects(evaluation), directory)
        except OSError as error:
            raise click.ClickException(f"{error.filename} cannot be written: {error.strerror}") from None
        echo(f"{len(files)} objects written to {directory}", err=True)
    comparison = None if state is None else package.compare(evaluation, state, _name(exported))
    if as_json:
        echo(json.dumps(_document(evaluation, comparison), indent=2))
    elif comparison is not None:
        for line in _lines(comparison):
            echo(line)
    elif directory is None:
        package.print_tree(evaluation, Console())
    if comparison is not None and any(each.is_error for each in comparison.diagnostics):
        sys.exit(DROPS)


def _name(exported: str | None) -> str:
    return "the text on stdin" if exported in (None, "-") else str(exported)


def _read(exported: str) -> State:
    from nodrop.preview import StateError, read_state

    try:
        content = sys.stdin.buffer.read() if exported == "-" else Path(exported).read_bytes()
        return read_state(content.decode("utf-8-sig"), _name(exported))
    except OSError as error:
        raise click.ClickException(f"{exported} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise StateError(
            f"{_name(exported)} is not UTF-8 text; `pulumi stack export --file state.json` writes it so"
        ) from None


def _document(evaluation: Evaluation, comparison: ChangeJudgement | None) -> dict[str, Any]:
    from dataclasses import asdict

    from nodrop.preview import as_json

    return as_json(evaluation) | ({} if comparison is None else {"against": asdict(comparison)})


def _lines(comparison: ChangeJudgement) -> Iterator[str]:
    """The comparison in the words of the objects, the steps to take instead one a line."""
    paths = comparison.paths
    if paths:
        plural = "s" if len(paths) > 1 else ""
        yield f"Compared with the exported state: serving path{plural} {', '.join(paths)}"
    else:
        yield "The exported state has no serving path that could be compared."
    for each in comparison.diagnostics:
        yield ""
        yield from _of(each)
    if not comparison.diagnostics and paths:
        yield "No change that is known to drop requests."
    yield from ("", *(f"not compared: {each}" for each in comparison.not_compared)) if comparison.not_compared else ()
    if any(each.is_error for each in comparison.diagnostics):
        from nodrop.rollout.annotations import ACCEPT

        yield ""
        yield f"A rule is waived, with a reason, by the component's `accept` or the Deployment's annotation {ACCEPT}."


def _of(found: Diagnostic) -> Iterator[str]:
    weight = found.severity if found.waiver is None else f"accepted {found.severity}"
    yield f"{weight}: {found.object}: {_NAMES.get(found.input, found.input)} {found.value}: {found.seen}"
    if found.waiver is not None:
        yield f"  reason: {found.waiver} [{found.rule}]"
        return
    yield f"  {found.why} [{found.rule}; {found.source}]"
    first, *steps = re.split(r"[:;] (?=[1-9]\. )", str(found.would_pass))
    yield f"  instead: {first}{':' if steps else ''}"
    yield from (f"    {step}" for step in steps)
