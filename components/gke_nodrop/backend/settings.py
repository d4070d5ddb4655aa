"""How a load balancer treats a service besides timings: affinity, headers, logs, cache and access.

Holds the inputs, their limits and rules, and the fields of the BackendConfig (Ingress) and of the GCPBackendPolicy
(Gateway) that follow. Timings and health check are a `Rollout`'s, and `nodrop.rollout.manifest` writes them.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, NotRequired, TypedDict

import pulumi

from gke_nodrop.backend import cdn, headers
from gke_nodrop.backend.cdn import CdnArgs
from gke_nodrop.backend.headers import CustomHeaderArgs
from gke_nodrop.inputs import limits
from gke_nodrop.inputs.check import Fault, shown

GOOGLE_INGRESS = "Google, Ingress configuration on GKE"
BACKEND_CONFIG = "kubernetes/ingress-gce pkg/backendconfig/validation.go"
BACKEND_POLICY = "GoogleCloudPlatform/gke-gateway-api apis/networking/v1/gcpbackendpolicy_types.go"
ABSENT = "absent"
LONGEST_INGRESS_COOKIE_SECONDS = 86_400
"""Source: kubernetes/ingress-gce pkg/backendconfig/validation.go."""
LONGEST_GATEWAY_COOKIE_SECONDS = 1_209_600
"""Source: GoogleCloudPlatform/gke-gateway-api apis/networking/v1/gcpbackendpolicy_types.go."""


class AffinityType(StrEnum):
    """By what a client is known again."""

    NONE = "NONE"
    """It is not: any pod may serve any request."""
    CLIENT_IP = "CLIENT_IP"
    """Its address: all clients behind one NAT or proxy share a pod."""
    GENERATED_COOKIE = "GENERATED_COOKIE"
    """A cookie that the load balancer sets."""


class SessionAffinityArgs(TypedDict):
    """Whether a client's requests keep to one pod. A preference only: a rollout, and any pod that comes or goes, moves
    clients; a Gateway's weights choose between versions first."""

    type: NotRequired[AffinityType]
    """Default NONE."""
    cookie_ttl_seconds: NotRequired[int]
    """How long the generated cookie lives; 0: until the browser is closed. At most a day, without an Ingress two weeks.
    Default 0."""


class LoggingArgs(TypedDict):
    """The load balancer's log of requests."""

    sample_rate: NotRequired[float]
    """The part of the requests that is logged, 0 to 1; 0 turns the log off. Default 1: the log is where a dropped
    request is explained."""


class IapArgs(TypedDict):
    """Identity-Aware Proxy, turned on by stating this group. It needs HTTPS.

    It is not turned off by taking the group away: the Ingress controller leaves on what is not said, and fails on
    `enabled: false` where credentials come from a Secret (kubernetes/ingress-gce pull request 2939), so
    `gcloud iap web disable` does it, then.
    """

    client_id: NotRequired[pulumi.Input[str]]
    """OAuth client's ID. Default: a client that Google manages, for an Ingress only and users of one organisation only;
    there is no way back to it from a client of one's own."""
    client_secret: NotRequired[pulumi.Input[str]]
    """OAuth client's secret; kept in a Kubernetes Secret. Required with `client_id`."""


class BackendArgs(TypedDict):
    """How the load balancer treats the service."""

    session_affinity: NotRequired[SessionAffinityArgs]
    """Whether a client's requests keep to one pod. Default: they do not, which spreads load best."""
    request_headers: NotRequired[list[CustomHeaderArgs]]
    """Headers added to requests, health checks apart; for an Ingress only, a Gateway's routes have filters. Default:
    none."""
    response_headers: NotRequired[list[CustomHeaderArgs]]
    """Headers added to responses; for an Ingress only. Default: none."""
    logging: NotRequired[LoggingArgs]
    """The log of requests. Default: all of them."""
    cdn: NotRequired[CdnArgs]
    """Cloud CDN, for an external Ingress only. Default: off."""
    iap: NotRequired[IapArgs]
    """Identity-Aware Proxy. Default: not set."""
    security_policy: NotRequired[pulumi.Input[str]]
    """Name of an existing Google Cloud Armor policy; for an external Ingress or a Gateway. An Ingress's backend keeps
    its policy when this is taken away, and loses it with "". Default: not set."""


