"""A rollout with what Kubernetes and GKE's Ingress controller put where an object states nothing, to compare with."""

from dataclasses import replace

from nodrop.gke import defaults
from nodrop.rollout.timing import Rollout, resolve_surge_and_unavailable


def with_api_defaults(rollout: Rollout) -> Rollout:
    """`rollout` without preStop and draining, with default grace period, surge and unavailable pods; probes stay."""
    share = defaults.SURGE_AND_UNAVAILABLE
    surge, unavailable = resolve_surge_and_unavailable(share, share, rollout.replicas)
    return replace(
        rollout,
        pre_stop_seconds=0,
        termination_grace_period_seconds=defaults.GRACE_PERIOD_SECONDS,
        draining_timeout_seconds=defaults.DRAINING_TIMEOUT_SECONDS,
        max_surge=surge,
        max_unavailable=unavailable,
        min_ready_seconds=0,
    )
