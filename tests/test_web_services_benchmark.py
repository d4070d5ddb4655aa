"""The benchmark compares a WebService with the same resources made plainly; else its figure would say nothing."""

from dataclasses import replace

import pytest

from benchmarks.web_services import plainly, same, web_services
from nodrop.preview import evaluate_function

COUNT = 2


@pytest.fixture(scope="module")
def own():
    return evaluate_function(lambda: web_services(COUNT))


@pytest.fixture(scope="module")
def peer():
    model = evaluate_function(lambda: web_services(1))
    return evaluate_function(lambda: plainly(COUNT, model))


def test_the_plain_program_makes_what_the_component_makes(own, peer):
    assert same(own, peer)
    assert len(peer.resources) == len(own.resources) - COUNT  # it has no components


@pytest.mark.parametrize("change", ["one less", "an input", "a timeout", "a dependency"])
def test_a_plain_program_that_makes_anything_else_is_not_the_same(own, peer, change):
    kept, last = peer.resources[:-1], peer.resources[-1]
    assert last.dependencies
    changed = {
        "one less": [],
        "an input": [replace(last, inputs={**last.inputs, "data": {}})],
        "a timeout": [replace(last, options=replace(last.options, custom_timeouts={"read": "1s"}))],
        "a dependency": [replace(last, dependencies=())],
    }[change]
    assert not same(own, replace(peer, resources=[*kept, *changed]))
