"""`nodrop plan`: from what a service's owner knows to every number of a rollout that drops no request."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nodrop.cli.behaviour_options import behaves, facts_of
from nodrop.cli.exit_codes import UNREADABLE
from nodrop.cli.judged import for_stdout
from nodrop.cli.parameters import Duration, Rate, Word, files_argument, json_option, rule_names
from nodrop.cli.plan_input import from_manifests, from_options, not_planned
from nodrop.cli.planning import Planned, most_pods, planned
from nodrop.files import write
from nodrop.terminal import echo

if TYPE_CHECKING:
    from nodrop.report.plan import Answer


def _range(_ctx: click.Context, _param: click.Parameter, given: str | None) -> tuple[int, int | None] | None:
    """Read a number of pods, or an autoscaler's least and most."""
    if given is None:
        return None
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


def _path(_ctx: click.Context, _param: click.Parameter, given: str | None) -> str | None:
    if given is not None and not re.fullmatch(r"/[!-~]*", given):
        raise click.BadParameter(f"{given!r} is not an absolute URL path without blanks, such as '/ready/'")
    return given


@click.command(short_help="Compute the numbers of a rollout that drops nothing.")
@files_argument
@click.option(
    "--replicas",
    show_default="2, or a FILE's",
    metavar="N|N-M",
    callback=_range,
    help="Pods; with an autoscaler, its minimum and maximum.",
)
@behaves
@click.option(
    "--start-delay-seconds",
    type=Duration(),
    default=0,
    show_default="0 s",
    help="From a pod's creation to its container's start: scheduling, a new node, the image's pull.",
)
@click.option("--zones", type=int, metavar="N", help="Zones that the pods run in.  [default: not judged]")
@click.option("--spot", is_flag=True, help="Run on Spot nodes, which can be reclaimed at short notice.")
@click.option(
    "--within",
    "rolled_out_within_seconds",
    type=Duration(least=1),
    help="Target duration of a rollout.  [default: one pod at a time, however long]",
)
@click.option(
    "--mode",
    type=Word(["pod-readiness-feedback", "hard-coded-delay"]),
    show_default="pod-readiness-feedback, or a FILE's",
    help="How a rollout waits for the load balancer: for the readiness gate, or a minute.",
)
@click.option(
    "--health-check-path",
    show_default="/, or a FILE's",
    callback=_path,
    metavar="PATH",
    help="Path that answers 200 when the pod is ready.",
)
@click.option(
    "--pre-stop-floor-seconds",
    type=Duration(whole=True),
    default=35,
    show_default="35 s",
    help="Shortest preStop to consider, for a load balancer slower than the measured one.",
)
@click.option(
    "--accept",
    multiple=True,
    metavar="RULE=REASON",
    callback=_waivers,
    shell_complete=rule_names,
    help="Waive a rule, and say why. Repeatable.",
)
@click.option(
    "--requests-per-second",
    type=Rate(),
    help="Say how many requests a rollout is expected to lose at this rate.",
)
@click.option(
    "--load-balancer",
    type=Word(["ingress", "gateway"]),
    default="ingress",
    show_default=True,
    help="Its kind, which decides which objects hold its numbers; a FILE's own kind takes precedence.",
)
@click.option("--format", "form", type=Word(["text", "json", "yaml"]), default="text", show_default=True)
@json_option
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
    files: tuple[Path, ...],
    accept: dict[str, str],
    form: str,
    as_json: bool,
    svg_file: Path | None,
    folder: Path | None,
    **options: Any,
) -> None:
    """Compute preStop, grace period, draining, surge and the rest from what a service's owner knows.

    With FILEs (or - for stdin) of Kubernetes YAML, it shows each serving path's numbers next to the solved ones; what
    no option states is taken from the manifest. --format yaml prints the fields that would change it.
    """
    plans, complete = _plans(files, options, accept)
    form = "json" if as_json else form
    if options["requests_per_second"] and any(not each.answer.drops for each in plans):
        echo(f"expected drops are left out: more than {most_pods()} pods", err=True)
    if (svg_file or folder) and len(plans) > 1:
        raise click.UsageError(f"--svg and --report show one serving path; there are {len(plans)}")
    if svg_file:
        _draw(plans[0].answer, svg_file)
    if folder:
        _write_page(plans[0].answer, folder)
    if form == "yaml":
        _print_yaml(plans)
    elif form == "json":
        from nodrop.report.judged.document import serialised
        from nodrop.report.plan_document import plan_document

        click.echo(serialised(plan_document([each.answer for each in plans])), nl=False)
    else:
        from nodrop.report.plan import plan_text

        click.echo("\n".join(for_stdout(partial(plan_text, each.answer)) for each in plans), nl=False)
    if not complete:
        raise click.exceptions.Exit(UNREADABLE)


def _plans(files: tuple[Path, ...], options: dict[str, Any], accept: dict[str, str]) -> tuple[list[Planned], bool]:
    """The plans, and whether they are of all that was given; says what else there was."""
    if not files:
        return [planned(from_options(options, accept))], True
    from nodrop.cli.check_input import from_files, project_file, tell_slips
    from nodrop.report.judged.model import PASSED_OVER

    settings, stated = project_file(None)
    given = from_files(files, settings, facts_of(options))
    tell_slips(stated, given.objects)
    judgement = given.judged(given.objects, stated)
    given.tell_faults()
    plans, left = [], not_planned(judgement)
    for each in from_manifests(judgement, stated, options, accept, given.passed_over):
        try:
            plans.append(planned(each))
        except click.ClickException as error:
            left.append(error.message)
    if not plans and left:
        raise click.ClickException("\n".join(left))
    for each in left:
        echo(f"not planned: {each}", err=True)
    for each in (*given.passed_over, *map(str, judgement.passed_over)):
        echo(f"{PASSED_OVER}{each}", err=True)
    return plans, not (left or given.faults)


def _write_page(answer: Answer, folder: Path) -> None:
    from nodrop.report.files import write_html
    from nodrop.report.origin import provenance_here

    file = folder / "index.html"
    try:
        write_html((), file, plan=answer, origin=provenance_here(by_variant=False))
    except OSError as error:
        raise click.ClickException(f"{error.filename} cannot be written: {error.strerror}") from None
    echo(f"{file}: the plan", err=True)


def _draw(answer: Answer, file: Path) -> None:
    from nodrop.report.plan import pods_text
    from nodrop.report.prediction import prediction_svg

    if not answer.timeline:
        raise click.ClickException(f"--svg draws {most_pods()} pods at most, not {answer.pods}")
    title = f"Predicted rollout of {pods_text(answer.pods)}"
    try:
        write({file: prediction_svg(answer.timeline, title)})
    except OSError as error:
        raise click.ClickException(f"{error.filename} cannot be written: {error.strerror}") from None
    echo(f"{file}: the predicted timeline", err=True)


def _print_yaml(plans: list[Planned]) -> None:
    from nodrop.report.plan import drops_lines
    from nodrop.report.plan_yaml import Names, plan_yaml

    documents = []
    for each in plans:
        answer, asked = each.answer, each.asked
        for line in (*answer.open, *answer.accepted, *(drops_lines(answer.drops) if answer.drops else ())):
            echo(line, err=True)
        documents.append(
            plan_yaml(
                each.rollout,
                answer.reasons,
                names=asked.names or Names(),
                by_gateway=asked.by_gateway,
                accept={**asked.annotated, **asked.accept},
                assumed=answer.assumed,
            )
        )
    echo("---\n".join(documents), nl=False)
