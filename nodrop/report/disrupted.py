"""The seconds of a rollout without service, over its seeds, as OpenShift's disruption tests tell them. Pure."""

from collections.abc import Iterable, Sequence
from math import ceil

from nodrop.lab.results import RolloutResult

PERCENTILES = (50, 95, 99)


def over_seeds(runs: Iterable[RolloutResult]) -> dict[str, list[int]]:
    """P50, P95 and P99 of the seconds in which a request failed, by "new" and "reused" connections."""
    counted = [each.disrupted_seconds for each in runs]
    kinds = sorted({kind for each in counted for kind in each})
    return {kind: [percentile([each[kind] for each in counted], p) for p in PERCENTILES] for kind in kinds}


def percentile(values: Sequence[int], percent: int) -> int:
    """The least of the values that so many percent of them do not exceed (nearest rank)."""
    return sorted(values)[max(0, ceil(percent / 100 * len(values)) - 1)]
