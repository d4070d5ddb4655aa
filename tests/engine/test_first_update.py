"""The first update after an object's creation, at preview and for real, on the real engine and a real API server.

Since 4.29 the provider creates by POST, as one field manager, and updates by server-side apply, as another. The one
under test is older and creates by apply as well, so what it has created is given to the manager that POST would name;
it knows such objects, since still older versions made them. An update takes the creator's fields over first, a preview
does not: entries of lists that the update takes away stay in the preview, beside those that replace them.
"""

import copy
import inspect
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_kubernetes as k8s
import pytest

from harness.cloud import Cloud
from harness.control_plane import ControlPlane
from harness.engine import Engine, OperationError, Outcome, Stack
from harness.kubelet import Kubelet
from harness.manifests import deployment, service
from harness.waiting import until
from harness.worlds import GkeWorlds
from nodrop.lab.kubernetes.rest import Client, Object
from nodrop.preview import compare, evaluate, read_state

pytestmark = pytest.mark.engine
NAME = "first-update"
CHANGES = {"deployment": {"containerPort": 9090}, "service": {"port": 8000}, "nameless": {"port": 8000}}
MAIN = """
import json
import pulumi
import pulumi_kubernetes as k8s
"""


def program() -> None:
    config = pulumi.Config()
    kubeconfig = config.require_secret("kubeconfig")
    provider = k8s.Provider("cluster", kubeconfig=kubeconfig, cluster_identifier="tests")
    makers = {"Service": k8s.core.v1.Service, "Deployment": k8s.apps.v1.Deployment}
    for given in json.loads(config.require("objects")).values():
        metadata, spec = given["metadata"], given["spec"]
        maker = makers[given["kind"]]
        maker(metadata["name"], metadata=metadata, spec=spec, opts=pulumi.ResourceOptions(provider=provider))


@dataclass
class Shop:
    """Two Services, one without a name for its port, and a Deployment."""

    stack: Stack
    folder: Path
    objects: dict[str, Object]

    def change(self, key: str, **port: object) -> None:
        """Another first port."""
        spec = self.objects[key]["spec"]
        container = spec["template"]["spec"]["containers"][0] if key == "deployment" else spec
        container["ports"][0].update(port)
        self.configure()

    def note(self, key: str) -> None:
        """Another annotation."""
        self.objects[key]["metadata"]["annotations"]["example.com/note"] = "other"
        self.configure()

    def configure(self) -> None:
        self.stack.set_config(f"{NAME}:objects", json.dumps(self.objects))

    def told(self) -> list[tuple[str, str, bool]]:
        """What `nodrop preview --against` says of the present program: about whom, by which rule, whether an error."""
        written = json.dumps({"version": 3, "deployment": self.stack.export()})
        config = {f"{NAME}:objects": json.dumps(self.objects), f"{NAME}:kubeconfig": "unused"}
        comparison = compare(evaluate(self.folder, "dev", config=config), read_state(written, "state.json"))
        return [(str(one.object).partition("/")[2], one.rule, one.is_error) for one in comparison.diagnostics]

    def refusal(self, operation: Callable[[], Outcome]) -> str:
        """Why the engine does not do it; empty if it does."""
        try:
            operation()
        except OperationError as error:
            return error.output
        return ""


@dataclass(frozen=True)
class Seen:
    """Of a change: what the engine and what `--against` say."""

    refusal: str
    told: list[tuple[str, str, bool]]


@pytest.fixture(scope="module")
def shop(
    worlds: GkeWorlds,
    control_plane: ControlPlane,
    client: Client,
    kubelet: Kubelet,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("first-update") / "project"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text(f"name: {NAME}\nruntime: python\n")
    (folder / "__main__.py").write_text(f"{MAIN}\n{inspect.getsource(program)}\nprogram()\n")
    client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAME}})
    named = service(NAME, annotations={"pulumi.com/skipAwait": "true"})
    nameless = copy.deepcopy(named)
    nameless["metadata"]["name"] = "nameless"
    del nameless["spec"]["ports"][0]["name"]
    objects = {"service": named, "nameless": nameless, "deployment": deployment(NAME, replicas=1)}
    engine = Engine(folder.parent, Cloud(worlds=worlds), worlds)
    stack = engine.stack("dev", program, {f"{NAME}:kubeconfig": control_plane.kubeconfig()}, project=NAME)
    shop = Shop(stack, folder, objects)
    shop.configure()
    shop.stack.up()
    for given in objects.values():
        as_if_posted(client, given)
    shop.stack.refresh()
    yield shop
    engine.stop()
    client.delete("v1", "Namespace", NAME)  # in another process's share of the tests it may be needed again
    until(lambda: client.find("v1", "Namespace", NAME) is None)


