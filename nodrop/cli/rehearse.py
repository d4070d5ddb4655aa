"""`nodrop rehearse`: serving paths on real packets, and the judgement of rules and rehearsal together."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path
from typing import Any

import click

from nodrop.cli.behaviour_options import facts_of
from nodrop.cli.exit_codes import CANNOT_RUN_HERE, DROPS, UNREADABLE
from nodrop.cli.lab_options import lab_failures, lab_options, refuse_unwritable, settings_of, show
from nodrop.cli.parameters import Word, files_argument
from nodrop.cli.progress import progress_of
from nodrop.cli.stack import judged_from, load_stack, stack_options
from nodrop.terminal import echo


@click.command(short_help="Rehearse serving paths on real packets.")
@files_argument
@stack_options("Rehearse this stack of the project instead of files.")
@click.option(
    "--experiment",
    "experiments",
    type=Word(["rollout", "unready", "relabelled"]),
    multiple=True,
    default=("rollout", "unready"),
    show_default="rollout and unready",
    help="Replace every pod; turn one unready; or take one out of its Service by changing its label. Repeatable.",
)
@click.option(
    "--command",
    "application",
    metavar="COMMAND",
    help="Run this as the container instead of the stand-in; {port} is the port to listen on, and {speed_up} how many "
    "times as fast as the wall clock its time must run. It sees programs, the current folder and what it names, "
    "read-only, and gets PATH, LANG and what the pod declares.",
)
@click.option(
    "--env",
    "variables",
    metavar="NAME",
    multiple=True,
    help="Pass this environment variable to the command. Repeatable.",
)
@click.option(
    "--read",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="Let the command also read this file or folder. Repeatable.",
)
@click.option(
    "--requests",
    type=Word(["http", "grpc", "websocket", "stream"]),
    show_default="grpc where the pods speak HTTP/2 and a probe or the health check asks by gRPC, else http",
    help="What clients send: GETs and POSTs, calls to gRPC's own health service, or, to keep them open, WebSocket "
    "connections or streams of events at /.",
)
@click.option("--unready-path", metavar="PATH", help="A GET of this path makes the command's readiness fail.")
@click.option(
    "--report", "folder", type=click.Path(file_okay=False, path_type=Path), help="Write index.html into a folder."
)
@lab_options
def rehearse(
    files: tuple[Path, ...],
    stack: str | None,
    project: Path,
    config: dict[str, str],
    stack_outputs: dict[str, Any],
    experiments: tuple[str, ...],
    application: str | None,
    variables: tuple[str, ...],
    read: tuple[Path, ...],
    requests: str | None,
    unready_path: str | None,
    folder: Path | None,
    **lab: Any,
) -> None:
    """Rehearse every serving path in Kubernetes YAML FILEs and folders, from stdin (-), or in a stack.

    On real packets. Prints what was measured, then the judgement: what the rules and the rehearsal found together.
    """
    judged_from(files, stack, project, config, stack_outputs)
    refuse_unwritable(folder, lab["output"])
    command = _command_of(application, unready_path, variables, read)
    experiments = _possible(experiments, command, requests)
    from nodrop.cli.check_input import from_files, from_stack, project_file, tell_slips
    from nodrop.cli.rehearsals import job_of, not_rehearsed, rehearsals
    from nodrop.judge import Verdict, with_rehearsals
    from nodrop.lab.runner import run_each
    from nodrop.project_file import weighed
    from nodrop.report.judged.model import no_path, report_of

    file, stated = project_file(None)
    facts = facts_of(lab)
    evaluation = load_stack(project, stack, config, stack_outputs) if stack else None
    given = from_stack(evaluation, facts) if evaluation else from_files(files, file, facts)
    tell_slips(stated, given.objects)
    judgement = given.judged(given.objects, stated)
    if not any(each.path for each in judgement.paths):
        raise click.ClickException(no_path(judgement, given.faults, given.passed_over))
    unfit = not_rehearsed(judgement, stand_in=command["command"] is None, requests=requests)
    jobs = [
        job_of(each, name, settings, command, requests)
        for settings in settings_of(lab)
        for each in judgement.paths
        if each.path and each.rollout and not unfit[each.name]
        for name in experiments
    ]
    with lab_failures(), progress_of(len(jobs)) as progress:
        outcomes = run_each(jobs, progress, lab["parallel"])
    found = rehearsals(jobs, outcomes, unfit)
    judged = weighed(with_rehearsals(judgement, found), stated)
    results = [each for each in outcomes if not isinstance(each, Exception)]
    report = report_of(judged, passed_over=given.passed_over, unread=given.faults)
    without_result = [
        *(f"{each.name}: {why}" for each in judgement.paths if each.path for why in unfit[each.name]),
        *dict.fromkeys(str(each) for each in outcomes if isinstance(each, Exception)),
    ]
    show(results, folder, lab, report, without_result=without_result)
    if judged.verdict is Verdict.DROPS:
        raise click.exceptions.Exit(DROPS)
    if any(each.verdict is Verdict.NOT_JUDGED or found[each.name].undecided for each in judged.paths):
        raise click.exceptions.Exit(CANNOT_RUN_HERE)
    if given.faults:
        raise click.exceptions.Exit(UNREADABLE)


def _command_of(
    application: str | None, unready_path: str | None, variables: tuple[str, ...], read: tuple[Path, ...]
) -> dict[str, Any]:
    """What runs as the container: the user's command with what it gets, or none for the stand-in."""
    if application is None:
        if unready_path:
            raise click.UsageError("--unready-path is a path of --command; the stand-in has its own")
        if variables or read:
            raise click.UsageError("--env and --read are for --command; the stand-in needs neither")
        return {"command": None}
    if missing := [name for name in variables if name not in os.environ]:
        raise click.UsageError(f"--env {missing[0]}: the environment has no such variable")
    try:
        program, *_ = shlex.split(application) or [""]
        if not program:
            raise click.UsageError("--command is empty: give a program and its arguments")
        if shutil.which(program) is None:
            told = "is no program in PATH, nor a file here that may be executed; give its path"
            raise click.UsageError(f"--command: {program!r} {told}")
    except ValueError as error:
        raise click.UsageError(f"--command {application!r} cannot be split into words: {error}") from None
    return {
        "command": application,
        "unready_path": unready_path,
        "environment": {name: os.environ[name] for name in variables},
        "read": tuple(str(path.absolute()) for path in read),
    }


def _possible(experiments: tuple[str, ...], command: dict[str, Any], requests: str | None) -> tuple[str, ...]:
    """Without `unready` where nothing says how to make the command unready, or open connections stay where they are."""
    from nodrop.lab.protocols import Requests

    if requests and Requests(requests).kept_open and "unready" in experiments:
        if experiments == ("unready",):
            raise click.UsageError(f"--requests {requests} rehearses rollouts: open connections stay at an unready pod")
        echo("unready is left out: open connections stay at an unready pod", err=True)
        experiments = tuple(name for name in experiments if name != "unready")
    if command["command"] is None or command["unready_path"] is not None or "unready" not in experiments:
        return experiments
    left = tuple(name for name in experiments if name != "unready")
    if not left:
        raise click.UsageError("the experiment unready needs --unready-path: how to make the command unready")
    echo("unready is left out: --unready-path says how to make the command unready", err=True)
    return left