EXAMPLE: BackendArgs = {
    "session_affinity": {"type": AffinityType.GENERATED_COOKIE, "cookie_ttl_seconds": 3600},
    "request_headers": headers.REQUEST_EXAMPLE,
    "response_headers": headers.RESPONSE_EXAMPLE,
    "logging": {"sample_rate": 1.0},
    "iap": {"client_id": "123-abc.apps.googleusercontent.com", "client_secret": "…"},
    "security_policy": "edge",
}
"""Without `cdn`, which `iap` excludes."""
QUOTED: dict[str, Any] = {**EXAMPLE, "cdn": cdn.QUOTED}
"""The example that faults quote: with `cdn` too."""
LIMITS = {
    "backend.session_affinity.cookie_ttl_seconds": limits.between(
        0, LONGEST_GATEWAY_COOKIE_SECONDS, "seconds, two weeks", BACKEND_POLICY
    ),
    **headers.header_limits("backend.request_headers"),
    **headers.header_limits("backend.response_headers"),
    "backend.logging.sample_rate": limits.between(0, 1, "(a part of the requests)", BACKEND_CONFIG),
    **cdn.LIMITS,
    "backend.iap.client_id": limits.matching(r"\S+", "an ID, without blanks", GOOGLE_INGRESS),
    "backend.iap.client_secret": limits.matching(r"\S+", "a secret, without blanks", GOOGLE_INGRESS),
    "backend.security_policy": limits.matching(
        f"({limits.GOOGLE_NAME})?", "the name of a Cloud Armor policy, or empty", GOOGLE_INGRESS
    ),
}


def faults(backend: BackendArgs, *, for_ingress: bool, for_gateway: bool) -> Iterator[Fault]:
    """What the inputs must keep together, for the kinds of load balancer that there are."""
    if "iap" in backend and "cdn" in backend:
        said = "excludes backend.iap: a cached response would reach clients that IAP never asked"
        yield _fault("cdn", "given", said, BACKEND_CONFIG, "absent, or backend.iap absent")
    yield from cdn.faults(backend.get("cdn", CdnArgs()))
    yield from headers.each_once("backend.request_headers", backend.get("request_headers", []))
    yield from headers.each_once("backend.response_headers", backend.get("response_headers", []))
    yield from _cookie(backend.get("session_affinity", SessionAffinityArgs()), for_ingress)
    if "iap" in backend:
        yield from _credentials(backend["iap"], for_gateway)
    if for_gateway and not for_ingress:
        for key, instead in ONLY_INGRESS.items():
            if backend.get(key) is not None:
                yield _fault(key, "given", f"is for an Ingress only: a Gateway's GCPBackendPolicy lacks it; {instead}")


ONLY_INGRESS = {
    "cdn": "let the HTTPRoute name a GCPHTTPFilter",
    "request_headers": "use a filter of the route",
    "response_headers": "use a filter of the route",
}
"""What a GCPBackendPolicy lacks, and what a Gateway has instead. Source: GoogleCloudPlatform/gke-gateway-api
apis/networking/v1/gcpbackendpolicy_types.go; Google, Configure Cloud CDN for Gateway."""


def _cookie(affinity: SessionAffinityArgs, for_ingress: bool) -> Iterator[Fault]:
    if "cookie_ttl_seconds" not in affinity:
        return
    seconds, kind = affinity["cookie_ttl_seconds"], affinity.get("type", AffinityType.NONE)
    if kind is not AffinityType.GENERATED_COOKIE:
        said = f"needs session_affinity.type = GENERATED_COOKIE, which is {kind.value}"
        yield _fault("session_affinity.cookie_ttl_seconds", shown(seconds), said)
    elif for_ingress and seconds > LONGEST_INGRESS_COOKIE_SECONDS:
        most = LONGEST_INGRESS_COOKIE_SECONDS
        said = f"must be from 0 to {most} seconds, a day, for an Ingress"
        yield _fault("session_affinity.cookie_ttl_seconds", shown(seconds), said, BACKEND_CONFIG, shown(most))


