"""In a Shared VPC a cluster comes after the roles of the host project, and what it serves after the firewall rule."""

from pathlib import Path

import pytest

from harness.examples import EXAMPLES, evaluate_program
from nodrop.preview import Evaluation
from nodrop.preview.replacement import beneath

EXISTING = next(each.program for each in EXAMPLES if each.title == "Shared VPC")
PROJECTS = """"shared_vpc": {"host_project": "shop-network", "service_project_number": "123456789012"}"""
OWN = f"""
from gke_nodrop import AutopilotCluster, Network, StandardCluster

network = Network("shop", {{"region": "europe-west1", {PROJECTS}}})
AutopilotCluster("shop", location="europe-west1", network=network.cluster_network)
StandardCluster("more", location="europe-west1", network=network.cluster_network)
"""


def urns(evaluation: Evaluation, kind: str) -> set[str]:
    return {each.urn for each in evaluation.resources if each.type.endswith(kind)}


@pytest.mark.parametrize("program", [EXISTING.replace(PROJECTS, f'{PROJECTS}, "changes_network": True'), OWN])
def test_a_cluster_needs_each_role_of_the_host_project(program: str, tmp_path: Path) -> None:
    evaluation = evaluate_program(program, tmp_path)
    roles = {urn for urn in urns(evaluation, "IAMMember") if "apis-use" in urn or "gke-" in urn.rpartition("::")[2]}
    assert len(roles) == 3
    for cluster in urns(evaluation, ":Cluster"):
        assert roles <= beneath(evaluation)[cluster]


def test_what_is_served_needs_the_firewall_rule(tmp_path: Path) -> None:
    evaluation = evaluate_program(EXISTING.replace(PROJECTS, f'{PROJECTS}, "changes_network": True'), tmp_path)
    (firewall,) = urns(evaluation, ":Firewall")
    (deployment,) = urns(evaluation, ":Deployment")
    assert firewall in beneath(evaluation)[deployment]
