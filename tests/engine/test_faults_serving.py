"""Workloads that do not come up, balancers that do not serve or go, objects changed by hand: how each is mended."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import kubectl
from harness.cloud import CLUSTER, Cloud
from harness.engine import Engine, OperationError, Outcome
from harness.own_stacks import (
    OPERATIONS,
    Running,
    documented,
    failed,
    impatient,
    is_consistent,
    settled,
    stack_of,
)
from harness.waiting import until
from harness.worlds import GkeWorld, GkeWorlds
from nodrop.lab.kubernetes.rest import Client, Object
from stacks import applications

pytestmark = pytest.mark.engine
NAMESPACE = "container-native"
DEPLOYMENT, INGRESS = "kubernetes:apps/v1:Deployment", "kubernetes:networking.k8s.io/v1:Ingress"
BUDGET, SERVICE = "kubernetes:policy/v1:PodDisruptionBudget web", "kubernetes:core/v1:Service web"
NEVER_READY = (
    "failed to fully initialize or become live: 'web' timed out waiting to be Ready",
    "[MinimumReplicasUnavailable] Deployment does not have minimum availability.",
)
HELD = "finalizers might be preventing deletion (networking.gke.io/ingress-finalizer-V2)"
TIMED_OUT = ("LoadBalancerNegTimeout", "Timeout waiting for pod to become healthy in at least one of the NEG(s)")
FIREWALL = "gcp:compute/firewall:Firewall"
BROKEN = "python:broken"
PATIENCE = "12s"
"""Over when the controllers have said what is wrong, on a busy machine too."""


def pods(world: GkeWorld) -> list[Object]:
    """Those that are there to stay."""
    found = world.client.list("v1", "Pod", NAMESPACE)
    return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]


def is_ready(pod: Object) -> bool:
    return any(one["type"] == "Ready" and one["status"] == "True" for one in pod["status"].get("conditions", []))


def changed(outcome: Outcome) -> dict[str, str]:
    return {step.resource: step.operation for step in outcome.steps if step.operation not in ("same", "refresh")}


def start_no_broken_image(world: GkeWorld) -> None:
    world.kubelet.broken_images.add(BROKEN)


def another_image(world: GkeWorld, patch: pytest.MonkeyPatch) -> None:
    patch.undo()


def the_image_appears(world: GkeWorld, patch: pytest.MonkeyPatch) -> None:
    world.kubelet.broken_images.clear()


@pytest.mark.parametrize("mend", [another_image, the_image_appears])
def test_a_deployment_that_never_gets_available_is_kept_and_mended_by_the_next_up(
    engine: Engine,
    cloud: Cloud,
    worlds: GkeWorlds,
    monkeypatch: pytest.MonkeyPatch,
    mend: Callable[[GkeWorld, pytest.MonkeyPatch], None],
) -> None:
    worlds.settings.append(start_no_broken_image)
    monkeypatch.setattr(applications, "PYTHON_IMAGE", BROKEN)
    stack = stack_of(engine)
    with pytest.raises(OperationError, match=documented(*NEVER_READY)):
        stack.up(impatient(DEPLOYMENT, create=PATIENCE, update=PATIENCE))
    assert is_consistent(stack)
    assert failed(stack) == [DEPLOYMENT]

    (world,) = worlds.all
    mend(world, monkeypatch)
    assert changed(stack.up()) == {f"{DEPLOYMENT} web": "update", BUDGET: "create"}
    assert all(is_ready(pod) for pod in pods(world))
    stack.up(expect_no_changes=True)


def test_a_broken_image_on_a_running_stack_leaves_the_old_pods_serving_until_the_next_up(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack, world = running.stack, running.world
    start_no_broken_image(world)
    before = {pod["metadata"]["name"] for pod in pods(world)}
    monkeypatch.setattr(applications, "PYTHON_IMAGE", BROKEN)
    with pytest.raises(OperationError, match="timed out waiting to be Ready"):
        stack.up(impatient(DEPLOYMENT, create=PATIENCE, update=PATIENCE))
    assert {pod["metadata"]["name"] for pod in pods(world) if is_ready(pod)} == before

    monkeypatch.undo()
    assert changed(stack.up()) == {f"{DEPLOYMENT} web": "update"}
    assert {pod["metadata"]["name"] for pod in pods(world)} == before
    stack.up(expect_no_changes=True)


def pods_that_no_balancer_found_healthy(world: GkeWorld, folder: Path) -> str:
    """What the command in docs/operations.md prints."""
    (command,) = re.findall(r"^kubectl get pods .*?(?=^\S*```)", OPERATIONS.read_text(), re.DOTALL | re.MULTILINE)
    return kubectl.run(world.plane, command, folder)


def restart(world: GkeWorld, folder: Path) -> None:
    """As docs/operations.md says."""
    commands = re.findall(r"^kubectl rollout .*$", OPERATIONS.read_text(), re.MULTILINE)
    assert len(commands) == 2
    kubectl.run(world.plane, " && ".join(commands), folder)


def test_a_balancer_that_never_finds_pods_healthy_passes_up_but_not_the_check_in_the_docs(
    engine: Engine, cloud: Cloud, worlds: GkeWorlds, tmp_path: Path
) -> None:
    def never_healthy(world: GkeWorld) -> None:
        world.ingress_controller.never_healthy = True
        world.ingress_controller.unready_timeout_seconds = 2.0

    worlds.settings.append(never_healthy)
    stack = stack_of(engine)
    stack.up()
    stack.refresh(expect_no_changes=True)
    (world,) = worlds.all
    told = pods_that_no_balancer_found_healthy(world, tmp_path / "before").splitlines()
    assert len(told) == len(pods(world)) == 2
    assert all(re.search(documented(*TIMED_OUT), line) for line in told)

    world.ingress_controller.never_healthy = False
    world.ingress_controller.unready_timeout_seconds = 600.0
    assert pods_that_no_balancer_found_healthy(world, tmp_path / "unchanged").splitlines() == told  # decided once
    restart(world, tmp_path / "restart")
    # The old ones are listed until they have ended.
    until(lambda: pods_that_no_balancer_found_healthy(world, tmp_path / "after") == "")
    stack.up(expect_no_changes=True, refresh=True)


def test_an_ingress_that_cannot_be_deleted_stops_destroy_with_all_below_it_kept(
    engine: Engine, cloud: Cloud, worlds: GkeWorlds
) -> None:
    stack = stack_of(engine, program=impatient(INGRESS, delete=PATIENCE))
    stack.up()
    (world,) = worlds.all
    kept = set(stack.resources()) - {f"{DEPLOYMENT} web", BUDGET, "kubernetes:core/v1:ConfigMap web-files"}
    world.ingress_controller.ingress_delete_blocked = True
    with pytest.raises(OperationError, match=documented("timed out waiting for the condition", HELD)):
        stack.destroy()
    assert is_consistent(stack)
    assert set(stack.resources()) == kept
    assert cloud.negs
    assert cloud.of_type(CLUSTER)

    world.ingress_controller.ingress_delete_blocked = False
    stack.destroy()
    assert cloud.is_empty()
    assert stack.resources() == []


def drift(client: Client) -> None:
    """As kubectl scale, annotate, edit and delete do."""
    client.patch("apps/v1", "Deployment", "web", NAMESPACE, {"spec": {"replicas": 5}})
    annotations = {"cloud.google.com/backend-config": '{"default": "none"}'}
    client.patch("v1", "Service", "web", NAMESPACE, {"metadata": {"annotations": annotations}})
    client.delete("policy/v1", "PodDisruptionBudget", "web", NAMESPACE)


def test_drift_is_seen_with_refresh_only_and_undone_by_force(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    stack, world = running.stack, running.world
    drift(world.client)
    stack.up(expect_no_changes=True)  # compares with the state

    with pytest.raises(OperationError, match=documented("Apply failed with 1 conflict: conflict with ")):
        stack.up(refresh=True)
    assert is_consistent(stack)

    monkeypatch.setitem(stack.environment, documented("PULUMI_K8S_ENABLE_PATCH_FORCE"), "true")
    undone = changed(stack.up(refresh=True))
    assert undone == {f"{DEPLOYMENT} web": "update", SERVICE: "update", BUDGET: "create"}
    assert world.client.get("apps/v1", "Deployment", "web", NAMESPACE)["spec"]["replicas"] == 2
    until(lambda: settled(world))
    stack.refresh(expect_no_changes=True)
    stack.up(expect_no_changes=True)


def test_drift_set_back_by_hand_leaves_nothing_to_do(running: Running) -> None:
    stack, world = running.stack, running.world
    for replicas in (5, 2):
        world.client.patch("apps/v1", "Deployment", "web", NAMESPACE, {"spec": {"replicas": replicas}})
    until(lambda: settled(world))
    stack.up(expect_no_changes=True, refresh=True)


def test_a_namespace_deleted_by_hand_comes_back_with_all_that_was_in_it(running: Running) -> None:
    stack, world = running.stack, running.world
    before = set(stack.resources())
    world.client.delete("v1", "Namespace", NAMESPACE)
    until(lambda: world.client.find("v1", "Namespace", NAMESPACE) is None)
    assert set(changed(stack.up(refresh=True)).values()) == {"create"}
    assert set(stack.resources()) == before
    assert all(is_ready(pod) for pod in pods(world))


def test_a_firewall_rule_changed_by_hand_is_set_back(running: Running) -> None:
    (rule,) = running.cloud.of_type(FIREWALL)
    given = rule.properties["sourceRanges"]
    rule.properties["sourceRanges"] = ["0.0.0.0/0"]
    assert changed(running.stack.up(refresh=True)) == {f"{FIREWALL} nodrop-load-balancers": "update"}
    assert rule.properties["sourceRanges"] == given
