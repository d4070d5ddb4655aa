"""Why each number of a solved rollout is what it is: the field that takes it, and how it is derived, with the figures.

For rollouts as `solve` gives them; of numbers chosen otherwise it would tell what `solve` chooses. The fields
are those of `manifest`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from nodrop.rollout.behaviour import OnTerm
from nodrop.rollout.facts import (
    BACKEND_KEEP_ALIVE_SECONDS,
    GATE_FORCE_OPEN_SECONDS,
    GRACE_MARGIN_SECONDS,
    KEEP_ALIVE_RECOMMENDED_SECONDS,
    PRE_STOP_RECOMMENDED_SECONDS,
    PROXY_LAST_REQUEST_SECONDS,
)
from nodrop.rollout.timing import AppProtocol, Mode, Rollout, serves_until_kill


class Holder(StrEnum):
    """What holds a number."""

    DEPLOYMENT = "Deployment"
    CONTAINER = "Deployment, the serving container"
    BACKEND_CONFIG = "BackendConfig"
    BACKEND_POLICY = "GCPBackendPolicy"
    HEALTH_CHECK_POLICY = "HealthCheckPolicy"
    AUTOSCALER = "HorizontalPodAutoscaler"
    APPLICATION = "Application"


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One number of a rollout and its derivation."""

    place: Holder
    field: str
    """In dotted notation below `place`, such as `spec.minReadySeconds`; in words for the application."""
    value: float
    why: str
    """One clause, with the figures that the value comes from."""
    rule: str | None = None
    """Name of the rule that the next smaller value would break (of the progress deadline: the next other one); None:
    stated or wished by the owner, or chosen."""


def reasons(
    rollout: Rollout, rolled_out_within_seconds: float | None = None, *, replicas_are_stated: bool = True
) -> tuple[Reason, ...]:
    """Every number that `rollout` puts into its objects, in their order.

    Args:
        rollout: as `solve` gives it.
        rolled_out_within_seconds: the wish that it was solved for.
        replicas_are_stated: by the owner or a manifest, and not chosen.
    """
    return (
        *_replicas(rollout, replicas_are_stated),
        _surge(rollout, rolled_out_within_seconds),
        _unavailable(),
        _min_ready(rollout),
        _progress_deadline(rollout),
        _grace(rollout),
        *_pre_stop(rollout),
        *_probes(rollout),
        *_load_balancer(rollout),
        *_keep_alive(rollout),
    )


def _replicas(rollout: Rollout, stated: bool) -> Iterator[Reason]:
    least = Reason(
        place=Holder.DEPLOYMENT,
        field="spec.replicas",
        value=rollout.replicas,
        why=f"{'as stated' if stated else 'not stated'}; 2 or more survive a lost node",
        rule="survives-a-lost-pod" if rollout.replicas == 2 else None,
    )
    if rollout.max_replicas is None:
        yield least
        return
    yield Reason(
        place=Holder.AUTOSCALER, field="spec.minReplicas", value=rollout.replicas, why=least.why, rule=least.rule
    )
    yield Reason(
        place=Holder.AUTOSCALER,
        field="spec.maxReplicas",
        value=rollout.max_replicas,
        why="as stated; the surge and the durations are for so many",
    )


def _surge(rollout: Rollout, within_seconds: float | None) -> Reason:
    pods, available = rollout.replicas_at_most, rollout.seconds_to_available
    batches = ceil(pods / rollout.max_surge)
    duration = (
        f"{_number(pods, 'pod', 'pods')} in {_number(batches, 'batch', 'batches')} of at most {_exact(available)} s "
        f"= {_exact(batches * available)} s"
    )
    if within_seconds is None:
        why = f"one at a time, so that a version that never gets healthy costs one pod; {duration}"
    else:
        why = f"the fewest for a rollout within {_exact(within_seconds)} s: {duration}"
    return Reason(
        place=Holder.DEPLOYMENT,
        field="spec.strategy.rollingUpdate.maxSurge",
        value=rollout.max_surge,
        why=why,
        rule="rolls-without-unavailable" if rollout.max_surge == 1 else None,
    )


