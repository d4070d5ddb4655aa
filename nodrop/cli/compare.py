"""`nodrop compare`: what NodePort and NEG each lose, with and without preStop and readiness gate."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from nodrop.cli.behaviour_options import facts_of
from nodrop.cli.exit_codes import CANNOT_RUN_HERE
from nodrop.cli.lab_options import lab_failures, lab_options, refuse_unwritable, settings_of, show
from nodrop.cli.parameters import WholeNumber, known
from nodrop.cli.progress import progress_of
from nodrop.cli.proxy_options import ipvs_here, lack_of_ipvs
from nodrop.cli.stack import config_of, evaluate_stack, project_option, stack_outputs_option, stacks_here
from nodrop.terminal import echo

if TYPE_CHECKING:
    from nodrop.cli.check_input import Given
    from nodrop.judge import PathJudgement
    from nodrop.lab.job import Ipvs, Job, Settings
    from nodrop.project_file import ProjectFile
    from nodrop.rollout import Facts

NEG_STACK, NODE_PORT_STACK = "container-native", "legacy-nodeport"
_REPORTED = "the service of the 2019 report"
"""What the NodePort stack is that ships with nodrop: the field report of unready pods (GKE, 2019)."""
_REQUESTS = "http"
"""What every row sends, so that one thing changes from row to row."""


class Stack(NamedTuple):
    """A stack that is one side of the comparison."""

    project: Path
    name: str
    config: dict[str, str]
    stack_outputs: Mapping[str, Any] = MappingProxyType({})


@click.command(short_help="Rehearse two stacks, with and without preStop and gate.")
@project_option
@config_of("--config", "-c", files="the stacks' files")
@config_of("--neg-config", files="the NEG stack's file")
@config_of("--node-port-config", files="the NodePort stack's file")
@stack_outputs_option
@click.option("--neg-stack", metavar="NAME", default=NEG_STACK, show_default=True, help="Stack with NEGs.")
@click.option(
    "--node-port-stack",
    metavar="NAME",
    default=NODE_PORT_STACK,
    show_default=True,
    help="Stack with the NodePort path.",
)
@click.option("--replicas", type=WholeNumber(min=1), metavar="N", help="Pods in the rollouts.  [default: as declared]")
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
    stack_outputs: dict[str, Any],
    neg_stack: str,
    node_port_stack: str,
    **options: Any,
) -> None:
    """Rehearse the NEG stack, and the same behind a NodePort, each with and without preStop and readiness gate.

    Where there is a readiness gate, minReadySeconds is left out, as it hides what the gate does. The NodePort
    stack as declared has rows of its own.
    """
    from nodrop.preview.project import ProjectError, stacks_of

    try:
        _refuse_unknown(project, stacks_of(project), {"--neg-stack": neg_stack, "--node-port-stack": node_port_stack})
    except ProjectError as error:
        raise click.UsageError(
            f"{error}; `nodrop demo` compares stacks that ship with nodrop, and needs none"
        ) from None
    from nodrop.cli.check_input import project_file

    neg = Stack(project, neg_stack, config | neg_config, stack_outputs)
    node_port = Stack(project, node_port_stack, config | node_port_config, stack_outputs)
    _, stated = project_file(None)
    kernel = ipvs_here(options["ipvs_folder"])
    if kernel is None and (rows := behind_ipvs(options["variants"])):
        lack_of_ipvs(f"--variant {rows[0]!r}", options["ipvs_folder"])
    run_comparison(neg, node_port, stated, kernel, **options)


def _refuse_unknown(project: Path, names: Collection[str], stacks: Mapping[str, str]) -> None:
    """Raises click.UsageError for each option that names a stack without a file, where others have one."""
    from nodrop.rollout.text import meant

    wrong = [
        f"{option} {name}: the project has no file Pulumi.{name}.yaml{meant(name, names)}"
        for option, name in stacks.items()
        if names and name not in names
    ]
    if wrong:
        raise click.UsageError("\n".join((*wrong, stacks_here(project))))


def behind_ipvs(variants: Iterable[str]) -> list[str]:
    """Those of the rows that the comparison has only where there is a kernel with IPVS."""
    from nodrop.lab.comparison import ROWS_WITH_IPVS

    return [each for each in variants if each in ROWS_WITH_IPVS]


def run_comparison(
    neg_stack: Stack,
    node_port_stack: Stack,
    stated: ProjectFile,
    kernel: Ipvs | None,
    *,
    replicas: int | None,
    folder: Path,
    variants: tuple[str, ...],
    **lab: Any,
) -> None:
    """Rehearse the two stacks and show what came of it.

    `stated`: what their owner states in nodrop.yaml. `kernel`: for the rows behind IPVS; None: without them.
    """
    from nodrop.lab.runner import run_each
    from nodrop.report.rehearsal_verdict import WHY_UNDECIDED, RehearsalVerdict
    from nodrop.report.summary import summarise

    refuse_unwritable(folder, lab["output"])
    echo(f"evaluating {neg_stack.name} and {node_port_stack.name} offline", err=True)
    jobs = compared(neg_stack, node_port_stack, stated, facts_of(lab), settings_of(lab), replicas, kernel)
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


def compared(
    neg_stack: Stack,
    node_port_stack: Stack,
    stated: ProjectFile,
    facts: Facts,
    each_settings: Iterable[Settings],
    replicas: int | None = None,
    kernel: Ipvs | None = None,
) -> list[Job]:
    """Every row for each of the settings; the other arguments are those of `run_comparison`.

    `facts`: of every application where neither its annotations nor nodrop.yaml state them.
    """
    from nodrop.cli.check_input import from_stack, tell_slips
    from nodrop.cli.rehearsals import job_of
    from nodrop.lab.comparison import comparison
    from nodrop.preview import refuse_unreferenced

    stacks = (neg_stack, node_port_stack)
    evaluations = [evaluate_stack(*each) for each in stacks]
    refuse_unreferenced(neg_stack.stack_outputs.keys() | node_port_stack.stack_outputs.keys(), evaluations)
    given = [from_stack(each, facts) for each in evaluations]
    tell_slips(stated, [each for of_stack in given for each in of_stack.objects])
    sides = [_judged(stack, of_stack, stated) for stack, of_stack in zip(stacks, given, strict=True)]
    declared = _REPORTED if node_port_stack.name == NODE_PORT_STACK else f"{node_port_stack.name} as declared"
    return [
        row
        for settings in each_settings
        for neg, node_port in [[job_of(each, "rollout", settings, {"command": None}, _REQUESTS) for each in sides]]
        for row in comparison(neg, node_port, replicas, declared, kernel)
    ]


def _chosen(jobs: list[Job], variants: tuple[str, ...]) -> list[Job]:
    """The jobs of these variants, all where none is named."""
    try:
        known(
            dict.fromkeys(job.variant for job in jobs),
            variants,
            "not a row of the comparison",
            "the report lists the rows",
        )
    except click.BadParameter as error:
        raise click.BadParameter(error.message, param_hint="--variant") from None
    return [job for job in jobs if not variants or job.variant in variants]


def _judged(stack: Stack, given: Given, stated: ProjectFile) -> PathJudgement:
    """The judgement of a stack's only path, once it is known that it can be rehearsed; says on what it rests."""
    from nodrop.cli.rehearsals import not_rehearsed
    from nodrop.rollout import Origin
    from nodrop.rollout.behaviour import WORDS

    judgement = given.judged(given.objects, stated)
    read = [each for each in judgement.paths if each.path and each.rollout]
    if len(read) != 1:
        names = ", ".join(each.name for each in read) or "none"
        unread = [each for each in judgement.paths if not each.rollout]
        whys = [str(why) for each in unread for why in (*each.diagnostics, *each.not_judged)]
        whys += [] if read else map(str, (*judgement.objects, *judgement.passed_over))
        told = "".join(f"\n{why}" for why in whys)
        raise click.UsageError(f"stack {stack.name} has {len(read)} serving paths ({names}); compare takes one{told}")
    [judged] = read
    if reasons := not_rehearsed(judgement, stand_in=True, requests=_REQUESTS)[judged.name]:
        raise click.UsageError(f"stack {stack.name} cannot be rehearsed as it is declared: {'; '.join(reasons)}")
    facts_of_path = [each for each in judged.assumptions if each.name in WORDS.values()]
    if assumed := [f"{each.name} {each.value}" for each in facts_of_path if each.origin is Origin.DEFAULT]:
        echo(f"{stack.name}: assumed, as it is not stated: {', '.join(assumed)}", err=True)
    return judged
