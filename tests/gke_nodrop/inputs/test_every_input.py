"""Every input of every component, found by walking the types: what is refused, and in what words.

An input that is new fails here until one of the tables in `every_input_table` has it. Not here: what inputs exclude
each other (the tests of each component).
"""

import json
from typing import Any

import pulumi
import pytest

from gke_nodrop.inputs.component import shape_of
from gke_nodrop.inputs.declared import example_of
from gke_nodrop.inputs.faults import shown
from gke_nodrop.provider.host import COMPONENTS
from tests.gke_nodrop.inputs.every_input import (
    Input,
    all_wrong,
    inputs_of,
    wrong_type,
)
from tests.gke_nodrop.inputs.every_input_beside import right
from tests.gke_nodrop.inputs.every_input_table import ANY, OUTSIDE, entry_for
from tests.gke_nodrop.refusals import faults_of

pytestmark = pytest.mark.usefixtures("deploy")  # Outputs need its event loop


def told(each: Input, value: Any, args: dict[str, Any], component: Any) -> str:
    """What is wrong with the way a wrong value is refused; "" if nothing is."""
    found = faults_of(component, args)
    fault = found.get(each.path(value))
    if fault is None:
        return f"{each.pattern} = {shown(value)}: not refused, but {list(found)}"
    hidden = each.is_secret and value not in ([], {})  # nothing is in them
    said = ("[secret]",) if hidden else (shown(value), f"{shown(value)} ({type(value).__name__})")
    if fault.value not in said:
        return f"{each.pattern}: said to be {fault.value}, not {said}"
    if not (fault.rule and fault.source and fault.would_pass) or fault.would_pass in ("null", "[]", "{}"):
        return f"{each.pattern}: not all is said: {fault}"
    return ""


every = pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.__name__)


@every
def test_a_value_of_the_wrong_type_is_refused_by_name_value_rule_and_what_would_pass(component):
    found = []
    for each in inputs_of(component):
        value = wrong_type(each.expected)
        found.append(told(each, value, each.put(value), component))
    assert found
    assert [each for each in found if each] == []


@every
def test_a_value_beyond_its_limit_is_refused_by_name_value_rule_and_what_would_pass(component):
    found = []
    for each in inputs_of(component):
        values = OUTSIDE.get(entry_for(each.pattern, OUTSIDE), [])
        found += [told(each, value, each.put(value), component) for value in values]
    assert found
    assert [each for each in found if each] == []


@every
def test_an_output_is_refused_where_a_plain_value_decides_what_is_made(component):
    value = pulumi.Output.from_input("x")
    plain = [each for each in inputs_of(component) if not each.may_be_output]
    wrong = [each.pattern for each in plain if each.path(value) not in faults_of(component, each.put(value))]
    assert wrong == []


@every
def test_an_output_is_taken_where_its_type_says_so(component):
    value = pulumi.Output.from_input("x")
    late = [each for each in inputs_of(component) if each.may_be_output]
    found = {each.pattern: faults_of(component, right(component, each, value)) for each in late}
    assert {pattern: list(faults) for pattern, faults in found.items() if faults} == {}


@every
def test_what_a_fault_recommends_passes_in_its_place(component):
    found = {}
    for each in inputs_of(component):
        value = wrong_type(each.expected)
        fault = faults_of(component, each.put(value))[each.path(value)]
        if each.is_leaf or len(fault.would_pass) < 80:  # what is longer is cut
            found[each.pattern] = faults_of(component, right(component, each, json.loads(fault.would_pass)))
    assert found
    assert {pattern: list(map(str, faults.values())) for pattern, faults in found.items() if faults} == {}


@every
def test_any_text_is_taken_of_what_has_no_limit(component):
    found = {}
    for each in inputs_of(component):
        if entry_for(each.pattern, ANY):
            for value in ("", " a b ", "é", "x" * 300):
                found[each.pattern, value] = faults_of(component, right(component, each, value))
    assert {key: list(faults) for key, faults in found.items() if faults} == {}


def test_every_text_and_number_is_in_one_of_the_tables_and_no_entry_stands_for_none():
    used: set[str] = set()
    for component in COMPONENTS:
        for each in inputs_of(component):
            used |= {entry_for(each.pattern, OUTSIDE) or "", entry_for(each.pattern, ANY) or ""}
            if each.is_leaf and each.expected in (str, int, float):
                ends = [entry_for(each.pattern, table) for table in (OUTSIDE, ANY)]
                assert len([end for end in ends if end]) == 1, f"{component.__name__}.{each.pattern}: {ends}"
    assert used - {""} == {*OUTSIDE, *ANY}


@every
def test_all_faults_of_a_call_are_told_at_once(component):
    args, wrong = all_wrong(shape_of(component), example_of(shape_of(component)), "")
    assert wrong
    assert wrong <= faults_of(component, args).keys()
