"""What one run may ask of this machine. Pure: looks at a job before anything is started."""

from nodrop.lab.errors import LabFailedError
from nodrop.lab.job import Job

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
