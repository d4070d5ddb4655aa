"""What an update changes besides the objects that are compared: by patches, by Helm releases and other resources whose
objects only their provider makes, by two resources that make one object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from nodrop.judge.changed_objects import changed_on_paths
from nodrop.judge.surroundings import Surroundings
from nodrop.paths import Manifest
from nodrop.preview.clusters import Clusters
from nodrop.preview.makers import HELM_RELEASE, makers_of
from nodrop.preview.patches import Patch, patch_of, retargets
from nodrop.preview.program_objects import ProgramObjects
from nodrop.preview.replacement import differences
from nodrop.preview.resources import Evaluation, Resource
from nodrop.preview.state import State
from nodrop.preview.values import plain

_BY_CHECK = ("name", "namespace", "version", "timeout", "keyring", "resourceNames", "checksum")
"""Inputs of a release that the provider fills in. Source: pulumi/pulumi-kubernetes provider/pkg/provider/
helm_release.go, Check."""


_SELECTS = "what its object selects then is not compared"
_EXACT = re.compile(r"v?[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?")
"""A version that leaves no choice. Source: Helm, Chart version constraints."""


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
        changed = Surroundings(changed_by=lambda it, of=patches: made.changed_by(it) or _left_by(it, of))
        yield from changed_on_paths(objects, changed)
    yield from _releases(evaluation, state)
    yield from _new_makers(evaluation, state)
    yield from _retargeted(evaluation, state)


def _new_makers(evaluation: Evaluation, state: State) -> Iterator[str]:
    """Components that only their provider expands, and that the state does not have."""
    for each in makers_of(evaluation):
        if each.type != HELM_RELEASE and state.parents.keys().isdisjoint(each.urns):
            yield f"{each.urn} is new: what its provider makes is not compared"


def _retargeted(evaluation: Evaluation, state: State) -> Iterator[str]:
    """Patches by which an object may come to concern a path, or no longer does."""
    had = {each.urn: each for each in state.others if retargets(each)}
    for each in filter(retargets, evaluation.resources):
        old = next((had.pop(urn) for urn in each.urns if urn in had), None)
        if old is None or differences(plain(each.inputs), plain(old.inputs)):
            yield f"{_called(each)} {'changes' if old else 'is new'}: {_SELECTS}"
    yield from (f"{_called(each)} is deleted: {_SELECTS}" for each in had.values())


def _called(patch: Resource) -> str:
    return f"{patch.type.rpartition(':')[2]} {patch.name}"


def _gone(evaluation: Evaluation, state: State) -> list[tuple[Resource, Patch | None]]:
    """What the program does not have any more, with the patch that it was."""
    known = {urn for each in evaluation.resources for urn in each.urns}
    return [(each, _patch(each, state)) for each in state.others if each.urn not in known]


def _patch(resource: Resource, state: State) -> Patch | None:
    return patch_of(resource, state.inputs.get(resource.provider or "", {}))


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
            if old is not None and not changed and not _is_pinned(plain(each.inputs)):
                deployed = plain(old.inputs).get("version")
                yield (
                    f"Release {each.name} takes the version that its chart has at the update"
                    f"{f', deployed is {deployed}' if deployed else ''}: what becomes of its chart's objects is not "
                    "compared; state an exact version of a chart in a repository"
                )
            if old is None or changed:
                what = f"changes ({', '.join(changed)})" if changed else "is new"
                yield f"Release {each.name} {what}: what becomes of its chart's objects is not compared"
    for each in had.values():
        yield f"Release {each.name} is deleted: what becomes of its chart's objects is not compared"


def _is_pinned(inputs: Mapping[str, Any]) -> bool:
    """Whether each update takes the same chart: the provider loads it again, and its version decides.

    Source: pulumi/pulumi-kubernetes provider/pkg/provider/helm_release.go, Check.
    """
    chart, version = str(inputs.get("chart")), str(inputs.get("version"))
    return chart.startswith(("https://", "http://")) or (
        not chart.startswith((".", "/")) and _EXACT.fullmatch(version) is not None
    )


def _changed(new: Mapping[str, Any], old: Mapping[str, Any]) -> Iterator[str]:
    """Inputs of a release that differ, apart from those that the provider fills in where the program states none."""
    stated = {key: value for key, value in old.items() if key in new or (value and key not in _BY_CHECK)}
    yield from dict.fromkeys(path for path, _, _ in differences(new, stated))
