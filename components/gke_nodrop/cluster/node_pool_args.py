"""Inputs of a node pool: their shapes, limits and rules, with an example that passes."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal, NotRequired, TypedDict

import pulumi

from gke_nodrop.cluster import machines, sdk
from gke_nodrop.cluster.labels import Labels
from gke_nodrop.cluster.node_upgrades import NodePoolUpgradesArgs
from gke_nodrop.cluster.security import DisksKey
from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example, HeldBy
from gke_nodrop.inputs.faults import Fault, fault, shown
from gke_nodrop.inputs.rules import rule
from gke_nodrop.inputs.types import Reference, name_of_cluster
from nodrop.gke.nodes import SPOT

_AUTOSCALER = "Google, About GKE cluster autoscaling"
_DISKS = "Google, Configure node boot disks"
_GPUS = "Google, About GPUs in GKE"
_TAINTS = "kubernetes.io, Taints and Tolerations"
_SPOT = "Google, Spot VMs in GKE, graceful termination: more than 30 s from 1.35.0-gke.1171000"

ClusterId = Annotated[
    Reference,
    HeldBy(("cluster_id", "id")),
    Example("projects/my-project/locations/us-central1/clusters/main"),
]
NodeAccount = Annotated[
    Reference,
    HeldBy(("node_service_account", "email")),
    Example("gke-nodes@my-project.iam.gserviceaccount.com"),
]
MachineType = Annotated[Reference, Example("e2-standard-2")]
DiskType = Annotated[
    str,
    limits.one_of("pd-balanced", "pd-standard", "pd-ssd", "hyperdisk-balanced", source=_DISKS),
    Example("pd-balanced"),
]
LabelKey = Annotated[
    str,
    limits.matching(
        r"([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?",
        "the key of a label, such as example.com/role",
        "kubernetes.io, Labels and Selectors",
    ),
    Example("example.com/role"),
]
LabelValue = Annotated[
    str,
    limits.matching(
        r"([A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?)?",
        "the value of a label: letters, digits, hyphens, dots and underscores, at most 63",
        "kubernetes.io, Labels and Selectors",
    ),
    Example("serving"),
]


class LocationPolicy(StrEnum):
    """In which zones the autoscaler adds nodes."""

    BALANCED = "balanced"
    """Evenly, as far as it can."""
    ANY = "any"
    """Where machines are available or reserved."""


LocationPolicyText = Literal["balanced", "any"]
"""The members of `LocationPolicy` as plain text."""


class TaintEffect(StrEnum):
    """What happens to pods that do not tolerate a taint."""

    NO_SCHEDULE = "NoSchedule"
    PREFER_NO_SCHEDULE = "PreferNoSchedule"
    NO_EXECUTE = "NoExecute"


TaintEffectText = Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]
"""The members of `TaintEffect` as plain text."""


class AutoscalingArgs(TypedDict):
    """How many nodes."""

    min_nodes: NotRequired[Annotated[int, limits.at_least(0, "nodes", _AUTOSCALER), Example(1)]]
    """Fewest nodes in each zone. Default 1: with none in a zone, its first pod waits for a node."""
    max_nodes: NotRequired[Annotated[int, limits.at_least(1, "nodes", _AUTOSCALER), Example(3)]]
    """Most nodes in each zone. Default 3."""
    location_policy: NotRequired[Annotated[LocationPolicy | LocationPolicyText, Example(LocationPolicy.BALANCED)]]
    """Default balanced, so that nodes remain when a zone is lost; for Spot VMs any, as Google recommends."""


class DiskArgs(TypedDict):
    """Boot disks."""

    size_gb: NotRequired[Annotated[int, limits.at_least(10, "GB", _DISKS), Example(50)]]
    """Default 50."""
    type: NotRequired[DiskType]
    """Default pd-balanced, or hyperdisk-balanced where the machine type takes no other."""
    key: NotRequired[pulumi.Input[DisksKey]]
    """Id of the Cloud KMS key that encrypts them; Compute Engine's service agent needs the right to use it. Default:
    Google's encryption alone. A change replaces the pool."""


class TaintArgs(TypedDict):
    """A taint keeps away pods that do not tolerate it."""

    key: LabelKey
    """Its key, such as example.com/role."""
    value: Annotated[LabelValue, Example("batch")]
    """Its value."""
    effect: NotRequired[Annotated[TaintEffect | TaintEffectText, Example(TaintEffect.NO_SCHEDULE)]]
    """Default NoSchedule."""


class SpotArgs(TypedDict):
    """VMs that Compute Engine may take back at any time."""

    shutdown_seconds: NotRequired[Annotated[int, limits.between(30, 120, "seconds", _SPOT), Example(120)]]
    """Seconds that a node has to shut down once it is taken back; the last 15 are for system pods. Default: GKE's own,
    30."""


class GpuArgs(TypedDict):
    """GPUs of each node, with the driver that GKE installs."""

    type: Annotated[Reference, Example("nvidia-l4")]
    """Type of GPU, such as nvidia-l4."""
    count: NotRequired[Annotated[int, limits.between(1, 16, "GPUs", _GPUS), Example(1)]]
    """GPUs on each node. Default 1."""


