"""What a Gateway is apart from its routes: class, address, certificates, HTTPS, policy.

Beside the inputs stand the rules of what excludes what. Not here: hosts, paths and weights
(`gateway_routes`); the policies of the Services behind it, which are `NegService`'s.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, NotRequired, TypedDict, cast

import pulumi
import pulumi_gcp as gcp

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example, HeldBy, example_of
from gke_nodrop.inputs.faults import Fault, fault, shown
from gke_nodrop.inputs.rules import rule
from gke_nodrop.inputs.types import ObjectName, Region
from gke_nodrop.shared import addresses, ssl_policies
from gke_nodrop.shared.addresses import AddressName, SubnetId
from gke_nodrop.shared.load_balancers import MAX_CERTIFICATES
from gke_nodrop.shared.ssl_policies import SslPolicyName

SECURE = "Google, Secure a Gateway"
POLICIES = "Google, Configure Gateway resources using Policies"
ADDRESSES = "Google, Deploying Gateways, Gateway IP addressing"


class GatewayClass(StrEnum):
    """What kind of load balancer a Gateway is."""

    GLOBAL_EXTERNAL = "gke-l7-global-external-managed"
    """From the internet, to a global address."""
    REGIONAL_EXTERNAL = "gke-l7-regional-external-managed"
    """From the internet, to an address of the region. Needs the region's proxy-only subnet."""
    INTERNAL = "gke-l7-rilb"
    """From the VPC and what is connected to it. Needs the region's proxy-only subnet."""
    CLASSIC = "gke-l7-gxlb"
    """From the internet, to a global address, by the classic load balancer: no weights, no matching of headers."""


GatewayClassText = Literal[
    "gke-l7-global-external-managed", "gke-l7-regional-external-managed", "gke-l7-rilb", "gke-l7-gxlb"
]
"""The members of `GatewayClass` as plain text."""


REGIONAL = (GatewayClass.REGIONAL_EXTERNAL, GatewayClass.INTERNAL)


CertificateName = Annotated[
    str,
    limits.google_name(
        "the name of a certificate", "Google, Compute Engine API, sslCertificates; Google, Certificate Manager API"
    ),
    HeldBy(("name",)),
    Example("www-example-com"),
]
SecretName = Annotated[ObjectName, Example("www-example-com-tls")]
_FEW = limits.up_to(MAX_CERTIFICATES, "names", "Google, Load balancing quotas and limits, target proxies")


class GatewayCertificatesArgs(TypedDict):
    """Certificates of a Gateway, of one kind. ManagedCertificates are for Ingresses: take Certificate Manager's."""

    certificate_map: NotRequired[pulumi.Input[Annotated[CertificateName, Example("shop")]]]
    """Name of a CertificateMap of Certificate Manager, whose certificates Google may manage; global classes only."""
    certificate_manager: NotRequired[Annotated[list[pulumi.Input[CertificateName]], _FEW]]
    """Names of certificates of Certificate Manager in the region, which Google may manage; regional classes only."""
    pre_shared: NotRequired[Annotated[list[pulumi.Input[CertificateName]], _FEW]]
    """Names of SslCertificates of the project: global ones for global classes, else those of the region."""
    secrets: NotRequired[Annotated[list[pulumi.Input[SecretName]], _FEW]]
    """Names of Secrets of type kubernetes.io/tls in the Gateway's namespace."""


