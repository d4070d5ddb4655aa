"""What a node that goes does to its pods: how long it waits for them, disruption budgets, Spot."""

from collections.abc import Iterator
from math import ceil

from nodrop.rollout.behaviour import OnTerm
from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.facts import (
    AUTOSCALER_GRACE_SECONDS,
    GRACE_MARGIN_SECONDS,
    MAX_SPOT_WINDOW_SECONDS,
    PROXY_LAST_REQUEST_SECONDS,
    UPGRADE_GRACE_SECONDS,
)
from nodrop.rollout.placement import Placement
from nodrop.rollout.registry import version_rule
from nodrop.rollout.sources import (
    BUDGETS,
    GOOGLE_AUTOSCALER,
    GOOGLE_SPOT,
    GOOGLE_UPGRADES,
    NODE_DRAIN,
    NODE_SHUTDOWN,
)
from nodrop.rollout.timing import Rollout


@version_rule(
    severity={
        Severity.ERROR: f"longer than a node upgrade waits: {UPGRADE_GRACE_SECONDS} s, or what its pool says",
        Severity.WARNING: f"longer than the {AUTOSCALER_GRACE_SECONDS} s of the cluster autoscaler",
    },
    source=(GOOGLE_UPGRADES, GOOGLE_AUTOSCALER),
    goes_wrong="When the node is removed, requests that need the rest of the grace period are cut off.",
    cure="Keep the grace period within 600 s, and within the pool's graceTerminationDuration; split longer requests.",
    breaks={"termination_grace_period_seconds": 4000},
    warns={"termination_grace_period_seconds": 700},
    keeps={"termination_grace_period_seconds": 600},
)
def grace_within_eviction_limits(rollout: Rollout) -> Iterator[Diagnostic]:
    """Neither the autoscaler nor a node upgrade cuts the grace period short."""
    seconds = rollout.termination_grace_period_seconds
    drained = rollout.placement.drain_grace_seconds if rollout.placement else UPGRADE_GRACE_SECONDS
    if seconds <= min(AUTOSCALER_GRACE_SECONDS, drained):
        return
    upgrades = seconds > drained
    limit = drained if upgrades else AUTOSCALER_GRACE_SECONDS
    yield Diagnostic(
        rule="grace-within-eviction-limits",
        severity=Severity.ERROR if upgrades else Severity.WARNING,
        input="rollout.termination_grace_period_seconds",
        value=seconds,
        seen=f"longer than the {limit:g} s that {'a node upgrade' if upgrades else 'the cluster autoscaler'} waits",
        why="requests that need the rest are cut off when their node is removed",
        source=_drained_by(drained) if upgrades else GOOGLE_AUTOSCALER,
        would_pass=AUTOSCALER_GRACE_SECONDS
        if drained >= AUTOSCALER_GRACE_SECONDS
        else f"{drained:g}, if preStop and requests fit in it; or a pool whose graceTerminationDuration is {seconds}s",
    )


@version_rule(
    severity={
        Severity.ERROR: "the health check does not take the pods out in time",
        Severity.WARNING: "pods merely may run there, or health fails from the beginning of preStop on, in time",
    },
    source=(NODE_SHUTDOWN, GOOGLE_SPOT),
    goes_wrong="A Spot node ends its pods within seconds, while the load balancer still sends them requests.",
    cure="Run what serves on nodes that are drained; or let health fail in preStop and lengthen the node's window.",
    breaks={"placement.spot": True},
    warns={
        "placement.spot": True,
        "placement.spot_window_seconds": 120,
        "placement.health_fails_in_pre_stop": True,
    },
    keeps={"placement.spot": False},
    fact="Spot nodes",
    asked_by_components=False,
)
def nodes_drain_before_they_stop(rollout: Rollout) -> Iterator[Diagnostic]:
    """No node ends its pods while the load balancer still sends them requests."""
    placement = rollout.placement
    if placement is None or not (placement.spot or placement.may_be_spot):
        return
    window = placement.spot_window_seconds
    if window > MAX_SPOT_WINDOW_SECONDS:
        yield Diagnostic(
            rule="nodes-drain-before-they-stop",
            severity=Severity.ERROR,
            input="placement.spot_window_seconds",
            value=window,
            seen=f"longer than {MAX_SPOT_WINDOW_SECONDS} s",
            why="node configuration takes no more",
            source=GOOGLE_SPOT,
            would_pass=MAX_SPOT_WINDOW_SECONDS,
        )
    yield Diagnostic(
        rule="nodes-drain-before-they-stop",
        severity=(
            Severity.WARNING if not placement.spot or _health_check_drains(rollout, placement) else Severity.ERROR
        ),
        input="placement.spot",
        value=placement.spot or "possible",
        seen=(
            f"no timing prevents drops here: a node that is reclaimed leaves its pods {window} s, preStop and "
            "requests included"
        ),
        why=(
            "the kubelet ends them without deleting them, so they leave their NEG only afterwards. Health that fails "
            "from the beginning of preStop on, and a preStop that outlasts the health check and the "
            "proxies, reduce the loss"
        ),
        source=NODE_SHUTDOWN,
        would_pass=False,
    )


