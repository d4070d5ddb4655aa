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
