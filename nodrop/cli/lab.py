"""`nodrop compare` and `nodrop rehearse`: the lab's options, its progress, what it measured."""

from __future__ import annotations

import math
import os
import shlex
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nodrop.cli.exit_codes import CANNOT_RUN_HERE, DROPS
from nodrop.cli.progress import progress_of
from nodrop.cli.stack import config_of, config_option, load_stack, project_option
from nodrop.terminal import echo

if TYPE_CHECKING:
    from nodrop.lab.containers import Application
    from nodrop.lab.job import Job, Settings
    from nodrop.lab.results import Result
    from nodrop.paths import Behaviour, ServingPath

FILE_COLUMNS = 120
"""Width of the tables where the output is no terminal."""


def _low_to_high(
    _ctx: click.Context, _param: click.Parameter, lags: tuple[float, float] | None
) -> tuple[float, float] | None:
    """Take a range of lags as it is meant."""
    if lags and lags[0] > lags[1]:
        raise click.BadParameter(f"{lags[0]:g} {lags[1]:g} is not LOW HIGH, such as '7 17'")
    return lags


class _Finite(click.FloatRange):
    """A number within a range, and not nan."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a number", param, ctx)
        return number


_LAB_OPTIONS = [
    click.option("--seed", type=int, default=1, show_default=True, help="Decides lags' order and each request's draw."),
    click.option(
        "--seeds", type=click.IntRange(min=1), default=1, show_default=True, help="Repeat with so many seeds in a row."
    ),
    click.option(
        "--rate",
        "requests_per_second",
        type=_Finite(min=0, min_open=True),
        default=12,
        show_default=True,
        help="Requests per second of the rehearsed system.",
    ),
    click.option(
        "--proxies", type=click.IntRange(min=1, max=16), default=4, show_default=True, help="Of the load balancer."
    ),
    *(
        click.option(
            f"--{name}-lag",
            type=_Finite(min=0),
            nargs=2,
            callback=_low_to_high,
            metavar="LOW HIGH",
            show_default="as measured on GKE",
            help=f"Seconds, spread evenly over the {over}.",
        )
        for name, over in (("attach", "proxies"), ("detach", "proxies"), ("kube-proxy", "nodes"))
    ),
    click.option(
        "--parallel", type=click.IntRange(min=1), default=2, show_default=True, help="Labs that run side by side."
    ),
    click.option(
        "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the results to a file."
    ),
    click.option("--longest-request-seconds", type=_Finite(min=0), default=10, show_default=True),
    click.option("--startup-seconds", type=_Finite(min=0), default=5, show_default=True),
    click.option("--keep-alive-timeout-seconds", type=_Finite(min=0), default=620, show_default=True),
    click.option(
        "--on-term",
        type=click.Choice(["exit", "drain", "serve"]),
        default="exit",
        show_default=True,
        help="This and the three above: the application, where its Deployment's annotations do not say it.",
    ),
]


def _speed_up_option(default: int) -> Callable[..., Any]:
    return click.option(
        "--speed-up",
        type=_Finite(min=1, max=100),
        default=default,
        show_default=True,
        help="Time compression: seconds of the rehearsed system in one second.",
    )


def _lab_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_LAB_OPTIONS):
        command = option(command)
    return command


@click.command()
@project_option
@config_of("--config", "-c", stack="stacks")
@config_of("--neg-config", stack="NEG stack")
@config_of("--node-port-config", stack="NodePort stack")
@click.option("--neg-stack", default="container-native", show_default=True, help="Stack with the NEG path.")
@click.option("--node-port-stack", default="legacy-nodeport", show_default=True, help="Stack with the NodePort path.")
@click.option("--replicas", type=click.IntRange(min=1), help="Pods in the rollouts.  [default: as declared]")
@click.option(
    "--report",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("report"),
    show_default=True,
    help="Where index.html goes.",
)
@_speed_up_option(default=30)
@_lab_options
def compare(
    project: Path,
    config: dict[str, str],
    neg_config: dict[str, str],
    node_port_config: dict[str, str],
    neg_stack: str,
    node_port_stack: str,
    replicas: int | None,
    folder: Path,
    **lab: Any,
) -> None:
    """Rehearse the NodePort and the NEG stack, each with and without preStop and readiness gate."""
    from nodrop.lab.comparison import comparison

    echo(f"evaluating {neg_stack} and {node_port_stack} offline", err=True)
    neg = _one_path(neg_stack, _paths_of_stack(project, neg_stack, config | neg_config))
    node_port = _one_path(node_port_stack, _paths_of_stack(project, node_port_stack, config | node_port_config))
    jobs = [
        job for settings in _settings(lab) for job in comparison(neg, node_port, _behaviour(lab), settings, replicas)
    ]
    _show(_run(jobs, lab["parallel"]), folder, lab["json_file"])


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--stack", "-s", help="Rehearse a stack of the project instead of files.")
@project_option
@config_option
@click.option(
    "--experiment",
    "experiments",
    type=click.Choice(["rollout", "unready"]),
    multiple=True,
    default=("rollout", "unready"),
    show_default="both",
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
    help="Hand this variable of the environment to the command; may be repeated.",
)
@click.option(
    "--read",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="Show this file or folder to the command as well, read-only; may be repeated.",
)
@click.option("--unready-path", metavar="PATH", help="A GET of this path makes the command's readiness fail.")
@click.option(
    "--report", "folder", type=click.Path(file_okay=False, path_type=Path), help="Write index.html into a folder."
)
@_speed_up_option(default=10)
@_lab_options
def rehearse(
    files: tuple[Path, ...],
    stack: str | None,
    project: Path,
    config: dict[str, str],
    experiments: tuple[str, ...],
    application: str | None,
    variables: tuple[str, ...],
    read: tuple[Path, ...],
    unready_path: str | None,
    folder: Path | None,
    **lab: Any,
) -> None:
    """Rehearse every serving path in Kubernetes YAML FILES (or folders), or in a stack, on real packets."""
    if bool(files) == bool(stack):
        raise click.UsageError("give either FILES or --stack")
    if unready_path and not application:
        raise click.UsageError("--unready-path is a path of --command; the stand-in has its own")
    if (variables or read) and not application:
        raise click.UsageError("--env and --read are for --command; the stand-in needs neither")
    if missing := [name for name in variables if name not in os.environ]:
        raise click.UsageError(f"--env {missing[0]}: the environment has no such variable")
    try:
        shlex.split(application or "")
    except ValueError as error:
        raise click.UsageError(f"--command {application!r} cannot be split into words: {error}") from None
    if application and unready_path is None and "unready" in experiments:
        experiments = tuple(name for name in experiments if name != "unready")
        if not experiments:
            raise click.UsageError("the experiment unready needs --unready-path: how to make the command unready")
        echo("unready is left out: --unready-path says how to make the command unready", err=True)
    from nodrop.lab.containers import Application
    from nodrop.paths import behaviour, read_manifests

    paths = _paths_of_stack(project, stack, config) if stack else _resolved(read_manifests(files), "the files")
    of_command: dict[str, Any] = {
        "command": application,
        "unready_path": unready_path,
        "environment": {name: os.environ[name] for name in variables},
        "read": tuple(str(path.absolute()) for path in read),
    }
    given = of_command if application else {"command": None}
    jobs = [
        _job(path, name, settings, Application(behaviour(path.deployment, _behaviour(lab)), **given))
        for settings in _settings(lab)
        for path in paths
        for name in experiments
    ]
    results = _run(jobs, lab["parallel"])
    _show(results, folder, lab["json_file"])
    _end(results)


def _job(path: ServingPath, experiment: str, settings: Settings, application: Application) -> Job:
    from nodrop.lab.job import Experiment, Job

    return Job(
        experiment=Experiment(experiment),
        variant=f"{path.name}, {path.backend}",
        path=path,
        application=application,
        settings=settings,
    )


def _settings(lab: dict[str, Any]) -> list[Settings]:
    from nodrop.lab.job import Settings

    lags = {f"{name}_seconds": lab[name] for name in ("attach_lag", "detach_lag", "kube_proxy_lag") if lab[name]}
    kept = {name: lab[name] for name in ("speed_up", "requests_per_second", "proxies")}
    return [Settings(seed=seed, **kept, **lags) for seed in range(lab["seed"], lab["seed"] + lab["seeds"])]


def _behaviour(lab: dict[str, Any]) -> Behaviour:
    from nodrop.paths import Behaviour
    from nodrop.rollout import OnTerm

    times = ("longest_request_seconds", "startup_seconds", "keep_alive_timeout_seconds")
    return Behaviour(**{name: lab[name] for name in times}, on_term=OnTerm(lab["on_term"]))


def _paths_of_stack(project: Path, stack: str, config: dict[str, str]) -> Sequence[ServingPath]:
    from nodrop.preview import kubernetes_objects

    return _resolved(kubernetes_objects(load_stack(project, stack, config)), f"stack {stack}")


def _resolved(objects: Iterable[dict[str, Any]], source: str) -> Sequence[ServingPath]:
    from nodrop.paths import resolve

    resolution = resolve(objects)
    for problem in resolution.problems:
        echo(f"warning: {problem}", err=True)
    for path in resolution.paths:
        for container in set(path.containers) - set(path.containers_without_pre_stop):
            if path.pre_stop_seconds(container) is None:
                echo(
                    f"warning: {path.name}: container {container}: only a preStop that sleeps can be rehearsed; "
                    "this one is taken as ending at once",
                    err=True,
                )
    if not resolution.paths:
        raise click.ClickException(
            f"no serving path in {source}: it takes an Ingress or Gateway that leads to a Service with a Deployment"
        )
    return resolution.paths


def _one_path(stack: str, paths: Sequence[ServingPath]) -> ServingPath:
    if len(paths) > 1:
        names = ", ".join(path.name for path in paths)
        raise click.ClickException(f"stack {stack} has {len(paths)} serving paths ({names}); compare takes one")
    return paths[0]


def _run(jobs: Sequence[Job], parallel: int) -> list[Result]:
    from nodrop.lab.errors import LabFailedError, LabUnavailableError
    from nodrop.lab.runner import run_all

    try:
        with progress_of(len(jobs)) as progress:
            return run_all(jobs, progress, parallel)
    except LabUnavailableError as error:
        echo(f"error: the lab cannot run here: {error}", err=True)
        raise click.exceptions.Exit(CANNOT_RUN_HERE) from None
    except LabFailedError as error:
        echo(f"error: {error}", err=True)
        raise click.exceptions.Exit(CANNOT_RUN_HERE) from None


def _end(results: list[Result]) -> None:
    """End with the code of a rehearsal's worst outcome; one that proved nothing is not one without drops."""
    from nodrop.report.summary import Verdict, summarise

    rollouts, unready = summarise(results)
    verdicts = {summary.verdict for summary in (*rollouts, *unready)}
    if verdicts & {Verdict.DROPS, Verdict.LEAKS}:
        raise click.exceptions.Exit(DROPS)
    if not all(verdict.good for verdict in verdicts):
        raise click.exceptions.Exit(CANNOT_RUN_HERE)


def _show(results: list[Result], folder: Path | None, json_file: Path | None) -> None:
    from rich.console import Console

    from nodrop.report.files import write_html, write_json
    from nodrop.report.table import print_results

    console = Console()
    print_results(results, console if console.is_terminal else Console(width=FILE_COLUMNS))
    page = folder / "index.html" if folder else None
    try:
        if json_file:
            write_json(results, json_file)
        if page:
            write_html(results, page)
    except OSError as error:
        raise click.ClickException(f"{error.filename} cannot be written: {error.strerror}") from None
    if page:
        echo(f"\n{page}: the same with a timeline of every pod, and what the lab cannot show")
