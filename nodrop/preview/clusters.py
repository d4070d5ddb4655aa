"""Which cluster of a program a resource is in: that of its Kubernetes provider, the default one among them.

Two explicit providers count as two clusters unless both have one `cluster_identifier`, which is what Pulumi itself
compares. Source: pulumi/pulumi-kubernetes provider/pkg/provider/provider.go, DiffConfig.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from nodrop.paths.changes import Identity
from nodrop.paths.fields import SECRET, UNKNOWN
from nodrop.preview import kubernetes
from nodrop.preview.fixed_inputs import PROVIDER
from nodrop.preview.manifests import kubernetes_object
from nodrop.preview.resources import Evaluation, Resource
from nodrop.preview.state import State
from nodrop.preview.update import identity
from nodrop.preview.values import plain

_DEFAULT = "the default provider"


class Clusters:
    """The clusters of one program."""

    def __init__(self, evaluation: Evaluation, state: State | None = None) -> None:
        """`state`: of the same stack, whose providers count, too."""
        made = {each.urn: plain(each.inputs) for each in evaluation.resources if each.type == PROVIDER}
        there = state.inputs.items() if state else ()
        self._providers = made | {urn: each for urn, each in there if urn not in made and f"{PROVIDER}::" in urn}

    def of(self, resource: Resource) -> str:
        """In words, such as `provider east`."""
        return self.of_provider(resource.provider)

    def of_provider(self, urn: str | None) -> str:
        """The same of the URN of a provider; None: the default one."""
        if urn is None or _is_default(urn):
            return _DEFAULT
        return self._names.get(urn) or f"provider {_name(urn)}"

    @cached_property
    def _names(self) -> dict[str, str]:
        """The words by URN of an explicit provider."""
        first: dict[str, str] = {}
        names: dict[str, str] = {}
        for provider, inputs in self._providers.items():
            identifier, urn = inputs.get("clusterIdentifier"), provider
            if isinstance(identifier, str) and identifier not in ("", UNKNOWN, SECRET):
                urn = first.setdefault(identifier, provider)
            words = f"provider {_name(urn)}"
            if any(_name(other) == _name(urn) for other in self._providers if other != urn):
                words += f" of {_parents(urn)}"
            names[provider] = words
        return names


def parts(evaluation: Evaluation, state: State) -> dict[str, tuple[Evaluation, State]]:
    """The program and its state for each cluster, whose Kubernetes objects alone they have.

    An object of the state is in the cluster in which the program makes it now: a provider that another one replaces
    takes its objects along, also those that are gone, and a new resource one that is gone under its name.
    """
    clusters = Clusters(evaluation, state)
    of_objects = {each.urn: clusters.of(each) for each in evaluation.resources if _is_object(each)}
    now = {old: of_objects[each.urn] for each in evaluation.resources if _is_object(each) for old in _urns(each)}
    went = {clusters.of_provider(each.provider): now[each.urn] for each in state.objects if each.urn in now}
    here = {each: each for each in of_objects.values()}
    there = {each.urn for each in state.objects}
    made: dict[Identity, list[str]] = {}
    for each in evaluation.resources:
        manifest = kubernetes_object(each)
        if manifest is not None and there.isdisjoint(_urns(each)):
            made.setdefault(identity(manifest), []).append(of_objects[each.urn])
    of_state: dict[str, str] = {}
    for each in state.objects:
        was = clusters.of_provider(each.provider)
        taken = made.get(identity(each.manifest), [was])
        taken_by = was if was in taken else taken[0]
        of_state[each.urn] = now.get(each.urn) or (here.get(was) if taken_by == was else taken_by) or went.get(was, was)
    return {
        cluster: (
            replace(
                evaluation,
                resources=tuple(each for each in evaluation.resources if of_objects.get(each.urn, cluster) == cluster),
            ),
            replace(state, objects=tuple(each for each in state.objects if of_state[each.urn] == cluster)),
        )
        for cluster in dict.fromkeys((*of_objects.values(), *of_state.values()))
    }


def _is_object(resource: Resource) -> bool:
    return resource.custom and kubernetes.is_object(resource.type, resource.inputs)


def _urns(resource: Resource) -> tuple[str, ...]:
    """All under which the state may have it."""
    return (resource.urn, *resource.options.aliases)


def _is_default(urn: str) -> bool:
    """Whether the engine made a provider by itself. Source: pulumi/pulumi sdk/go/common/resource, IsDefaultProvider."""
    return _name(urn) == "default" or _name(urn).startswith("default_")


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _parents(urn: str) -> str:
    """The types of a resource's parents, which tell it from others of its type and name."""
    types = urn.split("::")[2] if urn.count("::") > 2 else urn
    return types.rpartition("$")[0].replace("$", " in ") or "the stack"
