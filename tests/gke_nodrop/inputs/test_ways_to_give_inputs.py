"""Inputs come as a mapping, as a TypedDict or as keywords; values of a set come as a member or as its plain text."""

import json
import typing
from typing import Any

import pytest

from gke_nodrop import InputError, Namespace, Scope, WebService, WebServiceArgs, faults_of
from gke_nodrop.inputs.component import shape_of
from gke_nodrop.inputs.declared import Declared, fields_of, unwrapped
from gke_nodrop.provider.host import COMPONENTS
from tests.gke_nodrop.inputs.passing import PASSING
from tests.gke_nodrop.refusals import outcome

every = pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.__name__)


def registered(deployed: Any) -> list[Any]:
    made = deployed.registered
    return sorted((each.typ, each.name, json.dumps(each.inputs, sort_keys=True, default=str)) for each in made)


@every
def test_keywords_make_what_a_mapping_makes(deploy, component):
    args = PASSING[component.__name__]
    as_mapping = deploy(lambda: component("web", args) and None)
    as_keywords = deploy(lambda: component("web", **args) and None)
    assert registered(as_keywords) == registered(as_mapping)
    assert len(as_mapping.registered) > 1


def test_the_containers_args_and_the_namespaces_name_are_keywords_too(deploy):
    made = deploy(lambda: WebService("web", image="x", args=["--debug"]) and None)
    assert made.inputs("Deployment")["spec"]["template"]["spec"]["containers"][0]["args"] == ["--debug"]
    made = deploy(lambda: Namespace("web", name="shop") and None)
    assert made.inputs("Namespace")["metadata"]["name"] == "shop"


def test_a_typed_dict_is_a_mapping(deploy):
    args = WebServiceArgs(image="x", ingress={"scope": Scope.EXTERNAL})
    assert deploy(lambda: WebService("web", args) and None).inputs("Ingress")


def test_a_misspelt_keyword_is_named_with_the_nearest_one():
    wrong: Any = {"image": "x", "replica": 3}
    with pytest.raises(InputError) as raised:
        WebService("web", **wrong)
    (fault,) = raised.value.faults
    assert (fault.input, fault.would_pass) == ("replica", "replicas")


def test_what_a_component_would_refuse_can_be_asked_without_making_it():
    assert faults_of(WebService, "web", {"image": "x"}) == ()
    assert [fault.input for fault in faults_of(WebService, "web", {"image": "x", "replicas": 0})] == ["replicas"]


def choices(shape: type) -> typing.Iterator[tuple[str, Any, Declared]]:
    """Every input of an Enum, those inside of groups too."""
    for key, annotation in shape.__annotations__.items():
        each = fields_of(shape)[key]
        if hasattr(each.kind, "__members__"):
            yield f"{shape.__name__}.{key}", unwrapped(annotation)[0], each
        for part in (each, *each.parts):
            if typing.is_typeddict(part.kind):
                yield from choices(part.kind)


@every
def test_the_plain_texts_of_a_choice_are_the_values_of_its_members(component):
    for name, annotation, each in choices(shape_of(component)):
        texts = [text for member in typing.get_args(annotation) for text in typing.get_args(member)]
        assert texts == [member.value for member in each.kind], name


def test_there_are_choices():
    names = {name for component in COMPONENTS for name, _, _ in choices(shape_of(component))}
    assert {"RolloutArgs.on_term", "IngressSettingsArgs.scope", "WebServiceArgs.protocol"} <= names


def test_a_plain_text_becomes_the_member():
    assert outcome(WebService, {"image": "x", "ingress": {"scope": "external"}})["ingress"]["scope"] is Scope.EXTERNAL
