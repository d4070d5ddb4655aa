"""A Kubernetes provider that knows of its cluster what the timings of a service need, so that nobody states it twice.

Not here: how it reaches the cluster (`cluster.connection`), and what only the finished program shows, such as the zones
of single node pools; `nodrop preview` judges those.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import pulumi
import pulumi_kubernetes as k8s


class ClusterProvider(k8s.Provider):
    """The provider of a cluster of this program."""

    def __init__(
        self,
        name: str,
        *,
        kubeconfig: pulumi.Input[str],
        cluster_identifier: pulumi.Input[str],
        zones: int | None,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(name, kubeconfig=kubeconfig, cluster_identifier=cluster_identifier, opts=opts)
        self.zones = zones
        """In how many zones the cluster has its nodes; None: not known while the program runs."""


def zones_under(opts: object) -> int | None:
    """In how many zones the nodes are on which a component with these options runs its pods; None: unknown."""
    if not isinstance(opts, pulumi.ResourceOptions):
        return None
    provider = _kubernetes(opts)
    return provider.zones if isinstance(provider, ClusterProvider) else None


def _kubernetes(opts: pulumi.ResourceOptions) -> pulumi.ProviderResource | None:
    """The provider for Kubernetes, or that of the parent; Pulumi, resource options, provider and providers."""
    given: list[Any] = [opts.provider]
    if isinstance(opts.providers, Mapping):
        given += opts.providers.values()
    elif isinstance(opts.providers, Iterable):
        given += opts.providers
    own = next((each for each in given if isinstance(each, k8s.Provider)), None)
    return own or (opts.parent.get_provider("kubernetes:core/v1:Pod") if opts.parent else None)


def with_zones(inputs: object, opts: object) -> object:
    """Inputs as the user gave them, with the cluster's zones as `rollout.zones` where they state none."""
    zones = zones_under(opts)
    if zones is None or not isinstance(inputs, Mapping):
        return inputs
    rollout = inputs.get("rollout", {})
    if not isinstance(rollout, Mapping) or "zones" in rollout:
        return inputs
    return {**inputs, "rollout": {**rollout, "zones": zones}}
