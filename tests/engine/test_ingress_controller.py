"""What GKE's controllers do to a service's objects, and what they leave behind, as far as the stand-in knows it."""

from collections.abc import Iterator

import pytest

from harness.cloud import ADDRESS, Cloud
from harness.faults import CloudError
from harness.ingress_controller import SVCNEG, IngressController
from harness.kubelet import Kubelet
from harness.manifests import ZONES, deployment, ingress, pod, service
from harness.waiting import always, until
from nodrop.lab.kubernetes.gate import GATE
from nodrop.lab.kubernetes.rest import Client, Object

pytestmark = pytest.mark.engine
INTERNAL = {"kubernetes.io/ingress.class": "gce-internal"}


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def controller(client: Client, kubelet: Kubelet, namespace: str, cloud: Cloud) -> Iterator[IngressController]:
    controller = IngressController(client, cloud, network="network", cluster=namespace)
    controller.namespaces = {namespace}
    controller.collection_period_seconds = 0.2
    controller.start()
    yield controller
    controller.stop()
    assert not controller.errors


@pytest.fixture
def served(client: Client, namespace: str, controller: IngressController) -> str:
    """A Namespace with Service and Ingress whose backends exist."""
    client.create(service(namespace))
    client.create(ingress(namespace))
    until(lambda: address(client, namespace))
    return namespace


def test_an_ingress_has_its_address_once_the_negs_exist(
    client: Client, namespace: str, controller: IngressController, cloud: Cloud
) -> None:
    controller.neg_seconds = 3600
    client.create(service(namespace))
    client.create(ingress(namespace))
    assert always(lambda: not address(client, namespace), seconds=1.5)
    controller.neg_seconds = 0
    until(lambda: address(client, namespace))
    assert sorted(zone for _, zone in cloud.negs) == sorted(ZONES)


def test_an_ingress_whose_service_is_missing_has_no_address(
    client: Client, namespace: str, controller: IngressController
) -> None:
    client.create(ingress(namespace))
    assert always(lambda: not address(client, namespace), seconds=1.5)


def test_a_reserved_address_is_taken_by_name(
    client: Client, namespace: str, controller: IngressController, cloud: Cloud
) -> None:
    reserved = cloud.create(ADDRESS, "projects/test/global/addresses/reserved", {})
    client.create(service(namespace))
    client.create(ingress(namespace, annotations={"kubernetes.io/ingress.global-static-ip-name": "reserved"}))
    assert until(lambda: address(client, namespace)) == reserved.address


def test_a_pod_created_after_service_and_ingress_has_the_gate(client: Client, served: str) -> None:
    assert gates(client.create(pod(served))) == [GATE]


def test_a_pod_created_before_the_ingress_has_no_gate(
    client: Client, namespace: str, controller: IngressController
) -> None:
    client.create(service(namespace))
    created = client.create(pod(namespace))
    client.create(ingress(namespace))
    until(lambda: address(client, namespace))
    assert gates(created) == []


def test_a_pod_created_before_the_service_has_no_gate(
    client: Client, namespace: str, controller: IngressController
) -> None:
    assert gates(client.create(pod(namespace))) == []


def test_a_pod_that_the_service_does_not_select_has_no_gate(client: Client, served: str) -> None:
    other = pod(served)
    other["metadata"]["labels"] = {"app": "other"}
    assert gates(client.create(other)) == []


def test_a_gate_in_the_template_is_not_doubled(client: Client, served: str) -> None:
    own = pod(served)
    own["spec"]["readinessGates"] = [{"conditionType": GATE}, {"conditionType": "example.com/other"}]
    assert gates(client.create(own)) == [GATE, "example.com/other"]


def test_the_gate_is_added_to_gates_of_the_templates_own(client: Client, served: str) -> None:
    own = pod(served)
    own["spec"]["readinessGates"] = [{"conditionType": "example.com/other"}]
    assert gates(client.create(own)) == ["example.com/other", GATE]


