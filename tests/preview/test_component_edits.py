"""No edit that can be made through the serving components takes the traffic down unseen.

The table has at least one edit of every input. An edit gives one input, by its path, another value, beside what else is
given; `None` stands for an absent one. All are deployed together, each with names and a namespace of its own.
"""

import json
import re
import textwrap
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pytest

import gke_nodrop
from gke_nodrop import InputError
from nodrop.preview import Evaluation, compare, evaluate, kubernetes_objects, read_state
from nodrop.rollout import Diagnostic

pytestmark = pytest.mark.slow

Args = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Edit:
    component: str
    input: str
    old: Any
    new: Any
    given: Args = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    """What is told of it, severity by rule; nothing: it is harmless."""
    goes: frozenset[str] = frozenset()
    """Kinds of which an object goes, once what took its place, or did without it, has been rolled out."""
    refused: str = ""
    """Input that the component itself refuses then; empty: it does not."""

    def args(self, value: Any) -> Args:
        return placed(self.given, self.input, value)


def placed(args: Any, path: str, value: Any) -> Args:
    """`args` with the value at a path such as `containers[].image`, in the first item of a list."""
    if value is None:
        return args
    head, _, rest = path.partition(".")
    key, in_list = head.removesuffix("[]"), head.endswith("[]")
    if not rest:
        return {**args, key: value}
    if in_list:
        items = args.get(key) or [{}]
        return {**args, key: [placed(items[0], rest, value), *items[1:]]}
    return {**args, key: placed(args.get(key, {}), rest, value)}


def web(at: str, old: Any, new: Any, given: Args | None = None, told: Args | None = None, **more: Any) -> Edit:
    return Edit(component="WebService", input=at, old=old, new=new, given=given or {}, told=told or {}, **more)


def edit(component: str, at: str, old: Any, new: Any, given: Args | None = None, **told: str) -> Edit:
    rules = {rule.replace("_", "-"): severity for rule, severity in told.items()}
    return Edit(component=component, input=at, old=old, new=new, given=given or {}, told=rules)


FILES, SECRET = frozenset({"ConfigMap"}), frozenset({"Secret"})
TLS = {"hosts": ["www.example.com"]}
SECRETS = {"certificates": {"secrets": ["tls"]}}
INTERNAL = {"ingress": {"scope": "internal"}}
SUBNET = "projects/shop/regions/us-central1/subnetworks/shop"
GLOBAL = {"gateway": {"certificates": {"certificate_map": "shop"}}}
RILB = {"gateway": {"gateway_class": "gke-l7-rilb", "address": "shop"}}
IAP = {"client_id": "a.apps.googleusercontent.com", "client_secret": "hunter2"}
ADDRESS = {"address-stays": "error"}
ROUTE, MOVED = {"routes-keep-their-service": "warning"}, {"routes-keep-their-service": "error"}
CERTIFICATES, HOSTS = {"certificates-stay": "error"}, {"certificates-stay": "warning"}
ANOTHER, REPLACED = {"entry-stays": "error"}, {"objects-stay": "error"}
ADMITTED, CUT_OFF = {"clients-stay-admitted": "warning"}, {"clients-stay-admitted": "error"}
PEERS = {"peers-stay-admitted": "warning"}
REDIRECT, SCHEMES = {"redirect-comes-after-https": "error"}, {"schemes-stay": "error"}
PROTOCOL = {"protocol-stays": "error", "health-check-type-stays": "error"}
CHECK_PATH, CHECK_PORT = {"health-check-path-stays": "error"}, {"health-check-port-stays": "error"}
SHORTER = {"requests-of-old-pods-fit": "error"}


