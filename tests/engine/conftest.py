"""One real control plane a session, with nodes; each test gets a Namespace of its own in it."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.cloud import Cloud
from harness.control_plane import ControlPlane
from harness.engine import Engine, engine_in
from harness.kubelet import Kubelet
from harness.manifests import ZONES
from harness.own_stacks import Running, stack_of
from harness.worlds import GkeWorlds
from nodrop.lab.kubernetes.rest import Client


@pytest.fixture(scope="session")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    plane = ControlPlane()
    plane.start(tmp_path_factory.mktemp("control-plane"))
    yield plane
    plane.stop()


@pytest.fixture(scope="session")
def client(control_plane: ControlPlane) -> Client:
    return control_plane.client


@pytest.fixture(scope="session")
def kubelet(client: Client) -> Iterator[Kubelet]:
    kubelet = Kubelet(client)
    kubelet.add_nodes("default", ZONES)
    kubelet.start()
    yield kubelet
    kubelet.stop()
    assert not kubelet.errors


@pytest.fixture
def namespace(client: Client) -> str:
    """Not deleted: the API server goes with the session."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    return name


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GkeWorlds]:
    """Control planes of the fake cloud's clusters, apart from `control_plane`, which tests share."""
    worlds = GkeWorlds(tmp_path_factory.mktemp("worlds"))
    yield worlds
    worlds.stop()


@pytest.fixture
def engine(tmp_path: Path, worlds: GkeWorlds) -> Iterator[Engine]:
    with engine_in(tmp_path, worlds) as engine:
        yield engine


@pytest.fixture
def cloud(engine: Engine) -> Cloud:
    """The engine's: empty; what a test leaves in it goes with it."""
    return engine.cloud


@pytest.fixture(scope="module")
def running(worlds: GkeWorlds, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A stack that is up; each test of the module leaves it so."""
    with engine_in(tmp_path_factory.mktemp("running"), worlds) as engine:
        stack = stack_of(engine)
        stack.up()
        (world,) = worlds.all
        yield Running(engine, stack, world)
