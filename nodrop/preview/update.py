"""An evaluated program as the update of a state: the objects before and after, and which of them are the same resource.

The program was evaluated as if nothing were deployed. Here it takes over from the state what the engine would: names
made up earlier, values that are not known yet and so count as unchanged, and what `ignore_changes` keeps. Source:
pulumi/pulumi pkg/resource/deploy/step_generator.go, pulumi/pulumi-kubernetes provider/pkg/metadata/naming.go.
Not here: what a difference does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nodrop.paths.changes import Identity
from nodrop.paths.fields import SECRET, UNKNOWN
from nodrop.preview.makers import makers_of
from nodrop.preview.manifests import kubernetes_object
from nodrop.preview.replacement import Replacement, deployed_inputs
from nodrop.preview.resources import Evaluation, Resource
from nodrop.preview.state import Deployed, State
from nodrop.preview.taken_by_name import TAKEN_BY_NAME, takes, told_anew
from nodrop.preview.values import plain

_MASKS = {UNKNOWN, SECRET, "None"}
"""In the place of a name: which one it is cannot be known."""
_AUTONAMED = "pulumi.com/autonamed"
_STEP = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[([0-9]+|\*)\]|\.?([^.\[\]]+)')


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An object whose resource both the state and the program have."""

    old: Deployed
    manifest: dict[str, Any]
    """What becomes of it."""
    resource: Resource


@dataclass(frozen=True, kw_only=True)
class Update:
    """The Kubernetes objects of a stack before and after an update."""

    before: tuple[dict[str, Any], ...]
    after: tuple[dict[str, Any], ...]
    moved: Mapping[Identity, Identity]
    """Objects that get another name or namespace, which is a new object and the old one's deletion."""
    kept: tuple[Kept, ...]
    """Objects that the program goes on managing."""
    made: tuple[tuple[Resource, dict[str, Any]], ...]
    """Objects of resources that the state does not have."""
    gone: tuple[Deployed, ...]
    """Objects of resources that the program does not have any more."""
    urns: Mapping[Identity, str]
    """URN in the program of each object after the update."""
    unseen: tuple[str, ...]
    """URNs of components whose objects are taken as unchanged, since their providers make them."""


def updated(evaluation: Evaluation, state: State, replaced: Mapping[str, Replacement]) -> Update:
    """What deploying the evaluated program over the state would do to the Kubernetes objects.

    `replaced` are the cloud resources that it replaces, by URN.
    """
    deployed = {each.urn: each for each in state.objects}
    objects = [(each, kubernetes_object(each)) for each in evaluation.resources]
    pairs = [(each, manifest, _old(each, deployed)) for each, manifest in objects if manifest is not None]
    names, anew = dict(_adopted(pairs)), _made_anew(evaluation, state, replaced)
    told = _under_the_same_name(evaluation, anew)
    after, moved, kept, made, placed = [], {}, [], [], {}
    for resource, evaluated, old in pairs:
        manifest = _renamed(evaluated, names)
        if old is not None:
            by_name = anew.keys() if takes(manifest["kind"]) else set()
            manifest = {
                key: _known(
                    value,
                    old.manifest.get(key),
                    anew=not by_name.isdisjoint(resource.property_dependencies.get(key, ())),
                )
                for key, value in manifest.items()
            }
            for path in resource.options.ignore_changes:
                manifest = _kept(manifest, old.manifest, _steps(path))
            was, becomes = identity(old.manifest), identity(manifest)
            if was != becomes and not _MASKS & {*was, *becomes}:
                moved[was] = becomes
            manifest = told_anew(manifest, told)
            kept.append(Kept(old=old, manifest=manifest, resource=resource))
        else:
            made.append((resource, manifest))
        after.append(manifest)
        placed[identity(manifest)] = resource.urn
    evaluated_urns = {old.urn for _, _, old in pairs if old is not None}
    makers = {urn: each.urn for each in makers_of(evaluation) for urn in each.urns}
    unseen: dict[str, None] = {}
    gone: list[Deployed] = []
    for each in state.objects:
        maker = next((makers[urn] for urn in _ancestors(each.urn, state.parents) if urn in makers), None)
        if each.urn in evaluated_urns:
            continue
        if maker is not None:
            unseen[maker] = None
        else:
            gone.append(each)
        if maker is not None or each.retained:
            after.append(each.manifest)
    return Update(
        before=tuple(each.manifest for each in state.objects),
        after=tuple(after),
        moved=moved,
        kept=tuple(kept),
        made=tuple(made),
        gone=tuple(gone),
        urns=placed,
        unseen=tuple(unseen),
    )


