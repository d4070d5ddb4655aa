"""How a change of a Deployment's `replicas` is spread over its ReplicaSets. Pure.

Follows kubernetes/kubernetes pkg/controller/deployment/sync.go (scale) and util/deployment_util.go (proportions).
"""

import math
from collections.abc import Sequence

from nodrop.gke import defaults
from nodrop.lab.store import Manifest
from nodrop.rollout import resolve_surge_and_unavailable

DESIRED = "deployment.kubernetes.io/desired-replicas"
"""On a ReplicaSet: the Deployment's replicas when it was last scaled."""
MOST = "deployment.kubernetes.io/max-replicas"
"""On a ReplicaSet: replicas + maxSurge when it was last scaled."""


def annotations(deployment: Manifest) -> dict[str, str]:
    """What a ReplicaSet that is scaled now notes of its Deployment."""
    replicas = deployment["spec"]["replicas"]
    surge = surge_and_unavailable(deployment)[0] if is_rolling(deployment) else 0
    return {DESIRED: str(replicas), MOST: str(replicas + surge)}


def is_rolling(deployment: Manifest) -> bool:
    """Whether the strategy is RollingUpdate."""
    return deployment["spec"].get("strategy", {}).get("type", "RollingUpdate") == "RollingUpdate"


def surge_and_unavailable(deployment: Manifest) -> tuple[int, int]:
    """maxSurge and maxUnavailable of the Deployment as numbers of pods."""
    rolling = deployment["spec"].get("strategy", {}).get("rollingUpdate", {})
    return resolve_surge_and_unavailable(
        rolling.get("maxSurge", defaults.SURGE_AND_UNAVAILABLE),
        rolling.get("maxUnavailable", defaults.SURGE_AND_UNAVAILABLE),
        deployment["spec"]["replicas"],
    )


def is_scaling_event(deployment: Manifest, replica_sets: Sequence[Manifest]) -> bool:
    """isScalingEvent: some ReplicaSet with replicas was last scaled under another number of the Deployment's."""
    wanted = str(deployment["spec"]["replicas"])
    return any(_noted(each, DESIRED) not in (None, wanted) for each in _active(replica_sets))


def scaled(deployment: Manifest, new: Manifest | None, old: Sequence[Manifest]) -> dict[str, int]:
    """The replicas that each ReplicaSet is to have, by name; without those that are left as they are."""
    desired, every = deployment["spec"]["replicas"], [*old, *([new] if new else [])]
    active = _active(every)
    if len(active) <= 1:
        only = active[0] if active else new or old[-1]
        return {only["metadata"]["name"]: desired}
    if new is not None and _is_saturated(deployment, new):
        return {each["metadata"]["name"]: 0 for each in _active(old)}
    return _in_proportion(deployment, active) if is_rolling(deployment) else {}


def _in_proportion(deployment: Manifest, active: Sequence[Manifest]) -> dict[str, int]:
    """As much more or less for each as it has of the whole; what rounding leaves over goes to the largest."""
    desired = deployment["spec"]["replicas"]
    allowed = desired + surge_and_unavailable(deployment)[0] if desired else 0
    to_add = allowed - sum(each["spec"]["replicas"] for each in active)
    newest_first = list(reversed(active)) if to_add > 0 else list(active)
    by_size = sorted(newest_first, key=lambda each: -each["spec"]["replicas"])
    sizes, added = {}, 0
    for each in by_size:
        share, left = _share(deployment, each), to_add - added
        proportion = 0 if not left else min(share, left) if to_add > 0 else max(share, left)
        sizes[each["metadata"]["name"]] = each["spec"]["replicas"] + proportion
        added += proportion
    largest = by_size[0]["metadata"]["name"]
    sizes[largest] = max(0, sizes[largest] + to_add - added)
    return sizes


def _share(deployment: Manifest, replica_set: Manifest) -> int:
    """By how much the ReplicaSet would change in proportion to the Deployment's change since it was last scaled."""
    size, desired = replica_set["spec"]["replicas"], deployment["spec"]["replicas"]
    if not desired:
        return -size
    before = int(_noted(replica_set, MOST) or 0) or deployment.get("status", {}).get("replicas", 0)
    if not before:
        return 0
    return math.floor(size * (desired + surge_and_unavailable(deployment)[0]) / before + 0.5) - size


def _is_saturated(deployment: Manifest, new: Manifest) -> bool:
    """IsSaturated: the new ReplicaSet has all replicas, was told so, and all of them are available."""
    desired, status = deployment["spec"]["replicas"], new.get("status", {})
    full = new["spec"]["replicas"] == desired == status.get("availableReplicas", 0)
    return full and _noted(new, DESIRED) == str(desired)


def _active(replica_sets: Sequence[Manifest]) -> list[Manifest]:
    return [each for each in replica_sets if each["spec"]["replicas"] > 0]


def _noted(replica_set: Manifest, annotation: str) -> str | None:
    return replica_set["metadata"].get("annotations", {}).get(annotation)
