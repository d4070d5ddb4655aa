"""Reads a pod's events as the phases and marks of a timeline. Pure; it neither measures nor draws."""

from dataclasses import dataclass, replace
from enum import StrEnum

from nodrop.lab.results import Histogram, PodTimeline, Result


class PhaseKind(StrEnum):
    """What a pod is doing, in the order in which a pod passes through it."""

    STARTING = "starting"
    WAITING = "waiting for gate"
    SERVING = "serving"
    UNREADY = "unready"
    PRE_STOP = "preStop"
    STOPPING = "SIGTERM to gone"


class MarkKind(StrEnum):
    """A moment in a pod's life that is not the border of a phase."""

    ATTACHED = "first proxy can reach it"
    REMOVED = "last node or proxy took it out"
    LAST_REQUEST = "last request"
    KILLED = "SIGKILL"


@dataclass(frozen=True, kw_only=True)
class Phase:
    """One phase of a pod, in seconds since the trigger; never empty."""

    kind: PhaseKind
    start: float
    end: float


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One mark of a pod, in seconds since the trigger."""

    kind: MarkKind
    at: float


@dataclass(frozen=True, kw_only=True)
class Window:
    """The stretch of time that a timeline shows, in seconds since the trigger; end > start."""

    start: float
    end: float


OPENS = {
    "created": PhaseKind.STARTING,
    "ready": PhaseKind.WAITING,
    "gate": PhaseKind.SERVING,
    "unready": PhaseKind.UNREADY,
    "deleted": PhaseKind.PRE_STOP,
    "term": PhaseKind.STOPPING,
}
"""The phase that begins with an event; "gone" ends the last one."""

PHASES = tuple(PhaseKind)

MARKS = {"attached": MarkKind.ATTACHED, "removed": MarkKind.REMOVED, "killed": MarkKind.KILLED}


def window(result: Result) -> Window:
    """From the first bin of the histogram, or the first event where there is none, to the last bin or event."""
    histogram = whole(result.histogram)
    events = [at for pod in result.pods for at in pod.events.values()]
    bins = [histogram.start, histogram.start + histogram.width * len(histogram.requests)] if histogram.requests else []
    start = min([0.0, *(bins or events)])
    end = max([0.0, *bins, *events])
    return Window(start=start, end=end if end > start else start + 1)


def whole(histogram: Histogram) -> Histogram:
    """Without the first and the last bin, which the run's begin and end cut short, unless a request failed there."""
    size = len(histogram.requests)
    first = 1 if size > 2 and not histogram.failures[0] else 0
    last = size - 1 if size > 2 and not histogram.failures[-1] else size
    return replace(
        histogram,
        start=histogram.start + first * histogram.width,
        requests=histogram.requests[first:last],
        by_old=histogram.by_old[first:last],
        failures=histogram.failures[first:last],
    )


def phases(pod: PodTimeline, within: Window, *, gated: bool) -> tuple[Phase, ...]:
    """The pod's phases, cut to the window. `gated`: its path has a readiness gate, without which ready means serving.

    An event that is absent opens no phase. A pod whose first event is later than its creation was in the phase before
    that event when the window began; one without any event serves throughout.
    """
    events = dict(pod.events)
    if "gate" in events and "ready" in events:
        events["gate"] = max(events["gate"], events["ready"])  # an endpoint whose gate opens early gets no requests yet
    borders = [
        (kind if gated or kind is not PhaseKind.WAITING else PhaseKind.SERVING, events[event])
        for event, kind in OPENS.items()
        if event in events
    ]
    borders = _advancing(borders)
    if "created" not in pod.events:
        borders = [(_before(borders[0][0]) if borders else PhaseKind.SERVING, within.start), *borders]
    ends = [at for _, at in borders[1:]] + [pod.events.get("gone", within.end)]
    cut = [
        Phase(kind=kind, start=max(start, within.start), end=min(end, within.end))
        for (kind, start), end in zip(borders, ends, strict=True)
    ]
    return tuple(phase for phase in cut if phase.end > phase.start)


def marks(pod: PodTimeline, within: Window) -> tuple[Mark, ...]:
    """The pod's marks that lie in the window."""
    found = [Mark(kind=kind, at=pod.events[event]) for event, kind in MARKS.items() if event in pod.events]
    if pod.last_request is not None:
        found.append(Mark(kind=MarkKind.LAST_REQUEST, at=pod.last_request))
    return tuple(mark for mark in found if within.start <= mark.at <= within.end)


def _advancing(borders: list[tuple[PhaseKind, float]]) -> list[tuple[PhaseKind, float]]:
    """Without a border that a later phase has overtaken: a pod deleted before it was ready never waits for its gate."""
    kept: list[tuple[PhaseKind, float]] = []
    for kind, at in borders:
        kept = [(earlier, since) for earlier, since in kept if since <= at]
        kept.append((kind, at))
    return kept


def _before(kind: PhaseKind) -> PhaseKind:
    """The phase that a pod was in before it entered this one."""
    if kind in (PhaseKind.UNREADY, PhaseKind.PRE_STOP, PhaseKind.STOPPING):
        return PhaseKind.SERVING
    return PHASES[max(PHASES.index(kind) - 1, 0)]
