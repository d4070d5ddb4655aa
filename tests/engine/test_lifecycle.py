"""Each stack comes up, stays as it is, and goes without leaving anything, in the order of the design."""

from pathlib import Path
from typing import Any

import pulumi
import pulumi_gcp as gcp
import pytest
import yaml

from harness.cloud import CLUSTER, NETWORK, NODE_POOL, Cloud
from harness.engine import Engine, OperationError, Outcome, Stack
from harness.worlds import GkeWorld, GkeWorlds
from nodrop.lab.kubernetes.gate import GATE
from stacks.programs import run

pytestmark = pytest.mark.engine
PROJECT = Path(__file__).parents[2]
NAMESPACES = {
    "container-native": ["container-native"],
    "legacy-nodeport": ["legacy-nodeport"],
    "comparison": ["container-native", "legacy-nodeport"],
}
GATES = {"container-native": (GATE,), "legacy-nodeport": ()}
"""What pods have; the latter's ask for none, and instance groups give them none."""
NAMESPACE = "kubernetes:core/v1:Namespace"
FIREWALL, NAT = "gcp:compute/firewall:Firewall", "gcp:compute/routerNat:RouterNat"
OUTLIVING = (NODE_POOL, NAT, FIREWALL)
KINDS = [
    ("v1", "Service"),
    ("v1", "ConfigMap"),
    ("networking.k8s.io/v1", "Ingress"),
    ("apps/v1", "Deployment"),
    ("cloud.google.com/v1", "BackendConfig"),
    ("policy/v1", "PodDisruptionBudget"),
]


def stack_of(engine: Engine, name: str, **config: str) -> Stack:
    """With what its file says, but for project and protection."""
    written = yaml.safe_load((PROJECT / "stacks" / f"Pulumi.{name}.yaml").read_text())["config"]
    own = {f"gke-nodrop:{key}": value for key, value in {"deletion_protection": "false", **config}.items()}
    written.pop("gcp:project")
    return engine.stack(name, run, {**written, **own})


def done(outcome: Outcome, operation: str) -> list[str]:
    """Kinds of what a provider created or deleted, in the order in which the engine heard that it was."""
    kinds = [step.resource.partition(" ")[0] for step in outcome.done if step.operation == operation]
    return [kind.rpartition(":")[2] for kind in kinds if not kind.startswith("gke-nodrop:")]


def assert_in_order(found: list[str], *expected: str) -> None:
    assert [one for one in found if one in expected] == list(expected)


@pytest.mark.parametrize("name", NAMESPACES)
def test_stack_comes_stays_and_goes(engine: Engine, cloud: Cloud, worlds: GkeWorlds, name: str) -> None:
    stack = stack_of(engine, name)
    planned = stack.preview().operations()
    assert stack.up().operations() == planned
    (world,) = worlds.all
    for namespace in NAMESPACES[name]:
        assert gates_of_pods(world, namespace) == {GATES[namespace]}

    stack.preview(expect_no_changes=True)
    stack.up(expect_no_changes=True)
    stack.refresh(expect_no_changes=True)

    stack.destroy()
    assert cloud.is_empty()
    assert stack.resources() == []


def gates_of_pods(world: GkeWorld, namespace: str) -> set[tuple[str, ...]]:
    """What the pods have, all the same if there is one element; empty where there are no pods."""
    specs = [pod["spec"] for pod in world.client.list("v1", "Pod", namespace)]
    return {tuple(gate["conditionType"] for gate in spec.get("readinessGates", [])) for spec in specs}


