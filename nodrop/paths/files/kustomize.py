"""What kustomizations among the files of a folder change: which files are patches, and which objects are not applied as
they were read; and which of their parts are not read.

Source: kustomize, The kustomization file: patches, patchesStrategicMerge, patchesJson6902, replicas, replacements,
transformers, commonAnnotations, labels, resources, components, generators and helmCharts.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from nodrop.paths.fields import Manifest
from nodrop.paths.files import yaml_document
from nodrop.paths.files.faults import DocumentError
from nodrop.paths.files.kustomize_targets import EVERYTHING, Target, of_patch, of_replicas, of_selector
from nodrop.paths.files.sources import SourceError, text_of_file

_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_PATCHES = ("patches", "patchesJson6902", "patchesStrategicMerge")
_RESOURCES = ("resources", "bases")
_PARTS = (*_RESOURCES, "components")
_MAKERS = ("generators", "helmCharts", "helmChartInflationGenerator")
"""Parts that make objects when kustomize runs."""
_ANNOTATED = ("commonAnnotations", "commonLabels")
_READ_DOMAINS = (
    "google.com",
    "gke.io",
    "kubernetes.io",
    "k8s.io",
    "gke-nodrop",
    "istio.io",
    "linkerd.io",
    "kuma.io",
    "consul.hashicorp.com",
    "dapr.io",
)
"""Ends of the prefixes of annotations and labels that decide about requests."""
_DESCRIPTIVE = ("app.kubernetes.io", "helm.sh")


@dataclass(frozen=True)
class KustomizeChange:
    """What a kustomization changes of the objects that it is made of."""

    told: str
    """The file that says so: the patch's, or the kustomization's."""
    target: Target
    """Which objects."""
    files: frozenset[str] | None
    """Absolute paths of files that the kustomization takes objects from; None: whatever includes it says so."""

    def concerns(self, manifest: Manifest, file: str) -> bool:
        """Whether an object of the file with that absolute path may be changed."""
        return (self.files is None or file in self.files) and self.target.takes(manifest)


class UnreadPart(NamedTuple):
    """A part of a kustomization whose objects are not among the files."""

    file: str
    """The kustomization's."""
    part: str
    """Such as `helmCharts redis`."""


@dataclass(frozen=True)
class Kustomizations:
    """What all of them do."""

    patches: set[str] = field(default_factory=set)
    """Absolute paths of files that are patches; they need not be there."""
    changes: list[KustomizeChange] = field(default_factory=list)
    unread: list[UnreadPart] = field(default_factory=list)


class _Taken(NamedTuple):
    """What a kustomization is made of."""

    files: frozenset[str] | None
    """Absolute paths; None where it takes none by itself."""
    below: tuple[Mapping[str, Any], ...]
    """The kustomizations that it includes."""


def kustomizations_among(files: Iterable[Path]) -> Kustomizations:
    """What the kustomizations beside the files change, with the components that they include, wherever these are.

    One that cannot be read changes nothing.
    """
    found = Kustomizations()
    waiting = list({absolute(each.parent): each.parent for each in files}.values())
    seen = {absolute(each) for each in waiting}
    while waiting:
        folder = waiting.pop(0)
        for file in (folder / name for name in _NAMES if os.path.isfile(folder / name)):
            stated = _loaded(file)
            taken = _taken(file, stated)
            found.changes.extend(
                KustomizeChange(told, target, taken.files) for told, target in _changes(file, stated, taken.below)
            )
            found.patches.update(absolute(file.parent / each) for _, each in _patch_files(stated))
            found.unread.extend(UnreadPart(str(file), part) for part in _unread(file, stated))
            for each in _local(file, stated, "components"):
                if absolute(each) not in seen:
                    seen.add(absolute(each))
                    waiting.append(each)
    return found


def absolute(file: Path) -> str:
    """The path without `..`, whatever the working directory."""
    return os.path.abspath(file)


def _loaded(file: Path) -> Mapping[str, Any]:
    with suppress(SourceError, DocumentError):
        value = yaml_document.load(text_of_file(file)).value
        return value if isinstance(value, dict) else {}
    return {}


def _entries(stated: Mapping[str, Any], *keys: str) -> Iterator[Any]:
    for key in keys:
        entries = stated.get(key)
        yield from entries if isinstance(entries, list) else ()


def _patch_files(stated: Mapping[str, Any], *keys: str) -> Iterator[tuple[Any, str]]:
    """Each entry that names a patch's file, and the name, relative to the kustomization's folder."""
    for entry in _entries(stated, *(keys or _PATCHES)):
        name = entry.get("path") if isinstance(entry, dict) else entry
        if isinstance(name, str) and name and "\n" not in name and "\0" not in name:
            yield entry, name


