"""The changes people make to a running stack touch what they must and nothing else, as `nodrop preview` foretells.

One stack for all: each test's change comes on top of those before it, in whatever order.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pulumi
import pytest

from gke_nodrop import NodePool, NodePoolArgs, WebService, WebServiceArgs
from harness.cloud import NODE_POOL, Cloud
from harness.engine import Outcome, Stack, engine_in
from harness.worlds import GkeWorld, GkeWorlds
from nodrop.judge import ChangeJudgement
from nodrop.lab.kubernetes.rest import Object
from nodrop.preview import compare, evaluate, read_state
from stacks import applications, container_native, foundation
from stacks.applications import AppInputs, graceful
from stacks.programs import run
from stacks.settings import StackSettings

pytestmark = pytest.mark.engine
PROJECT = Path(__file__).parents[2]
NAME = "container-native"
DEPLOYMENT = "kubernetes:apps/v1:Deployment web"
INGRESS = "kubernetes:networking.k8s.io/v1:Ingress web"
BACKEND_CONFIG = "kubernetes:cloud.google.com/v1:BackendConfig web"
CERTIFICATES = 'metadata.annotations["networking.gke.io/managed-certificates"]'
SECOND_CERTIFICATE = "kubernetes:networking.gke.io/v1:ManagedCertificate web-shop.example.com"


@dataclass
class Deployed:
    """The stack, its cluster, and how to change its program for good."""

    stack: Stack
    cloud: Cloud
    world: GkeWorld
    patch: pytest.MonkeyPatch
    config: dict[str, str]

    def up(self, **config: str) -> Outcome:
        self.config.update(config)
        for key, value in config.items():
            self.stack.set_config(f"gke-nodrop:{key}", value)
        return self.stack.up()

    def pods(self, namespace: str = NAME) -> list[Object]:
        """Those that are there to stay."""
        found = self.world.client.list("v1", "Pod", namespace)
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]


@pytest.fixture(scope="module")
def deployed(worlds: GkeWorlds, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    config = {"deletion_protection": "false", "hosts": '["www.example.com"]', "replicas": "2"}
    with engine_in(tmp_path_factory.mktemp("changes"), worlds) as engine, pytest.MonkeyPatch.context() as patch:
        stack = engine.stack(NAME, run, {f"gke-nodrop:{key}": value for key, value in config.items()})
        stack.up()
        (world,) = worlds.all
        yield Deployed(stack, engine.cloud, world, patch, config)


def done(outcome: Outcome) -> set[tuple[str, str, tuple[str, ...]]]:
    """Operation, resource and what changed, of all that did not stay the same."""
    return {(step.operation, step.resource, step.changed) for step in outcome.steps if step.operation != "same"}


def against_export(deployed: Deployed, **config: str) -> ChangeJudgement:
    """As `nodrop preview --against` judges the program in the project's folder."""
    written: dict[str, Any] = {"version": 3, "deployment": deployed.stack.export()}
    values = {f"gke-nodrop:{key}": value for key, value in {**deployed.config, **config}.items()}
    return compare(evaluate(PROJECT, NAME, config=values), read_state(json.dumps(written), "state.json"))


def test_preview_against_the_export_is_silent_on_the_same_program(deployed: Deployed) -> None:
    comparison = against_export(deployed)
    assert comparison.paths == (f"{NAME}/web",)
    assert (comparison.diagnostics, comparison.not_compared) == ((), ())


def test_preview_against_the_export_finds_another_health_check_path(deployed: Deployed) -> None:
    comparison = against_export(deployed, app="serve-hostname")  # ready at / instead of /ready/
    assert [told.rule for told in comparison.diagnostics if told.is_error] == ["health-check-path-stays"]


def test_engine_would_move_the_health_check_before_the_pods(deployed: Deployed) -> None:
    """Which is why another path drops requests."""

    def elsewhere(settings: StackSettings) -> AppInputs:
        return replace(graceful(settings), readiness_path="/healthz/")

    with deployed.patch.context() as patch:
        patch.setattr(container_native, "graceful", elsewhere)
        assert deployed.stack.preview().of("update") == [BACKEND_CONFIG, DEPLOYMENT]


def test_new_image_updates_the_deployment_in_place(deployed: Deployed) -> None:
    deployed.patch.setattr(applications, "PYTHON_IMAGE", "python:3.14-slim")
    assert done(deployed.up()) == {("update", DEPLOYMENT, ("spec.template.spec.containers[0].image",))}
    assert {pod["spec"]["containers"][0]["image"] for pod in deployed.pods()} == {"python:3.14-slim"}


def test_more_replicas_update_the_deployment_only(deployed: Deployed) -> None:
    before = {pod["metadata"]["name"] for pod in deployed.pods()}
    assert done(deployed.up(replicas="4")) == {("update", DEPLOYMENT, ("spec.replicas",))}
    after = {pod["metadata"]["name"] for pod in deployed.pods()}
    assert len(after) == 4
    assert after > before


def test_another_host_updates_the_ingress_in_place_and_leaves_the_first_certificate_alone(deployed: Deployed) -> None:
    outcome = deployed.up(hosts='["www.example.com", "shop.example.com"]')
    assert done(outcome) == {
        ("create", SECOND_CERTIFICATE, ()),
        ("update", INGRESS, (CERTIFICATES, "spec.rules[1]")),
    }


def test_another_machine_type_updates_the_node_pool_in_place(deployed: Deployed) -> None:
    def larger(name: str, args: NodePoolArgs) -> NodePool:
        return NodePool(name, {**args, "machine_type": "e2-standard-4"})

    deployed.patch.setattr(foundation, "NodePool", larger)
    assert done(deployed.up()) == {("update", f"{NODE_POOL} nodrop", ("nodeConfig.machineType",))}


def test_second_service_comes_and_goes_without_touching_the_first(deployed: Deployed) -> None:
    class Both(WebService):
        def __init__(self, name: str, args: WebServiceArgs, opts: pulumi.ResourceOptions) -> None:
            WebService("second", {**args, "namespace": "second"}, opts)
            super().__init__(name, args, opts)

    negs = set(deployed.cloud.negs)
    with deployed.patch.context() as patch:
        patch.setattr(container_native, "WebService", Both)
        come = deployed.up()
    assert set(come.operations()) == {"create"}
    assert len(deployed.cloud.negs) == 2 * len(negs)

    gone = deployed.up()
    assert sorted(gone.of("delete")) == sorted(come.of("create"))
    assert set(gone.operations()) == {"delete"}
    assert set(deployed.cloud.negs) == negs
    assert deployed.world.client.find("v1", "Namespace", "second") is None
