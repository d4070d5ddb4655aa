"""The two experiments, and what is counted in them."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from nodrop.lab import http, netfilter, topology
from nodrop.lab.controllers.deployment import rolled_out
from nodrop.lab.job import Experiment, Job
from nodrop.lab.lab import Lab, LabError
from nodrop.lab.recorder import PodRecord
from nodrop.lab.results import (
    Conditions,
    Histogram,
    PodTimeline,
    Result,
    RolloutResult,
    Slack,
    Subject,
    UnreadyResult,
)
from nodrop.lab.store import Manifest
from nodrop.lab.traffic import Record
from nodrop.paths import Backend
from nodrop.rollout.facts import READINESS_GATE

WARM_UP_SECONDS = 20
"""Of traffic before the trigger, so that every proxy has kept-alive connections."""
WINDOW_SECONDS = 60
"""Of traffic after an unready pod's removal."""
TAIL_SECONDS = 5
"""Of traffic after the last proxy has forgotten the last old pod."""
BIN_REAL_SECONDS = 0.1
"""Width of the histogram's bins."""

Progress = Callable[[str], None]
"""Told the name of each phase as it begins."""


def run(job: Job, folder: Path, progress: Progress) -> Result:
    """Builds the lab in the calling process's namespaces, runs the experiment, and returns what was measured.

    Raises:
        LabError: the lab ran but could not measure.
        OSError: the system refused a part of the lab.
    """
    progress("building the network")
    fabric = topology.build(job.settings.proxies)
    for node in fabric.nodes:
        netfilter.prepare(node.namespace)
    return asyncio.run(_run(job, fabric, folder, progress))


async def _run(job: Job, fabric: topology.Fabric, folder: Path, progress: Progress) -> Result:
    background: list[asyncio.Task[None]] = []
    async with asyncio.TaskGroup() as tasks:

        def spawn(work: Coroutine[Any, Any, None]) -> None:
            background.append(tasks.create_task(work))

        lab = Lab(job, fabric, folder, spawn)
        lab.envoy.start(fabric.load_balancer)
        lab.store.create(_deployment(job))
        spawn(lab.manage())
        spawn(lab.poll_health())
        progress("starting the pods")
        try:
            await lab.settle()
        except TimeoutError:
            raise LabError(_unsettled(lab)) from None
        measure = _rollout if job.experiment is Experiment.ROLLOUT else _unready
        result = await measure(lab, progress)
        for task in background:
            task.cancel()
        lab.envoy.stop()
    return result


def _deployment(job: Job) -> Manifest:
    """The Deployment with the defaults that the API server would set and the controllers rely on."""
    deployment = job.path.deployment
    metadata = {**deployment["metadata"], "namespace": job.path.namespace}
    template = {"metadata": {}, **deployment["spec"]["template"]}
    return {
        **deployment,
        "metadata": metadata,
        "spec": {**deployment["spec"], "replicas": job.path.replicas, "template": template},
    }


def _unsettled(lab: Lab) -> str:
    pods = {name: ", ".join(record.events) for name, record in lab.recorder.pods.items()}
    return f"{lab.job.path.name} does not become available before the experiment: its pods' events were {pods}"


async def _rollout(lab: Lab, progress: Progress) -> RolloutResult:
    path, clock = lab.job.path, lab.clock
    grace = path.termination_grace_period_seconds
    async with lab.traffic(lab.job.application.behaviour.longest_request_seconds) as records:
        progress("warming up")
        await clock.sleep(WARM_UP_SECONDS)
        old = {name for name, record in lab.recorder.pods.items() if "gone" not in record.events}
        progress("rolling out")
        trigger = clock.now()
        restarted = {"kubectl.kubernetes.io/restartedAt": f"{trigger:.0f}"}
        template = {"template": {"metadata": {"annotations": restarted}}}
        lab.store.patch("Deployment", path.namespace, path.deployment["metadata"]["name"], {"spec": template})

        def over() -> bool:
            return rolled_out(lab.deployment) and all("gone" in lab.recorder.pods[name].events for name in old)

        per_pod = lab.job.application.behaviour.startup_seconds + path.min_ready_seconds + _LONGEST_WAIT_PER_POD_SECONDS
        finished = await _until(lab, over, path.replicas * per_pod + grace)
        duration = clock.now() - trigger
        await _until(lab, lab.balancer.programmed, max(lab.detach_lags))
        await clock.sleep(TAIL_SECONDS)
    pods = _timelines(lab, records, trigger, old)
    return RolloutResult(
        subject=_subject(lab),
        conditions=_conditions(lab),
        requests=len(records),
        failures=_failures(records),
        finished=finished,
        duration_seconds=duration,
        slack=_slack(pods, grace),
        pods=pods,
        histogram=_histogram(lab, records, trigger),
    )


