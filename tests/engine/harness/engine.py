"""The real Pulumi engine, driven through the Automation API, with inline programs and a file backend.

What runs for real: the engine, its state and history, the Python SDK, the Kubernetes provider. For gcp there is a
stand-in. The program runs in the test process, without a language host. Checkpoints during an operation are left out
unless asked for, since they take most of the time.
"""

import gc
import os
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pulumi import automation
from pulumi.automation import events
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS

from harness import tools
from harness.cloud import CLUSTER, PROJECT, Cloud
from harness.gcp_provider import GcpProvider
from harness.plugins import StandIn
from harness.worlds import GkeWorld, GkeWorlds
from languages.run_python import at_once

Program = Callable[[], None]
PASSPHRASE = "correct horse"
_GRPC_CHANNEL_OPTIONS.append(("grpc.use_local_subchannel_pool", 1))
"""Else an engine on the port of one that has ended is not connected to, for as long as a channel to that one waits."""
VERSIONS = {"gcp": version("pulumi-gcp"), "kubernetes": version("pulumi-kubernetes")}


class OperationError(Exception):
    """The operation failed; the message is all that the engine printed."""

    def __init__(self, output: str, steps: list["Step"]) -> None:
        super().__init__(output)
        self.output, self.steps = output, steps


@dataclass(frozen=True)
class Step:
    """What the engine did, or would do, with a resource."""

    operation: str
    """Of the engine: create, update, delete, same, create-replacement and so on."""
    urn: str
    changed: tuple[str, ...]
    """Property paths."""

    @property
    def resource(self) -> str:
        """Type and name, such as kubernetes:apps/v1:Deployment web."""
        kind, name = self.urn.split("::")[2:4]
        return f"{kind.rpartition('$')[2]} {name}"


@dataclass
class Outcome:
    """Of an operation."""

    steps: list[Step] = field(default_factory=list)
    """In the order in which they began."""
    done: list[Step] = field(default_factory=list)
    """In the order in which they ended well."""
    output: str = ""
    outputs: dict[str, Any] = field(default_factory=dict)
    """The stack's, after `up`; secrets in clear."""

    def operations(self) -> dict[str, int]:
        """How many resources met what operation; unchanged ones do not count."""
        names = [step.operation for step in self.steps if step.operation not in ("same", "read")]
        return {name: names.count(name) for name in sorted(set(names))}

    def of(self, operation: str) -> list[str]:
        """Types and names, in the engine's order."""
        return [step.resource for step in self.steps if step.operation == operation]


class Stack:
    """One stack."""

    def __init__(self, stack: automation.Stack, environment: dict[str, str]) -> None:
        self.stack = stack
        self.environment = environment
        """Of the CLI and what it starts; changes hold from the next operation on."""

    def up(self, program: Program | None = None, *, expect_no_changes: bool = False, **options: Any) -> Outcome:
        """`pulumi up`, of another program where one is given.

        Raises:
            OperationError: it failed, or changed something that it should not have.
        """
        given = program and at_once(program)
        outcome = self._run(self.stack.up, program=given, expect_no_changes=expect_no_changes, **options)
        outcome.outputs = {name: output.value for name, output in self.stack.outputs().items()}
        return outcome

    def preview(self, program: Program | None = None, *, expect_no_changes: bool = False, **options: Any) -> Outcome:
        """`pulumi preview`."""
        given = program and at_once(program)
        return self._run(self.stack.preview, program=given, expect_no_changes=expect_no_changes, **options)

    def refresh(self, *, expect_no_changes: bool = False, **options: Any) -> Outcome:
        """`pulumi refresh`."""
        return self._run(self.stack.refresh, expect_no_changes=expect_no_changes, **options)

    def destroy(self, **options: Any) -> Outcome:
        """`pulumi destroy`."""
        return self._run(self.stack.destroy, **options)

    def export(self) -> dict[str, Any]:
        """The state; the Automation API asks for it with secrets in clear."""
        return dict(self.stack.export_stack().deployment or {})

    def resources(self) -> list[str]:
        """Types and names in the state."""
        return [Step("", one["urn"], ()).resource for one in self.export().get("resources", [])]

    def set_config(self, key: str, value: str, *, secret: bool = False) -> None:
        """`pulumi config set`."""
        self.stack.set_config(key, automation.ConfigValue(value, secret))

    def _run(self, operation: Callable[..., Any], **options: Any) -> Outcome:
        outcome, printed = Outcome(), []
        # A failed operation leaves its program's coroutine behind: collected during the next one's, it would shut down
        # the callbacks of that.
        gc.collect()

        def note(event: events.EngineEvent) -> None:
            for found, steps in ((event.resource_pre_event, outcome.steps), (event.res_outputs_event, outcome.done)):
                if found:
                    metadata = found.metadata
                    changed = tuple(metadata.detailed_diff or metadata.diffs or ())
                    steps.append(Step(str(metadata.op.value), metadata.urn, changed))

        chosen = {name: value for name, value in options.items() if value not in (None, False)}
        try:
            operation(on_output=printed.append, on_error=printed.append, on_event=note, color="never", **chosen)
        except automation.CommandError:
            raise OperationError("\n".join(printed), outcome.steps) from None
        outcome.output = "\n".join(printed)
        return outcome


