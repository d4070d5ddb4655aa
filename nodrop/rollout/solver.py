"""From what a service's owner knows of it to the numbers of a rollout that drops no request.

The timings are the smallest that break no rule, warnings included; the surge is the smallest that meets the wished
duration; the progress deadline is the largest before the readiness gate opens by itself, or, where a start in the mode
hard-coded-delay takes longer, the smallest. Judging numbers that somebody else chose is what `rules` is for.
"""

from collections.abc import Collection
from dataclasses import replace
from math import ceil

from nodrop.rollout.behaviour import ASSUMED, OnTerm
from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.facts import (
    DEFAULT_SURGE_SHARE,
    GATE_FORCE_OPEN_SECONDS,
    GRACE_MARGIN_SECONDS,
    MAX_DRAINING_TIMEOUT_SECONDS,
    MAX_INT32,
    MIN_READY_HARD_CODED_SECONDS,
    PRE_STOP_FLOOR_SECONDS,
    PROXY_LAST_REQUEST_SECONDS,
)
from nodrop.rollout.health_checks import HealthCheck, Probe
from nodrop.rollout.placement import Placement
from nodrop.rollout.plan import cheapest_surge, plan
from nodrop.rollout.refusals import MAX_SECONDS, Unsolvable, least, nearest, out_of_range, refusals
from nodrop.rollout.rules.zones import every_zone_keeps_an_endpoint
from nodrop.rollout.sources import DEPLOYMENTS, REFLECTOR
from nodrop.rollout.timing import Mode, Rollout, recommended_arrivals_seconds, serves_until_kill

PROBE_SECONDS = 5
"""Interval, period and time to answer of the health check and of the kubelet's probes.
Source: Google, Configure Gateway resources using Policies, defaults of HealthCheckPolicy."""

PROBE_THRESHOLD = 2
"""Equal answers for a change of mind. Source: as for PROBE_SECONDS."""

STARTUP_BUDGET_SECONDS = 60
"""Least time a container gets to start before it is restarted; three times the stated start-up if that is more.
Source: chosen."""

LIVENESS_PERIOD_SECONDS = 10
"""Source: the default of Kubernetes."""

LIVENESS_FAILURES = 3
"""Least failed probes before a restart. Source: the default of Kubernetes."""


