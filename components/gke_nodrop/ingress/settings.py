"""What an Ingress is apart from its routes: scope, address, certificates, HTTP and HTTPS.

Beside the inputs stand the rules of what excludes what. Not here: hosts and paths (`ingress_routes`).
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Literal, NotRequired, TypedDict

import pulumi
import pulumi_gcp as gcp

from gke_nodrop.ingress import certificates
from gke_nodrop.ingress.certificates import IngressCertificatesArgs
from gke_nodrop.ingress.frontend_config import RedirectCode, RedirectCodeText
from gke_nodrop.inputs.faults import Fault, fault, shown
from gke_nodrop.inputs.rules import rule
from gke_nodrop.inputs.types import Region
from gke_nodrop.shared import addresses, ssl_policies
from gke_nodrop.shared.addresses import AddressName, SubnetId
from gke_nodrop.shared.ssl_policies import SslPolicyName

FEATURES = "Google, Ingress configuration on Google Cloud, feature comparison"
EDGE_HOP = "kubernetes/ingress-gce pkg/loadbalancers/l7.go, edgeHop"


class Scope(StrEnum):
    """From where requests come, and so what kind of load balancer it is."""

    EXTERNAL = "external"
    """From the internet, to a global address: class gce."""
    INTERNAL = "internal"
    """From the VPC and what is connected to it: class gce-internal. Needs the region's proxy-only subnet."""
    REGIONAL_EXTERNAL = "regional-external"
    """From the internet, to an address of the region: class gce-regional-external. Needs the proxy-only subnet, too.

    The controller has it behind a switch of its own (enable-ingress-regional-external), and Google's table of classes
    does not name it: try it on your cluster first, or take a `Gateway` of class gke-l7-regional-external-managed.
    """


ScopeText = Literal["external", "internal", "regional-external"]
"""The members of `Scope` as plain text."""


class IngressSettingsArgs(TypedDict):
    """Inputs of an Ingress apart from its routes."""

    scope: NotRequired[Scope | ScopeText]
    """From where requests come. Default external. Another scope is another load balancer: add a second Ingress."""
    address: NotRequired[pulumi.Input[AddressName]]
    """Name of a reserved address that exists: a global one, or for the other scopes one of the region.

    That of an internal Ingress has the purpose SHARED_LOADBALANCER_VIP. Default: one of its own, which outlives the
    Ingress; for scope internal only with `subnetwork`. On a live Ingress another address means that the old one is cut
    off at once: add a second Ingress, and move DNS.
    """
    region: NotRequired[pulumi.Input[Region]]
    """Region of the component's own address and SslPolicy, where the scope is not external. Default: the gcp
    provider's."""
    subnetwork: NotRequired[pulumi.Input[SubnetId]]
    """Id of the subnet of the component's own address where the scope is internal. Default: no address is reserved, and
    the Ingress's goes with it."""
    certificates: NotRequired[IngressCertificatesArgs]
    """Certificates for HTTPS. Default: none, HTTP only."""
    redirect_to_https: NotRequired[bool]
    """Whether HTTP requests are redirected to HTTPS. Default: with certificates, where HTTP is answered and not
    internal.

    To bring HTTPS to a live Ingress with managed certificates, set this to false until they are Active.
    """
    redirect_code: NotRequired[RedirectCode | RedirectCodeText]
    """Status of that redirect. Default MOVED_PERMANENTLY_DEFAULT."""
    ssl_policy: NotRequired[pulumi.Input[SslPolicyName]]
    """Name of the SslPolicy of HTTPS: a global one, or for scope regional-external one of the region.

    Default: one of its own, TLS 1.2 or newer with Google's profile MODERN; for scope internal Google's, since such an
    Ingress takes none. Where it goes on a live Ingress, GCP refuses to delete the component's own one until the load
    balancer has released it: then run `pulumi up` again.
    """
    allow_http: NotRequired[bool]
    """Whether HTTP is answered, if only with the redirect. Default true."""


def scope(settings: IngressSettingsArgs) -> Scope:
    """The scope, by default external."""
    return Scope(settings.get("scope", Scope.EXTERNAL))


def has_https(settings: IngressSettingsArgs) -> bool:
    """Whether there is a certificate."""
    return certificates.any_of(settings.get("certificates", {}))


def has_own_ssl_policy(settings: IngressSettingsArgs) -> bool:
    """Whether HTTPS needs an SslPolicy and none is named."""
    return has_https(settings) and scope(settings) is not Scope.INTERNAL and "ssl_policy" not in settings


def own_ssl_policy(
    name: str, settings: IngressSettingsArgs, opts: pulumi.ResourceOptions
) -> "gcp.compute.SSLPolicy | gcp.compute.RegionSslPolicy | None":
    """The Ingress's own SslPolicy; None if there is another, or none.

    Source: kubernetes/ingress-gce pkg/translator/translator.go, sslPolicyLink.
    """
    if not has_own_ssl_policy(settings):
        return None
    if scope(settings) is Scope.REGIONAL_EXTERNAL:
        return ssl_policies.regional_policy(name, settings.get("region"), opts)
    return ssl_policies.global_policy(name, opts)


def redirect(settings: IngressSettingsArgs) -> RedirectCode | None:
    """How HTTP is sent on to HTTPS; None if it is not."""
    possible = has_https(settings) and scope(settings) is not Scope.INTERNAL and settings.get("allow_http", True)
    if not settings.get("redirect_to_https", possible):
        return None
    return RedirectCode(settings.get("redirect_code", RedirectCode.MOVED_PERMANENTLY_DEFAULT))


