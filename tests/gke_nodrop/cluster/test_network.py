"""What a `Network` declares: its ranges, given or planned, its way out and its way in, and whose project it is in."""

import json
from typing import Any

import pytest

from gke_nodrop import AutopilotCluster, InputError, Network, StandardCluster, load_balancer_ports
from gke_nodrop.cluster import nat
from tests.gke_nodrop.refusals import accepts, faults_of

REGION = {"region": "us-central1"}
PLAN = {"nodes": 20, "services": 100}


def network(deploy: Any, **args: Any) -> Any:
    whole: Any = {**REGION, **args}
    return deploy(lambda: {"explained": Network("net", whole).ranges_explained})


def subnets(deployed: Any) -> dict[str, Any]:
    return {each.name: each.inputs for each in deployed.registered if each.typ.endswith(":Subnetwork")}


def ranges(subnet: Any) -> dict[str, str]:
    secondary = {each["rangeName"]: each["ipCidrRange"] for each in subnet["secondaryIpRanges"]}
    return {"nodes": subnet["ipCidrRange"], **secondary}


def test_the_proxies_have_a_subnet_of_their_own_where_a_range_is_given(deploy):
    assert subnets(network(deploy)).keys() == {"net"}
    proxies = subnets(network(deploy, ranges={"proxies": "10.40.0.0/23"}))["net-proxies"]
    assert proxies == {
        "network": "net-id",
        "region": "us-central1",
        "ipCidrRange": "10.40.0.0/23",
        "purpose": "REGIONAL_MANAGED_PROXY",
        "role": "ACTIVE",
    }


def test_the_firewall_lets_load_balancers_and_proxies_in_and_nothing_else(deploy):
    deployed = network(deploy, ranges={"proxies": "10.40.0.0/23"}, load_balancer_ports=["8080", "9000-9010"])
    assert deployed.inputs("Firewall") == {
        "network": "net-id",
        "direction": "INGRESS",
        "sourceRanges": ["130.211.0.0/22", "35.191.0.0/16", "10.40.0.0/23"],
        "allows": [{"protocol": "tcp", "ports": ["8080", "9000-9010"]}],
    }


def test_the_firewalls_ports_are_found_in_the_inputs_of_the_services():
    web = {"image": "web", "health_check": {"path": "/"}}
    prices = {"image": "prices", "port": 8443, "health_check": {"port": 8081}}
    assert load_balancer_ports(web) == ["8080"]
    assert load_balancer_ports(prices, web, web) == ["8080", "8081", "8443"]


@pytest.mark.parametrize("given", ["10.40.0.0/27", "10.40.0.1/23", "10.40.0.0", "10.20.0.0/23"])
def test_a_range_that_is_too_small_none_or_taken_is_refused(deploy, given):
    with pytest.raises(InputError) as raised:
        network(deploy, ranges={"proxies": given})
    assert [fault.input for fault in raised.value.faults] == ["ranges.proxies"]


@pytest.mark.parametrize("given", ["127.0.0.0/16", "169.254.0.0/20", "199.36.153.0/24", "224.0.0.0/24"])
def test_a_range_that_google_prohibits_is_answered_with_one_that_is_free(deploy, given):
    found = faults_of(Network, {**REGION, "ranges": {"pods": given}})
    assert list(found) == ["ranges.pods"]
    assert accepts(Network, {**REGION, "ranges": {"pods": json.loads(found["ranges.pods"].would_pass)}})


def test_a_plan_becomes_ranges_without_a_change_where_the_pods_of_a_node_go_with_them(deploy):
    def program(**more: Any) -> None:
        made = Network("net", {"region": "us-central1", "nat_addresses": ["nat-1"], **more})
        StandardCluster("main", {"location": "us-central1", "network": made.cluster_network})

    def custom(deployed: Any) -> dict[tuple[str, str], Any]:
        return {(each.typ, each.name): each.inputs for each in deployed.registered if each.custom}

    planned = deploy(lambda: program(plan={**PLAN, "pods_per_node": 32}))
    stated = ranges(subnets(planned)["net"])
    assert custom(deploy(lambda: program(ranges=stated, pods_per_node=32))) == custom(planned)