def workload() -> Iterator[Edit]:
    """What is in the pods only: a rollout brings it."""
    yield web("image", "web:1", "web:2")
    yield web("port", 8080, 9090)
    yield web("port", 8080, 9090, {"network_policy": {}})
    yield web("replicas", 2, 6)
    yield web("replicas", 6, 2)
    yield web("command[]", None, ["/serve"])
    yield web("args[]", ["--a"], ["--b"])
    yield web("env", {"A": "1"}, {"A": "2"})
    yield web("env", {"A": "1"}, {"B": "1"})
    yield web("secret_env", {"A": "hunter2"}, {"A": "hunter3"})
    yield web("secret_env", {"A": "hunter2"}, {"B": "hunter2"})
    yield web("secret_env", {"A": "hunter2"}, None, goes=SECRET)
    yield web("files", {"/a": "1"}, {"/a": "2"}, goes=FILES)
    yield web("files", {"/a": "1"}, {"/b": "1"}, goes=FILES)
    yield web("secret_files", {"/a": "hunter2"}, {"/a": "hunter3"})
    yield web("secret_files", {"/a": "hunter2"}, None, goes=SECRET)
    yield web("resources.cpu", None, "500m")
    yield web("resources.memory", None, "512Mi")
    yield web("run_as_user", None, 65532)
    yield web("read_only_root_filesystem", False, True)
    cache = {"volumes": [{"name": "cache", "empty_dir": {"size": "1Gi"}}]}
    yield web(
        "mounts[].volume",
        "cache",
        "more",
        {"volumes": [{"name": each, "claim": each} for each in ("cache", "more")], "mounts": [{"path": "/c"}]},
    )
    yield web("mounts[].path", "/a", "/b", {**cache, "mounts": [{"volume": "cache"}]})
    yield web("mounts[].read_only", False, True, {**cache, "mounts": [{"volume": "cache", "path": "/c"}]})
    yield web("volumes[].name", "cache", "more", {"volumes": [{"claim": "one"}]})
    yield web("volumes[].empty_dir.size", "1Gi", "2Gi", cache)
    for kind in ("config_map", "secret", "claim"):
        yield web(f"volumes[].{kind}", "one", "two", {"volumes": [{"name": "cache"}]})
    for group in ("containers", "init_containers", "sidecars"):
        yield from _containers(group, {"volumes": [{"name": each, "claim": each} for each in ("cache", "more")]})
    started = {"sidecars": [{"name": "proxy", "image": "proxy:1", "startup_check": {"path": "/", "port": 9801}}]}
    yield web("sidecars[].startup_check.path", "/", "/started", started)
    yield web("sidecars[].startup_check.port", 9801, 9802, started)


def _containers(group: str, volumes: Args) -> Iterator[Edit]:
    def of(key: str, old: Any, new: Any, more: Args | None = None, **outcome: Any) -> Edit:
        given = {**volumes, group: [{"name": "more", "image": "more:1", **(more or {})}]}
        return web(f"{group}[].{key}", old, new, given, **outcome)

    yield of("name", "more", "other")
    yield of("image", "more:1", "more:2")
    yield of("command[]", None, ["/serve"])
    yield of("args[]", None, ["--a"])
    yield of("env", None, {"A": "1"})
    yield of("secret_env", {"A": "hunter2"}, {"B": "hunter2"})
    yield of("files", {"/a": "1"}, {"/a": "2"}, goes=FILES)
    yield of("secret_files", {"/a": "hunter2"}, {"/b": "hunter2"})
    yield of("resources.cpu", None, "500m")
    yield of("resources.memory", None, "512Mi")
    yield of("mounts[].volume", "cache", "more", {"mounts": [{"path": "/c"}]})
    yield of("mounts[].path", "/a", "/b", {"mounts": [{"volume": "cache"}]})
    yield of("mounts[].read_only", False, True, {"mounts": [{"volume": "cache", "path": "/c"}]})
    yield of("run_as_user", None, 65532)
    if group != "init_containers":
        yield of("port", 9090, 9091)


