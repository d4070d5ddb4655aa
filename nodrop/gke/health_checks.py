"""The two judges of a pod's health: the load balancer's health check and the kubelet's probe.

Holds their shapes, and the health checks that GKE's controllers make where no object states one. `nodrop.paths` reads
them from Kubernetes objects.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """A load balancer's health check; times in seconds, thresholds in consecutive answers."""

    path: str
    """Empty where its type asks none."""
    check_interval_seconds: int
    timeout_seconds: int
    healthy_threshold: int
    unhealthy_threshold: int
    port: int | None = None
    """Port that it asks, of the pod or the node; None: the one that requests go to."""
    type: str = "HTTP"
    """`HTTP`, `HTTPS` or `HTTP2`; of a HealthCheckPolicy also `TCP` or `GRPC`."""
    host: str | None = None
    """Host that it names in its request; None: the load balancer's own address."""

    @property
    def ejection_seconds(self) -> int:
        """Most seconds from the first failing answer to the endpoint's removal."""
        return self.unhealthy_threshold * self.check_interval_seconds + self.timeout_seconds

    @property
    def admission_seconds(self) -> int:
        """Most seconds from the first passing answer to healthy."""
        return self.healthy_threshold * self.check_interval_seconds + self.timeout_seconds


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A kubelet's HTTP probe; times in seconds, thresholds in consecutive answers."""

    path: str
    period_seconds: int
    timeout_seconds: int
    success_threshold: int
    failure_threshold: int
    initial_delay_seconds: int = 0
    termination_grace_period_seconds: int | None = None
    """What a restart by this probe gives the container; None: what the pod has."""
    asks: str = field(default="", compare=False)
    """What it asks that is no path, such as `exec cat /ready`; empty where it asks a path, or unknown."""


def asks_path(check_type: str) -> bool:
    """Whether a health check of that type asks a path. Source: Google, Compute Engine API, healthChecks."""
    return check_type not in ("TCP", "GRPC")


NEG_HEALTH_CHECK = HealthCheck(
    path="/", check_interval_seconds=15, timeout_seconds=15, healthy_threshold=1, unhealthy_threshold=2
)
"""What the controller makes for a NEG. Source: kubernetes/ingress-gce pkg/translator/healthchecks.go."""

INSTANCE_GROUP_HEALTH_CHECK = HealthCheck(
    path="/", check_interval_seconds=60, timeout_seconds=60, healthy_threshold=1, unhealthy_threshold=10
)
"""What the controller makes for an instance group. Source: kubernetes/ingress-gce pkg/translator/healthchecks.go."""

INSTANCE_GROUP_PROBE_ADDED_INTERVAL_SECONDS = 60
"""Seconds that the controller adds to a readiness probe's period for an instance group's check interval.
Source: kubernetes/ingress-gce pkg/translator/healthchecks.go."""

GATEWAY_HEALTH_CHECK = HealthCheck(
    path="/", check_interval_seconds=5, timeout_seconds=5, healthy_threshold=2, unhealthy_threshold=2
)
"""Defaults of a HealthCheckPolicy. Source: GoogleCloudPlatform/gke-gateway-api
apis/networking/v1/healthcheck_types.go."""
