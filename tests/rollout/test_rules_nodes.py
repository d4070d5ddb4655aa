import pytest

from nodrop.rollout import PodQuota, Severity
from nodrop.rollout.rules.nodes import quota_covers_the_peak

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
    for pods, severity in ((peak, None), (peak - 1, ERROR)):
        quota = PodQuota(entry="pods", stated=str(pods), most=pods)
        assert verdict("quota-covers-the-peak", placement={"pod_quota": quota}, **changes) == severity


@pytest.mark.parametrize(
    ("entry", "most", "others", "each", "enough"),
    [
        ("count/pods", 5, 2, 1, "8"),
        ("requests.cpu", 1, 0.3, 0.25, "1800m"),
        ("limits.memory", 2**30, 2**29, 2**28, "2Gi"),
        ("requests.ephemeral-storage", 10**9, 0, 3 * 10**8, "1800M"),
        ("requests.nvidia.com/gpu", 5, 0, 1, "6"),
    ],
)
def test_what_a_quota_has_to_be_is_told_as_a_quantity(change, entry, most, others, each, enough):
    """Of at most 6 pods at a time."""
    quota = PodQuota(entry=entry, stated="less", most=most, others=others, each=each)
    [found] = quota_covers_the_peak(change(replicas=3, placement={"pod_quota": quota}))
    assert (found.value, found.would_pass) == ("less", enough)


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
