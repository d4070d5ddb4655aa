"""The Namespace that a stack owns: first to come, last to go, and the barrier that keeps NEGs from leaking.

The NEG controller's ServiceNetworkEndpointGroup objects hold it until the NEGs of all zones are deleted, and Pulumi
waits for its end. So it must be gone before node pools, cluster and network: give those to the component's depends_on.
Source: kubernetes/ingress-gce pkg/neg/manager.go.
"""

from collections.abc import Callable, Iterator
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.check import Fault, check, shown
from gke_nodrop.shared import options

TIMEOUTS = pulumi.CustomTimeouts(delete="60m")
"""About an hour was seen (pulumi-kubernetes issue 2551)."""


class OwnNamespaceArgs(TypedDict):
    """The Namespace of a component that owns one."""

    namespace: NotRequired[str]
    """Name of the Namespace that the component makes and owns. Default: the component's name."""


class NamespaceArgs(TypedDict):
    """Inputs of `Namespace`."""

    name: NotRequired[str]
    """Name of the Namespace. Default: the component's name."""


NAMESPACE_EXAMPLE: NamespaceArgs = {"name": "shop"}
EXAMPLE: OwnNamespaceArgs = {"namespace": "web"}
LIMITS = {"namespace": limits.DNS_LABEL}


def rule(name: str) -> Callable[[Any], Iterator[Fault]]:
    """That the Namespace of a component of this name is not one of Kubernetes itself."""

    def owned(args: OwnNamespaceArgs) -> Iterator[Fault]:
        yield from _not_of_kubernetes("namespace" if "namespace" in args else "name", args.get("namespace", name))

    return owned


def _not_of_kubernetes(at: str, given: object) -> Iterator[Fault]:
    if isinstance(given, str) and (given == "default" or given.startswith("kube-")):
        yield Fault(
            input=at,
            value=shown(given),
            rule="must not be a Namespace of Kubernetes itself: the component makes its own, and deletes it",
            source="kubernetes.io, Namespaces",
            would_pass=shown(EXAMPLE["namespace"]),
        )


def namespace(resource_name: str, name: str, opts: pulumi.ResourceOptions) -> "k8s.core.v1.Namespace":
    """The Namespace; its end is always awaited, so it must not get pulumi.com/skipAwait."""
    awaited = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(custom_timeouts=TIMEOUTS))
    return k8s.core.v1.Namespace(resource_name, metadata={"name": name}, opts=awaited)


class Namespace(pulumi.ComponentResource):
    """A Namespace for parts that share one: `RollingDeployment`, `NegService`, `Ingress`, `Gateway`.

    Give it its cluster's `kubernetes_provider`, and the node pools, or the Autopilot cluster, to `depends_on`: it must
    be gone before the nodes. Give `name` to the parts: then they come after it and go before it.

    Attributes: `namespace`.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """

    name: pulumi.Output[str]
    """Name of the Namespace, known once it is there."""

    def __init__(self, name: str, args: NamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        checked = check(
            f'Namespace "{name}"',
            args,
            NamespaceArgs,
            limits={"name": limits.DNS_LABEL},
            example=NAMESPACE_EXAMPLE,
            rules=(limits.named(name), lambda args: _not_of_kubernetes("name", args.get("name", name))),
        )
        super().__init__("gke-nodrop:index:Namespace", name, {}, opts)
        own = checked.get("name", name)
        self.namespace = namespace(name, own, options.first(self, opts))
        self.name = self.namespace.metadata.apply(lambda metadata: metadata.name or own)
        self.register_outputs({"name": self.name})
