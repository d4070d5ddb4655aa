"""Which cluster of a program a resource is in: that of its Kubernetes provider, the default one among them.

Providers of one cluster count as one; those that may be (`Clusters.doubted`) as two. Source: `one_cluster`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from itertools import combinations

from nodrop.paths.changes import Identity
from nodrop.preview import kubernetes
from nodrop.preview.fixed_inputs import PROVIDER
from nodrop.preview.manifests import kubernetes_object
from nodrop.preview.one_cluster import (
    ProviderInputs,
    names_a_cluster,
    of_default,
    of_program,
    of_state,
    same_by_sources,
    same_by_values,
)
from nodrop.preview.resources import Evaluation, Resource, name_in
from nodrop.preview.state import State, is_default
from nodrop.preview.update import identity

_DEFAULT = "the default provider"
_OF_DEFAULT = ""
"""In the place of its URN."""


class Clusters:
    """The clusters of one program."""

    def __init__(self, evaluation: Evaluation, state: State | None = None) -> None:
        """`state`: of the same stack, whose providers count, too."""
        self._parents = {each.urn for each in evaluation.resources if each.parent}.union(state.parents if state else ())
        explicit = (each for each in evaluation.resources if each.type == PROVIDER and not self._is_default(each.urn))
        made = {each.urn: of_program(each) for each in explicit}
        self._now = {urn: each.urn for each in evaluation.resources for urn in each.urns}
        there = state.inputs if state else {}
        gone = [urn for urn in there if f"{PROVIDER}::" in urn and urn not in self._now and not self._is_default(urn)]
        default = of_default(evaluation)
        self._providers = (
            ({_OF_DEFAULT: default} if names_a_cluster(default) else {})
            | made
            | {urn: of_state(urn, state, self._now) for urn in gone if state}
        )

    def of(self, resource: Resource) -> str:
        """In words, such as `provider east`."""
        return self.of_provider(resource.provider)

    def of_provider(self, urn: str | None) -> str:
        """The same of the URN of a provider; None: the default one."""
        if not urn or self._is_default(urn):
            return self._names.get(_OF_DEFAULT, _DEFAULT)
        return self._names.get(self._now.get(urn, urn)) or f"provider {name_in(urn)}"

    def _is_default(self, urn: str) -> bool:
        return is_default(urn, self._parents)

    @cached_property
    def doubted(self) -> dict[str, tuple[str, ...]]:
        """By cluster, the others that may be the same one, in the words of `of`."""
        found: dict[str, list[str]] = {}
        groups = [*self._groups, *([] if _OF_DEFAULT in self._providers else [[_OF_DEFAULT]])]
        for one, other in combinations(groups, 2):
            told = [_same(self._providers.get(a), self._providers.get(b)) for a in one for b in other]
            if False not in told:
                names = self.of_provider(one[0]), self.of_provider(other[0])
                found.setdefault(names[0], []).append(names[1])
                found.setdefault(names[1], []).append(names[0])
        return {name: tuple(others) for name, others in found.items()}

    @cached_property
    def _groups(self) -> list[list[str]]:
        """URNs of providers, those of one cluster together; the default one only where it says something."""
        groups: list[list[str]] = []
        for urn, inputs in self._providers.items():
            joined = [each for each in groups if any(_same(self._providers[one], inputs) for one in each)]
            groups = [each for each in groups if each not in joined]
            groups.append([*(one for each in joined for one in each), urn])
        return groups

    @cached_property
    def _names(self) -> dict[str, str]:
        """The words by URN of such a provider."""
        return {urn: self._words(group) for group in self._groups for urn in group}

    def _words(self, group: list[str]) -> str:
        """What the cluster of these providers is called: after the first of them, told from others of its name."""
        if _OF_DEFAULT in group:
            return _DEFAULT
        first = group[0]
        words = f"provider {name_in(first)}"
        if any(name_in(other) == name_in(first) for other in self._providers if other not in group):
            words += f" of {_parents(first)}"
        return words


def _same(one: ProviderInputs | None, other: ProviderInputs | None) -> bool | None:
    """Whether two providers are of one cluster; None: that cannot be told, as of the default one."""
    if one is None or other is None:
        return None
    told = same_by_values(one, other)
    return same_by_sources(one, other) if told is None else told


def parts(evaluation: Evaluation, state: State) -> dict[str, tuple[Evaluation, State]]:
    """The program and its state for each cluster, whose Kubernetes objects alone they have.

    An object of the state is in the cluster in which the program makes it now: a provider that another one replaces
    takes its objects along, also those that are gone, and a new resource one that is gone under its name.
    """
    clusters = Clusters(evaluation, state)
    of_objects = {each.urn: clusters.of(each) for each in evaluation.resources if _is_object(each)}
    now = {old: of_objects[each.urn] for each in evaluation.resources if _is_object(each) for old in each.urns}
    went = {clusters.of_provider(each.provider): now[each.urn] for each in state.objects if each.urn in now}
    here = {each: each for each in of_objects.values()}
    there = {each.urn for each in state.objects}
    made: dict[Identity, list[str]] = {}
    for each in evaluation.resources:
        manifest = kubernetes_object(each)
        if manifest is not None and there.isdisjoint(each.urns):
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


def is_of_a_cluster(resource: Resource) -> bool:
    """Whether its provider acts on a cluster: by an object, a patch or a chart."""
    return resource.type.startswith("kubernetes:") and (resource.custom or resource.remote)


def _is_object(resource: Resource) -> bool:
    return resource.custom and kubernetes.is_object(resource.type, resource.inputs)


def _parents(urn: str) -> str:
    """The types of a resource's parents, which tell it from others of its type and name."""
    types = urn.split("::")[2] if urn.count("::") > 2 else urn
    return types.rpartition("$")[0].replace("$", " in ") or "the stack"
