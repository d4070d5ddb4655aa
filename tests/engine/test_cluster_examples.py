"""Programs with clusters of their own come up, stay as they are, and go without leaving anything, by the real engine.

Those of docs/clusters.md: a named subset, for the others differ from these in inputs that the mocked tests see. With
NODROP_ALL_CLUSTERS=1 (`make clusters`), all of them.
"""

import os
from collections.abc import Iterator

import pytest

from harness.cloud import NETWORK, Cloud
from harness.engine import Engine
from harness.examples import CLUSTERS, CONFIG, Example
from harness.manifests import ZONES
from harness.worlds import GkeWorlds
from nodrop.lab.kubernetes.gate import GATE

pytestmark = pytest.mark.engine
NAMED = ("Production", "Several clusters", "From the network to two services on one load balancer")
TAKEN = [each for each in CLUSTERS if os.environ.get("NODROP_ALL_CLUSTERS") or each.title in NAMED]
GIVEN_CLUSTER = "Existing cluster"
VPC = "projects/test-project/global/networks/shop"


@pytest.fixture
def kubeconfig(cloud: Cloud, worlds: GkeWorlds) -> Iterator[str]:
    """Of a cluster that no program of these makes, in a network that is there."""
    cloud.create(NETWORK, VPC, {})
    world = worlds.take("existing", VPC, cloud)
    world.add_nodes("default", list(ZONES))
    yield world.plane.kubeconfig()
    worlds.give_back(world)


def test_the_named_programs_are_there() -> None:
    assert {*NAMED, GIVEN_CLUSTER} < {each.title for each in CLUSTERS}


@pytest.mark.parametrize("example", TAKEN, ids=lambda example: example.slug)
def test_a_program_comes_stays_and_goes(
    engine: Engine, cloud: Cloud, worlds: GkeWorlds, example: Example, request: pytest.FixtureRequest
) -> None:
    def program() -> None:
        exec(compile(example.program, example.slug, "exec"), {"__name__": "__main__"})

    stack = engine.stack(example.slug, program, {"gcp:region": "europe-west1"}, project="shop")
    stack.set_config("shop:deletion_protection", "false")
    if example.title == GIVEN_CLUSTER:
        stack.set_config("shop:kubeconfig", request.getfixturevalue("kubeconfig"), secret=True)
        stack.set_config("shop:cluster_id", CONFIG["cluster_id"])
    given = set(cloud.resources)
    planned = stack.preview().operations()
    assert stack.up().operations() == planned
    assert len(worlds.all) == example.inventory.get("Cluster", 1)
    pods = [pod for world in worlds.all for pod in world.client.list("v1", "Pod")]
    assert pods
    assert {tuple(gate["conditionType"] for gate in pod["spec"]["readinessGates"]) for pod in pods} == {(GATE,)}

    stack.up(expect_no_changes=True)
    stack.refresh(expect_no_changes=True)

    stack.destroy()
    assert stack.resources() == []
    assert set(cloud.resources) == given
    for each in given:
        del cloud.resources[each]
    assert cloud.is_empty()
