"""Which files of a folder are patches: parts of objects that kustomize puts into others, and no objects themselves.

Source: kustomize, The kustomization file, patches, patchesStrategicMerge and patchesJson6902.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from nodrop.paths.files import yaml_document
from nodrop.paths.files.faults import DocumentError
from nodrop.paths.files.sources import SourceError, text_of_file

_NAMES = ("kustomization.yaml", "kustomization.yml")
"""Kustomize also reads one called `Kustomization`, which no folder is read for."""


def patches_among(files: Iterable[Path]) -> set[str]:
    """The absolute paths of the files that kustomizations among them name as patches, which need not be there."""
    return {absolute(file.parent / name) for file in files if file.name in _NAMES for name in _named(_loaded(file))}


def absolute(file: Path) -> str:
    """The path without `..`, whatever the working directory."""
    return os.path.abspath(file)


def _loaded(file: Path) -> Any:
    with suppress(SourceError, DocumentError):
        return yaml_document.load(text_of_file(file)).value
    return None


def _named(kustomization: Any) -> Iterator[str]:
    """Names of files, relative to the kustomization's folder; a patch that stands in it is none."""
    if not isinstance(kustomization, dict):
        return
    for key in ("patches", "patchesJson6902", "patchesStrategicMerge"):
        entries = kustomization.get(key)
        for entry in entries if isinstance(entries, list) else ():
            name = entry.get("path") if isinstance(entry, dict) else entry
            if isinstance(name, str) and name and "\n" not in name and "\0" not in name:
                yield name
