"""Kubernetes objects that an update deletes though the program still has them, and what cannot be told of that.

An object belongs to a resource, by its URN, and to a cluster, by its provider. Pulumi replaces it where the resource
goes to the provider of another cluster, or where an option asks for that; and it creates and deletes it where the
resource gets another URN. Source: pulumi/pulumi pkg/resource/deploy/step_generator.go, providerChanged; pulumi/
pulumi-kubernetes provider/pkg/provider/provider.go, DiffConfig, Diff. Not here: fields that cannot be changed in place
(`nodrop.paths.changes`).
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from nodrop.paths.fields import name_of, ref_of
from nodrop.preview.changed_clusters import ChangedClusters, called
from nodrop.preview.replacement import Foundations, asked_for, differences, is_ignored, replaces_on_change
from nodrop.preview.resources import Evaluation, Resource
from nodrop.preview.state import Deployed, State
from nodrop.preview.update import Kept, Update, identity, is_autonamed
from nodrop.rollout import ObjectRef
from nodrop.rollout.wiring import Replaced

_GOVERNING = frozenset(
    {
        "BackendConfig",
        "ConfigMap",
        "FrontendConfig",
        "GCPBackendPolicy",
        "GCPGatewayPolicy",
        "HealthCheckPolicy",
        "HorizontalPodAutoscaler",
        "ManagedCertificate",
        "Secret",
        "ServiceAccount",
    }
)
"""Kinds without which load balancer or new pods are not what they were, though they are no part of the way."""


@dataclass(frozen=True, kw_only=True)
class Recreated:
    """What an update deletes though the program still has it."""

    replaced: Mapping[ObjectRef, Replaced]
    """By the object in the state."""
    renamed: tuple[tuple[Deployed, Resource], ...]
    """Objects whose resource has another URN, each with the resource that has it from then on."""
    not_compared: tuple[str, ...]

    def beside(self, of_paths: Container[ObjectRef]) -> Iterator[str]:
        """Why it is not told what the requests meet while another object than the paths' own is not there."""
        a_path_moves = any(each in of_paths and not replaced.option for each, replaced in self.replaced.items())
        for each, replaced in self.replaced.items():
            is_told = a_path_moves and not replaced.option
            if each not in of_paths and each.kind in _GOVERNING and not is_told:
                by = f"{replaced.option} replaces it" if replaced.option else f"it becomes {replaced.new}"
                yield f"{each}: {by}, and what requests meet while it is not there is not known"


def recreated(evaluation: Evaluation, state: State, update: Update, foundations: Foundations) -> Recreated:
    """What deploying the evaluated program over the state deletes and makes again."""
    clusters = ChangedClusters(evaluation, state)
    replaced: dict[ObjectRef, Replaced] = {}
    renamed: list[tuple[Deployed, Resource]] = []
    unknown: dict[str, None] = {}
    urns = set(foundations.replaced)
    made = {identity(manifest): resource for resource, manifest in update.made}
    for kept in update.kept:
        was = identity(kept.old.manifest)
        same = clusters.same(kept.old.provider, kept.resource.provider)
        asked = asked_for(kept.resource, state, urns)
        found = None if was in update.moved else _replaced(kept, asked.option, stays=same is not False)
        if same is None:
            unknown[clusters.doubt(kept.old.provider, kept.resource.provider)] = None
        if asked.not_compared:
            unknown[f"{name_of(kept.old.manifest)}: {asked.not_compared}"] = None
        if found:
            replaced[ref_of(kept.old.manifest)] = found
            urns.add(kept.resource.urn)
    for old in update.gone:
        resource = made.get(identity(old.manifest))
        if resource is None:
            continue
        same = clusters.same(old.provider, resource.provider)
        if same is None:
            unknown[clusters.doubt(old.provider, resource.provider)] = None
        elif not same:
            replaced[ref_of(old.manifest)] = _elsewhere(old, resource)
        elif not (old.retained and resource.options.import_id):
            renamed.append((old, resource))
    return Recreated(replaced=replaced, renamed=tuple(renamed), not_compared=tuple(unknown))


def _elsewhere(old: Deployed, resource: Resource) -> Replaced:
    name = name_of(old.manifest)
    return Replaced(
        old=f"{name} of {called(old.provider)}",
        new=f"{name} of {called(resource.provider)}"
        + (", which is of another cluster now" if old.provider is None and resource.provider is None else ""),
    )


def _replaced(kept: Kept, option: str | None, *, stays: bool) -> Replaced | None:
    """What replaces an object that keeps its name, namespace and resource."""
    if not stays:
        return _elsewhere(kept.old, kept.resource)
    changed = (path for path, _, _ in differences(kept.manifest, kept.old.manifest))
    path = next((p for p in changed if replaces_on_change(kept.resource, p) and not is_ignored(kept.resource, p)), None)
    by = option or (path and f"replace_on_changes, for {path} changes,")
    beside = is_autonamed(kept.manifest) and kept.resource.options.delete_before_replace is not True
    if not by or (beside and kept.manifest["kind"] == "Deployment"):  # the new one has another name, and comes first
        return None
    name = name_of(kept.old.manifest)
    return Replaced(old=name, new=f"another {name}" if beside else name, option=by)
