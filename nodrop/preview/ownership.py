"""Entries of lists that an update replaces, but that stay beside the new ones, as another field manager owns them.

pulumi-kubernetes creates an object as one field manager and updates it by server-side apply as another. Apply merges
some lists entry by entry, and removes an entry only if no other manager owns it. A real update first takes over what
the creator owns, a preview (a dry run) does not: there the old entry stays, and the API server refuses two of one name.
Source: pulumi/pulumi-kubernetes provider/pkg/await/await.go (Creation, ssaUpdate, fixCSAFieldManagers, patchForce).
Known are the ports of containers and of Services. Not here: conflicts over single fields.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nodrop.gke.pods import CONTAINER_FIELDS
from nodrop.preview.state import Deployed
from nodrop.rollout import Diagnostic
from nodrop.rollout.rules.updates import replaced_entries_leave

_POD_OWNERS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
_CREATORS = ("pulumi-kubernetes", "pulumi-kubernetes.exe", "pulumi-resource-kubernetes")
_TAKEN_OVER = {
    *((manager, "Update") for manager in (*_CREATORS, "before-first-apply", "kubectl")),
    ("kubectl", "Apply"),
}
"""Whose fields a real update takes over, by manager and operation."""

Steps = tuple[str | Mapping[str, Any], ...]
"""To a place in an object: field names, and the keys of entries of lists."""


@dataclass(frozen=True, kw_only=True)
class _Ports:
    """One list of ports in two versions."""

    path: str
    steps: Steps
    key: str
    """The field that is, with the protocol, an entry's key."""
    old: list[dict[str, Any]]
    new: list[dict[str, Any]]

    def keyed(self, entries: Iterable[dict[str, Any]]) -> dict[tuple[Any, str], dict[str, Any]]:
        numbers = [(entry.get(self.key), entry) for entry in entries]
        return {
            (number, each.get("protocol") or "TCP"): each for number, each in numbers if isinstance(number, int | float)
        }

    def clashes(self, stays: dict[str, Any], others: Iterable[dict[str, Any]]) -> bool:
        """Whether the API server refuses an entry beside others."""
        for other in others:
            names = stays.get("name"), other.get("name")
            if names[0] == names[1] and names[0]:
                return True
            if self.key == "port" and not all(names):  # several ports of a Service must be named
                return True
        return False


def refused(old: Deployed, new: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """What a preview, or the update itself, of the deployed object to `new` would be refused for."""
    if old.field_manager in (None, *_CREATORS) or _is_replaced(old.manifest, new):
        return  # without server-side apply nothing is merged by owner
    for ports in _lists_of_ports(old.manifest, new):
        had, has = ports.keyed(ports.old), ports.keyed(ports.new)
        for key, entry in had.items():
            others = _others(old, (*ports.steps, {ports.key: key[0], "protocol": key[1]}))
            if key not in has and others and ports.clashes(entry, has.values()):
                yield from _judged(ports, entry, key, others)


def _judged(
    ports: _Ports, entry: dict[str, Any], key: tuple[Any, str], owners: list[tuple[str, str]]
) -> Iterator[Diagnostic]:
    name = f" {entry['name']}" if entry.get("name") else ""
    return replaced_entries_leave(
        field=ports.path,
        port=f"{key[0]}/{key[1]}{name}",
        becomes=", ".join(f"{each[0]}/{each[1]}" for each in ports.keyed(ports.new)),
        kept_by=[manager for manager, operation in owners if (manager, operation) not in _TAKEN_OVER],
    )


def _is_replaced(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """A new object is previewed as one."""
    places = [(each.get("metadata") or {}).get(name) for name in ("name", "namespace") for each in (old, new)]
    fixed = {"Service": "clusterIP"}.get(str(old["kind"]), "selector")
    specs = [_at(each, ("spec", fixed)) for each in (old, new)]
    return places[0] != places[1] or places[2] != places[3] or specs[0] != specs[1]


def _lists_of_ports(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[_Ports]:
    if old["kind"] == "Service":
        both = [_entries(_at(each, ("spec", "ports"))) for each in (old, new)]
        yield _Ports(path="spec.ports", steps=("spec", "ports"), key="port", old=both[0], new=both[1])
    if old["kind"] not in _POD_OWNERS:
        return
    for field in CONTAINER_FIELDS:
        place = ("spec", "template", "spec", field)
        later = {each.get("name"): each for each in _entries(_at(new, place))}
        for container in _entries(_at(old, place)):
            name = container.get("name")
            if name in later:
                yield _Ports(
                    path=f"{'.'.join(place)}[{name}].ports",
                    steps=(*place, {"name": name}, "ports"),
                    key="containerPort",
                    old=_entries(container.get("ports")),
                    new=_entries(later[name].get("ports")),
                )


def _others(old: Deployed, steps: Steps) -> list[tuple[str, str]]:
    """Manager and operation of all but the updates' own that own something at the place."""
    found = []
    for each in old.managed_fields:
        owner = str(each.get("manager")), str(each.get("operation"))
        own = owner == (old.field_manager, "Apply")
        if not own and not each.get("subresource") and _owns(each.get("fieldsV1"), steps):
            found.append(owner)
    return found


def _owns(tree: Any, steps: Steps) -> bool:
    """Whether a set of fields, in Kubernetes' notation, reaches the place."""
    for step in steps:
        if not isinstance(tree, dict):
            return False
        tree = tree.get(f"f:{step}") if isinstance(step, str) else _of_key(tree, step)
    return tree is not None


def _of_key(tree: dict[str, Any], wanted: Mapping[str, Any]) -> Any:
    for name, below in tree.items():
        with contextlib.suppress(ValueError):
            if name.startswith("k:") and json.loads(name.removeprefix("k:")) == wanted:
                return below
    return None


def _at(value: Any, steps: Iterable[str]) -> Any:
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _entries(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
