"""The Namespace that a service owns: first to come, last to go, and the barrier that keeps NEGs from leaking.

The NEG controller's ServiceNetworkEndpointGroup objects hold it until the NEGs of all zones are deleted, and Pulumi
waits for its end. So it must be gone before node pools, cluster and network: give those to the component's depends_on.
Source: kubernetes/ingress-gce pkg/neg/manager.go.
"""

import pulumi
import pulumi_kubernetes as k8s

TIMEOUTS = pulumi.CustomTimeouts(delete="60m")
"""About an hour was seen (pulumi-kubernetes issue 2551)."""


def namespace(resource_name: str, name: str, opts: pulumi.ResourceOptions) -> "k8s.core.v1.Namespace":
    """The Namespace; its end is always awaited, so it must not get pulumi.com/skipAwait."""
    awaited = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(custom_timeouts=TIMEOUTS))
    return k8s.core.v1.Namespace(resource_name, metadata={"name": name}, opts=awaited)
