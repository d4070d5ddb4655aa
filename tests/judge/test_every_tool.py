"""Whoever asks gets the same verdict: files, a program that makes the same objects, a test of it, the policy pack.

The objects are the field cases, the clean ones and single edits of them. The program brings no cluster or network, so
that all that is judged stands in the objects.
"""

from typing import Any

import pulumi
import pytest

from nodrop.judge import Facts, Judgement, Verdict, judge
from nodrop.paths import Behaviour, read_manifests
from nodrop.policy import NOT_JUDGED, WARNING, pack
from nodrop.preview import Evaluation, evaluate_function, judge_program
from nodrop.project_file import ProjectFile
from nodrop.rollout import OnTerm
from nodrop.testing import Program, assert_no_dropped_requests
from tests.judge.conftest import FIELD_CASES
from tests.judge.edits import CLEAN, edited
from tests.judge.harmful_edits import HARMFUL, REFUSED, UNJUDGED
from tests.judge.neutral_edits import NEUTRAL, NEUTRAL_ELSEWHERE
from tests.judge.on_call_edits import NOT_TOLD, ON_CALL

FILES = sorted([*FIELD_CASES.glob("*.yaml"), *FIELD_CASES.glob("reported/*.yaml"), *CLEAN.glob("*.yaml")])
EDITS = [*HARMFUL, *ON_CALL, *REFUSED, *UNJUDGED, *NOT_TOLD, *NEUTRAL, *NEUTRAL_ELSEWHERE]
STATED = Behaviour(longest_request_seconds=30, startup_seconds=10, keep_alive_timeout_seconds=620, on_term=OnTerm.DRAIN)
"""What is assumed of an application anyway, except that a test wants it stated."""


def made(objects: list[dict[str, Any]]) -> Evaluation:
    """A program that makes the objects, each after all before it, Deployments last."""

    def program() -> None:
        before: list[pulumi.Resource] = []
        for number, each in enumerate(sorted(objects, key=lambda each: each["kind"] == "Deployment")):
            opts = pulumi.ResourceOptions(depends_on=list(before))
            before.append(
                pulumi.CustomResource(f"kubernetes:{each['apiVersion']}:{each['kind']}", str(number), each, opts)
            )

    return evaluate_function(program)


def told(judgement: Judgement) -> dict[str, Any]:
    """All that matters of a judgement, in the order in which it is shown."""
    ways = {
        path.name: (path.verdict, [(each.rule, each.severity, each.field) for each in path.diagnostics])
        for path in judgement.paths
    }
    beside = [(each.rule, each.severity, each.field) for each in judgement.objects]
    return {"verdict": judgement.verdict, "ways": ways, "beside": beside}


def passes_a_test(evaluation: Evaluation) -> bool:
    """Whether the assertion passes."""
    try:
        assert_no_dropped_requests(Program(evaluation), stated=STATED)
    except AssertionError:
        return False
    return True


def policies(evaluation: Evaluation) -> tuple[set[str], bool]:
    """The rules that the pack finds broken, and whether something is not judged."""
    found = {each.policy.removesuffix(WARNING) for each in pack(ProjectFile()).judge(evaluation).violations}
    return found - {NOT_JUDGED}, NOT_JUDGED in found


def agree(objects: list[dict[str, Any]]) -> None:
    of_files, evaluation = judge(objects), made(objects)
    assert told(judge_program(evaluation)) == told(of_files)
    found = [*(each for path in of_files.paths for each in path.diagnostics), *of_files.objects]
    unjudged = any(path.not_judged for path in of_files.paths) or bool(of_files.passed_over)
    assert policies(evaluation) == ({each.rule for each in found if each.waiver is None}, unjudged)
    stated = judge(objects, defaults=Facts(**vars(STATED)))
    assert passes_a_test(evaluation) == (stated.verdict in (Verdict.CLEAN, Verdict.AT_RISK))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_field_case_is_judged_alike(file):
    agree(list(read_manifests([file])))


@pytest.mark.slow
@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_an_edit_is_judged_alike(edit):
    agree(edited(edit))
