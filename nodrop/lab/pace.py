"""How fast a job's time may run on this machine: nothing compressed falls below what the machine resolves. Pure.

A compressed timeout that is shorter than what the machine's latency may add is decided by the machine. So each job runs
at the highest speed at which its shortest timeout, its load and its probes are still the machine's to hold.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import floor, inf
from typing import NamedTuple

from nodrop.lab import load_generator
from nodrop.lab.clock import LATENCY_ALLOWANCE_REAL_SECONDS
from nodrop.lab.controllers.ipvs import CHECK_SECONDS
from nodrop.lab.doubt import WAITS_OF_A_REQUEST
from nodrop.lab.errors import LabFailedError
from nodrop.lab.job import Job
from nodrop.paths import Backend, ServingPath
from nodrop.paths.containers import containers_of
from nodrop.rollout import OnTerm
from nodrop.rollout.facts import BACKEND_KEEP_ALIVE_SECONDS

LEAST_SPEED_UP = 1
"""Nothing runs slower than the system that it rehearses."""
HEADROOM = 2
"""How much later the machine is under a lab's own load than without one. Source: measured on two cores."""
MOST_PROBES_PER_REAL_SECOND = 200
"""By the kubelets of all pods. Source: measured on two cores, where 240 were held and 540 were not."""
FORCED = "forced"


class Bound(NamedTuple):
    """One thing that bounds the speed."""

    speed_up: float
    why: str


def allowance_of(latency_real_seconds: float) -> float:
    """What a machine whose processes wait so long for it may add to anything, in wall-clock seconds."""
    return max(LATENCY_ALLOWANCE_REAL_SECONDS, WAITS_OF_A_REQUEST * HEADROOM * latency_real_seconds)


def paced(job: Job, allowance_real_seconds: float) -> Job:
    """The job at the highest speed that the machine resolves; a forced speed stays, and is told where it is higher.

    The machine is allowed as much as is asked for; at a forced speed no more than the shortest timeout bears, and than
    what requests outlast connection draining by: the proxies cut them with the allowance on top.

    Args:
        job: what to rehearse; its settings' speed-up is the most.
        allowance_real_seconds: what the machine may add to anything.

    Raises:
        LabFailedError: it would have to run slower than the system that it rehearses.
    """
    settings = job.settings
    tightest = min(_bounds(job, allowance_real_seconds), default=None)
    if settings.speed_up_is_forced:
        beyond = tightest is not None and tightest.speed_up < settings.speed_up
        told = f"{FORCED}, beyond {tightest.speed_up:.3g}x: {tightest.why}" if tightest and beyond else FORCED
        bears = min((*(seconds for _, seconds in timeouts(job)), _outlasting_draining(job))) / settings.speed_up
        allowed = max(settings.allowance_real_seconds, min(allowance_real_seconds, bears))
        return replace(
            job, settings=replace(settings, allowance_real_seconds=allowed, pace=told, speed_up_is_bounded=beyond)
        )
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
    if job.settings.control_plane == "kubernetes" and job.path.min_ready_seconds:
        yield Bound(1, "minReadySeconds, which the real controllers judge in whole seconds of wall clock")
    if job.settings.control_plane == "kubernetes" and job.ipvs:
        yield Bound(
            1, f"kube-proxy's IPVS mode, which looks for ended connections each {CHECK_SECONDS} s of wall clock"
        )
    if _runs_its_pre_stop(job.path):
        yield Bound(1, "preStop is run by --command, which takes wall-clock time")
    if probes := _probes_per_second(job.path):
        yield Bound(
            MOST_PROBES_PER_REAL_SECOND / probes,
            f"{job.path.replicas} pods; the kubelets hold {MOST_PROBES_PER_REAL_SECOND} probes a second of wall clock",
        )


def timeouts(job: Job) -> Iterator[tuple[str, float]]:
    """What ends a connection, a request or a process of the job after a time that gets no allowance, by name."""
    stated, path = job.application.behaviour, job.path
    kept, longest = stated.keep_alive_timeout_seconds, stated.longest_request_seconds
    if 0 < kept <= BACKEND_KEEP_ALIVE_SECONDS:
        yield "the keep-alive timeout", kept
    pre_stop = path.pre_stop_seconds(path.container) or 0
    if pre_stop:
        yield "preStop", pre_stop
    left = path.termination_grace_period_seconds - pre_stop
    if stated.on_term is not OnTerm.EXIT and 0 < longest <= left:
        yield "what preStop leaves of the grace period", left
    if job.outlasts_backend_timeout:
        yield "the backend timeout", path.backend_timeout_seconds


def _outlasting_draining(job: Job) -> float:
    """How long the longest request goes on after connection draining, in seconds; infinite where it ends before."""
    path = job.path
    longest = min(job.application.behaviour.longest_request_seconds, path.backend_timeout_seconds)
    rest = longest - path.draining_timeout_seconds
    return rest if path.backend is Backend.NEG and rest > 0 else inf


def _runs_its_pre_stop(path: ServingPath) -> bool:
    """Whether the serving container has a preStop that lasts as long as its application takes for it."""
    hooks = [each["lifecycle"]["preStop"] for each in containers_of(path.pod) if each["name"].text() == path.container]
    return path.pre_stop_seconds(path.container) is None and any(hook.value for hook in hooks)


def _probes_per_second(path: ServingPath) -> float:
    probe = path.readiness_probe
    return path.replicas / probe.period_seconds if probe else 0
