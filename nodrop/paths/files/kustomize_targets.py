"""Which objects a part of a kustomization changes.

Source: kustomize api/types/selector.go; kyaml/resid; api/internal/target/kusttarget_configplugin.go, for the order.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from nodrop.paths.fields import Manifest, ref_of
from nodrop.paths.files import yaml_document
from nodrop.paths.files.documents import flattened
from nodrop.paths.files.faults import DocumentError

_ANY = ".*"
_SEPARATOR = re.compile(r"^---.*$", re.MULTILINE)
_TAG = "(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?"
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
    other_labels: tuple[tuple[str, str], ...] | None = None
    """Labels of which the object gives its pods one with another value, or selects pods by that; None: any object."""
    image: str | None = None
    """Image of one of its containers, whatever its tag and digest; None: any object."""

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
            and all(_may_be(labels.get(key), value) for key, value in self.labels)
            and (self.other_labels is None or _has_others(manifest, self.other_labels))
            and (self.image is None or any(_matches(self.image + _TAG, each) for each in _images(manifest)))
        )


EVERYTHING = Target()
NAMED_APART = Target(
    kind="BackendConfig|ComputeClass|FrontendConfig|GCP.*Policy|Gateway|HTTPRoute|HealthCheckPolicy|ManagedCertificate|"
    "ReferenceGrant|VerticalPodAutoscaler"
)
"""Objects that name others, or are named, where kustomize does not follow when it changes names.

Source: kustomize api/internal/konfig/builtinpluginconsts/namereference.go.
"""


def of_replicas(entry: Any) -> Target:
    """What an entry of `replicas` changes."""
    name = _text(entry, "name")
    return Target(kind="Deployment|ReplicaSet|ReplicationController|StatefulSet", name=re.escape(name) or _ANY)


def of_image(entry: Any) -> Iterator[Target]:
    """What an entry of `images` changes, where it names another image, not another registry or tag.

    Source: kustomize api/internal/image/image.go and api/filters/imagetag/updater.go.
    """
    name, new = _text(entry, "name"), _text(entry, "newName")
    if new and new.rpartition("/")[2] != name.rpartition("/")[2]:
        yield Target(image=name)


def of_patch(entry: Any, text: str | None) -> Iterator[Target]:
    """What a patch with that text changes: its target, or else the objects that it is part of.

    One that cannot be read, such as a remote one, may change any.
    """
    if isinstance(entry, dict) and entry.get("target"):
        yield of_selector(entry["target"])
        return
    try:
        values = [yaml_document.load(part).value for part in _SEPARATOR.split(text or "")]
    except DocumentError:
        values = []
    parts = list(chain.from_iterable(map(flattened, filter(None, values))))
    for each in parts or [None]:
        yield _of_part(each) if isinstance(each, dict) else EVERYTHING


def of_selector(selector: Any) -> Target:
    """What the target of a patch, or of a replacement, selects; what it does not say may be anything."""
    return Target(
        kind=_text(selector, "kind") or _ANY,
        name=_text(selector, "name") or _ANY,
        group=_text(selector, "group") or _ANY,
        version=_text(selector, "version") or _ANY,
        namespace=_text(selector, "namespace") or _ANY,
        labels=_equalities(_text(selector, "labelSelector")),
    )


def _of_part(part: Mapping[str, Any]) -> Target:
    """The object that a part of it names; what the part does not state may be anything."""
    group, _, version = _text(part, "apiVersion").rpartition("/")
    metadata = part.get("metadata")
    namespace = _text(metadata, "namespace")
    return Target(
        kind=re.escape(_text(part, "kind")) or _ANY,
        name=re.escape(_text(metadata, "name")) or _ANY,
        group=re.escape(group) if version else _ANY,
        version=re.escape(version) if version else _ANY,
        namespace=re.escape(namespace) if namespace else _ANY,
    )


def _equalities(selector: str) -> tuple[tuple[str, str], ...]:
    """The labels that a selector such as `app=web,tier=front` wants; none where it wants anything else."""
    found = [_EQUALITIES.fullmatch(each) for each in selector.split(",")]
    return tuple((each[1], each[2]) for each in found if each) if all(found) else ()


def _may_be(found: Any, value: str) -> bool:
    """Whether a label has the value; of one that is no text it depends on kustomize's version."""
    return found == value if isinstance(found, str) else found is not None


def _has_others(manifest: Manifest, labels: Iterable[tuple[str, str]]) -> bool:
    spec = manifest.get("spec")
    template = _below(spec, "template", "metadata", "labels")
    selectors = [_below(spec, key) for key in ("selector", "podSelector")]
    found = [each for each in (template, *selectors, *(_below(one, "matchLabels") for one in selectors)) if each]
    return any(each.get(key, value) != value for each in found for key, value in labels)


def _images(manifest: Manifest) -> Iterator[str]:
    pod = _below(manifest, "spec", "template", "spec")
    for containers in (pod.get("containers"), pod.get("initContainers")):
        for each in containers if isinstance(containers, list) else ():
            yield _text(each, "image")


def _below(value: Any, *keys: str) -> dict[str, Any]:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _matches(pattern: str, text: str) -> bool:
    """Whether it may match: kustomize's expressions are Go's, of which Python knows most."""
    if "[:" in pattern:
        return True
    try:
        return re.fullmatch(pattern, text) is not None
    except (re.error, OverflowError, RecursionError):
        return True


def _text(value: Any, key: str) -> str:
    text = value.get(key) if isinstance(value, dict) else None
    return text if isinstance(text, str) else ""
