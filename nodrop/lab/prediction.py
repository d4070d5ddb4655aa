"""What the model expects of a rehearsal, with the lags that the lab's proxies have and the latency that it allows.

Failed requests are predicted for NEG backends only, as the model knows no NodePort; when pods start and end, for both.
"""

from dataclasses import dataclass, replace
from math import inf

from nodrop.lab.controllers.kubelet import sidecars
from nodrop.lab.controllers.probe_actions import probe_of
from nodrop.lab.data_plane.topology import NODE_COUNT
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.lab.protocols import Requests
from nodrop.paths import Backend, Manifest, ServingPath, read_rollout
from nodrop.paths.containers import containers_of
from nodrop.rollout import Drops, PodTimeline, Probe, Programming, Rollout, expected_drops, timeline
from nodrop.rollout.timeline import beat, ready_at

PROCESS_START_REAL_SECONDS = 0.15
"""Wall-clock seconds that the stand-in usually takes to start, beside its start-up. Source: measured on two cores."""
PROCESS_STARTS_REAL_SECONDS = (0.05, 0.5)
"""The least and the most that it takes on a busy machine. Source: measured on two cores."""
IPVS_TAIL_SECONDS = 300
"""Of traffic after a rollout behind IPVS, whose reused ports reach dead pods for as long as they are reused. Source:
chosen, beyond the 120 s for which the kernel remembers a connection that has ended."""
_UNREADY_SECONDS = 100
"""That the experiment with an unready pod usually takes. Source: chosen."""


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """The rollout of one run, before it was run."""

    pods: tuple[PodTimeline, ...]
    """Behind a NodePort without what its load balancer and nodes do."""
    drops: Drops | None
    """None behind a NodePort, and where the longest requests outlast the backend timeout: the model has no request that
    fails at any time."""
    failed: tuple[float, float] | None
    """The least and the most requests that fail, whenever this machine starts the processes; None where the record of
    model and lab has no such rollout, so that the lab may know better."""


def predict(job: Job) -> Prediction | None:
    """What the model expects of the job's rollout; None with a preStop that is asked or run."""
    if job.runs_its_pre_stop:
        return None
    programming = _programming(job)

    def drops(process_start_real_seconds: float) -> Drops:
        rollout = _rehearsed(job, process_start_real_seconds)
        return expected_drops(rollout, job.settings.requests_per_second, programming)

    starts = (PROCESS_START_REAL_SECONDS, *PROCESS_STARTS_REAL_SECONDS)
    failed = [drops(each).total for each in starts] if _is_on_record(job) else []
    is_predicted = job.path.backend is Backend.NEG and not job.outlasts_backend_timeout
    return Prediction(
        pods=_pods(job),
        drops=drops(PROCESS_START_REAL_SECONDS) if is_predicted else None,
        failed=(min(failed), max(failed)) if failed else None,
    )


def _programming(job: Job) -> Programming:
    """The lags of the lab's proxies; behind a NodePort connections stay with an old pod until it ends them."""
    settings = job.settings
    forgets = job.path.backend is Backend.NEG
    return Programming(
        attach_lag_seconds=settings.attach_lags_seconds,
        detach_lag_seconds=settings.detach_lags_seconds if forgets else (inf,) * settings.proxies,
        injects_gate=job.gates_are_injected,
    )


def _rehearsed(job: Job, process_start_real_seconds: float) -> Rollout:
    """The path's rollout as this machine rehearses it. Behind a NodePort a readiness gate is True from the start."""
    begin = sidecars_start_seconds(job.path, PROCESS_START_REAL_SECONDS * job.settings.speed_up)
    stated = read_rollout(job.path, job.application.behaviour)
    gated = stated.readiness_gate and job.path.backend is Backend.NEG
    stated = replace(stated, start_delay_seconds=begin, readiness_gate=gated)
    return as_rehearsed(stated, job.settings, process_start_real_seconds)


