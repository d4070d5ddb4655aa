"""The two experiments, and what is counted in them."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from nodrop.lab import verdicts
from nodrop.lab.controllers.deployment import rolled_out
from nodrop.lab.counting import (
    answered_by,
    by_method,
    disrupted_seconds,
    failures_by_cause,
    histogram,
    least_slack,
    opened,
    reconnects,
    timelines,
    told_apart,
)
from nodrop.lab.data_plane import http
from nodrop.lab.data_plane.topology import Fabric
from nodrop.lab.data_plane.translation import Translation
from nodrop.lab.described import conditions_of, subject_of
from nodrop.lab.doubt import (
    impossible_ends,
    impossible_timeouts,
    late_starts,
    latencies_of,
    latency_doubts,
    most_latency,
    own_errors,
    unexpected_ends,
    unexpected_failures,
)
from nodrop.lab.errors import LabFailedError, LabStalledError
from nodrop.lab.job import Experiment, Job
from nodrop.lab.kubernetes.cluster import Cluster
from nodrop.lab.lab import Lab
from nodrop.lab.prediction import predict, steady_seconds
from nodrop.lab.protocols import Requests, backend_speaks_tls
from nodrop.lab.recorder import PodRecord
from nodrop.lab.results import Result, RolloutResult, UnreadyResult
from nodrop.lab.store import Manifest
from nodrop.lab.traffic import Record
from nodrop.paths import Backend
from nodrop.rollout import PodTimeline, Programming

WARM_UP_SECONDS = 20
"""Of traffic before the trigger, so that every proxy has kept-alive connections. Source: chosen."""
WINDOW_SECONDS = 60
"""Of traffic after an unready pod's removal. Source: chosen, for some 700 requests at the default rate."""
TAIL_SECONDS = 5
"""Of traffic after the last proxy has forgotten the last old pod. Source: chosen."""
IPVS_TAIL_SECONDS = 300
"""Of traffic after a rollout behind IPVS, whose reused ports reach dead pods for as long as they are reused. Source:
chosen, beyond the 120 s for which the kernel remembers a connection that has ended."""
Progress = Callable[[str], None]
"""Called with the name of each phase as it begins."""


async def run(
    job: Job,
    fabric: Fabric,
    translations: Sequence[Translation],
    folder: Path,
    progress: Progress,
    cluster: Cluster | None = None,
) -> Result:
    """Starts the lab on the network, runs the experiment, and returns what was measured.

    Args:
        job: what to rehearse.
        fabric: the network, as topology.build made it in this process's namespaces.
        translations: what translates each node's NodePorts, in the order of the nodes.
        folder: where the lab's files go.
        progress: called with each phase.
        cluster: whose controllers work; None: the embedded ones do.

    Raises:
        LabFailedError: there is nothing to measure.
        ExceptionGroup: of the errors of the lab's parts; LabFailedError says that it could not measure.
    """
    background: list[asyncio.Task[None]] = []
    async with asyncio.TaskGroup() as tasks:

        def spawn(work: Coroutine[Any, Any, None]) -> None:
            background.append(tasks.create_task(work))

        lab = Lab(job, fabric, translations, folder, spawn, cluster)
        lab.envoy.start(fabric.load_balancer)
        lab.store.create(_deployment(job))
        spawn(lab.manage())
        spawn(lab.poll_health())
        spawn(lab.watch_stalls())
        spawn(lab.watch_proxies())
        progress("starting the pods")
        try:
            await lab.settle()
        except TimeoutError:
            _believe(*latency_doubts(lab.latencies_real_seconds, most_latency(lab.clock.allowance_real_seconds)))
            why = await verdicts.failing(lab)
            raise LabFailedError(f"{job.path.name} does not become available before the experiment: {why}") from None
        measure = _rollout if job.experiment is Experiment.ROLLOUT else _unready
        lab.begin_measuring()
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


