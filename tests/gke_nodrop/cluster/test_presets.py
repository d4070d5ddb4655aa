"""The presets are plain data, alike line by line, and pass as inputs of the clusters and of node pools."""

import json
from typing import Any

import pytest

from gke_nodrop import AutopilotCluster, NodePool, StandardCluster
from gke_nodrop.cluster import presets

NETWORK: Any = {"network": "vpc", "subnetwork": "subnet", "pods_range": "pods", "services_range": "services"}
EACH = pytest.mark.parametrize("preset", [presets.DEV, presets.PRODUCTION], ids=["dev", "production"])


def test_they_state_the_same_inputs():
    assert presets.DEV.keys() == presets.PRODUCTION.keys() == {"cluster", "node_pool"}
    assert presets.DEV["cluster"].keys() == presets.PRODUCTION["cluster"].keys()
    assert presets.DEV["node_pool"].keys() == presets.PRODUCTION["node_pool"].keys()


@EACH
def test_they_are_plain_data(preset):
    assert json.loads(json.dumps(preset)) == preset


@EACH
@pytest.mark.parametrize("component", [StandardCluster, AutopilotCluster])
def test_they_pass_for_either_kind_of_cluster(deploy, preset, component):
    place: Any = {"location": "us-central1", "network": NETWORK}
    cluster = deploy(lambda: component("main", {**preset["cluster"], **place}) and None).inputs("Cluster")
    assert cluster["deletionProtection"] is preset["cluster"]["deletion_protection"]
    assert cluster["releaseChannel"]["channel"] == preset["cluster"]["upgrades"]["release_channel"].upper()


@EACH
def test_they_pass_for_a_pool_that_never_lacks_a_node(deploy, preset):
    args: Any = {**preset["node_pool"], "cluster": "c", "service_account": "s"}
    pool = deploy(lambda: NodePool("main", args) and None).inputs("NodePool")
    assert pool["nodeConfig"]["machineType"] == preset["node_pool"]["machine_type"]
    assert pool["upgradeSettings"] == {"strategy": "SURGE", "maxSurge": 1, "maxUnavailable": 0}
