"""Edits of backends, and of what is in front of them."""

from collections.abc import Iterator
from typing import Any

from tests.preview.component_edits.table import (
    ADDRESS,
    ADMITTED,
    ANOTHER,
    CERTIFICATES,
    CUT_OFF,
    GLOBAL,
    HOSTS,
    IAP,
    INTERNAL,
    REDIRECT,
    REPLACED,
    RILB,
    ROUTE,
    SCHEMES,
    SECRET,
    SECRETS,
    SUBNET,
    TLS,
    Args,
    Edit,
    web,
)


def backend() -> Iterator[Edit]:
    """How the load balancer treats the service."""
    affinity = {"backend": {"session_affinity": {"type": "GENERATED_COOKIE"}}}
    yield web("backend.session_affinity.type", None, "CLIENT_IP")
    yield web("backend.session_affinity.type", "CLIENT_IP", None)
    yield web("backend.session_affinity.cookie_ttl_seconds", None, 3600, affinity)
    for group in ("request_headers", "response_headers"):
        header = {"backend": {group: [{"name": "X-A", "value": "1"}]}}
        yield web(f"backend.{group}[].name", "X-A", "X-B", header)
        yield web(f"backend.{group}[].value", "1", "2", header)
    yield web("backend.logging.sample_rate", None, 0.5)
    cdn = {"backend": {"cdn": {"cache_mode": "CACHE_ALL_STATIC"}}}
    yield web("backend.cdn.cache_mode", None, "USE_ORIGIN_HEADERS")
    for key in ("default_ttl_seconds", "client_ttl_seconds", "serve_while_stale_seconds"):
        yield web(f"backend.cdn.{key}", 3600, 1800, cdn)
    yield web("backend.cdn.max_ttl_seconds", 86400, 43200, cdn)
    for key in ("request_coalescing", "negative_caching"):
        yield web(f"backend.cdn.{key}", True, False, cdn)
    negative = {"backend": {"cdn": {"negative_caching_policy": [{"code": 404, "ttl_seconds": 60}]}}}
    yield web("backend.cdn.negative_caching_policy[].code", 404, 410, negative)
    yield web("backend.cdn.negative_caching_policy[].ttl_seconds", 60, 30, negative)
    yield web("backend.cdn.bypass_on_request_headers[]", None, ["Authorization"], cdn)
    for key in ("include_host", "include_protocol", "include_query_string"):
        yield web(f"backend.cdn.cache_key.{key}", True, False, cdn)
    for key in ("query_parameters", "ignored_query_parameters"):
        yield web(
            f"backend.cdn.cache_key.{key}[]",
            ["a"],
            ["b"],
            {"backend": {"cdn": {"cache_key": {"include_query_string": True}}}},
        )
    iap = {**TLS, "backend": {"iap": IAP}}
    yield web(
        "backend.iap.client_id",
        IAP["client_id"],
        None,
        {**TLS, "backend": {"iap": {"client_secret": "hunter2"}}},
        refused="client_id",
    )
    yield web("backend.iap", None, IAP, TLS, CUT_OFF)
    yield web("backend.iap", None, IAP, GLOBAL, CUT_OFF)
    yield web("backend.iap", IAP, None, TLS, goes=SECRET)
    yield web("backend.iap.client_id", IAP["client_id"], "b.apps.googleusercontent.com", iap)
    yield web("backend.iap.client_secret", "hunter2", "hunter3", iap)
    yield web("backend.security_policy", None, "edge", told=ADMITTED)
    yield web("backend.security_policy", "edge", "other", GLOBAL, ADMITTED)
    yield web("backend.security_policy", "edge", None)
    yield web("backend.security_policy", "edge", "")


def web_service() -> Iterator[Edit]:
    """Which objects there are in front, and where."""
    yield web("namespace", None, "elsewhere", told=REPLACED)
    yield web("existing_namespace", None, "elsewhere", told=REPLACED)
    yield web("existing_namespace", None, "{name}", told={"namespace-stays": "error"})
    yield web("existing_namespace", "{name}", None)  # the API server refuses it before anything else: AlreadyExists
    yield web("hosts[]", None, ["www.example.com"], told=REDIRECT)
    yield web("hosts[]", None, ["www.example.com"], {"ingress": {"redirect_to_https": False}})
    yield web(
        "hosts[]", ["www.example.com"], None, told=SCHEMES, goes=frozenset({"ManagedCertificate", "FrontendConfig"})
    )
    yield web("hosts[]", ["www.example.com"], ["www.example.com", "shop.example.com"])
    yield web("hosts[]", ["www.example.com", "shop.example.com"], ["www.example.com"], told=HOSTS)
    yield web("hosts[]", ["www.example.com"], ["shop.example.com"], told=CERTIFICATES)
    yield web("hosts[]", None, ["www.example.com"], GLOBAL, ROUTE)
    yield web("hosts[]", ["www.example.com"], ["www.example.com", "shop.example.com"], GLOBAL)
    yield web("hosts[]", ["www.example.com"], None, GLOBAL, goes=frozenset({"HTTPRoute"}))
    yield web("gateway", None, GLOBAL["gateway"], told=ANOTHER)
    yield web("gateway", GLOBAL["gateway"], None, told=ANOTHER)
    yield web("gateway", None, GLOBAL["gateway"], {"ingress": {}})
    yield web("ingress", {}, None, GLOBAL, ROUTE)
    yield web("ingress", None, {}, GLOBAL)


