"""How the nodes of a pool are replaced when they get a new version: the inputs, and what the pool says of them."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal, NotRequired, TypedDict

import pulumi_gcp as gcp

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example
from gke_nodrop.inputs.faults import Fault, fault, shown
from gke_nodrop.inputs.rules import rule

_STRATEGIES = "Google, Node upgrade strategies"
_SURGE = f"{_STRATEGIES}, surge upgrades"
_BLUE_GREEN = f"{_STRATEGIES}, blue-green upgrades"
_UP_TO_A_WEEK = limits.between(0, 7 * 24 * 3600, "seconds", _BLUE_GREEN)


class UpgradeStrategy(StrEnum):
    """How nodes are replaced."""

    SURGE = "surge"
    """A few at a time; there is no way back to a deleted node."""
    BLUE_GREEN = "blue-green"
    """All new nodes are ready before the first old one is drained, and the upgrade can be rolled back. Needs twice the
    nodes."""
    AUTOSCALED_BLUE_GREEN = "autoscaled-blue-green"
    """As blue-green, but new nodes are added as pods need them, and old ones are removed as they empty."""


UpgradeStrategyText = Literal["surge", "blue-green", "autoscaled-blue-green"]
"""The members of `UpgradeStrategy` as plain text."""


class NodePoolUpgradesArgs(TypedDict):
    """How nodes are replaced when they get a new version."""

    strategy: NotRequired[Annotated[UpgradeStrategy | UpgradeStrategyText, Example(UpgradeStrategy.SURGE)]]
    """Default surge, which needs the fewest extra nodes."""
    max_surge: NotRequired[Annotated[int, limits.at_least(0, "nodes", _SURGE), Example(1)]]
    """Nodes added during a surge upgrade. Default 1."""
    max_unavailable: NotRequired[Annotated[int, limits.at_least(0, "nodes", _SURGE), Example(0)]]
    """Nodes that may be missing during a surge upgrade. Default 0: a new node is ready before an old one is drained."""
    batch_nodes: NotRequired[Annotated[int, limits.at_least(1, "nodes", _BLUE_GREEN), Example(1)]]
    """Old nodes that a blue-green upgrade drains at a time. Default 1."""
    batch_soak_seconds: NotRequired[Annotated[int, _UP_TO_A_WEEK, Example(60)]]
    """Seconds that a blue-green upgrade waits between two batches. Default 0."""
    pool_soak_seconds: NotRequired[Annotated[int, _UP_TO_A_WEEK, Example(3600)]]
    """Seconds that a blue-green upgrade waits before it deletes the old nodes. Default 3600, Google's own."""
    wait_for_drain_seconds: NotRequired[Annotated[int, _UP_TO_A_WEEK, Example(86400)]]
    """Seconds that an autoscaled-blue-green upgrade waits for pods to leave the old nodes by themselves. Default
    259200, Google's own."""


_OF_STRATEGY = {
    UpgradeStrategy.SURGE: ("max_surge", "max_unavailable"),
    UpgradeStrategy.BLUE_GREEN: ("batch_nodes", "batch_soak_seconds", "pool_soak_seconds"),
    UpgradeStrategy.AUTOSCALED_BLUE_GREEN: ("wait_for_drain_seconds", "pool_soak_seconds"),
}


@rule(NodePoolUpgradesArgs)
def an_upgrade_can_move(upgrades: NodePoolUpgradesArgs) -> Iterator[Fault]:
    """A node is added, or one may be missing."""
    if upgrades.get("max_surge", 1) + upgrades.get("max_unavailable", 0) == 0:
        rule_text = "must be 1 or more while max_unavailable is 0, or no node can be upgraded"
        yield fault("max_surge", 0, rule_text, _SURGE, shown(1))


@rule(NodePoolUpgradesArgs)
def settings_are_those_of_the_strategy(upgrades: NodePoolUpgradesArgs) -> Iterator[Fault]:
    """What is stated has an effect."""
    strategy = _strategy(upgrades)
    for key, value in upgrades.items():
        if key != "strategy" and key not in _OF_STRATEGY[strategy]:
            fits = next(each for each, keys in _OF_STRATEGY.items() if key in keys)
            rule_text = f"has no effect with strategy = {strategy.value}, but with {fits.value}"
            yield fault(key, value, rule_text, _STRATEGIES, "absent")


def _strategy(upgrades: NodePoolUpgradesArgs) -> UpgradeStrategy:
    return UpgradeStrategy(upgrades.get("strategy", UpgradeStrategy.SURGE))


def upgrade_settings(upgrades: NodePoolUpgradesArgs) -> "gcp.container.NodePoolUpgradeSettingsArgs":
    """What the pool says of them."""
    strategy = _strategy(upgrades)
    if strategy is UpgradeStrategy.SURGE:
        return gcp.container.NodePoolUpgradeSettingsArgs(
            strategy="SURGE",
            max_surge=upgrades.get("max_surge", 1),
            max_unavailable=upgrades.get("max_unavailable", 0),
        )
    settings = gcp.container.NodePoolUpgradeSettingsBlueGreenSettingsArgs(
        node_pool_soak_duration=f"{upgrades.get('pool_soak_seconds', 3600)}s"
    )
    if strategy is UpgradeStrategy.BLUE_GREEN:
        settings.standard_rollout_policy = (
            gcp.container.NodePoolUpgradeSettingsBlueGreenSettingsStandardRolloutPolicyArgs(
                batch_node_count=upgrades.get("batch_nodes", 1),
                batch_soak_duration=f"{upgrades.get('batch_soak_seconds', 0)}s",
            )
        )
    else:
        wait = upgrades.get("wait_for_drain_seconds", 3 * 24 * 3600)
        settings.autoscaled_rollout_policy = (
            gcp.container.NodePoolUpgradeSettingsBlueGreenSettingsAutoscaledRolloutPolicyArgs(
                wait_for_drain_duration=f"{wait}s"
            )
        )
    return gcp.container.NodePoolUpgradeSettingsArgs(strategy="BLUE_GREEN", blue_green_settings=settings)
