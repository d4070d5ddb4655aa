"""How fast a job's time may run on this machine: nothing compressed falls below what the machine resolves. Pure.

A compressed timeout that is shorter than what the machine's latency may add is decided by the machine. So each job runs
at the highest speed at which its shortest timeout, its load and its probes are still the machine's to hold.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import floor, inf
from typing import NamedTuple

from nodrop.gke import defaults
from nodrop.lab import load_generator
from nodrop.lab.clock import LATENCY_ALLOWANCE_REAL_SECONDS
from nodrop.lab.controllers.ipvs import CHECK_SECONDS
from nodrop.lab.data_plane.backend_service import SYNS_OF_A_REQUEST_REAL_SECONDS
from nodrop.lab.doubt import WAITS_OF_A_REQUEST
from nodrop.lab.errors import LabFailedError
from nodrop.lab.job import Experiment, Job
from nodrop.paths import Backend, ServingPath
from nodrop.paths.containers import containers_of
from nodrop.paths.fields import Field
from nodrop.rollout import OnTerm

LEAST_SPEED_UP = 1
"""Nothing runs slower than the system that it rehearses."""
HEADROOM = 2
"""How much later the machine is under a lab's own load than without one. Source: measured on two cores."""
MOST_PROBES_PER_REAL_SECOND = 200
"""By the kubelets of all pods. Source: measured on two cores, where 240 were held and 540 were not."""
FORCED = "forced"
_PROBES = ("readinessProbe", "startupProbe")


class Bound(NamedTuple):
    """One thing that bounds the speed."""

    speed_up: float
    why: str


def allowance_of(latency_real_seconds: float) -> float:
    """What a machine whose processes wait so long for it may add to anything, in wall-clock seconds."""
    return max(LATENCY_ALLOWANCE_REAL_SECONDS, WAITS_OF_A_REQUEST * HEADROOM * latency_real_seconds)


_ROUNDING = 1e-9
"""A bound that an allowance makes of the speed itself is that speed, but for the rounding of a division."""


def paced(job: Job, allowance_real_seconds: float) -> Job:
    """The job at the highest speed that the machine resolves; a forced speed stays, and is told where it is higher.

    The machine is allowed as much as is asked for; at a forced speed no more than the shortest timeout bears.

    Args:
        job: what to rehearse; its settings' speed-up is the most.
        allowance_real_seconds: what the machine may add to anything.

    Raises:
        LabFailedError: it would have to run slower than the system that it rehearses.
    """
    settings = job.settings
    if settings.speed_up_is_forced:
        bears = min((seconds for _, seconds in timeouts(job)), default=inf) / settings.speed_up
        allowed = max(settings.allowance_real_seconds, min(allowance_real_seconds, bears))
        tightest = min(_bounds(job, allowed), default=None)
        beyond = tightest is not None and tightest.speed_up < settings.speed_up * (1 - _ROUNDING)
        told = f"{FORCED}, beyond {tightest.speed_up:.3g}x: {tightest.why}" if tightest and beyond else FORCED
        return replace(
            job, settings=replace(settings, allowance_real_seconds=allowed, pace=told, speed_up_is_bounded=beyond)
        )
    tightest = min(_bounds(job, allowance_real_seconds), default=None)
    if tightest is None or tightest.speed_up >= settings.speed_up:
        why = f"chosen: {settings.speed_up:g}x is the most"
        return replace(job, settings=replace(settings, allowance_real_seconds=allowance_real_seconds, pace=why))
    if tightest.speed_up < LEAST_SPEED_UP:
        raise LabFailedError(f"refused, this machine cannot rehearse it: {tightest.why}")
    slower = replace(
        settings,
        speed_up=floor(tightest.speed_up) if tightest.speed_up >= 2 else round(tightest.speed_up, 2),
        allowance_real_seconds=allowance_real_seconds,
        pace=f"chosen: {tightest.why}",
        speed_up_is_bounded=True,
    )
    return replace(job, settings=slower)


