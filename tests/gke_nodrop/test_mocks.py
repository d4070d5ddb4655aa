"""Mocks for users' tests: they answer all that the components read."""

import asyncio
import contextvars
from collections.abc import Iterator
from typing import Any

import pulumi
import pulumi_gcp as gcp
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
