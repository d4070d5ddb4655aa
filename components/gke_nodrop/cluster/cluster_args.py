"""Inputs of the clusters: their shapes, limits and rules, with an example that passes."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal, NotRequired, TypedDict

import pulumi

from gke_nodrop.cluster import sdk
from gke_nodrop.cluster.access import AccessArgs
from gke_nodrop.cluster.labels import Labels
from gke_nodrop.cluster.network_args import ClusterNetworkArgs
from gke_nodrop.cluster.operations import OperationsArgs
from gke_nodrop.cluster.security import SecurityArgs
from gke_nodrop.cluster.upgrades import ClusterUpgradesArgs
from gke_nodrop.inputs.declared import Example, HeldBy, Limit
from gke_nodrop.inputs.faults import Fault, fault, shown
from gke_nodrop.inputs.rules import rule
from gke_nodrop.inputs.types import Location, Region, Zone, name_of_cluster
from nodrop.gke import nodes


class Datapath(StrEnum):
    """What carries packets between Services and pods."""

    DATAPLANE_V2 = "dataplane-v2"
    """eBPF, without kube-proxy."""
    LEGACY = "legacy"
    """kube-proxy with netfilter NAT."""


DatapathText = Literal["dataplane-v2", "legacy"]
"""The members of `Datapath` as plain text."""


NodeZones = Annotated[
    list[Zone],
    Limit(
        holds=lambda x: len(set(x)) == len(x) >= 2,
        rule="two zones or more, each once, so that a lost zone leaves nodes",
        source="Google, Regional clusters",
    ),
    Example(["us-central1-b", "us-central1-c"]),
]


class StandardClusterArgs(TypedDict):
    """Inputs of `StandardCluster`."""

    location: pulumi.Input[Location]
    """Region (the control plane survives a lost zone) or zone."""
    network: Annotated[ClusterNetworkArgs, HeldBy(("cluster_network",))]
    """The cluster's network, such as `Network.cluster_network`."""
    zones: NotRequired[NodeZones]
    """All zones of the nodes, two or more; where `location` is a zone, it is among them. Default: what GKE chooses for
    the location."""
    access: NotRequired[AccessArgs]
    """Who reaches the control plane."""
    upgrades: NotRequired[ClusterUpgradesArgs]
    """How it gets new versions."""
    security: NotRequired[SecurityArgs]
    """Keys of your own, and which images run."""
    operations: NotRequired[OperationsArgs]
    """Logs, metrics and backups."""
    resource_labels: NotRequired[Labels]
    """Labels of the cluster, its nodes' machines and disks, for bills and searches. Default: none."""
    datapath: NotRequired[Annotated[Datapath | DatapathText, Example(Datapath.LEGACY)]]
    """Default dataplane-v2, Google's recommendation; `LegacyNodePortService` needs legacy."""
    deletion_protection: NotRequired[Annotated[bool, Example(True)]]
    """Default true: `pulumi destroy` fails until it has been set to false and applied."""


class AutopilotClusterArgs(TypedDict):
    """Inputs of `AutopilotCluster`."""

    location: pulumi.Input[Region]
    """Region."""
    network: Annotated[ClusterNetworkArgs, HeldBy(("cluster_network",))]
    """The cluster's network, such as `Network.cluster_network`."""
    access: NotRequired[AccessArgs]
    """Who reaches the control plane."""
    upgrades: NotRequired[ClusterUpgradesArgs]
    """How it gets new versions."""
    security: NotRequired[SecurityArgs]
    """Keys of your own, and which images run."""
    operations: NotRequired[OperationsArgs]
    """Logs, metrics and backups."""
    resource_labels: NotRequired[Labels]
    """Labels of the cluster, its nodes' machines and disks, for bills and searches. Default: none."""
    deletion_protection: NotRequired[Annotated[bool, Example(True)]]
    """Default true: `pulumi destroy` fails until it has been set to false and applied."""


