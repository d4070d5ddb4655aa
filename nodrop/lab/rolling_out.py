"""The experiment `rollout`: every pod is replaced under load, and what failed is counted."""

from nodrop.lab.controllers.deployment import rolled_out
from nodrop.lab.counting import (
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
from nodrop.lab.described import conditions_of, subject_of
from nodrop.lab.doubt import (
    believe,
    impossible_ends,
    impossible_timeouts,
    late_starts,
    latency_doubts,
    own_errors,
    unexpected_ends,
    unexpected_failures,
    unlike_the_model,
)
from nodrop.lab.lab import Lab
from nodrop.lab.prediction import IPVS_TAIL_SECONDS, predict, ready_seconds, steady_seconds
from nodrop.lab.results import RolloutResult
from nodrop.lab.running import Progress, available
from nodrop.lab.sending import sending
from nodrop.lab.traffic import Record

TAIL_SECONDS = 5
"""Of traffic after the last proxy has forgotten the last old pod and reaches every new one. Source: chosen."""
_LONGEST_WAIT_PER_POD_SECONDS = 120
"""Beyond start-up, minReadySeconds and the health check's time; a rollout that needs more for each pod is not going to
end. Source: chosen."""


async def measure_rollout(lab: Lab, progress: Progress) -> RolloutResult:
    """Restarts the Deployment's pods in a lab that runs, or has its deployer update them.

    Raises:
        LabFailedError: the deployer failed.
        LabStalledError: the result cannot be believed.
    """
    job, path, clock, settings = lab.job, lab.job.path, lab.clock, lab.job.settings
    behaviour = job.application.behaviour
    grace = path.termination_grace_period_seconds
    steady = await _steady(lab, progress) if job.steady_first else []
    progress("warming up")
    async with sending(lab, behaviour.longest_request_seconds) as records:
        await available(lab)
        old = set(lab.recorder.present())
        progress("rolling out")
        trigger = await _begin(lab)

        def over() -> bool:
            return rolled_out(lab.deployment) and old.isdisjoint(lab.recorder.present())

        stated = behaviour.startup_seconds + path.min_ready_seconds + path.health_check.admission_seconds
        limit = path.replicas * (stated + _LONGEST_WAIT_PER_POD_SECONDS) + grace
        finished = await clock.until(over, limit)
        duration = clock.now() - trigger
        if lab.deployer:
            await lab.deployer.ended()
        await clock.until(lambda: lab.balancer.programmed() and lab.routing.complete(), _settling_seconds(lab))
        over_at = clock.now()
        await clock.sleep(IPVS_TAIL_SECONDS if job.ipvs else TAIL_SECONDS)
    steady_failures, asked, asked_before = failures_by_cause(steady), len(opened(records)), len(opened(steady))
    caused, anyway = told_apart(failures_by_cause(records), asked, steady_failures, asked_before)
    pods = timelines(lab.recorder.pods, records, clock, trigger, old)
    prediction = predict(job)
    latencies = lab.latencies.worst_real_seconds
    allowed = clock.allowance_real_seconds * clock.speed_up
    bound = lab.latencies.bound_real_seconds
    by_request = not job.application.requests.kept_open
    expected = prediction.drops.total if prediction and prediction.drops and by_request else None
    in_time = job.answers_in_time and by_request
    predicted = prediction.pods if prediction else ()
    methods = by_method(records, steady) if by_request else {}
    saved = sum(each.saved for each in methods.values())
    believe(
        *own_errors([*steady, *records], settings.requests_per_second),
        *latency_doubts(latencies, bound),
        *impossible_ends(pods, lab.latencies.with_begin(), clock.speed_up),
        *(impossible_timeouts(records, pods, lab.recorder.addresses(), clock, trigger) if in_time else ()),
        *(late_starts(pods, ready_seconds(job), allowed) if job.stands_in else ()),
        *(unexpected_ends(predicted, limit) if job.ends_as_predicted and not finished else ()),
        *(unexpected_failures(caused, expected, lab.latencies.with_begin(), bound) if job.stands_in else ()),
    )
    counted = sum(caused.values()) + saved
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
        methods=methods,
        reconnects=reconnects(records),
        disrupted_seconds=disrupted_seconds(records, clock),
        unlike_model=unlike_the_model(counted, prediction.failed if prediction and job.held_to_model else None),
        latencies_real_seconds=latencies,
        predicted=predicted,
    )


def _settling_seconds(lab: Lab) -> float:
    """How long proxies may still send to old pods, or not yet to new ones, after a rollout is over: at most.

    Without a gate a rollout ends before proxies know the new pods; so it does with one that passes unchecked, as in a
    zone without healthy endpoints, which a `Recreate` leaves.
    """
    settings, check = lab.job.settings, lab.job.path.health_check
    checks = max(check.healthy_threshold, check.unhealthy_threshold)
    lags = (*settings.attach_lags_seconds, *settings.detach_lags_seconds, *settings.kube_proxy_lag_seconds)
    starting = lab.job.application.behaviour.startup_seconds
    return starting + max(lags) + checks * (check.check_interval_seconds + check.timeout_seconds)


async def _steady(lab: Lab, progress: Progress) -> list[Record]:
    """Requests of a window as long as the rollout is predicted to be, while nothing changes."""
    progress("counting without a rollout")
    async with sending(lab, lab.job.application.behaviour.longest_request_seconds) as records:
        await lab.clock.sleep(steady_seconds(lab.job))
    return records


async def _begin(lab: Lab) -> float:
    """Has the pod template changed; returns when it was, in seconds on the lab's clock."""
    if lab.deployer is None:
        trigger = lab.clock.now()
        _restart(lab, trigger)
        return trigger
    before = lab.deployment["spec"]["template"]
    lab.deployer.update()
    await lab.deployer.until(lambda: lab.deployment["spec"]["template"] != before, "the pod template changed")
    return lab.clock.now()


def _restart(lab: Lab, now: float) -> None:
    """Changes the pod template, as `kubectl rollout restart` does."""
    restarted = {"kubectl.kubernetes.io/restartedAt": f"{now:.0f}"}
    template = {"template": {"metadata": {"annotations": restarted}}}
    path = lab.job.path
    lab.store.patch("Deployment", path.namespace, path.deployment["metadata"]["name"], {"spec": template})
