"""What the model expects of a rehearsal, with the lags that the lab's proxies have and the latency that it allows.

For NEG backends only: the model knows no NodePort.
"""

from dataclasses import dataclass, replace

from nodrop.lab.controllers.kubelet import sidecars
from nodrop.lab.controllers.probe_actions import probe_of
from nodrop.lab.data_plane.topology import NODE_COUNT
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.lab.protocols import Requests
from nodrop.paths import Backend, ServingPath, read_rollout
from nodrop.paths.containers import containers_of
from nodrop.rollout import Drops, PodTimeline, Programming, Rollout, expected_drops, plan, timeline
from nodrop.rollout.timeline import beat

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
    drops: Drops | None
    """None where the longest requests outlast the backend timeout: the model has no request that fails at any time."""
    failed: tuple[float, float] | None
    """The least and the most requests that fail, whenever this machine starts the processes; None where the record of
    model and lab has no such rollout, so that the lab may know better."""


def predict(job: Job, programming: Programming) -> Prediction | None:
    """What the model expects of the job's rollout; None behind a NodePort, or with a preStop that is asked or run."""
    path = job.path
    has_pre_stop = path.container not in path.containers_without_pre_stop
    if path.backend is not Backend.NEG or (has_pre_stop and job.slept_pre_stop_seconds(path.container) is None):
        return None
    begin = sidecars_start_seconds(path, PROCESS_START_REAL_SECONDS * job.settings.speed_up)
    stated = replace(read_rollout(path, job.application.behaviour), start_delay_seconds=begin)

    def drops(process_start_real_seconds: float) -> Drops:
        rollout = as_rehearsed(stated, job.settings, process_start_real_seconds)
        return expected_drops(rollout, job.settings.requests_per_second, programming)

    starts = (PROCESS_START_REAL_SECONDS, *PROCESS_STARTS_REAL_SECONDS)
    failed = [drops(each).total for each in starts] if _is_on_record(job) else []
    return Prediction(
        pods=timeline(as_rehearsed(stated, job.settings, PROCESS_START_REAL_SECONDS), programming),
        drops=None if job.outlasts_backend_timeout else drops(PROCESS_START_REAL_SECONDS),
        failed=(min(failed), max(failed)) if failed else None,
    )


def _is_on_record(job: Job) -> bool:
    """Whether rollouts such as the job's are drawn for the record of model and lab (docs/rollout.md).

    Those have the stand-in alone in its pod, requests over HTTP/1.1, two pods a zone, no keep-alive timeout in whose
    races chance decides, and the lab's own controllers, which restart them.
    """
    path = job.path
    return (
        job.stands_in
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
    probes = [probe_of(each, "startupProbe") for each in sidecars(path.deployment["spec"]["template"])]
    timings = [each.timing for each in probes if each is not None]
    return sum(beat(each.initial_delay_seconds, each.period_seconds, process_start_seconds) for each in timings)


def steady_seconds(job: Job) -> float:
    """How long the window without a rollout is: as long as the rollout of the job's pods takes at least."""
    stated = read_rollout(job.path, job.application.behaviour)
    return plan(replace(stated, max_replicas=None)).old_gone_at_least_seconds


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