def _bounds(job: Job, allowance_real_seconds: float) -> Iterator[Bound]:
    resolved = f"this machine resolves {allowance_real_seconds:.2g} s of wall clock"
    for name, seconds in timeouts(job):
        yield Bound(seconds / allowance_real_seconds, f"{name}, {seconds:g} s; {resolved}")
    rate = job.settings.requests_per_second
    yield Bound(load_generator.holds(job) / rate, f"{rate:,g} requests/s; {load_generator.told(job)}")
    chosen = not job.settings.speed_up_is_forced  # `limits` refuses a forced one that minReadySeconds does not bear
    if chosen and job.settings.control_plane == "kubernetes" and job.path.min_ready_seconds:
        yield Bound(1, "minReadySeconds, which the real controllers judge in whole seconds of wall clock")
    if job.drops_syns and job.outlasts_backend_timeout:
        waits = allowance_real_seconds + SYNS_OF_A_REQUEST_REAL_SECONDS
        yield Bound(job.path.backend_timeout_seconds / waits, "the backend timeout, and SYNs that IPVS drops")
    if job.settings.control_plane == "kubernetes" and job.ipvs:
        yield Bound(
            1, f"kube-proxy's IPVS mode, which looks for ended connections each {CHECK_SECONDS} s of wall clock"
        )
    if job.runs_its_pre_stop:
        yield Bound(1, "preStop is run by --command, which takes wall-clock time")
    if _probes_by_exec(job.path):
        yield Bound(1, "a probe is run by --command, which takes wall-clock time")
    if probes := _probes_per_second(job.path):
        yield Bound(
            MOST_PROBES_PER_REAL_SECOND / probes,
            f"{job.path.replicas} pods; the kubelets hold {MOST_PROBES_PER_REAL_SECOND} probes a second of wall clock",
        )


def timeouts(job: Job) -> Iterator[tuple[str, float]]:
    """Times of the job that have to last for the allowance, by name.

    They end a connection, a request or a process and get no allowance. Where connection draining ends requests, it gets
    the allowance: half of the time that these still had must be left, or the lab would count few of them, or none.
    """
    stated, path = job.application.behaviour, job.path
    longest = stated.longest_request_seconds
    if stated.has_keep_alive_races:
        yield "the keep-alive timeout", stated.keep_alive_timeout_seconds
    pre_stop = path.pre_stops.term_seconds
    if pre_stop:
        yield "preStop", pre_stop
    left = path.termination_grace_period_seconds - pre_stop
    if stated.on_term is not OnTerm.EXIT and 0 < longest <= left:
        yield "what preStop leaves of the grace period", left
    if job.outlasts_backend_timeout:
        yield "the backend timeout", path.backend_timeout_seconds
    if left := _outlasting_draining(job):
        what = "open connections" if job.application.requests.kept_open else "the longest requests"
        yield f"half of what {what} have left when draining ends", left / 2


def _outlasting_draining(job: Job) -> float:
    """How many seconds the longest request has left where connection draining ends it; 0 where it ends none.

    Connections that are kept open last until their pod ends them: then of the proxy whose draining leaves least.
    Of the proxy that forgets a pod first. It sends requests until then, or until the pod takes no more; a pod that has
    ended by the end of draining has none left.
    """
    path, stated = job.path, job.application.behaviour
    if path.backend is not Backend.NEG or job.experiment is not Experiment.ROLLOUT:
        return 0
    detached = min(job.settings.detach_lags_seconds)
    term, grace = path.pre_stops.term_seconds, path.termination_grace_period_seconds
    stops = grace if stated.on_term is OnTerm.SERVE else term
    if job.application.requests.kept_open:
        left_by_proxy = [stops - lag - path.draining_timeout_seconds for lag in job.settings.detach_lags_seconds]
        return min((left for left in left_by_proxy if left > 0), default=0)
    ends = term if stated.on_term is OnTerm.EXIT else grace
    longest = min(stated.longest_request_seconds, path.backend_timeout_seconds)
    left = longest - path.draining_timeout_seconds - max(0, detached - stops)
    return max(0, left) if detached + path.draining_timeout_seconds < ends else 0


def _probes_by_exec(path: ServingPath) -> bool:
    """Whether the kubelet runs a command to probe a container: its timeout is compressed, what it takes is not."""
    return any(each[kind]["exec"].value is not None for each in containers_of(path.pod) for kind in _PROBES)


def _probes_per_second(path: ServingPath) -> float:
    """Of all containers: readiness probes of all pods, start-up probes of those that start at a time."""
    starting = path.replicas if path.strategy == "Recreate" else path.max_surge + path.max_unavailable
    asked = {"readinessProbe": path.replicas, "startupProbe": starting}
    probes = [(each[kind], pods) for each in containers_of(path.pod) for kind, pods in asked.items()]
    return sum(pods / _period_seconds(probe) for probe, pods in probes if probe.value is not None)


def _period_seconds(probe: Field) -> int:
    return probe["periodSeconds"].integer(default=0) or defaults.PROBE_PERIOD_SECONDS
