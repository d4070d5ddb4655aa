"""A rollout leaves every zone an endpoint."""

from collections.abc import Iterator

from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.facts import MIN_READY_HARD_CODED_SECONDS
from nodrop.rollout.registry import version_rule
from nodrop.rollout.sources import EMPTY_ZONES
from nodrop.rollout.timing import Rollout


@version_rule(
    severity=Severity.WARNING,
    source=EMPTY_ZONES,
    goes_wrong="A zone's NEG becomes empty, its next pod passes the gate unchecked, and requests reach it too early.",
    cure="Set minReadySeconds to 60, or run more pods, each version spread over the zones.",
    given={"placement.zones": 3, "placement.spreads_each_version_over_zones": True},
    breaks={"replicas": 3},
    keeps={"replicas": 9},
    fact="zones",
    asked_by_components=False,
    shapes_solution=True,
)
def every_zone_keeps_an_endpoint(rollout: Rollout) -> Iterator[Diagnostic]:
    """No new pod starts in a zone whose NEG has no health status yet, since it would pass its gate unchecked.

    Old pods are deleted in any order as far as zones go. Before the first new pod of a zone is healthy, the spread lets
    every other zone have maxSurge + maxUnavailable healthy ones, each of which frees an old pod, and maxUnavailable go
    without any. A zone that begins with more old pods than that keeps one. An autoscaler, too, takes pods without
    regard to zones.
    """
    placement = rollout.placement
    if placement is None or placement.zones is None or placement.zones < 2:
        return
    if rollout.min_ready_seconds >= MIN_READY_HARD_CODED_SECONDS:
        return
    zones, replicas, surge = placement.zones, rollout.replicas, rollout.max_surge
    greatest = rollout.replicas_at_most
    fewest_in_a_zone = greatest // zones - (greatest - replicas)
    needed_in_a_zone = (zones - 1) * (surge + rollout.max_unavailable) + rollout.max_unavailable + 1
    spreads = placement.spreads_each_version_over_zones
    if spreads and fewest_in_a_zone >= needed_in_a_zone:
        return
    scaled = "" if greatest == replicas else f", scaled in from {greatest}"
    spread = "each version spread" if spreads else "versions not spread"
    yield Diagnostic(
        rule="every-zone-keeps-an-endpoint",
        severity=Severity.WARNING,
        input="rollout.min_ready_seconds",
        value=rollout.min_ready_seconds,
        seen=f"{replicas} pods{scaled}, {spread} over {zones} zones, max_surge = {surge}",
        why=(
            "a rollout may empty a zone, whose next pod passes its gate unchecked. Either wait, or run "
            f"{zones * needed_in_a_zone} pods, not autoscaled, with a zone spread that is DoNotSchedule with "
            "matchLabelKeys: [pod-template-hash]"
        ),
        source=EMPTY_ZONES,
        would_pass=MIN_READY_HARD_CODED_SECONDS,
    )