async def _rollout(lab: Lab, progress: Progress) -> RolloutResult:
    path, clock = lab.job.path, lab.clock
    grace = path.termination_grace_period_seconds
    steady = await _steady(lab, progress) if lab.job.steady_first else []
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
        limit = path.replicas * per_pod + grace
        finished = await _until(lab, over, limit)
        duration = clock.now() - trigger
        await _until(lab, lab.balancer.programmed, max(lab.detach_lags))
        over_at = clock.now()
        await clock.sleep(IPVS_TAIL_SECONDS if lab.job.ipvs else TAIL_SECONDS)
    steady_failures, asked, asked_before = failures_by_cause(steady), len(opened(records)), len(opened(steady))
    caused, anyway = told_apart(failures_by_cause(records), asked, steady_failures, asked_before)
    pods = timelines(lab.recorder.pods, records, clock, trigger, old)
    lags = Programming(
        attach_lag_seconds=lab.attach_lags, detach_lag_seconds=lab.detach_lags, injects_gate=lab.job.inject_gate
    )
    prediction = predict(lab.job, lags)
    latencies = lab.latencies_real_seconds | latencies_of([*steady, *records])
    allowed = clock.allowance_real_seconds * clock.speed_up
    bound = most_latency(clock.allowance_real_seconds)
    by_request = lab.job.application.requests is not Requests.WEBSOCKET
    expected = prediction.drops.total if prediction and prediction.drops and by_request else None
    stands_in = lab.job.application.command is None
    _believe(
        *own_errors([*steady, *records], lab.job.settings.requests_per_second),
        *latency_doubts(latencies, bound),
        *impossible_ends(pods, allowed),
        *(_timeouts(lab, records, pods, trigger) if stands_in and by_request else ()),
        *(late_starts(pods, prediction.pods, allowed) if prediction and stands_in else ()),
        *(unexpected_ends(prediction.pods, limit) if prediction and stands_in and not finished else ()),
        *(unexpected_failures(caused, expected, latencies, bound) if stands_in else ()),
    )
    return RolloutResult(
        subject=subject_of(lab),
        conditions=conditions_of(lab),
        requests=asked,
        failures=caused,
        failures_anyway=anyway,
        steady_requests=asked_before,
        steady_failures=steady_failures,
        failed_after=sum(1 for each in records if each.cause in caused and clock.at(each.start) >= over_at),
        finished=finished,
        duration_seconds=duration,
        slack=least_slack(pods, grace),
        pods=pods,
        histogram=histogram(lab.recorder.pods, records, clock, trigger, old),
        expected_failed=expected,
        methods=by_method(records, steady) if by_request else {},
        reconnects=reconnects(records),
        disrupted_seconds=disrupted_seconds(records, clock),
        latencies_real_seconds=latencies,
        predicted=prediction.pods if prediction else (),
    )


def _believe(*doubts: str) -> None:
    """Raises LabStalledError where there is a doubt about the run."""
    if doubts:
        raise LabStalledError(doubts[0])


def _timeouts(lab: Lab, records: list[Record], pods: tuple[PodTimeline, ...], trigger: float) -> list[str]:
    """Timeouts that are the machine's.

    None where the application itself outlasts the backend timeout, or where an agent deletes servers in the middle of
    their responses.
    """
    if lab.job.ipvs and lab.job.ipvs.delete_at_once:
        return []
    if lab.job.application.behaviour.longest_request_seconds > lab.job.path.backend_timeout_seconds:
        return []
    addresses = {name: record.address for name, record in lab.recorder.pods.items()}
    return impossible_timeouts(records, pods, addresses, lab.clock, trigger)


async def _steady(lab: Lab, progress: Progress) -> list[Record]:
    """Requests of a window as long as the rollout is going to be, while nothing changes."""
    async with lab.traffic(lab.job.application.behaviour.longest_request_seconds) as records:
        progress("counting without a rollout")
        await lab.clock.sleep(WARM_UP_SECONDS + steady_seconds(lab.job))
    return records


_LONGEST_WAIT_PER_POD_SECONDS = 120
"""Beyond start-up and minReadySeconds; a rollout that needs more for each pod is not going to end. Source: chosen."""


