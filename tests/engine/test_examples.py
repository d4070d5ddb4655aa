"""Examples come up on a real API server, stay as they are, and go without leaving anything, by the real engine.

The programs have no cluster of their own: the stack's config gives the default provider a kubeconfig, as a user would.
"""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from harness.cloud import NETWORK, SUBNETWORK, Cloud
from harness.engine import Engine, Stack, engine_in
from harness.examples import CONFIG, ELSEWHERE, EXAMPLES, NOT_READ, Example
from harness.manifests import ZONES
from harness.waiting import until
from harness.worlds import GkeWorld, GkeWorlds
from nodrop.lab.kubernetes.gate import GATE
from nodrop.lab.kubernetes.rest import Client, Object

pytestmark = pytest.mark.engine
VPC = "projects/test-project/global/networks/shop"
SUBNET = "projects/my-project/regions/europe-west1/subnetworks/shop"
"""As the program of the internal service calls it."""
GIVEN = "team-shop"
"""The Namespace that one program takes as given."""
REGION = "europe-west1"
TOGETHER = (
    ("Simplest service", "Several services on one Ingress", "Identity-Aware Proxy", "Content delivery network"),
    ("Ingress and Gateway side by side", "Gateway with a canary", "Internal service"),
    ("Cloud Armor", "gRPC", "Locked-down pods"),
    ("Sidecars", "Workload Identity"),
    ("Autoscaling",),
    ("Existing namespace",),
)
"""Titles of examples that share a stack, to save time: no two in a row call something the same."""
OWN_CLUSTER = ("Network of a planned size", "Existing network", "Shared VPC")
"""Titles of examples that make a cluster, each a stack of its own."""
GIVEN_NETWORKS = {
    f"projects/{project}/global/networks/shop": f"projects/{project}/regions/{REGION}/subnetworks/shop"
    for project in ("my-project", "shop-network")
}
"""Networks that these take as given, with their subnets."""
PROTECTED = '"network": network.cluster_network'
"""In these, where a cluster takes no protection from deletion so that the test can end it."""
PASSING = {"Event", "EndpointSlice", "Endpoints"}
"""Kinds of which Kubernetes leaves some behind for a while."""


@dataclass(frozen=True)
class Site:
    """An engine and a cluster that all examples use, one after the other."""

    engine: Engine
    cloud: Cloud
    world: GkeWorld

    @property
    def client(self) -> Client:
        return self.world.client

    def stack(self, examples: list[Example]) -> Stack:
        """A stack of the programs', whose providers reach the cluster and the cloud."""
        stack = self.engine.stack(examples[0].slug, program_of(examples), {"gcp:region": REGION}, project="shop")
        stack.set_config("kubernetes:kubeconfig", self.world.plane.kubeconfig(), secret=True)
        for key, value in CONFIG.items():
            stack.set_config(f"shop:{key}", value, secret="secret" in key)
        return stack

    def objects(self) -> set[tuple[str, ...]]:
        """Kind, namespace and name of each object in the API server."""
        found = set()
        for api_version in ("v1", *self._groups()):
            root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
            for kind in self.client.request("GET", root)["resources"]:
                if "/" not in kind["name"] and "list" in kind["verbs"] and kind["kind"] not in PASSING:
                    metadata = [one["metadata"] for one in self.client.list(api_version, kind["kind"])]
                    found |= {(kind["kind"], one.get("namespace", ""), one["name"]) for one in metadata}
        return found

    def _groups(self) -> list[str]:
        groups = self.client.request("GET", "/apis")["groups"]
        return [group["preferredVersion"]["groupVersion"] for group in groups]


def program_of(examples: list[Example]) -> Callable[[], None]:
    def program() -> None:
        for example in examples:
            exec(compile(example.program, example.slug, "exec"), {"__name__": "__main__"})

    return program


