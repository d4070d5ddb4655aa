"""`nodrop check`: the judgement of YAML files, standard input or a stack, in the format asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from nodrop.cli.behaviour_options import behaves, facts_of
from nodrop.cli.exit_codes import DROPS, UNREADABLE
from nodrop.cli.judged import for_file, for_stdout
from nodrop.cli.parameters import Rate, Word, files_argument, json_option, judged_files, known, rule_names
from nodrop.cli.stack import judged_from, load_stack, stack_options
from nodrop.terminal import echo

if TYPE_CHECKING:
    from nodrop.report.judged.baseline import BaselineEntry
    from nodrop.report.judged.model import Report
    from nodrop.rollout import Severity

LEVELS = ("error", "not-judged", "warning", "never")
"""Of --fail-on: each includes those before it."""


def _rules(_ctx: click.Context, _param: click.Parameter, given: tuple[str, ...]) -> frozenset[str]:
    """Names of rules, comma-separated or repeated."""
    names = [name.strip() for each in given for name in each.split(",") if name.strip()]
    if not names:
        return frozenset()
    from nodrop.rollout import RULE_NAMES

    known(RULE_NAMES, names, "not the name of a rule", "`nodrop rules` lists them")
    return frozenset(names)


@click.command(short_help="Judge YAML, standard input or a stack.")
@files_argument
@stack_options("Judge what this stack of the project would create instead of files.")
@click.option(
    "--settings",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Facts, severities and waivers.  [default: nodrop.yaml here or above, up to the repository's root]",
)
@behaves
@click.option(
    "--against",
    type=judged_files,
    metavar="FILE|DIR|-",
    help="Also judge the change from this version to the one given.",
)
@click.option(
    "--select",
    multiple=True,
    metavar="RULE",
    callback=_rules,
    shell_complete=rule_names,
    help="Show only these rules. Repeatable.",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="RULE",
    callback=_rules,
    shell_complete=rule_names,
    help="Hide these rules. Repeatable.",
)
@click.option(
    "--fail-on",
    type=Word(LEVELS),
    default="error",
    show_default=True,
    help="Lowest severity that makes the exit code 1; each level includes those before it.",
)
@click.option("--baseline", type=click.Path(dir_okay=False, path_type=Path), help="Ignore the findings listed in FILE.")
@click.option(
    "--write-baseline",
    "new_baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the findings that count to FILE.",
)
@click.option(
    "--requests-per-second",
    type=Rate(),
    help="Show how many requests a rollout is expected to lose at this rate.",
)
@click.option(
    "--format",
    "form",
    type=Word(["text", "json", "sarif", "junit", "github", "html"]),
    default="text",
    show_default=True,
)
@json_option
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the format to a file, and print the text.",
)
@click.option("--fix", "fixes", is_flag=True, help="Edit the files where changing a single field is the cure.")
@click.option("--patch", is_flag=True, help="Print these edits as patches for kustomize instead of a report.")
def check(
    files: tuple[Path, ...],
    stack: str | None,
    project: Path,
    config: dict[str, str],
    stack_outputs: dict[str, Any],
    settings: Path | None,
    against: Path | None,
    select: frozenset[str],
    ignore: frozenset[str],
    fail_on: str,
    baseline: Path | None,
    new_baseline: Path | None,
    requests_per_second: float | None,
    form: str,
    as_json: bool,
    output: Path | None,
    fixes: bool,
    patch: bool,
    **behaviour: Any,
) -> None:
    """Judge whether rollouts drop requests: Kubernetes YAML in FILEs and folders, from stdin (-), or a stack.

    Rendered by Helm or kustomize: `helm template . | nodrop check -`.
    """
    _refuse_contradictions(click.get_current_context().params)
    from nodrop.cli.check_input import changed, from_files, from_stack, project_file, tell_slips
    from nodrop.garbage_collection import without_collection
    from nodrop.paths import ManifestError
    from nodrop.report.judged.model import change_report, report_of, values_add_up

    click.get_current_context().with_resource(without_collection())
    file, stated = project_file(settings)
    in_baseline = frozenset() if new_baseline else _known(baseline)
    facts = facts_of(behaviour)
    evaluation = load_stack(project, stack, config, stack_outputs) if stack else None
    given = from_stack(evaluation, facts) if evaluation else from_files(files, file, facts)
    if given.faults and (fixes or patch or new_baseline):
        raise ManifestError(list(given.faults))
    tell_slips(stated, given.objects)
    judgement = given.judged(given.objects, stated)
    if patch:
        from nodrop.cli.fix import print_patch

        print_patch(given, stated, judgement)
        return
    if fixes:
        from nodrop.cli.fix import fix

        judgement = fix(given, stated, judgement)
    earlier = from_files([against], file) if against else None
    change = change_report(changed(earlier, given, stated), str(against)) if earlier else None
    report = report_of(
        judgement,
        change,
        shows=lambda rule: (not select or rule in select) and rule not in ignore,
        baseline=in_baseline,
        requests_per_second=requests_per_second,
        passed_over=(*given.passed_over, *(earlier.all_passed_over() if earlier else ())),
        unread=(*given.faults, *(earlier.faults if earlier else ())),
    )
    if new_baseline:
        _write_baseline(new_baseline, report)
        return
    failing = _failing(fail_on)
    _show(report, "json" if as_json else form, output, failing)
    if files and not (fixes or as_json or form != "text") and values_add_up(report):
        edits = "--patch edits" if Path("-") in files else "--fix or --patch edits"
        told = "each value under `instead` is right on its own; `nodrop plan` shows values that work together"
        echo(f"{told}, and {edits} the fields", err=True)
    if _fails(report, failing):
        sys.exit(DROPS)
    if report.unread:
        sys.exit(UNREADABLE)


def _refuse_contradictions(given: Mapping[str, Any]) -> None:
    """Raises click.UsageError where options exclude each other."""
    files, against, fixes, patch = (given[name] for name in ("files", "against", "fixes", "patch"))
    judged_from(files, given["stack"], given["project"], given["config"], given["stack_outputs"])
    if fixes and (given["stack"] or Path("-") in files):
        raise click.UsageError("--fix edits files; of a stack or standard input, --patch prints the edits")
    if against and given["stack"]:
        raise click.UsageError("--against compares files; of a stack, `nodrop preview --against` compares the state")
    if against and (fixes or patch or (str(against) == "-" and against in files)):
        raise click.UsageError(
            "--against takes another input than the one given, and goes with neither --fix nor --patch"
        )
    if fixes and patch:
        raise click.UsageError("give either --fix or --patch")
    stated = click.get_current_context().get_parameter_source("form") is ParameterSource.COMMANDLINE
    if given["as_json"] and stated and given["form"] != "json":
        raise click.UsageError(f"give either --json or --format {given['form']}")
    if given["new_baseline"] and given["baseline"]:
        raise click.UsageError("--write-baseline writes all findings; give it without --baseline")
    reports = {"--write-baseline": given["new_baseline"], "--output": given["output"], "--json": given["as_json"]}
    if patch and (other := [name for name, value in {**reports, "--format": stated}.items() if value]):
        raise click.UsageError(f"--patch prints patches instead of a report; give it without {other[0]}")


def _known(baseline: Path | None) -> frozenset[BaselineEntry]:
    if baseline is None:
        return frozenset()
    from nodrop.report.judged.baseline import BaselineError, read_baseline

    try:
        return read_baseline(baseline.read_text(encoding="utf-8"), str(baseline))
    except OSError as error:
        raise BaselineError(f"{baseline} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BaselineError(f"{baseline} is not UTF-8 text") from None


def _write_baseline(file: Path, report: Report) -> None:
    from nodrop.report.judged.baseline import write_baseline

    found = list(report.found)
    _write({file: write_baseline(found)})
    echo(f"{file}: {len(found)} findings that do not count with --baseline {file}", err=True)


def _write(texts: dict[Path, str]) -> None:
    from nodrop.files import write

    try:
        write(texts)
    except OSError as error:
        raise click.ClickException(f"{error.filename} cannot be written: {error.strerror}") from None


def _failing(fail_on: str) -> tuple[Severity, ...]:
    """The severities that make the exit code 1."""
    from nodrop.rollout import Severity

    order = (Severity.ERROR, Severity.NOT_JUDGED, Severity.WARNING)
    return () if fail_on == "never" else order[: LEVELS.index(fail_on) + 1]


def _fails(report: Report, failing: Sequence[Severity]) -> bool:
    """Whether something that counts is of a failing severity; where there is no path, nothing was judged."""
    from nodrop.judge import Verdict
    from nodrop.rollout import Severity

    unjudged = not report.paths or any(path.not_judged for path in report.paths)
    unjudged |= report.change is not None and report.change.verdict is Verdict.NOT_JUDGED
    return any(each.severity in failing for _, each in report.found) or (unjudged and Severity.NOT_JUDGED in failing)


def _show(report: Report, form: str, output: Path | None, failing: Sequence[Severity]) -> None:
    said = _in_format(report, form, failing)
    if output:
        _write({output: said if form != "text" else for_file(_text(report))})
        form = "text"
    if form == "text":
        click.echo(for_stdout(_text(report)), nl=False)
    else:
        click.echo(said, nl=False)


def _in_format(report: Report, form: str, failing: Sequence[Severity]) -> str:
    """The report in a format, safe to print: each makes what others wrote printable, or escapes it."""
    from nodrop.cli.check_input import repository
    from nodrop.paths.files.sources import STDIN

    if form == "json":
        from nodrop.report.judged.document import document

        return document(report)
    if form == "sarif":
        from nodrop.report.judged.sarif import sarif

        return sarif(report, repository(Path()), STDIN)
    if form == "junit":
        from nodrop.report.judged.junit import junit

        return junit(report, failing)
    if form == "github":
        from nodrop.report.judged.annotations import annotations

        return annotations(report, repository(Path()), STDIN)
    if form == "html":
        from nodrop.report.html import page
        from nodrop.report.origin import provenance_here

        return page(judgement=report, origin=provenance_here(by_variant=False))
    return ""


def _text(report: Report) -> Callable[..., str]:
    from nodrop.report.judged.text import text

    return partial(text, report)
