"""What is to happen to each pod in a rollout, and when: predicted from the numbers alone.

The prediction takes the stated times for exact and the load balancer's lags from a `Programming`. It leaves out what no
number states: a machine's latency, a zone whose first pod passes its gate unchecked, a version that never gets healthy.
"""

from dataclasses import dataclass
from math import ceil, isinf

from nodrop.gke.health_checks import Probe
from nodrop.rollout.behaviour import OnTerm
from nodrop.rollout.facts import NEG_HEALTH_POLL_SECONDS
from nodrop.rollout.pod_timeline import PodTimeline
from nodrop.rollout.programming import MEASURED, Programming
from nodrop.rollout.rules.workload import inputs_in_range
from nodrop.rollout.schedule import Schedule, recreate, rolling_update
from nodrop.rollout.timing import Rollout


@dataclass(frozen=True, kw_only=True)
class NewPodTimes:
    """A new pod, in seconds since its creation."""

    started: float
    routable: tuple[float, ...]
    """When each proxy's health check has passed."""
    ready: float
    """When startup and readiness probe have passed."""
    gate: float | None
    available: float


@dataclass(frozen=True, kw_only=True)
class OldPodTimes:
    """An old pod, in seconds since its deletion."""

    detached: tuple[float, ...]
    """When each proxy has forgotten it."""
    term: float
    stops: float
    """When it accepts no more connections."""
    killed: float | None
    gone: float
    """When its last container has ended; at most, where that depends on what was in flight."""


def new_pod_times(rollout: Rollout, programming: Programming) -> NewPodTimes:
    """When a new pod starts, gets ready and is known to the proxies."""
    started = rollout.start_delay_seconds
    answers = started + rollout.startup_seconds
    ready = ready_at(started, answers, rollout.startup_probe, rollout.readiness_probe)
    routable = tuple(_healthy(rollout, started + lag, answers) for lag in programming.attach_lag_seconds)
    gated = rollout.readiness_gate or programming.injects_gate
    gate = min(routable) + NEG_HEALTH_POLL_SECONDS if gated else None
    available = max(ready, gate or 0) + rollout.min_ready_seconds
    return NewPodTimes(started=started, routable=routable, ready=ready, gate=gate, available=available)


def ready_at(started: float, answers: float, startup: Probe | None, readiness: Probe | None) -> float:
    """When the kubelet finds a container ready that begins at `started`, and answers its probes from `answers` on.

    Readiness is not asked before the startup probe has passed, but then at once, and every period from then on.
    Source: kubernetes/kubernetes pkg/kubelet/prober/worker.go; #119089.
    """
    if startup is None:
        first_asked = answers
    else:
        first_asked = beat(started + startup.initial_delay_seconds, startup.period_seconds, answers)
    if readiness is None:
        return first_asked
    first, period = started + readiness.initial_delay_seconds, readiness.period_seconds
    passed = beat(first, period, answers) if startup is None else max(first, first_asked)
    return passed + (readiness.success_threshold - 1) * period


def beat(first: float, period: float, at: float) -> float:
    """The first of the beats every `period` from `first` on that is not before `at`."""
    return first + period * max(0, ceil((at - first) / period))


def _healthy(rollout: Rollout, known: float, answers: float) -> float:
    """When a proxy that knows the pod from `known` on finds it healthy: when as many checks have passed as it takes."""
    check = rollout.health_check
    passed = beat(known, check.check_interval_seconds, answers)
    return passed + (check.healthy_threshold - 1) * check.check_interval_seconds


def old_pod_times(rollout: Rollout, programming: Programming) -> OldPodTimes:
    """When an old pod stops, ends and is deprogrammed."""
    term, kill = rollout.term_seconds, rollout.kill_seconds
    last_arrival = min(max(programming.detach_lag_seconds), term)
    drained = max(term, last_arrival + rollout.longest_request_seconds)
    gone = {OnTerm.EXIT: term, OnTerm.DRAIN: min(drained, kill), OnTerm.SERVE: kill}[rollout.on_term]
    is_killed = rollout.on_term is OnTerm.SERVE or (rollout.on_term is OnTerm.DRAIN and drained > kill)
    return OldPodTimes(
        detached=programming.detach_lag_seconds,
        term=term,
        stops=kill if rollout.on_term is OnTerm.SERVE else term,
        killed=kill if is_killed else None,
        gone=gone,
    )


