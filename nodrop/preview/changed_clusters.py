"""Whether a provider of a state and one of the program are of one cluster.

Source: pulumi/pulumi pkg/resource/deploy/step_generator.go, diffProvider; pulumi/pulumi-kubernetes provider/pkg/
provider/provider.go, DiffConfig. Not here: what it means that objects go to another one (`recreated`).
"""

from __future__ import annotations

from nodrop.preview.one_cluster import clusters_among, of_program, of_state, same_by_sources, same_by_values
from nodrop.preview.resources import Evaluation
from nodrop.preview.state import State


class ChangedClusters:
    """Which providers of a state and of a program are of one cluster."""

    def __init__(self, evaluation: Evaluation, state: State) -> None:
        self._state = state
        self._resources = {each.urn: each for each in evaluation.resources}
        self._now = {urn: each.urn for each in evaluation.resources for urn in each.urns}

    def same(self, old: str | None, new: str | None) -> bool | None:
        """Whether a provider of the state and one of the program are of one cluster; None: that cannot be told.

        What becomes of one provider that both have is another question (`replacement`).
        """
        resource = self._resources.get(new or "")
        if old == new or (resource is not None and old in resource.urns):
            return True
        if old is None or old not in self._state.inputs or resource is None:
            return None
        was, becomes = of_state(old, self._state, self._now), of_program(resource)
        told = same_by_values(was, becomes)
        if told is None and same_by_sources(was, becomes) is False:
            made = clusters_among(urn for urns in becomes.sources.values() for urn in urns)
            there = {self._now.get(urn, urn) for urn in self._state.inputs}
            return False if made <= there else None
        return told

    def doubt(self, old: str | None, new: str | None) -> str:
        """What to say where it cannot be told."""
        return (
            f"objects go from {called(old)} to {called(new)}: if that is another cluster, each is deleted and "
            "created again there; give both providers a cluster_identifier, the same one if it is the same cluster"
        )


def called(provider: str | None) -> str:
    """A provider in words."""
    return f"Kubernetes provider {provider.rpartition('::')[2]}" if provider else "the default Kubernetes provider"