def burdened() -> None:
    """The program, with what outlives the Namespace far down a chain of other resources.

    The engine deletes in waves, those first that are furthest from what depends on nothing: without the chain these
    would come late even if the Namespace did not depend on them.
    """
    last: list[pulumi.Resource] = []

    def after_the_chain(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if args.type_ not in OUTLIVING:
            return None
        return pulumi.ResourceTransformationResult(args.props, pulumi.ResourceOptions.merge(args.opts, after(last)))

    def after(resources: list[pulumi.Resource]) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(depends_on=resources)

    for number in range(12):
        last = [gcp.serviceaccount.Account(f"link-{number}", account_id=f"link-{number}", opts=after(last))]
    pulumi.runtime.register_stack_transformation(after_the_chain)
    run()


def test_stack_comes_and_goes_in_the_order_of_the_design(engine: Engine, cloud: Cloud, worlds: GkeWorlds) -> None:
    for outlives in OUTLIVING:
        cloud.delay(outlives, "create", 2)
    negs_at_the_end_of_nodes = negs_when_nodes_go(cloud, worlds)
    stack = stack_of(engine, "container-native")
    came = done(stack.up(burdened), "create")
    for outlives in ("RouterNat", "Firewall", "NodePool"):
        assert_in_order(came, outlives, "Namespace")
    assert_in_order(came, "Network", "Cluster", "NodePool", "Namespace", "Service", "Ingress", "Deployment")
    assert len(cloud.negs) == 2  # one in each zone

    gone = done(stack.destroy(), "delete")
    assert_in_order(gone, "Deployment", "Ingress", "Service", "Namespace", "NodePool", "Cluster", "Network")
    assert_in_order(gone, "Ingress", "GlobalAddress")
    for outlives in ("RouterNat", "Firewall", "NodePool"):
        assert_in_order(gone, "Namespace", outlives)
    assert negs_at_the_end_of_nodes == [0]


def negs_when_nodes_go(cloud: Cloud, worlds: GkeWorlds) -> list[int]:
    """Grows by the number of NEGs whenever a node pool is deleted."""
    found: list[int] = []

    def watch(world: GkeWorld) -> None:
        remove = world.remove_nodes

        def removing(pool: str) -> None:
            found.append(len(cloud.negs))
            remove(pool)

        world.remove_nodes = removing

    worlds.settings.append(watch)
    return found


def test_state_holds_what_must_outlive_the_namespace(engine: Engine) -> None:
    """Of both services; whatever the engine makes of it."""
    stack = stack_of(engine, "comparison")
    stack.up()
    resources = {one["urn"]: one for one in stack.export()["resources"]}

    def needed(urn: str) -> set[str]:
        one = resources[urn]
        direct = {*one.get("dependencies", []), one.get("parent"), one.get("provider", "").rpartition("::")[0]}
        return {urn}.union(*(needed(other) for other in direct if other in resources))

    namespaces = [urn for urn in resources if f"${NAMESPACE}::" in urn]
    assert len(namespaces) == 2
    for urn in namespaces:
        kinds = {other.split("::")[2].rpartition("$")[2] for other in needed(urn)}
        assert {*OUTLIVING, CLUSTER, NETWORK} <= kinds


def test_without_the_namespace_as_barrier_the_network_stays(engine: Engine, cloud: Cloud, worlds: GkeWorlds) -> None:
    """The Namespace's end is not awaited: the network's turn comes before the NEGs are collected."""

    def unawaited(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        if args.type_ != NAMESPACE:
            return None
        props: dict[str, Any] = dict(args.props)
        metadata = {**props["metadata"], "annotations": {"pulumi.com/skipAwait": "true"}}
        return pulumi.ResourceTransformResult({**props, "metadata": metadata}, args.opts)

    def program() -> None:
        pulumi.runtime.register_resource_transform(unawaited)
        run()

    worlds.settings.append(lambda world: setattr(world.ingress_controller, "collection_blocked", True))
    stack = stack_of(engine, "container-native")
    stack.up(program)
    with pytest.raises(OperationError, match=r"networkEndpointGroups/.*resourceInUseByAnotherResource"):
        stack.destroy()
    assert cloud.negs


def test_with_the_namespace_as_barrier_a_slow_controller_only_takes_time(
    engine: Engine, cloud: Cloud, worlds: GkeWorlds
) -> None:
    worlds.settings.append(collects_late)
    stack = stack_of(engine, "container-native")
    stack.up()
    stack.destroy()
    assert cloud.is_empty()


def collects_late(world: GkeWorld) -> None:
    world.ingress_controller.collection_period_seconds = 8.0


def objects_of(world: GkeWorld, namespace: str) -> set[str]:
    """What the stack made, by kind and name."""
    found = {(kind, one["metadata"]["name"]) for of, kind in KINDS for one in world.client.list(of, kind, namespace)}
    return {f"{kind} {name}" for kind, name in found if name != "kube-root-ca.crt"}


def test_replaced_cluster_has_all_objects(engine: Engine, cloud: Cloud, worlds: GkeWorlds) -> None:
    def on_dataplane_v2(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        if args.type_ != CLUSTER:
            return None
        return pulumi.ResourceTransformResult({**args.props, "datapathProvider": "ADVANCED_DATAPATH"}, args.opts)

    def changed() -> None:
        pulumi.runtime.register_resource_transform(on_dataplane_v2)
        run()

    stack = stack_of(engine, "container-native")
    stack.up()
    before = objects_of(worlds.all[0], "container-native")
    done = stack.up(changed)
    old, new = worlds.all
    assert f"{CLUSTER} nodrop" in done.of("create-replacement")
    assert objects_of(new, "container-native") == before
    assert objects_of(old, "container-native") == set()
    assert gates_of_pods(new, "container-native") == {GATES["container-native"]}
    stack.up(changed, expect_no_changes=True)
    stack.destroy()
    assert cloud.is_empty()
