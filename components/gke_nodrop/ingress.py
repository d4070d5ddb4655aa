"""The Ingress, which GKE turns into an external Application Load Balancer, with what HTTPS needs beside it."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_kubernetes as k8s

from gke_nodrop.workload import PORT_NAME

TIMEOUTS = pulumi.CustomTimeouts(create="20m", update="20m", delete="30m")
"""Ten minutes and more were seen for a deletion (ingress-gce issue 1720)."""


def ingress(
    name: str,
    namespace: str,
    *,
    annotations: Mapping[str, pulumi.Input[str]],
    hosts: Sequence[str] = (),
    paths: Sequence[str] = (),
    opts: pulumi.ResourceOptions,
) -> "k8s.networking.v1.Ingress":
    """An Ingress of class gce whose every rule and whose default lead to the Service of the same name.

    With a default backend of its own no NEG is made for kube-system's, which would outlive the Namespace. GKE reads the
    class from the annotation only. Pulumi waits for the address, which comes after NEGs and backends; only from then on
    is the readiness gate put into pods. Source: Google, Ingress for external Application Load Balancers;
    kubernetes/ingress-gce pkg/sync/sync.go.
    """
    backend = k8s.networking.v1.IngressBackendArgs(
        service=k8s.networking.v1.IngressServiceBackendArgs(
            name=name, port=k8s.networking.v1.ServiceBackendPortArgs(name=PORT_NAME)
        )
    )
    http = k8s.networking.v1.HTTPIngressRuleValueArgs(
        paths=[
            k8s.networking.v1.HTTPIngressPathArgs(path=path, path_type="Prefix", backend=backend)
            for path in paths or ["/"]
        ]
    )
    rules = [k8s.networking.v1.IngressRuleArgs(host=host, http=http) for host in hosts]
    if paths and not hosts:
        rules = [k8s.networking.v1.IngressRuleArgs(http=http)]
    all_annotations: dict[str, pulumi.Input[str]] = {
        "kubernetes.io/ingress.class": "gce",
        "pulumi.com/waitFor": "jsonpath={.status.loadBalancer.ingress[0].ip}",
        **annotations,
    }
    return k8s.networking.v1.Ingress(
        name,
        metadata={"name": name, "namespace": namespace, "annotations": all_annotations},
        spec=k8s.networking.v1.IngressSpecArgs(default_backend=backend, rules=rules or None),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(custom_timeouts=TIMEOUTS)),
    )


def managed_certificate(
    name: str, namespace: str, hosts: Sequence[str], opts: pulumi.ResourceOptions
) -> "k8s.apiextensions.CustomResource":
    """A certificate that Google issues once the hosts' DNS records point at the address; that can take an hour.

    Source: Google, Using Google-managed SSL certificates on GKE.
    """
    return k8s.apiextensions.CustomResource(
        name,
        api_version="networking.gke.io/v1",
        kind="ManagedCertificate",
        metadata={"name": name, "namespace": namespace},
        spec={"domains": list(hosts)},
        opts=opts,
    )


def redirect_to_https(name: str, namespace: str, opts: pulumi.ResourceOptions) -> "k8s.apiextensions.CustomResource":
    """A FrontendConfig that answers HTTP with 301. Source: Google, Ingress configuration on GKE."""
    return k8s.apiextensions.CustomResource(
        name,
        api_version="networking.gke.io/v1beta1",
        kind="FrontendConfig",
        metadata={"name": name, "namespace": namespace},
        spec={"redirectToHttps": {"enabled": True, "responseCodeName": "MOVED_PERMANENTLY_DEFAULT"}},
        opts=opts,
    )
