"""The stand-in for pulumi-gcp refuses what the classes do not know, replaces as GCP does, fails where it is told."""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import pytest
from pulumi import _types

from harness.cloud import CLUSTER, NETWORK, NODE_POOL, PROJECT, SUBNETWORK, Cloud
from harness.driver import Driver, FailedButKeptError, Kept, RefusedError, urn
from harness.gcp_provider import GcpProvider
from harness.gcp_table import KINDS
from harness.gcp_types import args_class, kind_of
from harness.wire import UNKNOWN, Object, Secret
from nodrop.preview.fixed_inputs import FIXED

REGION = "us-central1"
ADDRESS, FIREWALL = "gcp:compute/globalAddress:GlobalAddress", "gcp:compute/firewall:Firewall"
ACCOUNT = "gcp:serviceaccount/account:Account"


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def driver(cloud: Cloud) -> Iterator[Driver]:
    driver = Driver(GcpProvider(cloud), {"project": PROJECT, "region": REGION})
    yield driver
    driver.stop()


@pytest.fixture
def network(driver: Driver) -> Kept:
    return driver.create(urn(NETWORK), {"autoCreateSubnetworks": False})


@pytest.fixture
def subnetwork(driver: Driver, network: Kept) -> Kept:
    return driver.create(urn(SUBNETWORK), {"network": network.id, "ipCidrRange": "10.0.0.0/20"})


@pytest.fixture
def cluster(driver: Driver, subnetwork: Kept) -> Kept:
    return driver.create(urn(CLUSTER), cluster_inputs(subnetwork))


def cluster_inputs(subnetwork: Kept, **more: object) -> Object:
    place = {"network": subnetwork.inputs["network"], "subnetwork": subnetwork.id, "location": REGION}
    return {**place, "deletionProtection": False, "nodeConfig": {"machineType": "e2-medium"}, **more}


def pool_inputs(cluster: Kept, **config: object) -> Object:
    return {"cluster": cluster.id, "nodeConfig": {"machineType": "e2-standard-2", "spot": False, **config}}


class TestInputs:
    @pytest.mark.parametrize(
        ("token", "given", "fault"),
        [
            (NETWORK, {"autoCreateSubnetwork": False}, "unknown property 'autoCreateSubnetwork'"),
            (NETWORK, {"mtu": "1460"}, "mtu: expected int, got str"),
            (SUBNETWORK, {"ipCidrRange": "10.0.0.0/20"}, "missing required property 'network'"),
            (FIREWALL, {"network": "n", "allows": [{"port": ["80"]}]}, r"allows\[0\].port: unknown property 'port'"),
            (FIREWALL, {"network": "n", "allows": [{"ports": ["80"]}]}, "missing required property 'protocol'"),
            (CLUSTER, {"privateClusterConfig": {"enablePrivateNodes": "yes"}}, "expected bool, got str"),
            (CLUSTER, {"addonsConfig": []}, "expected an object, got list"),
        ],
    )
    def test_wrong_input_is_refused(self, driver: Driver, token: str, given: Object, fault: str) -> None:
        with pytest.raises(RefusedError, match=fault):
            driver.check(urn(token), given)

    def test_unknown_and_secret_values_pass(self, driver: Driver) -> None:
        driver.check(urn(SUBNETWORK), {"network": UNKNOWN, "ipCidrRange": Secret("10.0.0.0/20")})

    def test_resource_that_the_sdk_lacks_is_refused(self, driver: Driver) -> None:
        with pytest.raises(RefusedError, match="pulumi-gcp has no resource gcp:compute/networx:Networx"):
            driver.check(urn("gcp:compute/networx:Networx"), {})

    def test_resource_that_the_table_lacks_is_refused(self, driver: Driver) -> None:
        with pytest.raises(RefusedError, match="knows no resource gcp:compute/disk:Disk"):
            driver.check(urn("gcp:compute/disk:Disk"), {})

    @pytest.mark.parametrize("token", KINDS)
    def test_table_names_properties_that_the_sdk_has(self, token: str) -> None:
        listed = (*FIXED[token].replaces, *FIXED[token].keeps)
        assert [path for path in listed if not is_input(args_class(token), path.split("."))] == []

    def test_table_says_which_version_it_is_for(self) -> None:
        assert version("pulumi-gcp").startswith("10.")


def is_input(shape: Any, path: list[str]) -> bool:
    """Whether a class of inputs has a property, through nested classes and lists of them."""
    first, *rest = path
    found = _types.input_type_types(shape).get(first)
    return found is not None and (not rest or is_input(bottom(found), rest))


def bottom(kind: Any) -> Any:
    """The type at the bottom of Input, Optional and list."""
    element, container = kind_of(kind)
    return bottom(element) if container is list else element


