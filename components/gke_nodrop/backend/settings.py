"""How a load balancer treats a service besides timings: affinity, headers, logs, cache and access.

Holds the inputs, their limits and rules, and the fields of the BackendConfig (Ingress) and of the GCPBackendPolicy
(Gateway) that follow. Timings and health check are a `Rollout`'s, and `nodrop.rollout.manifest` writes them.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import pulumi

from gke_nodrop.backend import cdn, headers
from gke_nodrop.backend.cdn import CdnArgs
from gke_nodrop.backend.headers import CustomHeaders
from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example, HeldBy, example_of
from gke_nodrop.inputs.faults import Fault, shown
from gke_nodrop.inputs.rules import rule
from gke_nodrop.inputs.types import SecretText

GOOGLE_INGRESS = "Google, Ingress configuration on GKE"
BACKEND_CONFIG = "kubernetes/ingress-gce pkg/backendconfig/validation.go"
BACKEND_POLICY = "GoogleCloudPlatform/gke-gateway-api apis/networking/v1/gcpbackendpolicy_types.go"
ABSENT = "absent"
LONGEST_INGRESS_COOKIE_SECONDS = 86_400
"""Source: kubernetes/ingress-gce pkg/backendconfig/validation.go."""
LONGEST_GATEWAY_COOKIE_SECONDS = 1_209_600
"""Source: GoogleCloudPlatform/gke-gateway-api apis/networking/v1/gcpbackendpolicy_types.go."""


class AffinityType(StrEnum):
    """How a client is recognised."""

    NONE = "NONE"
    """Not at all: any pod may serve any request."""
    CLIENT_IP = "CLIENT_IP"
    """By its address: all clients behind one NAT or proxy share a pod."""
    GENERATED_COOKIE = "GENERATED_COOKIE"
    """By a cookie that the load balancer sets."""


AffinityTypeText = Literal["NONE", "CLIENT_IP", "GENERATED_COOKIE"]
"""The members of `AffinityType` as plain text."""


CookieSeconds = Annotated[
    int, limits.between(0, LONGEST_GATEWAY_COOKIE_SECONDS, "seconds, two weeks", BACKEND_POLICY), Example(3600)
]
SampleRate = Annotated[float, limits.between(0, 1, "(a part of the requests)", BACKEND_CONFIG), Example(1.0)]
ClientId = Annotated[
    str,
    limits.matching(r"\S+", "an ID, without blanks", GOOGLE_INGRESS),
    Example("123-abc.apps.googleusercontent.com"),
]
ClientSecret = Annotated[SecretText, limits.matching(r"\S+", "a secret, without blanks", GOOGLE_INGRESS)]
SecurityPolicyName = Annotated[
    str,
    limits.matching(f"({limits.GOOGLE_NAME})?", "the name of a Cloud Armor policy, or empty", GOOGLE_INGRESS),
    HeldBy(("name",)),
    Example("edge"),
]


class SessionAffinityArgs(TypedDict):
    """Whether a client's requests keep to one pod. A preference only: a rollout, and any pod that comes or goes, moves
    clients; a Gateway's weights choose between versions first."""

    type: NotRequired[Annotated[AffinityType | AffinityTypeText, Example(AffinityType.GENERATED_COOKIE)]]
    """Default NONE."""
    cookie_ttl_seconds: NotRequired[CookieSeconds]
    """How long the generated cookie lives; 0: until the browser is closed. At most a day, without an Ingress two weeks.
    Default 0."""


class LoggingArgs(TypedDict):
    """The load balancer's log of requests."""

    sample_rate: NotRequired[SampleRate]
    """The part of the requests that is logged, 0 to 1; 0 turns the log off. Default 1: the log is where a dropped
    request is explained."""


class IapArgs(TypedDict):
    """Identity-Aware Proxy, turned on by stating this group. It needs HTTPS.

    It is not turned off by taking the group away: the Ingress controller leaves on what is not said, and fails on
    `enabled: false` where credentials come from a Secret (kubernetes/ingress-gce pull request 2939), so
    `gcloud iap web disable` does it, then.
    """

    client_id: NotRequired[pulumi.Input[ClientId]]
    """OAuth client's ID. Default: a client that Google manages, for an Ingress only and users of one organisation only;
    there is no way back to it from a client of one's own."""
    client_secret: NotRequired[pulumi.Input[ClientSecret]]
    """OAuth client's secret; kept in a Kubernetes Secret. Required with `client_id`."""


_RESPONSE_HEADERS = Example([{"name": "Strict-Transport-Security", "value": "max-age=31536000"}])