def around_the_pods() -> Iterator[Edit]:
    """Scaling, identity, who may connect, timings, health check."""
    scaling = {"autoscaling": {"max_replicas": 6}}
    yield web("autoscaling.max_replicas", None, 6)
    yield web("autoscaling.max_replicas", 6, None, goes=frozenset({"HorizontalPodAutoscaler"}))
    yield web("autoscaling.max_replicas", 6, 8)
    yield web("replicas", None, 4, scaling, refused="replicas")
    yield web("autoscaling.min_replicas", 2, 3, scaling)
    yield web("autoscaling.cpu_percent", 60, 70, scaling)
    yield web("autoscaling.memory_percent", None, 70, scaling)
    yield web("autoscaling.scale_up_stabilization_seconds", None, 60, scaling)
    yield web("autoscaling.scale_down_stabilization_seconds", None, 60, scaling)
    for key, old, new in (("name", "a|b", "a|c"), ("labels", None, {"a": "b"}), ("average_value", "30", "40")):
        metric = {"name": "a|b", "average_value": "30"}
        yield web(
            f"autoscaling.external_metrics[].{key}",
            old,
            new,
            {"autoscaling": {"max_replicas": 6, "external_metrics": [metric]}},
        )
    metric = {"name": "a|b"}
    yield web(
        "autoscaling.external_metrics[].value",
        "30",
        "40",
        {"autoscaling": {"max_replicas": 6, "external_metrics": [metric]}},
    )
    account = "web-pods@shop-project.iam.gserviceaccount.com"
    yield web("workload_identity.service_account", None, account)
    yield web("workload_identity.service_account", account, None, goes=frozenset({"ServiceAccount"}))
    yield web(
        "workload_identity.service_account", account, f"other-{account}", told={"google-identity-stays": "warning"}
    )
    yield web(
        "workload_identity.cluster_project", None, "other-project", {"workload_identity": {"service_account": account}}
    )
    policy = {"network_policy": {"pods": [{"namespace": "monitoring"}]}}
    yield web("network_policy.ranges[]", None, ["10.50.0.0/24"], told=PEERS)
    yield web("network_policy.ranges[]", None, ["10.50.0.0/24"], policy)
    yield web("network_policy.ranges[]", ["10.50.0.0/24"], None, policy, PEERS)
    yield web("network_policy.proxy_only_range", None, "10.40.0.0/23", INTERNAL, PEERS)
    yield web(
        "network_policy.proxy_only_range", "10.40.0.0/23", None, {**INTERNAL, **policy}, refused="proxy_only_range"
    )
    yield web("network_policy.pods[].namespace", "monitoring", "other", policy, PEERS)
    yield web("network_policy.pods[].labels", None, {"a": "b"}, policy, PEERS)
    yield web("accept", None, {"health-check-path-stays": "the image answers at both"})
    check = {"health_check": {"path": "/ready/"}}
    yield web("health_check.path", "/ready/", "/healthz/", told=CHECK_PATH)
    yield web("health_check.path", "/ready/", "/healthz/", GLOBAL, CHECK_PATH)
    yield web("health_check.port", None, 8081, check, CHECK_PORT)
    yield web("health_check.port", None, 8081, {**check, **GLOBAL}, CHECK_PORT)
    yield web("health_check.port", 8081, 8082, check, CHECK_PORT)
    yield web("health_check.port", 8081, None, check, CHECK_PORT)
    yield web("health_check.liveness_path", None, "/live/")
    yield web("health_check.check_interval_seconds", 5, 7)
    yield web("health_check.timeout_seconds", 5, 4)
    yield web("health_check.healthy_threshold", 2, 3)
    yield web("health_check.unhealthy_threshold", 2, 3)
    yield web("protocol", "HTTP", "HTTPS", told=PROTOCOL)
    yield web("protocol", "HTTP", "HTTPS", GLOBAL, PROTOCOL)
    yield web("protocol", "HTTP", "HTTPS", {"health_check": {"port": 8081}}, {"protocol-stays": "error"})
    yield web("protocol", "HTTPS", "HTTP2", told=PROTOCOL)
    yield web("protocol", "HTTP2", "GRPC", {"health_check": {"port": 8081}})
    yield web("rollout.longest_request_seconds", 30, 60)
    yield web("rollout.longest_request_seconds", 60, 30, told=SHORTER)
    yield web("rollout.longest_request_seconds", 60, 30, GLOBAL, SHORTER)
    kept = {"rollout": {"backend_timeout_seconds": 65, "draining_timeout_seconds": 60}}
    yield web("rollout.longest_request_seconds", 60, 30, kept)
    yield web("rollout.backend_timeout_seconds", 65, 40)
    yield web("rollout.draining_timeout_seconds", 60, 40)
    yield web("rollout.startup_seconds", 10, 20)
    yield web("rollout.keep_alive_timeout_seconds", 620, 650)
    yield web("rollout.on_term", "drain", "exit")
    yield web("rollout.zones", None, 3)
    yield web("rollout.start_delay_seconds", None, 30)
    yield web("rollout.rolled_out_within_seconds", None, 900)
    yield web("rollout.mode", None, "hard-coded-delay")
    yield web("rollout.mode", "hard-coded-delay", None)
    yield web("rollout.max_surge", 1, 2)
    yield web("rollout.pre_stop_seconds", 80, 60, {"rollout": {"termination_grace_period_seconds": 200}})
    yield web("rollout.termination_grace_period_seconds", 200, 150)
    yield web("rollout.min_ready_seconds", None, 60)
    yield web("rollout.progress_deadline_seconds", None, 500)


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


