"""The lab's options, which `compare` and `rehearse` share, and running what they ask for."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nodrop.cli.behaviour_options import BEHAVIOUR_OPTIONS
from nodrop.cli.exit_codes import CANNOT_RUN_HERE
from nodrop.cli.judged import for_stdout
from nodrop.cli.parameters import Duration, Number, Rate, WholeNumber, Word, json_option
from nodrop.cli.proxy_options import ipvs_of, proxy_options
from nodrop.files import MAX_NAME_BYTES
from nodrop.terminal import echo

if TYPE_CHECKING:
    from nodrop.lab.job import Settings
    from nodrop.lab.results import Result
    from nodrop.report.judged.model import Report

MOST_SPEED_UP = 30
"""Where it is not forced: at ten and at thirty times the speed the verdicts were the same. Source: docs/compare.md."""


def _low_to_high(
    _ctx: click.Context, _param: click.Parameter, lags: tuple[float, float] | None
) -> tuple[float, float] | None:
    """Take a range of lags as it is meant."""
    if lags and lags[0] > lags[1]:
        raise click.BadParameter(f"{lags[0]:g} {lags[1]:g} is not LOW HIGH, such as '7 17'")
    return lags


_LAB_OPTIONS = [
    click.option(
        "--seed",
        type=int,
        metavar="N",
        default=1,
        show_default=True,
        help="Seed for the order of lags and for each request.",
    ),
    click.option(
        "--seeds",
        type=WholeNumber(min=1),
        metavar="N",
        default=1,
        show_default=True,
        help="Repeat with this many consecutive seeds.",
    ),
    click.option(
        "--requests-per-second",
        type=Rate(),
        default=12,
        show_default=True,
        help="Requests per second of the rehearsed system.",
    ),
    click.option(
        "--proxies",
        type=WholeNumber(min=1, max=16),
        metavar="N",
        default=4,
        show_default=True,
        help="Proxies of the load balancer.",
    ),
    *(
        click.option(
            f"--{name}-lag",
            type=Duration(),
            nargs=2,
            callback=_low_to_high,
            metavar="LOW HIGH",
            show_default="as measured on GKE",
            help=f"Minimum and maximum, spread evenly over the {over}.",
        )
        for name, over in (("attach", "proxies"), ("detach", "proxies"), ("kube-proxy", "nodes"))
    ),
    click.option(
        "--control-plane",
        type=Word(["embedded", "kubernetes"]),
        default="embedded",
        show_default=True,
        help="Whose controllers roll out, schedule, keep EndpointSlices and program NodePorts: the lab's own, or those "
        "of Kubernetes with its API server, scheduler and kube-proxy, which `make engine` builds.",
    ),
    *proxy_options(),
    click.option(
        "--parallel",
        type=WholeNumber(min=1),
        metavar="N",
        show_default="as many as the machine's latency allows, at most three for two cores",
        help="Labs to run in parallel.",
    ),
    click.option(
        "--speed-up",
        type=Number(min=1, max=100),
        metavar="TIMES",
        show_default=f"what the shortest timeout and the machine's latency allow, at most {MOST_SPEED_UP}",
        help="Force the speed-up: rehearsed seconds per wall-clock second.",
    ),
    json_option,
    click.option(
        "--output",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write the JSON document to a file, and print the text.",
    ),
    *BEHAVIOUR_OPTIONS,
]


def lab_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """All options that every rehearsal takes."""
    for option in reversed(_LAB_OPTIONS):
        command = option(command)
    return command


def settings_of(lab: dict[str, Any]) -> list[Settings]:
    """The settings that the options state, one for each seed."""
    from nodrop.lab.job import Settings
    from nodrop.lab.kubernetes import programs

    lags = {f"{name}_seconds": lab[name] for name in ("attach_lag", "detach_lag", "kube_proxy_lag") if lab[name]}
    forced = lab["speed_up"] is not None
    kept = {name: lab[name] for name in ("control_plane", "requests_per_second", "proxies", "client_ports")}
    kept |= {"speed_up": lab["speed_up"] if forced else MOST_SPEED_UP, "speed_up_is_forced": forced}
    kept |= {"ipvs": ipvs_of(lab), "vegeta": str(found) if (found := programs.vegeta()) else None}
    return [Settings(seed=seed, **kept, **lags) for seed in range(lab["seed"], lab["seed"] + lab["seeds"])]


def refuse_unwritable(folder: Path | None, output: Path | None) -> None:
    """Raises click.ClickException, before minutes of rehearsal, where the page or the document could not be written."""
    for file in (folder and folder / "index.html", output):
        if file is not None and (why := _unwritable(file.absolute())):
            raise click.ClickException(f"{file} cannot be written: {why}")


def _unwritable(file: Path) -> str | None:
    """Why the file cannot be written, with the folders that it lacks; None where it can be.

    A file that is there is replaced by another one in its folder.
    """
    there = next(each for each in (file, *file.parents) if os.path.lexists(each))
    if there == file:
        if file.exists() and not file.is_file():
            return "it is not a regular file"
        there = file.parent
    elif not there.is_dir():
        return f"{there} is not a folder"
    elif any(len(os.fsencode(name)) > MAX_NAME_BYTES for name in file.relative_to(there).parts):
        return os.strerror(errno.ENAMETOOLONG)
    return None if os.access(there, os.W_OK) else os.strerror(errno.EACCES)


@contextmanager
def lab_failures() -> Generator[None]:
    """Says why the lab cannot run, or could not measure, and ends with the exit code for that."""
    from nodrop.lab.errors import LabFailedError, LabUnavailableError

    try:
        yield
    except LabUnavailableError as error:
        echo(f"error: the lab cannot run here: {error}", err=True)
        raise click.exceptions.Exit(CANNOT_RUN_HERE) from None
    except LabFailedError as error:
        echo(f"error: {error}", err=True)
        raise click.exceptions.Exit(CANNOT_RUN_HERE) from None


def show(
    results: Sequence[Result],
    folder: Path | None,
    lab: Mapping[str, Any],
    judgement: Report | None = None,
    *,
    by_variant: bool = False,
    without_result: Sequence[str],
) -> None:
    """Print what was measured and write it to the files that are asked for, with the judgement where there is one.

    `by_variant`: the command takes `--variant`; `without_result`: what has none, each with the reason.
    """
    from nodrop.report.files import results_document, write_html, write_json
    from nodrop.report.origin import provenance_here

    page = folder / "index.html" if folder else None
    try:  # the files first, and the text whatever became of them: neither loses minutes of rehearsal for the other
        if lab["output"]:
            write_json(results, lab["output"], judgement, without_result)
        if page:
            origin = provenance_here(by_variant=by_variant)
            write_html(results, page, judgement, origin=origin, without_result=without_result)
    except OSError as error:
        raise click.ClickException(f"{error.filename} cannot be written: {error.strerror}") from None
    finally:
        if lab["as_json"]:
            click.echo(results_document(results, judgement, without_result), nl=False)
        else:
            _print_text(results, judgement, without_result)
    if page:
        echo(f"{page}: the same with a timeline of every pod, and what the lab cannot show", err=True)


def _print_text(results: Sequence[Result], judgement: Report | None, without_result: Sequence[str]) -> None:
    from nodrop.report.judged.text import text
    from nodrop.report.table import results_text

    if results or not judgement:
        click.echo(for_stdout(partial(results_text, results, without_result)), nl=False)
    if judgement:
        click.echo()
        click.echo(for_stdout(partial(text, judgement)), nl=False)