def deprogrammed(rollout: Rollout, old_pod: OldPodTimes, detached: float, phase: float = 0.5) -> float:
    """Seconds after its deletion for which a proxy sends a pod requests: until it is detached, or found unhealthy.

    While the process lives, it refuses a check at once; later there is no answer.

    Args:
        rollout: whose health check it is.
        old_pod: the pod's times.
        detached: seconds after its deletion at which the proxy hears of it; inf: never.
        phase: how much of an interval (0 to 1) passes from the pod's stop to the next check.
    """
    if isinf(detached):
        return detached
    check = rollout.health_check
    at, failed = old_pod.stops + phase * check.check_interval_seconds, 0
    while at < detached:
        at += 0 if at < old_pod.gone else check.timeout_seconds
        failed += 1
        if failed == check.unhealthy_threshold:
            return min(at, detached)
        at += check.check_interval_seconds
    return detached


def schedule(rollout: Rollout, programming: Programming) -> Schedule:
    """When the pods of `replicas` are created and deleted.

    Raises:
        ValueError: there is nothing to replace, or a time is one with which `check` finds fault by inputs-in-range.
    """
    if rollout.replicas < 1:
        raise ValueError(f"replicas = {rollout.replicas}: there is nothing to replace")
    for fault in inputs_in_range(rollout):
        raise ValueError(str(fault))
    available = new_pod_times(rollout, programming).available
    if rollout.strategy == "Recreate":
        return recreate(rollout.replicas, old_pod_times(rollout, programming).gone, lambda _: available)
    return rolling_update(rollout.replicas, rollout.max_surge, rollout.max_unavailable, lambda _: available)


def timeline(rollout: Rollout, programming: Programming = MEASURED) -> tuple[PodTimeline, ...]:
    """Every pod of one rollout, old ones first, in seconds since the change of the pod template.

    Args:
        rollout: with at least one replica.
        programming: the load balancer's lags.

    Raises:
        ValueError: as `schedule` does.
    """
    planned = schedule(rollout, programming)
    new_pod, old_pod = new_pod_times(rollout, programming), old_pod_times(rollout, programming)
    old = [_old(number, deleted, old_pod, rollout) for number, deleted in enumerate(planned.deleted, 1)]
    new = [_new(number, created, new_pod) for number, created in enumerate(planned.created, 1)]
    return (*old, *new)


def _old(number: int, deleted: float, old_pod: OldPodTimes, rollout: Rollout) -> PodTimeline:
    removed = deleted + max(deprogrammed(rollout, old_pod, detached) for detached in old_pod.detached)
    events = {
        "deleted": deleted,
        "removed": removed,
        "term": deleted + old_pod.term,
        "killed": None if old_pod.killed is None else deleted + old_pod.killed,
        "gone": deleted + old_pod.gone,
    }
    last_request = min(deleted + old_pod.stops, removed)
    return PodTimeline(
        name=f"old-{number}",
        node="",
        old=True,
        events=_in_order(events),
        last_request=last_request,
        last_response=min(last_request + rollout.longest_request_seconds, deleted + old_pod.gone),
        requests=0,
    )


def _new(number: int, created: float, new_pod: NewPodTimes) -> PodTimeline:
    events = {
        "created": created,
        "started": created + new_pod.started,
        "ready": created + new_pod.ready,
        "attached": created + min(new_pod.routable),
        "gate": None if new_pod.gate is None else created + new_pod.gate,
    }
    return PodTimeline(
        name=f"new-{number}",
        node="",
        old=False,
        events=_in_order(events),
        last_request=None,
        last_response=None,
        requests=0,
    )


def _in_order(events: dict[str, float | None]) -> dict[str, float]:
    known = {event: at for event, at in events.items() if at is not None}
    return {event: known[event] for event in PodTimeline.EVENTS if event in known}
