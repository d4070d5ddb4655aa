"""What components take an application to do where its inputs do not say: the same as every command."""

import ast
import inspect
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from gke_nodrop.timing import rollout_args
from gke_nodrop.timing.rollout_args import BehaviourArgs
from gke_nodrop.timing.timings import behaviour_annotations, behaviour_of, judge
from nodrop.judge.facts import known
from nodrop.rollout import ASSUMED, Facts, OnTerm

NOTHING = Facts()


def test_what_no_input_states_is_what_every_command_assumes():
    assert behaviour_of({}) == ASSUMED
    assert judge(2, {}, {}, {}).possible.behaviour == ASSUMED
    assert known({}, NOTHING, NOTHING).behaviour == ASSUMED


def test_what_an_input_states_is_taken_plain_text_too():
    times = {"longest_request_seconds": 0, "startup_seconds": 0, "keep_alive_timeout_seconds": 0}
    stated: Any = {**times, "on_term": "exit"}
    assert behaviour_of(stated) == replace(ASSUMED, **times, on_term=OnTerm.EXIT)


def test_tools_read_from_the_annotations_what_the_component_took():
    for inputs in (BehaviourArgs(), BehaviourArgs(startup_seconds=12.5, on_term=OnTerm.SERVE)):
        deployment = {"metadata": {"annotations": behaviour_annotations(inputs)}}
        knows = known(deployment, NOTHING, NOTHING)
        assert (knows.behaviour, knows.assumed) == (behaviour_of(inputs), "")


@pytest.mark.parametrize("name", ["longest_request_seconds", "startup_seconds", "on_term"])
def test_an_inputs_text_tells_the_default_that_is_taken(name):
    (body,) = (
        each.body
        for each in ast.parse(inspect.getsource(rollout_args)).body
        if isinstance(each, ast.ClassDef) and each.name == "BehaviourArgs"
    )
    (text,) = (
        after.value.value
        for field, after in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and field.target.id == name
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
    )
    assert str(text).endswith(f"Default {getattr(ASSUMED, name)}.")
