"""The routes of a Gateway: which Services answer which host, path and headers, with which shares, and what is changed.

What GKE's Gateway controller does not support is not offered: timeouts (the Services have them), methods, mirrors,
ports of redirects. Source: kubernetes-sigs/gateway-api apis/v1/httproute_types.go and
conformance/reports/v1.6/gke-gateway. Not here: what of it excludes what (`gateway_route_rules`), and how it becomes
HTTPRoutes (`http_route`).
"""

from enum import StrEnum
from typing import NotRequired, TypedDict

import pulumi

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.check import Limit

HTTP_ROUTES = "Gateway API, HTTPRoute"
MAX_WEIGHT = 1000
"""Source: Google, Compute Engine API, urlMaps, weightedBackendServices."""


class GatewayPathType(StrEnum):
    """How a path is compared with that of a request."""

    PREFIX = "PathPrefix"
    """The path itself and all below it; / is every path."""
    EXACT = "Exact"
    """This path alone. It goes before a prefix."""


class RedirectScheme(StrEnum):
    """Scheme of the URL that a redirect leads to."""

    HTTP = "http"
    HTTPS = "https"


class GatewayBackendArgs(TypedDict):
    """A Service and its share of a route's requests."""

    service: pulumi.Input[str]
    """Name of a Service in the Gateway's namespace with port 80, such as a `NegService`'s `service_name`."""
    weight: NotRequired[int]
    """Its share, in parts of the sum of all weights of the route: 0 to 1000. Default 1.

    A canary comes and goes in steps, each an update of its own. 1. Add it with weight 0: it gets its backend, and its
    pods their readiness gate, without a request. 2. Shift weights as far as you trust it. 3. Take a Service out only
    once its weight is 0. A Service that comes with a weight gets requests before it has pods; one that goes with a
    weight loses what is under way.
    """


class GatewayHeaderArgs(TypedDict):
    """A header with its value."""

    name: str
    """Its name, in any case."""
    value: str
    """Its value; in `headers` the whole of it, in the same case."""


class HeaderChangesArgs(TypedDict):
    """What is done to the headers of requests or responses; a name stands in one of the lists only."""

    set: NotRequired[list[GatewayHeaderArgs]]
    """Headers that replace those of the same name. Default: none."""
    add: NotRequired[list[GatewayHeaderArgs]]
    """Headers that come beside those of the same name. Default: none."""
    remove: NotRequired[list[str]]
    """Names of headers that go. Default: none."""


class RouteRedirectArgs(TypedDict):
    """Where requests are sent on to; what is not stated stays as it is in the request."""

    scheme: NotRequired[RedirectScheme]
    """Scheme."""
    host: NotRequired[str]
    """Host."""
    path: NotRequired[str]
    """Path, in place of the whole one. Not together with `prefix`."""
    prefix: NotRequired[str]
    """Path, in place of the route's own, which must be a prefix."""
    status_code: NotRequired[int]
    """301, for good, or 302, for now. Default 302."""


class RouteRewriteArgs(TypedDict):
    """What Services get to see instead of what the request had."""

    host: NotRequired[str]
    """Host."""
    prefix: NotRequired[str]
    """Path, in place of the route's own, which must be a prefix."""


class RouteFiltersArgs(TypedDict):
    """What is changed of requests and responses."""

    request_headers: NotRequired[HeaderChangesArgs]
    """Headers of requests, on their way to the Services."""
    response_headers: NotRequired[HeaderChangesArgs]
    """Headers of responses, on their way to the clients."""
    redirect: NotRequired[RouteRedirectArgs]
    """Answers requests by sending them on; the route then has no backends and no rewrite."""
    rewrite: NotRequired[RouteRewriteArgs]
    """Host and path that the Services see."""


class GatewayRouteArgs(TypedDict):
    """A rule: which requests, and which Services answer them."""

    backends: NotRequired[list[GatewayBackendArgs]]
    """Services that share the requests by their weights. Required, unless `filters.redirect` answers."""
    hosts: NotRequired[list[str]]
    """Hosts of the requests, with * for the first label if need be. Default: `hosts` of the Gateway.

    A host that has routes of its own is answered by them alone.
    """
    path: NotRequired[str]
    """Path of the requests, which begins with a slash. Default /. An exact path goes before a prefix, and a longer
    prefix before a shorter one; what none matches is answered with 404."""
    path_type: NotRequired[GatewayPathType]
    """How it is compared. Default PathPrefix."""
    headers: NotRequired[list[GatewayHeaderArgs]]
    """Headers that the requests must all have. Default: none. More of them go before fewer."""
    filters: NotRequired[RouteFiltersArgs]
    """What is changed of requests and responses. Default: nothing."""


