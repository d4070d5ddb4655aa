import json

import pytest

from nodrop.judge import Judgement, PathJudgement, Verdict
from nodrop.report.judged.baseline import BaselineError, identity, read_baseline, write_baseline
from nodrop.report.judged.model import report_of
from nodrop.rollout import Severity


def judged(*found) -> Judgement:
    path = PathJudgement(name="shop/web", path=None, rollout=None, diagnostics=found, reasons=(), assumptions=())
    return Judgement(paths=(path,), objects=(), passed_over=())


def test_a_finding_of_the_baseline_does_not_count_and_the_verdict_stays(found):
    old, new = found(), found(rule="survives-a-lost-pod")
    baseline = read_baseline(write_baseline([("shop/web", old)]), "old.json")
    report = report_of(judged(old, new), baseline=baseline)
    assert [each.rule for _, each in report.found] == ["survives-a-lost-pod"]
    assert ([path for path, _ in report.known], report.gone, report.verdict) == (["shop/web"], (), Verdict.DROPS)


def test_it_stays_known_when_its_line_value_and_words_change_but_not_elsewhere(found):
    assert identity("shop/web", found(line=99, value=5, seen="x", severity=Severity.WARNING)) == identity(
        "shop/web", found()
    )
    assert identity("shop/api", found()) != identity("shop/web", found())
    assert identity("shop/web", found(field="spec.replicas")) != identity("shop/web", found())


def test_an_entry_that_is_found_no_more_is_told(found):
    baseline = read_baseline(write_baseline([("shop/web", found())]), "old.json")
    assert report_of(judged(), baseline=baseline).gone == (
        "grace-covers-longest-request of shop/web, spec.template.spec.terminationGracePeriodSeconds",
    )


def test_its_text_is_the_same_in_whatever_order_things_were_found(found):
    one, other = ("shop/web", found()), (None, found(rule="survives-a-lost-pod"))
    assert write_baseline([one, other]) == write_baseline([other, one, one])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "Expecting"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", '"format" is not "nodrop-baseline"'),
        ('{"format": "nodrop-baseline", "version": 2}', '"version" is 2; this nodrop reads 1'),
        ('{"format": "nodrop-baseline", "version": 1}', '"findings", entry 0, lacks one of rule'),
        ('{"format": "nodrop-baseline", "version": 1, "findings": [{"rule": "a"}]}', '"findings", entry 0, lacks one'),
    ],
)
def test_a_text_that_is_no_baseline_is_refused_by_its_name(text, said):
    with pytest.raises(BaselineError, match=r"old\.json is not a baseline") as refused:
        read_baseline(text, "old.json")
    assert said in str(refused.value)


def test_rules_that_are_not_shown_are_counted_and_the_verdict_stays(found):
    report = report_of(judged(found(), found()), shows=lambda rule: rule != "grace-covers-longest-request")
    assert list(report.found) == []
    assert report.hidden == {"grace-covers-longest-request": 2}
    assert report.verdict is Verdict.DROPS
    assert json.dumps(dict(report.hidden))
