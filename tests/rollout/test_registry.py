"""Every rule describes itself, and what it says of itself is true."""

from dataclasses import replace
from difflib import get_close_matches

import pytest

from nodrop.rollout import Rule, RuleKind, Severity, all_rules, check, check_change
from nodrop.rollout.examples import CLEAN, judged
from nodrop.rollout.registry import register

EVERY = tuple(all_rules().values())


@pytest.fixture(params=EVERY, ids=lambda rule: rule.name)
def rule(request: pytest.FixtureRequest) -> Rule:
    return request.param


def test_the_rollout_that_examples_edit_breaks_no_rule():
    assert check(CLEAN) == check_change(CLEAN, CLEAN) == []


def test_its_breaking_example_breaks_it_with_the_severity_that_it_states_first(rule):
    found = judged(rule, rule.breaks)
    assert {each.rule for each in found} == {rule.name}
    assert found[0].severity == next(iter(rule.severities))


def test_where_it_has_two_severities_an_example_has_the_second(rule):
    assert (rule.warns is None) == (len(rule.severities) == 1)
    if rule.warns is not None:
        found = judged(rule, rule.warns)
        assert {(each.rule, each.severity) for each in found} == {(rule.name, list(rule.severities)[1])}


def test_its_keeping_example_keeps_it(rule):
    assert judged(rule, rule.keeps) == []


def test_its_examples_cite_sources_that_it_states(rule):
    for edits in filter(None, (rule.breaks, rule.warns)):
        assert {each.source for each in judged(rule, edits)} <= set(rule.sources)


def test_it_says_in_a_line_each_what_holds_what_goes_wrong_and_what_to_do(rule):
    for text in (rule.holds, rule.goes_wrong, rule.cure):
        assert text
        assert "\n" not in text
        assert text.endswith((".", "}."))
    assert rule.sources
    assert all(rule.sources)


def test_severities_are_told_apart_where_there_are_two(rule):
    if len(rule.severities) > 1:
        assert all(rule.severities.values())
        assert list(rule.severities) == sorted(rule.severities, key=list(Severity).index)


def test_no_two_rules_have_one_name():
    def survives_a_lost_pod():
        """Another one."""
        return ()

    with pytest.raises(ValueError, match="two rules are called survives-a-lost-pod"):
        register(
            RuleKind.OBJECTS,
            severity=Severity.ERROR,
            source="x",
            goes_wrong="x",
            cure="x",
            breaks={},
            keeps={},
        )(survives_a_lost_pod)


def test_names_are_far_enough_apart_for_a_slip_to_be_answered_with_one():
    for each in EVERY:
        assert get_close_matches(each.name[1:], all_rules(), n=1) == [each.name]


def test_an_example_that_is_no_field_is_no_example():
    broken = replace(all_rules()["survives-a-lost-pod"], breaks={"replica": 1})
    with pytest.raises((AttributeError, TypeError)):
        judged(broken, broken.breaks)
