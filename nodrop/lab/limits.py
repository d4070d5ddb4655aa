"""What one run may ask of this machine. Pure: looks at a job before anything is started."""

from nodrop.lab.errors import LabFailedError
from nodrop.lab.job import Job

EARLY_SHARE = 0.1
"""Of minReadySeconds, the most by which time compression may let a pod count as available too early. Source: chosen."""

MOST_CONTAINERS = 100
"""Of all replicas; each is a process here, and a rollout has twice as many for a while. Source: chosen, for about 2 GB
of memory at most with the stand-in."""


def check(job: Job) -> None:
    """Raises LabFailedError where the job has nothing to rehearse, or more containers than `MOST_CONTAINERS`."""
    path = job.path
    if path.replicas < 1:
        raise LabFailedError(f"{path.name} has no replicas, so there is nothing to rehearse")
    each = len(path.containers)
    if path.replicas * each > MOST_CONTAINERS:
        fewer = MOST_CONTAINERS // each
        passes = f"replicas: {fewer}" if fewer else f"a pod of {MOST_CONTAINERS} containers or fewer"
        raise LabFailedError(
            f"{path.name} has {path.replicas} replicas, {each} container{'s' if each > 1 else ''} each; "
            f"the lab starts at most {MOST_CONTAINERS} containers; what would pass: {passes}"
        )
    if job.deployer and job.settings.control_plane != "kubernetes":
        raise LabFailedError(
            f"{path.name}: a deployer needs an API server, the control plane is {job.settings.control_plane}; "
            "what would pass: kubernetes"
        )
    if job.settings.control_plane == "kubernetes":
        if job.ipvs and job.ipvs.delete_at_once:
            raise LabFailedError(
                f"{path.name}: --ipvs delete_at_once=1 with --control-plane kubernetes: the agent that deletes servers "
                "is the lab's; what would pass: --control-plane embedded"
            )
        _check_compression(path.name, path.min_ready_seconds, job.settings.speed_up)


def _check_compression(name: str, min_ready_seconds: float, speed_up: float) -> None:
    """The real controllers judge availability in whole seconds of wall clock, and up to one of them early."""
    whole, least = min_ready_seconds % speed_up == 0, EARLY_SHARE * min_ready_seconds
    if speed_up == 1 or not min_ready_seconds or (whole and speed_up <= least):
        return
    passing = [each for each in range(1, int(least) + 1) if min_ready_seconds % each == 0] or [1]
    raise LabFailedError(
        f"{name} has minReadySeconds: {min_ready_seconds:g}, which the real controllers judge in whole seconds of wall "
        f"clock, up to one of them early: up to {speed_up:g} s at --speed-up {speed_up:g}; --control-plane kubernetes "
        f"takes a speed-up that divides it and is at most a tenth of it; what would pass: "
        f"{', '.join(f'--speed-up {each}' for each in passing)}"
    )
