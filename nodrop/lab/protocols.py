"""What load balancer, pods and clients speak, from what a path's objects say. Pure."""

from enum import StrEnum

from nodrop.lab.retries import Retries, retries_of
from nodrop.paths import ServingPath
from nodrop.paths.containers import PROBES, containers_of
from nodrop.paths.fields import whole

GRPC_CHECK = "GRPC"


class Requests(StrEnum):
    """What clients send."""

    HTTP = "http"
    """GETs and POSTs."""
    GRPC = "grpc"
    """Calls of gRPC's own health service, which a server of any kind may offer."""
    WEBSOCKET = "websocket"
    """WebSocket connections that clients keep open."""
    STREAM = "stream"
    """Responses of many events, such as server-sent events, that clients keep open."""

    @property
    def kept_open(self) -> bool:
        """Whether clients keep what they have opened, and what is counted are openings and ends."""
        return self in (Requests.WEBSOCKET, Requests.STREAM)


def requests_of(path: ServingPath, stated: Requests | None = None) -> Requests:
    """What is stated, else calls of gRPC where the pods speak HTTP/2 and a probe or the health check asks by gRPC."""
    if stated is not None:
        return stated
    return Requests.GRPC if backend_speaks_http2(path) and _asked_by_grpc(path) else Requests.HTTP


def backend_speaks_http2(path: ServingPath) -> bool:
    """Whether the load balancer sends requests to the pods over HTTP/2."""
    return (path.protocol or "").startswith("HTTP2")


def backend_speaks_tls(path: ServingPath) -> bool:
    """Whether the load balancer sends requests to the pods over TLS."""
    return path.protocol in ("HTTPS", "HTTP2")


def stand_in_speaks_http2(path: ServingPath) -> bool:
    """Whether anybody asks a container over HTTP/2: the load balancer, its health check, or a probe by gRPC."""
    return backend_speaks_http2(path) or path.health_check.type == "HTTP2" or _asked_by_grpc(path)


def websockets_end_at_timeout(path: ServingPath) -> bool:
    """Whether the backend timeout ends a WebSocket connection, active or not: classic load balancers do that.

    The others end only idle ones then, and all after 24 h. Source: Google, External Application Load Balancer request
    distribution, backend service timeout.
    """
    return retries_of(path) is Retries.CLASSIC


def connections_end_at_timeout(path: ServingPath, requests: Requests) -> bool:
    """Whether the backend timeout ends what clients keep open; it bounds every response, however many parts it has."""
    return requests is Requests.STREAM or (requests is Requests.WEBSOCKET and websockets_end_at_timeout(path))


def check_service(path: ServingPath) -> str:
    """Name of the service that a health check by gRPC asks for; empty: the server as a whole."""
    config = whole(path.health_check_policy or {})["spec"]["default"]["config"]
    return config["grpcHealthCheck"]["grpcServiceName"].text() or ""


def _asked_by_grpc(path: ServingPath) -> bool:
    return path.health_check.type == GRPC_CHECK or any(
        container[probe]["grpc"].value is not None for container in containers_of(path.pod) for probe in PROBES
    )
