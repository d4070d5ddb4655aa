"""The routes of a Gateway: which Services answer which host, path and headers, with which shares, and what is changed.

What GKE's Gateway controller does not support is not offered: timeouts (the Services have them), methods, mirrors,
ports of redirects. Source: kubernetes-sigs/gateway-api apis/v1/httproute_types.go and
conformance/reports/v1.6/gke-gateway. Not here: what of it excludes what (`gateway_route_rules`), and how it becomes
HTTPRoutes (`http_route`).
"""

from enum import StrEnum
from typing import Annotated, Literal, NotRequired, TypedDict

import pulumi

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example, Secret
from gke_nodrop.inputs.types import ServiceName

HTTP_ROUTES = "Gateway API, HTTPRoute"
MAX_WEIGHT = 1000
"""Source: Google, Compute Engine API, urlMaps, weightedBackendServices."""


class GatewayPathType(StrEnum):
    """How a path is compared with that of a request."""

    PREFIX = "PathPrefix"
    """The path itself and all below it; / is every path."""
    EXACT = "Exact"
    """This path alone. It goes before a prefix."""


GatewayPathTypeText = Literal["PathPrefix", "Exact"]
"""The members of `GatewayPathType` as plain text."""


class RedirectScheme(StrEnum):
    """Scheme of the URL that a redirect leads to."""

    HTTP = "http"
    HTTPS = "https"


RedirectSchemeText = Literal["http", "https"]
"""The members of `RedirectScheme` as plain text."""


_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"

HOST_PATTERN = limits.matching(
    rf"(?=.{{1,190}}$)(\*\.)?({_LABEL}\.)*(?![0-9]+$){_LABEL}",
    "a domain name in lower case, at most 190 characters, whose first label may be *",
    "Gateway API, Hostname, with room for the name of the HTTPRoute",
)
HostPattern = Annotated[str, HOST_PATTERN, Example("www.example.com")]
HostPatterns = Annotated[list[HostPattern], limits.up_to_each_once(100, "hosts", HTTP_ROUTES)]
PlainHost = Annotated[
    str,
    limits.matching(
        rf"(?=.{{1,253}}$)({_LABEL}\.)*(?![0-9]+$){_LABEL}",
        "a domain name in lower case, without wildcard",
        "Gateway API, PreciseHostname",
    ),
    Example("www.example.com"),
]
RoutedPath = Annotated[
    str,
    limits.matching(
        r"(?=.{1,1024}$)(?!.*(//|/\.\.?(/|$)|%2[fF]|[?#]))/[!-~]*",
        "an absolute URL path of at most 1024 characters without blanks, queries, //, /./, /../ and %2F",
        "Gateway API, HTTPPathMatch",
    ),
    Example("/basket"),
]
Weight = Annotated[
    int,
    limits.between(
        0,
        MAX_WEIGHT,
        "(parts of the sum of the weights)",
        "Google, Compute Engine API, urlMaps, weightedBackendServices",
    ),
    Example(90),
]
StatusCode = Annotated[
    int,
    limits.one_of(301, 302, source="kubernetes-sigs/gateway-api conformance/reports/v1.6/gke-gateway"),
    Example(301),
]
HeaderName = Annotated[
    str,
    limits.matching(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]{1,256}", "a header's name", "Gateway API, HTTPHeaderName; RFC 7230"),
    Example("X-Shop"),
]
HeaderValue = Annotated[
    str,
    limits.matching(
        r"(?=.{1,4096}$)[!-~]([\t -~]*[!-~])?",
        "a header's value in ASCII, on one line, not empty",
        "Gateway API, HTTPHeader",
    ),
    Secret(),
    Example("1"),
]


