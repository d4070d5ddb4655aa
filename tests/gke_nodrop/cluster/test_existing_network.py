"""What an `ExistingNetwork` makes in a network that exists, and what it says must be there."""

from typing import Any

import pytest

from gke_nodrop import AutopilotCluster, ExistingNetwork
from tests.gke_nodrop.cluster.test_network import APIS, GKE, SHARED
from tests.gke_nodrop.refusals import faults_of

VPC = "projects/shop-network/global/networks/shop"
SUBNET = "projects/shop-network/regions/us-central1/subnetworks/shop"
GIVEN: Any = {"network": VPC, "subnetwork": SUBNET, "pods_range": "pods", "services_range": "services"}


def existing(deploy: Any, **more: Any) -> Any:
    return deploy(lambda: {"needs": ExistingNetwork("shared", {**GIVEN, **more}).needs})


def test_a_network_of_this_project_gets_the_firewall_rule_and_nothing_else(deploy):
    deployed = existing(deploy, proxies_range="10.40.0.0/23", load_balancer_ports=["9090"])
    assert deployed.kinds() == ["ExistingNetwork", "Firewall"]
    assert deployed.inputs("Firewall") == {
        "network": VPC,
        "direction": "INGRESS",
        "sourceRanges": ["130.211.0.0/22", "35.191.0.0/16", "10.40.0.0/23"],
        "allows": [{"protocol": "tcp", "ports": ["9090"]}],
    }
    assert deployed.exports["needs"] == []


def test_nothing_is_changed_in_a_host_project_and_what_it_needs_is_said(deploy):
    deployed = existing(deploy, shared_vpc=SHARED, load_balancer_ports=["8080", "9090"])
    assert deployed.kinds() == ["ExistingNetwork"]
    assert deployed.exports["needs"] == [
        f"roles/compute.networkUser on subnetwork {SUBNET} for {GKE}",
        f"roles/compute.networkUser on subnetwork {SUBNET} for {APIS}",
        f"roles/container.hostServiceAgentUser on project shop-network for {GKE}",
        f"a firewall rule of network {VPC} that admits TCP ports 8080, 9090 from 130.211.0.0/22, 35.191.0.0/16",
    ]


def test_a_host_project_is_changed_where_that_is_chosen(deploy):
    deployed = existing(deploy, shared_vpc=SHARED, changes_network=True)
    assert {each.inputs["project"] for each in deployed.registered if each.custom} == {"shop-network"}
    granted = {
        (each.inputs["role"], each.inputs["member"], each.inputs.get("subnetwork"))
        for each in deployed.registered
        if "IAMMember" in each.typ
    }
    assert granted == {
        ("roles/compute.networkUser", GKE, SUBNET),
        ("roles/compute.networkUser", APIS, SUBNET),
        ("roles/container.hostServiceAgentUser", GKE, None),
    }
    assert deployed.inputs("Firewall")["network"] == VPC
    assert deployed.exports["needs"] == []


def test_a_firewall_rule_of_ones_own_is_said_too_where_nothing_may_be_changed(deploy):
    deployed = existing(deploy, changes_network=False)
    assert deployed.kinds() == ["ExistingNetwork"]
    assert [each.partition(" of ")[0] for each in deployed.exports["needs"]] == ["a firewall rule"]


def test_a_cluster_stands_in_it_with_the_pods_per_node_that_its_range_is_sized_for(deploy):
    def program() -> None:
        network = ExistingNetwork("shared", {**GIVEN, "pods_per_node": 32, "dual_stack": True})
        assert network.cluster_network == {**GIVEN, "pods_per_node": 32, "dual_stack": True}
        AutopilotCluster("main", {"location": "us-central1", "network": network.cluster_network})

    cluster = deploy(program).inputs("Cluster")
    assert (cluster["network"], cluster["subnetwork"]) == (VPC, SUBNET)
    assert "defaultMaxPodsPerNode" not in cluster  # Autopilot decides
    assert cluster["ipAllocationPolicy"]["stackType"] == "IPV4_IPV6"


def test_a_legacy_network_is_refused_with_gkes_own_error_and_the_cure(deploy):
    found = faults_of(ExistingNetwork, {key: value for key, value in GIVEN.items() if key != "subnetwork"})
    assert list(found) == ["subnetwork"]
    assert "IP aliases cannot be used with a legacy network" in found["subnetwork"].rule
    assert "make a network with a subnet" in found["subnetwork"].rule


@pytest.mark.parametrize("number", ["shop", "0123456", "12"])
def test_a_project_is_named_by_its_number_where_its_agents_are(deploy, number):
    found = faults_of(ExistingNetwork, {**GIVEN, "shared_vpc": {**SHARED, "service_project_number": number}})
    assert list(found) == ["shared_vpc.service_project_number"]
