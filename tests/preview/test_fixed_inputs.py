"""Which changes of a cloud resource's inputs replace it, as the Terraform provider's source says."""

import pytest

from nodrop.preview.fixed_inputs import CLUSTER, NETWORK, NODE_POOL, SUBNETWORK, replaces

FIREWALL, ROUTER = "gcp:compute/firewall:Firewall", "gcp:compute/router:Router"
APIS = "enableK8sBetaApis.enabledApis"
DOMAIN = "dnsConfig.additiveVpcScopeDnsDomain"


@pytest.mark.parametrize(
    ("token", "path", "replaced"),
    [
        (CLUSTER, "ipAllocationPolicy.servicesSecondaryRangeName", True),
        (CLUSTER, "ipAllocationPolicy.stackType", False),
        (CLUSTER, "ipAllocationPolicy.additionalPodRangesConfig.podRangeNames[0]", False),
        (CLUSTER, "userManagedKeysConfig.clusterCa", True),
        (NODE_POOL, "nodeConfig.confidentialNodes.enabled", False),
        (NODE_POOL, "nodeConfig.confidentialNodes.confidentialInstanceType", True),
        (NODE_POOL, "networkConfig.additionalNodeNetworkConfigs[0].subnetwork", True),
        (NODE_POOL, "networkConfig.additionalNodeNetworkConfigs[0].stackType", False),
        (NODE_POOL, "placementPolicy.policyName", True),
        (NODE_POOL, "placementPolicy.tpuTopology", False),
        (SUBNETWORK, "description", True),
        (SUBNETWORK, "deletionPolicy", False),
        (NETWORK, "params.resourceManagerTags", True),
        (NETWORK, "routingMode", False),
        (FIREWALL, "params.resourceManagerTags", True),
        (FIREWALL, "network", False),
        (ROUTER, "params.resourceManagerTags", True),
    ],
)
def test_the_longer_of_two_paths_decides(token: str, path: str, replaced: bool) -> None:
    assert replaces(token, path, "old", "new") == replaced


@pytest.mark.parametrize(("old", "new", "replaced"), [(False, True, False), (True, False, True)])
def test_some_switches_of_a_cluster_can_only_be_switched_on(old: bool, new: bool, replaced: bool) -> None:
    assert replaces(CLUSTER, "enableL4IlbSubsetting", old, new) == replaced


@pytest.mark.parametrize(
    ("path", "was", "becomes", "replaced"),
    [
        (APIS, ["a", "b"], ["b"], True),
        (APIS, ["a"], ["b", "a"], False),
        (f"{APIS}[0]", "a", "b", True),
        ("enableK8sBetaApis", {"enabledApis": ["a"]}, None, True),
        ("enableK8sBetaApis", None, {"enabledApis": ["a"]}, False),
    ],
)
def test_a_beta_api_of_a_cluster_cannot_be_given_up(path: str, was: object, becomes: object, replaced: bool) -> None:
    assert replaces(CLUSTER, path, was, becomes) == replaced


@pytest.mark.parametrize(
    ("path", "replaced"),
    [("nodeConfig.oauthScopes", False), ("nodeConfig.soleTenantConfig.nodeAffinities[0].values", True)],
)
def test_the_order_of_a_set_replaces_nothing_and_that_of_a_list_does(path: str, replaced: bool) -> None:
    assert replaces(NODE_POOL, path, ["a", "b"], ["b", "a"]) == replaced


@pytest.mark.parametrize(
    ("path", "was", "becomes"),
    [
        (DOMAIN, "shop", "store"),
        ("dnsConfig", None, {"additiveVpcScopeDnsDomain": "shop"}),
        ("dnsConfig", {"additiveVpcScopeDnsDomain": "shop"}, None),
    ],
)
def test_an_autopilot_cluster_keeps_its_domain_and_a_standard_one_changes_it(
    path: str, was: object, becomes: object
) -> None:
    assert replaces(CLUSTER, path, was, becomes, autopilot=True)
    assert not replaces(CLUSTER, path, was, becomes)


def test_other_settings_of_dns_are_changed_in_place_on_either() -> None:
    for autopilot in (True, False):
        assert not replaces(CLUSTER, "dnsConfig.clusterDns", "CLOUD_DNS", "KUBE_DNS", autopilot=autopilot)
        assert not replaces(CLUSTER, "dnsConfig", None, {"clusterDns": "CLOUD_DNS"}, autopilot=autopilot)


@pytest.mark.parametrize("path", ["enableK8sBetaApis.enabledApis", "nodeConfig.oauthScopes"])
@pytest.mark.parametrize("entry", [1, None, {"secret": "x"}], ids=str)
def test_a_list_that_holds_something_else_than_strings_is_compared_too(path, entry):
    assert replaces(CLUSTER, path, ["a", entry], [entry])


def test_a_cluster_keeps_the_pods_of_a_node_that_are_no_longer_stated():
    path = "defaultMaxPodsPerNode"
    assert not replaces(CLUSTER, path, 32, None)
    assert replaces(CLUSTER, path, 32, 64)
    assert replaces(CLUSTER, path, None, 64)
