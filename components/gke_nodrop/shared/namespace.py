"""The Namespace that a stack owns: first to come, last to go, and the barrier that keeps NEGs from leaking.

The NEG controller's ServiceNetworkEndpointGroup objects hold it until the NEGs of all zones are deleted, and Pulumi
waits for its end. So it must be gone before node pools, cluster and network: give those to the component's depends_on.
Source: kubernetes/ingress-gce pkg/neg/manager.go.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NotRequired, TypedDict, Unpack, overload

import pulumi
import pulumi_kubernetes as k8s

from gke_nodrop.inputs.component import checked_inputs
from gke_nodrop.inputs.declared import Example, Limit
from gke_nodrop.inputs.faults import Fault, fault, shown
from gke_nodrop.inputs.rules import rule
from gke_nodrop.inputs.types import DnsLabel
from gke_nodrop.shared import options

TIMEOUTS = pulumi.CustomTimeouts(delete="60m")
"""About an hour was seen (pulumi-kubernetes issue 2551)."""


def _is_of_kubernetes(name: str) -> bool:
    return name == "default" or name.startswith("kube-")


_NOT_OF_KUBERNETES = Limit(
    holds=lambda x: not _is_of_kubernetes(x),
    rule="no Namespace of Kubernetes itself: the component makes its own, and deletes it",
    source="kubernetes.io, Namespaces",
)
OwnNamespaceName = Annotated[DnsLabel, _NOT_OF_KUBERNETES]


class OwnNamespaceArgs(TypedDict):
    """The Namespace of a component that owns one."""

    namespace: NotRequired[OwnNamespaceName]
    """Name of the Namespace that the component makes and owns. Default: the component's name."""


class NamespaceArgs(TypedDict):
    """Inputs of `Namespace`."""

    name: NotRequired[Annotated[OwnNamespaceName, Example("shop")]]
    """Name of the Namespace. Default: the component's name."""


def default_name_is_free(args: Mapping[str, Any], name: str) -> Iterator[Fault]:
    """Where the Namespace is not named, it is called like the component, which is no Namespace of Kubernetes then."""
    if "namespace" not in args and _is_of_kubernetes(name):
        yield fault("name", name, f"must be {_NOT_OF_KUBERNETES.rule}", _NOT_OF_KUBERNETES.source, shown("web"))


@rule(NamespaceArgs, needs_name=True)
def default_own_name_is_free(args: NamespaceArgs, name: str) -> Iterator[Fault]:
    """The same for a Namespace alone."""
    if "name" not in args:
        yield from default_name_is_free({}, name)


def namespace(
    resource_name: str, name: str, opts: pulumi.ResourceOptions, *, restricted: bool = False
) -> "k8s.core.v1.Namespace":
    """The Namespace; its end is always awaited, so it must not get pulumi.com/skipAwait.

    `restricted`: whether all of its pods meet the Pod Security Standard of that name, and others are refused; else
    those that do not meet "baseline" are. Source: kubernetes.io, Pod Security Admission.
    """
    awaited = options.child_after(opts, custom_timeouts=TIMEOUTS)
    labels = {"pod-security.kubernetes.io/enforce": "restricted" if restricted else "baseline"}
    return k8s.core.v1.Namespace(resource_name, metadata={"name": name, "labels": labels}, opts=awaited)


class Namespace(pulumi.ComponentResource):
    """A Namespace for parts that share one: `RollingDeployment`, `NegService`, `Ingress`, `Gateway`.

    Give it its cluster's `kubernetes_provider`, and the node pools, or the Autopilot cluster, to `depends_on`: it must
    be gone before the nodes. Give `name` to the parts: then they come after it and go before it.

    Args:
        name: Name of the Namespace.

    Attributes: `namespace`.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """

    name: pulumi.Output[str]
    """Name of the Namespace, known once it is there."""

    @overload
    def __init__(self, name: str, /, args: NamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...

    @overload
    def __init__(
        self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[NamespaceArgs]
    ) -> None: ...

    def __init__(
        self,
        name: str,
        /,
        args: NamespaceArgs | Any = None,
        opts: pulumi.ResourceOptions | None = None,
        **inputs: Any,
    ) -> None:
        checked = checked_inputs(Namespace, name, NamespaceArgs, args, inputs, opts)
        super().__init__("gke-nodrop:index:Namespace", name, {}, opts)
        own = checked.get("name", name)
        self.namespace = namespace(name, own, options.first_child(self, opts))
        self.name = self.namespace.metadata.apply(lambda metadata: metadata.name or own)
        self.register_outputs({"name": self.name})