def as_if_posted(client: Client, given: Object) -> None:
    """Gives the fields that were applied to the manager that the provider's POST names."""
    live = client.get(given["apiVersion"], given["kind"], given["metadata"]["name"], NAME)
    (own,) = [one for one in live["metadata"]["managedFields"] if one["operation"] == "Apply"]
    own.update(manager="pulumi-kubernetes", operation="Update")
    client.replace(live)
    changed = client.get(given["apiVersion"], given["kind"], given["metadata"]["name"], NAME)
    assert "Apply" not in {one["operation"] for one in changed["metadata"]["managedFields"]}


@pytest.fixture(scope="module")
def at_first(shop: Shop) -> dict[str, Seen]:
    """Each object's first update is another port."""
    seen, created = {}, shop.objects
    for key, changed in CHANGES.items():
        shop.objects = copy.deepcopy(created)
        shop.change(key, **changed)
        seen[key] = Seen(shop.refusal(shop.stack.preview), shop.told())
    shop.objects = created
    shop.configure()
    return seen


@pytest.mark.parametrize(
    ("key", "name", "refusal"),
    [
        ("deployment", "web", r'containers\[0\]\.ports\[1\]\.name: Duplicate value: "http"'),
        ("service", "web", r'spec\.ports\[1\]\.name: Duplicate value: "http"'),
        ("nameless", "nameless", r"spec\.ports\[0\]\.name: Required value"),
    ],
)
def test_another_port_as_the_first_update_cannot_be_previewed_and_that_is_foretold(
    at_first: dict[str, Seen], key: str, name: str, refusal: str
) -> None:
    assert re.search(refusal, at_first[key].refusal)
    assert at_first[key].told == [(name, "replaced-entries-leave", False)]


def test_the_update_itself_takes_over_what_the_creator_owns(
    shop: Shop, at_first: dict[str, Seen], client: Client
) -> None:
    """The Automation API's `up` is `pulumi up --skip-preview`."""
    shop.change("deployment", **CHANGES["deployment"])
    assert shop.stack.up().of("update") == ["kubernetes:apps/v1:Deployment web"]
    (container,) = client.get("apps/v1", "Deployment", "web", NAME)["spec"]["template"]["spec"]["containers"]
    assert [port["containerPort"] for port in container["ports"]] == [9090]
    assert shop.told() == []


def test_after_any_other_update_another_port_can_be_previewed(shop: Shop, at_first: dict[str, Seen]) -> None:
    shop.note("service")
    assert shop.refusal(shop.stack.preview) == ""
    shop.stack.up()
    shop.change("service", **CHANGES["service"])
    assert (shop.told(), shop.refusal(shop.stack.preview)) == ([], "")
    shop.stack.up()


def test_a_port_that_somebody_else_owns_too_stays_for_good_and_that_is_foretold(
    shop: Shop, at_first: dict[str, Seen], client: Client
) -> None:
    owned = {key: shop.objects["nameless"][key] for key in ("apiVersion", "kind")}
    owned |= {"metadata": {"name": "nameless", "namespace": NAME}, "spec": {"ports": [{"port": 80}]}}
    client.apply(owned, field_manager="somebody", force=True)
    shop.stack.refresh()
    shop.change("nameless", **CHANGES["nameless"])
    told, refusal = shop.told(), shop.refusal(shop.stack.up)
    shop.change("nameless", port=80)
    assert told == [("nameless", "replaced-entries-leave", True)]
    assert "spec.ports[0].name: Required value" in refusal
