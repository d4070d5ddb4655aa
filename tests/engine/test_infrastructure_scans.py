"""checkov passes the cluster, nodes, network, firewall and IAM of the preset `production`, as Terraform JSON.

What it finds and is no fault stands in scans/infrastructure.yaml, with its reason; an exception nobody needs fails.
"""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import scans, terraform
from harness.examples import PROJECT, evaluate_program
from harness.scans import Scanned
from tools import venvs

pytestmark = pytest.mark.engine
BOTH = """
from gke_nodrop import PRODUCTION, AutopilotCluster, Network, NodePool, StandardCluster

network = Network("net", {"region": "europe-west1"})
args = {
    **PRODUCTION["cluster"],
    "location": "europe-west1",
    "network": network.cluster_network,
    "access": {"google_groups": "gke-security-groups@example.com"},
    "resource_labels": {"team": "shop"},
}
"""
STANDARD = """
cluster = StandardCluster("main", args)
NodePool("main", {
    **PRODUCTION["node_pool"], "cluster": cluster.cluster_id, "service_account": cluster.node_service_account
})
"""
AUTOPILOT = """
AutopilotCluster("main", args)
"""
PROGRAMS = {"standard": BOTH + STANDARD, "autopilot": BOTH + AUTOPILOT}
EXCEPTIONS = scans.read_exceptions(scans.INFRASTRUCTURE_EXCEPTIONS.read_text())


def scanned(programs: dict[str, str], folder: Path) -> Scanned:
    for name, program in programs.items():
        for part in ("program", "terraform"):
            (folder / part / name).mkdir(parents=True)
        made = terraform.document(evaluate_program(program, folder / "program" / name))
        (folder / "terraform" / name / "main.tf.json").write_text(json.dumps(made, indent=1))
    return scans.scan_infrastructure(folder / "terraform")


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    if why_not := venvs.CHECKOV.missing():
        if os.environ.get("NODROP_REQUIRE_ENGINE"):
            pytest.fail(f"the engine must run here, but cannot: {why_not}")
        pytest.skip(f"the engine cannot run here: {why_not}")
    return scanned(PROGRAMS, tmp_path_factory.mktemp("production"))


def test_every_finding_is_excepted_for_a_reason(production: Scanned, tell: Callable[[str], None]) -> None:
    faults = sorted(finding for finding in production.failed if not any(each.covers(finding) for each in EXCEPTIONS))
    tell(f"{len(production.passed)} checks passed, {len(faults)} faults, {len(production.failed)} findings excepted")
    assert faults == []


def test_every_exception_is_needed(production: Scanned) -> None:
    assert [unneeded for each in EXCEPTIONS if (unneeded := each.not_needed(production.failed))] == []


def test_the_page_on_hardening_has_every_check_of_a_cluster_and_its_nodes(production: Scanned) -> None:
    of_clusters = {each.check for each in production.failed | production.passed if each.object == "standard: main"}
    page = (PROJECT / "docs" / "hardening.md").read_text()
    assert set(re.findall(r"\bCKV2?_GCP_\d+\b", page)) == {check.partition(":")[0] for check in of_clusters}


def test_faults_are_found(tmp_path: Path) -> None:
    spoilt = {
        "standard": f"""{BOTH}
import pulumi


def spoil(args):
    if args.type_ == "gcp:container/cluster:Cluster":
        args.props["enableShieldedNodes"] = False
        args.props["binaryAuthorization"] = {{"evaluationMode": "DISABLED"}}
    if args.type_ == "gcp:container/nodePool:NodePool":
        args.props["management"] = {{"autoRepair": False, "autoUpgrade": False}}
    if args.type_ == "gcp:compute/firewall:Firewall":
        args.props["sourceRanges"] = ["0.0.0.0/0"]
        args.props["allows"] = [{{"protocol": "tcp", "ports": ["22"]}}]
    return pulumi.ResourceTransformResult(args.props, args.opts)


pulumi.runtime.register_resource_transform(spoil)
network = Network("spoilt", {{"region": "europe-west1"}})
{STANDARD}"""
    }
    found = {each.check.partition(":")[0] for each in scanned(spoilt, tmp_path).failed}
    assert {"CKV_GCP_71", "CKV_GCP_66", "CKV_GCP_9", "CKV_GCP_10", "CKV_GCP_2"} <= found
