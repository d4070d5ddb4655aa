"""Cloud CDN in front of a service: what is cached, for how long, and under which key.

Holds the inputs, their limits and rules, and the fields of the BackendConfig. Not here: signed URLs, and the cache of a
Gateway, which its HTTPRoute turns on by a GCPHTTPFilter.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from gke_nodrop.backend import headers
from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example
from gke_nodrop.inputs.faults import Fault, shown
from gke_nodrop.inputs.rules import rule

SOURCE = "kubernetes/ingress-gce pkg/backends/features/cdn.go"
_API = "Compute Engine API, backendServices, cdnPolicy"

DEFAULT_TTL_SECONDS = 3600
"""What the controller sets where no default TTL is stated. Source: kubernetes/ingress-gce
pkg/backends/features/cdn.go, defaultCdnPolicy."""

DEFAULT_MAX_TTL_SECONDS = 86400
"""Likewise, where no maximum is stated."""

NEGATIVE_CODES = (300, 301, 302, 307, 308, 404, 405, 410, 421, 451, 501)
"""Status codes that negative caching knows. Source: Compute Engine API, backendServices, cdnPolicy."""


class CacheMode(StrEnum):
    """Which responses are cached."""

    CACHE_ALL_STATIC = "CACHE_ALL_STATIC"
    """Static content, and responses that allow it."""
    USE_ORIGIN_HEADERS = "USE_ORIGIN_HEADERS"
    """Only responses that allow it, by Cache-Control."""
    FORCE_CACHE_ALL = "FORCE_CACHE_ALL"
    """Everything, private responses too: only for backends that serve the same to everybody."""


CacheModeText = Literal["CACHE_ALL_STATIC", "USE_ORIGIN_HEADERS", "FORCE_CACHE_ALL"]
"""The members of `CacheMode` as plain text."""


Ttl = Annotated[int, limits.between(0, 31_622_400, "seconds, a year", _API), Example(3600)]
NegativeCode = Annotated[int, limits.one_of(*NEGATIVE_CODES, source=_API), Example(404)]
HeaderName = Annotated[
    str, limits.matching(headers.TOKEN, "the name of a header", "RFC 7230"), Example("Authorization")
]
QueryParameter = Annotated[str, limits.matching(r"[!-~]+", "the name of a query parameter", _API), Example("page")]


class CacheKeyArgs(TypedDict):
    """What makes two requests different to the cache."""

    include_host: NotRequired[bool]
    """Default true."""
    include_protocol: NotRequired[bool]
    """Default true."""
    include_query_string: NotRequired[bool]
    """Default true."""
    query_parameters: NotRequired[list[QueryParameter]]
    """The only parameters of the query string that count. Default: all."""
    ignored_query_parameters: NotRequired[list[Annotated[QueryParameter, Example("session")]]]
    """Parameters of the query string that do not count. Default: none."""


class NegativeCacheArgs(TypedDict):
    """How long one kind of error or redirect is cached."""

    code: NegativeCode
    """Status code."""
    ttl_seconds: Annotated[int, limits.between(0, 1800, "seconds", _API), Example(60)]
    """At most 1800."""


class CdnArgs(TypedDict):
    """Cloud CDN, turned on by this group, even an empty one. Inputs left out keep the API's defaults."""

    cache_mode: NotRequired[CacheMode | CacheModeText]
    """Default CACHE_ALL_STATIC: no dynamic response is cached unless it says so."""
    default_ttl_seconds: NotRequired[Ttl]
    """Seconds that the cache keeps a response that does not say. Default 3600."""
    max_ttl_seconds: NotRequired[Annotated[Ttl, Example(86400)]]
    """Most seconds that the cache keeps a response, whatever it says; with CACHE_ALL_STATIC only. Default 86400."""
    client_ttl_seconds: NotRequired[Ttl]
    """Most seconds that clients keep a response. Default 3600."""
    serve_while_stale_seconds: NotRequired[
        Annotated[int, limits.between(0, 604_800, "seconds, a week", _API), Example(86400)]
    ]
    """How long an expired response is served while a new one is fetched, or cannot be. Default 86400."""
    request_coalescing: NotRequired[bool]
    """Whether requests for the same response wait for one fetch. Default true."""
    negative_caching: NotRequired[bool]
    """Whether errors and redirects are cached. Default true."""
    negative_caching_policy: NotRequired[list[NegativeCacheArgs]]
    """How long, by status code. Default: Cloud CDN's own times."""
    bypass_on_request_headers: NotRequired[Annotated[list[HeaderName], limits.at_most(5, "names", _API)]]
    """Names of request headers that lead past the cache, at most 5. Default: none."""
    cache_key: NotRequired[CacheKeyArgs]
    """What makes two requests different. Default: host, protocol and the whole query string."""


