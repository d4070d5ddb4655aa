"""One pod's part in a rollout, as predicted (`timeline`) or as measured (`nodrop.lab`): one shape for both."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class PodTimeline:
    """One pod's events in the order of `EVENTS`, in seconds since the experiment's trigger; absent: did not happen."""

    EVENTS: ClassVar = (
        "created",
        "started",
        "ready",
        "attached",
        "gate",
        "unready",
        "deleted",
        "removed",
        "term",
        "killed",
        "gone",
    )
    """created: the object; started: the process; ready: the readiness probe passed; attached: the first proxy can route
    to it; gate: its readiness gate turned True; unready: the application's readiness endpoint began to fail; deleted:
    deletionTimestamp set, preStop begins; removed: the last node (NodePort) or proxy (NEG) took it out; term: SIGTERM;
    killed: SIGKILL; gone: the object removed."""

    name: str
    node: str
    """Empty in a prediction."""
    old: bool
    """True for a pod that the rollout replaces (in `unready`: the pod that turns unready)."""
    events: Mapping[str, float]
    last_request: float | None
    """Start of the last request that it answered."""
    last_response: float | None
    requests: int
