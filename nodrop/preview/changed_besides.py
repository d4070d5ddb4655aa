"""What an update changes besides the objects that are compared: by patches, by Helm releases, by two resources that
make one object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nodrop.judge.changed_objects import changed_on_paths
from nodrop.paths import Manifest
from nodrop.preview.clusters import Clusters
from nodrop.preview.makers import HELM_RELEASE
from nodrop.preview.patches import Patch, patch_of
from nodrop.preview.program_objects import ProgramObjects
from nodrop.preview.replacement import differences
from nodrop.preview.resources import Evaluation, Resource
from nodrop.preview.state import State
from nodrop.preview.values import plain

_BY_CHECK = ("name", "namespace", "version", "timeout", "keyring", "resourceNames", "checksum")
"""Inputs of a release that the provider fills in. Source: pulumi/pulumi-kubernetes provider/pkg/provider/
helm_release.go, Check."""


def changed_besides(evaluation: Evaluation, state: State) -> Iterator[str]:
    """Why the change of a path is not known by its objects."""
    made = ProgramObjects(evaluation)
    clusters, gone = Clusters(evaluation), _gone(evaluation, state)
    known = {urn for each in evaluation.resources for urn in each.urns}
    for cluster, objects in made.by_cluster.items():
        patches = [
            patch
            for each, patch in gone
            if patch is not None and (each.provider not in known | {None} or clusters.of(each) == cluster)
        ]
        yield from changed_on_paths(objects, lambda it, of=patches: made.changed_by(it) or _left_by(it, of))
    yield from _releases(evaluation, state)


def _gone(evaluation: Evaluation, state: State) -> list[tuple[Resource, Patch | None]]:
    """What the program does not have any more, with the patch that it was."""
    known = {urn for each in evaluation.resources for urn in each.urns}
    return [(each, _patch(each, state)) for each in state.others if each.urn not in known]


def _patch(resource: Resource, state: State) -> Patch | None:
    stated = state.inputs.get(resource.provider or "", {}).get("namespace")
    return patch_of(resource, stated if isinstance(stated, str) and stated else "default")


def _left_by(manifest: Manifest, patches: list[Patch]) -> str | None:
    """What becomes of an object whose patch is deleted: the fields of the patch have no owner and are removed.

    Source: pulumi/pulumi-kubernetes provider/pkg/ssa/actions.go, Relinquish.
    """
    found = next((each for each in patches if each.concerns(manifest)), None)
    told = "is deleted, and gives up the fields that it set: write them into the object itself"
    return f"{found.words} {told}" if found else None


def _releases(evaluation: Evaluation, state: State) -> Iterator[str]:
    """Helm releases that are new, gone or other ones: what becomes of their charts' objects is in no state."""
    had = {each.urn: each for each in state.others if each.type == HELM_RELEASE}
    for each in evaluation.resources:
        if each.type == HELM_RELEASE and each.read_id is None:
            old = next((had.pop(urn) for urn in each.urns if urn in had), None)
            changed = list(_changed(plain(each.inputs), plain(old.inputs))) if old else []
            if old is None or changed:
                what = f"changes ({', '.join(changed)})" if changed else "is new"
                yield f"Release {each.name} {what}: what becomes of its chart's objects is not compared"
    for each in had.values():
        yield f"Release {each.name} is deleted: what becomes of its chart's objects is not compared"


def _changed(new: Mapping[str, Any], old: Mapping[str, Any]) -> Iterator[str]:
    """Inputs of a release that differ, apart from those that the provider fills in where the program states none."""
    stated = {key: value for key, value in old.items() if key in new or (value and key not in _BY_CHECK)}
    yield from dict.fromkeys(path for path, _, _ in differences(new, stated))
