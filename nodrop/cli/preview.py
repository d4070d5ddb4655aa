"""`nodrop preview`: what a Pulumi program would create and what that drops, or what its changes would drop."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nodrop.cli.behaviour_options import behaves, facts_of
from nodrop.cli.exit_codes import DROPS
from nodrop.cli.judged import for_stdout
from nodrop.cli.parameters import json_option
from nodrop.cli.stack import load_stack, no_stack_given, stack_options
from nodrop.terminal import echo

if TYPE_CHECKING:
    from nodrop.preview import Evaluation, State
    from nodrop.project_file import ProjectFile
    from nodrop.report.judged.model import ChangeReport, Report
    from nodrop.rollout import Facts


@click.command(short_help="Show and judge what a Pulumi program would create.")
@stack_options("The stack to show.")
@behaves
@json_option
@click.option(
    "--render",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the Kubernetes objects as YAML files into a folder, secrets masked.",
)
@click.option(
    "--against",
    "exported",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="STATE",
    help="Say which changes to the exported state of the stack (`pulumi stack export`; - for stdin) drop requests, and "
    "what to do instead.",
)
def preview(
    project: Path,
    stack: str | None,
    config: dict[str, str],
    stack_outputs: dict[str, Any],
    as_json: bool,
    directory: Path | None,
    exported: str | None,
    **behaviour: Any,
) -> None:
    """Show and judge what a Pulumi program would create, without CLI, plugins, cloud or credentials.

    nodrop.yaml applies, as for `nodrop check`. Exits with 1 if its rollouts drop requests, or with --against its
    changes.
    """
    if not stack:
        raise no_stack_given(project)
    from nodrop.garbage_collection import without_collection

    click.get_current_context().with_resource(without_collection())  # a provider is many objects that stay
    from nodrop.project_file import nearest_project_file

    stated = nearest_project_file(Path())
    state = None if exported is None else _read(exported)
    evaluation = load_stack(project, stack, config, stack_outputs)

    from nodrop import preview as package

    if directory is not None:
        try:
            files = package.render(package.kubernetes_objects(evaluation), directory)
        except OSError as error:
            raise click.ClickException(f"{error.filename} cannot be written: {error.strerror}") from None
        echo(f"{len(files)} objects written to {directory}", err=True)
    facts = facts_of(behaviour)
    change = None if state is None else _change(evaluation, state, _name(exported), stated, facts)
    report = _report(evaluation, stated, change, facts)
    if as_json:
        click.echo(_document(evaluation, report), nl=False)
    else:
        if directory is None and change is None:
            click.echo(for_stdout(partial(package.tree_text, evaluation)))
        _print_report(report)
    if report.verdict == "drops":
        sys.exit(DROPS)


def _report(evaluation: Evaluation, stated: ProjectFile, change: ChangeReport | None, facts: Facts) -> Report:
    from nodrop.cli.check_input import from_stack, tell_slips
    from nodrop.report.judged.model import report_of

    given = from_stack(evaluation, facts)
    tell_slips(stated, given.objects)
    return report_of(given.judged(given.objects, stated), change)


def _change(evaluation: Evaluation, state: State, name: str, stated: ProjectFile, facts: Facts) -> ChangeReport:
    from nodrop.preview import compare
    from nodrop.project_file import weighed_change
    from nodrop.report.judged.model import change_report

    change = compare(evaluation, state, name, waivers=stated.reasons, facts=stated.facts_of, defaults=facts)
    return change_report(weighed_change(change, stated), "the exported state")


def _print_report(report: Report) -> None:
    from nodrop.report.judged.text import text

    click.echo(for_stdout(partial(text, report)), nl=False)
    if report.change and any(each.is_error for each in report.change.found):
        from nodrop.gke.applications import ACCEPT

        places = f"nodrop.yaml, the component's `accept` or the Deployment's annotation {ACCEPT}"
        echo(f"A rule is waived, with a reason, by {places}.")


def _document(evaluation: Evaluation, report: Report) -> str:
    from nodrop.preview import as_json
    from nodrop.report.documents import headed, serialised
    from nodrop.report.judged.document import content

    return serialised(headed("nodrop-preview", 1, as_json(evaluation) | {"judgement": content(report)}))


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
