"""What a kustomization changes of the objects that it is made of, so that they are not applied as they were read.

Source: kustomize, The kustomization file: patches, patchesStrategicMerge, patchesJson6902, replicas, images,
replacements, transformers, components, namePrefix, nameSuffix, commonAnnotations, commonLabels and labels.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from nodrop.paths.deployers import READ_BY_DEPLOYERS
from nodrop.paths.files.kustomization_file import Kustomization, entries_of, kustomizations_in
from nodrop.paths.files.kustomize_targets import (
    EVERYTHING,
    NAMED_APART,
    Target,
    of_image,
    of_patch,
    of_replicas,
    of_selector,
)
from nodrop.paths.files.sources import SourceError, text_of_file

_PATCHES = ("patches", "patchesJson6902", "patchesStrategicMerge")
_ANNOTATED = ("commonAnnotations", "commonLabels")
_CONFIGURED = (*_ANNOTATED, "labels", "namePrefix", "nameSuffix", "replicas")
"""What `configurations` may send to any field."""
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


def changes_of(of: Kustomization, before: Iterable[Kustomization]) -> Iterator[tuple[str, Target]]:
    """What is changed, as it is called in its own file, each with the file that says so.

    Args:
        of: the kustomization.
        before: those that have made the objects which it changes.
    """
    here, below = str(of.file), tuple(before)
    for key in _PATCHES:
        earlier = below if key != "patchesJson6902" else (*below, of)
        for told, target in _of_patches(of, key):
            yield told, _as_read(target, earlier)
    for entry in of.entries("replicas"):
        yield here, _as_read(of_replicas(entry), (*below, of))
    for entry in of.entries("images"):
        yield from ((here, each) for each in of_image(entry))
    for entry in of.entries("replacements"):
        for each in entries_of(entry, "targets") or [{}]:  # one in a file of its own may select any
            selector = each.get("select") if isinstance(each, dict) else None
            yield here, _as_read(of_selector(selector), (*below, of))
    yield from ((here, each) for each in _for_all(of))


def _for_all(of: Kustomization) -> Iterator[Target]:
    """What the fields that speak of all objects change so that it decides about requests."""
    for labels in of.entries("labels"):
        for each in entries_of(labels, "fields"):
            if isinstance(each, dict):
                yield of_selector({key: each.get(key) for key in ("kind", "group", "version")})
    if of.stated.get("namePrefix") or of.stated.get("nameSuffix"):
        yield NAMED_APART
    given = _labels_of_pods(of.stated)
    if given:
        yield Target(other_labels=tuple(given.items()))
    if of.stated.get("configurations") and any(of.stated.get(key) for key in _CONFIGURED):
        yield EVERYTHING
    annotates = any(map(_decides, _keys_for_all(of.stated)))
    if annotates or any(unread_components(of)) or any(of.entries("transformers")):
        yield EVERYTHING


def unread_components(of: Kustomization) -> Iterator[tuple[int, str]]:
    """Those that are elsewhere or cannot be read, each with its place in the list."""
    for number, each in enumerate(of.entries("components")):
        path = of.path(each)
        if path is None or not any(found.stated for found in kustomizations_in(path)):
            yield number, str(each)


def patch_names(of: Kustomization) -> Iterator[str]:
    """The files that are named as patches, relative to the kustomization's folder."""
    for entry in of.entries(*_PATCHES):
        name = entry.get("path") if isinstance(entry, dict) else entry
        if of.path(name) is not None:
            yield str(name)


def _of_patches(of: Kustomization, key: str) -> Iterator[tuple[str, Target]]:
    for entry in of.entries(key):
        inline = entry.get("patch") if isinstance(entry, dict) else entry
        file = of.path(entry.get("path") if isinstance(entry, dict) else entry)
        text = inline if isinstance(inline, str) else None
        told = str(of.file)
        if file is not None:
            with suppress(SourceError):
                text = text_of_file(file)
                told = str(file)
        yield from ((told, each) for each in of_patch(entry, text))


def _as_read(target: Target, before: Iterable[Kustomization]) -> Target:
    """The target without what the kustomizations that come before it give objects: their files do not say that."""
    for each in before:
        if each.stated.get("namePrefix") or each.stated.get("nameSuffix"):
            target = replace(target, name=EVERYTHING.name)
        if each.stated.get("namespace"):
            target = replace(target, namespace=EVERYTHING.namespace)
        if any(_keys_for_all(each.stated)):
            target = replace(target, labels=())
    return target


def _keys_for_all(stated: Mapping[str, Any]) -> Iterator[str]:
    """Keys of the annotations and labels that every object gets."""
    pairs = [each.get("pairs") for each in entries_of(stated, "labels") if isinstance(each, dict)]
    for given in (*(stated.get(key) for key in _ANNOTATED), *pairs):
        yield from (str(key) for key in (given if isinstance(given, dict) else ()))


def _labels_of_pods(stated: Mapping[str, Any]) -> dict[str, str]:
    """Labels that all pods get, and some that only their selectors do."""
    found: dict[str, str] = {}
    for each in entries_of(stated, "labels"):
        reaches = isinstance(each, dict) and (each.get("includeSelectors") or each.get("includeTemplates"))
        pairs = each.get("pairs") if reaches else None
        found |= pairs if isinstance(pairs, dict) else {}
    common = stated.get("commonLabels")
    return {str(key): str(value) for key, value in (found | (common if isinstance(common, dict) else {})).items()}


def _decides(key: str) -> bool:
    """Whether an annotation or label may say something about requests."""
    if key in READ_BY_DEPLOYERS:
        return True
    prefix, slash, _ = key.rpartition("/")
    of_read = any(prefix == each or prefix.endswith(f".{each}") for each in _READ_DOMAINS)
    return bool(slash) and of_read and prefix not in _DESCRIPTIVE
