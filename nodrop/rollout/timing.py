"""One rollout as plain values: everything that decides whether it drops a request.

A `Rollout` says nothing about where its values come from (a component's inputs, a manifest) and judges nothing; that
is what `rules` is for. What surrounds the Deployment is in `placement` and `wiring`; where that is None, nobody has
said, and the rules that need it are silent.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from nodrop.gke.health_checks import HealthCheck, Probe
from nodrop.rollout.behaviour import Behaviour, OnTerm
from nodrop.rollout.facts import (
    ATTACH_SECONDS,
    PRE_STOP_EXTENSION_SECONDS,
    PRE_STOP_FLOOR_SECONDS,
    PRE_STOP_RECOMMENDED_SECONDS,
    PROXY_LAST_REQUEST_SECONDS,
)
from nodrop.rollout.placement import Placement
from nodrop.rollout.wiring import Wiring


class Mode(StrEnum):
    """How a rollout waits until the load balancer sends requests to a new pod.

    Source: Google, Container-native load balancing through Ingress.
    """

    POD_READINESS_FEEDBACK = "pod-readiness-feedback"
    """A readiness gate holds each new pod until the load balancer finds it healthy."""
    HARD_CODED_DELAY = "hard-coded-delay"
    """minReadySeconds waits long enough, whatever the gate says."""


class AppProtocol(StrEnum):
    """What the load balancer speaks to the pods; the values of the annotation `cloud.google.com/app-protocols`."""

    HTTP = "HTTP"
    HTTPS = "HTTPS"
    HTTP2 = "HTTP2"
    """Also gRPC. The server announces the end of a connection (GOAWAY), so no request meets a closed one."""


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """Everything that governs one rollout; times in seconds."""

    kind: str = "Deployment"
    """Kind of the workload; what is not a Deployment is not judged."""
    mode: Mode
    replicas: int
    """Where an autoscaler decides, its least number."""
    max_replicas: int | None = None
    """The autoscaler's greatest number; None: there is none, and `replicas` pods run."""
    strategy: str
    """Deployment.spec.strategy.type: `RollingUpdate` or `Recreate`."""
    max_surge: int
    """Pods, percentages resolved."""
    max_unavailable: int
    """Pods, percentages resolved."""
    max_surge_scaled: int | None = None
    """The same of a percentage at the autoscaler's greatest number; None: no other than at its least."""
    max_unavailable_scaled: int | None = None
    """As `max_surge_scaled`."""
    min_ready_seconds: int
    progress_deadline_seconds: int
    pre_stop_seconds: int
    """0: no preStop hook."""
    containers_that_stop_early: tuple[str, ...] = ()
    """Names of the pod's ordinary containers without preStop, or with a shorter one, that requests need; and of such
    native sidecars, which get TERM last, that their own preStop ends before."""
    other_containers_that_stop_early: tuple[str, ...] = ()
    """The same of those of which nobody knows whether requests need them."""
    containers_without_memory: tuple[str, ...] = ()
    """Names of those whose memory limit holds no process."""
    containers_without_command: tuple[str, ...] = ()
    """Names of those whose preStop runs a command that their image does not have."""
    failing_pre_stops: tuple[tuple[str, str], ...] = ()
    """Names of those whose preStop fails at once in any image, each with why."""
    pre_stop_ended_by: str = ""
    """The command of a preStop, such as `nginx -s quit`, that tells the application to end before sleeps have ended:
    the rest of that preStop, or, of a native sidecar, the ordinary containers'."""
    termination_grace_period_seconds: int
    pre_stop_floor_seconds: int = PRE_STOP_FLOOR_SECONDS
    """The shortest preStop that is not an error; for load balancers slower or faster than the measured one."""
    native_sidecars: tuple[str, ...] = ()
    """Names of the init containers that restart always."""
    pre_stop_is_sleep_action: bool = True
    """Whether the kubelet itself sleeps (`sleep`), and no command in the container (`exec`)."""
    longest_request_seconds: float
    longest_request_is_stated: bool = True
    """Whether anybody states it; else it is assumed."""
    startup_seconds: float
    """From the container's start until its readiness endpoint answers 200."""
    start_delay_seconds: float = 0
    """From the pod's creation to the container's start: scheduling, a new node, the image's pull."""
    keep_alive_timeout_seconds: float
    """Idle time after which the application closes a connection; 0: it closes after every response."""
    headers_timeout_seconds: float | None = None
    """Node.js: `server.headersTimeout`; None: the server has no such limit."""
    protocol: AppProtocol = AppProtocol.HTTP
    on_term: OnTerm
    backend_timeout_seconds: int
    draining_timeout_seconds: int
    """The longest of all backend services that share the NEG."""
    health_check: HealthCheck
    health_check_is_explicit: bool = True
    """Whether BackendConfig or HealthCheckPolicy states what it asks; else the controller infers it, once."""
    health_check_copies_probe: bool = True
    """Whether the controller infers interval and timeout from the readiness probe, where nothing states the check."""
    health_check_status: int | None = None
    """Status that the application answers at the health check's path while it can serve; None: not known."""
    readiness_probe: Probe | None
    readiness_depends_on: tuple[str, ...] = ()
    """What the readiness endpoint asks that all pods share, such as a database."""
    startup_probe: Probe | None = None
    liveness_probe: Probe | None = None
    """Its path is empty where it only connects."""
    probe_hosts_of_the_node: tuple[tuple[str, str], ...] = ()
    """Fields in which probes and postStart hooks name a loopback address, which is the node's, each with the address;
    none where the pods share the node's network."""
    probes_without_port: tuple[str, ...] = ()
    """Which of readiness_probe, liveness_probe and startup_probe ask a port that is not there."""
    readiness_gate: bool
    """Whether the pod template declares it. Where it does not, GKE adds it to each new pod of a load-balanced Service.
    Source: Google, Container-native load balancing through Ingress."""
    placement: Placement | None = None
    wiring: Wiring | None = None

    @property
    def behaviour(self) -> Behaviour:
        """How the application behaves."""
        return Behaviour(
            longest_request_seconds=self.longest_request_seconds,
            startup_seconds=self.startup_seconds,
            keep_alive_timeout_seconds=self.keep_alive_timeout_seconds,
            on_term=self.on_term,
        )

    @property
    def replicas_at_most(self) -> int:
        """Pods that may have to be replaced: the autoscaler's greatest number where there is one."""
        return max(self.replicas, self.max_replicas or 0)

    @property
    def max_surge_at_most(self) -> int:
        """Pods that a rollout may add at its greatest number of replicas."""
        return max(self.max_surge, self.max_surge_scaled or 0)

    @property
    def max_unavailable_at_most(self) -> int:
        """Pods that may be unavailable in a rollout at its greatest number of replicas."""
        return max(self.max_unavailable, self.max_unavailable_scaled or 0)

    @property
    def term_seconds(self) -> int:
        """From a pod's deletion to TERM: preStop, as far as the grace period lets it run."""
        return min(self.pre_stop_seconds, self.termination_grace_period_seconds)

    @property
    def kill_seconds(self) -> int:
        """From a pod's deletion to KILL: the grace period, and some more where preStop leaves too little of it."""
        return max(self.termination_grace_period_seconds, self.term_seconds + PRE_STOP_EXTENSION_SECONDS)

    @property
    def liveness_restart_seconds(self) -> int | None:
        """From a hanging container's first failed liveness probe to TERM at least; None: no liveness probe.

        preStop runs before TERM, as far as the grace period lets it, which the probe may state for itself.
        Source: kubernetes.io, Container Lifecycle Hooks.
        """
        probe = self.liveness_probe
        if probe is None:
            return None
        own = probe.termination_grace_period_seconds
        grace = self.termination_grace_period_seconds if own is None else own
        return probe.failure_threshold * probe.period_seconds + min(self.pre_stop_seconds, grace)

    @property
    def seconds_to_available(self) -> float:
        """Most seconds from a pod's creation until the Deployment counts it as available.

        The way to the container's start, start-up, the probes that notice it, the load balancer's verdict (as measured,
        or the health check's own time where that is longer), then minReadySeconds. The verdict counts without a
        declared gate too, as GKE adds one.
        """
        seconds = self.startup_seconds
        readiness, startup = self.readiness_probe, self.startup_probe
        if readiness is not None:
            passes = readiness.period_seconds * readiness.success_threshold
            seconds = max(seconds, readiness.initial_delay_seconds) + passes
        if startup is not None:  # once it has passed, readiness is asked at once
            later = readiness.period_seconds * (readiness.success_threshold - 1) if readiness else 0
            noticed = max(self.startup_seconds, startup.initial_delay_seconds) + startup.period_seconds
            seconds = max(seconds, noticed + later)
        verdict = max(ATTACH_SECONDS[1], self.health_check.admission_seconds)
        return self.start_delay_seconds + seconds + verdict + self.min_ready_seconds

    @property
    def seconds_to_ready(self) -> float:
        """The same until the pod is ready, as disruption budgets count it."""
        return self.seconds_to_available - self.min_ready_seconds

    @property
    def least_seconds_to_available(self) -> float:
        """Least seconds from a pod's creation until the Deployment counts it as available.

        A NEG holds unready pods too, so the quickest verdict measured may come while the pod still starts; none is
        waited for where the backends are no NEGs. A probe may notice at once, and the API's timestamps hold whole
        seconds, so minReadySeconds may end one early.
        """
        probes = [each for each in (self.startup_probe, self.readiness_probe) if each is not None]
        seconds = max([self.startup_seconds, *(each.initial_delay_seconds for each in probes)])
        if self.wiring is None or self.wiring.container_native:
            seconds = max(seconds, ATTACH_SECONDS[0])
        return self.start_delay_seconds + seconds + max(0, self.min_ready_seconds - 1)


