"""What kustomizations among the files of a folder change: which files are patches, and which objects are not applied as
they were read.

Source: kustomize, The kustomization file: patches, patchesStrategicMerge, patchesJson6902, replicas, replacements,
transformers, resources and components.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nodrop.paths.files import yaml_document
from nodrop.paths.files.faults import DocumentError
from nodrop.paths.files.sources import SourceError, text_of_file
from nodrop.rollout import ObjectRef

_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_PATCHES = ("patches", "patchesJson6902", "patchesStrategicMerge")
_PARTS = ("resources", "bases", "components")
_SEPARATOR = re.compile(r"^---.*$", re.MULTILINE)
_ANY = ".*"
_SCALED = "Deployment|ReplicaSet|ReplicationController|StatefulSet"
"""What `replicas` changes."""


@dataclass(frozen=True)
class KustomizeChange:
    """What a kustomization changes of the objects that it is made of."""

    told: str
    """The file that says so: the patch's, or the kustomization's."""
    kind: str
    """A regular expression for the whole of an object's kind, as kustomize takes one."""
    name: str
    """The same for its name."""
    files: frozenset[str] | None
    """Absolute paths of files that the kustomization takes objects from; None: whatever includes it says so."""

    def concerns(self, ref: ObjectRef, file: str) -> bool:
        """Whether an object of the file with that absolute path may be changed; label selectors are not asked."""
        is_taken = self.files is None or file in self.files
        return is_taken and _matches(self.kind, ref.kind) and _matches(self.name, ref.name)


@dataclass(frozen=True)
class Kustomizations:
    """What all of them do."""

    patches: set[str] = field(default_factory=set)
    """Absolute paths of files that are patches; they need not be there."""
    changes: list[KustomizeChange] = field(default_factory=list)


def kustomizations_among(files: Iterable[Path]) -> Kustomizations:
    """What the kustomizations beside the files change; one that cannot be read changes nothing."""
    found = Kustomizations()
    folders = dict.fromkeys(each.parent for each in files)
    for file in (folder / name for folder in folders for name in _NAMES if os.path.isfile(folder / name)):
        for told, kind, name in _changes(file, stated := _loaded(file)):
            found.changes.append(KustomizeChange(told, kind, name, _taken(file, stated)))
        found.patches.update(absolute(file.parent / each) for _, each in _patch_files(stated))
    return found


def absolute(file: Path) -> str:
    """The path without `..`, whatever the working directory."""
    return os.path.abspath(file)


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        return True  # kustomize's are Go's; one that Python does not know may match


def _loaded(file: Path) -> Mapping[str, Any]:
    with suppress(SourceError, DocumentError):
        value = yaml_document.load(text_of_file(file)).value
        return value if isinstance(value, dict) else {}
    return {}


def _entries(stated: Mapping[str, Any], *keys: str) -> Iterator[Any]:
    for key in keys:
        entries = stated.get(key)
        yield from entries if isinstance(entries, list) else ()


def _patch_files(stated: Mapping[str, Any]) -> Iterator[tuple[Any, str]]:
    """Each entry that names a patch's file, and the name, relative to the kustomization's folder."""
    for entry in _entries(stated, *_PATCHES):
        name = entry.get("path") if isinstance(entry, dict) else entry
        if isinstance(name, str) and name and "\n" not in name and "\0" not in name:
            yield entry, name


def _changes(file: Path, stated: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The file to name, and patterns for kind and name of what is changed."""
    here = str(file)
    for entry, name in _patch_files(stated):
        patch = Path(os.path.normpath(file.parent / name))
        with suppress(SourceError):
            yield from ((str(patch), *each) for each in _targets(entry, text_of_file(patch)))
    for entry in _entries(stated, *_PATCHES):
        text = entry.get("patch") if isinstance(entry, dict) else entry
        if isinstance(text, str) and (isinstance(entry, dict) or "\n" in text):
            yield from ((here, *each) for each in _targets(entry, text))
    for entry in _entries(stated, "replicas"):
        yield here, _SCALED, re.escape(_text(entry, "name", otherwise=""))
    for entry in _entries(stated, "replacements"):
        targets = list(_entries(entry, "targets")) if isinstance(entry, dict) else []
        for each in targets or [{}]:  # one in a file of its own may select any
            yield here, *_selected(each.get("select") if isinstance(each, dict) else None)
    if any(_entries(stated, "transformers")):
        yield here, _ANY, _ANY


def _targets(entry: Any, text: str) -> Iterator[tuple[str, str]]:
    """Patterns for kind and name of what a patch changes: its target, or else the objects that it is part of."""
    if isinstance(entry, dict) and entry.get("target"):
        yield _selected(entry["target"])
        return
    for part in _SEPARATOR.split(text):
        with suppress(DocumentError):
            value = yaml_document.load(part).value
            if isinstance(value, dict):
                yield re.escape(_text(value, "kind")), re.escape(_text(value.get("metadata"), "name"))


def _selected(target: Any) -> tuple[str, str]:
    return _text(target, "kind", otherwise=_ANY), _text(target, "name", otherwise=_ANY)


def _text(value: Any, key: str, otherwise: str = "") -> str:
    text = value.get(key) if isinstance(value, dict) else None
    return text if isinstance(text, str) and text else otherwise


def _taken(file: Path, stated: Mapping[str, Any]) -> frozenset[str] | None:
    """Absolute paths of all files that a kustomization's objects come from; None where it takes none by itself."""
    if not any(_entries(stated, *_PARTS)):
        return None
    taken: set[str] = set()
    waiting = [(file, stated)]
    while waiting:
        below, parts = waiting.pop()
        for each in _entries(parts, *_PARTS):
            part = below.parent / each if isinstance(each, str) and "\0" not in each else None
            if part is None or (path := absolute(part)) in taken:
                continue
            taken.add(path)
            further = [part / name for name in _NAMES if os.path.isfile(part / name)]
            waiting.extend((each, _loaded(each)) for each in further)
    return frozenset(taken)
