"""What `Network` and the clusters declare, seen through mocks."""

import json
from typing import Any

import pulumi
import pytest

from gke_nodrop import AutopilotCluster, Datapath, Endpoint, InputError, Network, StandardCluster

NETWORK: Any = {"network": "vpc", "subnetwork": "subnet", "pods_range": "pods", "services_range": "services"}
OFFICE: Any = {"endpoint": Endpoint.IP, "authorized_networks": {"office": "203.0.113.0/24"}}


def standard(deploy: Any, **more: Any) -> Any:
    def program() -> dict[str, Any]:
        cluster = StandardCluster("main", {"location": "us-central1", "network": NETWORK, **more})
        return {"kubeconfig": cluster.kubeconfig, "service_account": cluster.node_service_account}

    return deploy(program)


def autopilot(deploy: Any, **more: Any) -> Any:
    def program() -> dict[str, Any]:
        cluster = AutopilotCluster("main", {"location": "us-central1", "network": NETWORK, **more})
        return {"kubeconfig": cluster.kubeconfig, "service_account": cluster.node_service_account}

    return deploy(program)


@pytest.mark.parametrize("made", [standard, autopilot])
def test_a_cluster_is_vpc_native_private_protected_and_has_workload_identity(deploy, made):
    cluster = made(deploy).inputs("Cluster")
    assert cluster["networkingMode"] == "VPC_NATIVE"
    assert cluster["ipAllocationPolicy"] == {
        "clusterSecondaryRangeName": "pods",
        "servicesSecondaryRangeName": "services",
    }
    assert cluster["privateClusterConfig"]["enablePrivateNodes"] is True
    assert cluster["workloadIdentityConfig"] == {"workloadPool": "the-project.svc.id.goog"}
    assert cluster["releaseChannel"] == {"channel": "REGULAR"}
    assert cluster["deletionProtection"] is True
    assert "name" not in cluster


@pytest.mark.parametrize("made", [standard, autopilot])
def test_a_clusters_nodes_run_as_an_account_of_their_own_with_one_role(deploy, made):
    deployed = made(deploy)
    account = deployed.exports["service_account"]
    assert account == "gke-nodes@the-project.iam.gserviceaccount.com"
    assert account in json.dumps(deployed.inputs("Cluster"))
    role = deployed.inputs("IAMMember")
    assert role["role"] == "roles/container.defaultNodeServiceAccount"
    assert role["project"] == "the-project"


def test_account_ids_are_short_enough_and_differ_between_long_names(deploy):
    ids = set()
    for name in ("a" * 32, "a" * 31):
        deployed = deploy(
            lambda name=name: AutopilotCluster(name, {"location": "us-central1", "network": NETWORK}) and None
        )
        ids.add(deployed.inputs("Account")["accountId"])
    assert len(ids) == 2
    assert all(6 <= len(each) <= 30 for each in ids)


@pytest.mark.parametrize("made", [standard, autopilot])
def test_the_control_plane_has_no_address_unless_one_is_asked_for(deploy, made):
    deployed = made(deploy)
    assert deployed.inputs("Cluster")["controlPlaneEndpointsConfig"] == {
        "dnsEndpointConfig": {"allowExternalTraffic": True},
        "ipEndpointsConfig": {"enabled": False},
    }
    (cluster,) = json.loads(deployed.exports["kubeconfig"])["clusters"]
    assert cluster["cluster"] == {"server": "https://gke-1.us-central1.gke.goog"}


@pytest.mark.parametrize("made", [standard, autopilot])
def test_an_address_admits_the_authorized_networks_only(deploy, made):
    deployed = made(deploy, access=OFFICE)
    cluster = deployed.inputs("Cluster")
    assert cluster["masterAuthorizedNetworksConfig"] == {
        "cidrBlocks": [{"displayName": "office", "cidrBlock": "203.0.113.0/24"}],
        "gcpPublicCidrsAccessEnabled": False,
    }
    assert cluster["privateClusterConfig"]["enablePrivateEndpoint"] is False
    (entry,) = json.loads(deployed.exports["kubeconfig"])["clusters"]
    assert entry["cluster"] == {"server": "https://203.0.113.8", "certificate-authority-data": "Q0E="}