def parts() -> Iterator[Edit]:
    """Inputs that the parts have and WebService does not; there are two services, `{name}` and `{name}-two`."""
    yield edit("RollingDeployment", "namespace", "{name}", "elsewhere", path_stays="error", objects_stay="error")
    yield edit("NegService", "namespace", "{name}", "elsewhere", objects_stay="error")
    yield edit("NegService", "selects", None, "{name}-two", selector_stays="error")
    yield edit("NegService", "for_ingress", True, False, {"for_gateway": True}, path_stays="error")
    yield edit("NegService", "for_gateway", False, True)
    yield edit(
        "NegService",
        "for_gateway",
        True,
        False,
        {"health_check": {"path": "/ready/"}},
        health_check_path_stays="error",
        requests_of_old_pods_fit="error",
    )
    yield edit("NegService", "exposed_ports[].port", None, 80)
    yield edit("NegService", "exposed_ports[].port", 80, None)
    yield edit("NegService", "exposed_ports[].name", "one", "two", {"for_ingress": False}, standalone_negs_stay="error")
    yield edit("Ingress", "namespace", "{name}", "elsewhere", objects_stay="error")
    yield edit("Ingress", "default_service", "{name}", "{name}-two", routes_keep_their_service="error")
    two = {"rules": [{"host": "two.example.com", "paths": [{"service": "{name}-two"}]}]}
    yield edit("Ingress", "default_service", "{name}", "{name}-two", two, routes_keep_their_service="error")
    # The default Service answers then, and both have had a route all along.
    yield edit("Ingress", "rules[].host", "two.example.com", "three.example.com", two)
    yield edit("Ingress", "rules[].paths[].path", "/a", "/b", two)
    yield edit(
        "Ingress",
        "rules[].paths[].path_type",
        "Prefix",
        "Exact",
        {"rules": [{"host": "two.example.com", "paths": [{"path": "/a", "service": "{name}-two"}]}]},
    )
    yield edit("Ingress", "rules[].paths[].service", "{name}-two", "{name}", two, routes_keep_their_service="error")
    yield edit("Gateway", "namespace", "{name}", "elsewhere", objects_stay="error")
    yield edit("Gateway", "hosts[]", ["a.example.com"], ["b.example.com"], routes_keep_their_service="warning")
    yield edit("Gateway", "hosts[]", ["a.example.com"], ["a.example.com", "b.example.com"])

    def route(key: str, old: Any, new: Any, more: Args | None = None, **told: str) -> Edit:
        first = {"backends": [{"service": "{name}"}], **(more or {})}
        rest = {"backends": [{"service": "{name}-two"}], "path": "/two"}
        return edit("Gateway", f"routes[].{key}", old, new, {"routes": [first, rest]}, **told)

    yield route("backends[].service", "{name}", "{name}-two", routes_keep_their_service="error")
    both = {"backends": [{"service": "{name}"}, {"service": "{name}-two", "weight": 1}]}
    yield route("backends[].weight", 9, 1, both)
    yield route("backends[].weight", 9, 0, both)
    yield route("hosts[]", ["a.example.com"], ["b.example.com"], routes_keep_their_service="warning")
    yield route("path", "/a", "/b", routes_keep_their_service="warning")
    yield route("path_type", "PathPrefix", "Exact", {"path": "/a"})
    header = {"headers": [{"name": "X-Canary", "value": "1"}]}
    yield route("headers[].name", "X-Canary", "X-Other", header, routes_keep_their_service="warning")
    yield route("headers[].value", "1", "2", header, routes_keep_their_service="warning")
    for kind in ("request_headers", "response_headers"):
        for change in ("add", "set"):
            given = {"filters": {kind: {change: [{"name": "X-A", "value": "1"}]}}}
            yield route(f"filters.{kind}.{change}[].name", "X-A", "X-B", given)
            yield route(f"filters.{kind}.{change}[].value", "1", "2", given)
        yield route(f"filters.{kind}.remove[]", ["X-A"], ["X-B"])
    yield route("filters.rewrite.host", "a.example.com", "b.example.com")
    yield route("filters.rewrite.prefix", "/a", "/b")

    def redirect(key: str, old: Any, new: Any, **more: Any) -> Edit:
        first = {"path": "/old", "filters": {"redirect": {"host": "a.example.com", **more}}}
        rest = {"backends": [{"service": "{name}"}]}
        return edit("Gateway", f"routes[].filters.redirect.{key}", old, new, {"routes": [first, rest]})

    yield redirect("host", "a.example.com", "b.example.com")
    yield redirect("path", "/a", "/b")
    yield redirect("prefix", "/a", "/b")
    yield redirect("scheme", "http", "https")
    yield redirect("status_code", 302, 301)


