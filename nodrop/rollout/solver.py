"""From what a service's owner knows of it to the numbers of a rollout that drops no request.

The timings are the smallest that break no rule, warnings included; the surge is the smallest that meets the wished
duration; the progress deadline is the largest before the readiness gate opens by itself, or, where a start in the mode
hard-coded-delay takes longer, the smallest. `rules` judges numbers chosen otherwise.
"""

from collections.abc import Collection
from dataclasses import replace
from math import ceil

from nodrop.gke import defaults
from nodrop.gke.health_checks import HealthCheck, Probe
from nodrop.rollout.behaviour import ASSUMED, OnTerm
from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.facts import (
    GATE_FORCE_OPEN_SECONDS,
    GRACE_HARD_CODED_SECONDS,
    GRACE_MARGIN_SECONDS,
    MAX_DRAINING_TIMEOUT_SECONDS,
    MIN_READY_HARD_CODED_SECONDS,
    PRE_STOP_FLOOR_SECONDS,
    PROXY_LAST_REQUEST_SECONDS,
)
from nodrop.rollout.placement import Placement
from nodrop.rollout.plan import cheapest_surge, plan
from nodrop.rollout.refusals import Unsolvable, least, nearest, refusals
from nodrop.rollout.rules.zones import every_zone_keeps_an_endpoint
from nodrop.rollout.sources import DEPLOYMENTS, REFLECTOR
from nodrop.rollout.timing import Mode, Rollout, recommended_arrivals_seconds, serves_until_kill
from nodrop.rollout.wishes import Wishes, out_of_range

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
    wishes = Wishes(
        longest_request_seconds=longest_request_seconds,
        startup_seconds=startup_seconds,
        start_delay_seconds=start_delay_seconds,
        pre_stop_floor_seconds=pre_stop_floor_seconds,
        replicas=replicas,
        max_replicas=max_replicas,
        zones=zones,
        spot=spot,
        keep_alive_timeout_seconds=keep_alive_timeout_seconds,
        on_term=on_term,
        mode=mode,
        health_check_path=health_check_path,
        rolled_out_within_seconds=rolled_out_within_seconds,
    )
    if found := list(out_of_range(wishes)):
        raise Unsolvable(found)
    rollout = _solution(wishes, accept)
    if refused := refusals(rollout, accept):
        stated = wishes.reducible_seconds
        raise Unsolvable(nearest(refused, stated, lambda **changed: _solution(replace(wishes, **changed), accept)))
    if missed := _missed_duration(rollout, rolled_out_within_seconds, accept):
        raise Unsolvable([missed])
    return rollout


def _solution(wishes: Wishes, accept: Collection[str]) -> Rollout:
    """The rollout that the wishes lead to, whether or not it keeps the rules."""
    return lasting(_paced(_one_by_one(wishes), wishes.rolled_out_within_seconds, accept))


def lasting(rollout: Rollout) -> Rollout:
    """With a progress deadline that its slowest start meets; with a gate only longer than the API demands.

    A slow start may outlast the gate that GKE adds to pods that declare none: minReadySeconds still waits.
    """
    longest = rollout.min_ready_seconds if rollout.readiness_gate else int(rollout.seconds_to_available)
    return replace(rollout, progress_deadline_seconds=max(rollout.progress_deadline_seconds, longest + 1))


def _one_by_one(wishes: Wishes) -> Rollout:
    """All timings, with one pod added at a time."""
    gated = wishes.mode is Mode.POD_READINESS_FEEDBACK
    longest = ceil(wishes.longest_request_seconds)
    draining = min(longest, MAX_DRAINING_TIMEOUT_SECONDS)
    pre_stop, grace = _pre_stop_and_grace_seconds(wishes, draining)
    health_check = HealthCheck(
        path=wishes.health_check_path,
        check_interval_seconds=PROBE_SECONDS,
        timeout_seconds=PROBE_SECONDS,
        healthy_threshold=PROBE_THRESHOLD,
        unhealthy_threshold=PROBE_THRESHOLD,
    )
    return Rollout(
        mode=wishes.mode,
        replicas=wishes.replicas,
        max_replicas=wishes.max_replicas,
        strategy="RollingUpdate",
        max_surge=1,
        max_unavailable=0,
        min_ready_seconds=0 if gated else MIN_READY_HARD_CODED_SECONDS,
        progress_deadline_seconds=GATE_FORCE_OPEN_SECONDS - 1,
        pre_stop_seconds=pre_stop,
        pre_stop_floor_seconds=wishes.pre_stop_floor_seconds,
        termination_grace_period_seconds=grace,
        longest_request_seconds=wishes.longest_request_seconds,
        startup_seconds=wishes.startup_seconds,
        start_delay_seconds=wishes.start_delay_seconds,
        keep_alive_timeout_seconds=wishes.keep_alive_timeout_seconds,
        on_term=wishes.on_term,
        backend_timeout_seconds=longest + GRACE_MARGIN_SECONDS,
        draining_timeout_seconds=draining,
        health_check=health_check,
        readiness_probe=readiness_probe(wishes.health_check_path),
        startup_probe=startup_probe(wishes.health_check_path, wishes.startup_seconds),
        liveness_probe=liveness_probe(health_check),
        readiness_gate=gated,
        placement=_placement(wishes),
    )


