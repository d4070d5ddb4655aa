"""Volumes that old and new pods cannot mount at a time: claims by their access modes, and disks."""

from copy import deepcopy

import pytest

from nodrop.judge import Verdict, judge
from tests.judge.edits import POD, Edit, claim, edited
from tests.judge.on_call_edits import CLAIM, DISK
from tests.judge.resources import deployment, rules_of_objects, together


def claimed(*modes):
    return [*edited(Edit(f"{POD}.volumes", CLAIM)), claim(accessModes=[*modes])]


@pytest.mark.parametrize(
    ("modes", "verdict"),
    [
        (["ReadWriteOncePod"], Verdict.DROPS),
        (["ReadWriteOnce"], Verdict.AT_RISK),
        (["ReadWriteOnce", "ReadOnlyMany"], Verdict.AT_RISK),
        (["ReadWriteOnce", "ReadWriteMany"], Verdict.CLEAN),
        (["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany"], Verdict.CLEAN),
        (["ReadOnlyMany"], Verdict.CLEAN),
    ],
)
def test_a_claim_that_old_and_new_pods_cannot_share_is_told(modes, verdict):
    objects = claimed(*modes)
    assert judge(objects).verdict == verdict
    assert rules_of_objects(objects) == (set() if verdict == Verdict.CLEAN else {"surge-mounts-its-volumes"})


def test_a_claim_of_one_node_drops_where_pods_must_not_share_a_node():
    objects = claimed("ReadWriteOnce")
    apart = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "web"}}}
    affinity = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [apart]}}
    deployment(objects)["spec"]["template"]["spec"]["affinity"] = affinity
    assert judge(objects).verdict == Verdict.DROPS


def test_a_claim_of_one_node_is_shared_by_pods_that_are_bound_to_it():
    objects = claimed("ReadWriteOnce")
    deployment(objects)["spec"]["template"]["spec"]["nodeName"] = "node-1"
    assert "surge-mounts-its-volumes" not in rules_of_objects(objects)


@pytest.mark.parametrize(
    ("affinity", "told"),
    [
        (together("kubernetes.io/hostname", app="web"), False),
        (together("kubernetes.io/hostname", app="cache"), True),
        (together("topology.kubernetes.io/zone", app="web"), True),
    ],
)
@pytest.mark.parametrize("objects", [claimed("ReadWriteOnce"), edited(Edit(f"{POD}.volumes", DISK))])
def test_a_volume_of_one_node_is_shared_by_pods_that_require_each_others_node(objects, affinity, told):
    objects = deepcopy(objects)
    deployment(objects)["spec"]["template"]["spec"]["affinity"] = affinity
    assert ("surge-mounts-its-volumes" in rules_of_objects(objects)) == told


def test_a_claim_whose_mode_is_no_mode_is_told_as_that_alone():
    assert rules_of_objects(claimed("ReadWriteMay")) == {"object-is-accepted"}


@pytest.mark.parametrize("mode", ["[unknown]", "[secret]"])
def test_a_claim_whose_mode_is_not_known_is_not_judged(mode):
    [path] = judge(claimed(mode)).paths
    assert path.verdict == Verdict.NOT_JUDGED
    [reason] = path.not_judged
    assert "PersistentVolumeClaim shop/web" in reason
    assert "spec.accessModes[0]" in reason


def test_of_a_disk_nothing_is_said_that_only_claims_have():
    [path] = judge(edited(Edit(f"{POD}.volumes", DISK))).paths
    [found] = path.diagnostics
    assert found.seen.startswith("one node can attach a disk to write to")
    assert str(found.would_pass).startswith("readOnly: true")
    assert "ReadWriteOnce" not in found.seen
    assert found.field == "spec.template.spec.volumes"


@pytest.mark.parametrize(
    "volume",
    [
        {"gcePersistentDisk": {"pdName": "data", "readOnly": True}},
        {"ephemeral": {"volumeClaimTemplate": claim(accessModes=["ReadWriteOnce"])}},
        {"emptyDir": {}, "readOnly": True},
    ],
)
def test_a_volume_that_each_pod_can_have_is_no_fault(volume):
    assert judge(edited(Edit(f"{POD}.volumes", [{"name": "data"} | volume]))).verdict == Verdict.CLEAN


def test_where_old_pods_go_first_no_volume_holds_up_new_ones():
    objects = claimed("ReadWriteOncePod")
    deployment(objects)["spec"]["strategy"] = {"type": "Recreate"}
    assert "surge-mounts-its-volumes" not in rules_of_objects(objects)
