"""When a Deployment creates and deletes pods while it replaces all of them.

Follows kubernetes/kubernetes pkg/controller/deployment (rolling.go, recreate.go) for a rollout that begins healthy and
that nothing disturbs, in exact seconds (the API's timestamps hold whole ones, so a pod with minReadySeconds may count
as available up to a second early). Not here: what happens to a pod in between.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """Seconds since the change of the pod template, each in ascending order."""

    created: tuple[float, ...]
    """One for each new pod."""
    available: tuple[float, ...]
    """One for each new pod, whichever it is."""
    deleted: tuple[float, ...]
    """One for each old pod."""

    @property
    def rolled_out_seconds(self) -> float:
        """When `kubectl rollout status` reports success: all new pods available, no old one left but terminating."""
        return max(self.available[-1], self.deleted[-1])


def rolling_update(
    replicas: int, max_surge: int, max_unavailable: int, seconds_to_available: Callable[[int], float]
) -> Schedule:
    """The schedule of strategy RollingUpdate.

    Args:
        replicas: pods, at least 1.
        max_surge: pods that may be added, percentages resolved.
        max_unavailable: pods that may be unavailable; 1 where both are 0, as the controller has it.
        seconds_to_available: from creation to available, by the number of the new pod in order of creation.
    """
    created: list[float] = []
    available: list[float] = []
    deleted: list[float] = []
    starting: list[float] = []
    if not max_surge:
        max_unavailable = max(1, max_unavailable)
    now = 0.0
    while len(available) < replicas or len(deleted) < replicas:
        room = replicas + max_surge - len(created) - (replicas - len(deleted))
        for _ in range(min(room, replicas - len(created))):
            heapq.heappush(starting, now + seconds_to_available(len(created)))
            created.append(now)
        old = replicas - len(deleted)
        spare = min(old, old + len(available) - (replicas - max_unavailable))
        if spare > 0:
            deleted += [now] * spare
        else:
            now = heapq.heappop(starting)
            available.append(now)
    return Schedule(created=tuple(created), available=tuple(available), deleted=tuple(deleted))


def recreate(replicas: int, seconds_to_gone: float, seconds_to_available: Callable[[int], float]) -> Schedule:
    """The schedule of strategy Recreate: nothing new before the last old pod is gone, so long after its deletion."""
    return Schedule(
        created=(seconds_to_gone,) * replicas,
        available=tuple(sorted(seconds_to_gone + seconds_to_available(number) for number in range(replicas))),
        deleted=(0.0,) * replicas,
    )