@rule(StandardClusterArgs, AutopilotClusterArgs, needs_name=True)
def _its_name_is_short(_: object, name: str) -> Iterator[Fault]:
    yield from name_of_cluster(name)


@rule(StandardClusterArgs, AutopilotClusterArgs)
def the_sdk_has_what_is_always_set(_: object) -> Iterator[Fault]:
    """The installed pulumi-gcp has the fields that every cluster sets."""
    yield from sdk.lacking(sdk.CLUSTER)


@rule(StandardClusterArgs)
def zones_in_region(args: StandardClusterArgs) -> Iterator[Fault]:
    """Nodes stand in the region of their control plane."""
    location = args.get("location")
    if not isinstance(location, str):
        return
    region = "-".join(location.split("-")[:2])
    for index, zone in enumerate(args.get("zones", [])):
        if zone.rpartition("-")[0] != region:
            yield Fault(
                input=f"zones[{index}]",
                value=shown(zone),
                rule=f"must be a zone of {region}, where the cluster's location is",
                source="Google, Regional clusters",
                would_pass=shown(f"{region}-{'abcdef'[index % 6]}"),
            )


@rule(StandardClusterArgs)
def nodes_stand_in_the_zone_of_their_cluster(args: StandardClusterArgs) -> Iterator[Fault]:
    """The nodes of a cluster in a zone stand there, and in further zones where some are stated."""
    location, zones = args.get("location"), args.get("zones")
    if zones and isinstance(location, str) and nodes.is_zone(location) and location not in zones:
        yield fault(
            "zones",
            zones,
            f'must have location = "{location}" among them: a cluster in a zone has nodes there too',
            "Google, Multi-zonal clusters",
            shown([location, *zones[:1]]),
        )


def further_zones(args: StandardClusterArgs) -> "pulumi.Input[list[str]] | None":
    """`zones` as the provider takes them: without the zone that a cluster in a zone is in, which it adds itself.

    Source: provider google, google_container_cluster, node_locations: "should not contain the original 'zone'".
    """
    stated = args.get("zones")
    if stated is None:
        return None
    location = args["location"]
    if isinstance(location, str):
        return _without(stated, location)
    return pulumi.Output.all(location).apply(lambda known: _without(stated, known[0]))


def _without(zones: list[str], location: str) -> list[str]:
    return [zone for zone in zones if zone != location]


@rule(StandardClusterArgs)
def dual_stack_has_its_datapath(args: StandardClusterArgs) -> Iterator[Fault]:
    """Only Dataplane V2 gives pods two addresses."""
    network = args.get("network")
    legacy = Datapath(args.get("datapath", Datapath.DATAPLANE_V2)) is Datapath.LEGACY
    if legacy and network is not None and network.get("dual_stack"):
        yield fault(
            "datapath",
            Datapath.LEGACY.value,
            "does not go with network.dual_stack: pods of the legacy datapath have one address",
            "Google, Create a VPC-native cluster, dual-stack networking",
            shown(Datapath.DATAPLANE_V2.value),
        )


@rule(StandardClusterArgs)
def what_is_observed_exists(args: StandardClusterArgs) -> Iterator[Fault]:
    """Only Dataplane V2 tells its flows."""
    observed = args.get("operations", OperationsArgs()).get("dataplane_observability")
    if observed and Datapath(args.get("datapath", Datapath.DATAPLANE_V2)) is Datapath.LEGACY:
        yield fault(
            "operations.dataplane_observability",
            observed,
            f"has no effect on datapath = {Datapath.LEGACY.value}",
            "Google, About GKE Dataplane V2 observability",
            shown(False),
        )


def zones_of(args: StandardClusterArgs | AutopilotClusterArgs) -> int | None:
    """In how many zones the nodes stand; None: the location is an Output."""
    location, stated = args["location"], args.get("zones", [])
    if not isinstance(location, str):
        return len(stated) or None
    return len(nodes.zones_of(location, stated)) or nodes.ZONES_OF_A_REGION
