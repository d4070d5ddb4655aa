"""`nodrop plan`: from what a service's owner knows to every number of a rollout that drops no request."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nodrop.cli.behaviour_options import behaviour_options, facts_of
from nodrop.cli.parameters import Duration, Rate, Word
from nodrop.cli.plan_words import accepted, in_options, unstated
from nodrop.files import write
from nodrop.terminal import echo

if TYPE_CHECKING:
    from nodrop.report.plan import Answer
    from nodrop.rollout import Diagnostic, Rollout

NAME, PORT = "web", "http"
"""What the printed objects, their container, their label and its port are called."""


def _range(_ctx: click.Context, _param: click.Parameter, given: str) -> tuple[int, int | None]:
    """Read a number of pods, or an autoscaler's least and most."""
    match = re.fullmatch(r"([0-9]{1,12})(?:(?:-|\.\.)([0-9]{1,12}))?", given)
    if not match:
        raise click.BadParameter(f"{given!r} is neither a number of pods nor an autoscaler's range, such as '3-20'")
    least, most = int(match[1]), int(match[2]) if match[2] else None
    if most is not None and most < least:
        raise click.BadParameter(f"{given!r} is not LEAST-MOST, such as '3-20'")
    return least, most


def _waivers(_ctx: click.Context, _param: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """Read `rule=reason` options."""
    accept: dict[str, str] = {}
    for item in given:
        rule, _, reason = (part.strip() for part in item.partition("="))
        if not (rule and reason):
            raise click.BadParameter(f"{item!r} is not of the form RULE=REASON; the reason must be there")
        if rule in accept:
            raise click.BadParameter(f"{rule} is accepted twice")
        accept[rule] = reason
    return accept


def _path(_ctx: click.Context, _param: click.Parameter, given: str) -> str:
    if not re.fullmatch(r"/[!-~]*", given):
        raise click.BadParameter(f"{given!r} is not an absolute URL path without blanks, such as '/ready/'")
    return given


def _behaves(command: Callable[..., Any]) -> Callable[..., Any]:
    """With the options that state how the application behaves."""
    for option in reversed(behaviour_options()):
        command = option(command)
    return command


@click.command(short_help="Compute the numbers of a rollout that drops nothing.")
@click.option(
    "--replicas",
    default="2",
    show_default=True,
    metavar="N|N-M",
    callback=_range,
    help="Pods; of an autoscaler, the least and the most.",
)
@_behaves
@click.option(
    "--start-delay-seconds",
    type=Duration(),
    default=0,
    show_default="0 s",
    help="From a pod's creation to its container's start: scheduling, a new node, the image's pull.",
)
@click.option("--zones", type=int, metavar="N", help="Zones that the pods run in.  [default: not judged]")
@click.option("--spot", is_flag=True, help="Nodes may be taken away at short notice.")
@click.option(
    "--within",
    "rolled_out_within_seconds",
    type=Duration(least=1),
    help="Wished duration of a rollout.  [default: one pod at a time, however long]",
)
@click.option(
    "--mode",
    type=Word(["pod-readiness-feedback", "hard-coded-delay"]),
    default="pod-readiness-feedback",
    show_default=True,
    help="How a rollout waits for the load balancer: for the readiness gate, or a minute.",
)
@click.option("--health-check-path", default="/", show_default=True, callback=_path, metavar="PATH")
@click.option(
    "--pre-stop-floor-seconds",
    type=Duration(whole=True),
    default=35,
    show_default="35 s",
    help="Shortest preStop to consider, for a load balancer slower than the measured one.",
)
@click.option(
    "--accept", multiple=True, metavar="RULE=REASON", callback=_waivers, help="Waive a rule, and say why. Repeatable."
)
@click.option(
    "--requests-per-second",
    type=Rate(),
    help="Say how many requests a rollout is expected to lose at this rate.",
)
@click.option("--yaml", "as_yaml", is_flag=True, help="Print the fields for Deployment and BackendConfig instead.")
@click.option(
    "--svg",
    "svg_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw the predicted timeline into a file (needs the extra gke-nodrop[lab]).",
)
@click.option(
    "--report",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write index.html into a folder (needs the extra).",
)
def plan(
    accept: dict[str, str],
    requests_per_second: float | None,
    as_yaml: bool,
    svg_file: Path | None,
    folder: Path | None,
    **wishes: Any,
) -> None:
    """Compute preStop, grace period, draining, surge and the rest from what a service's owner knows."""
    rollout = _solved(accept, wishes)
    answer = _answer(rollout, accept, wishes, requests_per_second)
    if requests_per_second and not answer.drops:
        echo(f"expected drops are left out: more than {_most_pods()} pods", err=True)
    if svg_file:
        _draw(answer, svg_file)
    if folder:
        _write_page(answer, folder)
    if as_yaml:
        _print_yaml(rollout, accept, answer)
        return

    from rich.console import Console

    from nodrop.report.plan import COLUMNS, print_plan

    console = Console(highlight=False)
    print_plan(answer, console if console.is_terminal else Console(width=COLUMNS, highlight=False))


def _solved(accept: Mapping[str, str], options: Mapping[str, Any]) -> Rollout:
    from nodrop.rollout import ASSUMED, Mode, Unsolvable, solve
    from nodrop.rollout.waivers import effective, waive

    if wrong := waive([], accept, not_asked=accept):
        raise click.ClickException(_lines(wrong))
    behaviour = facts_of(options).over(ASSUMED)
    wishes: dict[str, Any] = {**options, **vars(behaviour), "mode": Mode(options["mode"])}
    wishes["replicas"], wishes["max_replicas"] = options["replicas"]
    try:
        return solve(**wishes, accept=effective(accept))
    except Unsolvable as error:
        raise click.ClickException(_lines(error.diagnostics)) from None


def _lines(findings: list[Diagnostic]) -> str:
    lines = list(map(in_options, findings))
    return lines[0] if len(lines) == 1 else "\n  ".join(["no rollout meets all of this:", *lines])


def _answer(
    rollout: Rollout, accept: Mapping[str, str], wishes: Mapping[str, Any], requests_per_second: float | None
) -> Answer:
    from dataclasses import replace

    from nodrop.report.plan import Answer, ExpectedDrops
    from nodrop.rollout import check, expected_drops, timeline
    from nodrop.rollout import plan as durations
    from nodrop.rollout.api_defaults import with_api_defaults
    from nodrop.rollout.reasons import reasons
    from nodrop.rollout.waivers import waive

    not_judged = unstated(wishes["zones"])
    found = waive(check(rollout), accept, not_asked=not_judged)
    pods = rollout.replicas_at_most
    at_most = replace(rollout, replicas=pods, max_replicas=None)
    simulated = pods <= _most_pods()
    drops = None
    if requests_per_second and simulated:
        drops = ExpectedDrops(
            requests_per_second=requests_per_second,
            planned=expected_drops(at_most, requests_per_second),
            by_default=expected_drops(with_api_defaults(at_most), requests_per_second),
        )
    return Answer(
        reasons=reasons(rollout, wishes["rolled_out_within_seconds"]),
        plan=durations(rollout),
        pods=pods,
        open=[f"{each.severity}: {in_options(each)}" for each in found if each.waiver is None],
        accepted=[accepted(each) for each in found if each.waiver is not None],
        assumed=facts_of(wishes).unstated,
        not_judged=tuple(dict.fromkeys(not_judged.values())),
        timeline=timeline(at_most) if simulated else (),
        drops=drops,
    )


def _most_pods() -> int:
    """Of more, the rollout is not simulated."""
    from nodrop.rollout.facts import MOST_ENDPOINTS_PER_NEG

    return MOST_ENDPOINTS_PER_NEG


def _write_page(answer: Answer, folder: Path) -> None:
    from nodrop.report.files import write_html
    from nodrop.report.origin import provenance_here

    file = folder / "index.html"
    try:
        write_html((), file, plan=answer, origin=provenance_here(by_variant=False))
    except ImportError as error:
        raise click.ClickException(f"--report needs {error.name}: install the extra, gke-nodrop[lab]") from None
    except OSError as error:
        raise click.ClickException(f"{error.filename} cannot be written: {error.strerror}") from None
    echo(f"{file}: the plan", err=True)


def _draw(answer: Answer, file: Path) -> None:
    from nodrop.report.plan import pods_text

    try:
        from nodrop.report.prediction import prediction_svg
    except ImportError as error:
        raise click.ClickException(f"--svg needs {error.name}: install the extra, gke-nodrop[lab]") from None
    if not answer.timeline:
        raise click.ClickException(f"--svg draws {_most_pods()} pods at most, not {answer.pods}")
    title = f"Predicted rollout of {pods_text(answer.pods)}"
    try:
        write({file: prediction_svg(answer.timeline, title)})
    except OSError as error:
        raise click.ClickException(f"{error.filename} cannot be written: {error.strerror}") from None
    echo(f"{file}: the predicted timeline", err=True)


def _print_yaml(rollout: Rollout, accept: Mapping[str, str], answer: Answer) -> None:
    from nodrop.report.plan import drops_lines
    from nodrop.report.plan_yaml import plan_yaml

    expected = drops_lines(answer.drops) if answer.drops else ()
    for line in (*answer.open, *answer.accepted, *expected):
        echo(line, err=True)
    echo(plan_yaml(rollout, answer.reasons, name=NAME, port=PORT, accept=accept, assumed=answer.assumed), nl=False)
