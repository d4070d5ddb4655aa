"""The lab's life: its parts start, its loops run until its pods serve, an experiment goes on, everything stops."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from nodrop.lab import verdicts
from nodrop.lab.controllers.deployment import all_ready, rolled_out
from nodrop.lab.data_plane.topology import Fabric
from nodrop.lab.data_plane.translation import Translation
from nodrop.lab.doubt import believe
from nodrop.lab.errors import LabFailedError
from nodrop.lab.job import Job
from nodrop.lab.kubernetes.cluster import Cluster
from nodrop.lab.lab import POLL_REAL_SECONDS, Lab

_POLL_SHARE = 0.2
"""Of the time, at most, that asking for the proxies' health takes: of 90 pods, half a megabyte. Source: chosen."""
Progress = Callable[[str], None]
"""Called with the name of each phase as it begins."""


@asynccontextmanager
async def running(
    job: Job,
    fabric: Fabric,
    translations: Sequence[Translation],
    folder: Path,
    progress: Progress,
    cluster: Cluster | None = None,
) -> AsyncGenerator[Lab]:
    """The lab on the network, for as long as the body runs; its pods serve, though they may not count as available yet.

    A late machine ends it from now on.

    Args:
        job: what to rehearse.
        fabric: the network, as topology.build made it in this process's namespaces.
        translations: what translates each node's NodePorts, in the order of the nodes.
        folder: where the lab's files go.
        progress: called with each phase.
        cluster: whose controllers work; None: the embedded ones do.

    Raises:
        ExceptionGroup: of the errors of the lab's parts and of the body. LabFailedError: the pods do not serve.
            LabStalledError: this machine was late.
    """
    background: list[asyncio.Task[None]] = []
    async with asyncio.TaskGroup() as tasks:

        def spawn(work: Coroutine[Any, Any, None]) -> None:
            background.append(tasks.create_task(work))

        lab = Lab(job, fabric, translations, folder, spawn, cluster)
        lab.envoy.start(fabric.load_balancer)
        await lab.declare()
        spawn(_manage(lab))
        spawn(_poll_health(lab))
        spawn(lab.latencies.watch_controllers())
        spawn(lab.latencies.watch_proxies())
        progress("starting the pods")
        if lab.deployer:
            await lab.deployer.deployed()
            await lab.deployer.until(lambda: lab.store.has(*lab.deployment_key), "there was its Deployment")
        await _until(lambda: all_ready(lab.deployment) and lab.balancer.programmed() and lab.routing.complete(), lab)
        lab.balancer.at_once = False
        lab.latencies.begin_measuring()
        yield lab
        for task in background:
            task.cancel()
        lab.envoy.stop()


async def _manage(lab: Lab) -> None:
    """Runs the controllers: all of them whenever an object changed or one of them asked to be called again."""
    while True:
        seen = lab.store.resource_version
        wakeups = [wake for controller in lab.controllers if (wake := controller.sync()) is not None]
        pause = lab.clock.real(min(wakeups) - lab.clock.now()) if wakeups else None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if pause is None else max(0, pause)):
                await lab.store.watch(seen)  # not in wait_for: that of Python 3.11 may swallow the end of the lab


async def _poll_health(lab: Lab) -> None:
    """Keeps up with what the proxies' health checks find."""
    while True:
        asked = time.monotonic()
        with contextlib.suppress(aiohttp.ClientError):  # Envoy is not listening yet
            lab.routing.found(await lab.envoy.health())
        lab.envoy.check()
        took = time.monotonic() - asked
        await asyncio.sleep(max(POLL_REAL_SECONDS, took / _POLL_SHARE - took))


async def available(lab: Lab) -> None:
    """Returns when the Deployment of a lab that runs is rolled out: its pods have been ready for `minReadySeconds`.

    Raises:
        LabFailedError: it does not become so within the progress deadline.
        LabStalledError: this machine was late.
    """
    await _until(lambda: rolled_out(lab.deployment), lab)


async def _until(condition: Callable[[], bool], lab: Lab) -> None:
    path = lab.job.path
    if not await lab.clock.until(condition, path.progress_deadline_seconds):
        believe(*lab.latencies.doubts())
        why = await verdicts.failing(lab)
        raise LabFailedError(f"{path.name} does not become available before the experiment: {why}")
