"""This project's stacks as tests run them: without protection, with resource options changed from outside."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi

from harness.cloud import Cloud
from harness.engine import Engine, Program, Stack
from harness.worlds import GkeWorld
from stacks.programs import run

OPERATIONS = Path(__file__).parents[3] / "docs" / "operations.md"


@dataclass(frozen=True)
class Running:
    """A stack that is up."""

    engine: Engine
    stack: Stack
    world: GkeWorld

    @property
    def cloud(self) -> Cloud:
        return self.engine.cloud


def documented(*texts: str) -> str:
    """A pattern of these texts, in this order; each stands in docs/operations.md, however it is wrapped."""
    written = " ".join(OPERATIONS.read_text().split())
    missing = [text for text in texts if text not in written]
    assert not missing, f"{OPERATIONS.name} does not say {missing}"
    return r"[\s\S]*".join(map(re.escape, texts))


def stack_of(engine: Engine, name: str = "container-native", program: Program = run, **config: str) -> Stack:
    """A stack of that name; keys of config without their prefix."""
    own = {"deletion_protection": "false", **config}
    return engine.stack(name, program, {f"gke-nodrop:{key}": value for key, value in own.items()})


def with_options(token: str, options: Callable[[], pulumi.ResourceOptions]) -> Program:
    """The program, with options put upon all resources of a type."""

    def add(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        if args.type_ != token:
            return None
        return pulumi.ResourceTransformResult(args.props, pulumi.ResourceOptions.merge(args.opts, options()))

    def program() -> None:
        pulumi.runtime.register_resource_transform(add)
        run()

    return program


def impatient(token: str, **timeouts: str) -> Program:
    """The program, with timeouts (`create`, `update`, `delete`) of all resources of a type."""
    return with_options(token, lambda: pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(**timeouts)))


def settled(world: GkeWorld) -> bool:
    """Nothing comes or goes: a refresh that finds the Deployment unhealthy marks it for the next `up`."""
    found = world.client.get("apps/v1", "Deployment", "web", "container-native")
    status, wanted = found["status"], found["spec"]["replicas"]
    counts = [status.get(key) for key in ("replicas", "updatedReplicas", "availableReplicas")]
    return counts == [wanted] * 3 and status["observedGeneration"] == found["metadata"]["generation"]


def resource(stack: Stack, token: str) -> dict[str, Any]:
    """The one of that type in the state."""
    (found,) = [one for one in stack.export()["resources"] if one["type"] == token]
    return found


def failed(stack: Stack) -> list[str]:
    """Types of what the state marks as failed half-way."""
    return [one["type"] for one in stack.export()["resources"] if one.get("initErrors")]


def is_consistent(stack: Stack) -> bool:
    """Nothing pending; every dependency, parent and provider is there, and comes before what needs it."""
    deployment, seen = stack.export(), set()
    for one in deployment.get("resources", []):
        needed = {*one.get("dependencies", []), one.get("parent"), one.get("provider", "").rpartition("::")[0]}
        if not needed - {None, ""} <= seen:
            return False
        seen.add(one["urn"])
    return not deployment.get("pending_operations")