def _pre_stop_and_grace_seconds(wishes: Wishes, draining_timeout_seconds: int) -> tuple[int, int]:
    """How long a pod waits before SIGTERM, and how long it has in all."""
    arrivals = max(recommended_arrivals_seconds(draining_timeout_seconds), wishes.pre_stop_floor_seconds)
    pre_stop, longest = arrivals, wishes.longest_request_seconds
    if serves_until_kill(wishes.mode, wishes.on_term):
        pre_stop = 0
    elif wishes.on_term is OnTerm.EXIT and longest:
        pre_stop = max(arrivals, ceil(PROXY_LAST_REQUEST_SECONDS + draining_timeout_seconds + longest))
    return pre_stop, grace_seconds(wishes.mode, wishes.on_term, arrivals, pre_stop, longest)


def grace_seconds(
    mode: Mode, on_term: OnTerm, arrivals_seconds: int, pre_stop_seconds: int, longest_request_seconds: float
) -> int:
    """How long a pod has in all, so that the last request ends before KILL.

    Args:
        mode: how a rollout waits for the load balancer; one of them has a shortest grace period.
        on_term: what the application does on SIGTERM.
        arrivals_seconds: for how long after its deletion it must expect new requests.
        pre_stop_seconds: from its deletion to SIGTERM.
        longest_request_seconds: of those that must not be cut.
    """
    longest = 0 if on_term is OnTerm.EXIT else ceil(longest_request_seconds)
    last_arrival = pre_stop_seconds
    if serves_until_kill(mode, on_term):
        last_arrival = max(pre_stop_seconds, arrivals_seconds)
    least = GRACE_HARD_CODED_SECONDS if mode is Mode.HARD_CODED_DELAY else 0
    return max(last_arrival + longest + GRACE_MARGIN_SECONDS, least)


def _placement(wishes: Wishes) -> Placement | None:
    if wishes.zones is None and not wishes.spot:
        return None
    return Placement(zones=wishes.zones, spreads_each_version_over_zones=True, spot=wishes.spot)


def _paced(rollout: Rollout, within_seconds: float | None, accept: Collection[str]) -> Rollout:
    """With surge and, where that could leave a zone without an endpoint, a wait for each pod."""
    at_once = surged(rollout, within_seconds, accept)
    if "every-zone-keeps-an-endpoint" in accept or not any(every_zone_keeps_an_endpoint(at_once)):
        return at_once
    return surged(replace(rollout, min_ready_seconds=MIN_READY_HARD_CODED_SECONDS), within_seconds, accept)


def surged(rollout: Rollout, within_seconds: float | None, accept: Collection[str]) -> Rollout:
    """With the fewest added pods that meet the wished duration, or as many as there may be."""
    if within_seconds is None:
        return rollout
    pods = rollout.replicas_at_most
    most = pods if "surge-limits-blast-radius" in accept else max(1, ceil(defaults.SURGE_SHARE * pods))
    surge = cheapest_surge(rollout, within_seconds)
    return replace(rollout, max_surge=min(most if surge is None else surge, most))


def _missed_duration(rollout: Rollout, within_seconds: float | None, accept: Collection[str]) -> Diagnostic | None:
    """That the rollout takes longer than wished, with the shortest duration that can be had."""
    if within_seconds is None or plan(rollout).rolled_out_seconds <= within_seconds:
        return None
    unpaced = replace(rollout, min_ready_seconds=0 if rollout.readiness_gate else rollout.min_ready_seconds)

    def meets(seconds: float) -> bool:
        return plan(_paced(unpaced, seconds, accept)).rolled_out_seconds <= seconds

    needed = least(meets, int(within_seconds), ceil(plan(rollout).rolled_out_seconds))
    return too_slow(_paced(unpaced, needed, accept), within_seconds, needed)


def readiness_probe(path: str) -> Probe:
    """The probe that takes a pod out of its Services when it no longer serves."""
    return Probe(
        path=path,
        period_seconds=PROBE_SECONDS,
        timeout_seconds=PROBE_SECONDS,
        success_threshold=1,
        failure_threshold=PROBE_THRESHOLD,
    )


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


def too_slow(quickest: Rollout, within_seconds: float, needed_seconds: int) -> Diagnostic:
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
