"""Live objects that somebody else made are taken over by import: nothing is replaced, and no pod goes."""

import re
from pathlib import Path
from typing import Any

import pytest

from harness.cloud import ADDRESS, PROJECT, Cloud
from harness.engine import Engine
from harness.waiting import until
from harness.worlds import GkeWorld, GkeWorlds
from nodrop.lab.kubernetes.rest import Object
from nodrop.preview import evaluate, kubernetes_objects
from stacks import foundation

pytestmark = pytest.mark.engine
PAGE = Path(__file__).parents[2] / "docs" / "adoption.md"
(PROGRAM,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), flags=re.DOTALL | re.MULTILINE)
OPTIONS = "pulumi.ResourceOptions(transforms=[taken_over])"
ADDRESS_ID = f"projects/{PROJECT}/global/addresses/shop-address"


def base() -> foundation.Foundation:
    return foundation.build({"deletion_protection": False}, ports=["8080"])


def cluster() -> None:
    base()


def whole() -> None:
    """The page's program, on the cluster."""
    options: dict[str, Any] = {"OPTIONS": base().options}
    assert OPTIONS in PROGRAM
    exec(PROGRAM.replace(OPTIONS, f"pulumi.ResourceOptions.merge(OPTIONS, {OPTIONS})"), options)


def rendered(folder: Path) -> list[Object]:
    """The manifests that the component makes, as another tool would have them."""
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (folder / "__main__.py").write_text(PROGRAM)
    objects = kubernetes_objects(evaluate(folder, "dev", config={"gcp:project": PROJECT}))
    for each in objects:
        annotations = each["metadata"].get("annotations", {})
        each["metadata"]["annotations"] = {
            key: "shop-address" if value == "[unknown]" else value
            for key, value in annotations.items()
            if not key.startswith("pulumi.com/")
        }
    return objects


def resource(manifest: Object) -> str:
    """Its type and name in Pulumi."""
    version, name = manifest["apiVersion"], manifest["metadata"]["name"]
    return f"kubernetes:{version if '/' in version else f'core/{version}'}:{manifest['kind']} {name}"


def available(world: GkeWorld) -> int:
    """Pods of the Deployment."""
    return world.client.get("apps/v1", "Deployment", "shop", "shop").get("status", {}).get("availableReplicas", 0)


def pods(world: GkeWorld) -> set[str]:
    return {pod["metadata"]["uid"] for pod in world.client.list("v1", "Pod", "shop")}


def uids(world: GkeWorld, objects: list[Object]) -> dict[str, str]:
    client = world.client
    places = [(each, each["metadata"]["name"], each["metadata"].get("namespace")) for each in objects]
    return {
        f"{each['kind']} {name}": client.get(each["apiVersion"], each["kind"], name, namespace)["metadata"]["uid"]
        for each, name, namespace in places
    }


def test_objects_of_somebody_else_are_taken_over_in_place(
    engine: Engine, cloud: Cloud, worlds: GkeWorlds, tmp_path: Path
) -> None:
    folder = tmp_path / "rendered"
    folder.mkdir()
    stack = engine.stack("adopts", cluster)
    stack.up()
    (world,) = worlds.all
    cloud.create(ADDRESS, ADDRESS_ID, {"name": "shop-address", "addressType": "EXTERNAL", "project": PROJECT})
    objects = rendered(folder)
    for each in objects:
        world.client.apply(each, field_manager="kubectl")
    until(lambda: available(world) == 2)
    until(lambda: len(cloud.negs) == 2)  # one a zone
    was, ran, negs = uids(world, objects), pods(world), set(cloud.negs)

    stack.set_config("shop:taking_over", "import")
    came = stack.up(whole)
    assert sorted(came.of("import")) == sorted([*map(resource, objects), f"{ADDRESS} shop"])
    assert came.of("create") == ["gke-nodrop:index:WebService shop"]

    stack.set_config("shop:taking_over", "force")
    assert set(stack.up(whole).operations()) == {"update"}
    stack.stack.remove_config("shop:taking_over")
    assert set(stack.up(whole).operations()) == {"update"}
    stack.up(whole, expect_no_changes=True)
    assert (uids(world, objects), pods(world), set(cloud.negs)) == (was, ran, negs)
