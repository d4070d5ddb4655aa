"""What the load balancer is programmed with for one backend service, and how long it waits for a connection to it."""

from dataclasses import dataclass

from nodrop.lab.clock import Clock
from nodrop.lab.retries import MOST_TRIES, Retries
from nodrop.rollout import HealthCheck

CONNECT_TIMEOUT_SECONDS = 5
"""Envoy's default connect_timeout; how long Google's proxies wait is not published."""
SYN_AGAIN_REAL_SECONDS = 1.1
"""Wall-clock seconds until a SYN without an answer has been sent again, and answered: Linux waits 1 s, which the lab
cannot compress. Source: include/net/tcp.h, TCP_TIMEOUT_INIT; the rest is chosen."""
SYNS_OF_A_REQUEST_REAL_SECONDS = MOST_TRIES * SYN_AGAIN_REAL_SECONDS
"""The longest that a request waits for SYNs that are sent again, one for each try."""


@dataclass(frozen=True)
class BackendService:
    """What the load balancer is programmed with for one backend service."""

    health_check: HealthCheck
    timeout_real_seconds: float
    """How long a response may take, in wall-clock seconds."""
    tls: bool = False
    """Whether requests go to it over TLS; as GKE's load balancers, Envoy verifies no certificate."""
    http2: bool = False
    """Whether requests go to it over HTTP/2."""
    grpc: bool = False
    """Whether they are calls of gRPC."""
    kept_open: bool = False
    """Whether clients keep open what they open: WebSocket connections, or responses."""
    connection_real_seconds: float | None = None
    """After which an active one of them is ended, in wall-clock seconds; None: only idle ones are, at the timeout."""
    check_service: str = ""
    """Asked for by a health check by gRPC."""
    retries: Retries = Retries.ENVOY
    drops_syns: bool = False
    """Whether nodes may drop the first SYN of a connection, which the rehearsed system sends again in time."""


def connect_timeout_real_seconds(clock: Clock, *, drops_syns: bool) -> float:
    """How long a proxy waits for a connection, in wall-clock seconds; `drops_syns` as in `BackendService`."""
    return max(clock.real_timeout(CONNECT_TIMEOUT_SECONDS), SYN_AGAIN_REAL_SECONDS if drops_syns else 0)
