"""What a `NodePool` declares, and what it refuses, seen through mocks."""

from typing import Any

import pytest

from gke_nodrop import InputError, NodePool

KEY = "projects/my-project/locations/us-central1/keyRings/gke/cryptoKeys/disks"


def pool(deploy: Any, **more: Any) -> dict[str, Any]:
    args: Any = {"cluster": "c", "service_account": "s", **more}
    return deploy(lambda: NodePool("pool", args) and None).inputs("NodePool")


def refused(deploy: Any, **more: Any) -> dict[str, str]:
    with pytest.raises(InputError) as raised:
        pool(deploy, **more)
    return {each.input: each.would_pass for each in raised.value.faults}


def test_nodes_are_private_shielded_and_hide_the_instance_metadata(deploy):
    inputs = pool(deploy)
    assert inputs["networkConfig"] == {"enablePrivateNodes": True}
    config = inputs["nodeConfig"]
    assert config["shieldedInstanceConfig"] == {"enableSecureBoot": True, "enableIntegrityMonitoring": True}
    assert config["workloadMetadataConfig"] == {"mode": "GKE_METADATA"}
    assert config["imageType"] == "COS_CONTAINERD"
    assert config["kubeletConfig"] == {"insecureKubeletReadonlyPortEnabled": "FALSE"}
    assert not {"spot", "taints", "guestAccelerators", "gcfsConfig", "bootDiskKmsKey"} & config.keys()


def test_a_node_is_added_before_one_goes_and_zones_stay_even(deploy):
    inputs = pool(deploy)
    assert inputs["upgradeSettings"] == {"strategy": "SURGE", "maxSurge": 1, "maxUnavailable": 0}
    assert inputs["autoscaling"] == {"minNodeCount": 1, "maxNodeCount": 3, "locationPolicy": "BALANCED"}


def test_a_pool_that_goes_is_drained_as_disruption_budgets_allow(deploy):
    assert pool(deploy)["nodeDrainConfigs"] == [{"respectPdbDuringNodePoolDeletion": True}]


def test_blue_green_upgrades_are_rolled_out_in_batches_or_by_the_autoscaler(deploy):
    upgrades = {"strategy": "blue-green", "batch_nodes": 2, "batch_soak_seconds": 60}
    assert pool(deploy, upgrades=upgrades)["upgradeSettings"] == {
        "strategy": "BLUE_GREEN",
        "blueGreenSettings": {
            "nodePoolSoakDuration": "3600s",
            "standardRolloutPolicy": {"batchNodeCount": 2, "batchSoakDuration": "60s"},
        },
    }
    autoscaled = {"strategy": "autoscaled-blue-green", "pool_soak_seconds": 0}
    assert pool(deploy, upgrades=autoscaled)["upgradeSettings"] == {
        "strategy": "BLUE_GREEN",
        "blueGreenSettings": {
            "nodePoolSoakDuration": "0s",
            "autoscaledRolloutPolicy": {"waitForDrainDuration": "259200s"},
        },
    }


@pytest.mark.parametrize(
    ("upgrades", "wrong"),
    [
        ({"max_surge": 0}, "max_surge"),
        ({"batch_nodes": 2}, "batch_nodes"),
        ({"strategy": "blue-green", "max_surge": 2}, "max_surge"),
        ({"strategy": "autoscaled-blue-green", "batch_soak_seconds": 60}, "batch_soak_seconds"),
    ],
)
def test_an_upgrade_setting_that_can_have_no_effect_is_refused(deploy, upgrades, wrong):
    assert list(refused(deploy, upgrades=upgrades)) == [f"upgrades.{wrong}"]


def test_spot_nodes_are_tainted_and_come_from_where_there_are_some(deploy):
    inputs = pool(deploy, spot={})
    assert inputs["nodeConfig"]["spot"] is True
    assert inputs["nodeConfig"]["taints"] == [
        {"key": "cloud.google.com/gke-spot", "value": "true", "effect": "NO_SCHEDULE"}
    ]
    assert inputs["autoscaling"]["locationPolicy"] == "ANY"
    assert "shutdownGracePeriodSeconds" not in inputs["nodeConfig"]["kubeletConfig"]


def test_spot_nodes_can_leave_their_pods_more_time(deploy):
    kubelet = pool(deploy, spot={"shutdown_seconds": 120})["nodeConfig"]["kubeletConfig"]
    assert kubelet["shutdownGracePeriodSeconds"] == 120
    assert kubelet["shutdownGracePeriodCriticalPodsSeconds"] == 15


def test_taints_and_labels_are_those_that_are_given(deploy):
    taint = {"key": "example.com/role", "value": "batch", "effect": "PreferNoSchedule"}
    config = pool(deploy, taints=[taint], node_labels={"role": "batch"}, resource_labels={"team": "shop"})["nodeConfig"]
    assert config["taints"] == [{"key": "example.com/role", "value": "batch", "effect": "PREFER_NO_SCHEDULE"}]
    assert (config["labels"], config["resourceLabels"]) == ({"role": "batch"}, {"team": "shop"})


def test_a_taint_is_set_once(deploy):
    taint = {"key": "cloud.google.com/gke-spot", "value": "false"}
    assert list(refused(deploy, spot={}, taints=[taint])) == ["taints[0].key"]
    assert list(refused(deploy, taints=[taint, taint])) == ["taints[1].key"]


def test_images_are_streamed_and_disks_encrypted_where_that_is_asked_for(deploy):
    config = pool(deploy, image_streaming=True, disk={"key": KEY})["nodeConfig"]
    assert config["gcfsConfig"] == {"enabled": True}
    assert pool(deploy, image_streaming=False)["nodeConfig"]["gcfsConfig"] == {"enabled": False}
    assert "gcfsConfig" not in pool(deploy)["nodeConfig"]
    assert config["bootDiskKmsKey"] == KEY


@pytest.mark.parametrize(
    ("machine", "disk"),
    [("e2-standard-2", "pd-balanced"), ("c4a-standard-4", "hyperdisk-balanced"), ("t2a-standard-4", "pd-balanced")],
)
def test_the_boot_disk_is_one_that_the_machine_takes(deploy, machine, disk):
    assert pool(deploy, machine_type=machine)["nodeConfig"]["diskType"] == disk
    other = {"pd-balanced": "hyperdisk-balanced", "hyperdisk-balanced": "pd-ssd"}[disk]
    assert refused(deploy, machine_type=machine, disk={"type": other}) == {"disk.type": f'"{disk}"'}


def test_gpus_need_a_machine_that_has_them(deploy):
    assert refused(deploy, gpu={"type": "nvidia-l4"}) == {"machine_type": '"g2-standard-4"'}
    assert refused(deploy, gpu={"type": "nvidia-tesla-t4"}, machine_type="c4a-standard-4") == {
        "machine_type": '"n1-standard-4"'
    }
    config = pool(deploy, gpu={"type": "nvidia-l4", "count": 2}, machine_type="g2-standard-24")["nodeConfig"]
    assert config["guestAccelerators"] == [
        {"type": "nvidia-l4", "count": 2, "gpuDriverInstallationConfig": {"gpuDriverVersion": "DEFAULT"}}
    ]


def test_a_node_repairs_itself_and_upgrades(deploy):
    assert pool(deploy)["management"] == {"autoRepair": True, "autoUpgrade": True}