class NodePoolArgs(TypedDict):
    """Inputs of `NodePool`."""

    cluster: pulumi.Input[ClusterId]
    """Id of the cluster, such as `StandardCluster.cluster_id`."""
    service_account: pulumi.Input[NodeAccount]
    """E-mail of the nodes' service account, such as `StandardCluster.node_service_account`."""
    machine_type: NotRequired[pulumi.Input[MachineType]]
    """Default e2-standard-2: room for GKE's own pods and a few more. Arm machines (c4a, n4a, t2a) run only pods that
    select them."""
    autoscaling: NotRequired[AutoscalingArgs]
    """How many nodes."""
    disk: NotRequired[DiskArgs]
    """Boot disks of the nodes."""
    upgrades: NotRequired[NodePoolUpgradesArgs]
    """How nodes are replaced in an upgrade."""
    spot: NotRequired[SpotArgs]
    """Spot VMs; {} for their defaults. Compute Engine can take them back at short notice, and no timing makes that free
    of dropped requests: so their nodes carry the taint cloud.google.com/gke-spot, and pods that do not tolerate it run
    elsewhere. Default: on-demand VMs."""
    gpu: NotRequired[GpuArgs]
    """Default: none."""
    image_streaming: NotRequired[Annotated[bool, Example(True)]]
    """Whether containers start before their whole image is pulled, for images in Artifact Registry. Default: they do
    not, since the project needs the Container File System API enabled. Taking it out leaves it as it is; false turns it
    off."""
    node_labels: NotRequired[dict[LabelKey, LabelValue]]
    """Kubernetes labels of the nodes, for node selectors. Default: none but GKE's."""
    taints: NotRequired[Annotated[list[TaintArgs], limits.not_empty("taints", _TAINTS)]]
    """Default: none."""
    resource_labels: NotRequired[Labels]
    """Google Cloud labels of the machines and disks. Default: the cluster's."""


@rule(NodePoolArgs, needs_name=True)
def _its_name_is_short(_: NodePoolArgs, name: str) -> Iterator[Fault]:
    yield from name_of_cluster(name)


@rule(NodePoolArgs)
def the_sdk_has_what_is_always_set(_: NodePoolArgs) -> Iterator[Fault]:
    """The installed pulumi-gcp has the fields that every node pool sets."""
    yield from sdk.lacking(sdk.NODE_POOL)


@rule(SpotArgs)
def the_sdk_has_shutdown_seconds(spot: SpotArgs) -> Iterator[Fault]:
    """The installed pulumi-gcp has the field that `shutdown_seconds` sets."""
    if "shutdown_seconds" in spot:
        yield from sdk.lacking_for(sdk.SHUTDOWN, "shutdown_seconds", spot["shutdown_seconds"])


@rule(AutoscalingArgs)
def fewest_nodes_are_no_more_than_most(autoscaling: AutoscalingArgs) -> Iterator[Fault]:
    """The bounds of a pool's size are in order."""
    fewest, most = bounds(autoscaling)
    if fewest > most:
        yield fault("min_nodes", fewest, f"must not exceed max_nodes = {most}", _AUTOSCALER, str(most))


@rule(NodePoolArgs)
def disks_fit_the_machine(args: NodePoolArgs) -> Iterator[Fault]:
    """Compute Engine attaches the boot disk to a machine of this type."""
    machine, chosen = args.get("machine_type", machines.DEFAULT), args.get("disk", DiskArgs()).get("type")
    if not isinstance(machine, str) or chosen is None:
        return
    fits = machines.boot_disk(machine)
    if (chosen == machines.HYPERDISK) != (fits == machines.HYPERDISK) and machines.is_bound_to_disks(machine):
        yield fault(
            "disk.type", chosen, f"does not go with machine_type = {shown(machine)}", machines.SOURCE, shown(fits)
        )


@rule(NodePoolArgs)
def gpus_fit_the_machine(args: NodePoolArgs) -> Iterator[Fault]:
    """GPUs come with machine types of their own, or are attached to N1."""
    machine, gpu = args.get("machine_type", machines.DEFAULT), args.get("gpu")
    if gpu is None or "type" not in gpu or not isinstance(machine, str):
        return
    needed = machines.MACHINES_OF_GPUS.get(gpu["type"])
    if needed and machines.family(machine) != machines.family(needed):
        rule_text = f"must be of family {machines.family(needed)}, the only one with gpu.type = {shown(gpu['type'])}"
        yield fault("machine_type", machine, rule_text, _GPUS, shown(needed))


@rule(NodePoolArgs)
def taints_are_each_set_once(args: NodePoolArgs) -> Iterator[Fault]:
    """A node has one taint of a key and an effect."""
    seen = {(SPOT_TAINT["key"], TaintEffect.NO_SCHEDULE)} if "spot" in args else set()
    for index, taint in enumerate(args.get("taints", [])):
        if "key" not in taint:
            continue
        told = (taint["key"], TaintEffect(taint.get("effect", TaintEffect.NO_SCHEDULE)))
        if told in seen:
            yield fault(f"taints[{index}].key", told[0], f"has the effect {told[1]} already", _TAINTS, shown("other"))
        seen.add(told)


SPOT_TAINT: TaintArgs = {"key": SPOT, "value": "true"}
"""Source: Google, Run fault-tolerant workloads at lower costs with Spot VMs."""


def bounds(chosen: AutoscalingArgs) -> tuple[int, int]:
    """Fewest and most nodes in each zone."""
    return chosen.get("min_nodes", 1), chosen.get("max_nodes", 3)
