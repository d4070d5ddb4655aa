"""The policy pack: `pulumi preview --policy-pack` asks the same judgement as `nodrop check`. docs/policy-pack.md.

A policy a rule, under the rule's name, so that its level is set as that of any policy: errors are mandatory, warnings
advisory. The warnings of a rule that finds errors have a policy of their own, and so has what could not be judged. Not
here: Pulumi's protocol (`preview.analyzer`), and rules that compare two versions, since a pack sees one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from nodrop.judge import Judgement, PathJudgement, judge
from nodrop.paths.fields import ref_of
from nodrop.preview.analyzer import JudgedStack, Level, Pack, Policy, Violation, serve
from nodrop.preview.judged import surroundings_of
from nodrop.preview.program_objects import ProgramObjects
from nodrop.preview.resources import Evaluation
from nodrop.project_file import ProjectFile, ProjectFileError, nearest_project_file, weighed
from nodrop.report.judged.model import Report, assumed, report_of, sentence, stated
from nodrop.report.judged.text import MOST_COLUMNS, finding
from nodrop.rollout import Diagnostic, Rule, Severity, all_rules
from nodrop.rollout.text import printable

NAME = "gke-nodrop"
NOT_JUDGED = "not-judged"
"""Policy of what could not be judged."""
WARNING = ".warning"
"""Ending of the policy of a rule's warnings, where its own is for its errors."""
_UNTOLD = "Something on the way to a workload, or that matters to it, could not be judged."


def pack(stated: ProjectFile) -> Pack:
    """The policies and what they judge, with the facts, severities and waivers that a project's file states."""
    rules = [each for each in all_rules().values() if not each.compares]
    policies = [policy for rule in rules for policy in _policies(rule, stated)]
    policies.append(Policy(name=NOT_JUDGED, description=_UNTOLD, level=Level.ADVISORY))
    names = frozenset(each.name for each in policies)

    def judge(evaluation: Evaluation) -> JudgedStack:
        return _judged(evaluation, stated, names)

    return Pack(name=NAME, version=version(NAME), policies=tuple(policies), judge=judge)


def _policies(rule: Rule, stated: ProjectFile) -> Iterator[Policy]:
    description = printable(rule.holds)
    if Severity.ERROR in (*rule.severities, stated.severities.get(rule.name)):
        yield Policy(name=rule.name, description=description, level=Level.MANDATORY)
        yield Policy(name=f"{rule.name}{WARNING}", description=description, level=Level.ADVISORY)
    else:
        yield Policy(name=rule.name, description=description, level=Level.ADVISORY)


def _judged(evaluation: Evaluation, stated: ProjectFile, policies: frozenset[str]) -> JudgedStack:
    made = ProgramObjects(evaluation)
    facts, surroundings = stated.facts(made.all), surroundings_of(made)
    judgement = weighed(judge(made.all, facts=facts, waivers=stated.reasons, surroundings=surroundings), stated)
    violations = tuple(_violations(judgement, made, policies))
    slips = (printable(f"warning: {each}") for each in stated.slips(made.all))
    return JudgedStack(violations=violations, told="\n".join((*_told(report_of(judgement)), *slips)))


def _violations(judgement: Judgement, made: ProgramObjects, policies: frozenset[str]) -> Iterator[Violation]:
    named = {str(ref): ref for ref in map(ref_of, made.all)}
    for path in judgement.paths:
        at = ref_of(path.path.deployment) if path.path else named.get(path.name)
        urn = made.urn_of(at, path.cluster)
        for found in path.diagnostics:
            yield from _violation(found, path, made, policies)
        for reason in path.not_judged:
            said = reason if path.path is None else f"{path.name}: {reason}"
            yield Violation(policy=NOT_JUDGED, message=printable(said), urn=urn)
    for found in judgement.objects:
        yield from _violation(found, None, made, policies)
    for each in judgement.passed_over:
        urn = made.urn_of(each.object, each.cluster or "")
        yield Violation(policy=NOT_JUDGED, message=printable(str(each)), urn=urn)


def _violation(
    found: Diagnostic, path: PathJudgement | None, made: ProgramObjects, policies: frozenset[str]
) -> Iterator[Violation]:
    if found.waiver is not None:
        return
    warning = f"{found.rule}{WARNING}"
    policy = warning if found.severity is not Severity.ERROR and warning in policies else found.rule
    head = f"{found.severity} on the serving path {path.name}" if path else f"{found.severity} on no serving path"
    lines = [printable(head), *list(finding(found, MOST_COLUMNS))[1:]]
    for label, facts in (("stated", stated(path)), ("assumed", assumed(path))) if path else ():
        if facts:
            lines.append(printable(f"    {label:<10}  {'; '.join(facts)}"))
    urn = made.urn_of(found.object, path.cluster if path else found.cluster)
    yield Violation(policy=policy, message="\n".join(lines), urn=urn)


def _told(report: Report) -> Iterator[str]:
    """What it comes to, clean paths and what they rest on included; nothing where there is nothing to judge."""
    if not (report.paths or report.objects or report.passed_over):
        return
    yield f"{NAME}: {sentence(report)}"
    for path in report.paths:
        facts = (("stated", path.stated), ("assumed", path.assumptions))
        rests_on = "".join(f"; {label} {'; '.join(each)}" for label, each in facts if each)
        yield printable(f"  {path.verdict}  {path.name}{rests_on}")
        yield from (printable(f"    accepted  {each.rule}: {each.waiver}") for each in path.accepted)


def main(folder: Path) -> None:
    """Run as the policy pack in that folder, whose `__main__.py` calls this; nodrop.yaml is there or above.

    Pulumi tells a pack neither where the project is nor which folder it was called in. The first argument is the
    engine's address.
    """
    try:
        stated = nearest_project_file(folder)
    except ProjectFileError as error:
        sys.exit(str(error))
    serve(pack(stated), sys.argv[1])
