"""One kustomization as its file states it: its fields, the local files and folders that it names, and what is wrong.

Source: kustomize api/types/kustomization.go; api/internal/target/kusttarget.go, Load.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nodrop.paths.files import foreign
from nodrop.paths.files.documents import documents_of, objects_of
from nodrop.paths.files.faults import DocumentError, FileFault
from nodrop.paths.files.positions import ObjectPosition
from nodrop.paths.files.sources import SourceError, text_of_file

_TEXTS = ("apiVersion", "kind", "namePrefix", "nameSuffix", "namespace")
_MAPPINGS = (
    "commonAnnotations",
    "commonLabels",
    "generatorOptions",
    "helmGlobals",
    "metadata",
    "openapi",
    "sortOptions",
)
_LISTS_OF_TEXTS = (
    "bases",
    "buildMetadata",
    "components",
    "configurations",
    "crds",
    "generators",
    "patchesStrategicMerge",
    "resources",
    "transformers",
    "validators",
)
_LISTS_OF_MAPPINGS = (
    "configMapGenerator",
    "helmChartInflationGenerator",
    "helmCharts",
    "imageTags",
    "images",
    "labels",
    "patches",
    "patchesJson6902",
    "replacements",
    "replicas",
    "secretGenerator",
    "vars",
)
_SHAPES: Mapping[str, tuple[type, type, str]] = {
    **dict.fromkeys(_TEXTS, (str, object, "a text")),
    **dict.fromkeys(_MAPPINGS, (dict, object, "a mapping")),
    **dict.fromkeys(_LISTS_OF_TEXTS, (list, str, "a list of texts")),
    **dict.fromkeys(_LISTS_OF_MAPPINGS, (list, dict, "a list of mappings")),
}
"""Of each field that kustomize knows: its type, that of its entries, and both in words."""
_KEYS = {each.lower(): each for each in _SHAPES}
"""kustomize takes a key in any case."""


@dataclass(frozen=True, kw_only=True)
class Kustomization:
    """What one file states."""

    file: Path
    stated: Mapping[str, Any] = field(default_factory=dict)
    """Nothing where the file cannot be read."""
    place: ObjectPosition | None = None
    fault: FileFault | None = None
    """Why kustomize refuses the file's fields."""

    @property
    def is_component(self) -> bool:
        """Whether it changes the objects of whatever includes it."""
        return self.stated.get("kind") == "Component"

    def line(self, path: str) -> int | None:
        """The line of a field such as `resources[1]`."""
        return self.place.line(path) if self.place else None

    def entries(self, *keys: str) -> Iterator[Any]:
        """The entries of lists."""
        for key in keys:
            yield from entries_of(self.stated, key)

    def local(self, *keys: str) -> Iterator[Path]:
        """The files and folders that lists name; one of a remote place is a path that leads to nothing."""
        for each in self.entries(*keys):
            if (path := self.path(each)) is not None:
                yield path

    def path(self, name: Any) -> Path | None:
        """Where a name leads from the file's folder; None if it is none of a file."""
        if not isinstance(name, str) or not name or "\0" in name or "\n" in name:
            return None
        return Path(os.path.normpath(self.file.parent / name))

    def unknown(self) -> Iterator[str]:
        """Keys of no known field."""
        return (each for each in self.stated if each not in _SHAPES)


def entries_of(stated: Any, key: str) -> Iterable[Any]:
    """The entries of a list in a mapping; none where either is something else."""
    entries = stated.get(key) if isinstance(stated, dict) else None
    return entries if isinstance(entries, list) else ()


def kustomizations_in(folder: Path) -> Iterator[Kustomization]:
    """The kustomization of a folder; kustomize takes only one."""
    for name in foreign.KUSTOMIZATIONS:
        if os.path.isfile(folder / name):
            yield _loaded(folder / name)


def _loaded(file: Path) -> Kustomization:
    """As kustomize reads it: the first document; what cannot be read at all is told where the folder's files are."""
    with suppress(SourceError, DocumentError):
        for document, error in documents_of(str(file), text_of_file(file)):
            if error is not None:
                raise error
            for value, place in objects_of(document):
                return _stated(file, value, place)
    return Kustomization(file=file)


def _stated(file: Path, value: Any, place: ObjectPosition) -> Kustomization:
    if isinstance(value, dict) and _is_of_others(value):
        return Kustomization(file=file)
    stated = {_KEYS.get(key.lower(), key): each for key, each in value.items()} if isinstance(value, dict) else {}
    wrong = next(_wrong(stated), None) if isinstance(value, dict) else ("", "it is not a mapping")
    fault = None
    if wrong is not None:
        reason = f"kustomize refuses it: {wrong[1]}"
        fault = FileFault(file=str(file), reason=reason, line=place.line(wrong[0]))
    return Kustomization(file=file, stated=stated, place=place, fault=fault)


def _is_of_others(value: Mapping[str, Any]) -> bool:
    """Whether it is an object of another API, such as Flux's Kustomization."""
    version = value.get("apiVersion")
    return isinstance(version, str) and bool(version) and not foreign.is_of_kustomize(version)


def _wrong(stated: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A field, and what is wrong with its shape."""
    for key, (kind, of_entries, words) in _SHAPES.items():
        value = stated.get(key)
        if value is None:
            continue
        if not isinstance(value, kind):
            yield key, f"{key} is not {words}"
        elif isinstance(value, list):
            for number, each in enumerate(value):
                if not isinstance(each, of_entries) or each == "":
                    yield f"{key}[{number}]", f"{key}[{number}] is not one of {words}"
    for number, each in enumerate(entries_of(stated, "labels")):
        pairs, fields = (each.get("pairs"), each.get("fields")) if isinstance(each, dict) else (None, None)
        if not isinstance(pairs, dict | None):
            yield f"labels[{number}].pairs", f"labels[{number}].pairs is not a mapping"
        if not isinstance(fields, list | None) or not all(isinstance(field, dict) for field in fields or ()):
            yield f"labels[{number}].fields", f"labels[{number}].fields is not a list of mappings"
