"""A Gateway with a canary comes, shifts its weights and goes: every pod with the gate, nothing left behind."""

import json

import pulumi
import pytest

from gke_nodrop.backend.neg_service import NegService
from gke_nodrop.gateway.gateway import Gateway
from gke_nodrop.shared.namespace import namespace
from gke_nodrop.workload.rolling_deployment import RollingDeployment
from harness.cloud import Cloud
from harness.engine import Engine
from harness.worlds import GkeWorld, GkeWorlds
from nodrop.lab.kubernetes.gate import GATE
from nodrop.lab.kubernetes.rest import Object
from nodrop.paths import resolve
from stacks import foundation

pytestmark = pytest.mark.engine
SHOP = "shop"
HTTP_ROUTE = "gateway.networking.k8s.io/v1", "HTTPRoute"


def program() -> None:
    """Two versions of a service behind one route, by the weights in the stack's config."""
    weights: dict[str, int] = json.loads(pulumi.Config("gke-nodrop").require("weights"))
    base = foundation.build({"deletion_protection": False}, ports=["8080"])
    space = namespace(SHOP, SHOP, base.options)

    def after(*resources: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(base.options, pulumi.ResourceOptions(depends_on=[space, *resources]))

    services = {
        name: NegService(name, {"namespace": SHOP, "for_gateway": True, "for_ingress": False}, after())
        for name in weights
    }
    gateway = Gateway(
        SHOP,
        {
            "namespace": SHOP,
            "certificates": {"certificate_map": "shop"},
            "ssl_policy": "modern",
            "hosts": ["shop.example.com"],
            "routes": [
                {
                    "backends": [
                        {"service": service.service_name, "weight": weights[name]} for name, service in services.items()
                    ]
                }
            ],
        },
        after(),
    )
    for name in weights:
        RollingDeployment(name, {"namespace": SHOP, "image": f"{name}:1"}, after(gateway))
    pulumi.export("address", gateway.address)


def shares(world: GkeWorld) -> dict[str, int]:
    route = world.client.get(*HTTP_ROUTE, "shop-shop.example.com", SHOP)
    return {one["name"]: one["weight"] for one in route["spec"]["rules"][0]["backendRefs"]}


def gates(world: GkeWorld) -> list[tuple[str, bool]]:
    """Each pod's image, and whether it has the gate."""
    return sorted((pod["spec"]["containers"][0]["image"], GATE in _gates_of(pod)) for pod in _pods(world))


def _pods(world: GkeWorld) -> list[Object]:
    return [pod for pod in world.client.list("v1", "Pod", SHOP) if "deletionTimestamp" not in pod["metadata"]]


def _gates_of(pod: Object) -> list[str]:
    return [gate["conditionType"] for gate in pod["spec"].get("readinessGates", [])]


def test_a_canary_comes_shifts_and_goes(engine: Engine, cloud: Cloud, worlds: GkeWorlds) -> None:
    stack = engine.stack("gateway", program, {"gke-nodrop:weights": '{"web": 1}'})
    stack.up()
    (world,) = worlds.all
    assert gates(world) == [("web:1", True)] * 2
    stack.up(expect_no_changes=True)

    for step in ({"web": 1, "canary": 0}, {"web": 1, "canary": 9}, {"web": 0, "canary": 1}):
        stack.set_config("gke-nodrop:weights", json.dumps(step))
        stack.up()
        assert shares(world) == step
        assert gates(world) == [("canary:1", True)] * 2 + [("web:1", True)] * 2

    kinds = ("v1", "Service"), ("apps/v1", "Deployment"), ("gateway.networking.k8s.io/v1", "Gateway"), HTTP_ROUTE
    policies = [("networking.gke.io/v1", kind) for kind in ("HealthCheckPolicy", "GCPBackendPolicy")]
    found = resolve([each for kind in (*kinds, *policies) for each in world.client.list(*kind, SHOP)])
    assert found.problems == ()
    assert {path.name for path in found.paths} == {"shop/web via Gateway shop", "shop/canary via Gateway shop"}
    assert all(path.states_check for path in found.paths)

    stack.set_config("gke-nodrop:weights", '{"canary": 1}')
    stack.up()
    assert gates(world) == [("canary:1", True)] * 2
    stack.destroy()
    assert cloud.is_empty()
    assert stack.resources() == []