class TestNames:
    def test_nameless_resource_is_named_after_itself(self, network: Kept) -> None:
        prefix, _, suffix = network.inputs["name"].partition("-")
        assert (prefix, len(suffix)) == ("web", 7)

    def test_name_once_made_is_kept(self, driver: Driver, network: Kept) -> None:
        assert driver.check(urn(NETWORK, "other"), {}, network.inputs)["name"] == network.inputs["name"]

    def test_service_account_is_not_named(self, driver: Driver) -> None:
        assert "name" not in driver.check(urn(ACCOUNT), {"accountId": "nodes"})

    def test_taken_name_is_an_error(self, driver: Driver) -> None:
        driver.create(urn(NETWORK), {"name": "web"})
        with pytest.raises(RefusedError, match="alreadyExists"):
            driver.create(urn(NETWORK), {"name": "web"})


class TestChanges:
    @pytest.mark.parametrize(
        ("given", "replaces"),
        [
            ({"nodeConfig": {"machineType": "e2-standard-4"}}, []),
            ({"nodeConfig": {"machineType": "e2-medium", "spot": True}}, ["nodeConfig.spot"]),
            ({"location": "europe-west1"}, ["location"]),
            ({"datapathProvider": "ADVANCED_DATAPATH"}, ["datapathProvider"]),
            ({"ipAllocationPolicy": {"clusterSecondaryRangeName": "pods"}}, ["ipAllocationPolicy"]),
            ({"releaseChannel": {"channel": "STABLE"}}, []),
            ({"nodeLocations": ["us-central1-a"]}, []),
            ({"network": UNKNOWN}, ["network"]),
        ],
    )
    def test_cluster(self, driver: Driver, cluster: Kept, subnetwork: Kept, given: Object, replaces: list[str]) -> None:
        found = driver.diff(cluster, cluster_inputs(subnetwork, **given))
        assert found.diffs
        assert list(found.replaces) == replaces

    @pytest.mark.parametrize(
        ("config", "replaces"),
        [
            ({"machineType": "e2-standard-4"}, []),
            ({"diskSizeGb": 100}, []),
            ({"serviceAccount": "a@b"}, ["nodeConfig.serviceAccount"]),
            ({"shieldedInstanceConfig": {"enableSecureBoot": True}}, ["nodeConfig.shieldedInstanceConfig"]),
        ],
    )
    def test_node_pool(self, driver: Driver, cluster: Kept, config: Object, replaces: list[str]) -> None:
        pool = driver.create(urn(NODE_POOL), pool_inputs(cluster))
        assert list(driver.diff(pool, pool_inputs(cluster, **config)).replaces) == replaces

    @pytest.mark.parametrize(("cidr", "replaces"), [("10.0.0.0/16", []), ("10.0.0.0/24", ["ipCidrRange"])])
    def test_subnetwork_grows_in_place_only(
        self, driver: Driver, subnetwork: Kept, cidr: str, replaces: list[str]
    ) -> None:
        found = driver.diff(subnetwork, {"network": subnetwork.inputs["network"], "ipCidrRange": cidr})
        assert (list(found.diffs), list(found.replaces)) == (["ipCidrRange"], replaces)

    def test_only_labels_of_an_address_change_in_place(self, driver: Driver) -> None:
        address = driver.create(urn(ADDRESS), {})
        assert list(driver.diff(address, {"labels": {"a": "b"}, "addressType": "EXTERNAL"}).replaces) == ["addressType"]

    def test_nothing_changed(self, driver: Driver, cluster: Kept, subnetwork: Kept) -> None:
        assert not driver.diff(cluster, cluster_inputs(subnetwork)).diffs

    @pytest.mark.parametrize(("name", "first"), [({"name": "web"}, True), ({}, False)])
    def test_fixed_name_means_deletion_before_replacement(self, driver: Driver, name: Object, first: bool) -> None:
        address = driver.create(urn(ADDRESS), name)
        assert driver.diff(address, {**name, "description": "other"}).deleteBeforeReplace is first