@pytest.mark.parametrize(
    "more", [{"plan": PLAN, "pods_per_node": 32}, {"ranges": {"pods": "10.20.0.0/25"}, "pods_per_node": 110}]
)
def test_pods_of_a_node_are_told_once_and_fit_the_range(more):
    assert list(faults_of(Network, {**REGION, **more})) == ["pods_per_node"]


def test_planned_ranges_keep_away_from_what_is_taken_and_are_explained(deploy):
    deployed = network(deploy, plan={**PLAN, "taken": ["10.0.0.0/16"], "proxies": True})
    subnet = subnets(deployed)
    assert ranges(subnet["net"]) == {"pods": "10.1.0.0/18", "services": "10.1.66.0/24", "nodes": "10.1.67.0/26"}
    assert subnet["net-proxies"]["ipCidrRange"] == "10.1.64.0/23"
    assert deployed.inputs("Firewall")["sourceRanges"][-1] == "10.1.64.0/23"
    lines = deployed.exports["explained"].splitlines()
    assert lines[1].startswith("pods 10.1.0.0/18: 40 nodes, and 256 addresses on each for at most 110 pods")


def test_a_plan_keeps_away_from_the_range_of_proxies_that_stands_beside_it(deploy):
    planned = subnets(network(deploy, plan=PLAN, ranges={"proxies": "10.0.0.0/23"}))
    assert planned["net-proxies"]["ipCidrRange"] == "10.0.0.0/23"
    assert ranges(planned["net"])["pods"] == "10.0.64.0/18"


@pytest.mark.parametrize("kind", [StandardCluster, AutopilotCluster])
def test_a_dual_stack_network_gives_its_cluster_internal_ipv6_addresses_too(deploy, kind):
    def program(**more: Any) -> None:
        made = Network("net", {"region": "us-central1", **more})
        kind("main", {"location": "us-central1", "network": made.cluster_network})

    both, one = deploy(lambda: program(dual_stack=True)), deploy(lambda: program())
    assert both.inputs("Network")["enableUlaInternalIpv6"] is True
    assert {key: both.inputs("Subnetwork")[key] for key in ("stackType", "ipv6AccessType")} == {
        "stackType": "IPV4_IPV6",
        "ipv6AccessType": "INTERNAL",
    }
    assert both.inputs("Cluster")["ipAllocationPolicy"]["stackType"] == "IPV4_IPV6"
    assert both.inputs("Firewall") == one.inputs("Firewall")
    assert not {"stackType", "ipv6AccessType"} & one.inputs("Subnetwork").keys()
    assert "stackType" not in one.inputs("Cluster")["ipAllocationPolicy"]


def test_dual_stack_on_the_legacy_datapath_is_refused():
    network = {"network": "vpc", "subnetwork": "net", "pods_range": "pods", "services_range": "services"}
    given = {"location": "us-central1", "network": {**network, "dual_stack": True}, "datapath": "legacy"}
    assert list(faults_of(StandardCluster, given)) == ["datapath"]
    assert accepts(StandardCluster, {**given, "datapath": "dataplane-v2"})
    assert accepts(StandardCluster, {**given, "network": network})


