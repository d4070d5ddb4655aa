"""Whether a provider of a state and one of the program are of one cluster.

Source: pulumi/pulumi pkg/resource/deploy/step_generator.go, providerChanged; pulumi/pulumi-kubernetes provider/pkg/
provider/provider.go, DiffConfig. Not here: what it means that objects go to another one (`recreated`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nodrop.paths.fields import SECRET, UNKNOWN
from nodrop.preview.fixed_inputs import CLUSTER
from nodrop.preview.resources import Evaluation
from nodrop.preview.state import State
from nodrop.preview.values import plain

_OF_CLUSTER = ("kubeconfig", "context", "cluster")
"""Inputs of a provider that say which cluster it is of, where `clusterIdentifier` does not."""


class ChangedClusters:
    """Which providers of a state and of a program are of one cluster."""

    def __init__(self, evaluation: Evaluation, state: State) -> None:
        self._state = state
        self._resources = {each.urn: each for each in evaluation.resources}

    def same(self, old: str | None, new: str | None) -> bool | None:
        """Whether a provider of the state and one of the program are of one cluster; None: that cannot be told.

        What becomes of one provider that both have is another question (`replacement`).
        """
        if old == new or self._is_alias(old, new):
            return True
        was, becomes = self._inputs(old, new)
        identifiers = was.get("clusterIdentifier"), becomes.get("clusterIdentifier")
        if _are_known(*identifiers):
            return identifiers[0] == identifiers[1]
        if not identifiers[0] and not identifiers[1] and _are_known(was.get("kubeconfig"), becomes.get("kubeconfig")):
            return True if all(was.get(key) == becomes.get(key) for key in _OF_CLUSTER) else None
        return False if self._are_of_two(old, new) else None

    def doubt(self, old: str | None, new: str | None) -> str:
        """What to say where it cannot be told."""
        return (
            f"objects go from {called(old)} to {called(new)}: if that is another cluster, each is deleted and "
            "created again there; give both providers a cluster_identifier, the same one if it is the same cluster"
        )

    def _is_alias(self, old: str | None, new: str | None) -> bool:
        resource = self._resources.get(new or "")
        return resource is not None and old in resource.options.aliases

    def _inputs(self, old: str | None, new: str | None) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        resource = self._resources.get(new or "")
        return self._state.inputs.get(old or "", {}), plain(resource.inputs) if resource else {}

    def _are_of_two(self, old: str | None, new: str | None) -> bool:
        """Whether each takes what says its cluster from cloud resources of its own, which both versions have."""
        resource = self._resources.get(new or "")
        if old is None or resource is None:
            return False
        had = self._state.property_dependencies.get(old, {})
        for key in ("clusterIdentifier", "kubeconfig"):
            sources = _clusters(had.get(key, ())), _clusters(resource.property_dependencies.get(key, ()))
            if all(sources):
                return sources[0].isdisjoint(sources[1]) and sources[1] <= self._state.inputs.keys()
        return False


def _clusters(urns: Iterable[str]) -> set[str]:
    return {urn for urn in urns if urn.split("::")[2].rpartition("$")[2] == CLUSTER}


def _are_known(*values: object) -> bool:
    return all(isinstance(each, str) and each and SECRET not in each and UNKNOWN not in each for each in values)


def called(provider: str | None) -> str:
    """A provider in words."""
    return f"Kubernetes provider {provider.rpartition('::')[2]}" if provider else "the default Kubernetes provider"
