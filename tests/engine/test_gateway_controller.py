"""What GKE's Gateway controller does to a Gateway, its routes and their Services, as far as the stand-in knows it."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from harness.cloud import ADDRESS, Cloud
from harness.gateway_controller import GATEWAY, HTTP_ROUTE, GatewayController
from harness.ingress_controller import SVCNEG, IngressController
from harness.kubelet import Kubelet
from harness.manifests import ZONES, gateway, http_route, ingress, pod, service
from harness.waiting import always, until
from nodrop.gke.services import NEG_STATUS
from nodrop.lab.kubernetes.gate import GATE
from nodrop.lab.kubernetes.rest import ApiError, Client, Object

pytestmark = pytest.mark.engine
PLAIN: dict[str, str] = {}


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def negs(client: Client, kubelet: Kubelet, namespace: str, cloud: Cloud) -> Iterator[IngressController]:
    negs = IngressController(client, cloud, network="network", cluster=namespace)
    negs.namespaces = {namespace}
    negs.collection_period_seconds = 0.2
    negs.start()
    yield negs
    negs.stop()
    assert not negs.errors


@pytest.fixture
def controller(client: Client, negs: IngressController, namespace: str, cloud: Cloud) -> Iterator[GatewayController]:
    controller = GatewayController(client, cloud, network="network", cluster=namespace)
    controller.namespaces = {namespace}
    controller.start()
    yield controller
    controller.stop()
    assert not controller.errors


@pytest.fixture
def served(client: Client, namespace: str, controller: GatewayController) -> str:
    """A Namespace with Service, Gateway and HTTPRoute that are in the load balancer."""
    client.create(service(namespace, annotations=PLAIN))
    client.create(gateway(namespace))
    client.create(http_route(namespace))
    until(lambda: reconciled(client, namespace))
    return namespace


def test_a_gateway_has_its_address_without_routes(
    client: Client, namespace: str, controller: GatewayController
) -> None:
    created = client.create(gateway(namespace))
    until(lambda: address(client, namespace))
    conditions = read(client, GATEWAY, namespace)["status"]["conditions"]
    assert {(one["type"], one["status"], one["observedGeneration"]) for one in conditions} == {
        ("Accepted", "True", created["metadata"]["generation"]),
        ("Programmed", "True", created["metadata"]["generation"]),
    }


def test_a_reserved_address_is_taken_by_name_once_it_is_there(
    client: Client, namespace: str, controller: GatewayController, cloud: Cloud
) -> None:
    client.create(gateway(namespace, address="reserved"))
    assert always(lambda: not address(client, namespace), seconds=1)
    reserved = cloud.create(ADDRESS, "projects/test/global/addresses/reserved", {})
    assert until(lambda: address(client, namespace)) == reserved.address


def test_another_controllers_gateway_is_left_alone(
    client: Client, namespace: str, controller: GatewayController, cloud: Cloud
) -> None:
    other = gateway(namespace)
    other["spec"]["gatewayClassName"] = "istio"
    client.create(other)
    assert always(lambda: not address(client, namespace) and not cloud.firewalls, seconds=1)


def test_a_route_is_reconciled_once_the_negs_of_its_services_exist(
    client: Client, namespace: str, controller: GatewayController, negs: IngressController, cloud: Cloud
) -> None:
    negs.neg_seconds = 3600
    client.create(service(namespace, annotations=PLAIN))
    client.create(gateway(namespace))
    client.create(http_route(namespace))
    until(lambda: conditions(client, namespace).get("ResolvedRefs") == ("True", 1))
    assert always(lambda: not reconciled(client, namespace), seconds=1)
    negs.neg_seconds = 0
    until(lambda: reconciled(client, namespace))
    assert sorted(zone for _, zone in cloud.negs) == sorted(ZONES)


def test_a_route_to_a_missing_service_is_not_reconciled(
    client: Client, namespace: str, controller: GatewayController
) -> None:
    client.create(gateway(namespace))
    client.create(http_route(namespace))
    until(lambda: conditions(client, namespace).get("ResolvedRefs") == ("False", 1))
    assert not reconciled(client, namespace)


def test_conditions_are_those_of_the_present_version(
    client: Client, served: str, controller: GatewayController
) -> None:
    controller.route_seconds = 3600
    change = {"spec": http_route(served, web=9)["spec"]}
    changed = client.patch(*HTTP_ROUTE, "web", served, change)
    assert changed["metadata"]["generation"] == 2
    until(lambda: conditions(client, served)["ResolvedRefs"] == ("True", 2))
    assert "Reconciled" not in conditions(client, served)


def test_a_pod_created_after_the_route_is_reconciled_has_the_gate(client: Client, served: str) -> None:
    assert gates(client.create(pod(served))) == [GATE]
    until(lambda: ready(client, served))


def test_a_pod_created_before_the_route_has_no_gate(
    client: Client, namespace: str, controller: GatewayController
) -> None:
    client.create(service(namespace, annotations=PLAIN))
    client.create(gateway(namespace))
    until(lambda: address(client, namespace))
    assert gates(client.create(pod(namespace))) == []


def test_a_service_without_a_share_has_its_neg_and_its_pods_the_gate(
    client: Client, served: str, controller: GatewayController
) -> None:
    canary = service(served, annotations=PLAIN)
    canary["metadata"]["name"], canary["spec"]["selector"] = "canary", {"app": "canary"}
    client.create(canary)
    client.patch(*HTTP_ROUTE, "web", served, {"spec": http_route(served, web=1, canary=0)["spec"]})
    until(lambda: reconciled(client, served, generation=2))
    own = pod(served)
    own["metadata"]["labels"] = {"app": "canary"}
    assert gates(client.create(own)) == [GATE]


def test_a_service_keeps_what_its_user_exposed_and_loses_what_the_controller_did(
    client: Client, namespace: str, controller: GatewayController
) -> None:
    given = service(namespace, annotations={"cloud.google.com/neg": '{"ingress": true, "exposed_ports": {"81": {}}}'})
    given["spec"]["ports"].append({"name": "more", "port": 81})
    client.create(given)
    client.create(gateway(namespace))
    client.create(http_route(namespace))
    until(lambda: reconciled(client, namespace))
    assert exposed(client, namespace) == {"80", "81"}
    client.delete(*HTTP_ROUTE, "web", namespace)
    until(lambda: exposed(client, namespace) == {"81"})


def test_a_service_behind_both_has_one_neg_a_zone(
    client: Client, namespace: str, controller: GatewayController, cloud: Cloud
) -> None:
    client.create(service(namespace))
    client.create(ingress(namespace))
    client.create(gateway(namespace))
    client.create(http_route(namespace))
    until(lambda: reconciled(client, namespace))
    assert len(cloud.negs) == len(ZONES)
    client.delete(*HTTP_ROUTE, "web", namespace)
    client.delete(*GATEWAY, "web", namespace)
    until(lambda: not client.find(*GATEWAY, "web", namespace))
    assert always(lambda: len(cloud.negs) == len(ZONES), seconds=1)


def test_a_gateway_stays_until_its_balancer_is_gone_and_its_negs_are_collected(
    client: Client, served: str, controller: GatewayController, cloud: Cloud
) -> None:
    controller.delete_blocked = True
    client.delete(*HTTP_ROUTE, "web", served)
    client.delete(*GATEWAY, "web", served)
    assert always(lambda: client.find(*GATEWAY, "web", served) and cloud.firewalls, seconds=1)
    controller.delete_blocked = False
    until(lambda: not client.find(*GATEWAY, "web", served))
    until(lambda: not cloud.negs and not client.list(*SVCNEG, served))
    until(lambda: not cloud.firewalls)
    assert NEG_STATUS not in client.get("v1", "Service", "web", served)["metadata"].get("annotations", {})


def rule(**fields: Any) -> Object:
    changed = http_route("default")
    changed["spec"]["rules"] = [{**changed["spec"]["rules"][0], **fields}]
    return changed


def policy(kind: str, **default: Any) -> Object:
    target = {"group": "", "kind": "Service", "name": "web"}
    metadata = {"name": "web", "namespace": "default"}
    spec = {"targetRef": target, "default": default}
    return {"apiVersion": "networking.gke.io/v1", "kind": kind, "metadata": metadata, "spec": spec}


HTTPS: Object = {"name": "https", "protocol": "HTTPS", "port": 443}
RIGHT = {
    "gateway": gateway("default"),
    "route": http_route("default"),
    "gateway policy": policy("GCPGatewayPolicy", sslPolicy="modern", allowGlobalAccess=True),
    "backend policy": policy("GCPBackendPolicy", timeoutSec=30, logging={"enabled": True, "sampleRate": 1000000}),
    "check": policy(
        "HealthCheckPolicy", config={"type": "HTTP", "httpHealthCheck": {"requestPath": "/ready/"}}, timeoutSec=5
    ),
    "port without its specification": policy(
        "HealthCheckPolicy", config={"type": "GRPC", "grpcHealthCheck": {"port": 50051}}
    ),
}
WRONG = {
    "certificates of a listener": deepcopy(RIGHT["gateway"]),
    "weight": rule(backendRefs=[{"name": "web", "port": 80, "weight": -1}]),
    "no port": rule(backendRefs=[{"name": "web"}]),
    "redirect with backends": rule(filters=[{"type": "RequestRedirect", "requestRedirect": {"scheme": "https"}}]),
    "path": rule(matches=[{"path": {"type": "Exact", "value": "/a/../b"}}]),
    "draining": policy("GCPBackendPolicy", connectionDraining={"drainingTimeoutSec": 3601}),
    "timeout beyond interval": policy("HealthCheckPolicy", timeoutSec=6),
    "check of another type": policy("HealthCheckPolicy", config={"type": "HTTP", "tcpHealthCheck": {}}),
    "port with another specification": policy(
        "HealthCheckPolicy",
        config={"type": "GRPC", "grpcHealthCheck": {"port": 50051, "portSpecification": "USE_SERVING_PORT"}},
    ),
    "fixed port without a port": policy(
        "HealthCheckPolicy", config={"type": "GRPC", "grpcHealthCheck": {"portSpecification": "USE_FIXED_PORT"}}
    ),
}
WRONG["certificates of a listener"]["spec"]["listeners"] = [{**HTTPS, "tls": {"mode": "Terminate"}}]


@pytest.mark.parametrize("case", RIGHT)
def test_right_objects_are_taken(client: Client, case: str) -> None:
    assert client.create(RIGHT[case], dry_run=True)


@pytest.mark.parametrize("case", WRONG)
def test_wrong_objects_are_refused(client: Client, case: str) -> None:
    with pytest.raises(ApiError) as refused:
        client.create(WRONG[case], dry_run=True)
    assert refused.value.status == 422


def read(client: Client, kind: tuple[str, str], namespace: str) -> Object:
    return client.get(*kind, "web", namespace)


def address(client: Client, namespace: str) -> str:
    addresses = read(client, GATEWAY, namespace).get("status", {}).get("addresses", [])
    return next((one["value"] for one in addresses), "")


def conditions(client: Client, namespace: str) -> dict[str, tuple[str, int]]:
    """Of the route: status and the version that it is of, by type."""
    parents = read(client, HTTP_ROUTE, namespace).get("status", {}).get("parents", [])
    return {one["type"]: (one["status"], one["observedGeneration"]) for each in parents for one in each["conditions"]}


def reconciled(client: Client, namespace: str, generation: int = 1) -> bool:
    return conditions(client, namespace).get("Reconciled") == ("True", generation)


def exposed(client: Client, namespace: str) -> set[str]:
    annotations = client.get("v1", "Service", "web", namespace)["metadata"]["annotations"]
    return set(json.loads(annotations["cloud.google.com/neg"]).get("exposed_ports", {}))


def gates(present: Object) -> list[str]:
    return [one["conditionType"] for one in present["spec"].get("readinessGates", [])]


def ready(client: Client, namespace: str) -> bool:
    found = client.get("v1", "Pod", "web", namespace).get("status", {}).get("conditions", [])
    return any(one["type"] == "Ready" and one["status"] == "True" for one in found)