class GatewaySettingsArgs(TypedDict):
    """Inputs of a Gateway apart from its routes."""

    gateway_class: NotRequired[GatewayClass | GatewayClassText]
    """Kind of load balancer. Default gke-l7-global-external-managed.

    Another class is another load balancer with another address: add a second Gateway, and move DNS.
    """
    address: NotRequired[pulumi.Input[AddressName]]
    """Name of a reserved address that exists: a global one, or for regional classes one of the cluster's region.

    Default: one of its own, which outlives the Gateway. On a live Gateway another address means that the old one is cut
    off at once: add a second Gateway, and move DNS.
    """
    region: NotRequired[pulumi.Input[Region]]
    """Region of the component's own address and SslPolicy, the same as the cluster's; regional classes need it, or
    `address` and, with certificates, `ssl_policy`."""
    subnetwork: NotRequired[pulumi.Input[SubnetId]]
    """Id of the subnet of the component's own address; class gke-l7-rilb needs it, or `address`."""
    certificates: NotRequired[
        Annotated[
            GatewayCertificatesArgs,
            limits.not_empty("certificates of one kind", SECURE),
            Example({"certificate_map": "shop"}),
        ]
    ]
    """Certificates for HTTPS. Default: none, HTTP only."""
    redirect_to_https: NotRequired[bool]
    """Whether HTTP requests are redirected to HTTPS, with 301. Default true with certificates, else false.

    To bring HTTPS to a live Gateway, set this to false until HTTPS answers.
    """
    ssl_policy: NotRequired[pulumi.Input[SslPolicyName]]
    """Name of the SslPolicy of HTTPS: a global one, or for regional classes one of the region.

    Default: one of its own, TLS 1.2 or newer with Google's profile MODERN. Where it goes on a live Gateway, GCP refuses
    to delete the component's own one until the load balancer has released it: then run `pulumi up` again.
    """
    allow_global_access: NotRequired[bool]
    """Whether clients of other regions reach an internal Gateway; class gke-l7-rilb only. Default false."""


_KINDS = ("certificate_map", "certificate_manager", "pre_shared", "secrets")


def class_of(settings: GatewaySettingsArgs) -> GatewayClass:
    """The class, by default the global external one."""
    return GatewayClass(settings.get("gateway_class", GatewayClass.GLOBAL_EXTERNAL))


def has_https(settings: GatewaySettingsArgs) -> bool:
    """Whether there are certificates."""
    return bool(settings.get("certificates"))


def has_own_ssl_policy(settings: GatewaySettingsArgs) -> bool:
    """Whether HTTPS needs an SslPolicy and none is named."""
    return has_https(settings) and "ssl_policy" not in settings


def redirects(settings: GatewaySettingsArgs) -> bool:
    """Whether HTTP is sent on to HTTPS."""
    return settings.get("redirect_to_https", has_https(settings))


@rule(GatewaySettingsArgs)
def _https_has_certificates(settings: GatewaySettingsArgs) -> Iterator[Fault]:
    if not has_https(settings):
        if settings.get("redirect_to_https"):
            said = "must not be true without certificates: nothing answers HTTPS"
            yield fault("redirect_to_https", True, said, SECURE, "false, or certificates")
        if "ssl_policy" in settings:
            said = "has no effect without certificates"
            yield fault("ssl_policy", settings["ssl_policy"], said, POLICIES, "absent, or certificates")


@rule(GatewaySettingsArgs)
def _only_an_internal_one_is_closed(settings: GatewaySettingsArgs) -> Iterator[Fault]:
    if "allow_global_access" in settings and class_of(settings) is not GatewayClass.INTERNAL:
        said = f"must not stand beside gateway_class = {shown(class_of(settings).value)}, which is open to all regions"
        would_pass = f"absent, or gateway_class = {shown(GatewayClass.INTERNAL.value)}"
        yield fault("allow_global_access", settings["allow_global_access"], said, POLICIES, would_pass)


@rule(GatewaySettingsArgs)
def _one_address_of_the_classes_kind(settings: GatewaySettingsArgs) -> Iterator[Fault]:
    chosen = class_of(settings)
    given = cast("Mapping[str, Any]", settings)
    examples = example_of(GatewaySettingsArgs)
    beside = f"gateway_class = {shown(chosen.value)}"
    needs = {
        "region": chosen in REGIONAL,
        "subnetwork": chosen is GatewayClass.INTERNAL,
    }
    for key, needed in needs.items():
        example = shown(examples[key])
        if key == "region" and needed and "address" in settings and has_own_ssl_policy(settings):
            if key not in given:
                said = (
                    f"is required beside {beside} with certificates and without ssl_policy: the own one is made in it"
                )
                yield fault(key, None, said, SECURE, f"{example}, or the name of an SslPolicy as ssl_policy")
        elif key in given and "address" in settings:
            said = "must not stand beside address: a Gateway has one address, its own or that one"
            yield fault(key, given[key], said, ADDRESSES, "absent, or address absent")
        elif key in given and not needed:
            said = f"must not stand beside {beside}, whose address is in no {key}"
            yield fault(key, given[key], said, ADDRESSES, "absent")
        elif needed and key not in given and "address" not in settings:
            said = f"is required beside {beside} without address: the own address is reserved in it"
            yield fault(key, None, said, ADDRESSES, f"{example}, or the name of an address that exists as address")


