"""The Kubernetes objects of a program: which resource makes each, in which cluster, and what else changes it.

Not here: what they stand on in the same program (infrastructure).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nodrop.judge.judgement import PassedOver
from nodrop.paths import Manifest
from nodrop.paths.changes import Identity
from nodrop.paths.fields import UNKNOWN, ref_of
from nodrop.paths.files.positions import Step, steps_of
from nodrop.paths.repeats import GroupedRef, grouped_ref
from nodrop.preview.clusters import Clusters, is_of_a_cluster
from nodrop.preview.makers import unread_of
from nodrop.preview.manifests import kubernetes_object
from nodrop.preview.patches import Patch, patch_of
from nodrop.preview.resources import Evaluation, Resource
from nodrop.preview.update import identity
from nodrop.preview.values import plain
from nodrop.rollout import ObjectRef

MADE_TWICE = (
    "the second one is refused, since the object exists, or each changes and deletes what is the other's too "
    "[pulumi/pulumi-kubernetes provider/pkg/await/await.go, Creation]; make it once"
)
"""What becomes of an object that two resources make."""


@dataclass(frozen=True)
class ProgramObjects:
    """The Kubernetes objects of a program, and what it says of them besides."""

    evaluation: Evaluation

    @cached_property
    def by_urn(self) -> dict[str, Manifest]:
        """The objects that the program would create, as `kubernetes_object` shows them, by URN in its order."""
        made = {each.urn: kubernetes_object(each) for each in self.evaluation.resources}
        return {urn: manifest for urn, manifest in made.items() if manifest is not None}

    @property
    def all(self) -> list[Manifest]:
        """The same without the URNs."""
        return list(self.by_urn.values())

    @property
    def by_cluster(self) -> dict[str, list[Manifest]]:
        """The objects by what their cluster is called, such as `provider east`."""
        found: dict[str, list[Manifest]] = {}
        for manifest in self.by_urn.values():
            found.setdefault(self.cluster(manifest), []).append(manifest)
        return found

    @cached_property
    def unread(self) -> dict[str, PassedOver]:
        """What makes objects that are not among these, by URN."""
        return dict(unread_of(self.evaluation, self._clusters))

    def urn_of(self, ref: ObjectRef | None, cluster: str = "") -> str | None:
        """URN of an object, of that cluster if several have one of its name, or of what makes unread ones."""
        named = self._urns_by_ref.get(ref, [])
        there = [urn for urn in named if self._clusters.of(self._resources[urn]) == cluster]
        return next(iter(there or named), None)

    @property
    def doubted(self) -> dict[str, tuple[str, ...]]:
        """By cluster, others that may be the same one and have objects, or what changes or makes some."""
        there = {self._clusters.of(each) for each in self.evaluation.resources if is_of_a_cluster(each)}
        found = {one: tuple(each for each in others if each in there) for one, others in self._clusters.doubted.items()}
        return {one: others for one, others in found.items() if others}

    def resource_of(self, manifest: Manifest) -> Resource | None:
        """The resource that makes an object, or one of the name of a copy."""
        urn = self._urns_by_id.get(id(manifest)) or self._urns_by_name.get(identity(manifest))
        return self._resources[urn] if urn else None

    def cluster(self, manifest: Manifest) -> str:
        """What an object's cluster is called; empty: the program does not make the object."""
        resource = self.resource_of(manifest)
        return self._clusters.of(resource) if resource else ""

    def namespaces_of(self, manifest: Manifest) -> list[Manifest]:
        """The Namespaces that may be the one of an object."""
        return self._namespaces.get((self.cluster(manifest), str(ref_of(manifest).namespace)), [])

    def changed_by(self, manifest: Manifest) -> str | None:
        """That several resources make an object, or what a patch of its cluster does to it.

        Of a Deployment also what one does to its Namespace; a Namespace of the program is asked for by itself.
        """
        if makers := self._makers_of(manifest):
            return f"{' and '.join(makers)} make it: {MADE_TWICE}"
        patches = self._patches.get(self.cluster(manifest), ())
        if found := next((each for each in patches if each.concerns(manifest)), None):
            return found.told()
        ref = ref_of(manifest)
        if not patches or ref.kind != "Deployment" or self.namespaces_of(manifest):
            return None
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ref.namespace}}
        over_it = (each.told(f"its Namespace {ref.namespace}") for each in patches if each.concerns(namespace))
        return next(over_it, None)

    def known_by(self, manifest: Manifest, place: str) -> str | None:
        """That outputs of other stacks are to be given, where a place of an object follows from them and is unknown."""
        steps, missing = steps_of(place), self.evaluation.stacks_without_outputs
        resource = self.resource_of(manifest) if missing and steps else None
        if resource is None or UNKNOWN not in str(_at(manifest, steps)):
            return None
        sources = self._sources(resource.property_dependencies.get(str(steps[0]), ()))
        stacks = dict.fromkeys(missing[urn] for urn in missing if urn in sources)
        options = " ".join(f"--stack-outputs {each}=FILE" for each in stacks)
        return f"give the outputs of {' and '.join(stacks)}: `{options}`, in tests `stack_outputs`" if stacks else None

    def _sources(self, urns: Iterable[str]) -> set[str]:
        """These resources, and those that the Kubernetes objects among them follow from: their outputs are inputs."""
        found: set[str] = set()
        left = list(urns)
        while left:
            each = self._resources.get(left.pop())
            if each is not None and each.urn not in found:
                found.add(each.urn)
                if each.type.startswith("kubernetes:"):
                    left += [urn for given in each.property_dependencies.values() for urn in given]
        return found

    def _makers_of(self, manifest: Manifest) -> list[str]:
        """The resources that make one object between them."""
        key = grouped_ref(manifest)
        urns = self._urns_by_object.get((self.cluster(manifest), key), []) if key else []
        return [self._named(self._resources[urn]) for urn in urns] if len(urns) > 1 else []

    def _named(self, resource: Resource) -> str:
        """A resource by its name and its parent's, such as `web of WebService shop`."""
        parent = self._resources.get(resource.parent or "")
        below = parent is not None and parent.parent is not None
        return f"{resource.name} of {parent.type.rpartition(':')[2]} {parent.name}" if below else resource.name

    @cached_property
    def _patches(self) -> dict[str, list[Patch]]:
        """Patches by cluster."""
        found: dict[str, list[Patch]] = {}
        for each in self.evaluation.resources:
            provider = self._resources.get(each.provider or "")
            if patch := patch_of(each, plain(provider.inputs) if provider else self.evaluation.default_provider):
                found.setdefault(self._clusters.of(each), []).append(patch)
        return found

    @cached_property
    def _urns_by_id(self) -> dict[int, str]:
        return {id(manifest): urn for urn, manifest in self.by_urn.items()}

    @cached_property
    def _urns_by_name(self) -> dict[Identity, str]:
        return {identity(manifest): urn for urn, manifest in self.by_urn.items()}

    @cached_property
    def _urns_by_ref(self) -> dict[ObjectRef | None, list[str]]:
        found: dict[ObjectRef | None, list[str]] = {}
        for urn, manifest in self.by_urn.items():
            found.setdefault(ref_of(manifest), []).append(urn)
        for urn, maker in self.unread.items():
            found.setdefault(maker.object, []).append(urn)
        return found

    @cached_property
    def _urns_by_object(self) -> dict[tuple[str, GroupedRef | None], list[str]]:
        """By cluster and object."""
        found: dict[tuple[str, GroupedRef | None], list[str]] = {}
        for urn, manifest in self.by_urn.items():
            found.setdefault((self._clusters.of(self._resources[urn]), grouped_ref(manifest)), []).append(urn)
        return found

    @cached_property
    def _namespaces(self) -> dict[tuple[str, str], list[Manifest]]:
        """Namespaces by cluster and name."""
        found: dict[tuple[str, str], list[Manifest]] = {}
        for each in self.by_urn.values():
            if each["kind"] == "Namespace":
                found.setdefault((self.cluster(each), identity(each)[2]), []).append(each)
        return found

    @cached_property
    def _resources(self) -> dict[str, Resource]:
        return {each.urn: each for each in self.evaluation.resources}

    @cached_property
    def _clusters(self) -> Clusters:
        return Clusters(self.evaluation)


def _at(value: Any, steps: Iterable[Step]) -> Any:
    """The text at a place, or in the place of something above it that is not known as a whole; None: no text."""
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list):
            value = value[step] if isinstance(step, int) and step < len(value) else None
    return value if isinstance(value, str) else None
