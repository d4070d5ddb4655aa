"""`nodrop compare`: what NodePort and NEG each lose, with and without preStop and readiness gate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from nodrop.cli.behaviour_options import facts_of
from nodrop.cli.exit_codes import CANNOT_RUN_HERE
from nodrop.cli.lab_options import lab_failures, lab_options, refuse_unwritable, settings_of, show
from nodrop.cli.parameters import known
from nodrop.cli.progress import progress_of
from nodrop.cli.proxy_options import ipvs_here
from nodrop.cli.stack import config_of, load_stack, project_option
from nodrop.terminal import echo

if TYPE_CHECKING:
    from nodrop.lab.job import Ipvs, Job
    from nodrop.paths import ServingPath
    from nodrop.rollout import Facts, Rollout

NEG_STACK, NODE_PORT_STACK = "container-native", "legacy-nodeport"
_REPORTED = "the service of the 2019 report"
"""What the NodePort stack is that ships with nodrop: the field report of unready pods (GKE, 2019)."""


class Stack(NamedTuple):
    """A stack that is one side of the comparison."""

    project: Path
    name: str
    config: dict[str, str]


@click.command(short_help="Rehearse two stacks, with and without preStop and gate.")
@project_option
@config_of("--config", "-c", files="the stacks' files")
@config_of("--neg-config", files="the NEG stack's file")
@config_of("--node-port-config", files="the NodePort stack's file")
@click.option("--neg-stack", metavar="NAME", default=NEG_STACK, show_default=True, help="Stack with NEGs.")
@click.option(
    "--node-port-stack",
    metavar="NAME",
    default=NODE_PORT_STACK,
    show_default=True,
    help="Stack with the NodePort path.",
)
@click.option(
    "--replicas", type=click.IntRange(min=1), metavar="N", help="Pods in the rollouts.  [default: as declared]"
)
@click.option(
    "--report",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("report"),
    show_default=True,
    help="Where index.html goes.",
)
@click.option(
    "--variant", "variants", multiple=True, metavar="NAME", help="Only this row of the comparison. Repeatable."
)
@lab_options
def compare(
    project: Path,
    config: dict[str, str],
    neg_config: dict[str, str],
    node_port_config: dict[str, str],
    neg_stack: str,
    node_port_stack: str,
    **options: Any,
) -> None:
    """Rehearse the NEG stack, and the same behind a NodePort, each with and without preStop and readiness gate.

    minReadySeconds beside a readiness gate is left out, as it hides what the gate does. The NodePort stack as declared
    has rows of its own.
    """
    from nodrop.preview.project import ProjectError, stacks_of

    try:
        stacks_of(project)
    except ProjectError as error:
        raise click.UsageError(
            f"{error}; `nodrop demo` compares stacks that ship with nodrop, and needs none"
        ) from None
    neg = Stack(project, neg_stack, config | neg_config)
    node_port = Stack(project, node_port_stack, config | node_port_config)
    run_comparison(neg, node_port, ipvs_here(options["ipvs_folder"]), **options)


def run_comparison(
    neg_stack: Stack,
    node_port_stack: Stack,
    kernel: Ipvs | None,
    *,
    replicas: int | None,
    folder: Path,
    variants: tuple[str, ...],
    **lab: Any,
) -> None:
    """Rehearse the two stacks and show what came of it. `kernel`: for the rows behind IPVS; None: without them."""
    from nodrop.judge.facts import known as known_of
    from nodrop.lab.comparison import comparison
    from nodrop.lab.conditions import unrehearsed
    from nodrop.lab.runner import run_each
    from nodrop.report.summary import WHY_UNDECIDED, RehearsalVerdict, summarise
    from nodrop.rollout import ASSUMED, Facts

    refuse_unwritable(folder, lab["output"])
    echo(f"evaluating {neg_stack.name} and {node_port_stack.name} offline", err=True)
    stated = facts_of(lab)
    (neg, neg_rollout), (node_port, node_port_rollout) = (
        _one_path(stack, stated) for stack in (neg_stack, node_port_stack)
    )
    for stack, path, rollout in ((neg_stack, neg, neg_rollout), (node_port_stack, node_port, node_port_rollout)):
        knows = known_of(path.deployment, for_workload=Facts(), for_all=stated)
        if reasons := unrehearsed(path, rollout, stand_in=True):
            raise click.UsageError(f"stack {stack.name} cannot be rehearsed as it is declared: {'; '.join(reasons)}")
        if knows.assumed:
            echo(f"{stack.name}: assumed, as it is not stated: {knows.assumed}", err=True)
    behaviour = stated.over(ASSUMED)
    declared = _REPORTED if node_port_stack.name == NODE_PORT_STACK else f"{node_port_stack.name} as declared"
    jobs = [
        job
        for settings in settings_of(lab)
        for job in comparison(neg, node_port, behaviour, settings, replicas, declared, kernel)
    ]
    jobs = _chosen(jobs, variants)
    with lab_failures(), progress_of(len(jobs)) as progress:
        outcomes = run_each(jobs, progress, lab["parallel"])
    results = [each for each in outcomes if not isinstance(each, Exception)]
    without_result = list(dict.fromkeys(str(each) for each in outcomes if isinstance(each, Exception)))
    show(results, folder, lab, by_variant=True, without_result=without_result)
    for error in without_result:
        echo(f"error: {error}", err=True)
    rollouts, unready = summarise(results)
    too_fast = WHY_UNDECIDED[RehearsalVerdict.TOO_FAST]
    if without_result or any(too_fast in each.undecided for each in (*rollouts, *unready)):
        raise click.exceptions.Exit(CANNOT_RUN_HERE)


def _chosen(jobs: list[Job], variants: tuple[str, ...]) -> list[Job]:
    """The jobs of these variants, all where none is named."""
    try:
        known(dict.fromkeys(job.variant for job in jobs), variants, "no row of the comparison", "its report names them")
    except click.BadParameter as error:
        raise click.BadParameter(error.message, param_hint="--variant") from None
    return [job for job in jobs if not variants or job.variant in variants]


def _one_path(stack: Stack, stated: Facts) -> tuple[ServingPath, Rollout]:
    """The only path of a stack, and the rollout of which the rules are asked."""
    from nodrop.cli.check_input import from_stack
    from nodrop.project_file import ProjectFile

    given = from_stack(load_stack(stack.project, stack.name, stack.config), stated)
    judgement = given.judged(given.objects, ProjectFile())
    read = [(each.path, each.rollout) for each in judgement.paths if each.path and each.rollout]
    if len(read) != 1:
        names = ", ".join(path.name for path, _ in read) or "none"
        unread = [each for each in judgement.paths if not each.rollout]
        whys = [str(why) for each in unread for why in (*each.diagnostics, *each.not_judged)]
        whys += [] if read else map(str, (*judgement.objects, *judgement.passed_over))
        told = "".join(f"\n{why}" for why in whys)
        raise click.UsageError(f"stack {stack.name} has {len(read)} serving paths ({names}); compare takes one{told}")
    return read[0]
