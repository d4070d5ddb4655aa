"""TLS certificates of an Ingress: managed, pre-shared and from Secrets.

Not here: the certificate that pods show to the load balancer, which any will do.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example, HeldBy
from gke_nodrop.inputs.faults import Fault, shown
from gke_nodrop.inputs.rules import rule
from gke_nodrop.inputs.types import HostName, ObjectName
from gke_nodrop.shared.load_balancers import MAX_CERTIFICATES
from nodrop.gke.ingresses import MANAGED_CERTIFICATES, PRE_SHARED_CERTIFICATES, write_names
from nodrop.gke.kinds import api_version

CertificateName = Annotated[
    str,
    limits.google_name("the name of an SslCertificate", "Google, Compute Engine API, sslCertificates"),
    HeldBy(("name",)),
    Example("www-example-com"),
]


class IngressCertificatesArgs(TypedDict):
    """Certificates of an Ingress, at most 15 together; a client gets the one for its host, or else the first."""

    managed: NotRequired[list[HostName]]
    """Domain names without wildcard for each of which Google issues and renews a certificate; scope external only.

    Each host has a ManagedCertificate of its own: one with other domains is deleted and issued again, and all its hosts
    are without HTTPS meanwhile. A certificate comes only once the host's DNS record points at the address, and then can
    take an hour; for a host that has traffic take another kind first. Not together with `pre_shared`.
    """
    pre_shared: NotRequired[list[pulumi.Input[CertificateName]]]
    """Names of SslCertificates of the project: global ones for scope external, else those of the region.

    Give their name as an Output, so that a certificate outlives the Ingress. Not together with `managed`, nor on a live
    Ingress that has had one: Pulumi's update would conflict with the controller that has written it there.
    """
    secrets: NotRequired[list[pulumi.Input[Annotated[ObjectName, Example("www-example-com-tls")]]]]
    """Names of Secrets of type kubernetes.io/tls in the Ingress's namespace."""


def few_enough(at: str, count: int) -> Iterator[Fault]:
    """That the input at a path brings no more certificates than a load balancer takes."""
    if count > MAX_CERTIFICATES:
        yield Fault(
            input=at,
            value=f"{count} certificates",
            rule=f"must be at most {MAX_CERTIFICATES}, of all kinds together",
            source="Google, Using multiple SSL certificates in HTTPS load balancing with Ingress",
            would_pass=(
                f"{MAX_CERTIFICATES} of them, such as pre_shared ones for several hosts each, or a second Ingress"
            ),
        )


@rule(IngressCertificatesArgs)
def _certificates_go_together(certificates: IngressCertificatesArgs) -> Iterator[Fault]:
    kinds: dict[str, Sequence[pulumi.Input[str]]] = {
        kind: certificates.get(kind, []) for kind in ("managed", "pre_shared", "secrets")
    }
    for kind, names in kinds.items():
        for number, name in enumerate(names):
            if isinstance(name, str) and name in names[:number]:
                yield Fault(
                    input=f"{kind}[{number}]",
                    value=shown(name),
                    rule="must not be stated twice",
                    source="Google, Using multiple SSL certificates in HTTPS load balancing with Ingress",
                    would_pass="absent",
                )
    count = sum(map(len, kinds.values()))
    yield from few_enough("", count)
    if kinds["managed"] and kinds["pre_shared"]:
        yield Fault(
            input="pre_shared",
            value=shown(kinds["pre_shared"]),
            rule=(
                "must not stand beside managed: the controller of managed certificates writes them all into the same "
                f"annotation, {PRE_SHARED_CERTIFICATES}, and Pulumi's next update of the Ingress fails on the conflict"
            ),
            source=(
                "GoogleCloudPlatform/gke-managed-certs pkg/controller/sync/sync.go; pulumi/pulumi-kubernetes "
                "provider/pkg/await/await.go, patchForce"
            ),
            would_pass=("absent, with those certificates as secrets; or managed absent"),
        )


def any_of(certificates: IngressCertificatesArgs) -> bool:
    """Whether there is a certificate at all, and so HTTPS."""
    return any(certificates.values())


def managed(
    name: str, namespace: pulumi.Input[str], hosts: Sequence[str], opts: pulumi.ResourceOptions
) -> "list[k8s.apiextensions.CustomResource]":
    """A certificate for each host. Source: Google, Using Google-managed SSL certificates on GKE."""
    return [
        k8s.apiextensions.CustomResource(
            f"{name}-{host}",
            api_version=api_version("ManagedCertificate"),
            kind="ManagedCertificate",
            metadata={"name": f"{name}-{host}", "namespace": namespace},
            spec={"domains": [host]},
            opts=opts,
        )
        for host in hosts
    ]


def annotations(name: str, certificates: IngressCertificatesArgs) -> dict[str, pulumi.Input[str]]:
    """What names managed and pre-shared certificates on an Ingress of this name."""
    found: dict[str, pulumi.Input[str]] = {}
    if hosts := certificates.get("managed"):
        found[MANAGED_CERTIFICATES] = write_names(f"{name}-{host}" for host in hosts)
    if names := certificates.get("pre_shared"):
        found[PRE_SHARED_CERTIFICATES] = pulumi.Output.all(*names).apply(write_names)
    return found
