"""Which objects a part of a kustomization changes.

Source: kustomize api/types/selector.go; kyaml/resid; api/internal/target/kusttarget_configplugin.go, for the order.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from nodrop.paths.fields import Manifest, ref_of
from nodrop.paths.files import yaml_document
from nodrop.paths.files.faults import DocumentError

_ANY = ".*"
_SEPARATOR = re.compile(r"^---.*$", re.MULTILINE)
_EQUALITIES = re.compile(r"\s*([\w./-]+)\s*==?\s*([\w.-]*)\s*")


@dataclass(frozen=True, kw_only=True)
class Target:
    """Regular expressions, as kustomize takes them, each for the whole of what an object says."""

    kind: str = _ANY
    name: str = _ANY
    group: str = _ANY
    """API group; that of the core kinds is empty."""
    version: str = _ANY
    namespace: str = _ANY
    """An object that states none is in `default`."""
    labels: tuple[tuple[str, str], ...] = ()
    """Labels that the object has, each with its value; selectors of another form select any object."""

    def takes(self, manifest: Manifest) -> bool:
        """Whether an object as it stands in its file may be selected."""
        ref, metadata = ref_of(manifest), manifest.get("metadata")
        group, _, version = str(manifest.get("apiVersion")).rpartition("/")
        found = metadata.get("labels") if isinstance(metadata, dict) else None
        labels = found if isinstance(found, dict) else {}
        return (
            _matches(self.kind, ref.kind)
            and _matches(self.name, ref.name)
            and _matches(self.group, group)
            and _matches(self.version, version)
            and _matches(self.namespace, ref.namespace or "default")
            and all(labels.get(key) == value for key, value in self.labels)
        )


EVERYTHING = Target()


def of_replicas(entry: Any) -> Target:
    """What an entry of `replicas` changes."""
    return Target(kind="Deployment|ReplicaSet|ReplicationController|StatefulSet", name=re.escape(_text(entry, "name")))


def of_patch(entry: Any, text: str) -> Iterator[Target]:
    """What a patch with that text changes: its target, or else the objects that it is part of."""
    if isinstance(entry, dict) and entry.get("target"):
        yield of_selector(entry["target"])
        return
    for part in _SEPARATOR.split(text):
        with suppress(DocumentError):
            value = yaml_document.load(part).value
            if isinstance(value, dict):
                yield _of_part(value)


def of_selector(selector: Any) -> Target:
    """What the target of a patch, or of a replacement, selects; what it does not say may be anything."""
    texts = {key: _text(selector, key) or _ANY for key in ("kind", "name", "group", "version", "namespace")}
    return Target(**texts, labels=_equalities(_text(selector, "labelSelector")))


def _of_part(part: Mapping[str, Any]) -> Target:
    """The object that a part of it names; where the part states no version or namespace, any."""
    group, _, version = _text(part, "apiVersion").rpartition("/")
    metadata = part.get("metadata")
    namespace = _text(metadata, "namespace")
    return Target(
        kind=re.escape(_text(part, "kind")),
        name=re.escape(_text(metadata, "name")),
        group=re.escape(group) if version else _ANY,
        version=re.escape(version) if version else _ANY,
        namespace=re.escape(namespace) if namespace else _ANY,
    )


def _equalities(selector: str) -> tuple[tuple[str, str], ...]:
    """The labels that a selector such as `app=web,tier=front` wants; none where it wants anything else."""
    found = [_EQUALITIES.fullmatch(each) for each in selector.split(",")]
    return tuple((each[1], each[2]) for each in found if each) if all(found) else ()


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        return True  # kustomize's are Go's; one that Python does not know may match


def _text(value: Any, key: str) -> str:
    text = value.get(key) if isinstance(value, dict) else None
    return text if isinstance(text, str) else ""
