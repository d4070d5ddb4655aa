"""A pulumi-gcp that lacks what clusters and node pools set is refused before anything is registered."""

import re
from pathlib import Path
from typing import Any

import pulumi_gcp as gcp
import pytest

from gke_nodrop import AutopilotCluster, InputError, Network, NodePool, StandardCluster
from gke_nodrop.cluster import sdk
from gke_nodrop.inputs.component import shape_of
from tests.gke_nodrop.inputs.passing import PASSING
from tests.gke_nodrop.refusals import accepts, faults_of

NEEDED = [(StandardCluster, "8.40"), (AutopilotCluster, "8.40"), (NodePool, "9.11")]
ROOT = Path(__file__).parents[3]


@pytest.fixture
def installed(monkeypatch):
    def installed(version: str) -> None:
        monkeypatch.setattr(sdk, "installed", lambda: version)

    return installed


def required(component: Any) -> dict[str, Any]:
    shape: Any = shape_of(component)
    return {key: PASSING[component.__name__][key] for key in shape.__required_keys__}


@pytest.mark.parametrize(("component", "needed"), NEEDED)
@pytest.mark.parametrize("version", ["8.24.0", "8.39.0", "8.40.0", "9.10.0", "9.11.0", "9.11.1", "10.0.0", "10.2.0a1"])
def test_a_component_is_refused_below_the_version_that_has_what_it_sets(installed, component, needed, version):
    installed(version)
    is_older = [int(part) for part in version.split(".")[:2]] < [int(part) for part in needed.split(".")]
    assert list(faults_of(component, required(component))) == (["pulumi-gcp"] if is_older else [])


@pytest.mark.parametrize(("component", "needed"), NEEDED)
def test_nothing_is_registered_and_the_message_says_what_is_installed_lacking_and_needed(
    deploy, installed, component, needed
):
    installed("8.24.0")
    errors = []

    def program() -> None:
        with pytest.raises(InputError) as raised:
            component("main", required(component))
        errors.append(raised.value)

    assert deploy(program).registered == []
    (error,) = errors
    (fault,) = error.faults
    assert (fault.value, fault.would_pass) == ('"8.24.0"', f"pulumi-gcp>={needed}")
    assert re.fullmatch(rf"pulumi-gcp 8\.24\.0 lacks .+; {re.escape(needed)} is the first that has it", fault.rule)
    assert str(error) == f'{component.__name__} "main": an input is not right\n  {fault}'


def test_the_time_for_a_shutdown_is_refused_by_itself(installed):
    args = {**required(NodePool), "spot": {"shutdown_seconds": 120}}
    installed("9.29.0")
    (fault,) = faults_of(NodePool, args).values()
    assert (fault.input, fault.value) == ("spot.shutdown_seconds", "120")
    assert fault.would_pass == "absent, or pulumi-gcp>=9.30"
    assert accepts(NodePool, {**args, "spot": {}})
    installed("9.30.0")
    assert accepts(NodePool, args)


def test_what_else_is_wrong_is_said_with_it(installed):
    installed("8.24.0")
    wrong = {**required(NodePool), "autoscaling": {"min_nodes": 5, "max_nodes": 1}, "spot": {"shutdown_seconds": 120}}
    assert set(faults_of(NodePool, wrong)) == {"pulumi-gcp", "autoscaling.min_nodes", "spot.shutdown_seconds"}


def test_what_needs_no_newer_one_is_made_on_any(installed):
    installed("8.24.0")
    assert accepts(Network, PASSING["Network"])


def test_a_class_is_there_exactly_where_the_installed_version_is_said_to_have_it():
    container = gcp.container
    assert hasattr(container, "ClusterRbacBindingConfigArgs") is sdk.CLUSTER.is_met
    assert hasattr(container, "NodePoolNodeDrainConfigArgs") is sdk.NODE_POOL.is_met
    kubelet = container.NodePoolNodeConfigKubeletConfigArgs
    assert hasattr(kubelet, "shutdown_grace_period_seconds") is sdk.SHUTDOWN.is_met


def test_the_page_of_support_says_what_each_needs():
    page = (ROOT / "docs" / "support.md").read_text()
    for of, need in [
        ("`StandardCluster`, `AutopilotCluster`", sdk.CLUSTER),
        ("`NodePool`", sdk.NODE_POOL),
        ("`spot.shutdown_seconds` of a `NodePool`", sdk.SHUTDOWN),
    ]:
        assert f"| {of} | {need.would_pass.removeprefix('pulumi-gcp>=')} |" in page