def solve(
    *,
    longest_request_seconds: float,
    startup_seconds: float,
    replicas: int,
    max_replicas: int | None = None,
    start_delay_seconds: float = 0,
    zones: int | None = None,
    spot: bool = False,
    keep_alive_timeout_seconds: float = ASSUMED.keep_alive_timeout_seconds,
    on_term: OnTerm = ASSUMED.on_term,
    mode: Mode = Mode.POD_READINESS_FEEDBACK,
    health_check_path: str = "/",
    rolled_out_within_seconds: float | None = None,
    pre_stop_floor_seconds: int = PRE_STOP_FLOOR_SECONDS,
    accept: Collection[str] = (),
) -> Rollout:
    """The rollout for an application that behaves so.

    Args:
        longest_request_seconds: the longest request that must not be cut.
        startup_seconds: from the container's start until its readiness endpoint answers 200.
        replicas: pods; where an autoscaler decides, the least.
        max_replicas: the most that an autoscaler may run; None: there is none.
        start_delay_seconds: from a pod's creation to its container's start: scheduling, a new node, the image's pull.
        zones: zones that the pods are spread over; None: unknown, not judged.
        spot: whether nodes may be taken away at short notice.
        keep_alive_timeout_seconds: idle time after which the application closes a connection; 0: after each response.
        on_term: what the application does on SIGTERM.
        mode: how a rollout waits for the load balancer.
        health_check_path: path of the load balancer's health check and of the probes.
        rolled_out_within_seconds: the wished duration of a rollout, as `kubectl rollout status` sees it, at the most
            replicas and the slowest start; None: no wish, one pod at a time.
        pre_stop_floor_seconds: the shortest preStop to consider, for load balancers slower than the measured one.
        accept: names of rules that need not be kept.

    Raises:
        Unsolvable: an input is out of range, or a rule that is not in `accept` cannot be kept.
    """
    stated = {
        "longest_request_seconds": longest_request_seconds,
        "startup_seconds": startup_seconds,
        "start_delay_seconds": start_delay_seconds,
        "pre_stop_floor_seconds": pre_stop_floor_seconds,
    }
    faults = out_of_range(
        {f"rollout.{name}": (seconds, 0, MAX_SECONDS) for name, seconds in stated.items()}
        | {
            "rollout.keep_alive_timeout_seconds": (keep_alive_timeout_seconds, 0, MAX_SECONDS),
            "rollout.rolled_out_within_seconds": (rolled_out_within_seconds, 1, MAX_INT32),
            "rollout.zones": (zones, 1, MAX_INT32),
            "replicas": (replicas, 1, MAX_INT32),
            "max_replicas": (max_replicas, max(1, replicas), MAX_INT32),
        }
    )
    if found := list(faults):
        raise Unsolvable(found)

    def surged(rollout: Rollout, within_seconds: float | None) -> Rollout:
        """With the fewest added pods that meet the wish, or as many as there may be."""
        if within_seconds is None:
            return rollout
        pods = rollout.replicas_at_most
        most = pods if "surge-limits-blast-radius" in accept else max(1, ceil(DEFAULT_SURGE_SHARE * pods))
        surge = cheapest_surge(rollout, within_seconds)
        return replace(rollout, max_surge=min(most if surge is None else surge, most))

    def paced(rollout: Rollout, within_seconds: float | None) -> Rollout:
        """With surge and, where that could leave a zone without an endpoint, a wait for each pod."""
        at_once = surged(rollout, within_seconds)
        if "every-zone-keeps-an-endpoint" in accept or not any(every_zone_keeps_an_endpoint(at_once)):
            return at_once
        return surged(replace(rollout, min_ready_seconds=MIN_READY_HARD_CODED_SECONDS), within_seconds)

    def solution(
        longest_request_seconds: float,
        startup_seconds: float,
        start_delay_seconds: float,
        pre_stop_floor_seconds: int,
    ) -> Rollout:
        gated = mode is Mode.POD_READINESS_FEEDBACK
        longest = ceil(longest_request_seconds)
        draining = min(longest, MAX_DRAINING_TIMEOUT_SECONDS)
        pre_stop = max(recommended_arrivals_seconds(draining), pre_stop_floor_seconds)
        grace = pre_stop + longest + GRACE_MARGIN_SECONDS
        if serves_until_kill(mode, on_term):
            pre_stop = 0
        elif on_term is OnTerm.EXIT:
            if longest:
                pre_stop = max(pre_stop, ceil(PROXY_LAST_REQUEST_SECONDS + draining + longest_request_seconds))
            grace = pre_stop + GRACE_MARGIN_SECONDS
        health_check = HealthCheck(
            path=health_check_path,
            check_interval_seconds=PROBE_SECONDS,
            timeout_seconds=PROBE_SECONDS,
            healthy_threshold=PROBE_THRESHOLD,
            unhealthy_threshold=PROBE_THRESHOLD,
        )
        rollout = Rollout(
            mode=mode,
            replicas=replicas,
            max_replicas=max_replicas,
            strategy="RollingUpdate",
            max_surge=1,
            max_unavailable=0,
            min_ready_seconds=0 if gated else MIN_READY_HARD_CODED_SECONDS,
            progress_deadline_seconds=GATE_FORCE_OPEN_SECONDS - 1,
            pre_stop_seconds=pre_stop,
            pre_stop_floor_seconds=pre_stop_floor_seconds,
            termination_grace_period_seconds=grace,
            longest_request_seconds=longest_request_seconds,
            startup_seconds=startup_seconds,
            start_delay_seconds=start_delay_seconds,
            keep_alive_timeout_seconds=keep_alive_timeout_seconds,
            on_term=on_term,
            backend_timeout_seconds=longest + GRACE_MARGIN_SECONDS,
            draining_timeout_seconds=draining,
            health_check=health_check,
            readiness_probe=Probe(
                path=health_check_path,
                period_seconds=PROBE_SECONDS,
                timeout_seconds=PROBE_SECONDS,
                success_threshold=1,
                failure_threshold=PROBE_THRESHOLD,
            ),
            startup_probe=startup_probe(health_check_path, startup_seconds),
            liveness_probe=liveness_probe(health_check),
            readiness_gate=gated,
            placement=Placement(zones=zones, spreads_each_version_over_zones=True, spot=spot)
            if zones is not None or spot
            else None,
        )
        rollout = paced(rollout, rolled_out_within_seconds)
        if not gated:  # a slow start may outlast the gate that GKE adds: minReadySeconds still waits
            deadline = max(rollout.progress_deadline_seconds, int(rollout.seconds_to_available) + 1)
            rollout = replace(rollout, progress_deadline_seconds=deadline)
        return rollout

    rollout = solution(**stated)
    if refused := refusals(rollout, accept):
        raise Unsolvable(nearest(refused, stated, solution))

    def meets(within_seconds: float) -> bool:
        return plan(paced(unpaced, within_seconds)).rolled_out_seconds <= within_seconds

    if rolled_out_within_seconds is not None and plan(rollout).rolled_out_seconds > rolled_out_within_seconds:
        unpaced = replace(rollout, min_ready_seconds=0 if rollout.readiness_gate else rollout.min_ready_seconds)
        needed = least(meets, int(rolled_out_within_seconds), ceil(plan(rollout).rolled_out_seconds))
        raise Unsolvable([_too_slow(paced(unpaced, needed), rolled_out_within_seconds, needed)])
    return rollout


