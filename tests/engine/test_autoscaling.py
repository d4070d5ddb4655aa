"""An autoscaler's number of pods is its own: no update of anything else changes it.

The autoscaler is played by the test, which writes to the same subresource; the API server says who owns the field.
"""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from gke_nodrop.workload.rolling_deployment import RollingDeployment, RollingDeploymentArgs
from harness.engine import Engine, OperationError, Stack
from harness.worlds import GkeWorld, GkeWorlds
from stacks import foundation

pytestmark = pytest.mark.engine
NAMESPACE = "shop"
DEPLOYMENT = ("apps/v1", "Deployment", "web", NAMESPACE)
AUTOSCALING: Any = {"min_replicas": 2, "max_replicas": 8}


def up(stack: Stack, **more: Any) -> None:
    args: RollingDeploymentArgs = {
        "image": "web:1",
        "namespace": NAMESPACE,
        "rollout": {"keep_alive_timeout_seconds": 620},
        **more,
    }

    def program() -> None:
        base = foundation.build({"deletion_protection": False}, ports=["8080"])
        namespace = k8s.core.v1.Namespace(NAMESPACE, metadata={"name": NAMESPACE}, opts=base.options)
        after = pulumi.ResourceOptions(depends_on=[namespace])
        RollingDeployment("web", args, pulumi.ResourceOptions.merge(base.options, after))

    stack.up(program)


def live(world: GkeWorld) -> tuple[int, str]:
    """Pods that are wanted, and their image."""
    spec = world.client.get(*DEPLOYMENT)["spec"]
    return spec["replicas"], spec["template"]["spec"]["containers"][0]["image"]


def scale(world: GkeWorld, pods: int) -> None:
    """As the autoscaler does."""
    world.client.patch(*DEPLOYMENT, {"spec": {"replicas": pods}}, subresource="scale")


def test_updates_leave_the_number_of_pods_to_the_autoscaler(engine: Engine, worlds: GkeWorlds) -> None:
    stack = engine.stack("autoscaled", lambda: None)
    up(stack, replicas=4)
    (world,) = worlds.all

    up(stack, autoscaling=AUTOSCALING)  # turned on for a live service: not down to the fewest
    up(stack, autoscaling=AUTOSCALING, image="web:2")  # before the autoscaler's first decision
    assert live(world) == (4, "web:2")

    scale(world, 6)
    up(stack, autoscaling=AUTOSCALING, image="web:3")
    assert live(world) == (6, "web:3")

    scale(world, 3)
    up(stack, autoscaling={**AUTOSCALING, "min_replicas": 3}, image="web:4")
    assert live(world) == (3, "web:4")

    with pytest.raises(OperationError, match=r"conflict.*\.spec\.replicas"):  # turned off with another number
        up(stack, replicas=5, image="web:4")
    assert live(world) == (3, "web:4")