def identity(manifest: Mapping[str, Any]) -> Identity:
    """What the cluster knows an object by."""
    metadata = manifest.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    return str(manifest["kind"]), str(metadata.get("namespace") or "default"), str(metadata.get("name"))


def _old(resource: Resource, deployed: Mapping[str, Deployed]) -> Deployed | None:
    return next((deployed[urn] for urn in resource.urns if urn in deployed), None)


def _ancestors(urn: str, parents: Mapping[str, str]) -> Iterable[str]:
    seen: list[str] = []
    while (urn := parents.get(urn, "")) and urn not in seen:
        seen.append(urn)
    return seen


def _adopted(
    pairs: Iterable[tuple[Resource, dict[str, Any], Deployed | None]],
) -> Iterable[tuple[str, str]]:
    """The name that the state has for each one that the evaluation made up."""
    for _, manifest, old in pairs:
        if old is not None and is_autonamed(manifest) and is_autonamed(old.manifest):
            yield identity(manifest)[2], identity(old.manifest)[2]


def is_autonamed(manifest: Mapping[str, Any]) -> bool:
    """Whether the provider made up the object's name."""
    metadata = manifest.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    return isinstance(annotations, dict) and annotations.get(_AUTONAMED) == "true"


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """`value` with the names that the state has, wherever one made up stands, alone or inside a text."""
    if isinstance(value, dict):
        return {key: _renamed(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    if isinstance(value, str):
        for made_up, name in names.items():
            value = value.replace(made_up, name)
    return value


def _made_anew(
    evaluation: Evaluation, state: State, replaced: Mapping[str, Replacement]
) -> dict[str, Replacement | None]:
    """What load balancers take by name and the update makes, by URN: new ones, and those that it replaces."""
    found: dict[str, Replacement | None] = {}
    for each in evaluation.resources:
        if each.type in TAKEN_BY_NAME and (each.urn in replaced or deployed_inputs(each, state) is None):
            found[each.urn] = replaced.get(each.urn)
    return found


def _under_the_same_name(evaluation: Evaluation, made: Mapping[str, Replacement | None]) -> dict[str, str]:
    """By name, what to say of one that is made anew under the name that it had."""
    named = {each.urn: plain(each.inputs).get("name") for each in evaluation.resources if made.get(each.urn)}
    return {
        name: f"made anew for another {replacement.input}"
        for urn, name in named.items()
        if isinstance(name, str) and (replacement := made[urn]) is not None and replacement.input != "name"
    }


def _known(new: Any, old: Any, *, anew: bool = False) -> Any:
    """`new` with the state's value wherever it is unknown and the state has one at that place.

    With `anew` it depends on something that the update makes, and so differs from what the state has.
    """
    if new == UNKNOWN:
        return new if old is None or anew else old
    if isinstance(new, dict) and isinstance(old, dict):
        return {key: _known(item, old.get(key), anew=anew) for key, item in new.items()}
    if isinstance(new, list) and isinstance(old, list) and len(new) == len(old):
        return [_known(item, was, anew=anew) for item, was in zip(new, old, strict=True)]
    return new


def _steps(path: str) -> list[str | int]:
    """A property path as keys and indices, such as `spec.replicas` or `spec["template"].containers[0]`."""
    return [
        int(index) if index.isdecimal() else index or key or quoted.replace('\\"', '"').replace("\\\\", "\\")
        for quoted, index, key in _STEP.findall(path)
    ]


def _kept(new: Any, old: Any, steps: list[str | int]) -> Any:
    """`new` with what `old` has at the place that the steps lead to, and without it where `old` has nothing."""
    if not steps:
        return old
    step, rest = steps[0], steps[1:]
    if isinstance(new, dict) and isinstance(old, dict):
        kept = dict(new)
        for key in {*new, *old} if step == "*" else {step}:
            if not rest and key not in old:
                kept.pop(key, None)
            elif key in old and (key in new or not rest):
                kept[key] = _kept(new.get(key), old[key], rest)
        return kept
    if isinstance(new, list) and isinstance(old, list):
        chosen = range(len(new)) if step == "*" else (step,)
        return [
            _kept(item, old[index], rest) if index in chosen and index < len(old) else item
            for index, item in enumerate(new)
        ]
    return new