@rule(GatewaySettingsArgs)
def _certificates_are_of_one_kind(settings: GatewaySettingsArgs) -> Iterator[Fault]:
    given = cast("Mapping[str, Any]", settings.get("certificates", {}))
    examples = example_of(GatewayCertificatesArgs)
    chosen = class_of(settings)
    kinds = [kind for kind in _KINDS if kind in given]
    for kind in kinds[1:]:
        said = f"must not stand beside {kinds[0]}: a Gateway takes certificates of one kind"
        yield fault(f"certificates.{kind}", given[kind], said, SECURE, f"absent, or {kinds[0]} absent")
    wrong = "certificate_map" if chosen in REGIONAL else "certificate_manager"
    right = "certificate_manager" if chosen in REGIONAL else "certificate_map"
    if wrong in given:
        yield fault(
            f"certificates.{wrong}",
            given[wrong],
            f"must not stand beside gateway_class = {shown(chosen.value)}, whose certificates come by {right}",
            SECURE,
            f"absent, with {right} = {shown(examples[right])}",
        )
    for kind in ("certificate_manager", "pre_shared", "secrets"):
        names = [name if isinstance(name, str) else None for name in given.get(kind, [])]
        for number, name in enumerate(names):
            if name is not None and name in names[:number]:
                yield fault(f"certificates.{kind}[{number}]", name, "must not be stated twice", SECURE, "absent")


def reserved_address(
    name: str, settings: GatewaySettingsArgs, opts: pulumi.ResourceOptions
) -> "gcp.compute.GlobalAddress | gcp.compute.Address | None":
    """The Gateway's own address; None if there is another. Source: Google, Deploying Gateways."""
    if "address" in settings:
        return None
    if class_of(settings) not in REGIONAL:
        return addresses.global_address(name, opts)
    if class_of(settings) is GatewayClass.REGIONAL_EXTERNAL:
        return addresses.regional_address(name, settings["region"], opts)
    return addresses.internal_address(name, settings["region"], settings["subnetwork"], opts)


def own_ssl_policy(
    name: str, settings: GatewaySettingsArgs, opts: pulumi.ResourceOptions
) -> "gcp.compute.SSLPolicy | gcp.compute.RegionSslPolicy | None":
    """The Gateway's own SslPolicy; None if there is another, or no HTTPS. Source: Google, SSL policies overview."""
    if not has_own_ssl_policy(settings):
        return None
    if class_of(settings) in REGIONAL:
        return ssl_policies.regional_policy(name, settings["region"], opts)
    return ssl_policies.global_policy(name, opts)


def tls(certificates: GatewayCertificatesArgs) -> dict[str, object] | None:
    """The `tls` of the HTTPS listener; None where a map, which is an annotation, stands for it."""
    if "secrets" in certificates:
        return {"mode": "Terminate", "certificateRefs": [{"name": name} for name in certificates["secrets"]]}
    for kind, option in (("certificate_manager", "cert-manager-certs"), ("pre_shared", "pre-shared-certs")):
        if kind in certificates:
            names = joined(certificates[kind])
            return {"mode": "Terminate", "options": {f"networking.gke.io/{option}": names}}
    return None


def joined(names: Iterable[pulumi.Input[str]]) -> pulumi.Input[str]:
    """Names as GKE's options take them."""
    return pulumi.Output.all(*names).apply(",".join)
