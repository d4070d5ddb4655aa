"""What the engine and the Kubernetes provider make of resources under other names, and that `compare` says so."""

import json
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from harness.control_plane import ControlPlane
from harness.engine import Engine, Program
from nodrop.judge import ChangeJudgement
from nodrop.lab.kubernetes.rest import Client
from nodrop.preview import compare, evaluate_function, read_state

pytestmark = pytest.mark.engine
KEPT = "objects-keep-their-resource"
LABELS = {"app": "web"}
NEG = {"cloud.google.com/neg": '{"ingress": true}'}
UNAWAITED = {"pulumi.com/skipAwait": "true"}


class Shop(pulumi.ComponentResource):
    """A serving path, under names that begin with the component's."""

    def __init__(self, kind: str, name: str, namespace: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__(kind, name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        metadata: Any = {"name": "web", "namespace": namespace, "labels": LABELS, "annotations": UNAWAITED}
        service: Any = {"selector": LABELS, "ports": [{"port": 80, "targetPort": 8080}]}
        ingress: Any = {"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}}
        pod = {"containers": [{"name": "web", "image": "web:1", "ports": [{"containerPort": 8080}]}]}
        template = {"metadata": {"labels": LABELS}, "spec": pod}
        deployment: Any = {"replicas": 2, "selector": {"matchLabels": LABELS}, "template": template}
        with_neg: Any = {**metadata, "annotations": {**UNAWAITED, **NEG}}
        k8s.core.v1.Service(f"{name}-service", metadata=with_neg, spec=service, opts=child)
        k8s.networking.v1.Ingress(f"{name}-ingress", metadata=metadata, spec=ingress, opts=child)
        k8s.apps.v1.Deployment(f"{name}-pods", metadata=metadata, spec=deployment, opts=child)


@pytest.fixture
def shop(control_plane: ControlPlane, namespace: str):
    """Makes programs of one shop: the component's name, its aliases, its type, and the component around it, if any."""

    def shop(name: str, *aliases: pulumi.Alias, kind: str = "shop:index:Shop", within: str = "") -> Program:
        def program() -> None:
            kubeconfig = pulumi.Output.secret(control_plane.kubeconfig())
            provider = k8s.Provider("cluster", kubeconfig=kubeconfig, cluster_identifier="tests")
            opts = pulumi.ResourceOptions(provider=provider, aliases=list(aliases))
            if within:
                opts.parent = pulumi.ComponentResource("shop:index:Team", within)
            Shop(kind, name, namespace, opts)

        return program

    return shop


def compared(exported: object, program: Program) -> ChangeJudgement:
    state = read_state(json.dumps({"version": 3, "deployment": exported}), "state.json")
    return compare(evaluate_function(program, project="gke-nodrop", stack="shop"), state)


@pytest.mark.parametrize(
    ("name", "aliases", "options"),
    [
        ("new", [pulumi.Alias(name="old")], {}),
        ("old", [pulumi.Alias(type_="shop:index:Shop")], {"kind": "shop:index:Store"}),
        ("old", [pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)], {"within": "team"}),
        ("new", [pulumi.Alias(name="old", parent=pulumi.ROOT_STACK_RESOURCE)], {"within": "team"}),
    ],
    ids=["another name", "another type", "within another", "another name within another"],
)
def test_a_components_alias_keeps_its_objects(engine: Engine, shop, name, aliases, options) -> None:
    stack = engine.stack("shop", shop("old"))
    stack.up()
    renamed = shop(name, *aliases, **options)
    foretold = compared(stack.export(), renamed)
    assert len(foretold.paths) == 1
    assert (foretold.diagnostics, foretold.not_compared) == ((), ())
    done = stack.up(renamed)
    assert {step.resource for step in done.steps if step.operation != "same"} <= {"shop:index:Team team"}


def test_without_an_alias_the_objects_are_gone(engine: Engine, shop, client: Client, namespace: str) -> None:
    """The provider writes over the old object and then deletes it; from 4.29 on it refuses to create the new one."""
    stack = engine.stack("shop", shop("old"))
    stack.up()
    assert client.list("apps/v1", "Deployment", namespace) != []
    foretold = compared(stack.export(), shop("new"))
    kinds = {each.object.kind for each in foretold.diagnostics if each.rule == KEPT and each.object}
    assert kinds == {"Deployment", "Service", "Ingress"}
    stack.up(shop("new"))
    for version, kind in (("apps/v1", "Deployment"), ("v1", "Service"), ("networking.k8s.io/v1", "Ingress")):
        assert client.list(version, kind, namespace) == []