EDITS = tuple(
    each
    for group in (workload, around_the_pods, backend, web_service, ingress_settings, gateway_settings, parts)
    for each in group()
)


@dataclass(frozen=True)
class Update:
    """What becomes of one edit's objects."""

    told: tuple[Diagnostic, ...]
    compared: bool
    goes: frozenset[str]
    """Kinds of objects of which one is there no more."""


PROGRAM = """
    import json
    from pathlib import Path

    import gke_nodrop

    for kind, name, args in json.loads(Path(__file__).with_name("components.json").read_text()):
        getattr(gke_nodrop, kind)(name, args)
"""
NAMES = {id(each): f"e{number}" for number, each in enumerate(EDITS)}
KEEP_ALIVE = {"keep_alive_timeout_seconds": 620}


def components(edit: Edit, value: Any) -> list[tuple[str, str, Args]]:
    """What is deployed for an edit, its input having that value."""
    name = NAMES[id(edit)]
    given = json.loads(json.dumps(edit.args(value)).replace("{name}", name))
    if edit.component == "WebService":
        rollout = {**KEEP_ALIVE, **given.get("rollout", {})}
        return [("WebService", name, {"image": "web:1", **given, "rollout": rollout})]
    by_gateway = edit.component == "Gateway" or "for_gateway" in {**edit.given, edit.input: True}
    services: list[tuple[str, str, Args]] = [
        ("NegService", each, {"namespace": name, **({"for_gateway": True} if by_gateway else {})})
        for each in (name, f"{name}-two")
    ]
    check = given.get("health_check", {})
    pods: list[tuple[str, str, Args]] = [
        ("RollingDeployment", each, {"namespace": name, "image": "web:1", "rollout": KEEP_ALIVE, "health_check": check})
        for each in (name, f"{name}-two")
    ]
    routes = [{"backends": [{"service": name}], "path": "/"}]
    found: list[tuple[str, str, Args]] = [*services, ("Ingress", name, {"namespace": name, "default_service": name})]
    if by_gateway:
        found.append(("Gateway", f"{name}-front", {"namespace": name, "routes": routes}))
    found += pods
    at = next(index for index, each in enumerate(found) if each[0] == edit.component)
    kind, own, args = found[at]
    found[at] = (kind, own, {**args, **given})
    return found


