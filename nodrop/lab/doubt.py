"""Whether a run can be believed: how long the machine let the lab's parts wait, and figures that no rollout has. Pure.

A run with any doubt is void: what it counted may be the machine's and not the rollout's.
"""

from collections.abc import Mapping, Sequence

from nodrop.lab.causes import TIMEOUT, is_own_error
from nodrop.lab.clock import LATENCY_ALLOWANCE_REAL_SECONDS, Clock
from nodrop.lab.errors import LabStalledError
from nodrop.lab.results import PodTimeline
from nodrop.lab.traffic import Record

WAITS_OF_A_REQUEST = 3
"""How often one request waits for a process between two ends of a timeout: for the pod to read it, for the pod to
answer, for the proxy to read the answer."""
MANY_REQUESTS = 30
"""Where so many are expected, chance does not make it none. Source: chosen, and borne out by the record of model and
lab, where all 80 runs agreed on none or that many (docs/rollout.md)."""
FAR = 3
"""So many times fewer or more requests than expected are no chance. Source: chosen; of the same record's 35 runs that
were expected to lose any, none was more than half as far off. The farthest lost 1.5 times fewer (209, not 315) when it
was made first, and 1.3 times fewer (103, not 135) when it was made again."""


def believe(*doubts: str) -> None:
    """Raises LabStalledError where there is a doubt about the run."""
    if doubts:
        raise LabStalledError(doubts[0])


def most_latency(allowance_real_seconds: float) -> float:
    """Of each part of the lab; more at each of a request's waits, and a timeout passes without the rollout's doing."""
    return allowance_real_seconds / WAITS_OF_A_REQUEST


MOST_LATENCY_REAL_SECONDS = most_latency(LATENCY_ALLOWANCE_REAL_SECONDS)


def latency_doubts(latencies: Mapping[str, float], bound_seconds: float = MOST_LATENCY_REAL_SECONDS) -> list[str]:
    """Parts of the lab (by name, wall-clock seconds) that waited longer than the bound for the machine."""
    return [
        f"machine too busy: latency of the {part} {1000 * latency:.0f} ms, bound {1000 * bound_seconds:.0f} ms"
        for part, latency in sorted(latencies.items(), key=lambda item: -item[1])
        if latency > bound_seconds
    ]


def latencies_of(records: Sequence[Record]) -> dict[str, float]:
    """The worst latency of the load generator, against its plan, and of the pods that say theirs."""
    return {
        "load generator": max((record.late for record in records), default=0.0),
        "pods": max((record.stalled for record in records), default=0.0),
    }


def own_errors(records: Sequence[Record], requests_per_second: float) -> list[str]:
    """That requests failed between the load generator and a proxy, where nothing of a rollout takes part."""
    own = [record.cause for record in records if is_own_error(record.cause)]
    if not own:
        return []
    reached = f"{len(own):,} of its {len(records):,} requests reached no proxy ({max(set(own), key=own.count)})"
    return [f"the load generator could not keep up at {requests_per_second:,g} requests/s on this machine: {reached}"]


def impossible_timeouts(
    records: Sequence[Record], pods: Sequence[PodTimeline], addresses: Mapping[str, str], clock: Clock, trigger: float
) -> list[str]:
    """That requests timed out at pods that lived, and that answer everything within the backend timeout.

    Args:
        records: all requests.
        pods: their events in seconds since `trigger`.
        addresses: each pod's address by its name; behind a NodePort no record names one, and any pod's end may be the
            reason.
        clock: what the records' times are read on.
        trigger: seconds on `clock`.
    """
    by_address = {addresses[pod.name]: pod for pod in pods if pod.name in addresses}

    def explained(record: Record) -> bool:
        pod = by_address.get(record.upstream.rpartition(":")[0])
        ended = [pod] if pod else pods
        end = clock.at(record.end) - trigger
        return any(each.events.get(event, end) < end for each in ended for event in ("term", "gone"))

    odd = [record for record in records if record.cause == TIMEOUT and not explained(record)]
    if not odd:
        return []
    return [f"{_requests(len(odd))} timed out at pods that lived and answer in time: it is the machine that was late"]


