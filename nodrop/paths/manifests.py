"""YAML and JSON files -> Kubernetes objects.

Only the outer shape is looked at: documents, lists of objects, `kind`. What the objects say is read in `resolve`.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from nodrop.paths.fields import Manifest

SUFFIXES = (".yaml", ".yml", ".json")


class ManifestError(ValueError):
    """Files that cannot be read as Kubernetes objects; one line a fault, with file and document number (from 1)."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def read_manifests(paths: Iterable[Path]) -> list[Manifest]:
    """The objects in the files, and in the YAML and JSON files below the folders, in order; lists are flattened.

    Raises:
        ManifestError: with every file and document that cannot be read.
    """
    objects: list[Manifest] = []
    faults: list[str] = []
    for path in paths:
        files = sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES) if path.is_dir() else [path]
        if not files:
            faults.append(f"{path}: a folder without any file that ends in {', '.join(SUFFIXES)}")
        for file in files:
            try:
                objects.extend(_objects_in(file))
            except ManifestError as error:
                faults.extend(error.faults)
    if faults:
        raise ManifestError(faults)
    return objects


def _objects_in(file: Path) -> list[Manifest]:
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise ManifestError([f"{file}: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise ManifestError([f"{file}: not UTF-8 text"]) from error
    objects: list[Manifest] = []
    faults: list[str] = []
    number = 0
    try:
        for number, document in enumerate(yaml.safe_load_all(text), start=1):
            for entry in _flattened(document):
                if isinstance(entry, dict) and isinstance(entry.get("kind"), str) and "apiVersion" in entry:
                    objects.append(entry)
                else:
                    faults.append(f"{file}, document {number}: not a Kubernetes object, which has apiVersion and kind")
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        faults.append(f"{file}, document {number + 1}: {_reason(error)}")
    if faults:
        raise ManifestError(faults)
    return objects


def _flattened(document: object) -> Iterator[object]:
    """The document, or the entries of the list that it is; nothing for an empty one."""
    if isinstance(document, dict) and str(document.get("kind")).endswith("List"):
        items = document.get("items")
        if isinstance(items, list):
            for item in items:
                yield from _flattened(item)
            return
    if document is not None:
        yield document


def _reason(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"not YAML: {error.problem} in line {error.problem_mark.line + 1}"
    return f"not YAML: {error}" if not isinstance(error, RecursionError) else "nested too deeply"
