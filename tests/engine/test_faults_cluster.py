"""What Google Cloud refuses, half does or keeps: the state stays true, and the next up or destroy completes."""

import pytest

from harness.cloud import CLUSTER, NETWORK, NODE_POOL, Cloud
from harness.engine import Engine, OperationError
from harness.own_stacks import documented, failed, is_consistent, resource, stack_of
from harness.worlds import SYSTEM_NAMESPACES, GkeWorld, GkeWorlds

pytestmark = pytest.mark.engine
QUOTA = 'googleapi: Error 403: Insufficient regional quota to satisfy request: resource "CPUS"'
STOCKOUT = "Error waiting for creating GKE NodePool: GCE_STOCKOUT: the zone does not have enough resources available"
CLUSTER_RESOURCE, POOL_RESOURCE = f"{CLUSTER} nodrop", f"{NODE_POOL} nodrop"
DEPLOYMENT = "kubernetes:apps/v1:Deployment web"


def namespaces(worlds: GkeWorlds) -> set[str]:
    """Of the one cluster, but for its own."""
    (world,) = worlds.all
    return {one["metadata"]["name"] for one in world.client.list("v1", "Namespace")} - SYSTEM_NAMESPACES


def test_after_a_quota_error_at_the_cluster_the_next_up_goes_on_from_there(engine: Engine, cloud: Cloud) -> None:
    cloud.fail(CLUSTER, "create", QUOTA, half_way=True)
    stack = stack_of(engine)
    with pytest.raises(
        OperationError, match=documented("Error creating ", "Insufficient regional quota to satisfy request")
    ):
        stack.up()
    assert is_consistent(stack)
    made = set(stack.resources())
    assert f"{NETWORK} nodrop" in made
    assert CLUSTER_RESOURCE not in made

    rest = stack.up()
    assert set(rest.operations()) == {"create"}
    assert CLUSTER_RESOURCE in rest.of("create")
    assert made.isdisjoint(rest.of("create"))
    stack.up(expect_no_changes=True)


def test_after_a_node_pool_failed_half_way_the_next_up_mends_it_and_keeps_the_cluster(
    engine: Engine, cloud: Cloud
) -> None:
    cloud.fail(NODE_POOL, "create", STOCKOUT, half_way=True)
    stack = stack_of(engine)
    with pytest.raises(OperationError, match=documented("Error creating ", "GCE_STOCKOUT")):
        stack.up()
    assert is_consistent(stack)
    assert failed(stack) == [NODE_POOL]
    assert DEPLOYMENT not in stack.resources()

    rest = stack.up()
    assert rest.of("update") == [POOL_RESOURCE]
    assert CLUSTER_RESOURCE in rest.of("same")
    assert failed(stack) == []
    stack.up(expect_no_changes=True)


def test_replacing_a_node_pool_leaves_the_cluster_and_its_objects_alone(
    engine: Engine, cloud: Cloud, worlds: GkeWorlds
) -> None:
    stack = stack_of(engine)
    stack.up()
    before = resource(stack, NODE_POOL)
    done = stack.up(replace=[before["urn"]])
    assert {step.resource for step in done.steps if step.operation != "same"} == {POOL_RESOURCE}
    assert [pool.id for pool in cloud.of_type(NODE_POOL)] == [resource(stack, NODE_POOL)["id"]]
    assert resource(stack, NODE_POOL)["id"] != before["id"]
    # The new nodes stand before the old ones go.
    in_order = [step.operation for step in done.done if step.resource == POOL_RESOURCE]
    assert [one for one in in_order if one != "replace"] == ["create-replacement", "delete-replaced"]
    stack.up(expect_no_changes=True)


@pytest.mark.parametrize("token", [CLUSTER, NODE_POOL])
def test_a_failed_first_up_can_be_destroyed(engine: Engine, cloud: Cloud, token: str) -> None:
    cloud.fail(token, "create", half_way=True)
    stack = stack_of(engine)
    with pytest.raises(OperationError):
        stack.up()
    stack.destroy()
    assert cloud.is_empty()
    assert stack.resources() == []


def test_a_node_pool_that_cannot_be_deleted_stops_destroy_with_the_cluster_kept(engine: Engine, cloud: Cloud) -> None:
    stack = stack_of(engine)
    stack.up()
    cloud.fail(NODE_POOL, "delete", "googleapi: Error 400: Cluster is running incompatible operation operation-1")
    with pytest.raises(OperationError, match="incompatible operation"):
        stack.destroy()
    assert is_consistent(stack)
    assert {CLUSTER_RESOURCE, POOL_RESOURCE} <= set(stack.resources())
    assert {one.token for one in cloud.resources.values()} >= {CLUSTER, NODE_POOL, NETWORK}
    stack.destroy()
    assert cloud.is_empty()


def test_deletion_protection_refuses_destroy_before_anything_is_deleted(
    engine: Engine, cloud: Cloud, worlds: GkeWorlds
) -> None:
    stack = stack_of(engine, deletion_protection="true")
    stack.up()
    made = set(cloud.resources)
    with pytest.raises(OperationError, match=documented("Preview failed: resource ", "because it is protected.")):
        stack.destroy(preview_only=True)
    assert set(cloud.resources) == made
    assert namespaces(worlds) == {"container-native"}

    stack.set_config("gke-nodrop:deletion_protection", "false")
    assert stack.up().operations() == {"update": 1}
    stack.destroy()
    assert cloud.is_empty()


def test_without_a_preview_deletion_protection_keeps_the_cluster_and_what_it_stands_on(
    engine: Engine, cloud: Cloud, worlds: GkeWorlds
) -> None:
    """The Automation API's destroy is the CLI's with --skip-preview."""
    stack = stack_of(engine, deletion_protection="true")
    stack.up()
    with pytest.raises(OperationError, match="because it is protected"):
        stack.destroy()
    assert is_consistent(stack)
    assert {CLUSTER_RESOURCE, f"{NETWORK} nodrop"} <= set(stack.resources())
    assert namespaces(worlds) == set()

    stack.set_config("gke-nodrop:deletion_protection", "false")
    again = stack.up()
    assert again.of("update") == [CLUSTER_RESOURCE]
    assert DEPLOYMENT in again.of("create")
    stack.destroy()
    assert cloud.is_empty()


@pytest.mark.parametrize(
    ("name", "holder"),
    [("container-native", "/global/firewalls/k8s-fw-l7--"), ("legacy-nodeport", "/instanceGroups/k8s-ig--")],
)
def test_what_the_ingress_controller_leaves_stops_destroy_at_the_network_until_it_is_deleted_by_hand(
    engine: Engine, cloud: Cloud, worlds: GkeWorlds, name: str, holder: str
) -> None:
    def leaves(world: GkeWorld) -> None:
        world.ingress_controller.leaves_firewall = name == "container-native"
        world.ingress_controller.leaves_instance_groups = True

    worlds.settings.append(leaves)
    stack = stack_of(engine, name)
    stack.up()
    with pytest.raises(OperationError, match=documented("is already being used by", holder)):
        stack.destroy()
    assert is_consistent(stack)
    assert {one.token for one in cloud.resources.values()} == {NETWORK}

    for rule in list(cloud.firewalls):
        cloud.delete_firewall(rule)
    for group, zone in list(cloud.instance_groups):
        cloud.delete_instance_group(group, zone)
    stack.destroy()
    assert cloud.is_empty()
    assert stack.resources() == []