def test_a_deployment_behind_the_balancer_becomes_available(
    client: Client, served: str, controller: IngressController
) -> None:
    client.create(deployment(served))
    until(lambda: client.get("apps/v1", "Deployment", "web", served).get("status", {}).get("availableReplicas") == 2)
    assert {reason(one) for one in client.list("v1", "Pod", served)} == {"LoadBalancerNegReady"}


def test_a_pod_is_not_ready_until_the_balancer_finds_it_healthy(
    client: Client, served: str, controller: IngressController
) -> None:
    controller.healthy_seconds = 3600
    client.create(pod(served))
    until(lambda: condition(client.get("v1", "Pod", "web", served), "ContainersReady"))
    assert condition(client.get("v1", "Pod", "web", served), "Ready") is False
    controller.healthy_seconds = 0
    until(lambda: condition(client.get("v1", "Pod", "web", served), "Ready"))


def test_a_gate_opens_by_the_timeout_though_no_balancer_finds_the_pod_healthy(
    client: Client, served: str, controller: IngressController
) -> None:
    controller.never_healthy, controller.healthy_seconds = True, 0
    client.create(pod(served))
    until(lambda: condition(client.get("v1", "Pod", "web", served), "ContainersReady"))
    assert always(lambda: reason(client.get("v1", "Pod", "web", served)) == "LoadBalancerNegNotReady", seconds=1)
    controller.unready_timeout_seconds = 0
    until(lambda: condition(client.get("v1", "Pod", "web", served), "Ready"))
    assert reason(client.get("v1", "Pod", "web", served)) == "LoadBalancerNegTimeout"


def test_a_gate_of_the_templates_own_opens_where_no_neg_holds_the_pod(
    client: Client, namespace: str, controller: IngressController
) -> None:
    own = pod(namespace)
    own["spec"]["readinessGates"] = [{"conditionType": GATE}]
    client.create(own)
    assert until(lambda: reason(client.get("v1", "Pod", "web", namespace))) == "LoadBalancerNegReady"


def test_an_ingress_stays_until_its_balancer_is_gone(
    client: Client, served: str, controller: IngressController, cloud: Cloud
) -> None:
    controller.ingress_delete_blocked = True
    delete(client, served, "Ingress")
    assert always(lambda: client.find("networking.k8s.io/v1", "Ingress", "web", served) and cloud.negs, seconds=1)
    controller.ingress_delete_blocked = False
    until(lambda: not client.find("networking.k8s.io/v1", "Ingress", "web", served))


def test_the_namespace_stays_until_its_negs_are_collected(
    client: Client, served: str, controller: IngressController, cloud: Cloud
) -> None:
    controller.collection_blocked = True
    delete(client, served, "Ingress")
    delete(client, served, "Service")
    until(lambda: not client.find("v1", "Service", "web", served))
    client.delete("v1", "Namespace", served)
    until(lambda: "networking.gke.io/neg-finalizer" in blocks(client, served))
    assert cloud.negs
    controller.collection_blocked = False
    until(lambda: not client.find("v1", "Namespace", served))
    assert not cloud.negs


def refuse(name: str, zone: str) -> None:
    raise CloudError("in use")


def test_an_svcneg_stays_while_the_cloud_refuses_to_delete_its_neg(
    client: Client, served: str, controller: IngressController, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloud, "delete_neg", refuse)
    delete(client, served, "Ingress")
    until(lambda: controller.errors)
    assert client.list(*SVCNEG, served)
    monkeypatch.undo()
    until(lambda: not client.list(*SVCNEG, served))
    controller.errors.clear()


def test_the_negs_of_a_service_that_no_ingress_refers_to_are_collected(
    client: Client, served: str, controller: IngressController, cloud: Cloud
) -> None:
    delete(client, served, "Ingress")
    until(lambda: not cloud.negs)
    until(lambda: not client.list(*SVCNEG, served))
    assert "cloud.google.com/neg-status" not in client.get("v1", "Service", "web", served)["metadata"]["annotations"]


