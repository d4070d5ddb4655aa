"""Rules are attached to the TypedDict that they judge, and to nothing else."""

import typing
from collections.abc import Iterator
from typing import NotRequired, TypedDict

import pytest

from gke_nodrop.inputs.check import check_inputs
from gke_nodrop.inputs.component import shape_of
from gke_nodrop.inputs.declared import fields_of
from gke_nodrop.inputs.faults import Fault, InputError, fault
from gke_nodrop.inputs.rules import rule, rules_of
from gke_nodrop.provider.host import COMPONENTS
from gke_nodrop.provider.schema import _bases


class InnerArgs(TypedDict):
    least: NotRequired[int]
    most: NotRequired[int]


class OuterArgs(TypedDict):
    inner: NotRequired[InnerArgs]
    many: NotRequired[list[InnerArgs]]
    named: NotRequired[dict[str, InnerArgs]]


@rule(InnerArgs)
def _in_order(args: InnerArgs) -> Iterator[Fault]:
    if args.get("least", 0) > args.get("most", 9):
        yield fault("most", args.get("most"), "must not be less than least", "the test", "9")
    if args.get("least") == 5:
        yield fault("", 5, "must not be 5", "the test", "absent")


def refused(args: object, prefix: str = "") -> list[str]:
    with pytest.raises(InputError) as raised:
        check_inputs("it", args, OuterArgs, prefix=prefix)
    return [each.input for each in raised.value.faults]


def test_the_path_of_the_group_stands_before_those_of_its_rules_faults():
    wrong = {"least": 5, "most": 1}
    assert refused({"inner": wrong}) == ["inner.most", "inner"]
    assert refused({"many": [{}, wrong]}) == ["many[1].most", "many[1]"]
    assert refused({"named": {"a.b": wrong}}) == ['named["a.b"].most', 'named["a.b"]']
    assert refused({"inner": wrong}, prefix="shop:") == ["shop:inner.most", "shop:inner"]


def test_a_rule_does_not_say_again_what_is_wrong_already():
    assert refused({"inner": {"least": 7, "most": "many"}}) == ["inner.most"]


def shapes(shape: type) -> Iterator[type]:
    yield shape
    for each in fields_of(shape).values():
        for part in (each, *each.parts):
            if typing.is_typeddict(part.kind):
                yield from shapes(part.kind)


def lineage(shape: type) -> set[type]:
    return {shape}.union(*(lineage(base) for base in _bases(shape)))


def test_a_rule_judges_its_typed_dict_and_those_that_inherit_from_it():
    found = {shape for component in COMPONENTS for shape in shapes(shape_of(component))}
    judged = {shape: {each.judges for each in rules_of(shape)} for shape in found}
    assert sum(map(bool, judged.values())) > 15
    assert {
        shape.__name__: others - lineage(shape) for shape, others in judged.items() if others - lineage(shape)
    } == {}