def peak_pods(rollout: Rollout) -> int:
    """Most pods at any moment of a rollout at its greatest number of replicas, terminating ones included.

    Upper bound, and reached where all pods take the least time and none may be unavailable. The Deployment counts
    replicas + maxSurge pods and no terminating ones; in any half-open span of the least time to available it deletes at
    most maxSurge + maxUnavailable pods, each of which may stay for its grace period; and there are no more pods than
    all old and all new ones. What an autoscaler or a second change adds meanwhile is not in it.
    """
    replicas = rollout.replicas_at_most
    if rollout.strategy != "RollingUpdate":
        return replicas
    wait = rollout.least_seconds_to_available
    waves = ceil(rollout.kill_seconds / wait) if wait > 0 else replicas
    surge = rollout.max_surge_at_most
    at_a_time = max(1, surge + rollout.max_unavailable_at_most)
    return replicas + min(replicas, surge + at_a_time * waves)


def serves_until_kill(mode: Mode, on_term: OnTerm) -> bool:
    """Whether a pod may do without preStop: only in the mode whose guide has none, and only if TERM stops nothing."""
    return mode is Mode.HARD_CODED_DELAY and on_term is OnTerm.SERVE


def recommended_arrivals_seconds(draining_timeout_seconds: float) -> int:
    """Seconds after its deletion for which a pod should expect new requests, the recommended margin included.

    That draining load balancer proxies may carry new requests until their draining ends is not verified.
    """
    return max(PRE_STOP_RECOMMENDED_SECONDS, ceil(PROXY_LAST_REQUEST_SECONDS + draining_timeout_seconds))


def resolve_surge_and_unavailable(max_surge: int | str, max_unavailable: int | str, replicas: int) -> tuple[int, int]:
    """Pods that a rolling update may add, and that may be unavailable, of numbers or percentages such as "25%".

    Surge rounds up, unavailable down, and if both come to 0 then unavailable is 1.
    Source: kubernetes/kubernetes pkg/controller/deployment/util ResolveFenceposts.

    Raises:
        ValueError: a value is neither a number of pods nor a percentage.
    """
    surge = -(-_hundredths_of_pods(max_surge, replicas) // 100)
    unavailable = _hundredths_of_pods(max_unavailable, replicas) // 100
    return (surge, unavailable) if surge or unavailable else (0, 1)


def _hundredths_of_pods(value: int | str, replicas: int) -> int:
    if isinstance(value, int) and value >= 0:
        return value * 100
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,6}%", value):
        return int(value[:-1]) * replicas
    raise ValueError(f'{value!r} is neither a number of pods such as 1 nor a percentage such as "25%"')
