"""No single harmful edit of clean objects is called clean, and no neutral one is called anything else."""

import pytest

from nodrop.judge import Judgement, Verdict, judge
from tests.judge.edits import Edit, clean, edited
from tests.judge.harmful_edits import HARMFUL, REFUSED, UNJUDGED
from tests.judge.neutral_edits import NEUTRAL, NEUTRAL_ELSEWHERE
from tests.judge.on_call_edits import NOT_TOLD, ON_CALL
from tests.judge.refused_edits import (
    BY_ADMISSION,
    BY_AUTOSCALER,
    BY_GKE,
    BY_KUBELET,
    BY_KUBERNETES,
    BY_SCHEDULER,
    NOT_SERVED,
)

KNOWN = [
    *HARMFUL,
    *ON_CALL,
    *REFUSED,
    *BY_KUBERNETES,
    *BY_GKE,
    *BY_ADMISSION,
    *BY_AUTOSCALER,
    *BY_KUBELET,
    *BY_SCHEDULER,
    *NOT_SERVED,
]


def told(judgement: Judgement) -> tuple[set[str], list[str]]:
    """Rules that are broken and not waived, and why something is not judged."""
    found = [*judgement.objects, *(each for path in judgement.paths for each in path.diagnostics)]
    reasons = [reason for path in judgement.paths for reason in path.not_judged]
    reasons += map(str, judgement.passed_over)
    return {each.rule for each in found if each.waiver is None}, reasons


def by_what_is_meant(edit: Edit, judgement: Judgement) -> bool:
    rules, reasons = told(judgement)
    if edit.meant.startswith("'"):
        return any(edit.meant.strip("'") in reason for reason in reasons)
    return edit.meant in rules


@pytest.mark.parametrize("base", ["ingress", "gateway"])
def test_the_objects_are_clean_before_an_edit(base):
    assert judge(clean(base)).verdict == Verdict.CLEAN


@pytest.mark.parametrize("edit", KNOWN, ids=lambda each: each.name)
def test_a_harmful_edit_is_not_clean_by_the_rule_or_reason_meant_for_it(edit):
    judgement = judge(edited(edit))
    assert judgement.verdict != Verdict.CLEAN
    assert by_what_is_meant(edit, judgement)


@pytest.mark.parametrize("edit", [*UNJUDGED, *NOT_TOLD], ids=lambda each: each.name)
def test_what_cannot_be_told_is_not_judged_and_says_why(edit):
    judgement = judge(edited(edit))
    assert judgement.verdict in (Verdict.NOT_JUDGED, Verdict.DROPS)
    assert by_what_is_meant(edit, judgement)


@pytest.mark.parametrize("edit", [*NEUTRAL, *NEUTRAL_ELSEWHERE], ids=lambda each: each.name)
def test_a_neutral_edit_stays_clean(edit):
    assert judge(edited(edit)).verdict == Verdict.CLEAN


@pytest.mark.parametrize("base", ["ingress", "gateway"])
def test_the_order_of_the_objects_does_not_matter(base):
    assert judge(reversed(clean(base))).verdict == Verdict.CLEAN


def test_nine_of_ten_kinds_end_by_a_rule():
    """A kind is a distinct field and failure; two values that fail in the same way are one."""
    kinds = {(edit.place, edit.meant) for edit in KNOWN}
    by_rule = [meant for _, meant in kinds if not meant.startswith("'")]
    assert len(kinds) >= 180
    assert len(by_rule) >= 0.9 * len(kinds)
