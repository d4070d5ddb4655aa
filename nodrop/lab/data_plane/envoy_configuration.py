"""What the load balancer's Envoy is configured with: each proxy a listener, a route table and a cluster. Pure.

Each proxy has its own endpoints (EDS from a file), health checks, connections and source address.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nodrop.lab.clock import Clock
from nodrop.lab.controllers.load_balancer import NetworkEndpoint
from nodrop.lab.data_plane.backend_service import BackendService, connect_timeout_real_seconds
from nodrop.lab.data_plane.first_checks import Address
from nodrop.lab.data_plane.topology import LOAD_BALANCER_ADDRESS, proxy_address
from nodrop.lab.protocols import GRPC_CHECK
from nodrop.rollout import HealthCheck
from nodrop.rollout.facts import BACKEND_KEEP_ALIVE_SECONDS

FIRST_PORT = 8001
UPSTREAM_HEADER = "x-nodrop-upstream"
"""Response header in which a proxy says which endpoint answered, as address:port."""
ATTEMPTS_HEADER = "x-envoy-attempt-count"
"""Response header in which a proxy says how often it has sent the request."""

_BACK_OFF_SECONDS = 0.025
"""Envoy's default base_interval of a retry."""

LATENCY_PATH = "/.nodrop/latency"
"""A proxy answers it itself: how late it does tells how long it waits for the machine."""
_LATENCY_ROUTE = {"match": {"path": LATENCY_PATH}, "direct_response": {"status": 200}}
_LOCAL_REPLY = "%RESPONSE_FLAGS%"
"""Body of a response that the proxy made itself: why, as Envoy's response flags."""