async def _until(lab: Lab, condition: Callable[[], bool], within_seconds: float) -> bool:
    """Waits for the condition, at most so long; returns whether it holds."""
    end = lab.clock.now() + within_seconds
    while not condition() and lab.clock.now() < end:
        await asyncio.sleep(0.02)
    return condition()


async def _unready(lab: Lab, progress: Progress) -> UnreadyResult:
    path, clock, application = lab.job.path, lab.clock, lab.job.application
    relabelled = lab.job.experiment is Experiment.RELABELLED
    if application.unready_path is None and not relabelled:
        raise LabFailedError(
            "the unready experiment needs to know which path turns the command unready: --unready-path"
        )
    victim = min(lab.recorder.pods)
    record = lab.recorder.pods[victim]
    async with lab.traffic(0) as records:
        progress("warming up")
        await clock.sleep(WARM_UP_SECONDS)
        if relabelled:
            progress("one pod gets another label")
            _relabel(lab, victim)
        else:
            progress("one pod turns unready")
            await _turn_unready(lab, record)
            lab.recorder.event(victim, "unready")
        trigger = clock.now()
        probe = path.readiness_probe
        noticed = probe.failure_threshold * probe.period_seconds + probe.timeout_seconds if probe else 0
        ejected = path.health_check.ejection_seconds if path.backend is Backend.NEG else 0
        limit = max(noticed + max(lab.kube_proxy_lags), ejected) + WINDOW_SECONDS / 2
        await _until(lab, lambda: "removed" in record.events, limit)
        flows = sum(
            await asyncio.gather(*(asyncio.to_thread(n.pinned_flows, record.address) for n in lab.translations))
        )
        progress("counting who still serves")
        await clock.sleep(WINDOW_SECONDS)
    if path.backend is Backend.INSTANCE_GROUP and not any(each.pod for each in records):
        raise LabFailedError(
            "behind a NodePort only the application can say which pod answered: "
            "let the command send the header X-Pod with the value of the variable POD_NAME"
        )
    removed = record.events.get("removed")
    latencies = lab.latencies_real_seconds | latencies_of(records)
    pods = timelines(lab.recorder.pods, records, clock, trigger, {victim})
    (victim_pod,) = (pod for pod in pods if pod.old)
    after = [r for r in records if clock.at(r.start) >= (removed if removed is not None else trigger + limit)]
    last = victim_pod.last_request
    _believe(
        *own_errors(records, lab.job.settings.requests_per_second),
        *latency_doubts(latencies, most_latency(clock.allowance_real_seconds)),
        *(_timeouts(lab, records, pods, trigger) if application.command is None else ()),
    )
    return UnreadyResult(
        subject=subject_of(lab),
        conditions=conditions_of(lab),
        requests=len(records),
        failures=failures_by_cause(records),
        removed_seconds=None if removed is None else removed - trigger,
        last_request_seconds=last if last is not None and last >= 0 else None,
        requests_after_removal=len(after),
        served_after_removal=len(answered_by(lab.recorder.pods, after)[victim]),
        pinned_flows=flows,
        latencies_real_seconds=latencies,
        pods=pods,
        histogram=histogram(lab.recorder.pods, records, clock, trigger, {victim}),
    )


def _relabel(lab: Lab, pod: str) -> None:
    """Takes the pod out of its Service and its ReplicaSet, as `kubectl label --overwrite` does."""
    labels = {"metadata": {"labels": dict.fromkeys(lab.service["spec"]["selector"], "relabelled")}}
    lab.store.patch("Pod", lab.job.path.namespace, pod, labels)


async def _turn_unready(lab: Lab, record: PodRecord) -> None:
    """Asks the application itself, from its own pod, so that no balancer and no rule takes part."""
    application = lab.job.application
    scheme = "https" if backend_speaks_tls(lab.job.path) else "http"
    url = f"{scheme}://{record.address}:{lab.job.path.target_port}{application.unready_path}"
    headers = {"Authorization": f"Bearer {application.token}"}
    answer = await http.get(lab.pod_networks[record.address], url, timeout_real_seconds=5, headers=headers)
    if answer.status != 200:
        raise LabFailedError(f"GET {application.unready_path} {answer.said} instead of 200")