def ingress_settings() -> Iterator[Edit]:
    def of(key: str, old: Any, new: Any, more: Args | None = None, told: Args | None = None, **outcome: Any) -> Edit:
        given = {**(more or {})}
        return web(f"ingress.{key}", old, new, given, told, **outcome)

    yield of("scope", None, "internal", told=ANOTHER)
    yield of("scope", "external", "regional-external", told=ANOTHER)
    yield of("address", "one", "two", told=ADDRESS)
    yield of("address", None, "one", told=ADDRESS)
    yield of("address", "one", None, told=ADDRESS)
    regional = {"ingress": {"scope": "regional-external"}}
    yield of("region", "us-central1", "europe-west1", regional, ADDRESS)
    yield of("subnetwork", None, SUBNET, INTERNAL, ADDRESS)
    yield of("subnetwork", SUBNET, f"{SUBNET}-2", INTERNAL, ADDRESS)
    yield of("certificates.managed[]", None, ["a.example.com"], told=REDIRECT)
    yield of("certificates.managed[]", None, ["a.example.com"], {"ingress": {"redirect_to_https": False}})
    yield of("certificates.managed[]", ["a.example.com"], ["b.example.com"], told=CERTIFICATES)
    yield of("certificates.managed[]", ["a.example.com"], None, {"ingress": SECRETS}, HOSTS)
    yield of("certificates.pre_shared[]", None, ["one"], told=REDIRECT)
    yield of("certificates.pre_shared[]", ["one"], ["two"])
    yield of("certificates.pre_shared[]", ["one"], None, told=SCHEMES)
    yield of("certificates", {"pre_shared": ["one"]}, {"managed": ["a.example.com"]}, told=CERTIFICATES)
    yield of("certificates.secrets[]", ["one"], ["two"])
    secured = {"ingress": SECRETS}
    yield of("redirect_to_https", False, True, secured)
    yield of("redirect_to_https", True, False, secured)
    yield of("redirect_code", None, "FOUND", secured)
    yield of("ssl_policy", None, "modern", secured, ADMITTED)
    yield of("ssl_policy", "modern", None, secured, ADMITTED)
    yield of("allow_http", True, False, secured, SCHEMES)
    yield of("allow_http", False, True, secured)
    yield of("allow_http", None, False, refused="allow_http")


def gateway_settings() -> Iterator[Edit]:
    def of(key: str, old: Any, new: Any, more: Args | None = None, told: Args | None = None, **outcome: Any) -> Edit:
        return web(f"gateway.{key}", old, new, {"gateway": {}} if more is None else {"gateway": more}, told, **outcome)

    yield of("gateway_class", None, "gke-l7-gxlb", told=ANOTHER)
    yield of("address", "one", "two", told=ADDRESS)
    yield of("address", None, "one", told=ADDRESS)
    yield of("address", "one", None, told=ADDRESS)
    regional = {"gateway_class": "gke-l7-regional-external-managed"}
    yield of("region", "us-central1", "europe-west1", regional, ADDRESS)
    internal = {"gateway_class": "gke-l7-rilb", "region": "us-central1"}
    yield of("subnetwork", SUBNET, f"{SUBNET}-2", internal, ADDRESS)
    yield of("certificates.certificate_map", None, "shop", told=REDIRECT)
    yield of("certificates.certificate_map", "shop", "other")
    yield of("certificates.certificate_map", "shop", None, told=SCHEMES)
    yield of("certificates.certificate_manager[]", ["one"], ["two"], {**regional, "region": "us-central1"})
    yield of("certificates.pre_shared[]", ["one"], ["two"])
    yield of("certificates.secrets[]", ["one"], ["two"])
    mapped = GLOBAL["gateway"]
    yield of("redirect_to_https", False, True, mapped)
    yield of("redirect_to_https", True, False, mapped, goes=frozenset({"HTTPRoute"}))
    yield of("ssl_policy", None, "modern", mapped, ADMITTED)
    yield of("ssl_policy", "modern", None, mapped, ADMITTED)
    shared = RILB["gateway"]
    yield of("allow_global_access", None, True, shared)
    yield of("allow_global_access", True, False, shared, CUT_OFF)