class TestOperations:
    def test_preview_knows_inputs_and_nothing_else(self, driver: Driver, cloud: Cloud) -> None:
        planned = driver.create(urn(ADDRESS), {"name": "web"}, preview=True)
        assert (planned.id, planned.outputs["name"], planned.outputs["address"]) == ("", "web", UNKNOWN)
        assert not cloud.resources

    def test_update_is_planned_with_what_is_known(self, driver: Driver, cluster: Kept, subnetwork: Kept) -> None:
        changed = cluster_inputs(subnetwork, releaseChannel={"channel": "STABLE"})
        planned = driver.update(cluster, changed, preview=True)
        assert planned.outputs["endpoint"] == cluster.outputs["endpoint"]

    def test_outputs_are_computed(self, cluster: Kept) -> None:
        assert cluster.id == f"projects/{PROJECT}/locations/{REGION}/clusters/{cluster.inputs['name']}"
        assert cluster.outputs["selfLink"].endswith(cluster.id)
        assert cluster.outputs["masterAuth"]["clientKey"] == Secret("")

    def test_secret_inputs_are_secret_outputs(self, driver: Driver) -> None:
        assert driver.create(urn(NETWORK), {"description": Secret("x")}).outputs["description"] == Secret("x")

    def test_drift_is_found(self, driver: Driver, cloud: Cloud, subnetwork: Kept) -> None:
        cloud.resources[subnetwork.id].properties["ipCidrRange"] = "10.0.0.0/16"
        refreshed = driver.read(subnetwork)
        assert refreshed
        assert refreshed.inputs["ipCidrRange"] == "10.0.0.0/16"

    def test_what_is_gone_is_found_gone(self, driver: Driver, cloud: Cloud, network: Kept) -> None:
        del cloud.resources[network.id]
        assert driver.read(network) is None

    def test_missing_network_is_an_error(self, driver: Driver) -> None:
        with pytest.raises(RefusedError, match="notFound"):
            driver.create(urn(SUBNETWORK), {"network": "projects/x/global/networks/y", "ipCidrRange": "10.0.0.0/20"})


class TestDeletion:
    def test_network_with_a_subnetwork_stays(self, driver: Driver, network: Kept, subnetwork: Kept) -> None:
        with pytest.raises(RefusedError, match=f"used by '{subnetwork.id}', resourceInUseByAnotherResource"):
            driver.delete(network)

    @pytest.mark.parametrize("made", ["neg", "instance_group"])
    def test_network_with_what_controllers_made_in_zones_stays(
        self, driver: Driver, cloud: Cloud, network: Kept, made: str
    ) -> None:
        getattr(cloud, f"add_{made}")("k8s1-x", "us-central1-b", network.id)
        with pytest.raises(RefusedError, match="resourceInUseByAnotherResource"):
            driver.delete(network)
        getattr(cloud, f"delete_{made}")("k8s1-x", "us-central1-b")
        driver.delete(network)
        assert cloud.is_empty()

    def test_network_with_a_controllers_firewall_rule_stays(self, driver: Driver, cloud: Cloud, network: Kept) -> None:
        cloud.add_firewall("k8s-fw-l7--x", network.id)
        with pytest.raises(RefusedError, match="used by 'projects/test-project/global/firewalls/k8s-fw-l7--x'"):
            driver.delete(network)

    def test_protected_cluster_stays(self, driver: Driver, cluster: Kept, subnetwork: Kept) -> None:
        protected = driver.update(cluster, cluster_inputs(subnetwork, deletionProtection=True))
        with pytest.raises(RefusedError, match="deletion_protection is set to true"):
            driver.delete(protected)

    def test_node_pools_go_with_their_cluster(self, driver: Driver, cloud: Cloud, cluster: Kept) -> None:
        driver.create(urn(NODE_POOL), pool_inputs(cluster))
        driver.delete(cluster)
        assert cloud.of_type(NODE_POOL) == []


class TestFaults:
    def test_told_failure_happens_as_often_as_told(self, driver: Driver, cloud: Cloud) -> None:
        cloud.fail(NETWORK, "create", "QUOTA_EXCEEDED", times=1)
        with pytest.raises(RefusedError, match="Error creating web: QUOTA_EXCEEDED"):
            driver.create(urn(NETWORK), {"name": "web"})
        assert driver.create(urn(NETWORK), {"name": "web"}).id

    def test_node_pool_that_fails_half_way_is_kept_and_the_next_update_heals_it(
        self, driver: Driver, cloud: Cloud, cluster: Kept
    ) -> None:
        cloud.fail(NODE_POOL, "create", "GCE_STOCKOUT", half_way=True)
        with pytest.raises(FailedButKeptError, match="GCE_STOCKOUT") as failed:
            driver.create(urn(NODE_POOL), pool_inputs(cluster))
        kept = failed.value.kept
        assert cloud.resources[kept.id].status == "ERROR"
        driver.update(kept, pool_inputs(cluster))
        assert cloud.resources[kept.id].status == "RUNNING"

    def test_cluster_that_fails_half_way_is_cleaned_up(self, driver: Driver, cloud: Cloud, subnetwork: Kept) -> None:
        cloud.fail(CLUSTER, "create", half_way=True)
        with pytest.raises(RefusedError, match="QUOTA_EXCEEDED"):
            driver.create(urn(CLUSTER), cluster_inputs(subnetwork))
        assert cloud.of_type(CLUSTER) == []

    @pytest.mark.parametrize("operation", ["read", "update", "delete"])
    def test_every_operation_can_fail(self, driver: Driver, cloud: Cloud, network: Kept, operation: str) -> None:
        cloud.fail(NETWORK, operation, "backendError")
        arguments = (network, {"mtu": 1500}) if operation == "update" else (network,)
        with pytest.raises(RefusedError, match="backendError"):
            getattr(driver, operation)(*arguments)
