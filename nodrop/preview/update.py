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
from nodrop.preview.manifests import kubernetes_object
from nodrop.preview.resources import Evaluation, Resource
from nodrop.preview.state import Deployed, State
from nodrop.preview.values import plain

_MASKS = {UNKNOWN, SECRET, "None"}
"""In the place of a name: which one it is cannot be known."""
_AUTONAMED = "pulumi.com/autonamed"
_STEP = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[([0-9]+|\*)\]|\.?([^.\[\]]+)')


@dataclass(frozen=True, kw_only=True)
class Update:
    """The Kubernetes objects of a stack before and after an update."""

    before: tuple[dict[str, Any], ...]
    after: tuple[dict[str, Any], ...]
    moved: Mapping[Identity, Identity]
    """Objects that get another name or namespace, which is a new object and the old one's deletion."""
    kept: tuple[tuple[Deployed, dict[str, Any]], ...]
    """Objects that the program goes on managing, each with what becomes of it."""
    urns: Mapping[Identity, str]
    """URN in the program of each object after the update."""
    unseen: tuple[str, ...]
    """URNs of components whose objects are taken as unchanged, since their providers make them."""


def updated(evaluation: Evaluation, state: State) -> Update:
    """What deploying the evaluated program over the state would do to the Kubernetes objects."""
    deployed = {each.urn: each for each in state.objects}
    objects = [(each, kubernetes_object(each)) for each in evaluation.resources]
    pairs = [(each, manifest, _old(each, deployed)) for each, manifest in objects if manifest is not None]
    names, made = dict(_adopted(pairs)), _made_anew(evaluation, state)
    after, moved, kept, placed = [], {}, [], {}
    for resource, evaluated, old in pairs:
        manifest = _renamed(evaluated, names)
        if old is not None:
            by_name = made if manifest["kind"] in _TAKE_BY_NAME else set()
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
            kept.append((old, manifest))
        after.append(manifest)
        placed[identity(manifest)] = resource.urn
    evaluated_urns = {old.urn for _, _, old in pairs if old is not None}
    remote = {each.urn for each in evaluation.resources if each.remote}
    unseen: dict[str, None] = {}
    for each in state.objects:
        maker = next((urn for urn in _ancestors(each.urn, state.parents) if urn in remote), None)
        if each.urn in evaluated_urns:
            continue
        if maker is not None:
            unseen[maker] = None
        if maker is not None or each.retained:
            after.append(each.manifest)
    return Update(
        before=tuple(each.manifest for each in state.objects),
        after=tuple(after),
        moved=moved,
        kept=tuple(kept),
        urns=placed,
        unseen=tuple(unseen),
    )


def identity(manifest: Mapping[str, Any]) -> Identity:
    """What the cluster knows an object by."""
    metadata = manifest.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    return str(manifest["kind"]), str(metadata.get("namespace") or "default"), str(metadata.get("name"))


def _old(resource: Resource, deployed: Mapping[str, Deployed]) -> Deployed | None:
    urns = (resource.urn, *resource.options.aliases)
    return next((deployed[urn] for urn in urns if urn in deployed), None)


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
        if old is not None and _autonamed(manifest) and _autonamed(old.manifest):
            yield identity(manifest)[2], identity(old.manifest)[2]


def _autonamed(manifest: Mapping[str, Any]) -> bool:
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


def _made_anew(evaluation: Evaluation, state: State) -> set[str]:
    """URNs of the addresses and SslPolicies that the update makes: new ones, and those that it replaces.

    Load balancers take them by name, which only the update will know. Source: Google, Compute Engine API, addresses,
    sslPolicies.
    """
    found = set()
    for each in evaluation.resources:
        if each.type in TAKEN_BY_NAME:
            old = next((state.inputs[urn] for urn in (each.urn, *each.options.aliases) if urn in state.inputs), None)
            if old is None or _replaced(plain(each.inputs), old, TAKEN_BY_NAME[each.type]):
                found.add(each.urn)
    return found


def _replaced(new: Mapping[str, Any], old: Mapping[str, Any], fixed: tuple[str, ...]) -> bool:
    """Whether an input differs that cannot be changed in place; what the provider filled in itself is not stated."""
    stated = {key: old.get(key) for key in fixed if key not in (old.get("__defaults") or ())}
    return any(_known(new.get(key), value) != value for key, value in stated.items())


_OF_ADDRESSES = ("addressType", "ipVersion", "name", "networkTier", "prefixLength", "purpose", "region", "subnetwork")
_OF_SSL_POLICIES = ("description", "name", "project", "region")
TAKEN_BY_NAME = {
    "gcp:compute/address:Address": _OF_ADDRESSES,
    "gcp:compute/globalAddress:GlobalAddress": _OF_ADDRESSES,
    "gcp:compute/sSLPolicy:SSLPolicy": _OF_SSL_POLICIES,
    "gcp:compute/regionSslPolicy:RegionSslPolicy": _OF_SSL_POLICIES,
}
"""Types of what load balancers take by name, each with the inputs that cannot be changed in place."""

_TAKE_BY_NAME = ("Ingress", "Gateway", "FrontendConfig", "GCPGatewayPolicy")
"""Kinds of the objects that take one by its name."""


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