def plugin(home: Path, name: str) -> Path:
    """Where the engine looks for a provider's program, in a folder made for it."""
    folder = home / "plugins" / f"resource-{name}-v{VERSIONS[name]}"
    folder.mkdir(parents=True)
    return folder / f"pulumi-resource-{name}"


class Engine:
    """A backend with its plugins, over one cloud."""

    def __init__(self, folder: Path, cloud: Cloud, worlds: GkeWorlds) -> None:
        self.folder, self.cloud, self.worlds = folder, cloud, worlds
        self.home, self.programs = folder / "home", folder / "root" / "bin"
        self.programs.mkdir(parents=True)
        (self.programs / "pulumi").symlink_to(tools.path("pulumi"))
        worlds.install_auth_plugin(self.programs)
        self.gcp = StandIn(plugin(self.home, "gcp"), lambda: GcpProvider(cloud), address=folder / "gcp.sock")
        plugin(self.home, "kubernetes").symlink_to(tools.path("pulumi-resource-kubernetes"))
        (folder / "backend").mkdir()

    def environment(self, *, checkpoints: bool = True) -> dict[str, str]:
        """For any run of the CLI."""
        quick = {} if checkpoints else {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
        return {
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_HOME": str(self.home),
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "SSL_CERT_FILE": str(self.worlds.roots),  # for the Kubernetes provider, of clusters' DNS endpoints
            "KUBE_FEATURE_WatchListClient": "true",  # as from 4.26 on: what the provider reads first is not old
            **quick,
        }

    def stack(
        self,
        name: str,
        program: Program,
        config: Mapping[str, str] | None = None,
        *,
        project: str = "gke-nodrop",
        checkpoints: bool = False,
    ) -> Stack:
        """A new stack with config in clear, by full keys; the provider's project and region are there already."""
        work = self.folder / f"{project}-{name}"
        work.mkdir()
        values = {"gcp:project": PROJECT, "gcp:region": "us-central1", **(config or {})}
        backend = automation.ProjectBackend(f"file://{self.folder / 'backend'}")
        environment = self.environment(checkpoints=checkpoints)
        options = automation.LocalWorkspaceOptions(
            work_dir=str(work),
            pulumi_home=str(self.home),
            env_vars=environment,
            project_settings=automation.ProjectSettings(name=project, runtime="python", backend=backend),
            stack_settings={name: automation.StackSettings(config=values)},
            pulumi_command=automation.PulumiCommand(str(self.programs.parent)),
        )
        made = automation.create_stack(name, project_name=project, program=at_once(program), opts=options)
        return Stack(made, environment)

    def stop(self) -> None:
        """Ends the stand-in's servers."""
        self.gcp.stop()


@contextmanager
def engine_in(folder: Path, worlds: GkeWorlds) -> Generator[Engine]:
    """An engine with an empty cloud. At its end others may use its clusters' control planes.

    Raises:
        AssertionError: one of the stand-ins behind its clusters failed.
    """
    worlds.settings.clear()
    worlds.all = own = []
    cloud = Cloud(worlds=worlds)
    engine = Engine(folder, cloud, worlds)
    try:
        yield engine
    finally:
        engine.stop()
        for cluster in cloud.of_type(CLUSTER):
            if isinstance(cluster.world, GkeWorld):
                worlds.give_back(cluster.world)
    assert [error for world in own for error in world.errors] == []
