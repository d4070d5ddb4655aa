"""Mistakes that people make are answered with a cure, whatever was given."""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from gke_nodrop import Ingress, InputError, Namespace, Network, NodePool, StandardCluster, WebService
from tests.gke_nodrop.inputs.passing import PASSING
from tests.gke_nodrop.refusals import faults_of

HALF = "\ud800"
"""Half of a surrogate pair, which no UTF-8 text has."""


class Unshowable:
    def __repr__(self) -> str:
        raise RuntimeError("no repr")


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


def faults_in_a_program(deploy: Any, program: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def body() -> None:
        with pytest.raises(InputError) as raised:
            program()
        found.update({fault.input: fault for fault in raised.value.faults})

    deploy(body)
    return found


def test_a_component_in_place_of_its_id_is_answered_with_the_attribute(deploy):
    def program() -> None:
        network = Network("net", region="us-central1")
        wrong: Any = {"location": "us-central1", "network": network}
        StandardCluster("main", wrong)

    fault = faults_in_a_program(deploy, program)["network"]
    assert fault.value == "a Network"
    assert fault.would_pass == "its attribute cluster_network, such as network.cluster_network"

    def pool() -> None:
        network = Network("net", region="us-central1")
        cluster = StandardCluster("main", location="us-central1", network=network.cluster_network)
        wrong: Any = {"cluster": cluster, "service_account": cluster}
        NodePool("main", wrong)

    found = faults_in_a_program(deploy, pool)
    assert found["cluster"].would_pass == "its attribute cluster_id, such as cluster.cluster_id"
    assert "not the resource itself" in found["cluster"].rule
    assert "node_service_account" in found["service_account"].would_pass


@pytest.mark.parametrize("kind", [Namespace, k8s.core.v1.Namespace])
def test_a_namespace_in_place_of_its_name_is_answered_with_the_attribute(deploy, kind):
    def program() -> None:
        wrong: Any = {"namespace": kind("shop"), "default_service": "web"}
        Ingress("front", wrong)

    expected = "namespace.name" if kind is Namespace else "namespace.metadata.name"
    assert faults_in_a_program(deploy, program)["namespace"].would_pass.endswith(f"such as {expected}")


def test_options_in_place_of_inputs_are_told_where_they_belong():
    options: Any = pulumi.ResourceOptions()
    assert "opts=options" in faults_of(WebService, options)["args"].would_pass


@pytest.mark.parametrize("opts", [{}, "x", [pulumi.ResourceOptions()]])
def test_what_are_no_options_are_refused_as_such(opts):
    with pytest.raises(InputError) as raised:
        WebService("web", {"image": "x"}, opts)
    assert [fault.input for fault in raised.value.faults] == ["opts"]


@pytest.mark.parametrize(
    "value", [nested(1000), nested(100_000), Unshowable(), [Unshowable()], {"a": Unshowable()}, HALF, object()]
)
def test_whatever_stands_in_place_of_a_text_is_a_fault_that_can_be_printed(value):
    for args in (value, {"image": value}, {"image": "x", "env": {"A": value}}, {"image": "x", "command": [value]}):
        for fault in faults_of(WebService, args).values():
            assert str(fault).encode()
            assert len(fault.value) < 120
        assert faults_of(WebService, args)


@pytest.mark.parametrize("key", [HALF, Unshowable(), 5, ("a",), "a\nb"])
def test_whatever_stands_in_place_of_a_key_is_a_fault_that_can_be_printed(key):
    for args in ({"image": "x", key: 1}, {"image": "x", "env": {key: "x"}}):
        (fault,) = faults_of(WebService, args).values()
        assert str(fault).encode()
        assert "\n" not in str(fault)


@pytest.mark.parametrize("name", [["a"], {"a": 1}, None, 5, HALF, Unshowable(), pulumi.ResourceOptions()])
@pytest.mark.parametrize("component", [WebService, StandardCluster, Namespace])
def test_whatever_stands_in_place_of_the_name_is_a_fault_beside_the_others(component, name):
    with pytest.raises(InputError) as raised:
        component(name, {**PASSING[component.__name__], "nonsense": 1})
    assert {fault.input for fault in raised.value.faults} == {"name", "nonsense"}
    assert str(raised.value).encode()