@pytest.fixture(scope="module")
def site(worlds: GkeWorlds, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with engine_in(tmp_path_factory.mktemp("examples"), worlds) as engine:
        world = worlds.take("examples", VPC, engine.cloud)
        world.add_nodes("default", list(ZONES))
        world.client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": GIVEN}})
        yield Site(engine, engine.cloud, world)
        worlds.give_back(world)


@pytest.fixture
def before(site: Site) -> Iterator[set[tuple[str, ...]]]:
    """What is in the API server without any example; the network and its subnet are in the cloud."""
    until(lambda: ("ServiceAccount", GIVEN, "default") in site.objects())
    site.cloud.create(NETWORK, VPC, {})
    site.cloud.create(SUBNETWORK, SUBNET, {"network": VPC})
    yield site.objects()
    site.cloud.resources.clear()


def test_every_example_is_in_one_stack() -> None:
    assert NOT_READ == 0
    titles = [*OWN_CLUSTER, *(title for titles in TOGETHER for title in titles)]
    assert sorted(titles) == sorted(example.title for example in EXAMPLES)


@pytest.mark.parametrize("titles", TOGETHER, ids=" and ".join)
def test_examples_come_stay_and_go(site: Site, before: set[tuple[str, ...]], titles: tuple[str, ...]) -> None:
    examples = [example for example in EXAMPLES if example.title in titles]
    stack = site.stack(examples)
    planned = stack.preview().operations()
    assert stack.up().operations() == planned
    assert made_by(stack) == sum((Counter(example.inventory) for example in examples), Counter())
    assert {gates_of(pod) for pod in site.client.list("v1", "Pod")} == {(GATE,)}
    assert {judged(pod) for pod in site.client.list("v1", "Pod")} <= {"Pod has become Healthy", "Pod is in"}  # in a NEG

    stack.up(expect_no_changes=True)
    stack.refresh(expect_no_changes=True)

    goes(stack, site, before)


@pytest.mark.parametrize("title", OWN_CLUSTER)
def test_an_example_with_its_cluster_comes_stays_and_goes(
    engine: Engine, cloud: Cloud, worlds: GkeWorlds, title: str
) -> None:
    (example,) = [each for each in EXAMPLES if each.title == title]
    unprotected = replace(
        example, program=example.program.replace(PROTECTED, f'{PROTECTED}, "deletion_protection": False')
    )
    assert unprotected.program != example.program
    for network, subnetwork in GIVEN_NETWORKS.items():
        cloud.create(NETWORK, network, {})
        cloud.create(SUBNETWORK, subnetwork, {"network": network})
    given = set(cloud.resources)
    stack = engine.stack(example.slug, program_of([unprotected]), {"gcp:region": REGION}, project="shop")
    planned = stack.preview().operations()
    assert stack.up().operations() == planned
    assert made_by(stack) == Counter(example.inventory)
    client = worlds.all[-1].client
    assert {gates_of(pod) for pod in client.list("v1", "Pod")} == {(GATE,)}

    stack.up(expect_no_changes=True)
    stack.refresh(expect_no_changes=True)

    stack.destroy()
    assert stack.resources() == []
    assert set(cloud.resources) == given


def goes(stack: Stack, site: Site, before: set[tuple[str, ...]]) -> None:
    """The stack is destroyed, and nothing is left of it."""
    stack.destroy()
    assert stack.resources() == []
    with contextlib.suppress(TimeoutError):
        until(lambda: site.objects() <= before and not (site.cloud.negs or site.cloud.firewalls))
    assert site.objects() - before == set()
    site.cloud.delete(SUBNETWORK, SUBNET)
    site.cloud.delete(NETWORK, VPC)
    assert site.cloud.is_empty()


def test_the_move_from_a_node_port_comes_step_by_step_and_goes(site: Site, before: set[tuple[str, ...]]) -> None:
    steps = [Example("move", text, {}) for name, text in ELSEWHERE.items() if name.startswith("On one Ingress, step")]
    assert len(steps) == 4
    stack = site.stack(steps[:1])
    for step in steps:
        changed = stack.up(program_of([step])).operations()
        assert not [operation for operation in changed if "replace" in operation]
        stack.up(program_of([step]), expect_no_changes=True)
    goes(stack, site, before)


def made_by(stack: Stack) -> Counter[str]:
    """How many resources of each kind are in the state, components and providers apart."""
    made = (one for one in stack.export()["resources"] if one["custom"] and not one["type"].startswith("pulumi:"))
    return Counter(one["type"].rpartition(":")[2] for one in made)


def judged(pod: Object) -> str:
    """What was said of the pod's gate, up to the NEG."""
    (said,) = [each["message"] for each in pod["status"]["conditions"] if each["type"] == GATE]
    return said.partition(" in NEG" if "Healthy" in said else " NEG")[0]


def gates_of(pod: Object) -> tuple[str, ...]:
    return tuple(gate["conditionType"] for gate in pod["spec"].get("readinessGates", []))