ROUTE_EXAMPLE: GatewayRouteArgs = {
    "hosts": ["www.example.com"],
    "path": "/basket",
    "path_type": GatewayPathType.PREFIX,
    "headers": [{"name": "X-Canary", "value": "1"}],
    "backends": [{"service": "basket", "weight": 90}],
    "filters": {
        "request_headers": {"set": [{"name": "X-Shop", "value": "1"}], "remove": ["X-Debug"]},
        "response_headers": {"add": [{"name": "Strict-Transport-Security", "value": "max-age=31536000"}]},
        "rewrite": {"host": "basket.example.com", "prefix": "/"},
    },
}
_CHANGES_EXAMPLE: HeaderChangesArgs = {
    "set": [{"name": "X-Shop", "value": "1"}],
    "add": [{"name": "X-Shop", "value": "1"}],
    "remove": ["X-Debug"],
}
QUOTED: GatewayRouteArgs = {
    **ROUTE_EXAMPLE,
    "filters": {
        "request_headers": _CHANGES_EXAMPLE,
        "response_headers": _CHANGES_EXAMPLE,
        "redirect": {
            "scheme": RedirectScheme.HTTPS,
            "host": "www.example.com",
            "path": "/basket",
            "prefix": "/basket",
            "status_code": 301,
        },
        "rewrite": {"host": "basket.example.com", "prefix": "/"},
    },
}
"""Each input of a route with a value that passes, for faults to quote; not all of them go together."""
_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
HOST = limits.matching(
    rf"(?=.{{1,190}}$)(\*\.)?({_LABEL}\.)*(?![0-9]+$){_LABEL}",
    "a domain name in lower case, at most 190 characters, whose first label may be *",
    "Gateway API, Hostname, with room for the name of the HTTPRoute",
)
_PLAIN_HOST = limits.matching(
    rf"(?=.{{1,253}}$)({_LABEL}\.)*(?![0-9]+$){_LABEL}",
    "a domain name in lower case, without wildcard",
    "Gateway API, PreciseHostname",
)
PATH = limits.matching(
    r"(?=.{1,1024}$)(?!.*(//|/\.\.?(/|$)|%2[fF]|[?#]))/[!-~]*",
    "an absolute URL path of at most 1024 characters without blanks, queries, //, /./, /../ and %2F",
    "Gateway API, HTTPPathMatch",
)
_HEADER_NAME = limits.matching(
    r"[A-Za-z0-9!#$%&'*+\-.^_`|~]{1,256}", "a header's name", "Gateway API, HTTPHeaderName; RFC 7230"
)
_HEADER_VALUE = limits.matching(
    r"(?=.{1,4096}$)[!-~]([\t -~]*[!-~])?",
    "a header's value in ASCII, on one line, not empty",
    "Gateway API, HTTPHeader",
)


def _changes_limits(at: str) -> dict[str, Limit]:
    return {
        at: Limit(holds=lambda x: len(x) > 0, rule="something to set, add or remove, or absent", source=HTTP_ROUTES),
        **{f"{at}.{kind}": limits.up_to(16, "headers", HTTP_ROUTES) for kind in ("set", "add", "remove")},
        **{f"{at}.{kind}[].name": _HEADER_NAME for kind in ("set", "add")},
        **{f"{at}.{kind}[].value": _HEADER_VALUE for kind in ("set", "add")},
        f"{at}.remove[]": _HEADER_NAME,
    }


LIMITS = {
    "routes": Limit(holds=lambda x: len(x) > 0, rule="at least one route", source=HTTP_ROUTES),
    "routes[].backends[].service": limits.SERVICE_NAME,
    "routes[].backends[].weight": limits.between(
        0,
        MAX_WEIGHT,
        "(parts of the sum of the weights)",
        "Google, Compute Engine API, urlMaps, weightedBackendServices",
    ),
    "routes[].hosts": limits.up_to_each_once(100, "hosts", HTTP_ROUTES),
    "routes[].hosts[]": HOST,
    "routes[].path": PATH,
    "routes[].headers": limits.up_to(16, "headers", HTTP_ROUTES),
    "routes[].headers[].name": _HEADER_NAME,
    "routes[].headers[].value": _HEADER_VALUE,
    "routes[].filters": Limit(holds=lambda x: len(x) > 0, rule="at least one filter, or absent", source=HTTP_ROUTES),
    **_changes_limits("routes[].filters.request_headers"),
    **_changes_limits("routes[].filters.response_headers"),
    "routes[].filters.redirect.host": _PLAIN_HOST,
    "routes[].filters.redirect.path": PATH,
    "routes[].filters.redirect.prefix": PATH,
    "routes[].filters.redirect.status_code": Limit(
        holds=lambda x: x in (301, 302),
        rule="301 or 302",
        source="kubernetes-sigs/gateway-api conformance/reports/v1.6/gke-gateway",
    ),
    "routes[].filters.rewrite": Limit(holds=lambda x: len(x) > 0, rule="a host or a prefix", source=HTTP_ROUTES),
    "routes[].filters.rewrite.host": _PLAIN_HOST,
    "routes[].filters.rewrite.prefix": PATH,
}