_LONGEST_WAIT_PER_POD_SECONDS = 120
"""Beyond start-up and minReadySeconds; a rollout that needs more for each pod is not going to end."""


async def _until(lab: Lab, condition: Callable[[], bool], within_seconds: float) -> bool:
    """Waits for the condition, at most so long; returns whether it holds."""
    end = lab.clock.now() + within_seconds
    while not condition() and lab.clock.now() < end:
        await asyncio.sleep(0.02)
    return condition()


async def _unready(lab: Lab, progress: Progress) -> UnreadyResult:
    path, clock, application = lab.job.path, lab.clock, lab.job.application
    if application.unready_path is None:
        raise LabError("the unready experiment needs to know which path turns the command unready: --unready-path")
    victim = min(lab.recorder.pods)
    record = lab.recorder.pods[victim]
    async with lab.traffic(0) as records:
        progress("warming up")
        await clock.sleep(WARM_UP_SECONDS)
        progress("one pod turns unready")
        await _turn_unready(lab, record)
        trigger = clock.now()
        lab.recorder.event(victim, "unready")
        probe = path.readiness_probe
        noticed = probe.failure_threshold * probe.period_seconds + probe.timeout_seconds if probe else 0
        ejected = path.health_check.ejection_seconds if path.backend is Backend.NEG else 0
        limit = max(noticed + max(lab.kube_proxy_lags), ejected) + WINDOW_SECONDS / 2
        await _until(lab, lambda: "removed" in record.events, limit)
        flows = sum(
            await asyncio.gather(
                *(asyncio.to_thread(netfilter.pinned_flows, n.namespace, record.address) for n in lab.fabric.nodes)
            )
        )
        progress("counting who still serves")
        await clock.sleep(WINDOW_SECONDS)
    removed = record.events.get("removed")
    pods = _timelines(lab, records, trigger, {victim})
    (victim_pod,) = (pod for pod in pods if pod.old)
    after = [r for r in records if clock.at(r.start) >= (removed if removed is not None else trigger + limit)]
    last = victim_pod.last_request
    return UnreadyResult(
        subject=_subject(lab),
        conditions=_conditions(lab),
        requests=len(records),
        failures=_failures(records),
        removed_seconds=None if removed is None else removed - trigger,
        last_request_seconds=last if last is not None and last >= 0 else None,
        requests_after_removal=len(after),
        served_after_removal=sum(r.pod == victim for r in after),
        pinned_flows=flows,
        pods=pods,
        histogram=_histogram(lab, records, trigger),
    )


async def _turn_unready(lab: Lab, record: PodRecord) -> None:
    """Asks the application itself, from its own pod, so that no balancer and no rule takes part."""
    application = lab.job.application
    url = f"http://{record.address}:{lab.job.path.target_port}{application.unready_path}"
    headers = {"Authorization": f"Bearer {application.token}"}
    status = await http.get(lab.pod_networks[record.address], url, timeout_real_seconds=5, headers=headers)
    if status != 200:
        raise LabError(f"GET {application.unready_path} answered {status or 'nothing'} instead of 200")


# What was counted


