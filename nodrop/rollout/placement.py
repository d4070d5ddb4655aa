"""Where a Deployment's pods run, and what may take them away there.

Values only; whether they are right is for `rules` to say.
"""

from dataclasses import dataclass

from nodrop.rollout.facts import SPOT_WINDOW_SECONDS, UPGRADE_GRACE_SECONDS


@dataclass(frozen=True, kw_only=True)
class DisruptionBudget:
    """A PodDisruptionBudget that selects the pods."""

    allowed_disruptions: int
    """Pods that may be evicted at a time while all are healthy, percentages resolved."""
    always_allows_unhealthy: bool
    """Whether `unhealthyPodEvictionPolicy` is AlwaysAllow."""


COUNTED = ("pods", "count/pods")
"""Entries of a quota that count pods themselves."""


@dataclass(frozen=True, kw_only=True)
class PodQuota:
    """One entry of a quota, and what it leaves to a Deployment; amounts in cores, bytes or whatever it limits."""

    entry: str
    """Such as `pods` or `requests.memory`."""
    stated: str
    """The amount as the quota states it, such as 2Gi."""
    most: float
    """The same amount."""
    others: float = 0.0
    """What all other pods of the namespace take of it."""
    each: float = 1.0
    """What one of the Deployment's pods takes of it, more than 0."""

    @property
    def pods(self) -> int:
        """For how many of the Deployment's pods it leaves room, old and new together."""
        return max(0, int((self.most - self.others) / self.each + 1e-9))


@dataclass(frozen=True, kw_only=True)
class Placement:
    """The nodes, zones and quota of a Deployment's pods; times in seconds."""

    zones: int | None = None
    """Zones that its pods may run in; None: unknown."""
    spreads_each_version_over_zones: bool = False
    """Whether a spread constraint over zones is DoNotSchedule with `matchLabelKeys: [pod-template-hash]`."""
    spot: bool = False
    """Whether nodes may be taken away at short notice: Spot VMs, or any graceful node shutdown."""
    may_be_spot: bool = False
    """Whether some of the nodes may be such ones: the pods tolerate or prefer them."""
    spot_window_seconds: int = SPOT_WINDOW_SECONDS
    """What a pod then gets."""
    drain_grace_seconds: float = UPGRADE_GRACE_SECONDS
    """How much of a pod's grace period an upgrade of its node waits for."""
    drain_budget_seconds: float = UPGRADE_GRACE_SECONDS
    """For how long it waits for disruption budgets."""
    health_fails_in_pre_stop: bool = False
    """Whether the health endpoint fails from the beginning of preStop on."""
    pod_quota: PodQuota | None = None
    """The entry of a quota, of pods or of what they request, that leaves the fewest pods; None: there is none, or
    unknown."""
    node: str | None = None
    """Name of the only node that the pods may run on; None: there is none."""
    one_pod_a_zone: bool = False
    """Whether the pods require not to share a zone."""
    one_pod_a_node: bool = False
    """Whether the pods require not to share a node."""
    all_on_one_node: bool = False
    """Whether the pods require to share a node, whichever it is."""
    volumes_of_one_pod: tuple[str, ...] = ()
    """Names of the claims among the pods' volumes that one pod of the cluster can use at a time."""
    volumes_of_one_node: tuple[str, ...] = ()
    """Names of the claims among the pods' volumes that can be attached to one node at a time."""
    disks_of_one_node: tuple[str, ...] = ()
    """Names of the volumes that are a disk to write to, which can be attached to one node at a time."""
    host_ports: tuple[int, ...] = ()
    """Ports of the node that the pods take."""
    kubernetes_version: tuple[int, int] | None = None
    """Major and minor of the oldest node; None: unknown."""
    refused_by_pools: tuple[str, ...] = ()
    """Why each node pool of the cluster takes none of the pods, such as "node pool spot: the pods do not tolerate
    cloud.google.com/gke-spot=true:NoSchedule"; empty: one takes them, or unknown."""
    disruption_budget: DisruptionBudget | None = None
    """None: there is none, or unknown."""