def impossible_ends(pods: Sequence[PodTimeline], latencies: Mapping[str, float], speed_up: float) -> list[str]:
    """Pods that answered after they were gone, by more than an answer waits for the machine.

    Where a pod went within its grace period, no slack to its end can be negative but so. That clients meet a pod after
    SIGTERM, or before a proxy knows the new one, is what a rollout may do, however negative that slack.

    Args:
        pods: with what they answered, in seconds of the rehearsed system.
        latencies: the worst of each part of the lab in this run, in wall-clock seconds.
        speed_up: of the run.
    """
    allowed_seconds = WAITS_OF_A_REQUEST * max(latencies.values(), default=0.0) * speed_up
    return [
        f"pod {pod.name} answered {pod.last_response - pod.events['gone']:.1f} s after it was gone"
        for pod in pods
        if pod.last_response is not None
        and pod.last_response - pod.events.get("gone", pod.last_response) > allowed_seconds
    ]


def late_starts(pods: Sequence[PodTimeline], expected_seconds: float, allowed_seconds: float) -> list[str]:
    """New pods that needed `allowed_seconds` more to become ready than is expected at most."""
    return [
        f"pod {pod.name} needed {needed:.1f} s to become ready, {expected_seconds:.1f} s are expected at most"
        for pod in pods
        if not pod.old and (needed := _to_ready(pod)) is not None and needed > expected_seconds + allowed_seconds
    ]


def _to_ready(pod: PodTimeline) -> float | None:
    events = pod.events
    return events["ready"] - events["created"] if {"ready", "created"} <= set(events) else None


def unexpected_ends(predicted: Sequence[PodTimeline], limit_seconds: float) -> list[str]:
    """That a rollout did not end within the limit, of which the model expects that it does."""
    ends = [pod.events.get("gone", float("inf")) for pod in predicted if pod.old]
    if not ends or max(ends) > limit_seconds:
        return []
    pods = f"{len(ends)} pod{'s' if len(ends) > 1 else ''}"
    within = f"within {limit_seconds:,.0f} s of the rehearsed system"
    return [f"this machine did not replace {pods} {within}, where the timing model expects {max(ends):,.0f} s"]


def unexpected_failures(
    failures: Mapping[str, int],
    expected_failed: float | None,
    latencies: Mapping[str, float],
    bound_seconds: float = MOST_LATENCY_REAL_SECONDS,
) -> list[str]:
    """That requests failed of which the model expects none, while the machine was half as late as it may be at most."""
    failed, latency = sum(failures.values()), max(latencies.values(), default=0.0)
    if not failed or expected_failed is None or expected_failed >= 0.5 or latency <= bound_seconds / 2:
        return []
    late = f"the machine was up to {1000 * latency:.0f} ms late"
    return [f"{_requests(failed)} failed ({', '.join(failures)}) where the timing model expects none, and {late}"]


def unlike_the_model(counted: int, expected: tuple[float, float] | None) -> str:
    """What a run counted that the model all but excludes: `FAR` times fewer or more than it expects at least or most.

    Where it expects some, but fewer than `MANY_REQUESTS`, chance decides whether any fail: it is taken to expect as
    many. Where it expects none, `MANY_REQUESTS` are too many.

    Args:
        counted: requests that failed at their first try.
        expected: least and most that the model expects of such a machine; None: it does not speak of the rollout.

    Returns:
        Empty where the run is as expected. It is no proof against a run, which is repeated (`runner`).
    """
    if expected is None:
        return ""
    least, most = expected
    if least >= MANY_REQUESTS and counted < least / FAR:
        return f"{_requests(counted)} failed where the timing model expects {least:,.0f}"
    if most < 0.5 and counted >= MANY_REQUESTS:
        return f"{_requests(counted)} failed where the timing model expects none"
    if most >= 0.5 and counted > FAR * max(most, MANY_REQUESTS):
        return f"{_requests(counted)} failed where the timing model expects {most:,.0f}"
    return ""


def _requests(counted: int) -> str:
    return f"{counted:,} request{'' if counted == 1 else 's'}" if counted else "no request"