class GatewayBackendArgs(TypedDict):
    """A Service and its share of a route's requests."""

    service: pulumi.Input[Annotated[ServiceName, Example("basket")]]
    """Name of a Service in the Gateway's namespace with port 80, such as a `NegService`'s `service_name`."""
    weight: NotRequired[Weight]
    """Its share, in parts of the sum of all weights of the route: 0 to 1000. Default 1.

    A canary comes and goes in steps, each an update of its own. 1. Add it with weight 0: it gets its backend, and its
    pods their readiness gate, without a request. 2. Shift weights as far as you trust it. 3. Take a Service out only
    once its weight is 0. A Service that comes with a weight gets requests before it has pods; one that goes with a
    weight loses what is under way.
    """


class GatewayHeaderArgs(TypedDict):
    """A header with its value."""

    name: HeaderName
    """Its name, in any case."""
    value: HeaderValue
    """Its value; in `headers` the whole of it, in the same case."""


Headers = Annotated[list[GatewayHeaderArgs], limits.up_to(16, "headers", HTTP_ROUTES)]


class HeaderChangesArgs(TypedDict):
    """What is done to the headers of requests or responses; each name stands in only one of the lists."""

    set: NotRequired[Headers]
    """Headers that replace those of the same name. Default: none."""
    add: NotRequired[Headers]
    """Headers added beside those of the same name. Default: none."""
    remove: NotRequired[
        Annotated[list[Annotated[HeaderName, Example("X-Debug")]], limits.up_to(16, "headers", HTTP_ROUTES)]
    ]
    """Names of headers to remove. Default: none."""


HeaderChanges = Annotated[HeaderChangesArgs, limits.some("something to set, add or remove, or absent", HTTP_ROUTES)]


class RouteRedirectArgs(TypedDict):
    """Where requests are sent on to; what is not stated stays as it is in the request."""

    scheme: NotRequired[RedirectScheme | RedirectSchemeText]
    """Scheme."""
    host: NotRequired[PlainHost]
    """Host."""
    path: NotRequired[RoutedPath]
    """Path, in place of the whole one. Not together with `prefix`."""
    prefix: NotRequired[RoutedPath]
    """Path, in place of the route's own, which must be a prefix."""
    status_code: NotRequired[StatusCode]
    """301, for good, or 302, for now. Default 302."""


class RouteRewriteArgs(TypedDict):
    """What Services get to see instead of what the request had."""

    host: NotRequired[PlainHost]
    """Host."""
    prefix: NotRequired[RoutedPath]
    """Path, in place of the route's own, which must be a prefix."""


class RouteFiltersArgs(TypedDict):
    """What is changed of requests and responses."""

    request_headers: NotRequired[HeaderChanges]
    """Headers of requests, on their way to the Services."""
    response_headers: NotRequired[HeaderChanges]
    """Headers of responses, on their way to the clients."""
    redirect: NotRequired[RouteRedirectArgs]
    """Answers requests by sending them on; the route then has no backends and no rewrite."""
    rewrite: NotRequired[Annotated[RouteRewriteArgs, limits.some("a host or a prefix", HTTP_ROUTES)]]
    """Host and path that the Services see."""


class GatewayRouteArgs(TypedDict):
    """A rule: which requests, and which Services answer them."""

    backends: NotRequired[list[GatewayBackendArgs]]
    """Services that share the requests by their weights. Required, unless `filters.redirect` answers."""
    hosts: NotRequired[HostPatterns]
    """Hosts of the requests, with * for the first label if need be. Default: `hosts` of the Gateway.

    A host that has routes of its own is answered by them alone.
    """
    path: NotRequired[RoutedPath]
    """Path of the requests, which begins with a slash. Default /. An exact path goes before a prefix, and a longer
    prefix before a shorter one; what none matches is answered with 404."""
    path_type: NotRequired[GatewayPathType | GatewayPathTypeText]
    """How it is compared. Default PathPrefix."""
    headers: NotRequired[Headers]
    """Headers that the requests must all have. Default: none. More of them go before fewer."""
    filters: NotRequired[Annotated[RouteFiltersArgs, limits.some("at least one filter, or absent", HTTP_ROUTES)]]
    """What is changed of requests and responses. Default: nothing."""


Routes = Annotated[list[GatewayRouteArgs], limits.some("at least one route", HTTP_ROUTES)]
