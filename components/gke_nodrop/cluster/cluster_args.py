"""Inputs of the clusters: their shapes, limits and rules, with an example that passes."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal, NotRequired, TypedDict

import pulumi

from gke_nodrop.cluster.network import ClusterNetworkArgs
from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example, HeldBy, Limit
from gke_nodrop.inputs.faults import Fault, shown
from gke_nodrop.inputs.rules import rule
from gke_nodrop.inputs.types import Location, Region, Zone, name_of_cluster


class Endpoint(StrEnum):
    """How kubectl and Pulumi reach the control plane."""

    DNS = "dns"
    """By its DNS name, from anywhere; IAM decides who may. No IP endpoint exists."""
    IP = "ip"
    """By its public address, from `authorized_networks` only."""


EndpointText = Literal["dns", "ip"]
"""The members of `Endpoint` as plain text."""


class Datapath(StrEnum):
    """What carries packets between Services and pods."""

    DATAPLANE_V2 = "dataplane-v2"
    """eBPF, without kube-proxy."""
    LEGACY = "legacy"
    """kube-proxy with netfilter NAT."""


DatapathText = Literal["dataplane-v2", "legacy"]
"""The members of `Datapath` as plain text."""


class ReleaseChannel(StrEnum):
    """How soon new versions come."""

    RAPID = "rapid"
    REGULAR = "regular"
    STABLE = "stable"
    EXTENDED = "extended"


ReleaseChannelText = Literal["rapid", "regular", "stable", "extended"]
"""The members of `ReleaseChannel` as plain text."""


AuthorizedRange = Annotated[
    str,
    Limit(
        holds=lambda x: limits.is_ipv4_range(x) and not x.endswith("/0"),
        rule="an IPv4 range such as 203.0.113.0/24, and not the whole internet",
        source="Google, Add authorized networks for control plane access",
    ),
    Example("203.0.113.0/24"),
]
NodeZones = Annotated[
    list[Zone],
    Limit(
        holds=lambda x: len(set(x)) == len(x) >= 2,
        rule="two zones or more, each once, so that a lost zone leaves nodes",
        source="Google, Regional clusters",
    ),
    Example(["us-central1-b", "us-central1-c"]),
]


class AccessArgs(TypedDict):
    """Who reaches the control plane, and how."""

    endpoint: NotRequired[Annotated[Endpoint | EndpointText, Example(Endpoint.IP)]]
    """Default dns: works from a laptop and from CI, opens no address, and IAM guards it."""
    authorized_networks: NotRequired[dict[Annotated[str, Example("office")], AuthorizedRange]]
    """Name to IPv4 range, for endpoint ip only."""


class ClusterUpgradesArgs(TypedDict):
    """How the cluster gets new versions."""

    release_channel: NotRequired[Annotated[ReleaseChannel | ReleaseChannelText, Example(ReleaseChannel.REGULAR)]]
    """Default regular: Google's own default."""


class StandardClusterArgs(TypedDict):
    """Inputs of `StandardCluster`."""

    location: pulumi.Input[Location]
    """Region (the control plane survives a lost zone) or zone."""
    network: Annotated[ClusterNetworkArgs, HeldBy(("cluster_network",))]
    """Where it stands, such as `Network.cluster_network`."""
    zones: NotRequired[NodeZones]
    """Zones of the nodes, two or more. Default: what GKE chooses for the location."""
    access: NotRequired[AccessArgs]
    """Who reaches the control plane."""
    upgrades: NotRequired[ClusterUpgradesArgs]
    """How it gets new versions."""
    datapath: NotRequired[Annotated[Datapath | DatapathText, Example(Datapath.LEGACY)]]
    """Default dataplane-v2, Google's recommendation; `LegacyNodePortService` needs legacy."""
    deletion_protection: NotRequired[Annotated[bool, Example(True)]]
    """Default true: `pulumi destroy` fails until it has been set to false and applied."""


class AutopilotClusterArgs(TypedDict):
    """Inputs of `AutopilotCluster`."""

    location: pulumi.Input[Region]
    """Region."""
    network: Annotated[ClusterNetworkArgs, HeldBy(("cluster_network",))]
    """Where it stands, such as `Network.cluster_network`."""
    access: NotRequired[AccessArgs]
    """Who reaches the control plane."""
    upgrades: NotRequired[ClusterUpgradesArgs]
    """How it gets new versions."""
    deletion_protection: NotRequired[Annotated[bool, Example(True)]]
    """Default true: `pulumi destroy` fails until it has been set to false and applied."""


@rule(StandardClusterArgs, AutopilotClusterArgs, needs_name=True)
def _its_name_is_short(_: object, name: str) -> Iterator[Fault]:
    yield from name_of_cluster(name)


@rule(AccessArgs)
def endpoint_and_networks_agree(access: AccessArgs) -> Iterator[Fault]:
    """Authorised networks go with the IP endpoint, and only with it."""
    endpoint, networks = Endpoint(access.get("endpoint", Endpoint.DNS)), access.get("authorized_networks")
    if (endpoint is Endpoint.IP) != bool(networks):
        needed = "needs at least one range" if endpoint is Endpoint.IP else "has no effect without endpoint = ip"
        yield Fault(
            input="authorized_networks",
            value=shown(networks or {}),
            rule=f"{needed}; endpoint is {endpoint.value}",
            source="Google, Customize your network isolation in GKE",
            would_pass=shown({"office": "203.0.113.0/24"}) if endpoint is Endpoint.IP else "absent",
        )


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
