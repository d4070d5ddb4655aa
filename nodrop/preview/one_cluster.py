"""Whether two Kubernetes providers are of one cluster, as far as their inputs say it.

Source: pulumi/pulumi-kubernetes provider/pkg/provider/provider.go, DiffConfig; util.go, getActiveClusterFromConfig.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from nodrop.paths.fields import SECRET, UNKNOWN
from nodrop.preview.fixed_inputs import CLUSTER
from nodrop.preview.resources import OTHER_STACK, Evaluation, Resource, type_of
from nodrop.preview.state import State
from nodrop.preview.values import SecretValue, plain

_OF_CLUSTER = ("kubeconfig", "context", "cluster")
"""Inputs of a provider that say which cluster it is of, where `clusterIdentifier` does not."""


@dataclass(frozen=True)
class ProviderInputs:
    """What says which cluster a provider is of."""

    values: Mapping[str, Any] = field(repr=False)
    """Inputs by name; of a program with its secrets, so not to be shown."""
    sources: Mapping[str, Collection[str]]
    """URNs of the resources that an input follows from, by its name."""


def of_program(provider: Resource) -> ProviderInputs:
    """The inputs of a provider of a program."""
    return ProviderInputs(plain(_bare(provider.inputs)), provider.property_dependencies)


def of_default(evaluation: Evaluation) -> ProviderInputs:
    """The inputs of a program's default provider."""
    return ProviderInputs(evaluation.default_provider, {})


def names_a_cluster(inputs: ProviderInputs) -> bool:
    """Whether a provider is told its cluster at all."""
    return any(inputs.values.get(key) for key in (*_OF_CLUSTER, "clusterIdentifier"))


def of_state(urn: str, state: State, now: Mapping[str, str]) -> ProviderInputs:
    """The inputs of a provider of a state; `now` are URNs that a program has for those of the state."""
    had = state.property_dependencies.get(urn, {})
    return ProviderInputs(state.inputs[urn], {key: [now.get(each, each) for each in urns] for key, urns in had.items()})


def same_by_values(one: ProviderInputs, other: ProviderInputs) -> bool | None:
    """Whether the values of their inputs are of one cluster; None: they do not tell."""
    identifiers = [each.values.get("clusterIdentifier") or None for each in (one, other)]
    if all(identifiers) and _are_known(identifiers):
        return identifiers[0] == identifiers[1]
    stated = [[each.values.get(key) for key in _OF_CLUSTER] for each in (one, other)]
    if not _are_known(value for each in stated for value in each):
        return None
    if stated[0] == stated[1]:
        return True
    active = [_active_cluster(*each) for each in stated]
    if active[0] is None or active[1] is None:
        return None
    if active[0] == active[1]:
        return True
    return None if active[0].get("server") == active[1].get("server") else False


def same_by_sources(one: ProviderInputs, other: ProviderInputs) -> bool | None:
    """Whether what says their cluster is of the same resource; None: that does not tell."""
    for key in ("clusterIdentifier", "kubeconfig"):
        sources = [set(each.sources.get(key, ())) for each in (one, other)]
        clusters = [clusters_among(each) for each in sources]
        if all(clusters) and clusters[0].isdisjoint(clusters[1]):
            return False
        alike = key == "clusterIdentifier" or all(one.values.get(at) == other.values.get(at) for at in _OF_CLUSTER[1:])
        if sources[0] == sources[1] and _has_one_cluster(sources[0]) and alike:
            return True
    return None


def clusters_among(urns: Iterable[str]) -> set[str]:
    """Those of GKE clusters."""
    return {urn for urn in urns if type_of(urn) == CLUSTER}


def _has_one_cluster(urns: Collection[str]) -> bool:
    """Whether all that these resources say is of one cluster."""
    return len(clusters_among(urns)) == 1 or (len(urns) == 1 and OTHER_STACK not in map(type_of, urns))


def _are_known(values: Iterable[Any]) -> bool:
    return not any(mask in str(each) for each in values for mask in (SECRET, UNKNOWN))


def _active_cluster(kubeconfig: Any, context: Any, cluster: Any) -> Mapping[str, Any] | None:
    """The cluster's entry in a kubeconfig; None where it has none, or is no kubeconfig."""
    try:
        config = yaml.safe_load(kubeconfig) if isinstance(kubeconfig, str) else kubeconfig
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    if not isinstance(config, dict):
        return None
    named = _entry(config, "contexts", "context", context or config.get("current-context"))
    return named and _entry(config, "clusters", "cluster", cluster or named.get("cluster"))


def _entry(config: Mapping[str, Any], entries: str, key: str, name: Any) -> Mapping[str, Any] | None:
    found = config.get(entries)
    for each in found if isinstance(found, list) else ():
        if isinstance(each, dict) and each.get("name") == name and isinstance(each.get(key), dict):
            return each[key]
    return None


def _bare(value: Any) -> Any:
    """A value without the marks of secrets."""
    match value:
        case SecretValue():
            return _bare(value.value)
        case dict():
            return {key: _bare(item) for key, item in value.items()}
        case list():
            return [_bare(item) for item in value]
    return value
