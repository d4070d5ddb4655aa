"""Inputs that say how the application behaves, how it is asked for its health, and which rules may be broken.

Their shapes and limits, with examples that pass. Not here: what follows from them, and the rules (`timings`).
"""

from typing import NotRequired, TypedDict

from gke_nodrop import limits
from gke_nodrop.inputs import Limit
from nodrop.rollout import Mode, OnTerm

DEFAULT_LONGEST_REQUEST_SECONDS = 30
"""The longest answer a load balancer waits for unless told otherwise. Source: Google, Backend services overview."""

DEFAULT_STARTUP_SECONDS = 10
"""Source: chosen; a slower start is called stuck only after ten minutes."""


class BehaviourArgs(TypedDict):
    """How the application behaves. Plain numbers: they decide what is created."""

    longest_request_seconds: NotRequired[float]
    """Longest request that the application serves. Default 30."""
    startup_seconds: NotRequired[float]
    """From the container's start until its readiness path answers 200. Default 10."""
    keep_alive_timeout_seconds: NotRequired[float]
    """Idle time after which it closes a connection; 0: it closes after every response. Servers' own defaults are mostly
    too short (uvicorn 5, Node.js 5, nginx 75): set the server to 620, and say so here."""
    on_term: NotRequired[OnTerm]
    """What it does on SIGTERM. Default drain."""


class WishArgs(BehaviourArgs):
    """What else the owner knows, and wishes, of a rollout."""

    zones: NotRequired[int]
    """Zones that the nodes lie in. Where a rollout could leave one of them without an endpoint, each new pod waits a
    minute. Default: unknown, not judged."""
    start_delay_seconds: NotRequired[float]
    """From a pod's creation to its container's start: scheduling, a new node, the image's pull. Default 0."""
    rolled_out_within_seconds: NotRequired[float]
    """Longest duration of a rollout; decides how many pods are added at a time. Default: none, one pod at a time."""


class RolloutArgs(WishArgs):
    """How the application behaves, and what to decide otherwise than the solver does."""

    mode: NotRequired[Mode]
    """How a rollout waits for the load balancer. Default pod-readiness-feedback."""
    max_surge: NotRequired[int]
    """Pods added during a rollout. Default: the fewest for `rolled_out_within_seconds`, or 1: a version that the load
    balancer finds unhealthy costs one pod."""
    pre_stop_seconds: NotRequired[int]
    """preStop sleep. Default: what the solver finds, 60 at least."""
    termination_grace_period_seconds: NotRequired[int]
    """Default: preStop, the longest request and a margin."""
    min_ready_seconds: NotRequired[int]
    """Default 0; 60 in the mode hard-coded-delay, and where pods are too few for their zones."""
    progress_deadline_seconds: NotRequired[int]
    """Default 599: the readiness gate opens by itself at 600. More only for a slow start with hard-coded-delay."""
    backend_timeout_seconds: NotRequired[int]
    """How long the load balancer waits for an answer. Default: the longest request and a margin."""
    draining_timeout_seconds: NotRequired[int]
    """How long requests in flight may go on after an endpoint's removal. Default: the longest request."""


class HealthCheckArgs(TypedDict):
    """The load balancer's health check; the readiness probe asks the same path."""

    path: NotRequired[str]
    """Answers exactly 200 while the pod can serve. Default /."""
    check_interval_seconds: NotRequired[int]
    """Default 5."""
    timeout_seconds: NotRequired[int]
    """Default 5."""
    healthy_threshold: NotRequired[int]
    """Passing answers until healthy. Default 2."""
    unhealthy_threshold: NotRequired[int]
    """Failing answers until unhealthy. Default 2."""
    liveness_path: NotRequired[str]
    """Path whose failure restarts the container. Default: none, the port must only accept connections. The readiness
    path is no good here: what makes a pod unready for a while, a database say, would restart it."""
    port: NotRequired[int]
    """Another port of the container, which answers the paths above in plain HTTP; a gRPC server needs one. Default: the
    serving port answers them."""


BEHAVIOUR_EXAMPLE: BehaviourArgs = {
    "longest_request_seconds": 30,
    "startup_seconds": 10,
    "keep_alive_timeout_seconds": 620,
    "on_term": OnTerm.DRAIN,
}
ROLLOUT_EXAMPLE: RolloutArgs = {
    **BEHAVIOUR_EXAMPLE,
    "zones": 3,
    "start_delay_seconds": 0,
    "rolled_out_within_seconds": 600,
    "mode": Mode.POD_READINESS_FEEDBACK,
    "max_surge": 1,
    "pre_stop_seconds": 60,
    "termination_grace_period_seconds": 95,
    "min_ready_seconds": 0,
    "progress_deadline_seconds": 599,
    "backend_timeout_seconds": 35,
    "draining_timeout_seconds": 30,
}
HEALTH_CHECK_EXAMPLE: HealthCheckArgs = {
    "path": "/ready/",
    "check_interval_seconds": 5,
    "timeout_seconds": 5,
    "healthy_threshold": 2,
    "unhealthy_threshold": 2,
    "liveness_path": "/live/",
    "port": 8081,
}
ACCEPT_EXAMPLE = {"draining-covers-longest-request": "websocket clients reconnect"}
_SECONDS = limits.at_least(0, "seconds", "the timing model")
BEHAVIOUR_LIMITS = {
    "rollout.longest_request_seconds": _SECONDS,
    "rollout.startup_seconds": _SECONDS,
    "rollout.keep_alive_timeout_seconds": _SECONDS,
}
ROLLOUT_LIMITS = BEHAVIOUR_LIMITS | {
    "rollout.zones": limits.at_least(1, "zones", "the timing model"),
    "rollout.start_delay_seconds": _SECONDS,
    "rollout.rolled_out_within_seconds": limits.at_least(1, "seconds", "the timing model"),
    "rollout.max_surge": limits.at_least(1, "pods", "Kubernetes API, RollingUpdateDeployment, with maxUnavailable 0"),
    "rollout.pre_stop_seconds": limits.at_least(0, "seconds", "Kubernetes API, SleepAction"),
    "rollout.termination_grace_period_seconds": limits.at_least(1, "seconds", "Kubernetes API, PodSpec"),
    "rollout.min_ready_seconds": limits.at_least(0, "seconds", "Kubernetes API, DeploymentSpec"),
    "rollout.progress_deadline_seconds": limits.at_least(1, "seconds", "Kubernetes API, DeploymentSpec"),
    "rollout.backend_timeout_seconds": limits.at_least(1, "seconds", "Google, Backend services overview"),
    "rollout.draining_timeout_seconds": limits.between(0, 3600, "seconds", "Google, Enabling connection draining"),
}
HEALTH_CHECK_LIMITS = {
    "health_check.path": limits.URL_PATH,
    "health_check.liveness_path": limits.URL_PATH,
    "health_check.port": limits.PORT,
    "health_check.check_interval_seconds": limits.between(1, 300, "seconds", limits.GOOGLE_HEALTH_CHECKS),
    "health_check.timeout_seconds": limits.between(1, 300, "seconds", limits.GOOGLE_HEALTH_CHECKS),
    "health_check.healthy_threshold": limits.between(1, 10, "answers", limits.GOOGLE_HEALTH_CHECKS),
    "health_check.unhealthy_threshold": limits.between(1, 10, "answers", limits.GOOGLE_HEALTH_CHECKS),
}
ACCEPT_LIMITS = {
    "accept{value}": Limit(
        holds=lambda x: len(x) <= 1000,
        rule="a reason of at most 1000 characters",
        source="chosen, so that all fit into an annotation",
    ),
}
