"""Mocks for users' tests: they answer all that the components read."""

import asyncio
import contextvars
from collections.abc import Iterator
from typing import Any

import pulumi
import pulumi_gcp as gcp
import pulumi_kubernetes as k8s
import pytest

from gke_nodrop import AutopilotCluster, Network, StandardCluster, WebService
from gke_nodrop.mocks import Mocks


@pytest.fixture(autouse=True)
def loop() -> Iterator[None]:
    """An event loop, as a thread's first test would find it."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


def outputs_of(program: Any, mocks: Mocks) -> dict[str, Any]:
    """What the outputs that a program returns come to."""
    found: dict[str, Any] = {}

    @pulumi.runtime.test
    def body() -> pulumi.Output[None]:
        return pulumi.Output.all(**program()).apply(found.update)

    def run() -> None:
        pulumi.runtime.set_mocks(mocks, project="shop", stack="test")
        body()

    contextvars.copy_context().run(run)
    return found


def test_a_service_has_an_address_behind_an_ingress_and_a_gateway():
    def program() -> dict[str, Any]:
        ingress = WebService("web", {"image": "shop/web:1"})
        gateway = WebService("api", {"image": "shop/api:1", "gateway": {}})
        return {"ingress": ingress.url, "gateway": gateway.url}

    assert outputs_of(program, Mocks()) == {"ingress": "http://203.0.113.7/", "gateway": "http://203.0.113.7/"}


def test_a_cluster_has_its_outputs():
    def program() -> dict[str, Any]:
        network = Network("net", {"region": "us-central1"})
        standard = StandardCluster("standard", {"location": "us-central1", "network": network.cluster_network})
        autopilot = AutopilotCluster("auto", {"location": "us-central1", "network": network.cluster_network})
        return {"id": standard.cluster_id, "kubeconfig": autopilot.kubeconfig, "network": network.network_id}

    found = outputs_of(program, Mocks())
    assert found["id"] == "standard-id"
    assert found["network"] == "net-id"
    assert "gke-1.us-central1.gke.goog" in found["kubeconfig"] or "203.0.113.8" in found["kubeconfig"]


def test_objects_that_pulumi_names_have_a_name():
    mocks = Mocks()
    outputs_of(lambda: {"url": WebService("web", {"image": "shop/web:1", "secret_env": {"A": "b"}}).url}, mocks)
    (deployment,) = [each for each in mocks.registered if each.typ == "kubernetes:apps/v1:Deployment"]
    env = deployment.inputs["spec"]["template"]["spec"]["containers"][0]["env"]
    (secret,) = [each for each in mocks.registered if each.typ == "kubernetes:core/v1:Secret"]
    assert {"name": secret.name, "key": "A"} in [
        each["valueFrom"].get("secretKeyRef") for each in env if "valueFrom" in each
    ]


def test_attributes_of_resources_are_taken_as_inputs():
    """Outputs are checked once they are known, and in a test they are known at once."""

    def program() -> dict[str, Any]:
        account = gcp.serviceaccount.Account("pods", account_id="web-pods")
        key = gcp.kms.CryptoKey("etcd", key_ring="ring")
        topic = gcp.pubsub.Topic("upgrades")
        nat = gcp.compute.Address("nat", region="us-central1")
        space = k8s.core.v1.Namespace("shop")
        network = Network("net", {"region": "us-central1", "nat_addresses": [nat.self_link]})
        cluster = AutopilotCluster(
            "main",
            {
                "location": "us-central1",
                "network": network.cluster_network,
                "security": {"secrets_key": key.id},
                "upgrades": {"notifications": topic.id},
            },
        )
        web = WebService(
            "web",
            {
                "image": "shop/web:1",
                "existing_namespace": space.metadata["name"],
                "workload_identity": {"service_account": account.email},
            },
        )
        return {"cluster": cluster.cluster_id, "url": web.url}

    assert outputs_of(program, Mocks()) == {"cluster": "main-id", "url": "http://203.0.113.7/"}


def test_answers_of_your_own_come_before_those_of_the_mocks():
    mocks = Mocks({"gcp:compute/globalAddress:GlobalAddress": {"address": "198.51.100.1"}})
    found = outputs_of(lambda: {"url": WebService("web", {"image": "shop/web:1"}).url}, mocks)
    assert found == {"url": "http://198.51.100.1/"}


def test_what_is_registered_can_be_looked_at():
    mocks = Mocks()
    outputs_of(lambda: {"url": WebService("web", {"image": "shop/web:1", "replicas": 5}).url}, mocks)
    (deployment,) = [each for each in mocks.registered if each.typ == "kubernetes:apps/v1:Deployment"]
    assert (deployment.name, deployment.inputs["spec"]["replicas"]) == ("web", 5)


def test_a_function_gets_its_result_and_without_one_is_named():
    def program() -> dict[str, Any]:
        return {"number": gcp.organizations.get_project_output().number}

    token = "gcp:organizations/getProject:getProject"
    assert outputs_of(program, Mocks(calls={token: {"number": "7"}})) == {"number": "7"}
    with pytest.raises(Exception, match=rf"{token} would ask the cloud: give its result"):
        outputs_of(program, Mocks())
