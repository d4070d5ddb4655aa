"""One real control plane a session, with nodes; each test gets a Namespace of its own in it."""

import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from harness import tools
from harness.cloud import Cloud
from harness.control_plane import ControlPlane
from harness.engine import Engine, engine_in
from harness.kubelet import Kubelet
from harness.manifests import ZONES
from harness.own_stacks import Running, settled, stack_of
from harness.waiting import until
from harness.worlds import GkeWorlds
from machines import Machine
from nodrop.lab.kubernetes.rest import Client
from tools import build, venvs


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


class KeptUp:
    """A stack that is up, made when it is first asked for, and anew after a test that may have left it in any state."""

    def __init__(self, make: Callable[[], AbstractContextManager[Running]]) -> None:
        self._make, self._open = make, ExitStack()
        self._running: Running | None = None

    def get(self) -> Running:
        if self._running is None:
            self._running = self._open.enter_context(self._make())
        return self._running

    def end(self) -> None:
        self._running = None
        self._open.close()


@pytest.fixture(scope="module")
def kept_up(worlds: GkeWorlds, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptUp]:
    @contextmanager
    def made() -> Generator[Running]:
        with engine_in(tmp_path_factory.mktemp("running"), worlds) as engine:
            stack = stack_of(engine)
            stack.up()
            (world,) = worlds.all
            yield Running(engine, stack, world)

    kept = KeptUp(made)
    yield kept
    kept.end()


@pytest.fixture
def running(kept_up: KeptUp, request: pytest.FixtureRequest) -> Iterator[Running]:
    """A stack that is up and at rest, shared by the tests of a module; each that passes leaves it up."""
    before = request.session.testsfailed
    running = kept_up.get()
    until(lambda: settled(running.world))
    yield running
    if request.session.testsfailed > before:
        kept_up.end()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path)
    monkeypatch.setenv("PATH", str(machine.on_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    monkeypatch.delenv("NODROP_REQUIRE_ENGINE", raising=False)
    monkeypatch.setattr(venvs.Venv, "missing", lambda _: "")
    build.go.cache_clear()
    return machine


@pytest.fixture
def one_module(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> tools.Build:
    """All that there is to build."""
    monkeypatch.setattr(tools, "MODULES", machine.modules)
    monkeypatch.setattr(tools, "node_packages", lambda: machine.cache / "nodejs")
    one = machine.module()
    monkeypatch.setattr(tools, "ALL", (one,))
    monkeypatch.setattr(tools, "OLDEST_KUBERNETES", replace(one, modfile="oldest.mod", programs=("older",)))
    (machine.modules / "small" / "oldest.mod").write_text((one.folder / "go.mod").read_text().replace("1.2.3", "1.0.0"))
    monkeypatch.setattr(tools, "NEEDED", one.programs)
    return one
