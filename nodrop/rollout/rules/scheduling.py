"""That new pods find a place and start: on more than one node, beside the old ones, with memory."""

from collections.abc import Iterator

from nodrop.gke.nodes import ZONES_OF_A_REGION
from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.registry import version_rule
from nodrop.rollout.sources import ASSIGNING_PODS, DISRUPTIONS, MEMORY, VOLUMES
from nodrop.rollout.timing import Rollout


@version_rule(
    severity=Severity.WARNING,
    source=(DISRUPTIONS, ASSIGNING_PODS),
    goes_wrong="When that node is lost, all pods are lost at once, and no other node may take them.",
    cure="Let the scheduler choose: select nodes by a label they share, and at most prefer a common node.",
    breaks={"placement.node": "node-1"},
    keeps={"placement.node": None},
    fact="nodes",
    asked_by_components=False,
)
def pods_run_on_several_nodes(rollout: Rollout) -> Iterator[Diagnostic]:
    """The pods are bound neither to one node nor to each other's nodes."""
    placement = rollout.placement
    if placement is None:
        return
    if placement.all_on_one_node and rollout.replicas > 1:
        yield Diagnostic(
            rule="pods-run-on-several-nodes",
            severity=Severity.WARNING,
            input="placement.all_on_one_node",
            value=True,
            seen="the pods require to share a node",
            why=(
                "its failure takes all of them at once; while it is drained, new pods stay Pending until the last old "
                "one has gone"
            ),
            source=ASSIGNING_PODS,
            would_pass="preferredDuringSchedulingIgnoredDuringExecution, or no podAffinity of the pods to themselves",
        )
    node = placement.node
    if node is not None:
        yield Diagnostic(
            rule="pods-run-on-several-nodes",
            severity=Severity.WARNING,
            input="placement.node",
            value=node,
            seen="all pods are bound to this node",
            why="an upgrade or a failure of the node takes all of them at once, and no other node may take them",
            source=DISRUPTIONS,
            would_pass="none, or a label that several nodes have",
        )


@version_rule(
    severity=Severity.WARNING,
    source=ASSIGNING_PODS,
    goes_wrong="A new pod does not fit beside the old ones, and the rollout stalls until its deadline.",
    cure="Prefer to spread instead of requiring it, or use topologySpreadConstraints; state no hostPort.",
    given={"placement.zones": 3},
    breaks={"placement.one_pod_a_zone": True, "replicas": 3},
    keeps={"placement.one_pod_a_zone": True, "replicas": 2},
    fact="nodes",
    asked_by_components=False,
)
def surge_finds_a_place(rollout: Rollout) -> Iterator[Diagnostic]:
    """A new pod can be scheduled while all old ones run: no hostPort, no zone or node that takes one pod only."""
    placement = rollout.placement
    if placement is None:
        return
    zones, wanted = placement.zones or ZONES_OF_A_REGION, rollout.replicas + max(1, rollout.max_surge)
    if placement.one_pod_a_zone and wanted > zones:
        yield Diagnostic(
            rule="surge-finds-a-place",
            severity=Severity.WARNING,
            input="placement.one_pod_a_zone",
            value=True,
            seen=f"a rollout has {wanted} pods at a time, and the {zones} zones take one each",
            why="the new pod stays Pending until an old one is removed, which waits for the new one",
            source=ASSIGNING_PODS,
            would_pass="preferredDuringSchedulingIgnoredDuringExecution, or topologySpreadConstraints",
        )
    if placement.one_pod_a_node and rollout.max_surge:
        yield Diagnostic(
            rule="surge-finds-a-place",
            severity=Severity.WARNING,
            input="placement.one_pod_a_node",
            value=True,
            seen="a node takes one of these pods",
            why=(
                "without a node to spare the new pod stays Pending until an old one is removed, which waits for the "
                "new one"
            ),
            source=ASSIGNING_PODS,
            would_pass="preferredDuringSchedulingIgnoredDuringExecution, or topologySpreadConstraints",
        )
    for port in placement.host_ports:
        yield Diagnostic(
            rule="surge-finds-a-place",
            severity=Severity.WARNING,
            input="placement.host_ports",
            value=port,
            seen="a node takes one pod with this hostPort",
            why=(
                "without a node to spare the new pod stays Pending until an old one is removed, which waits for the "
                "new one"
            ),
            source=ASSIGNING_PODS,
            would_pass="no hostPort: a NEG sends to the pod's own address",
        )