@rule(IngressSettingsArgs)
def _one_address_of_the_scopes_kind(settings: IngressSettingsArgs) -> Iterator[Fault]:
    where = scope(settings)
    source = "Google, Reserving a static IP address; kubernetes/ingress-gce pkg/annotations/ingress.go"
    if "region" in settings and where is Scope.EXTERNAL:
        said = 'must not stand beside scope = "external", whose address is global'
        yield fault("region", settings["region"], said, source, "absent")
    if "subnetwork" in settings and where is not Scope.INTERNAL:
        said = f"must not stand beside scope = {shown(where.value)}, whose address is in no subnet"
        yield fault("subnetwork", settings["subnetwork"], said, source, 'absent, or scope = "internal"')
    for key in ("region", "subnetwork"):
        if key in settings and "address" in settings and not (key == "region" and has_own_ssl_policy(settings)):
            said = "must not stand beside address: an Ingress has one address, its own or that one"
            yield fault(key, settings.get(key), said, source, "absent, or address absent")


def certificates_agree(settings: IngressSettingsArgs, hosts: Iterable[str] = ()) -> Iterator[Fault]:
    """Which settings go with the certificates, wherever those come from; `hosts` are those of the rules."""
    given = settings.get("certificates", {})
    yield from _http_faults(settings)
    where = scope(settings)
    if given.get("managed") and where is not Scope.EXTERNAL:
        yield fault(
            "certificates.managed",
            given["managed"],
            f"must not stand beside scope = {shown(where.value)}: Google issues them for global load balancers only",
            FEATURES,
            "absent, with pre_shared certificates of the region or secrets",
        )
    managed_alone = given.get("managed") and not given.get("pre_shared") and not given.get("secrets")
    wildcards = [host for host in hosts if host.startswith("*.")]
    if redirect(settings) and managed_alone and wildcards:
        yield fault(
            "certificates.managed",
            given["managed"],
            f"must not be all there is for the host {shown(wildcards[0])}: no managed certificate has a wildcard, and "
            "the redirect leads its clients to a certificate of another host",
            "Google, Using Google-managed SSL certificates on GKE",
            "the certificate of the wildcard among secrets beside it, or redirect_to_https = false",
        )


def _http_faults(settings: IngressSettingsArgs) -> Iterator[Fault]:
    internal, https = scope(settings) is Scope.INTERNAL, has_https(settings)
    http = settings.get("allow_http", True)
    shared = "address" in settings or "subnetwork" in settings
    if internal and https and http and not shared:
        yield fault(
            "allow_http",
            settings.get("allow_http"),
            "must be false, or an address reserved: without one, an internal Ingress cannot answer both HTTP and HTTPS",
            EDGE_HOP,
            "false; or subnetwork, for an address of its own; or address",
        )
    if not http and not https:
        said = "must not be false without certificates: neither HTTP nor HTTPS would be answered"
        yield fault("allow_http", False, said, EDGE_HOP, "true, or certificates")
    if settings.get("redirect_to_https"):
        if not https:
            said = "must not be true without certificates: nothing answers HTTPS"
            yield fault("redirect_to_https", True, said, EDGE_HOP, "false, or certificates")
        if internal:
            said = 'must not be true where scope = "internal"'
            source = "kubernetes/ingress-gce pkg/loadbalancers/url_maps.go, ensureRedirectURLMap"
            yield fault("redirect_to_https", True, said, source, "false, with allow_http = false")
        if not http:
            said = "must not be true where allow_http = false: nothing listens on HTTP to send requests on"
            yield fault("redirect_to_https", True, said, EDGE_HOP, "false, or allow_http = true")
    if "redirect_code" in settings and redirect(settings) is None:
        said = "has no effect without a redirect to HTTPS"
        yield fault("redirect_code", settings["redirect_code"], said, FEATURES, "absent")
    if "ssl_policy" in settings:
        if internal:
            said = 'must not stand beside scope = "internal", which takes no FrontendConfig'
            source = "kubernetes/ingress-gce cmd/check-gke-ingress/app/ingress/rule.go, CheckL7ILBFrontendConfig"
            yield fault("ssl_policy", settings["ssl_policy"], said, source, "absent; an internal Gateway takes one")
        if not https:
            said = "has no effect without certificates"
            yield fault("ssl_policy", settings["ssl_policy"], said, FEATURES, "absent, or certificates")


def reserved_address(
    name: str, settings: IngressSettingsArgs, opts: pulumi.ResourceOptions
) -> "gcp.compute.GlobalAddress | gcp.compute.Address | None":
    """The Ingress's own address; None if there is another, or an internal one for which no subnet is given.

    The forwarding rules of a regional one keep the project's network tier, as its address does. Source:
    kubernetes/ingress-gce pkg/loadbalancers/l7.go, pkg/translator/translator.go.
    """
    if "address" in settings:
        return None
    match scope(settings):
        case Scope.EXTERNAL:
            return addresses.global_address(name, opts)
        case Scope.REGIONAL_EXTERNAL:
            return addresses.regional_address(name, settings.get("region"), opts)
        case Scope.INTERNAL if "subnetwork" in settings:
            return addresses.internal_address(name, settings.get("region"), settings["subnetwork"], opts)
    return None
