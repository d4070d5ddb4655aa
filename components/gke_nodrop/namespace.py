"""The Namespace that a service owns: first to come, last to go, and the barrier that keeps NEGs from leaking.

The NEG controller's ServiceNetworkEndpointGroup objects hold it until the NEGs of all zones are deleted, and Pulumi
waits for its end. So it must be gone before node pools, cluster and network: give those to the component's depends_on.
Source: kubernetes/ingress-gce pkg/neg/manager.go.
"""

from collections.abc import Callable, Iterator
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from gke_nodrop import limits
from gke_nodrop.inputs import Fault, shown

TIMEOUTS = pulumi.CustomTimeouts(delete="60m")
"""About an hour was seen (pulumi-kubernetes issue 2551)."""


class OwnNamespaceArgs(TypedDict):
    """The Namespace of a component that owns one."""

    namespace: NotRequired[str]
    """Name of the Namespace that the component makes and owns. Default: the component's name."""


EXAMPLE: OwnNamespaceArgs = {"namespace": "web"}
LIMITS = {"namespace": limits.DNS_LABEL}


def rule(name: str) -> Callable[[Any], Iterator[Fault]]:
    """That the Namespace of a component of this name is not one of Kubernetes itself."""

    def owned(args: OwnNamespaceArgs) -> Iterator[Fault]:
        given = args.get("namespace", name)
        if isinstance(given, str) and (given == "default" or given.startswith("kube-")):
            yield Fault(
                input="namespace" if "namespace" in args else "name",
                value=shown(given),
                rule="must not be a Namespace of Kubernetes itself: the component makes its own, and deletes it",
                source="kubernetes.io, Namespaces",
                would_pass=shown(EXAMPLE["namespace"]),
            )

    return owned


def namespace(resource_name: str, name: str, opts: pulumi.ResourceOptions) -> "k8s.core.v1.Namespace":
    """The Namespace; its end is always awaited, so it must not get pulumi.com/skipAwait."""
    awaited = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(custom_timeouts=TIMEOUTS))
    return k8s.core.v1.Namespace(resource_name, metadata={"name": name}, opts=awaited)
