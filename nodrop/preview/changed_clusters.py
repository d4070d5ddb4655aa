"""Whether a provider of a state and one of the program are of one cluster.

Source: pulumi/pulumi pkg/resource/deploy/step_generator.go, diffProvider; pulumi/pulumi-kubernetes provider/pkg/
provider/provider.go, DiffConfig. Not here: what it means that objects go to another one (`recreated`).
"""

from __future__ import annotations

from nodrop.preview.fixed_inputs import PROVIDER
from nodrop.preview.one_cluster import (
    ProviderInputs,
    clusters_among,
    names_a_cluster,
    of_default,
    of_program,
    of_state,
    same_by_sources,
    same_by_values,
)
from nodrop.preview.resources import Evaluation, name_in
from nodrop.preview.state import State, is_default


class ChangedClusters:
    """Which providers of a state and of a program are of one cluster."""

    def __init__(self, evaluation: Evaluation, state: State) -> None:
        self._state = state
        self._default = of_default(evaluation)
        self._defaults = [urn for urn in state.inputs if f"{PROVIDER}::" in urn and is_default(urn, state.parents)]
        self._resources = {each.urn: each for each in evaluation.resources}
        self._now = {urn: each.urn for each in evaluation.resources for urn in each.urns}

    def same(self, old: str | None, new: str | None) -> bool | None:
        """Whether a provider of the state and one of the program are of one cluster; None: that cannot be told.

        What becomes of one provider that both have is another question (`replacement`).
        """
        resource = self._resources.get(new or "")
        if old is None and new is None:
            return not self._defaults or self._same_as_default(self._default)
        if old == new or (resource is not None and old in resource.urns):
            return True
        if old is None and resource is not None:
            return self._same_as_default(of_program(resource))
        becomes = of_program(resource) if resource else self._default
        if old is None or old not in self._state.inputs or not names_a_cluster(becomes):
            return None
        was = of_state(old, self._state, self._now)
        told = same_by_values(was, becomes)
        if told is None and same_by_sources(was, becomes) is False:
            made = clusters_among(urn for urns in becomes.sources.values() for urn in urns)
            there = {self._now.get(urn, urn) for urn in self._state.inputs}
            return False if made <= there else None
        return told

    def doubt(self, old: str | None, new: str | None) -> str:
        """What to say where it cannot be told."""
        if old is None and new is None:
            return (
                f"{called(new)} may be of another cluster, as its kubeconfig, context or cluster changes or is a "
                "secret: each object is then deleted and created again there; deploy kubernetes:clusterIdentifier in "
                "the stack's configuration first"
            )
        cure = "give both providers a cluster_identifier, the same one if it is the same cluster"
        if old is None:
            cure = (
                "if it is the same one, deploy kubernetes:clusterIdentifier in the stack's configuration first, "
                "and give the new provider the same cluster_identifier"
            )
        elif new is None:
            cure = "keep the explicit provider, since the cluster of the default one is not known offline"
        return (
            f"objects go from {called(old)} to {called(new)}: if that is another cluster, each is deleted and "
            f"created again there; {cure}"
        )

    def _same_as_default(self, new: ProviderInputs) -> bool | None:
        """The same of the state's default provider, of which there is one for each version of the package."""
        told = {same_by_values(of_state(urn, self._state, self._now), new) for urn in self._defaults}
        return told.pop() if len(told) == 1 else None


def called(provider: str | None) -> str:
    """A provider in words."""
    return f"Kubernetes provider {name_in(provider)}" if provider else "the default Kubernetes provider"
