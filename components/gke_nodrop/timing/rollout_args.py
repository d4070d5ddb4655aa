"""Inputs that say how the application behaves, how it is asked for its health, and which rules may be broken.

Not here: what follows from them, and the rules (`timings`).
"""

from typing import Annotated, Literal, NotRequired, TypedDict

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example, Limit
from gke_nodrop.inputs.types import PortNumber, Seconds, UrlPath
from nodrop.rollout import Mode, OnTerm

DEFAULT_REPLICAS = 2
"""One pod can be lost to an eviction or with its node."""

_MODEL = "the timing model"
_SPEC = "Kubernetes API, DeploymentSpec"
_CHECKS = "Google, Health checks overview"

CheckSeconds = Annotated[int, limits.between(1, 300, "seconds", _CHECKS), Example(5)]
CheckAnswers = Annotated[int, limits.between(1, 10, "answers", _CHECKS), Example(2)]
Reason = Annotated[
    str,
    Limit(
        holds=lambda x: len(x) <= 1000,
        rule="a reason of at most 1000 characters",
        source="chosen, so that all fit into an annotation",
    ),
    Example("websocket clients reconnect"),
]
Accept = dict[Annotated[str, Example("draining-covers-longest-request")], Reason]


ModeText = Literal["pod-readiness-feedback", "hard-coded-delay"]
"""The members of `Mode` as plain text."""

OnTermText = Literal["exit", "drain", "serve"]
"""The members of `OnTerm` as plain text."""


class BehaviourArgs(TypedDict):
    """How the application behaves. Plain numbers: they decide what is created."""

    longest_request_seconds: NotRequired[Annotated[Seconds, Example(30)]]
    """Longest request that the application serves. Default 30."""
    startup_seconds: NotRequired[Annotated[Seconds, Example(10)]]
    """Seconds from the container's start until its readiness path answers 200. Default 10."""
    keep_alive_timeout_seconds: NotRequired[Annotated[Seconds, Example(620)]]
    """Idle time after which it closes a connection; 0: it closes after every response. Servers' own defaults are mostly
    too short (uvicorn 5, Node.js 5, nginx 75): set the server to 620, and say so here."""
    on_term: NotRequired[Annotated[OnTerm | OnTermText, Example(OnTerm.DRAIN)]]
    """What it does on SIGTERM. Default drain."""


class WishArgs(BehaviourArgs):
    """What else the owner knows, and wishes, of a rollout."""

    zones: NotRequired[Annotated[int, limits.at_least(1, "zones", _MODEL), Example(3)]]
    """Zones that the nodes lie in. Where a rollout could leave one of them without an endpoint, each new pod waits a
    minute. Default: those of the cluster whose `kubernetes_provider` the options have; else unknown, not judged."""
    start_delay_seconds: NotRequired[Annotated[Seconds, Example(0)]]
    """Seconds from a pod's creation to its container's start: scheduling, a new node, pulling the image. Default 0."""
    rolled_out_within_seconds: NotRequired[Annotated[float, limits.at_least(1, "seconds", _MODEL), Example(600)]]
    """Longest duration of a rollout; decides how many pods are added at a time. Default: none, one pod at a time."""


class RolloutArgs(WishArgs):
    """How the application behaves, and timings in place of those that the solver finds."""

    mode: NotRequired[Mode | ModeText]
    """How a rollout waits for the load balancer. Default pod-readiness-feedback."""
    max_surge: NotRequired[
        Annotated[
            int,
            limits.at_least(1, "pods", "Kubernetes API, RollingUpdateDeployment, with maxUnavailable 0"),
            Example(1),
        ]
    ]
    """Pods added during a rollout. Default: the fewest for `rolled_out_within_seconds`, or 1: a version that the load
    balancer finds unhealthy costs one pod."""
    pre_stop_seconds: NotRequired[
        Annotated[int, limits.at_least(0, "seconds", "Kubernetes API, SleepAction"), Example(60)]
    ]
    """preStop sleep. Default: what the solver finds, at least 60."""
    termination_grace_period_seconds: NotRequired[
        Annotated[int, limits.at_least(1, "seconds", "Kubernetes API, PodSpec"), Example(95)]
    ]
    """Default: preStop, also a stated one, the longest request and a margin; with on_term exit without the request."""
    min_ready_seconds: NotRequired[Annotated[int, limits.at_least(0, "seconds", _SPEC), Example(0)]]
    """Default 0; 60 in the mode hard-coded-delay, and where pods are too few for their zones."""
    progress_deadline_seconds: NotRequired[Annotated[int, limits.at_least(1, "seconds", _SPEC), Example(599)]]
    """Default 599: the readiness gate opens by itself at 600. With hard-coded-delay longer where a start takes longer,
    `min_ready_seconds` included."""
    backend_timeout_seconds: NotRequired[
        Annotated[int, limits.at_least(1, "seconds", "Google, Backend services overview"), Example(35)]
    ]
    """How long the load balancer waits for an answer. Default: the longest request and a margin."""
    draining_timeout_seconds: NotRequired[
        Annotated[int, limits.between(0, 3600, "seconds", "Google, Enabling connection draining"), Example(30)]
    ]
    """How long requests in flight may go on after an endpoint's removal. Default: the longest request."""


class HealthCheckArgs(TypedDict):
    """The load balancer's health check; the readiness probe asks the same path."""

    path: NotRequired[UrlPath]
    """Answers exactly 200 while the pod can serve. Default /."""
    check_interval_seconds: NotRequired[CheckSeconds]
    """Default 5."""
    timeout_seconds: NotRequired[CheckSeconds]
    """Default 5."""
    healthy_threshold: NotRequired[CheckAnswers]
    """Passing answers until healthy. Default 2."""
    unhealthy_threshold: NotRequired[CheckAnswers]
    """Failing answers until unhealthy. Default 2."""
    liveness_path: NotRequired[Annotated[UrlPath, Example("/live/")]]
    """Path whose failure restarts the container. Default: none, the port must only accept connections. Do not give the
    readiness path: what makes a pod unready for a while, such as a database, would restart it."""
    port: NotRequired[Annotated[PortNumber, Example(8081)]]
    """Another port of the container, which answers the paths above in plain HTTP; a gRPC server needs one. Default: the
    serving port answers them."""
