"""Seconds without service over the seeds."""

from nodrop.report.disrupted import over_seeds, percentile
from tests.report.conftest import rollout


def test_percentiles_are_values_that_were_measured():
    values = [*range(1, 21)]
    assert [percentile(values, each) for each in (50, 95, 99)] == [10, 19, 20]
    assert percentile([7], 50) == 7


def test_new_and_reused_connections_are_told_apart_over_the_seeds():
    runs = [rollout(seed=seed, disrupted_seconds={"new": seed, "reused": 0}) for seed in range(1, 21)]
    assert over_seeds(runs) == {"new": [10, 19, 20], "reused": [0, 0, 0]}