_TTLS = (("default_ttl_seconds", DEFAULT_TTL_SECONDS), ("max_ttl_seconds", DEFAULT_MAX_TTL_SECONDS))


@rule(CdnArgs)
def _default_ttl_is_no_longer_than_the_longest(cdn: CdnArgs) -> Iterator[Fault]:
    mode = CacheMode(cdn.get("cache_mode", CacheMode.CACHE_ALL_STATIC))
    default, most = (cdn.get(key, usual) for key, usual in _TTLS)
    if mode is CacheMode.CACHE_ALL_STATIC and default > most:
        lower = "default_ttl_seconds" not in cdn
        yield _fault(
            "max_ttl_seconds" if lower else "default_ttl_seconds",
            shown(most if lower else default),
            f"must not be {'below default' if lower else 'above max'}_ttl_seconds = {default if lower else most} s",
            shown(default if lower else most),
            _API,
        )


@rule(CdnArgs)
def _what_is_stated_is_read(cdn: CdnArgs) -> Iterator[Fault]:
    """What the cache mode, or negative caching that is off, makes the controller leave out."""
    mode = CacheMode(cdn.get("cache_mode", CacheMode.CACHE_ALL_STATIC))
    only_static = () if mode is CacheMode.CACHE_ALL_STATIC else ("max_ttl_seconds",)
    by_origin = ("default_ttl_seconds", "client_ttl_seconds") if mode is CacheMode.USE_ORIGIN_HEADERS else ()
    for key in (*only_static, *by_origin):
        if key in cdn:
            yield _fault(key, shown(cdn[key]), f"means nothing with cache_mode = {mode.value}", "absent", SOURCE)
    if cdn.get("negative_caching_policy") and not cdn.get("negative_caching", True):
        yield _fault("negative_caching_policy", "given", "needs negative_caching, which is false", "absent", SOURCE)


@rule(CdnArgs)
def _each_code_has_one_time(cdn: CdnArgs) -> Iterator[Fault]:
    codes: list[int] = []
    for index, each in enumerate(cdn.get("negative_caching_policy", [])):
        code = each.get("code", -index)  # absent is a fault of its own
        codes.append(code)
        if code in codes[:index]:
            said = "must not be given a time twice"
            yield _fault(f"negative_caching_policy[{index}].code", shown(code), said, "each code once", _API)


@rule(CacheKeyArgs)
def _parameters_are_chosen_one_way(key: CacheKeyArgs) -> Iterator[Fault]:
    some = [name for name in ("query_parameters", "ignored_query_parameters") if key.get(name)]
    if len(some) == 2:
        said = "excludes query_parameters: either some count, or some do not"
        yield _fault("ignored_query_parameters", "given", said, "absent", _API)
    elif some and not key.get("include_query_string", True):
        yield _fault(some[0], "given", "means nothing with include_query_string = false", "absent", SOURCE)


def _fault(key: str, value: str, rule: str, would_pass: str, source: str) -> Fault:
    return Fault(input=key, value=value, rule=rule, source=source, would_pass=would_pass)


def fields(cdn: CdnArgs | None) -> dict[str, Any]:
    """The BackendConfig's `cdn`. Off is said, since the controller leaves on what is not said.

    A cache policy is written whole: of a partial one the controller takes what is absent for false.
    Source: kubernetes/ingress-gce pkg/backends/features/cdn.go.
    """
    if cdn is None:
        return {"enabled": False}
    written: dict[str, Any] = {
        "enabled": True,
        "cacheMode": CacheMode(cdn.get("cache_mode", CacheMode.CACHE_ALL_STATIC)).value,
    }
    names = {
        "default_ttl_seconds": "defaultTtl",
        "max_ttl_seconds": "maxTtl",
        "client_ttl_seconds": "clientTtl",
        "serve_while_stale_seconds": "serveWhileStale",
        "request_coalescing": "requestCoalescing",
        "negative_caching": "negativeCaching",
    }
    written |= {names[key]: value for key, value in cdn.items() if key in names}
    if policy := cdn.get("negative_caching_policy"):
        written["negativeCachingPolicy"] = [{"code": each["code"], "ttl": each["ttl_seconds"]} for each in policy]
    if headers := cdn.get("bypass_on_request_headers"):
        written["bypassCacheOnRequestHeaders"] = [{"headerName": header} for header in headers]
    if "cache_key" in cdn:
        key = cdn["cache_key"]
        written["cachePolicy"] = {
            "includeHost": key.get("include_host", True),
            "includeProtocol": key.get("include_protocol", True),
            "includeQueryString": key.get("include_query_string", True),
            **({"queryStringWhitelist": key["query_parameters"]} if key.get("query_parameters") else {}),
            **(
                {"queryStringBlacklist": key["ignored_query_parameters"]} if key.get("ignored_query_parameters") else {}
            ),
        }
    return written
