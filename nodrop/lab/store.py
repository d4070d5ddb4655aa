"""An object store shaped like the Kubernetes API: list, watch, create, patch, delete of plain manifests.

Controllers know nothing else of each other. Patches are merge patches in which lists of conditions merge by `type`, as
in the API server's strategic merge patch; deletion is graceful where an object asks for it. Not here: validation,
defaulting, admission (a hook), optimistic locking, persistence.
"""

import asyncio
import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from nodrop.lab.clock import Time

Manifest = dict[str, Any]
"""A Kubernetes object as JSON."""


class NotFoundError(KeyError):
    """No such object."""


class Store:
    """All objects of one lab, by kind, namespace and name. What it hands out is to be read, never changed."""

    def __init__(self, time: Time, admit: Callable[["Store", Manifest], None] = lambda _store, _object: None) -> None:
        """`admit` may change each object before it is created, as a mutating admission webhook does."""
        self._time = time
        self._admit = admit
        self._objects: dict[tuple[str, str, str], Manifest] = {}
        self._version = 0
        self._changed = asyncio.Event()

    def list(self, kind: str) -> list[Manifest]:
        """All objects of `kind`, oldest first."""
        return [manifest for (of_kind, _, _), manifest in self._objects.items() if of_kind == kind]

    def get(self, kind: str, namespace: str, name: str) -> Manifest:
        """The object; raises NotFoundError."""
        try:
            return self._objects[kind, namespace, name]
        except KeyError:
            raise NotFoundError(f"{kind} {namespace}/{name}") from None

    def has(self, kind: str, namespace: str, name: str) -> bool:
        """Whether there is such an object."""
        return (kind, namespace, name) in self._objects

    def create(self, manifest: Manifest) -> Manifest:
        """Adds a copy of `manifest` with its creation time and uid; raises ValueError where the name is taken."""
        created = copy.deepcopy(manifest)
        metadata = created["metadata"]
        metadata.setdefault("namespace", "default")
        key = (created["kind"], metadata["namespace"], metadata["name"])
        if key in self._objects:
            raise ValueError(f"{key[0]} {key[1]}/{key[2]} exists")
        self._admit(self, created)
        metadata["uid"] = str(self._version)
        metadata["creationTimestamp"] = self._time.now()
        self._touch(created)
        self._objects[key] = created
        return created

    def patch(self, kind: str, namespace: str, name: str, patch: Mapping[str, Any]) -> Manifest:
        """Merges `patch` into the object; a value of None removes a field. Raises NotFoundError."""
        before = self.get(kind, namespace, name)
        after = merged(before, patch)
        if after == before:
            return before
        self._touch(after)
        self._objects[kind, namespace, name] = after
        return after

    def delete(self, kind: str, namespace: str, name: str, grace_seconds: float = 0) -> None:
        """Removes the object, or with a grace period marks it as terminating until it is deleted with none.

        A Pod keeps its first deletion time and grace. Raises NotFoundError.
        """
        manifest = self.get(kind, namespace, name)
        if not grace_seconds:
            self._touch(manifest)
            del self._objects[kind, namespace, name]
        elif "deletionTimestamp" not in manifest["metadata"]:
            # The API writes the time at which the grace period ends; the lab wants to know when it began.
            self.patch(
                kind,
                namespace,
                name,
                {"metadata": {"deletionTimestamp": self._time.now(), "deletionGracePeriodSeconds": grace_seconds}},
            )

    @property
    def resource_version(self) -> int:
        """Rises with every change."""
        return self._version

    async def watch(self, resource_version: int) -> None:
        """Returns as soon as anything has changed since the store had that resource version."""
        while self._version <= resource_version:
            self._changed.clear()
            await self._changed.wait()

    def _touch(self, manifest: Manifest) -> None:
        self._note_change()
        manifest["metadata"] = {**manifest["metadata"], "resourceVersion": str(self._version)}

    def _note_change(self) -> None:
        self._version += 1
        self._changed.set()


def merged(before: Any, patch: Any) -> Any:
    """`before` with the merge patch; lists of conditions merge by type, a value of None removes a field."""
    if not isinstance(patch, Mapping):
        return before if before == patch else copy.deepcopy(patch)
    whole = dict(before) if isinstance(before, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            whole.pop(name, None)
        elif name == "conditions" and isinstance(whole.get(name), list):
            whole[name] = list({c["type"]: c for c in [*whole[name], *value]}.values())
        else:
            whole[name] = merged(whole.get(name), value)
    return whole


def condition(manifest: Manifest, kind: str) -> Manifest | None:
    """The object's status condition of that type, or None."""
    return next((c for c in manifest.get("status", {}).get("conditions", []) if c["type"] == kind), None)


def is_true(manifest: Manifest, kind: str) -> bool:
    """Whether the object's condition of that type is "True"."""
    found = condition(manifest, kind)
    return found is not None and found["status"] == "True"


def owned_by(manifests: list[Manifest], owner: Manifest) -> Iterator[Manifest]:
    """Those of `manifests` that `owner` controls."""
    for manifest in manifests:
        if any(ref["uid"] == owner["metadata"]["uid"] for ref in manifest["metadata"].get("ownerReferences", [])):
            yield manifest
