"""How an application behaves: what is assumed of it, and what somebody states instead."""

from dataclasses import fields, replace

import pytest

from nodrop.gke import applications, defaults
from nodrop.rollout import ASSUMED, Behaviour, Facts, OnTerm, check, solve
from nodrop.rollout.behaviour import ANNOTATIONS, WORDS, assumed_text
from nodrop.rollout.facts import BACKEND_KEEP_ALIVE_SECONDS

STATED = Facts(longest_request_seconds=0, startup_seconds=1, keep_alive_timeout_seconds=0, on_term=OnTerm.EXIT)


def test_what_is_assumed_is_what_the_load_balancer_and_google_say():
    assert ASSUMED.longest_request_seconds == defaults.BACKEND_TIMEOUT_SECONDS
    assert ASSUMED.keep_alive_timeout_seconds > BACKEND_KEEP_ALIVE_SECONDS
    assert (ASSUMED.startup_seconds, ASSUMED.on_term) == (10, OnTerm.DRAIN)


def test_an_application_that_behaves_as_assumed_breaks_no_rule():
    assert check(solve(**vars(ASSUMED), replicas=2)) == []


@pytest.mark.parametrize("table", [WORDS, ANNOTATIONS])
def test_every_fact_has_its_words_and_its_annotation(table):
    names = [each.name for each in fields(Behaviour)]
    assert [each.name for each in fields(Facts)] == names
    assert list(table) == names


def test_the_annotations_are_those_that_are_written():
    written = applications.behaviour(
        longest_request_seconds=1, startup_seconds=2, keep_alive_timeout_seconds=3, on_term="x"
    )
    assert {name: written[key] for name, key in ANNOTATIONS.items()} == {
        "longest_request_seconds": "1",
        "startup_seconds": "2",
        "keep_alive_timeout_seconds": "3",
        "on_term": "x",
    }


def test_a_stated_fact_is_taken_and_the_others_are_assumed():
    facts = Facts(startup_seconds=0)
    assert facts.over(ASSUMED) == replace(ASSUMED, startup_seconds=0)
    assert facts.unstated == ("longest_request_seconds", "keep_alive_timeout_seconds", "on_term")
    assert STATED.over(ASSUMED) == Behaviour(**vars(STATED))
    assert STATED.unstated == ()


def test_what_is_assumed_reads_with_its_units():
    assert assumed_text(WORDS, ASSUMED) == "longest request 30 s, start-up 10 s, keep-alive 620 s, on TERM drain"
    assert assumed_text((), ASSUMED) == ""


def test_a_rollout_tells_the_behaviour_that_it_was_solved_for():
    stated = Behaviour(
        longest_request_seconds=3, startup_seconds=4, keep_alive_timeout_seconds=700, on_term=OnTerm.SERVE
    )
    assert solve(**vars(stated), replicas=2).behaviour == stated
