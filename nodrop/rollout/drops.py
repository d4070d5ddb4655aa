"""How many requests a rollout is to lose behind a container-native load balancer, by cause.

A fluid model: each proxy gets its share of a steady rate and spreads it evenly over the pods that it takes for healthy;
no retries. Losses are expectations, integrals over the times that `timeline` predicts; what those leave out is listed
there.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, pairwise
from math import inf

from nodrop.rollout.behaviour import OnTerm
from nodrop.rollout.facts import BACKEND_KEEP_ALIVE_SECONDS, KEEP_ALIVE_RACE_SHARE
from nodrop.rollout.programming import MEASURED, Programming
from nodrop.rollout.timeline import OldPodTimes, deprogrammed, new_pod_times, old_pod_times, schedule
from nodrop.rollout.timing import AppProtocol, Rollout

LONG_REQUEST_SHARE = 0.1
"""Share of the requests that last as long as the longest request; all others take no time. Source: chosen."""

_CHECK_PHASES = 5
"""How many moments between two health checks a pod's stop is tried at; the loss is their mean. Source: chosen."""

_INSTANT_SECONDS = 1e-9
"""Times nearer to each other are the same: what floating point makes of equal sums must not count as a loss."""


class Cause(StrEnum):
    """Why a request fails."""

    STOPPED_POD = "sent to a stopped pod"
    """A proxy did not know yet that the pod was gone."""
    CUT_IN_FLIGHT = "cut in flight"
    """The pod, or connection draining, ended before the request did."""
    KEPT_ALIVE_CONNECTION_CLOSED = "kept-alive connection closed"
    """The request met a connection that the application was closing for being idle."""
    NO_ENDPOINT = "no endpoint"
    """The proxy knew no healthy pod."""


@dataclass(frozen=True, kw_only=True)
class Drops:
    """Expected requests of one rollout, and how many of them fail."""

    requests: float
    """Sent from the change of the pod template until every proxy knows the last new pod, and the last old one is gone
    and forgotten."""
    by_cause: dict[Cause, float]
    """Every cause, also where it costs nothing."""

    @property
    def total(self) -> float:
        """Expected failed requests."""
        return sum(self.by_cause.values())


def expected_drops(
    rollout: Rollout,
    requests_per_second: float,
    programming: Programming = MEASURED,
    long_request_share: float = LONG_REQUEST_SHARE,
) -> Drops:
    """The requests that one rollout of all `replicas` loses.

    Args:
        rollout: with at least one replica.
        requests_per_second: over all proxies, steady.
        programming: the load balancer's lags.
        long_request_share: share (0 to 1) of the requests that last `longest_request_seconds`.

    Raises:
        ValueError: there is nothing to replace, or a time is one with which `check` finds fault by inputs-in-range.
    """
    planned = schedule(rollout, programming)
    new_pod, old_pod = new_pod_times(rollout, programming), old_pod_times(rollout, programming)
    end = max(planned.deleted[-1] + max(old_pod.gone, *old_pod.detached), planned.created[-1] + max(new_pod.routable))
    by_cause = dict.fromkeys(Cause, 0.0)
    proxies = len(programming.attach_lag_seconds)
    rate = requests_per_second / proxies / _CHECK_PHASES
    for proxy in range(proxies):
        arrivals = [created + new_pod.routable[proxy] for created in planned.created]
        for phase in range(_CHECK_PHASES):
            leaves_after = deprogrammed(rollout, old_pod, old_pod.detached[proxy], (phase + 0.5) / _CHECK_PHASES)
            known = _Known(arrivals, [deleted + leaves_after for deleted in planned.deleted], end)
            by_cause[Cause.NO_ENDPOINT] += rate * known.seconds_without_any
            for deleted in planned.deleted:
                stops, leaves = deleted + old_pod.stops, deleted + leaves_after
                by_cause[Cause.STOPPED_POD] += rate * known.share(stops, leaves)
                cut = deleted + _cut(rollout, old_pod, old_pod.detached[proxy])
                in_flight = known.share(cut - rollout.longest_request_seconds, min(stops, leaves))
                by_cause[Cause.CUT_IN_FLIGHT] += rate * long_request_share * in_flight
    requests = requests_per_second * end
    if (
        rollout.protocol is not AppProtocol.HTTP2
        and 0 < rollout.keep_alive_timeout_seconds <= BACKEND_KEEP_ALIVE_SECONDS
    ):
        by_cause[Cause.KEPT_ALIVE_CONNECTION_CLOSED] = requests * KEEP_ALIVE_RACE_SHARE
    return Drops(requests=requests, by_cause=by_cause)


def _cut(rollout: Rollout, old_pod: OldPodTimes, detached: float) -> float:
    """Seconds after its deletion at which a pod's requests from one proxy are cut."""
    drained = detached + rollout.draining_timeout_seconds
    dies = old_pod.term if rollout.on_term is OnTerm.EXIT else old_pod.killed
    return min(drained, inf if dies is None else dies)


class _Known:
    """How many pods one proxy takes for healthy, over the time to `end`."""

    def __init__(self, arrivals: Sequence[float], departures: Sequence[float], end: float) -> None:
        changes = sorted([(at, 1) for at in arrivals] + [(at, -1) for at in departures])
        self._times = [at for at, _ in changes]
        self._counts = [*accumulate((change for _, change in changes), initial=len(departures))]
        """Before the first change, and after each."""
        pieces = [
            (till - since) / count if count else 0.0
            for (since, till), count in zip(pairwise(self._times), self._counts[1:-1], strict=True)
        ]
        self._shares = [*accumulate(pieces, initial=0.0)]
        """From the first change to each."""
        gaps = zip(pairwise([*self._times, end]), self._counts[1:], strict=True)
        self.seconds_without_any = sum(max(0.0, till - since) for (since, till), count in gaps if count == 0)

    def share(self, start: float, stop: float) -> float:
        """Seconds from `start` to `stop`, each weighed by one pod's share of the requests."""
        return self._until(stop) - self._until(start) if stop - start >= _INSTANT_SECONDS else 0.0

    def _until(self, at: float) -> float:
        """The share from the first change until then; negative before it."""
        last = bisect_right(self._times, at) - 1
        count = self._counts[last + 1]
        since, share = (self._times[last], self._shares[last]) if last >= 0 else (self._times[0], 0.0)
        return share + (at - since) / count if count else share
