"""What nodes offer to pods: whether they take them, room for how many, the fields that their version knows."""

from collections.abc import Iterator

from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.facts import NATIVE_SIDECARS_VERSION, SLEEP_ACTION_VERSION
from nodrop.rollout.placement import COUNTED, PodQuota
from nodrop.rollout.quantities import quantity
from nodrop.rollout.registry import version_rule
from nodrop.rollout.sources import ASSIGNING_PODS, DEPLOYMENTS, HOOKS, SIDECARS, TAINTS
from nodrop.rollout.timing import Rollout, peak_pods


@version_rule(
    severity=Severity.ERROR,
    source=(TAINTS, ASSIGNING_PODS),
    goes_wrong="The scheduler finds no node for the pods: they stay Pending, and nothing serves.",
    cure="Add a node pool that takes them; or let the pods tolerate the taint, or select labels that a pool has.",
    breaks={
        "placement.refused_by_pools": (
            "node pool spot: the pods do not tolerate cloud.google.com/gke-spot=true:NoSchedule",
        )
    },
    keeps={"placement.refused_by_pools": ()},
    fact="node pools",
    asked_by_components=False,
)
def a_node_pool_takes_the_pods(rollout: Rollout) -> Iterator[Diagnostic]:
    """Some node pool of the cluster has the labels that the pods select, and only taints that they tolerate."""
    refused = rollout.placement.refused_by_pools if rollout.placement else ()
    if refused:
        yield Diagnostic(
            rule="a-node-pool-takes-the-pods",
            severity=Severity.ERROR,
            input="placement.refused_by_pools",
            value=refused,
            seen="no node pool of the cluster takes the pods, and node auto-provisioning is off",
            why="the scheduler finds no node for them: they stay Pending, and nothing serves",
            source=TAINTS,
            would_pass="another node pool without the taint and with the labels, or a toleration in the pods",
        )


@version_rule(
    severity=Severity.ERROR,
    source=DEPLOYMENTS,
    goes_wrong="A rollout stalls, because the quota leaves no room for new pods beside terminating ones.",
    cure="Raise the quota to cover the peak of a rollout plus the other pods, or shorten the grace period.",
    breaks={"placement.pod_quota": PodQuota(entry="requests.cpu", stated="1", most=1, others=0.5, each=0.25)},
    keeps={"placement.pod_quota": PodQuota(entry="requests.cpu", stated="2", most=2, others=0.5, each=0.25)},
    fact="quota",
    asked_by_components=False,
)
def quota_covers_the_peak(rollout: Rollout) -> Iterator[Diagnostic]:
    """There is room for the surge and for the old pods that are still terminating."""
    quota = rollout.placement.pod_quota if rollout.placement else None
    if quota is not None and quota.pods < (peak := peak_pods(rollout)):
        yield Diagnostic(
            rule="quota-covers-the-peak",
            severity=Severity.ERROR,
            input="placement.pod_quota",
            value=quota.stated,
            seen=f"{_taken(quota)}it leaves {quota.pods} pods, fewer than the {peak} that a rollout may have at a time",
            why="the Deployment does not count terminating pods; without room for new ones the rollout stalls",
            source=DEPLOYMENTS,
            would_pass=quantity(quota.others + peak * quota.each, quota.entry),
        )


def _taken(quota: PodQuota) -> str:
    """What the pods take of a quota, for a sentence."""
    others = f"other pods of the namespace take {quantity(quota.others, quota.entry)}" if quota.others else ""
    each = "" if quota.entry in COUNTED else f"each pod takes {quantity(quota.each, quota.entry)}"
    told = " and ".join(part for part in (others, each) if part)
    return f"{told}; " if told else ""


_NO_SLEEP = (
    "an API server of 1.29 drops the hook, an older one refuses it as empty, and under a newer one the nodes' kubelet "
    "fails it: TERM comes at once"
)
_NO_SIDECARS = "the API silently drops the field, and the pod never starts"


@version_rule(
    severity=Severity.ERROR,
    source=(HOOKS, SIDECARS),
    goes_wrong="The API drops the field, or refuses the hook, and older nodes fail it: TERM comes at once, or the pod "
    "never starts.",
    cure="Upgrade the nodes, or use exec in place of sleep.",
    breaks={"placement.kubernetes_version": (1, 29)},
    keeps={"placement.kubernetes_version": (1, 30)},
    fact="Kubernetes version",
    asked_by_components=False,
)
def kubernetes_has_the_features(rollout: Rollout) -> Iterator[Diagnostic]:
    """The nodes' Kubernetes knows every field that the rollout relies on."""
    version = rollout.placement.kubernetes_version if rollout.placement else None
    if version is None:
        return
    sleeps = rollout.pre_stop_seconds > 0 and rollout.pre_stop_is_sleep_action
    for used, since, feature, why, source in (
        (sleeps, SLEEP_ACTION_VERSION, "the preStop action sleep", _NO_SLEEP, HOOKS),
        (rollout.native_sidecars, NATIVE_SIDECARS_VERSION, "native sidecars", _NO_SIDECARS, SIDECARS),
    ):
        if used and version < since:
            yield Diagnostic(
                rule="kubernetes-has-the-features",
                severity=Severity.ERROR,
                input="placement.kubernetes_version",
                value=_dotted(version),
                seen=f"older than {_dotted(since)}, the first with {feature}",
                why=why,
                source=source,
                would_pass=_dotted(since),
            )


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