@dataclass(frozen=True)
class Configuration:
    """Of one Envoy that carries `proxies` proxies for one backend service, with its files in `folder`."""

    clock: Clock
    folder: Path
    backend: BackendService
    proxies: int

    def bootstrap(self) -> dict[str, Any]:
        """Of the whole process."""
        return {
            "node": {"id": "load-balancer", "cluster": "lab"},
            "admin": {"address": {"pipe": {"path": str(self.folder / "admin")}}},
            "stats_config": _NO_STATS,
            # of which share of the GETs a proxy may send again (retry_key), set while it runs
            "layered_runtime": {"layers": [{"name": "admin", "admin_layer": {}}]},
            "static_resources": {
                "listeners": [self._listener(proxy) for proxy in range(self.proxies)],
                "clusters": [self._cluster(proxy) for proxy in range(self.proxies)],
            },
        }

    def assignment(
        self, proxy: int, known: Iterable[NetworkEndpoint], held: Collection[Address] = ()
    ) -> dict[str, Any]:
        """The endpoints that one proxy knows; it checks those that are `held` as well, and sends them nothing."""
        return {
            "@type": "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
            "cluster_name": cluster_name(proxy),
            "endpoints": [{"lb_endpoints": [self._lb_endpoint(each, held) for each in sorted(known)]}],
        }

    def endpoints_file(self, proxy: int) -> Path:
        """The file that a proxy watches for its endpoints."""
        return self.folder / f"endpoints-{proxy}.json"

    def _listener(self, proxy: int) -> dict[str, Any]:
        virtual_host = {
            "name": "all",
            "domains": ["*"],
            "routes": [_LATENCY_ROUTE, self._retried_route(proxy), self._route(proxy)],
            "include_attempt_count_in_response": True,
        }
        manager = {
            "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3"
            ".HttpConnectionManager",
            "stat_prefix": cluster_name(proxy),
            "generate_request_id": False,
            "local_reply_config": {"body_format": {"text_format_source": {"inline_string": _LOCAL_REPLY}}},
            "route_config": {"virtual_hosts": [virtual_host]},
            **(_KEPT_OPEN if self.backend.kept_open else {}),
            "http_filters": [*([_GRPC_FILTER] if self.backend.grpc else []), _ROUTER_FILTER],
        }
        return {
            "name": cluster_name(proxy),
            "address": _socket_address(LOAD_BALANCER_ADDRESS, FIRST_PORT + proxy),
            "filter_chains": [
                {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
            ],
        }

    def _route(self, proxy: int) -> dict[str, Any]:
        timeout, ends = f"{self.backend.timeout_real_seconds:.6f}s", self.backend.connection_real_seconds
        action: dict[str, Any] = {"cluster": cluster_name(proxy), "timeout": timeout}
        if self.backend.kept_open:
            action["idle_timeout"] = timeout
        if ends is not None:
            action["max_stream_duration"] = {"max_stream_duration": f"{ends:.6f}s"}
        return {
            "match": {"prefix": "/"},
            "route": action,
            "response_headers_to_add": [
                {"header": {"key": UPSTREAM_HEADER, "value": "%UPSTREAM_REMOTE_ADDRESS%"}},
            ],
        }

    def _retried_route(self, proxy: int) -> dict[str, Any]:
        """That of a GET while the proxy may send it again."""
        route = self._route(proxy)
        every = {"default_value": {"numerator": 100}, "runtime_key": retry_key(cluster_name(proxy))}
        is_get = {"name": ":method", "string_match": {"exact": "GET"}}
        once = {
            "num_retries": 1,
            "retry_on": self.backend.retries.envoy_conditions,
            "retry_back_off": {"base_interval": self._duration(_BACK_OFF_SECONDS)},
        }
        return {
            **route,
            "match": {**route["match"], "headers": [is_get], "runtime_fraction": every},
            "route": {**route["route"], "retry_policy": once},
        }

    def _cluster(self, proxy: int) -> dict[str, Any]:
        return {
            "name": cluster_name(proxy),
            "type": "EDS",
            "eds_cluster_config": {
                "eds_config": {
                    "resource_api_version": "V3",
                    "path_config_source": {"path": str(self.endpoints_file(proxy))},
                }
            },
            "circuit_breakers": {"thresholds": [_NO_LIMITS]},
            "transport_socket_matches": _transport_sockets("h2" if self.backend.http2 else "http/1.1"),
            "connect_timeout": f"{connect_timeout_real_seconds(self.clock, drops_syns=self.backend.drops_syns):.6f}s",
            "upstream_bind_config": {
                "source_address": {"address": proxy_address(proxy), "port_value": 0},
            },
            "typed_extension_protocol_options": {
                "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                    "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                    "common_http_protocol_options": {"idle_timeout": self._duration(BACKEND_KEEP_ALIVE_SECONDS)},
                    "explicit_http_config": {
                        "http2_protocol_options" if self.backend.http2 else "http_protocol_options": {}
                    },
                }
            },
            "common_lb_config": {
                # every endpoint unhealthy: the request fails, it is not sent to an unhealthy one
                "healthy_panic_threshold": {"value": 0},
                # before its first check an endpoint is told apart from one whose check failed
                "ignore_new_hosts_until_first_hc": True,
                # health changes reach the worker at once; by default Envoy gathers them for a second, not compressed
                "update_merge_window": "0s",
            },
            # an endpoint that left its NEG is forgotten, whatever its health
            "ignore_health_on_host_removal": True,
            "health_checks": [self._health_check()],
        }

    def _health_check(self) -> dict[str, Any]:
        check = self.backend.health_check
        interval = self._duration(check.check_interval_seconds)
        return {
            "interval": interval,
            "no_traffic_interval": interval,
            "timeout": self._timeout(check.timeout_seconds),
            "healthy_threshold": check.healthy_threshold,
            "unhealthy_threshold": check.unhealthy_threshold,
            # a probe that reused its connection would stay pinned to one pod behind a NodePort
            "reuse_connection": False,
            "transport_socket_match_criteria": _transport(check.type in ("HTTPS", "HTTP2")),
            "tls_options": {"alpn_protocols": ["h2" if check.type == "HTTP2" else "http/1.1"]},
            **_question(check, self.backend.check_service),
        }

    def _lb_endpoint(self, endpoint: NetworkEndpoint, held: Collection[Address]) -> dict[str, Any]:
        asked = self.backend.health_check.port
        described = {"address": _socket_address(endpoint.address, endpoint.port)}
        return {
            "endpoint": described | ({} if asked is None else {"health_check_config": {"port_value": asked}}),
            "health_status": "UNHEALTHY" if (endpoint.address, endpoint.port) in held else "UNKNOWN",
            "metadata": {"filter_metadata": {"envoy.transport_socket_match": _transport(self.backend.tls)}},
        }

    def _duration(self, seconds: float) -> str:
        return f"{self.clock.real(seconds):.6f}s"

    def _timeout(self, seconds: float) -> str:
        return f"{self.clock.real_timeout(seconds):.6f}s"