def test_the_kubeconfig_asks_gcloud_for_a_token_instead_of_holding_one(deploy):
    (user,) = json.loads(standard(deploy).exports["kubeconfig"])["users"]
    assert user["user"]["exec"]["command"] == "gke-gcloud-auth-plugin"
    assert user["user"].keys() == {"exec"}


def test_a_standard_cluster_keeps_no_nodes_of_its_own(deploy):
    cluster = standard(deploy).inputs("Cluster")
    assert cluster["removeDefaultNodePool"] is True
    assert "enableAutopilot" not in cluster


@pytest.mark.parametrize(
    ("datapath", "provider"), [({}, "ADVANCED_DATAPATH"), ({"datapath": Datapath.LEGACY}, "LEGACY_DATAPATH")]
)
def test_the_datapath_is_dataplane_v2_unless_kube_proxy_is_wanted(deploy, datapath, provider):
    assert standard(deploy, **datapath).inputs("Cluster")["datapathProvider"] == provider


def test_an_autopilot_cluster_leaves_nodes_to_gke(deploy):
    cluster = autopilot(deploy).inputs("Cluster")
    assert cluster["enableAutopilot"] is True
    assert not {"nodeConfig", "initialNodeCount", "datapathProvider"} & cluster.keys()


def test_the_network_lets_load_balancers_in_and_private_nodes_out(deploy):
    args: Any = {"region": "us-central1", "load_balancer_ports": ["9090"]}
    deployed = deploy(lambda: Network("net", args) and None)
    firewall = deployed.inputs("Firewall")
    assert firewall["sourceRanges"] == ["130.211.0.0/22", "35.191.0.0/16"]
    assert firewall["allows"] == [{"protocol": "tcp", "ports": ["9090"]}]
    assert deployed.inputs("RouterNat")["sourceSubnetworkIpRangesToNat"] == "ALL_SUBNETWORKS_ALL_IP_RANGES"
    subnet = deployed.inputs("Subnetwork")
    assert [(each["rangeName"], each["ipCidrRange"]) for each in subnet["secondaryIpRanges"]] == [
        ("pods", "10.20.0.0/16"),
        ("services", "10.30.0.0/20"),
    ]


def test_a_network_is_what_a_cluster_takes(deploy):
    def program() -> None:
        network = Network("net", {"region": "us-central1"})
        AutopilotCluster("main", {"location": "us-central1", "network": network.cluster_network})

    cluster = deploy(program).inputs("Cluster")
    assert (cluster["network"], cluster["subnetwork"]) == ("net-id", "net-id")


def test_a_network_policy_is_enforced_on_either_datapath(deploy):
    legacy = standard(deploy, datapath="legacy").inputs("Cluster")
    assert legacy["networkPolicy"] == {"enabled": True, "provider": "CALICO"}
    assert legacy["addonsConfig"]["networkPolicyConfig"] == {"disabled": False}
    dataplane_v2 = standard(deploy).inputs("Cluster")
    assert dataplane_v2["datapathProvider"] == "ADVANCED_DATAPATH"
    assert dataplane_v2["networkPolicy"] == {"enabled": False}  # Calico's, which Dataplane V2 needs not


def test_a_standard_cluster_has_the_gateway_api(deploy):
    assert standard(deploy).inputs("Cluster")["gatewayApiConfig"] == {"channel": "CHANNEL_STANDARD"}


def test_zones_are_all_zones_of_the_nodes_and_the_provider_gets_those_beside_the_clusters_own(deploy):
    zones = ["us-central1-b", "us-central1-c"]
    assert standard(deploy, zones=zones).inputs("Cluster")["nodeLocations"] == zones
    assert standard(deploy, location="us-central1-b", zones=zones).inputs("Cluster")["nodeLocations"] == zones[1:]
    late = standard(deploy, location=pulumi.Output.from_input("us-central1-c"), zones=zones)
    assert late.inputs("Cluster")["nodeLocations"] == zones[:1]
    assert "nodeLocations" not in standard(deploy, location="us-central1-b").inputs("Cluster")


def test_zones_without_that_of_the_cluster_are_refused(deploy):
    with pytest.raises(InputError) as raised:
        standard(deploy, location="us-central1-a", zones=["us-central1-b", "us-central1-c"])
    (fault,) = raised.value.faults
    assert (fault.input, fault.would_pass) == ("zones", '["us-central1-a", "us-central1-b"]')
    assert standard(deploy, location="us-central1-a", zones=json.loads(fault.would_pass))
