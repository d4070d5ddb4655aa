"""GKE puts its gate into pods that a balancer serves already: the order in which a service's objects come decides.

`WebService` also states the gate in its pod template; here that is taken away, so that what is seen is GKE's own.
"""

import asyncio
from collections.abc import Callable
from typing import cast

import pulumi
import pytest
from pulumi_kubernetes.core.v1 import Namespace

from harness.engine import Engine
from harness.worlds import GkeWorlds
from nodrop.lab.kubernetes.gate import GATE
from nodrop.lab.kubernetes.rest import Object
from stacks.programs import run

pytestmark = pytest.mark.engine
NAME = "container-native"
DEPLOYMENT, SERVICE = "kubernetes:apps/v1:Deployment", "kubernetes:core/v1:Service"


def without_own_gate(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    if args.type_ != DEPLOYMENT:
        return None
    spec = cast("Object", args.props["spec"])
    template = spec["template"]
    pod = {key: value for key, value in template["spec"].items() if key != "readinessGates"}
    assert pod != template["spec"]
    changed = {**spec, "template": {**template, "spec": pod}}
    return pulumi.ResourceTransformResult({**args.props, "spec": changed}, args.opts)


def pods(worlds: GkeWorlds) -> list[Object]:
    return [pod for world in worlds.all for pod in world.client.list("v1", "Pod", NAME)]


def gates(worlds: GkeWorlds) -> set[tuple[str, ...]]:
    """What the pods have, all the same if there is one element; empty where there are no pods."""
    return {tuple(gate["conditionType"] for gate in pod["spec"].get("readinessGates", [])) for pod in pods(worlds)}


def deploy(engine: Engine, change: Callable[[], object] = lambda: None) -> None:
    def program() -> None:
        pulumi.runtime.register_resource_transform(without_own_gate)
        change()
        run()

    engine.stack(NAME, program, {"gke-nodrop:deletion_protection": "false"}).up()


def test_pods_get_the_gate_because_service_and_ingress_are_there_first(engine: Engine, worlds: GkeWorlds) -> None:
    deploy(engine)
    assert gates(worlds) == {(GATE,)}


def test_with_the_order_reversed_pods_lack_the_gate(engine: Engine, worlds: GkeWorlds) -> None:
    def needs_the_namespace_only(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if args.type_ != DEPLOYMENT:
            return None
        needed = [one for one in cast("list[pulumi.Resource]", args.opts.depends_on) if isinstance(one, Namespace)]
        assert needed
        args.opts.depends_on = needed
        return pulumi.ResourceTransformationResult(args.props, args.opts)

    async def waits_for_pods(args: pulumi.ResourceTransformArgs) -> None:
        while args.type_ == SERVICE and not pods(worlds):  # and the Ingress after it
            await asyncio.sleep(0.1)

    def reverse() -> None:
        pulumi.runtime.register_stack_transformation(needs_the_namespace_only)
        pulumi.runtime.register_resource_transform(waits_for_pods)

    deploy(engine, reverse)
    assert gates(worlds) == {()}