def cluster_name(proxy: int) -> str:
    """By which Envoy tells the proxies apart."""
    return f"proxy-{proxy}"


def retry_key(cluster: str) -> str:
    """Of the runtime value that says of how many GETs in 100 a proxy may retry."""
    return f"retries.{cluster}"


def _socket_address(address: str, port: int) -> dict[str, Any]:
    return {"socket_address": {"address": address, "port_value": port}}


def _transport(tls: bool) -> dict[str, str]:
    """By which a transport socket of the cluster is chosen."""
    return {"tls": "yes" if tls else "no"}


_NO_LIMITS = dict.fromkeys(("max_connections", "max_pending_requests", "max_requests", "max_retries"), 2**32 - 1)
"""By default Envoy answers 503 itself beyond 1,024 requests of a cluster at a time, and retries no more than 3;
Google's load balancers have no such limits unless they are configured."""

_NO_STATS = {"stats_matcher": {"reject_all": True}}
"""Nobody reads what Envoy counts, the router's `dynamic_stats` among it, or its request ids, which took a tenth of its
time: at 5,000 requests/s 0.67 of a processor with them, 0.60 without (measured)."""

_EXTENSIONS = "type.googleapis.com/envoy.extensions.transport_sockets"
_FILTERS = "type.googleapis.com/envoy.extensions.filters.http"
_ROUTER_FILTER = {
    "name": "envoy.filters.http.router",
    "typed_config": {"@type": f"{_FILTERS}.router.v3.Router", "dynamic_stats": False},
}
_KEPT_OPEN = {
    "upgrade_configs": [{"upgrade_type": "websocket"}],
    # the end of a connection reaches the client at once; by default Envoy keeps it for a second, not compressed
    "delayed_close_timeout": "0s",
}
_GRPC_FILTER = {
    "name": "envoy.filters.http.grpc_http1_bridge",
    "typed_config": {"@type": f"{_FILTERS}.grpc_http1_bridge.v3.Config"},
}
"""Gives the lab's clients, who speak HTTP/1.1, the trailers of gRPC as headers."""


def _transport_sockets(protocol: str) -> list[dict[str, Any]]:
    """For TLS, where `protocol` is offered (ALPN), and in clear."""
    return [
        {
            "name": "tls",
            "match": _transport(True),
            "transport_socket": {
                "name": "envoy.transport_sockets.tls",
                "typed_config": {
                    "@type": f"{_EXTENSIONS}.tls.v3.UpstreamTlsContext",
                    "common_tls_context": {"alpn_protocols": [protocol]},
                },
            },
        },
        {
            "name": "clear",
            "match": _transport(False),
            "transport_socket": {
                "name": "envoy.transport_sockets.raw_buffer",
                "typed_config": {"@type": f"{_EXTENSIONS}.raw_buffer.v3.RawBuffer"},
            },
        },
    ]


def _question(check: HealthCheck, service: str) -> dict[str, Any]:
    """What the health check asks, and which answer passes."""
    if check.type == "TCP":
        return {"tcp_health_check": {}}
    if check.type == GRPC_CHECK:
        return {"grpc_health_check": {"service_name": service}}
    return {
        "http_health_check": {
            "host": check.host or LOAD_BALANCER_ADDRESS,
            "path": check.path,
            "codec_client_type": "HTTP2" if check.type == "HTTP2" else "HTTP1",
            "expected_statuses": [{"start": 200, "end": 201}],
            # without this, Envoy takes the first other answer for the verdict and skips unhealthy_threshold
            "retriable_statuses": [{"start": 100, "end": 200}, {"start": 201, "end": 600}],
        }
    }
