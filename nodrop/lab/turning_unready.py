"""The experiments `unready` and `relabelled`: one pod leaves its Service, and who serves from then on is counted."""

import asyncio

from nodrop.lab.counting import answered_by, failures_by_cause, histogram, timelines
from nodrop.lab.data_plane import http
from nodrop.lab.described import conditions_of, subject_of
from nodrop.lab.doubt import believe, impossible_timeouts, late_starts, latency_doubts, own_errors
from nodrop.lab.errors import LabFailedError
from nodrop.lab.job import Experiment
from nodrop.lab.lab import Lab
from nodrop.lab.prediction import ready_seconds
from nodrop.lab.protocols import backend_speaks_tls
from nodrop.lab.recorder import PodRecord
from nodrop.lab.results import UnreadyResult
from nodrop.lab.running import Progress
from nodrop.lab.sending import sending
from nodrop.paths import Backend

WINDOW_SECONDS = 60
"""Of traffic after an unready pod's removal. Source: chosen, for some 700 requests at the default rate."""


async def measure_unready(lab: Lab, progress: Progress) -> UnreadyResult:
    """Makes one pod of a lab that runs leave its Service.

    Raises:
        LabFailedError: the application cannot be made unready, or does not say which pod answers.
        LabStalledError: the result cannot be believed.
    """
    job, path, clock, settings = lab.job, lab.job.path, lab.clock, lab.job.settings
    relabelled = job.experiment is Experiment.RELABELLED
    if job.application.unready_path is None and not relabelled:
        raise LabFailedError(
            "the unready experiment needs to know which path turns the command unready: --unready-path"
        )
    victim = min(lab.recorder.pods)
    record = lab.recorder.pods[victim]
    progress("warming up")
    async with sending(lab, 0) as records:
        if relabelled:
            progress("one pod gets another label")
            _relabel(lab, victim)
        else:
            progress("one pod turns unready")
            await _turn_unready(lab, record)
            lab.recorder.event(victim, "unready")
        trigger = clock.now()
        limit = _removal_seconds(lab) + WINDOW_SECONDS / 2
        await clock.until(lambda: "removed" in record.events, limit)
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
    latencies = lab.latencies.worst_real_seconds
    pods = timelines(lab.recorder.pods, records, clock, trigger, {victim})
    (victim_pod,) = (pod for pod in pods if pod.old)
    after = [r for r in records if clock.at(r.start) >= (removed if removed is not None else trigger + limit)]
    last = victim_pod.last_request
    in_time = job.answers_in_time
    replacing = [pod for pod in pods if pod.events.get("created", -1.0) >= 0]  # a relabelled pod's; else none starts
    allowed = clock.allowance_real_seconds * clock.speed_up
    believe(
        *own_errors(records, settings.requests_per_second),
        *latency_doubts(latencies, lab.latencies.bound_real_seconds),
        *(impossible_timeouts(records, pods, lab.recorder.addresses(), clock, trigger) if in_time else ()),
        *(late_starts(replacing, ready_seconds(job), allowed) if job.stands_in else ()),
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


def _removal_seconds(lab: Lab) -> float:
    """How long proxies and nodes take at most to send an unready pod nothing more."""
    path = lab.job.path
    probe = path.readiness_probe
    noticed = probe.failure_threshold * probe.period_seconds + probe.timeout_seconds if probe else 0
    ejected = path.health_check.ejection_seconds if path.backend is Backend.NEG else 0
    followed = max(lab.job.settings.kube_proxy_lags_seconds(len(lab.fabric.nodes)))
    return max(noticed + followed, ejected)


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