def _changes(
    file: Path, stated: Mapping[str, Any], below: tuple[Mapping[str, Any], ...]
) -> Iterator[tuple[str, Target]]:
    """The file to name, and what is changed as it is called in its own file."""
    here = str(file)
    for key in _PATCHES:
        before = below if key != "patchesJson6902" else (*below, stated)
        for told, target in _of_patches(file, stated, key):
            yield told, _as_read(target, before)
    for entry in _entries(stated, "replicas"):
        yield here, _as_read(of_replicas(entry), (*below, stated))
    for entry in _entries(stated, "replacements"):
        targets = list(_entries(entry, "targets")) if isinstance(entry, dict) else []
        for each in targets or [{}]:  # one in a file of its own may select any
            selector = each.get("select") if isinstance(each, dict) else None
            yield here, _as_read(of_selector(selector), (*below, stated))
    annotates = any(map(_decides, _keys_for_all(stated)))
    unread_component = any(not os.path.exists(each) for each in _local(file, stated, "components"))
    if annotates or unread_component or any(_entries(stated, "transformers")):
        yield here, EVERYTHING


def _of_patches(file: Path, stated: Mapping[str, Any], key: str) -> Iterator[tuple[str, Target]]:
    for entry, name in _patch_files(stated, key):
        patch = Path(os.path.normpath(file.parent / name))
        with suppress(SourceError):
            yield from ((str(patch), each) for each in of_patch(entry, text_of_file(patch)))
    for entry in _entries(stated, key):
        text = entry.get("patch") if isinstance(entry, dict) else entry
        if isinstance(text, str) and (isinstance(entry, dict) or "\n" in text):
            yield from ((str(file), each) for each in of_patch(entry, text))


def _as_read(target: Target, before: Iterable[Mapping[str, Any]]) -> Target:
    """The target without what the kustomizations that come before it give objects: their files do not say that."""
    for each in before:
        if each.get("namePrefix") or each.get("nameSuffix"):
            target = replace(target, name=EVERYTHING.name)
        if each.get("namespace"):
            target = replace(target, namespace=EVERYTHING.namespace)
        if any(_keys_for_all(each)):
            target = replace(target, labels=())
    return target


def _keys_for_all(stated: Mapping[str, Any]) -> Iterator[str]:
    """Keys of the annotations and labels that every object gets."""
    pairs = [each.get("pairs") for each in _entries(stated, "labels") if isinstance(each, dict)]
    for given in (*(stated.get(key) for key in _ANNOTATED), *pairs):
        yield from (str(key) for key in (given if isinstance(given, dict) else ()))


def _decides(key: str) -> bool:
    """Whether an annotation or label may say something about requests."""
    prefix, slash, _ = key.rpartition("/")
    of_read = any(prefix == each or prefix.endswith(f".{each}") for each in _READ_DOMAINS)
    return bool(slash) and of_read and prefix not in _DESCRIPTIVE


def _local(file: Path, stated: Mapping[str, Any], *keys: str) -> Iterator[Path]:
    """Parts as paths; those of a remote place lead to nothing."""
    for each in _entries(stated, *keys):
        if isinstance(each, str) and "\0" not in each and "\n" not in each:
            yield Path(os.path.normpath(file.parent / each))


def _unread(file: Path, stated: Mapping[str, Any]) -> Iterator[str]:
    """Parts whose objects are not in files here."""
    for key in _RESOURCES:
        for each in _entries(stated, key):
            if isinstance(each, str) and not any(os.path.exists(part) for part in _local(file, {key: [each]}, key)):
                yield f"{key} {each.splitlines()[0] if each else ''}".strip()
    for key in _MAKERS:
        for each in _entries(stated, key):
            named = each.get("name") or each.get("chartName") if isinstance(each, dict) else each
            yield f"{key} {named}" if isinstance(named, str) and "\n" not in named else key


def _taken(file: Path, stated: Mapping[str, Any]) -> _Taken:
    """All files that a kustomization's objects come from."""
    if not any(_entries(stated, *_PARTS)):
        return _Taken(None, ())
    taken: set[str] = set()
    below: list[Mapping[str, Any]] = []
    waiting = [(file, stated)]
    while waiting:
        of, parts = waiting.pop()
        for part in _local(of, parts, *_PARTS):
            if (path := absolute(part)) in taken:
                continue
            taken.add(path)
            further = [(each, _loaded(each)) for name in _NAMES if os.path.isfile(each := part / name)]
            waiting.extend(further)
            below.extend(loaded for _, loaded in further)
    return _Taken(frozenset(taken), tuple(below))
