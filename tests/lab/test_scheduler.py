"""The scheduler: where pods go."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodrop.lab.controllers.scheduler import Scheduler


@pytest.fixture
def place(store, make_pod):
    """Creates a pod of a ReplicaSet, schedules it on three nodes, and returns its node's name."""
    scheduler = Scheduler(store, ("node-1", "node-2", "node-3"))

    def place(name, owner="new", node=None):
        pod = make_pod(name, node=node)
        pod["metadata"]["ownerReferences"] = [{"uid": owner}]
        store.create(pod)
        scheduler.sync()
        return store.get("Pod", "demo", name)["spec"]["nodeName"]

    return place


def test_pods_of_one_replica_set_are_spread(place):
    assert [place(name) for name in "abcd"] == ["node-1", "node-2", "node-3", "node-1"]


def test_a_node_without_own_pods_comes_before_an_emptier_one(place):
    place("own", node="node-1")
    for name, node in (("a", "node-2"), ("b", "node-2"), ("c", "node-3")):
        place(name, owner="old", node=node)
    assert place("next") == "node-3"
    assert place("after that") == "node-2"


def test_pods_that_are_being_deleted_take_no_place(store, place):
    place("a", node="node-1")
    place("b", node="node-2")
    place("c", node="node-3")
    store.delete("Pod", "demo", "b", grace_seconds=30)
    assert place("next") == "node-2"


def test_a_bound_pod_stays_where_it_is(store, place):
    assert place("a") == "node-1"
    assert [place(name, owner="old", node="node-1") for name in "bcd"] == ["node-1"] * 3
    place("next")
    assert store.get("Pod", "demo", "a")["spec"]["nodeName"] == "node-1"


@settings(max_examples=30)
@given(replicas=st.integers(1, 12), surge=st.integers(1, 3), zones=st.integers(1, 3), rolls=st.integers(0, 2))
def test_after_every_rollout_the_nodes_hold_equally_many_pods(simulation, replicas, surge, zones, rolls):
    nodes = tuple(f"node-{zone}" for zone in range(zones))
    made = simulation(replicas=replicas, max_surge=surge, nodes=nodes)
    made.run_out()
    for version in range(rolls):
        made.roll(str(version))
        made.run_out()
    counts = [sum(pod["spec"]["nodeName"] == node for pod in made.pods) for node in nodes]
    assert sum(counts) == replicas
    assert max(counts) - min(counts) <= 1