@pytest.fixture(scope="session")
def updates(tmp_path_factory: pytest.TempPathFactory, export: Any) -> dict[str, Update]:
    """Both versions of all edits evaluated, and compared as `nodrop preview --against` does."""
    versions = []
    for version in ("old", "new"):
        folder = tmp_path_factory.mktemp(version)
        made = [each for edit in EDITS if not edit.refused for each in components(edit, getattr(edit, version))]
        (folder / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
        (folder / "__main__.py").write_text(textwrap.dedent(PROGRAM))
        (folder / "components.json").write_text(json.dumps(made))
        versions.append(evaluate(folder, "dev"))
    before, after = versions
    comparison = compare(after, read_state(export(before), "state.json"))
    told: dict[str, list[Diagnostic]] = {}
    for each in comparison.diagnostics:
        told.setdefault(named(str(each.object)), []).append(each)
    compared = {named(path) for path in comparison.paths}
    gone = identities(before) - identities(after)
    return {
        name: Update(
            told=tuple(told.get(name, ())),
            compared=name in compared,
            goes=frozenset(kind for kind, namespace, own in gone if named(f"{namespace}/{own}") == name),
        )
        for name in NAMES.values()
    }


def named(subject: str) -> str:
    """The edit that a path or an object belongs to."""
    found = re.search(r"\b(e\d+)\b", subject)
    assert found, subject
    return found[1]


def identities(evaluation: Evaluation) -> set[tuple[str, str, str]]:
    return {
        (each["kind"], each["metadata"].get("namespace", ""), each["metadata"]["name"])
        for each in kubernetes_objects(evaluation)
    }


def described(edit: Edit) -> str:
    return f"{edit.component} {edit.input} {edit.old} -> {edit.new}"


def leaves(group: Any, at: str = "") -> Iterator[str]:
    """Paths of all inputs of a group, `[]` standing for the items of a list."""
    for key, hint in typing.get_type_hints(group, localns={"Output": pulumi.Output, "T": Any}).items():
        yield from _inside(hint, f"{at}{key}")


def _inside(hint: Any, at: str) -> Iterator[str]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if typing.is_typeddict(hint):
        yield from leaves(hint, f"{at}.")
    elif origin is typing.NotRequired:
        yield from _inside(arguments[0], at)
    elif origin is list:
        yield from _inside(arguments[0], f"{at}[]")
    else:
        yield at


def inputs(component: str) -> set[str]:
    return set(leaves(getattr(gke_nodrop, f"{component}Args")))


OF_WEB_SERVICE = {
    "NegService": "",
    "RollingDeployment": "",
    "Ingress": "ingress.",
    "Gateway": "gateway.",
}
"""Where WebService has the inputs of a part."""


def test_every_input_has_an_edit() -> None:
    edited = {(each.component, each.input) for each in EDITS}
    wanted = {("WebService", each) for each in inputs("WebService")}
    for part, at in OF_WEB_SERVICE.items():
        wanted |= {(part, each) for each in inputs(part) if f"{at}{each}" not in inputs("WebService")}
    assert wanted - edited == set()


@pytest.mark.parametrize("edit", EDITS, ids=described)
def test_an_edit_is_harmless_or_refused_or_told_with_the_steps_to_take_instead(
    edit: Edit, updates: dict[str, Update]
) -> None:
    if edit.refused:
        [(kind, name, args)] = components(edit, edit.new)
        with pytest.raises(InputError, match=edit.refused):
            getattr(gke_nodrop, kind)(name, args)
        return
    update = updates[NAMES[id(edit)]]
    assert update.compared or edit.told
    assert {each.rule: str(each.severity) for each in update.told} == edit.told
    for each in update.told:
        assert re.search(r"; 2\. then|side by side|until no request asks", str(each.would_pass))
    if not edit.told:
        assert update.goes == edit.goes