class BackendArgs(TypedDict):
    """How the load balancer treats the service."""

    session_affinity: NotRequired[SessionAffinityArgs]
    """Whether a client's requests go to the same pod. Default: no, which spreads load best."""
    request_headers: NotRequired[CustomHeaders]
    """Headers added to requests, health checks apart; for an Ingress only, a Gateway's routes have filters. Default:
    none."""
    response_headers: NotRequired[Annotated[CustomHeaders, _RESPONSE_HEADERS]]
    """Headers added to responses; for an Ingress only. Default: none."""
    logging: NotRequired[LoggingArgs]
    """The log of requests. Default: all of them."""
    cdn: NotRequired[CdnArgs]
    """Cloud CDN, for an external Ingress only. Default: off."""
    iap: NotRequired[IapArgs]
    """Identity-Aware Proxy. Default: not set."""
    security_policy: NotRequired[pulumi.Input[SecurityPolicyName]]
    """Name of an existing Google Cloud Armor policy; for an external Ingress or a Gateway. An Ingress's backend keeps
    its policy when this is taken away, and loses it with "". Default: not set."""


@rule(BackendArgs)
def _iap_excludes_cdn(backend: BackendArgs) -> Iterator[Fault]:
    if "iap" in backend and "cdn" in backend:
        said = "excludes iap: a cached response would reach clients that IAP never asked"
        yield _fault("cdn", "given", said, BACKEND_CONFIG, "absent, or iap absent")


@rule(BackendArgs)
def _each_header_is_added_once(backend: BackendArgs) -> Iterator[Fault]:
    yield from headers.each_once("request_headers", backend.get("request_headers", []))
    yield from headers.each_once("response_headers", backend.get("response_headers", []))


@rule(SessionAffinityArgs)
def _cookie_is_generated(affinity: SessionAffinityArgs) -> Iterator[Fault]:
    kind = AffinityType(affinity.get("type", AffinityType.NONE))
    if "cookie_ttl_seconds" in affinity and kind is not AffinityType.GENERATED_COOKIE:
        said = f"needs type = GENERATED_COOKIE, which is {kind.value}"
        yield _fault("cookie_ttl_seconds", shown(affinity["cookie_ttl_seconds"]), said)


@rule(IapArgs)
def _credentials_are_whole(iap: IapArgs) -> Iterator[Fault]:
    for key, other in (("client_id", "client_secret"), ("client_secret", "client_id")):
        if key not in iap and other in iap:
            yield _fault(key, "absent", f"is required with {other}", BACKEND_CONFIG, shown(example_of(IapArgs)[key]))


ONLY_INGRESS = {
    "cdn": "let the HTTPRoute name a GCPHTTPFilter",
    "request_headers": "use a filter of the route",
    "response_headers": "use a filter of the route",
}
"""What a GCPBackendPolicy lacks, and what a Gateway has instead. Source: GoogleCloudPlatform/gke-gateway-api
apis/networking/v1/gcpbackendpolicy_types.go; Google, Configure Cloud CDN for Gateway."""


def fit_load_balancers(backend: BackendArgs, *, for_ingress: bool, for_gateway: bool) -> Iterator[Fault]:
    """What the kinds of load balancer that there are do not take, for whatever has the input `backend`."""
    affinity = backend.get("session_affinity", SessionAffinityArgs())
    seconds, generated = affinity.get("cookie_ttl_seconds", 0), affinity.get("type") is AffinityType.GENERATED_COOKIE
    if for_ingress and generated and seconds > LONGEST_INGRESS_COOKIE_SECONDS:
        most = LONGEST_INGRESS_COOKIE_SECONDS
        said = f"must be from 0 to {most} seconds, a day, for an Ingress"
        at = "backend.session_affinity.cookie_ttl_seconds"
        yield _fault(at, shown(seconds), said, BACKEND_CONFIG, shown(most))
    if for_gateway and backend.get("iap") == {}:
        for key, example in example_of(IapArgs).items():
            yield _fault(f"backend.iap.{key}", "absent", "is required for a Gateway", BACKEND_POLICY, shown(example))
    if for_gateway and not for_ingress:
        for key, instead in ONLY_INGRESS.items():
            if backend.get(key) is not None:
                said = f"is for an Ingress only: a Gateway's GCPBackendPolicy lacks it; {instead}"
                yield _fault(f"backend.{key}", "given", said)


def _fault(key: str, value: str, rule: str, source: str = BACKEND_POLICY, would_pass: str = ABSENT) -> Fault:
    return Fault(input=key, value=value, rule=rule, source=source, would_pass=would_pass)


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
            "affinityType": AffinityType(affinity.get("type", AffinityType.NONE)).value,
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
    kind, rate = AffinityType(affinity.get("type", AffinityType.NONE)), _sample_rate(backend)
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
