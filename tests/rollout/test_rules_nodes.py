import pytest

from nodrop.rollout import DisruptionBudget, OnTerm, Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING
DRAINED = {"spot": True, "spot_window_seconds": 120, "health_fails_in_pre_stop": True}


@pytest.mark.parametrize(("grace", "severity"), [(600, None), (601, WARNING), (3600, WARNING), (3601, ERROR)])
def test_no_eviction_cuts_the_grace_period(verdict, grace, severity):
    assert verdict("grace-within-eviction-limits", termination_grace_period_seconds=grace) == severity


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({"placement": {"spot": False}}, None),
        ({"placement": {"spot": True}}, ERROR),
        ({"placement": DRAINED}, WARNING),
        ({"placement": {**DRAINED, "health_fails_in_pre_stop": False}}, ERROR),
        ({"placement": DRAINED, "pre_stop_seconds": 43}, ERROR),
        ({"placement": DRAINED, "pre_stop_seconds": 44}, WARNING),
        ({"placement": DRAINED, "pre_stop_seconds": 95}, WARNING),
        ({"placement": DRAINED, "pre_stop_seconds": 96}, ERROR),
        ({"placement": {**DRAINED, "spot_window_seconds": 119}, "pre_stop_seconds": 95}, ERROR),
        ({"placement": DRAINED, "pre_stop_seconds": 44, "longest_request_seconds": 71}, WARNING),
        ({"placement": DRAINED, "pre_stop_seconds": 44, "longest_request_seconds": 71.5}, ERROR),
        ({"placement": DRAINED, "pre_stop_seconds": 63, "on_term": OnTerm.EXIT}, ERROR),
        ({"placement": DRAINED, "pre_stop_seconds": 64, "on_term": OnTerm.EXIT}, WARNING),
        ({"placement": DRAINED, "pre_stop_seconds": 115, "on_term": OnTerm.EXIT}, WARNING),
        ({"placement": DRAINED, "pre_stop_seconds": 116, "on_term": OnTerm.EXIT}, ERROR),
    ],
)
def test_spot_is_an_error_unless_the_health_check_ends_requests_in_time(verdict, changes, severity):
    """15 s until the health check has failed, 28.6 s for the proxies, 20 s for the longest request, 5 s margin."""
    assert verdict("nodes-drain-before-they-stop", **changes) == severity


@pytest.mark.parametrize(("window", "refused"), [(120, False), (121, True)])
def test_no_node_configuration_gives_spot_pods_more_than_two_minutes(findings_of, window, refused):
    found = findings_of("nodes-drain-before-they-stop", placement={**DRAINED, "spot_window_seconds": window})
    assert ("placement.spot_window_seconds" in [finding.input for finding in found]) == refused


def test_a_window_that_no_node_gives_mends_nothing(findings_of):
    placement = {**DRAINED, "spot_window_seconds": 1000}
    found = findings_of("nodes-drain-before-they-stop", placement=placement, pre_stop_seconds=96)
    assert {finding.severity for finding in found if finding.input == "placement.spot"} == {ERROR}


@pytest.mark.parametrize(("allowed", "severity"), [(1, None), (0, ERROR)])
def test_a_budget_that_allows_no_eviction_is_an_error(verdict, allowed, severity):
    budget = DisruptionBudget(allowed_disruptions=allowed, always_allows_unhealthy=True)
    assert verdict("budget-allows-an-eviction", placement={"disruption_budget": budget}) == severity


@pytest.mark.parametrize(
    ("replicas", "allowed", "alone", "severity"),
    [
        (2, 1, False, WARNING),
        (3, 2, False, WARNING),
        (1, 1, False, None),
        (2, 2, False, None),
        (2, 3, False, None),
        (2, 1, True, None),
    ],
)
def test_a_drain_overruns_only_a_budget_that_holds_a_pod_back(verdict, replicas, allowed, alone, severity):
    budget = DisruptionBudget(allowed_disruptions=allowed, always_allows_unhealthy=True)
    placement = {"disruption_budget": budget, "drain_budget_seconds": 5, "one_pod_a_node": alone}
    assert verdict("drain-waits-for-successors", placement=placement, replicas=replicas) == severity


def test_a_drain_has_to_wait_as_long_as_a_new_pod_takes_to_be_ready(findings_of, verdict):
    budget = DisruptionBudget(allowed_disruptions=1, always_allows_unhealthy=True)
    (found,) = findings_of(
        "drain-waits-for-successors", placement={"disruption_budget": budget, "drain_budget_seconds": 5}
    )
    assert found.seen == f"shorter than the {found.would_pass} s that a new pod takes to be ready"
    for seconds, severity in ((found.would_pass, None), (found.would_pass - 1, WARNING)):
        placement = {"disruption_budget": budget, "drain_budget_seconds": seconds}
        assert verdict("drain-waits-for-successors", placement=placement) == severity


@pytest.mark.parametrize(("always", "severity"), [(True, None), (False, WARNING)])
def test_a_budget_that_holds_unhealthy_pods_is_a_warning(verdict, always, severity):
    budget = DisruptionBudget(allowed_disruptions=1, always_allows_unhealthy=always)
    assert verdict("budget-evicts-unhealthy-pods", placement={"disruption_budget": budget}) == severity


@pytest.mark.parametrize("rule", ["budget-allows-an-eviction", "budget-evicts-unhealthy-pods"])
def test_no_budget_is_not_judged(verdict, rule):
    assert verdict(rule, placement={"disruption_budget": None}) is None


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
