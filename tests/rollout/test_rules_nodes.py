import pytest

from nodrop.rollout import Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING


@pytest.mark.parametrize(
    ("changes", "peak"),
    [
        ({"replicas": 20, "termination_grace_period_seconds": 84}, 20 + 1 + 12),
        ({"replicas": 20, "termination_grace_period_seconds": 85}, 20 + 1 + 13),
        ({"replicas": 2, "max_replicas": 20, "termination_grace_period_seconds": 85}, 20 + 1 + 13),
        ({"replicas": 3}, 3 + 3),
    ],
)
def test_quota_holds_the_surge_and_the_terminating_pods(verdict, changes, peak):
    """Of pods that are available after 7 s, when the load balancer knows them; their start-up of 5 s is over then."""
    assert verdict("quota-covers-the-peak", placement={"pod_quota": peak}, **changes) is None
    assert verdict("quota-covers-the-peak", placement={"pod_quota": peak - 1}, **changes) == ERROR


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({"placement": {"kubernetes_version": (1, 30)}}, None),
        ({"placement": {"kubernetes_version": (1, 29)}}, ERROR),
        ({"placement": {"kubernetes_version": (2, 0)}}, None),
        ({"placement": {"kubernetes_version": (1, 29)}, "pre_stop_is_sleep_action": False}, None),
        ({"placement": {"kubernetes_version": (1, 29)}, "pre_stop_seconds": 0}, None),
        (
            {
                "placement": {"kubernetes_version": (1, 29)},
                "pre_stop_seconds": 0,
                "native_sidecars": ("proxy",),
            },
            None,
        ),
        (
            {
                "placement": {"kubernetes_version": (1, 28)},
                "pre_stop_seconds": 0,
                "native_sidecars": ("proxy",),
            },
            ERROR,
        ),
        ({"placement": {"kubernetes_version": None}, "native_sidecars": ("proxy",)}, None),
    ],
)
def test_no_field_is_used_that_the_oldest_node_does_not_know(verdict, changes, severity):
    assert verdict("kubernetes-has-the-features", **changes) == severity


SPREAD = {"zones": 3, "spreads_each_version_over_zones": True}


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({"placement": SPREAD, "replicas": 9}, None),
        ({"placement": SPREAD, "replicas": 8}, WARNING),
        ({"placement": SPREAD, "replicas": 8, "min_ready_seconds": 59}, WARNING),
        ({"placement": SPREAD, "replicas": 8, "min_ready_seconds": 60}, None),
        ({"placement": SPREAD, "replicas": 14, "max_surge": 2}, WARNING),
        ({"placement": SPREAD, "replicas": 15, "max_surge": 2}, None),
        ({"placement": SPREAD, "replicas": 9, "max_replicas": 10}, WARNING),
        ({"placement": {**SPREAD, "spreads_each_version_over_zones": False}, "replicas": 9}, WARNING),
        ({"placement": {"zones": 1}}, None),
        ({"placement": {"zones": None}}, None),
    ],
)
def test_every_zone_keeps_an_endpoint(verdict, changes, severity):
    assert verdict("every-zone-keeps-an-endpoint", **changes) == severity


@pytest.mark.parametrize(("replicas", "severity"), [(1, None), (2, WARNING)])
def test_pods_that_require_each_others_node_go_all_at_once(verdict, replicas, severity):
    assert verdict("pods-run-on-several-nodes", placement={"all_on_one_node": True}, replicas=replicas) == severity