def _credentials(iap: IapArgs, for_gateway: bool) -> Iterator[Fault]:
    for key, other in (("client_id", "client_secret"), ("client_secret", "client_id")):
        if key not in iap and (other in iap or for_gateway):
            said = f"is required with iap.{other}" if other in iap else "is required for a Gateway"
            source = BACKEND_CONFIG if other in iap else BACKEND_POLICY
            yield _fault(f"iap.{key}", "absent", said, source, shown(EXAMPLE["iap"][key]))


def _fault(key: str, value: str, rule: str, source: str = BACKEND_POLICY, would_pass: str = ABSENT) -> Fault:
    return Fault(input=f"backend.{key}", value=value, rule=rule, source=source, would_pass=would_pass)


def has_security_policy(backend: BackendArgs) -> bool:
    """Whether a policy is named, if by an Output."""
    return backend.get("security_policy", "") != ""


def warnings(backend: BackendArgs, *, for_ingress: bool, for_gateway: bool) -> Iterator[str]:
    """What one of two load balancers does not do."""
    if for_ingress and for_gateway:
        for key, instead in ONLY_INGRESS.items():
            if backend.get(key) is not None:
                yield f"backend.{key} holds for the Ingress only, not for the Gateway beside it: {instead}"


def config_fields(backend: BackendArgs, iap_secret: pulumi.Input[str] | None) -> dict[str, Any]:
    """The fields of the BackendConfig besides timings, `iap_secret` being the name of the Secret with both credentials.

    What can be off is said to be off, since the controller keeps what is no longer said. Three of its ways count here:
    it takes the absence of request headers from an empty group, of response headers from an empty list, and the other
    way round it would update the backend service for ever; it keeps a cookie's lifetime that is not said, with the same
    effect; and it fails where anything at all is said of a security policy for a regional load balancer, or of IAP once
    a client of one's own is set, so those two are left out.
    Source: kubernetes/ingress-gce pkg/backends/features.
    """
    affinity = backend.get("session_affinity", SessionAffinityArgs())
    added = headers.lines(backend.get("request_headers", []))
    rate = _sample_rate(backend)
    fields: dict[str, Any] = {
        "sessionAffinity": {
            "affinityType": affinity.get("type", AffinityType.NONE).value,
            "affinityCookieTtlSec": affinity.get("cookie_ttl_seconds", 0),
        },
        "customRequestHeaders": {"headers": added} if added else {},
        "customResponseHeaders": {"headers": headers.lines(backend.get("response_headers", []))},
        "logging": {"enable": True, "sampleRate": rate} if rate else {"enable": False},
        "cdn": cdn.fields(backend.get("cdn")),
    }
    if "iap" in backend:
        credentials = {"oauthclientCredentials": {"secretName": iap_secret}} if iap_secret is not None else {}
        fields["iap"] = {"enabled": True, **credentials}
    if "security_policy" in backend:
        fields["securityPolicy"] = {"name": backend["security_policy"]}
    return fields


def policy_fields(backend: BackendArgs, iap_secret: pulumi.Input[str] | None) -> dict[str, Any]:
    """The fields of the GCPBackendPolicy's `default` besides timings; `iap_secret` names the Secret with the client's.

    A policy's absent fields are its defaults, so only what is on is written.
    Source: GoogleCloudPlatform/gke-gateway-api apis/networking/v1/gcpbackendpolicy_types.go.
    """
    affinity = backend.get("session_affinity", SessionAffinityArgs())
    kind, rate = affinity.get("type", AffinityType.NONE), _sample_rate(backend)
    lifetime = {"cookieTtlSec": affinity.get("cookie_ttl_seconds", 0)} if kind is AffinityType.GENERATED_COOKIE else {}
    fields: dict[str, Any] = {
        "sessionAffinity": {"type": kind.value, **lifetime},
        # A rate of one millionth at least: of less the API would log nothing, at a cost.
        "logging": {"enabled": True, "sampleRate": max(1, round(rate * 1_000_000))} if rate else {"enabled": False},
    }
    if "iap" in backend:
        iap = backend["iap"]
        fields["iap"] = {
            "enabled": True,
            "clientID": iap.get("client_id"),
            "oauth2ClientSecret": {"name": iap_secret},
        }
    if has_security_policy(backend):
        fields["securityPolicy"] = backend["security_policy"]
    return fields


def _sample_rate(backend: BackendArgs) -> float:
    return backend.get("logging", LoggingArgs()).get("sample_rate", 1.0)
