"""What has been registered with a monitor so far: resources by URN, and what their children take over from them.

Follows the bookkeeping of pulumi/pulumi pkg/resource/deploy/source_eval.go and step_generator.go. Not here: the
protocol that it arrives by.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pulumi.runtime.proto import callback_pb2

from nodrop.preview.resources import OTHER_STACK, Evaluation, LogMessage, Resource
from nodrop.preview.stack_outputs import StackOutputs
from nodrop.preview.values import Properties


@dataclass(frozen=True, kw_only=True)
class LedgerEntry:
    """A registered resource with what only the monitor needs to know of it."""

    order: int
    """Place in the order in which the program made its resources."""
    resource: Resource
    echo: Properties
    """The properties that the program gets back."""
    provider_reference: str = ""
    """"<URN>::<id>" of the explicit provider that manages it."""
    transforms: tuple[callback_pb2.Callback, ...] = ()
    providers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Provider references by package, of a component."""


class Ledger:
    """Everything recorded in one evaluation; safe to write from several threads."""

    def __init__(
        self,
        project: str,
        stack: str,
        default_provider: Mapping[str, str] | None = None,
        stack_outputs: StackOutputs | None = None,
    ) -> None:
        self.project = project
        self.stack = stack
        self.default_provider = default_provider or {}
        self.stack_outputs = stack_outputs or {}
        self._lock = threading.Lock()
        self._entries: dict[str, LedgerEntry] = {}
        self._diagnostics: list[LogMessage] = []

    def urn(
        self, parent: str, type_token: str, name: str, *, project: str | None = None, stack: str | None = None
    ) -> str:
        """The URN of a resource: it carries the types of its parents (pulumi/pulumi sdk/go/common/resource/urn)."""
        parent_type = parent.split("::")[2] if parent else ""
        chain = type_token if parent_type in ("", "pulumi:pulumi:Stack") else f"{parent_type}${type_token}"
        return f"urn:pulumi:{stack or self.stack}::{project or self.project}::{chain}::{name}"

    def add(self, entry: LedgerEntry) -> None:
        """Record a resource; a second one of the same URN is an error in the engine's words and is not kept."""
        with self._lock:
            urn = entry.resource.urn
            if urn in self._entries:
                message = f"Duplicate resource URN '{urn}'; try giving it a unique name"
                self._diagnostics.append(LogMessage(severity="error", message=message, urn=urn))
            else:
                self._entries[urn] = entry

    def get(self, urn: str) -> LedgerEntry | None:
        """The resource of that URN, if it is registered."""
        with self._lock:
            return self._entries.get(urn)

    def ancestors(self, urn: str) -> Iterator[LedgerEntry]:
        """The resource of that URN, its parent, and so on up to the stack."""
        entry = self.get(urn)
        while entry is not None:
            yield entry
            entry = self.get(entry.resource.parent or "")

    def set_outputs(self, urn: str, outputs: Properties) -> None:
        """Keep what a component registered as its outputs."""
        with self._lock:
            if entry := self._entries.get(urn):
                resource = dataclasses.replace(entry.resource, outputs=outputs)
                self._entries[urn] = dataclasses.replace(entry, resource=resource)

    def log(self, diagnostic: LogMessage) -> None:
        """Keep a message."""
        with self._lock:
            self._diagnostics.append(diagnostic)

    def evaluation(self) -> Evaluation:
        """What has been recorded, in the program's order."""
        with self._lock:
            entries = sorted(self._entries.values(), key=lambda entry: entry.order)
            resources = tuple(entry.resource for entry in entries)
            stack = next((resource for resource in resources if resource.type == "pulumi:pulumi:Stack"), None)
            return Evaluation(
                project=self.project,
                stack=self.stack,
                resources=resources,
                outputs=stack.outputs if stack else {},
                diagnostics=tuple(self._diagnostics),
                default_provider=self.default_provider,
                stacks_without_outputs={
                    each.urn: each.inputs["name"]
                    for each in resources
                    if each.type == OTHER_STACK
                    and isinstance(each.inputs.get("name"), str)
                    and each.inputs["name"] not in self.stack_outputs
                },
            )