def _unavailable() -> Reason:
    return Reason(
        place=Holder.DEPLOYMENT,
        field="spec.strategy.rollingUpdate.maxUnavailable",
        value=0,
        why="a new pod serves before an old one goes",
        rule="rolls-without-unavailable",
    )


def _min_ready(rollout: Rollout) -> Reason:
    seconds, placement = rollout.min_ready_seconds, rollout.placement
    rule = None
    if not seconds:
        why = "the readiness gate waits for the load balancer instead"
    elif not rollout.readiness_gate:
        rule = "min-ready-covers-attach"
        why = f"mode {Mode.HARD_CODED_DELAY}: the {seconds} s of Google's guide wait for the load balancer"
    else:
        rule = "every-zone-keeps-an-endpoint"
        pods, zones = _number(rollout.replicas, "pod", "pods"), placement.zones if placement else None
        why = (
            f"{pods} in {zones} zones with a surge of {rollout.max_surge} may empty a zone, whose next pod passes its "
            "gate unchecked"
        )
    return Reason(place=Holder.DEPLOYMENT, field="spec.minReadySeconds", value=seconds, why=why, rule=rule)


def _progress_deadline(rollout: Rollout) -> Reason:
    seconds, start = rollout.progress_deadline_seconds, f"a start takes up to {_exact(rollout.seconds_to_available)} s"
    if seconds < GATE_FORCE_OPEN_SECONDS:
        rule = "progress-deadline-before-gate-opens"
        why = f"the last second before the readiness gate opens by itself at {GATE_FORCE_OPEN_SECONDS} s; {start}"
    else:
        rule = "progress-deadline-covers-start-up"
        why = f"{start}, minReadySeconds included, and the deadline must be longer"
    return Reason(place=Holder.DEPLOYMENT, field="spec.progressDeadlineSeconds", value=seconds, why=why, rule=rule)


def _grace(rollout: Rollout) -> Reason:
    longest = ceil(rollout.longest_request_seconds)
    if serves_until_kill(rollout.mode, rollout.on_term):
        arrivals = rollout.termination_grace_period_seconds - longest - GRACE_MARGIN_SECONDS
        first = f"no preStop, as the application serves on after TERM: new requests for {arrivals} s"
        why = f"{first} ({_arrivals(rollout)}) + longest request {longest}"
    elif rollout.on_term is OnTerm.EXIT:
        why = f"preStop {rollout.pre_stop_seconds}, as the application exits on TERM,"
    else:
        why = f"preStop {rollout.pre_stop_seconds} + longest request {longest}"
    return Reason(
        place=Holder.DEPLOYMENT,
        field="spec.template.spec.terminationGracePeriodSeconds",
        value=rollout.termination_grace_period_seconds,
        why=f"{why} + margin {GRACE_MARGIN_SECONDS}",
        rule="grace-covers-longest-request",
    )


def _pre_stop(rollout: Rollout) -> Iterator[Reason]:
    if not rollout.pre_stop_seconds:
        return
    draining, longest = rollout.draining_timeout_seconds, rollout.longest_request_seconds
    rule, why = "pre-stop-outlasts-deprogramming", _arrivals(rollout)
    if rollout.on_term is OnTerm.EXIT and longest:
        until_ended = PROXY_LAST_REQUEST_SECONDS + draining + longest
        why += (
            f"; as the application exits on TERM: {_exact(PROXY_LAST_REQUEST_SECONDS)} + draining {draining} "
            f"+ longest request {_exact(longest)} = {_exact(until_ended)}"
        )
        if ceil(until_ended) == rollout.pre_stop_seconds:
            rule = "exit-on-term-cuts-no-request"
    yield Reason(
        place=Holder.CONTAINER,
        field="lifecycle.preStop.sleep.seconds",
        value=rollout.pre_stop_seconds,
        why=f"the longest of: {why}",
        rule=rule,
    )


def _arrivals(rollout: Rollout) -> str:
    """For how long a deleted pod must expect new requests: all that is known, the greatest decides."""
    draining = rollout.draining_timeout_seconds
    floor = rollout.pre_stop_floor_seconds
    return (
        f"{PRE_STOP_RECOMMENDED_SECONDS} documented by Google; floor {floor}; last new request "
        f"{_exact(PROXY_LAST_REQUEST_SECONDS)} + draining {draining} = "
        f"{_exact(PROXY_LAST_REQUEST_SECONDS + draining)}"
    )