def startup_probe(path: str, startup_seconds: float) -> Probe:
    """The probe that leaves the container so long to start, with a margin."""
    failures = ceil(max(STARTUP_BUDGET_SECONDS, 3 * startup_seconds) / PROBE_SECONDS)
    return Probe(
        path=path,
        period_seconds=PROBE_SECONDS,
        timeout_seconds=PROBE_SECONDS,
        success_threshold=1,
        failure_threshold=failures,
    )


def liveness_probe(health_check: HealthCheck) -> Probe:
    """The probe, of the port alone, that restarts a container only when the load balancer has left its pod."""
    return Probe(
        path="",
        period_seconds=LIVENESS_PERIOD_SECONDS,
        timeout_seconds=PROBE_SECONDS,
        success_threshold=1,
        failure_threshold=max(LIVENESS_FAILURES, health_check.ejection_seconds // LIVENESS_PERIOD_SECONDS + 1),
    )


def _too_slow(quickest: Rollout, within_seconds: float, needed_seconds: int) -> Diagnostic:
    """That no permitted surge meets the wish: `quickest` is the rollout that comes nearest."""
    each, surge = quickest.seconds_to_available, quickest.max_surge
    alone = surge >= quickest.replicas_at_most
    return Diagnostic(
        rule="inputs-in-range" if alone else "surge-limits-blast-radius",
        severity=Severity.ERROR,
        input="rollout.rolled_out_within_seconds",
        value=within_seconds,
        seen=(
            f"a pod is available after up to {each:g} s"
            if alone
            else f"{quickest.replicas_at_most} pods, each available after up to {each:g} s, take {needed_seconds} s "
            f"with {surge} added at a time"
        ),
        why=(
            "no rollout ends before its first pod is available"
            if alone
            else "a version that the load balancer finds unhealthy takes as many pods as the surge adds"
        ),
        source=DEPLOYMENTS if alone else REFLECTOR,
        would_pass=needed_seconds,
    )
