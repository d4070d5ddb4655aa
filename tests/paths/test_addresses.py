"""A static address serves one load balancer for each port."""

from typing import Any

import pytest

from nodrop.gke.ingresses import (
    ALLOW_HTTP,
    CLASS,
    GLOBAL_STATIC_ADDRESS,
    MANAGED_CERTIFICATES,
    PRE_SHARED_CERTIFICATES,
    REGIONAL_STATIC_ADDRESS,
)
from nodrop.paths import ProblemKind, resolve
from nodrop.paths.addresses import addresses_elsewhere
from nodrop.paths.fields import whole
from tests.paths.gateways import gateway

SHARED = {GLOBAL_STATIC_ADDRESS: "front"}
HTTPS_ALONE = {ALLOW_HTTP: "false", MANAGED_CERTIFICATES: "front"}


def ingress(name: str, annotations: dict[str, str], namespace: str = "demo", **spec: Any) -> dict[str, Any]:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name, "namespace": namespace, "annotations": annotations},
        "spec": {"defaultBackend": backend} | spec,
    }


def addressed(name: str, *values: str, port: int = 80, **spec: Any) -> dict[str, Any]:
    addresses = [{"type": "NamedAddress", "value": each} for each in values]
    return gateway(name, addresses=addresses, listeners=[{"name": "a", "protocol": "HTTP", "port": port}], **spec)


def taken(*entries: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Which object's field names an address that another has."""
    found = resolve(entries).problems
    return [(str(each.object), each.field) for each in found if "is the address of" in each.message]


GLOBAL_FIELD = f"metadata.annotations[{GLOBAL_STATIC_ADDRESS}]"


@pytest.mark.parametrize(
    ("second", "field"),
    [
        (ingress("b", SHARED), GLOBAL_FIELD),
        (ingress("b", SHARED | {PRE_SHARED_CERTIFICATES: "own"}), GLOBAL_FIELD),
        (addressed("b", "other", "front"), "spec.addresses[1].value"),
    ],
    ids=str,
)
def test_the_second_of_two_is_refused(second, field):
    assert taken(ingress("a", SHARED), second) == [(f"{second['kind']} demo/b", field)]
    [refused] = [each for each in resolve([ingress("a", SHARED), second]).problems if each.field == field]
    assert refused.kind is ProblemKind.REFUSED


def test_two_of_https_are_one_too_many():
    first, second = (ingress(name, SHARED | {ALLOW_HTTP: "false"}, tls=[{"secretName": "own"}]) for name in "ab")
    assert taken(first, second) == [("Ingress demo/b", GLOBAL_FIELD)]


def test_those_of_two_namespaces_may_be_of_two_projects():
    entries = [ingress("a", SHARED), ingress("a", SHARED, "other"), ingress("b", SHARED, "other")]
    assert taken(*entries) == [("Ingress other/b", GLOBAL_FIELD)]
    found = addresses_elsewhere(map(whole, entries))
    assert {str(one): {name: str(other) for name, other in of.items()} for one, of in found.items()} == {
        "Ingress demo/a": {"front": "Ingress other/a"},
        "Ingress other/a": {"front": "Ingress demo/a"},
        "Ingress other/b": {"front": "Ingress demo/a"},
    }
    assert addresses_elsewhere(map(whole, entries[1:])) == {}


def test_regional_gateways_and_ingresses_share_no_address_either():
    internal = ingress("a", {CLASS: "gce-internal", REGIONAL_STATIC_ADDRESS: "front"})
    assert taken(internal, addressed("b", "front", gatewayClassName="gke-l7-rilb"))
    assert taken(addressed("a", "front"), addressed("b", "front"))


@pytest.mark.parametrize(
    "second",
    [
        ingress("b", {GLOBAL_STATIC_ADDRESS: "other"}),
        ingress("b", {}),
        ingress("b", SHARED | HTTPS_ALONE),
        ingress("b", SHARED | {CLASS: "nginx"}),
        ingress("b", {CLASS: "gce-internal", REGIONAL_STATIC_ADDRESS: "front"}),
        ingress("b", {GLOBAL_STATIC_ADDRESS: "[unknown]"}),
        addressed("b", "front", port=8080),
        addressed("b", "front", gatewayClassName="gke-l7-rilb"),
        addressed("b", "front", gatewayClassName="istio"),
        addressed("b"),
    ],
    ids=str,
)
def test_what_is_another_address_port_or_controller_is_not_told(second):
    assert taken(ingress("a", SHARED), second) == []


def test_the_class_of_an_ingress_decides_whose_address_it_is():
    internal = {CLASS: "gce-internal"}
    one = ingress("one", internal | {REGIONAL_STATIC_ADDRESS: "front"})
    two = ingress("two", internal | {GLOBAL_STATIC_ADDRESS: "front"})
    assert taken(one, two) == [("Ingress demo/two", GLOBAL_FIELD)]
    assert not taken(ingress("one", {REGIONAL_STATIC_ADDRESS: "front"}), one | {"metadata": two["metadata"]})


def test_addresses_that_are_not_known_are_not_the_same():
    assert taken(*(ingress(name, {GLOBAL_STATIC_ADDRESS: "[unknown]"}) for name in "ab")) == []