def test_a_cluster_in_a_planned_network_has_nodes_of_as_many_pods_as_the_range_is_sized_for(deploy):
    def program() -> None:
        made = Network("net", {"region": "us-central1", "plan": {"nodes": 20, "services": 100, "pods_per_node": 32}})
        StandardCluster("main", {"location": "us-central1", "network": made.cluster_network})

    deployed = deploy(program)
    assert deployed.inputs("Cluster")["defaultMaxPodsPerNode"] == 32
    assert ranges(subnets(deployed)["net"])["pods"] == "10.0.0.0/20"
    assert deployed.inputs("RouterNat")["minPortsPerVm"] == 512


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"plan": PLAN, "ranges": {"nodes": "10.10.0.0/20"}}, "ranges.nodes"),
        ({"plan": {**PLAN, "proxies": True}, "ranges": {"proxies": "10.40.0.0/23"}}, "ranges.proxies"),
        ({"plan": {**PLAN, "within": "10.0.0.0/20"}}, "plan.within"),
        ({"plan": {"nodes": 20_000, "services": 1}}, "plan.nodes"),
        ({"plan": {"nodes": 1, "services": 40_000}}, "plan.services"),
        ({"plan": {"services": 1}}, "plan.nodes"),
        ({"plan": {"nodes": 100, "services": 1}, "nat_addresses": ["nat-1"]}, "nat_addresses"),
    ],
)
def test_what_cannot_be_planned_is_refused_with_what_would_do(deploy, given, wrong):
    found = faults_of(Network, {**REGION, **given})
    assert list(found) == [wrong]
    group, _, key = wrong.partition(".")
    if group == "plan" and key in given["plan"]:
        assert accepts(Network, {**REGION, "plan": {**given["plan"], key: json.loads(found[wrong].would_pass)}})
    if wrong == "nat_addresses":
        assert accepts(Network, {**REGION, **given, wrong: json.loads(found[wrong].would_pass)})


def test_the_smallest_range_that_would_do_is_named(deploy):
    found = faults_of(Network, {**REGION, "plan": {**PLAN, "within": "10.0.0.0/20"}})["plan.within"]
    assert "the smallest range that has, with nothing taken in it, is a /17" in found.rule
    assert found.would_pass == '"10.0.0.0/17"'


def test_nodes_go_out_with_ports_for_their_pods_and_take_more_as_they_need_them(deploy):
    out = network(deploy).inputs("RouterNat")
    assert out["natIpAllocateOption"] == "AUTO_ONLY"
    assert (out["enableDynamicPortAllocation"], out["enableEndpointIndependentMapping"]) == (True, False)
    assert (out["minPortsPerVm"], out["maxPortsPerVm"]) == (2048, 32768)
    assert out["logConfig"] == {"enable": True, "filter": "ERRORS_ONLY"}


@pytest.mark.parametrize("pods", [8, 32, 110, 256])
def test_ports_are_what_the_api_takes_for_any_number_of_pods(pods):
    least = nat.least_ports(pods)
    assert least >= 32
    assert least & (least - 1) == 0
    assert 16 * pods <= least < 32 * pods
    nodes = 500
    assert nat.addresses_for(nodes, pods) * (nat.PORTS_PER_ADDRESS // least) >= nodes


def test_given_addresses_are_those_that_nodes_go_out_from(deploy):
    out = network(deploy, nat_addresses=["nat-1", "nat-2"]).inputs("RouterNat")
    assert (out["natIpAllocateOption"], out["natIps"]) == ("MANUAL_ONLY", ["nat-1", "nat-2"])


def test_the_subnet_reaches_googles_apis_and_logs_a_tenth_of_its_flows(deploy):
    subnet = network(deploy).inputs("Subnetwork")
    assert subnet["privateIpGoogleAccess"] is True
    assert subnet["logConfig"]["flowSampling"] == 0.1
    assert network(deploy, flow_log_sample_rate=1).inputs("Subnetwork")["logConfig"]["flowSampling"] == 1
    assert "logConfig" not in network(deploy, flow_log_sample_rate=0).inputs("Subnetwork")


SHARED = {"host_project": "shop-network", "service_project_number": "123456789012"}
GKE = "serviceAccount:service-123456789012@container-engine-robot.iam.gserviceaccount.com"
APIS = "serviceAccount:123456789012@cloudservices.gserviceaccount.com"


def test_a_host_projects_network_is_there_as_a_whole_and_admits_the_other_projects_agents(deploy):
    deployed = network(deploy, shared_vpc=SHARED, ranges={"proxies": "10.40.0.0/23"})
    assert {each.inputs.get("project") for each in deployed.registered if each.custom} == {"shop-network"}
    members = [each.inputs for each in deployed.registered if "IAMMember" in each.typ]
    assert {(each["role"], each["member"], each.get("subnetwork")) for each in members} == {
        ("roles/compute.networkUser", GKE, "net-id"),
        ("roles/compute.networkUser", APIS, "net-id"),
        ("roles/container.hostServiceAgentUser", GKE, None),
    }
