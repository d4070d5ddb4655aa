"""One experiment on one lab, from the network to what was measured."""

from collections.abc import Sequence
from pathlib import Path

from nodrop.lab.data_plane.topology import Fabric
from nodrop.lab.data_plane.translation import Translation
from nodrop.lab.job import Experiment, Job
from nodrop.lab.kubernetes.cluster import Cluster
from nodrop.lab.results import Result
from nodrop.lab.rolling_out import measure_rollout
from nodrop.lab.running import Progress, running
from nodrop.lab.turning_unready import measure_unready


async def run(
    job: Job,
    fabric: Fabric,
    translations: Sequence[Translation],
    folder: Path,
    progress: Progress,
    cluster: Cluster | None = None,
) -> Result:
    """Runs the lab for as long as the job's experiment takes, with the arguments of `running`.

    Raises:
        ExceptionGroup: of the errors of the lab's parts. LabFailedError: there is nothing to measure, or it could not.
            LabStalledError: this machine was late.
    """
    measure = measure_rollout if job.experiment is Experiment.ROLLOUT else measure_unready
    async with running(job, fabric, translations, folder, progress, cluster) as lab:
        return await measure(lab, progress)
