"""Waivers: what fails nothing stays visible, and a waiver that cannot be right is a finding itself."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodrop.rollout import Severity, check, solve
from nodrop.rollout.rules import RULE_NAMES
from nodrop.rollout.text import one_line
from nodrop.rollout.waivers import UNWAIVABLE, WAIVABLE, effective, waive

GOOD = solve(longest_request_seconds=30, startup_seconds=5, replicas=2)
DRAINING = "draining-covers-longest-request"
REASON = "websocket clients reconnect"


def split(found, accept, **asked):
    """What is left of the diagnostics, and what is waived."""
    judged = waive(found, accept, **asked)
    return [each for each in judged if each.waiver is None], [each for each in judged if each.waiver is not None]


FOUND = check(replace(GOOD, draining_timeout_seconds=5, keep_alive_timeout_seconds=610))


def test_a_waived_finding_is_kept_apart_with_its_reason_and_the_others_stay():
    left, waived = split(FOUND, {DRAINING: REASON})
    assert [found.rule for found in left] == ["keep-alive-outlasts-load-balancer"]
    assert [(each.rule, each.waiver) for each in waived] == [(DRAINING, REASON)]


def test_a_waived_finding_says_what_was_seen_and_why_it_is_accepted():
    (waived,) = split(FOUND, {DRAINING: REASON})[1]
    assert str(waived) == (
        "accepted: rollout.draining_timeout_seconds = 5: shorter than longest_request_seconds = 30 s "
        "[draining-covers-longest-request, error; Google, Enabling connection draining]. "
        "Reason: websocket clients reconnect"
    )


def test_warnings_are_waived_as_errors_are():
    left, waived = split(FOUND, {"keep-alive-outlasts-load-balancer": "a proxy retries", DRAINING: REASON})
    assert left == []
    assert {each.severity for each in waived} == {Severity.ERROR, Severity.WARNING}


def test_nothing_accepted_leaves_all():
    assert split(FOUND, {}) == (FOUND, [])


def test_a_waiver_of_a_rule_that_is_kept_is_a_warning():
    (stale,), waived = split([], {DRAINING: REASON})
    assert (stale.severity, stale.input) == (Severity.WARNING, f'accept["{DRAINING}"]')
    assert "waives nothing" in stale.seen
    assert waived == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("draining_covers_longest_request", DRAINING),
        ("Draining covers longest request", DRAINING),
        ("draining-covers-longest-requests", DRAINING),
        ("survives_lost_pod", "survives-a-lost-pod"),
    ],
)
def test_a_name_that_is_no_rule_is_answered_with_the_nearest_one(name, meant):
    left, waived = split(FOUND, {name: REASON})
    assert left[:-1] == FOUND
    assert waived == []
    assert (left[-1].severity, left[-1].input, left[-1].would_pass) == (Severity.ERROR, f'accept["{name}"]', meant)
    assert f"did you mean {meant}?" in left[-1].seen


def test_a_name_unlike_all_rules_is_answered_with_where_they_are_listed():
    (unknown,), _ = split([], {"xyzzy": REASON})
    assert "did you mean" not in unknown.seen
    assert unknown.would_pass == "a name that `nodrop rules` lists"


@pytest.mark.parametrize("reason", ["", " ", "\n\t", "\u200b", "\ud800"])
def test_a_blank_reason_waives_nothing_and_is_an_error(reason):
    left, waived = split(FOUND, {DRAINING: reason})
    assert left[:-1] == FOUND
    assert waived == []
    assert (left[-1].severity, left[-1].input) == (Severity.ERROR, f'accept["{DRAINING}"]')


@pytest.mark.parametrize("name", UNWAIVABLE)
def test_a_rule_that_no_reason_helps_against_is_not_waived(name):
    broken = replace(FOUND[0], rule=name)
    for stated in (name, name.replace("-", "_")):
        left, waived = split([broken], {stated: REASON})
        assert left[0] == broken
        assert waived == []
        assert (left[1].severity, left[1].seen) == (Severity.ERROR, f"cannot be waived: {UNWAIVABLE[name]}")


def test_every_rule_is_either_waivable_or_says_why_not():
    assert {*WAIVABLE, *UNWAIVABLE} == RULE_NAMES


def test_a_waiver_of_a_rule_that_was_not_asked_is_no_matter():
    assert split([], {DRAINING: REASON}, not_asked=[DRAINING]) == ([], [])


def test_a_reason_is_one_line():
    assert effective({DRAINING: " web\nsockets \x1b[31mreconnect\r\n"}) == {DRAINING: "web sockets [31mreconnect"}


names = st.sampled_from(sorted(RULE_NAMES)) | st.text(max_size=40)


@given(st.dictionaries(names, st.text(max_size=20), max_size=6))
def test_every_waiver_is_either_effective_or_named_as_an_error(accept):
    left, waived = split(FOUND, accept)
    took_effect = effective(accept)
    errors = [found for found in left if found.rule.startswith("waiver-") and found.severity is Severity.ERROR]
    assert len(took_effect) + len(errors) == len(accept)
    assert {each.rule for each in waived} == took_effect.keys() & {found.rule for found in FOUND}
    assert [
        found for found in FOUND if found in left or found in [replace(each, waiver=None) for each in waived]
    ] == FOUND


@given(st.text())
def test_one_line_is_printable_text_without_blanks_around(text):
    line = one_line(text)
    assert line == line.strip()
    assert line.isprintable()
