"""One rollout as plain numbers: everything that decides whether it drops a request.

A `Rollout` says nothing about where its numbers come from (a component's inputs, a manifest) and judges nothing; that
is what `rules` is for.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from nodrop.rollout.facts import ATTACH_SECONDS, PRE_STOP_RECOMMENDED_SECONDS, PROXY_LAST_REQUEST_SECONDS
from nodrop.rollout.health_checks import HealthCheck, Probe


class OnTerm(StrEnum):
    """What the application does on SIGTERM."""

    EXIT = "exit"
    """Exits at once and cuts what is in flight."""
    DRAIN = "drain"
    """Closes its listener and its idle connections, finishes the requests in flight, then exits."""
    SERVE = "serve"
    """Goes on serving, new requests too, until SIGKILL."""


class Mode(StrEnum):
    """How a rollout waits until the load balancer sends requests to a new pod.

    Source: Google, Container-native load balancing through Ingress.
    """

    POD_READINESS_FEEDBACK = "pod-readiness-feedback"
    """A readiness gate holds each new pod until the load balancer finds it healthy."""
    HARD_CODED_DELAY = "hard-coded-delay"
    """minReadySeconds waits long enough, whatever the gate says."""


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """Everything that governs one rollout; times in seconds."""

    mode: Mode
    replicas: int
    strategy: str
    """Deployment.spec.strategy.type: `RollingUpdate` or `Recreate`."""
    max_surge: int
    """Pods, percentages resolved."""
    max_unavailable: int
    """Pods, percentages resolved."""
    min_ready_seconds: int
    progress_deadline_seconds: int
    pre_stop_seconds: int
    """0: no preStop hook."""
    containers_without_pre_stop: tuple[str, ...] = ()
    """Names of the pod's ordinary containers (not its native sidecars) that have no preStop hook."""
    termination_grace_period_seconds: int
    longest_request_seconds: float
    startup_seconds: float
    """From the container's start until its readiness endpoint answers 200."""
    keep_alive_timeout_seconds: float
    """Idle time after which the application closes a connection; 0: it closes after every response."""
    on_term: OnTerm
    backend_timeout_seconds: int
    draining_timeout_seconds: int
    health_check: HealthCheck
    readiness_probe: Probe | None
    readiness_gate: bool
    """Whether the pod template declares it. Where it does not, GKE adds it to each new pod of a load-balanced Service.
    Source: Google, Container-native load balancing through Ingress."""

    @property
    def seconds_to_available(self) -> float:
        """Most seconds from a container's start until the Deployment counts its pod as available.

        Scheduling and the image's pull come before that. Start-up, the probe that notices it, the load balancer's
        verdict (as measured, or the health check's own time where that is longer), then minReadySeconds. The verdict
        counts without a declared gate too, as GKE adds one.
        """
        seconds = self.startup_seconds
        if self.readiness_probe is not None:
            probe = self.readiness_probe
            seconds = max(seconds, probe.initial_delay_seconds) + probe.period_seconds * probe.success_threshold
        return seconds + max(ATTACH_SECONDS[1], self.health_check.admission_seconds) + self.min_ready_seconds


def serves_until_kill(mode: Mode, on_term: OnTerm) -> bool:
    """Whether a pod may do without preStop: only in the mode whose guide has none, and only if TERM stops nothing."""
    return mode is Mode.HARD_CODED_DELAY and on_term is OnTerm.SERVE


def recommended_arrivals_seconds(draining_timeout_seconds: float) -> int:
    """Seconds after its deletion for which a pod should expect new requests, the recommended margin included.

    That draining load balancer proxies may carry new requests until their draining ends is not verified.
    """
    return max(PRE_STOP_RECOMMENDED_SECONDS, ceil(PROXY_LAST_REQUEST_SECONDS + draining_timeout_seconds))


def resolve_surge_and_unavailable(max_surge: int | str, max_unavailable: int | str, replicas: int) -> tuple[int, int]:
    """Pods that a rolling update may add and may lack, from numbers of pods or percentages such as "25%".

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
