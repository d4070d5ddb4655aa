"""Cloud CDN in front of a service: what is cached, for how long, and under which key.

Holds the inputs, their limits and rules, and the fields of the BackendConfig. Not here: signed URLs, and the cache of a
Gateway, which its HTTPRoute turns on by a GCPHTTPFilter.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, NotRequired, TypedDict

from gke_nodrop.backend import headers
from gke_nodrop.inputs import limits
from gke_nodrop.inputs.check import Fault, Limit, shown

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
    """Static content, and what says that it may be."""
    USE_ORIGIN_HEADERS = "USE_ORIGIN_HEADERS"
    """Only what says that it may be, by Cache-Control."""
    FORCE_CACHE_ALL = "FORCE_CACHE_ALL"
    """Everything, private responses too: only for backends that serve the same to everybody."""


class CacheKeyArgs(TypedDict):
    """What makes two requests different to the cache."""

    include_host: NotRequired[bool]
    """Default true."""
    include_protocol: NotRequired[bool]
    """Default true."""
    include_query_string: NotRequired[bool]
    """Default true."""
    query_parameters: NotRequired[list[str]]
    """The only parameters of the query string that count. Default: all."""
    ignored_query_parameters: NotRequired[list[str]]
    """Parameters of the query string that do not count. Default: none."""


class NegativeCacheArgs(TypedDict):
    """How long one kind of error or redirect is cached."""

    code: int
    """Status code."""
    ttl_seconds: int
    """At most 1800."""


class CdnArgs(TypedDict):
    """Cloud CDN, turned on by stating this group, be it empty. What is not stated keeps the API's default."""

    cache_mode: NotRequired[CacheMode]
    """Default CACHE_ALL_STATIC: no dynamic response is cached unless it says so."""
    default_ttl_seconds: NotRequired[int]
    """How long the cache keeps a response that does not say. Default 3600."""
    max_ttl_seconds: NotRequired[int]
    """The longest, whatever the response says; with CACHE_ALL_STATIC only. Default 86400."""
    client_ttl_seconds: NotRequired[int]
    """The longest that clients keep a response. Default 3600."""
    serve_while_stale_seconds: NotRequired[int]
    """How long an expired response is served while a new one is fetched, or cannot be. Default 86400."""
    request_coalescing: NotRequired[bool]
    """Whether requests for the same response wait for one fetch. Default true."""
    negative_caching: NotRequired[bool]
    """Whether errors and redirects are cached. Default true."""
    negative_caching_policy: NotRequired[list[NegativeCacheArgs]]
    """How long, by status code. Default: Cloud CDN's own times."""
    bypass_on_request_headers: NotRequired[list[str]]
    """Names of request headers that lead past the cache, at most 5. Default: none."""
    cache_key: NotRequired[CacheKeyArgs]
    """What makes two requests different. Default: host, protocol and the whole query string."""


EXAMPLE: CdnArgs = {
    "cache_mode": CacheMode.CACHE_ALL_STATIC,
    "default_ttl_seconds": 3600,
    "max_ttl_seconds": 86400,
    "client_ttl_seconds": 3600,
    "serve_while_stale_seconds": 86400,
    "request_coalescing": True,
    "negative_caching": True,
    "negative_caching_policy": [{"code": 404, "ttl_seconds": 60}],
    "bypass_on_request_headers": ["Authorization"],
    "cache_key": {
        "include_host": True,
        "include_protocol": True,
        "include_query_string": True,
        "query_parameters": ["page"],
    },
}
QUOTED: dict[str, Any] = {**EXAMPLE, "cache_key": {**EXAMPLE["cache_key"], "ignored_query_parameters": ["session"]}}
"""The example that faults quote: with inputs too that exclude another one."""
_TTL = limits.between(0, 31_622_400, "seconds, a year", _API)
_PARAMETER = limits.matching(r"[!-~]+", "the name of a query parameter", _API)
LIMITS = {
    "backend.cdn.default_ttl_seconds": _TTL,
    "backend.cdn.max_ttl_seconds": _TTL,
    "backend.cdn.client_ttl_seconds": _TTL,
    "backend.cdn.serve_while_stale_seconds": limits.between(0, 604_800, "seconds, a week", _API),
    "backend.cdn.negative_caching_policy[].code": Limit(
        holds=lambda x: x in NEGATIVE_CODES,
        rule=f"one of {', '.join(map(str, NEGATIVE_CODES))}",
        source=_API,
    ),
    "backend.cdn.negative_caching_policy[].ttl_seconds": limits.between(0, 1800, "seconds", _API),
    "backend.cdn.bypass_on_request_headers": Limit(holds=lambda x: len(x) <= 5, rule="at most 5 names", source=_API),
    "backend.cdn.bypass_on_request_headers[]": limits.matching(headers.TOKEN, "the name of a header", "RFC 7230"),
    "backend.cdn.cache_key.query_parameters[]": _PARAMETER,
    "backend.cdn.cache_key.ignored_query_parameters[]": _PARAMETER,
}