def test_an_svcneg_is_the_services_without_blocking_its_deletion(client: Client, served: str) -> None:
    (svcneg,) = client.list(*SVCNEG, served)
    (owner,) = svcneg["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["blockOwnerDeletion"]) == ("Service", "web", False)


def test_the_firewall_rule_goes_some_time_after_the_last_ingress(
    client: Client, served: str, controller: IngressController, cloud: Cloud
) -> None:
    controller.firewall_delete_seconds = 2.0
    delete(client, served, "Ingress")
    until(lambda: not client.find("networking.k8s.io/v1", "Ingress", "web", served))
    assert set(cloud.firewalls) == {controller.firewall_name}
    until(lambda: not cloud.firewalls)


def test_a_firewall_rule_can_be_left_behind(
    client: Client, served: str, controller: IngressController, cloud: Cloud
) -> None:
    controller.leaves_firewall, controller.firewall_delete_seconds = True, 0.0
    delete(client, served, "Ingress")
    until(lambda: not cloud.negs)
    assert always(lambda: cloud.firewalls, seconds=1)


@pytest.mark.parametrize("leaves", [False, True])
def test_a_service_without_negs_has_instance_groups_which_may_be_left_behind(
    client: Client, namespace: str, controller: IngressController, cloud: Cloud, leaves: bool
) -> None:
    controller.leaves_instance_groups = leaves
    client.create(service(namespace, annotations={}, kind="NodePort"))
    client.create(ingress(namespace))
    until(lambda: address(client, namespace))
    assert (sorted(zone for _, zone in cloud.instance_groups), cloud.negs) == (sorted(ZONES), {})
    delete(client, namespace, "Ingress")
    until(lambda: not cloud.firewalls)
    assert bool(cloud.instance_groups) == leaves


def test_an_external_ingress_without_default_backend_makes_instance_groups(
    client: Client, namespace: str, controller: IngressController, cloud: Cloud
) -> None:
    client.create(service(namespace))
    client.create(ingress(namespace, default_backend=False))
    until(lambda: address(client, namespace))
    assert cloud.instance_groups


def test_an_internal_ingress_without_default_backend_makes_a_neg_for_kube_system(
    client: Client, namespace: str, controller: IngressController, cloud: Cloud
) -> None:
    client.create(service(namespace))
    client.create(ingress(namespace, annotations=INTERNAL, default_backend=False))
    until(lambda: address(client, namespace))
    assert not cloud.instance_groups
    own = f"k8s1-{controller.instance_group_name.rpartition('-')[2]}-"
    (svcneg,) = [one for one in client.list(*SVCNEG, "kube-system") if one["metadata"]["name"].startswith(own)]
    assert len(cloud.negs) == 2 * len(ZONES)
    delete(client, namespace, "Ingress")
    until(lambda: not client.find(*SVCNEG, svcneg["metadata"]["name"], "kube-system"))


def address(client: Client, namespace: str) -> str:
    status = client.get("networking.k8s.io/v1", "Ingress", "web", namespace).get("status", {})
    return next((one["ip"] for one in status.get("loadBalancer", {}).get("ingress", [])), "")


def blocks(client: Client, namespace: str) -> str:
    conditions = client.get("v1", "Namespace", namespace)["status"].get("conditions", [])
    return " ".join(one["message"] for one in conditions if one["status"] == "True")


def condition(present: Object, kind: str) -> bool | None:
    found = [one["status"] == "True" for one in present.get("status", {}).get("conditions", []) if one["type"] == kind]
    return found[0] if found else None


def delete(client: Client, namespace: str, kind: str) -> None:
    client.delete("v1" if kind == "Service" else "networking.k8s.io/v1", kind, "web", namespace)


def gates(present: Object) -> list[str]:
    return [one["conditionType"] for one in present["spec"].get("readinessGates", [])]


def reason(present: Object) -> str:
    found = [one["reason"] for one in present.get("status", {}).get("conditions", []) if one["type"] == GATE]
    return found[0] if found else ""
