"""What an evaluation of a Pulumi program gives: its resources as the engine would plan them, and what it logged.

Plain frozen values, no protocol and no Pulumi type: every later package can hold them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from nodrop.preview.values import Properties, Unknown

Severity: TypeAlias = Literal["info", "warning", "error"]

OTHER_STACK = "pulumi:pulumi:StackReference"
"""Type of what has another stack's outputs: of any number of clusters, and new ones at any update."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """The resource options that the engine acts on, under their names in Pulumi's Python SDK; URNs where it takes
    resources. What a resource inherits from its parent is filled in.
    """

    protect: bool = False
    retain_on_delete: bool = False
    delete_before_replace: bool | None = None
    deleted_with: str | None = None
    replace_with: tuple[str, ...] = ()
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    hide_diffs: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    custom_timeouts: Mapping[str, str] = field(default_factory=dict)
    """By operation (create, update, delete, read), as written: a Go duration such as "20m"."""
    replacement_trigger: Any = None
    """As JSON, secrets masked; another value replaces the resource."""
    import_id: str | None = None
    version: str | None = None
    plugin_download_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource, as the program declared it and the engine would plan its creation."""

    urn: str
    type: str
    """The type token, such as "kubernetes:apps/v1:Deployment"."""
    name: str
    """The logical name: the resource's name in the program."""
    custom: bool
    """Whether a provider manages it; a component only groups other resources."""
    remote: bool = False
    """Whether its provider makes its children, which are not evaluated."""
    parent: str | None
    """URN; None for the stack itself."""
    provider: str | None
    """URN of the explicit provider; None: the default provider of the package, or no provider at all."""
    dependencies: tuple[str, ...]
    """URNs, from `depends_on` and from the inputs."""
    property_dependencies: Mapping[str, tuple[str, ...]]
    """URNs by input, for the inputs that depend on a resource."""
    inputs: Properties
    """With UNKNOWN and Secret at the leaves; Kubernetes objects with the name and namespace of `kubernetes.check`."""
    options: Options
    read_id: str | Unknown | None = None
    """The id of a resource that the program reads (`Resource.get`) and does not manage."""
    outputs: Properties = field(default_factory=dict)
    """What a component, or the stack, registered as its outputs."""

    @property
    def urns(self) -> tuple[str, ...]:
        """All under which a state may have it, in the order in which the engine looks: its own, then its aliases.

        Source: pulumi/pulumi pkg/resource/deploy/step_generator.go, getOldResource.
        """
        return (self.urn, *self.options.aliases)


@dataclass(frozen=True, kw_only=True)
class LogMessage:
    """One message of the program, or of the preview about it."""

    severity: Severity
    message: str
    urn: str | None = None


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """A program evaluated for one stack.

    `resources` stand in the order in which the program made them, the stack first, so that each comes after its parent
    and after everything it depends on; the order is the same in every evaluation.
    """

    project: str
    stack: str
    resources: tuple[Resource, ...]
    outputs: Properties
    diagnostics: tuple[LogMessage, ...]
    default_provider: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Inputs of the default Kubernetes provider, which are the stack's configuration of that namespace, secrets
    masked."""
    stacks_without_outputs: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Names of the other stacks of which nobody gave the outputs, by URN of the reference."""


def type_of(urn: str) -> str:
    """The type in a URN, without those of its parents."""
    return urn.split("::")[2].rpartition("$")[2]


def name_in(urn: str) -> str:
    """The name in a URN."""
    return urn.rpartition("::")[2]


class ProgramError(ValueError):
    """The program failed; the message is the program's own."""