def faults(cdn: CdnArgs) -> Iterator[Fault]:
    """What the inputs must keep together; what the controller would silently leave out is refused too."""
    yield from _unread(cdn)
    yield from _one_time_each(cdn)
    yield from _keys(cdn.get("cache_key", CacheKeyArgs()))
    mode = cdn.get("cache_mode", CacheMode.CACHE_ALL_STATIC)
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


_TTLS = (("default_ttl_seconds", DEFAULT_TTL_SECONDS), ("max_ttl_seconds", DEFAULT_MAX_TTL_SECONDS))


def _unread(cdn: CdnArgs) -> Iterator[Fault]:
    """What the cache mode, or negative caching that is off, makes the controller leave out."""
    mode = cdn.get("cache_mode", CacheMode.CACHE_ALL_STATIC)
    only_static = () if mode is CacheMode.CACHE_ALL_STATIC else ("max_ttl_seconds",)
    by_origin = ("default_ttl_seconds", "client_ttl_seconds") if mode is CacheMode.USE_ORIGIN_HEADERS else ()
    for key in (*only_static, *by_origin):
        if key in cdn:
            yield _fault(key, shown(cdn[key]), f"means nothing with cache_mode = {mode.value}", "absent", SOURCE)
    if cdn.get("negative_caching_policy") and not cdn.get("negative_caching", True):
        yield _fault("negative_caching_policy", "given", "needs negative_caching, which is false", "absent", SOURCE)


def _one_time_each(cdn: CdnArgs) -> Iterator[Fault]:
    codes: list[int] = []
    for index, each in enumerate(cdn.get("negative_caching_policy", [])):
        code = each.get("code", -index)  # absent is a fault of its own
        codes.append(code)
        if code in codes[:index]:
            said = "must not be given a time twice"
            yield _fault(f"negative_caching_policy[{index}].code", shown(code), said, "each code once", _API)


def _keys(key: CacheKeyArgs) -> Iterator[Fault]:
    some = [name for name in ("query_parameters", "ignored_query_parameters") if key.get(name)]
    if len(some) == 2:
        said = "excludes cache_key.query_parameters: either some count, or some do not"
        yield _fault("cache_key.ignored_query_parameters", "given", said, "absent", _API)
    elif some and not key.get("include_query_string", True):
        said = "means nothing with cache_key.include_query_string = false"
        yield _fault(f"cache_key.{some[0]}", "given", said, "absent", SOURCE)


def _fault(key: str, value: str, rule: str, would_pass: str, source: str) -> Fault:
    return Fault(input=f"backend.cdn.{key}", value=value, rule=rule, source=source, would_pass=would_pass)


def fields(cdn: CdnArgs | None) -> dict[str, Any]:
    """The BackendConfig's `cdn`. Off is said, since the controller leaves on what is not said.

    A cache policy is written whole: of a partial one the controller takes what is absent for false.
    Source: kubernetes/ingress-gce pkg/backends/features/cdn.go.
    """
    if cdn is None:
        return {"enabled": False}
    written: dict[str, Any] = {"enabled": True, "cacheMode": cdn.get("cache_mode", CacheMode.CACHE_ALL_STATIC).value}
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
