"""Which cluster of a program a resource is in: that of its Kubernetes provider, the default one among them.

Two explicit providers count as two clusters unless both have one `cluster_identifier`, which is what Pulumi itself
compares. Source: pulumi/pulumi-kubernetes provider/pkg/provider/provider.go, DiffConfig.
"""

from __future__ import annotations

from functools import cached_property

from nodrop.paths.fields import SECRET, UNKNOWN
from nodrop.preview.fixed_inputs import PROVIDER
from nodrop.preview.resources import Evaluation, Resource
from nodrop.preview.values import plain

_DEFAULT = "the default provider"


class Clusters:
    """The clusters of one program."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._providers = {each.urn: each for each in evaluation.resources if each.type == PROVIDER}

    def of(self, resource: Resource) -> str:
        """In words, such as `provider east`."""
        if resource.provider is None or _is_default(resource.provider):
            return _DEFAULT
        return self._names.get(resource.provider) or f"provider {_name(resource.provider)}"

    @cached_property
    def _names(self) -> dict[str, str]:
        """The words by URN of an explicit provider."""
        first: dict[str, str] = {}
        names: dict[str, str] = {}
        for urn, provider in self._providers.items():
            identifier = plain(provider.inputs).get("clusterIdentifier")
            if isinstance(identifier, str) and identifier not in ("", UNKNOWN, SECRET):
                urn = first.setdefault(identifier, urn)
            words = f"provider {_name(urn)}"
            if any(_name(other) == _name(urn) for other in self._providers if other != urn):
                words += f" of {_parents(urn)}"
            names[provider.urn] = words
        return names


def _is_default(urn: str) -> bool:
    """Whether the engine made a provider by itself. Source: pulumi/pulumi sdk/go/common/resource, IsDefaultProvider."""
    return _name(urn) == "default" or _name(urn).startswith("default_")


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _parents(urn: str) -> str:
    """The types of a resource's parents, which tell it from others of its type and name."""
    types = urn.split("::")[2] if urn.count("::") > 2 else urn
    return types.rpartition("$")[0].replace("$", " in ") or "the stack"