@version_rule(
    severity=Severity.ERROR,
    source=MEMORY,
    goes_wrong="The container is killed before it starts, and no new pod ever becomes ready.",
    cure="Use mebibytes: 512Mi, not 512m, which is half a byte.",
    breaks={"containers_without_memory": ("web",)},
    keeps={"containers_without_memory": ()},
    fact="other containers",
    asked_by_components=False,
)
def memory_limit_holds_a_process(rollout: Rollout) -> Iterator[Diagnostic]:
    """The memory limit of a container is at least a mebibyte."""
    for name in rollout.containers_without_memory:
        yield Diagnostic(
            rule="memory-limit-holds-a-process",
            severity=Severity.ERROR,
            input="rollout.containers_without_memory",
            value=name,
            seen="the container's memory limit is less than 1 MiB",
            why="no process fits, so the container is killed before it starts; m means thousandths",
            source=MEMORY,
            would_pass="such as 512Mi",
        )


@version_rule(
    severity={
        Severity.ERROR: "only one pod can use the volume, or one node, and the pods must not share a node",
        Severity.WARNING: "only one node can use the volume, and the scheduler may choose another for a new pod",
    },
    source=VOLUMES,
    goes_wrong="A new pod waits for the volume that an old one holds, and the old one waits for the new one.",
    cure="Share the data by ReadWriteMany (Filestore) or ReadOnlyMany, or outside the cluster.",
    breaks={"placement.volumes_of_one_pod": ("data",)},
    warns={"placement.volumes_of_one_node": ("data",)},
    keeps={"placement.volumes_of_one_node": ("data",), "placement.node": "node-1"},
    fact="volumes",
    asked_by_components=False,
)
def surge_mounts_its_volumes(rollout: Rollout) -> Iterator[Diagnostic]:
    """A new pod can mount its volumes while all old ones run.

    Silent where old pods go first, which has a rule of its own.
    """
    placement = rollout.placement
    if placement is None or not rollout.max_surge:
        return
    for name in placement.volumes_of_one_pod:
        yield _waits_for_volume(
            Severity.ERROR,
            place="placement.volumes_of_one_pod",
            value=name,
            seen="ReadWriteOncePod: one pod of the cluster can use it at a time",
            would_pass=_SHARED,
        )
    if placement.node is not None or placement.all_on_one_node:
        return
    if placement.one_pod_a_node:
        where, severity = "no two of the pods may share one", Severity.ERROR
    else:
        where, severity = "the scheduler may choose another", Severity.WARNING
    for name in placement.volumes_of_one_node:
        yield _waits_for_volume(
            severity,
            place="placement.volumes_of_one_node",
            value=name,
            seen=f"ReadWriteOnce: one node can attach it at a time, and {where}",
            would_pass=_SHARED,
        )
    for name in placement.disks_of_one_node:
        yield _waits_for_volume(
            severity,
            place="placement.disks_of_one_node",
            value=name,
            seen=f"one node can attach a disk to write to at a time, and {where}",
            would_pass=f"readOnly: true, or a PersistentVolumeClaim of {_SHARED}",
        )


_SHARED = "ReadWriteMany or ReadOnlyMany"
"""Access modes of claims that pods on several nodes use at a time."""


def _waits_for_volume(severity: Severity, *, place: str, value: str, seen: str, would_pass: str) -> Diagnostic:
    return Diagnostic(
        rule="surge-mounts-its-volumes",
        severity=severity,
        input=place,
        value=value,
        seen=seen,
        why=(
            "a new pod waits for the volume that an old one holds, and the old one is removed only when the new "
            "one serves"
        ),
        source=VOLUMES,
        would_pass=would_pass,
    )
