"""The rules that a rollout must keep to drop no request, one function a rule.

A rule takes a `Rollout` and yields a `Diagnostic` for each way in which it is broken; a rule of change takes two. To
add one, write the function and put it into `RULES` or `CHANGE_RULES`. Not here: reading the numbers from objects,
choosing them (`solver`), and waiving a rule.
"""

from collections.abc import Iterator
from typing import Protocol

from nodrop.rollout.diagnostics import Diagnostic
from nodrop.rollout.rules.arriving import (
    min_ready_covers_attach,
    progress_deadline_before_gate_opens,
    progress_deadline_covers_start_up,
    rolls_without_unavailable,
    surge_limits_blast_radius,
    survives_a_lost_pod,
)
from nodrop.rollout.rules.changes import (
    autoscaler_takes_over_replicas,
    entry_stays,
    health_check_path_stays,
    health_check_port_stays,
    health_check_type_stays,
    protocol_stays,
    requests_of_old_pods_fit,
    routes_keep_their_service,
    selector_stays,
    target_port_stays,
)
from nodrop.rollout.rules.connections import (
    backend_timeout_covers_longest_request,
    closes_idle_connections_on_term,
    headers_timeout_exceeds_keep_alive,
    keep_alive_outlasts_load_balancer,
)
from nodrop.rollout.rules.foundations import (
    firewall_admits_the_ports,
    gateway_api_is_on,
    namespace_goes_before_the_network,
)
from nodrop.rollout.rules.front import (
    address_stays,
    certificates_stay,
    clients_stay_admitted,
    redirect_comes_after_https,
    schemes_stay,
)
from nodrop.rollout.rules.health import (
    check_timeout_within_interval,
    health_check_answers_200,
    health_check_asks_the_readiness_path,
    health_check_is_explicit,
    liveness_outlasts_health_check,
    probe_timeout_within_period,
    readiness_stands_alone,
    start_up_fits_liveness,
)
from nodrop.rollout.rules.leaving import (
    draining_covers_longest_request,
    every_container_has_pre_stop,
    exit_on_term_cuts_no_request,
    grace_covers_longest_request,
    grace_exceeds_pre_stop,
    grace_outlasts_deprogramming,
    pre_stop_outlasts_deprogramming,
)
from nodrop.rollout.rules.nodes import (
    budget_allows_an_eviction,
    budget_evicts_unhealthy_pods,
    grace_within_eviction_limits,
    kubernetes_has_the_features,
    nodes_drain_before_they_stop,
    quota_covers_the_peak,
)
from nodrop.rollout.rules.peers import google_identity_stays, peers_stay_admitted
from nodrop.rollout.rules.ports import (
    health_check_asks_the_readiness_port,
    health_check_port_listens,
    liveness_is_another_question,
    port_speaks_one_protocol,
    ports_fit_together,
    probe_ports_exist,
    readiness_is_probed,
    target_port_listens,
)
from nodrop.rollout.rules.replacements import infrastructure_stays, namespace_stays, objects_stay, path_stays
from nodrop.rollout.rules.settings import (
    autoscaler_owns_replicas,
    backend_config_governs_a_port,
    load_balancer_answers,
    pre_stop_command_exists,
    traffic_policy_is_cluster,
)
from nodrop.rollout.rules.wiring import (
    load_balancer_before_pods,
    load_balancer_is_admitted,
    neg_annotation_is_valid,
    selector_matches_pods,
    unready_pods_get_no_traffic,
)
from nodrop.rollout.rules.workload import inputs_in_range, workload_is_judged
from nodrop.rollout.rules.zones import every_zone_keeps_an_endpoint
from nodrop.rollout.timing import Rollout


class Rule(Protocol):
    """What one rollout must keep."""

    __name__: str

    def __call__(self, rollout: Rollout, /) -> Iterator[Diagnostic]:
        """A finding for each way in which it is broken."""
        ...


