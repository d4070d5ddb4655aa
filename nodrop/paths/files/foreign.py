"""What a file that holds no Kubernetes object looks like, in words that help its owner."""

import re
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import PurePath
from typing import Any

EMPTY = "empty"
NOT_AN_OBJECT = "not a Kubernetes object, which has apiVersion and kind"
TEMPLATE = "looks like an unrendered Helm template: pipe `helm template` into `-`"
KUSTOMIZATION = "a kustomization: pipe `kustomize build` into `-`"
PATCH = "a patch of a kustomization: pipe `kustomize build` into `-`"
KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""Names of a kustomization's file. Source: kustomize api/konfig/general.go."""
OF_KUSTOMIZE = (KUSTOMIZATION, PATCH)
"""What a folder may hold alone that changes objects of others."""

_TEMPLATE = re.compile(r"\{\{-?\s*[A-Za-z.$(/]")
_OBJECT = re.compile(r"(?:^|[{,]|-\s)\s*[\"']?apiVersion[\"']?\s*:", re.MULTILINE)
_NAMES = (
    *((name, KUSTOMIZATION) for name in KUSTOMIZATIONS),
    ("values*.y*ml", "looks like the values of a Helm chart"),
    ("[Cc]hart.y*ml", "looks like the description of a Helm chart"),
    ("package*.json", "looks like a package of npm"),
    ("docker-compose*.y*ml", "looks like a file of Docker Compose"),
    ("compose*.y*ml", "looks like a file of Docker Compose"),
)


def is_kustomization(value: Mapping[str, Any]) -> bool:
    """Whether an object is for kustomize, not for a cluster."""
    return value.get("kind") in ("Kustomization", "Component") and is_of_kustomize(str(value["apiVersion"]))


def is_of_kustomize(version: str) -> bool:
    """Whether an apiVersion is kustomize's own; that of Flux is not."""
    return version.startswith("kustomize.config.k8s.io/")


def is_template_object(value: Mapping[str, Any]) -> bool:
    """Whether the name of an object is still an action of Go's templates, in quotes; no API takes such a name."""
    metadata = value.get("metadata")
    names = (metadata.get("name"), metadata.get("namespace")) if isinstance(metadata, dict) else ()
    return any(isinstance(each, str) and is_template(each) for each in names)


def is_template(text: str) -> bool:
    """Whether a text that is no YAML has actions of Go's templates."""
    return _TEMPLATE.search(text) is not None


def mentions_an_object(text: str) -> bool:
    """Whether a text that cannot be read seems to be meant for Kubernetes."""
    return _OBJECT.search(text) is not None


def by_name(file: str) -> str | None:
    """What a file of that name is likely to be, if it is none of Kubernetes'."""
    name = PurePath(file).name
    return next((words for pattern, words in _NAMES if fnmatch(name, pattern)), None)