def _pods(job: Job) -> tuple[PodTimeline, ...]:
    """All pods of the rollout; a preStop of unknown duration is taken to last as long as the grace period."""
    rollout = _rehearsed(job, PROCESS_START_REAL_SECONDS)
    if job.runs_its_pre_stop:
        rollout = replace(rollout, pre_stop_seconds=rollout.termination_grace_period_seconds)
    pods = timeline(rollout, _programming(job))
    return pods if job.path.backend is Backend.NEG else tuple(_without_balancer(pod) for pod in pods)


def _without_balancer(pod: PodTimeline) -> PodTimeline:
    kept = {event: at for event, at in pod.events.items() if event not in ("attached", "removed")}
    return replace(pod, events=kept, last_request=None, last_response=None)


def _is_on_record(job: Job) -> bool:
    """Whether rollouts such as the job's are drawn for the record of model and lab (docs/rollout.md).

    Those have the stand-in alone in its pod, requests over HTTP/1.1, two pods a zone, no keep-alive timeout in whose
    races chance decides, and the lab's own controllers, which restart them.
    """
    path = job.path
    return (
        path.backend is Backend.NEG
        and job.stands_in
        and job.settings.control_plane == "embedded"
        and not job.deployer
        and not job.outlasts_backend_timeout
        and job.application.requests is Requests.HTTP
        and path.protocol == "HTTP"
        and len(containers_of(path.pod)) == 1
        and path.replicas >= 2 * NODE_COUNT
        and not job.application.behaviour.has_keep_alive_races
    )


def sidecars_start_seconds(path: ServingPath, process_start_seconds: float) -> float:
    """How long native sidecars hold the serving container back: until each one's startup probe has passed.

    Args:
        path: whose sidecars are stand-ins.
        process_start_seconds: that each of them takes to listen.
    """
    timings = [_timing(each, "startupProbe") for each in sidecars(path.deployment["spec"]["template"])]
    return sum(beat(each.initial_delay_seconds, each.period_seconds, process_start_seconds) for each in timings if each)


def ready_seconds(job: Job) -> float:
    """From a new pod's creation until all its containers are ready, of stand-ins: at most, on a busy machine."""
    path, start = job.path, PROCESS_STARTS_REAL_SECONDS[1] * job.settings.speed_up
    begin = sidecars_start_seconds(path, start)

    def ready(container: Manifest) -> float:
        startup = job.application.behaviour.startup_seconds if container["name"] == path.container else 0
        startup_probe, readiness_probe = (_timing(container, kind) for kind in ("startupProbe", "readinessProbe"))
        return ready_at(begin, begin + start + startup, startup_probe, readiness_probe)

    pod = path.deployment["spec"]["template"]
    return max(ready(each) for each in (*pod["spec"]["containers"], *sidecars(pod)))


def _timing(container: Manifest, kind: str) -> Probe | None:
    probe = probe_of(container, kind)
    return None if probe is None else probe.timing


def steady_seconds(job: Job) -> float:
    """How long the window without a rollout is: as long as the model expects that of the job's pods to take."""
    return max(at for pod in _pods(job) for at in pod.events.values())


def about_seconds(job: Job) -> float:
    """How long the job's experiment takes, roughly, in wall-clock seconds: to begin with the longest of several."""
    path, settings = job.path, job.settings
    if job.experiment is not Experiment.ROLLOUT:
        return _UNREADY_SECONDS / settings.speed_up
    attached = max(settings.attach_lag_seconds) if job.gates_are_injected else 0
    each = job.application.behaviour.startup_seconds + path.min_ready_seconds + attached
    rollout = path.replicas * each + path.termination_grace_period_seconds + (IPVS_TAIL_SECONDS if job.ipvs else 0)
    return rollout * (2 if job.steady_first else 1) / settings.speed_up


def as_rehearsed(rollout: Rollout, settings: Settings, process_start_real_seconds: float) -> Rollout:
    """The rollout with what the lab allows the machine and with what it takes to start a process."""
    allowance = settings.allowance_real_seconds * settings.speed_up
    check = rollout.health_check
    return replace(
        rollout,
        startup_seconds=rollout.startup_seconds + process_start_real_seconds * settings.speed_up,
        health_check=replace(check, timeout_seconds=check.timeout_seconds + allowance),
        draining_timeout_seconds=rollout.draining_timeout_seconds + allowance,
    )