def _subject(lab: Lab) -> Subject:
    path = lab.job.path
    pods = lab.store.list("Pod")
    return Subject(
        variant=lab.job.variant,
        path=path.name,
        backend=path.backend.value,
        replicas=path.replicas,
        pre_stop_seconds=path.pre_stop_seconds(path.container),
        readiness_gate=any(
            gate["conditionType"] == READINESS_GATE for pod in pods for gate in pod["spec"].get("readinessGates", [])
        ),
        keep_alive=lab.job.application.behaviour.keep_alive_timeout_seconds > 0,
    )


def _conditions(lab: Lab) -> Conditions:
    settings, application = lab.job.settings, lab.job.application
    return Conditions(
        speed_up=settings.speed_up,
        seed=settings.seed,
        requests_per_second=settings.requests_per_second,
        attach_lag_seconds=lab.attach_lags,
        detach_lag_seconds=lab.detach_lags,
        kube_proxy_lag_seconds=lab.kube_proxy_lags,
        longest_request_seconds=application.behaviour.longest_request_seconds,
        startup_seconds=application.behaviour.startup_seconds,
        keep_alive_timeout_seconds=application.behaviour.keep_alive_timeout_seconds,
        on_term=application.behaviour.on_term.value,
        stand_in=application.name,
    )


def _failures(records: list[Record]) -> dict[str, int]:
    return dict(Counter(record.cause for record in records if record.cause).most_common())


def _timelines(lab: Lab, records: list[Record], trigger: float, old: set[str]) -> tuple[PodTimeline, ...]:
    by_address = {record.address: name for name, record in lab.recorder.pods.items()}
    answered: dict[str, list[Record]] = {name: [] for name in lab.recorder.pods}
    for record in records:
        pod = record.pod or by_address.get(record.upstream.rpartition(":")[0], "")
        if not record.cause and pod in answered:
            answered[pod].append(record)
    at = lab.clock.at
    return tuple(
        PodTimeline(
            name=name,
            node=record.node,
            old=name in old,
            events={
                event: round(record.events[event] - trigger, 3)
                for event in PodTimeline.EVENTS
                if event in record.events
            },
            last_request=max((at(r.start) - trigger for r in answered[name]), default=None),
            last_response=max((at(r.end) - trigger for r in answered[name]), default=None),
            requests=len(answered[name]),
        )
        for name, record in lab.recorder.pods.items()
    )


def _slack(pods: tuple[PodTimeline, ...], grace_seconds: float) -> Slack:
    """The smallest margins over the replaced pods.

    The new pod that an old one made room for is the one that was attached last before it, in order of deletion: with
    maxSurge 1 that is one for one.
    """
    old = sorted((pod for pod in pods if pod.old and "deleted" in pod.events), key=lambda pod: pod.events["deleted"])
    new = sorted(pod.events["attached"] for pod in pods if not pod.old and "attached" in pod.events)

    def least(values: list[float]) -> float | None:
        return round(min(values), 2) if values else None

    return Slack(
        term_after_last_request=least(
            [p.events["term"] - p.last_request for p in old if "term" in p.events and p.last_request is not None]
        ),
        kill_after_last_response=least(
            [p.events["deleted"] + grace_seconds - p.last_response for p in old if p.last_response is not None]
        ),
        deletion_after_new_routable=least(
            [pod.events["deleted"] - attached for pod, attached in zip(old, new, strict=False)]
        ),
    )


def _histogram(lab: Lab, records: list[Record], trigger: float) -> Histogram:
    width = BIN_REAL_SECONDS * lab.clock.speed_up
    starts = [(lab.clock.at(record.start) - trigger, bool(record.cause)) for record in records]
    first = min((start for start, _ in starts), default=0.0) // width
    bins = int(max((start for start, _ in starts), default=0.0) // width - first) + 1
    requests, failures = [0] * bins, [0] * bins
    for start, failed in starts:
        position = int(start // width - first)
        requests[position] += 1
        failures[position] += failed
    return Histogram(start=first * width, width=width, requests=tuple(requests), failures=tuple(failures))
