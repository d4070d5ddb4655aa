"""What the model expects of a rehearsal, with the lags that the lab's proxies have and the latency that it allows.

For NEG backends only: the model knows no NodePort.
"""

from dataclasses import dataclass, replace

from nodrop.lab.job import Experiment, Job, Settings
from nodrop.paths import Backend, read_rollout
from nodrop.rollout import Drops, PodTimeline, Programming, Rollout, expected_drops, plan, timeline

PROCESS_START_REAL_SECONDS = 0.15
"""Wall-clock seconds that the stand-in usually takes to start, beside its start-up. Source: measured on two cores."""
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


def predict(job: Job, programming: Programming) -> Prediction | None:
    """What the model expects of the job's rollout; None behind a NodePort, or with a preStop of unknown duration."""
    path = job.path
    unknown = path.pre_stop_seconds(path.container) is None and path.container not in path.containers_without_pre_stop
    if path.backend is not Backend.NEG or unknown:
        return None
    stated = read_rollout(job.path, job.application.behaviour)
    rollout = as_rehearsed(stated, job.settings, PROCESS_START_REAL_SECONDS)
    drops = expected_drops(rollout, job.settings.requests_per_second, programming)
    return Prediction(pods=timeline(rollout, programming), drops=None if job.outlasts_backend_timeout else drops)


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