def _health_check_drains(rollout: Rollout, placement: Placement) -> bool:
    """Whether the load balancer's health check ends new requests in time, and the node leaves them time to end.

    Nobody measured how long proxies take to follow a health check; the whole of what they take to follow a detach, the
    detach included, stands in for it.
    """
    arrivals = rollout.health_check.ejection_seconds + PROXY_LAST_REQUEST_SECONDS
    longest, exits = rollout.longest_request_seconds, rollout.on_term is OnTerm.EXIT
    before_term, after_term = (longest, 0) if exits else (0, ceil(longest))
    return (
        placement.health_fails_in_pre_stop
        and rollout.pre_stop_seconds >= arrivals + before_term
        and rollout.pre_stop_seconds + after_term + GRACE_MARGIN_SECONDS
        <= min(placement.spot_window_seconds, MAX_SPOT_WINDOW_SECONDS)
    )


@version_rule(
    severity=Severity.ERROR,
    source=GOOGLE_UPGRADES,
    goes_wrong="A node upgrade waits for an hour, or as long as the pool says, then removes the pods by force.",
    cure="Let the PodDisruptionBudget allow one disruption: maxUnavailable 1.",
    breaks={"placement.disruption_budget.allowed_disruptions": 0},
    keeps={"placement.disruption_budget.allowed_disruptions": 1},
    fact="disruption budget",
)
def budget_allows_an_eviction(rollout: Rollout) -> Iterator[Diagnostic]:
    """A node can be drained while all pods are healthy."""
    budget = rollout.placement.disruption_budget if rollout.placement else None
    waits = rollout.placement.drain_budget_seconds if rollout.placement else UPGRADE_GRACE_SECONDS
    if budget and budget.allowed_disruptions < 1:
        yield Diagnostic(
            rule="budget-allows-an-eviction",
            severity=Severity.ERROR,
            input="placement.disruption_budget.allowed_disruptions",
            value=budget.allowed_disruptions,
            seen="no pod may ever be evicted",
            why=f"a node upgrade waits {waits:g} s, then removes the pods of a node by force",
            source=_drained_by(waits),
            would_pass=1,
        )


@version_rule(
    severity=Severity.WARNING,
    source=(GOOGLE_UPGRADES, NODE_DRAIN),
    goes_wrong="When a node is drained, its second pod is removed by force before the first one's successor is ready.",
    cure="Give the node pool a pdbTimeoutDuration that outlasts a pod's start, or none: GKE's own is an hour.",
    breaks={"placement.drain_budget_seconds": 5},
    keeps={"placement.drain_budget_seconds": 60},
    fact="node pools",
    asked_by_components=False,
)
def drain_waits_for_successors(rollout: Rollout) -> Iterator[Diagnostic]:
    """A node upgrade respects disruption budgets for as long as a new pod takes to be ready.

    Silent where the budget holds nobody back: it allows all pods to go at once, or no two of them share a node.
    """
    placement = rollout.placement
    budget = placement.disruption_budget if placement else None
    if (
        placement is None
        or budget is None
        or placement.one_pod_a_node
        or budget.allowed_disruptions >= rollout.replicas
    ):
        return
    waits, needed = placement.drain_budget_seconds, ceil(rollout.seconds_to_ready)
    if waits < needed:
        yield Diagnostic(
            rule="drain-waits-for-successors",
            severity=Severity.WARNING,
            input="placement.drain_budget_seconds",
            value=waits,
            seen=f"shorter than the {needed} s that a new pod takes to be ready",
            why=(
                "the budget releases the node's next pod only then; the drain does not wait that long and removes it "
                "by force"
            ),
            source=_drained_by(waits),
            would_pass=needed,
        )


def _drained_by(limit_seconds: float) -> str:
    """Where the limit of a node's drain comes from: GKE itself, or the pool."""
    return GOOGLE_UPGRADES if limit_seconds == UPGRADE_GRACE_SECONDS else NODE_DRAIN


@version_rule(
    severity=Severity.WARNING,
    source=BUDGETS,
    goes_wrong="Running pods that are not ready block the drain of their node until it is forced.",
    cure="Set unhealthyPodEvictionPolicy to AlwaysAllow.",
    breaks={"placement.disruption_budget.always_allows_unhealthy": False},
    keeps={"placement.disruption_budget.always_allows_unhealthy": True},
    fact="disruption budget",
)
def budget_evicts_unhealthy_pods(rollout: Rollout) -> Iterator[Diagnostic]:
    """Pods that serve nobody do not hold up a node drain."""
    budget = rollout.placement.disruption_budget if rollout.placement else None
    if budget and not budget.always_allows_unhealthy:
        yield Diagnostic(
            rule="budget-evicts-unhealthy-pods",
            severity=Severity.WARNING,
            input="placement.disruption_budget.always_allows_unhealthy",
            value="not AlwaysAllow",
            seen="pods that are not ready are evicted only while enough others are healthy for the budget",
            why="running pods that are not ready block the drain of their node until it is forced",
            source=BUDGETS,
            would_pass="AlwaysAllow",
        )
