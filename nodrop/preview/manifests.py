"""The Kubernetes objects among the resources of an evaluation, as plain manifests that may be shown to anybody.

Not here: what the objects mean to each other.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from nodrop.files import bounded_name, write
from nodrop.paths.fields import SECRET, SECRET_OF_TYPE, ref_of
from nodrop.preview import kubernetes
from nodrop.preview.project import ProjectError
from nodrop.preview.resources import Evaluation, Resource
from nodrop.preview.values import SecretValue, Value, plain


def kubernetes_objects(evaluation: Evaluation) -> list[dict[str, Any]]:
    """The objects that the program would create, as JSON, in the program's order.

    Secrets read "[secret]", and so does all content of the kind Secret; what only a deployment knows reads "[unknown]".
    Objects that the program only reads (`Service.get`), patches, charts and releases are left out.
    """
    objects = map(kubernetes_object, evaluation.resources)
    return [manifest for manifest in objects if manifest is not None]


def kubernetes_object(resource: Resource) -> dict[str, Any] | None:
    """The object that a resource is, as above; None if it is none, or one that the program only reads."""
    if not resource.custom or resource.read_id is not None or not kubernetes.is_object(resource.type, resource.inputs):
        return None
    manifest = kubernetes.concealed(plain(resource.inputs))
    if manifest.get("kind") in ("ConfigMap", "Secret"):
        for group in ("data", "stringData"):
            manifest |= {group: _typed(manifest[group], resource.inputs[group])} if group in manifest else {}
    return manifest


def _typed(shown: Any, values: Value) -> Any:
    """The values of a ConfigMap or Secret; of a masked one that is no text, its type."""
    if isinstance(values, SecretValue):
        return _typed(shown, values.value)
    if isinstance(values, dict) and isinstance(shown, dict):
        return {key: _typed(shown[key], value) for key, value in values.items()}
    if shown != SECRET or not isinstance(values, int | float):
        return shown
    return SECRET_OF_TYPE["a boolean" if isinstance(values, bool) else "a number"]


def render(objects: list[dict[str, Any]], directory: Path) -> list[Path]:
    """Write each object to `<kind>-<name>.yaml` in `directory`, with its namespace in the name where two would meet.

    Returns the files. Raises ProjectError, before it writes anything, when the folder holds other YAML files: they
    would be read as part of what was rendered; or when an object is nested too deeply.
    """
    files: dict[Path, dict[str, Any]] = {}
    for manifest in objects:
        files[_free_name(manifest, directory, files)] = manifest
    if strangers := sorted(file.name for file in directory.glob("*.y*ml") if file not in files):
        raise ProjectError(f"{directory} holds other YAML files ({', '.join(strangers)}): name an empty folder")
    texts = {file: _as_yaml(manifest) for file, manifest in files.items()}
    directory.mkdir(parents=True, exist_ok=True)
    write(texts)
    return list(files)


def _as_yaml(manifest: dict[str, Any]) -> str:
    try:
        return yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True)
    except RecursionError:
        raise ProjectError(
            f"{ref_of(manifest)} is nested too deeply to be written; Kubernetes needs about 60"
        ) from None


def _free_name(manifest: dict[str, Any], directory: Path, taken: dict[Path, dict[str, Any]]) -> Path:
    metadata = manifest.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    parts = [manifest["kind"].lower(), str(metadata.get("name") or metadata.get("generateName") or "unnamed")]
    more = [str(metadata.get("namespace", "")), manifest["apiVersion"], *map(str, range(len(taken) + 1))]
    while True:
        file = directory / bounded_name(re.sub(r"[^A-Za-z0-9.\-]", "_", "-".join(parts)), ".yaml")
        if file not in taken:
            return file
        parts.append(more.pop(0))
