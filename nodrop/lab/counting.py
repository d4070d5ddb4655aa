"""What a run's records add up to. Pure: nothing here measures."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import NamedTuple

from nodrop.lab.causes import CLOSED_BEFORE, CLOSED_WITHIN, answered
from nodrop.lab.clock import Clock
from nodrop.lab.recorder import PodRecord
from nodrop.lab.results import Histogram, MethodCount, PodTimeline, Slack
from nodrop.lab.traffic import END, Record

BIN_REAL_SECONDS = 0.1
"""Width of the histogram's bins."""


DRAINING_ENDED = "cut when drainingTimeoutSec was over"
"""Cause of a request that the load balancer itself ended; its log has no word of its own for it."""


class Cut(NamedTuple):
    """The end of one proxy's draining of one endpoint; times are readings of time.monotonic()."""

    upstream: str
    """The endpoint, as address:port."""
    begin: float
    end: float


def with_draining_named(records: Iterable[Record], cuts: Iterable[Cut], allowance_real_seconds: float) -> list[Record]:
    """The records, where the end of connection draining is the cause of those that it cut, so long after at most."""
    by_upstream: dict[str, list[Cut]] = {}
    for cut in cuts:
        by_upstream.setdefault(cut.upstream, []).append(cut)

    def cut_by_draining(record: Record) -> bool:
        return record.cause in (CLOSED_BEFORE, CLOSED_WITHIN) and any(
            cut.begin <= record.end <= cut.end + allowance_real_seconds for cut in by_upstream.get(record.upstream, ())
        )

    return [record._replace(cause=DRAINING_ENDED) if cut_by_draining(record) else record for record in records]


def opened(records: Iterable[Record]) -> list[Record]:
    """The requests among the records: all but ends of connections that are kept open."""
    return [record for record in records if record.method != END]


def reconnects(records: Iterable[Record]) -> int:
    """How many connections that are kept open a pod has ended properly."""
    return sum(record.method == END and not record.cause for record in records)


def failures_by_cause(records: list[Record]) -> dict[str, int]:
    """How many requests failed for each cause, the most frequent first."""
    return dict(Counter(record.cause for record in records if record.cause).most_common())


def disrupted_seconds(records: Iterable[Record], clock: Clock) -> dict[str, int]:
    """Seconds of the rehearsed system in which a request failed, over "new" and over "reused" connections.

    As OpenShift's disruption tests count them, where each second has one request.
    """
    failed = {(record.reused, int(clock.at(record.start))) for record in records if record.cause}
    return {name: sum(kept is reused for kept, _ in failed) for name, reused in (("new", False), ("reused", True))}


def told_apart(
    failures: Mapping[str, int], requests: int, steady_failures: Mapping[str, int], steady_requests: int
) -> tuple[dict[str, int], dict[str, int]]:
    """Failures by cause: those that a rollout caused, and those that the same traffic has without one.

    A cause that is not more frequent than in the steady window, within twice the standard deviation of two Poisson
    counts, is told as the application's own; of one that is, what the window leads to expect.
    """
    caused: dict[str, int] = {}
    anyway: dict[str, int] = {}
    for cause, number in failures.items():
        before = steady_failures.get(cause, 0)
        share = requests / steady_requests if steady_requests else 0
        expected = before * share
        usual = number <= expected + 2 * sqrt(before * share * (1 + share))
        own = number if usual else min(number, round(expected))
        caused |= {cause: number - own} if number > own else {}
        anyway |= {cause: own} if own else {}
    return caused, anyway


_SAVED = "saved"


def by_method(records: Sequence[Record], steady: Sequence[Record]) -> dict[str, MethodCount]:
    """The requests of each method, with what the rollout caused among them."""

    def outcomes(records: Iterable[Record]) -> Counter[str]:
        saved = Counter(_SAVED for record in records if record.attempts > 1 and not record.cause)
        return saved + Counter(record.cause for record in records if record.cause)

    counts = {}
    for method in sorted({record.method for record in records}):
        during, before = ([each for each in of if each.method == method] for of in (records, steady))
        caused, _ = told_apart(outcomes(during), len(during), outcomes(before), len(before))
        saved = caused.pop(_SAVED, 0)
        counts[method] = MethodCount(requests=len(during), failed=sum(caused.values()), saved=saved)
    return counts


def answered_by(pods: Mapping[str, PodRecord], records: list[Record]) -> dict[str, list[Record]]:
    """For each pod the requests that it answered, with whatever status.

    Who answered is what the application says of itself; where it does not, the address that the proxy sent the request
    to, which behind a NodePort is a node's: then it is not known which pod answered.
    """
    by_address = {record.address: name for name, record in pods.items()}
    found: dict[str, list[Record]] = {name: [] for name in pods}
    for record in opened(records):
        pod = record.pod or by_address.get(record.upstream.rpartition(":")[0], "")
        if pod in found and answered(record.cause):
            found[pod].append(record)
    return found


def timelines(
    pods: Mapping[str, PodRecord], records: list[Record], clock: Clock, trigger: float, old: set[str]
) -> tuple[PodTimeline, ...]:
    """Each pod's events and what it answered, in seconds since `trigger` (seconds on `clock`)."""
    by_pod = answered_by(pods, records)
    at = clock.at
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
            last_request=max((at(r.start) - trigger for r in by_pod[name]), default=None),
            last_response=max((at(r.end) - trigger for r in by_pod[name]), default=None),
            requests=len(by_pod[name]),
        )
        for name, record in pods.items()
    )


def least_slack(pods: tuple[PodTimeline, ...], grace_seconds: float) -> Slack:
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


def histogram(
    pods: Mapping[str, PodRecord], records: list[Record], clock: Clock, trigger: float, old: set[str]
) -> Histogram:
    """Requests by the bin that they began in, failures by the one that they failed in, since `trigger` (on `clock`)."""
    width = BIN_REAL_SECONDS * clock.speed_up

    def bins(moments: Iterable[float]) -> Counter[int]:
        return Counter(int((clock.at(moment) - trigger) // width) for moment in moments)

    by_pod = answered_by(pods, records)
    requests = bins(record.start for record in opened(records))
    failures = bins(record.end for record in records if record.cause)
    by_old = bins(record.start for name in old for record in by_pod[name])
    first, last = (min(requests), max(requests | failures)) if requests else (0, -1)
    span = range(first, last + 1)
    return Histogram(
        start=first * width,
        width=width,
        requests=tuple(requests[each] for each in span),
        by_old=tuple(by_old[each] for each in span),
        failures=tuple(failures[each] for each in span),
    )
