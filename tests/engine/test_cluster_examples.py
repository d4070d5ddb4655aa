"""Programs with clusters of their own come up, stay as they are, and go without leaving anything, by the real engine.

A named subset of docs/clusters.md; the others differ from these in inputs that the mocked tests see.
"""

import pytest

from harness.cloud import Cloud
from harness.engine import Engine
from harness.examples import CLUSTERS
from harness.worlds import GkeWorlds
from nodrop.lab.kubernetes.gate import GATE

pytestmark = pytest.mark.engine
TAKEN = ("Production", "Several clusters", "From the network to two services on one load balancer")


@pytest.mark.parametrize("title", TAKEN)
def test_a_program_comes_stays_and_goes(engine: Engine, cloud: Cloud, worlds: GkeWorlds, title: str) -> None:
    [example] = [each for each in CLUSTERS if each.title == title]

    def program() -> None:
        exec(compile(example.program, example.slug, "exec"), {"__name__": "__main__"})

    stack = engine.stack(example.slug, program, {"gcp:region": "europe-west1"}, project="shop")
    stack.set_config("shop:deletion_protection", "false")
    planned = stack.preview().operations()
    assert stack.up().operations() == planned
    assert len(worlds.all) == example.inventory["Cluster"]
    pods = [pod for world in worlds.all for pod in world.client.list("v1", "Pod")]
    assert pods
    assert {tuple(gate["conditionType"] for gate in pod["spec"]["readinessGates"]) for pod in pods} == {(GATE,)}

    stack.up(expect_no_changes=True)
    stack.refresh(expect_no_changes=True)

    stack.destroy()
    assert cloud.is_empty()
    assert stack.resources() == []