class ChangeRule(Protocol):
    """What must stay between one rollout and the next of the same objects."""

    __name__: str

    def __call__(self, before: Rollout, after: Rollout, /) -> Iterator[Diagnostic]:
        """A finding for each way in which it is broken."""
        ...


PRECONDITIONS: tuple[Rule, ...] = (workload_is_judged, inputs_in_range)
"""Where one of these is broken, no other rule is asked."""

RULES: tuple[Rule, ...] = (
    *PRECONDITIONS,
    pre_stop_outlasts_deprogramming,
    exit_on_term_cuts_no_request,
    grace_exceeds_pre_stop,
    grace_covers_longest_request,
    grace_outlasts_deprogramming,
    grace_within_eviction_limits,
    every_container_has_pre_stop,
    draining_covers_longest_request,
    closes_idle_connections_on_term,
    backend_timeout_covers_longest_request,
    keep_alive_outlasts_load_balancer,
    headers_timeout_exceeds_keep_alive,
    rolls_without_unavailable,
    surge_limits_blast_radius,
    survives_a_lost_pod,
    min_ready_covers_attach,
    every_zone_keeps_an_endpoint,
    progress_deadline_before_gate_opens,
    progress_deadline_covers_start_up,
    health_check_is_explicit,
    health_check_asks_the_readiness_path,
    health_check_answers_200,
    check_timeout_within_interval,
    probe_timeout_within_period,
    liveness_outlasts_health_check,
    start_up_fits_liveness,
    readiness_stands_alone,
    nodes_drain_before_they_stop,
    budget_allows_an_eviction,
    budget_evicts_unhealthy_pods,
    quota_covers_the_peak,
    kubernetes_has_the_features,
    neg_annotation_is_valid,
    selector_matches_pods,
    load_balancer_before_pods,
    load_balancer_is_admitted,
    unready_pods_get_no_traffic,
    gateway_api_is_on,
    firewall_admits_the_ports,
    namespace_goes_before_the_network,
    target_port_listens,
    health_check_port_listens,
    health_check_asks_the_readiness_port,
    port_speaks_one_protocol,
    probe_ports_exist,
    ports_fit_together,
    readiness_is_probed,
    liveness_is_another_question,
    backend_config_governs_a_port,
    autoscaler_owns_replicas,
    traffic_policy_is_cluster,
    pre_stop_command_exists,
    load_balancer_answers,
)

CHANGE_RULES: tuple[ChangeRule, ...] = (
    health_check_path_stays,
    health_check_port_stays,
    health_check_type_stays,
    protocol_stays,
    requests_of_old_pods_fit,
    target_port_stays,
    selector_stays,
    routes_keep_their_service,
    entry_stays,
    schemes_stay,
    redirect_comes_after_https,
    certificates_stay,
    address_stays,
    clients_stay_admitted,
    peers_stay_admitted,
    google_identity_stays,
    autoscaler_takes_over_replicas,
    objects_stay,
    infrastructure_stays,
    namespace_stays,
    path_stays,
)


def rule_name(rule: Rule | ChangeRule) -> str:
    """The name that the rule's findings carry: its function's, with hyphens."""
    return rule.__name__.replace("_", "-")


RULE_NAMES: frozenset[str] = frozenset(rule_name(rule) for rule in (*RULES, *CHANGE_RULES))
"""Every name that a finding's `rule` may have."""


def check(rollout: Rollout) -> list[Diagnostic]:
    """Every broken rule, in the order of `RULES`; only the preconditions where one of them is broken."""
    return _unfit(rollout) or [finding for rule in RULES for finding in rule(rollout)]


def check_change(before: Rollout, after: Rollout) -> list[Diagnostic]:
    """Every broken rule of change, in the order of `CHANGE_RULES`; neither rollout itself is checked."""
    return _unfit(before) or _unfit(after) or [finding for rule in CHANGE_RULES for finding in rule(before, after)]


def _unfit(rollout: Rollout) -> list[Diagnostic]:
    """What leaves the other rules nothing to say: the first precondition that is broken."""
    return next(filter(None, (list(rule(rollout)) for rule in PRECONDITIONS)), [])