def _probes(rollout: Rollout) -> Iterator[Reason]:
    readiness, startup, liveness = rollout.readiness_probe, rollout.startup_probe, rollout.liveness_probe
    if readiness is not None:
        for field, value in (
            ("periodSeconds", readiness.period_seconds),
            ("timeoutSeconds", readiness.timeout_seconds),
            ("failureThreshold", readiness.failure_threshold),
        ):
            yield Reason(
                place=Holder.CONTAINER,
                field=f"readinessProbe.{field}",
                value=value,
                why="as the load balancer's health check",
            )
    if startup is not None:
        budget = startup.failure_threshold * startup.period_seconds
        yield Reason(
            place=Holder.CONTAINER,
            field="startupProbe.failureThreshold",
            value=startup.failure_threshold,
            why=(
                f"every {startup.period_seconds} s, {budget} s in all: 3 times the start-up of "
                f"{_exact(rollout.startup_seconds)} s, and a minute at least"
            ),
        )
    if liveness is not None:
        failed, ejection = liveness.failure_threshold * liveness.period_seconds, rollout.health_check.ejection_seconds
        restart = rollout.liveness_restart_seconds or failed
        pre_stop = f", preStop of {restart - failed} s included" if restart > failed else ""
        yield Reason(
            place=Holder.CONTAINER,
            field="livenessProbe.failureThreshold",
            value=liveness.failure_threshold,
            why=(
                f"every {liveness.period_seconds} s: restarts after {restart} s{pre_stop}, when the load balancer has "
                f"left the pod ({ejection} s)"
            ),
            rule="liveness-outlasts-health-check" if restart - liveness.period_seconds <= ejection else None,
        )


def _load_balancer(rollout: Rollout) -> Iterator[Reason]:
    longest, check = ceil(rollout.longest_request_seconds), rollout.health_check
    yield Reason(
        place=Holder.BACKEND_CONFIG,
        field="spec.timeoutSec",
        value=rollout.backend_timeout_seconds,
        why=f"longest request {longest} + margin {GRACE_MARGIN_SECONDS}",
    )
    yield Reason(
        place=Holder.BACKEND_CONFIG,
        field="spec.connectionDraining.drainingTimeoutSec",
        value=rollout.draining_timeout_seconds,
        why=f"longest request {longest}; the default 0 cuts what is in flight",
        rule="draining-covers-longest-request" if rollout.draining_timeout_seconds else None,
    )
    ejection = (
        f"{check.unhealthy_threshold} x {check.check_interval_seconds} + {check.timeout_seconds} "
        f"= {check.ejection_seconds} s until it leaves an unready pod"
    )
    for field, value, why, rule in (
        ("checkIntervalSec", check.check_interval_seconds, "Google's default for HealthCheckPolicy", None),
        ("timeoutSec", check.timeout_seconds, "no longer than the interval", None),
        ("healthyThreshold", check.healthy_threshold, "Google's default for HealthCheckPolicy", None),
        ("unhealthyThreshold", check.unhealthy_threshold, ejection, None),
    ):
        yield Reason(place=Holder.BACKEND_CONFIG, field=f"spec.healthCheck.{field}", value=value, why=why, rule=rule)


def _keep_alive(rollout: Rollout) -> Iterator[Reason]:
    if rollout.protocol is AppProtocol.HTTP2:
        return
    seconds = rollout.keep_alive_timeout_seconds
    reuse = f"the load balancer reuses connections that were idle for up to {BACKEND_KEEP_ALIVE_SECONDS} s"
    yield Reason(
        place=Holder.APPLICATION,
        field="keep-alive timeout, seconds",
        value=seconds,
        why=reuse if seconds else "it closes after each response, so no idle connection is reused",
        rule="keep-alive-outlasts-load-balancer" if seconds == KEEP_ALIVE_RECOMMENDED_SECONDS else None,
    )


def _number(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"


def _exact(value: float) -> str:
    """All of its digits, but none that floating point made up."""
    return f"{value:.15g}"
