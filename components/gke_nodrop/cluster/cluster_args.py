"""Inputs of the clusters: their shapes, limits and rules, with an example that passes."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NotRequired, TypedDict

import pulumi

from gke_nodrop.cluster.network import ClusterNetworkArgs
from gke_nodrop.inputs import limits
from gke_nodrop.inputs.check import Fault, Limit, shown


class Endpoint(StrEnum):
    """How kubectl and Pulumi reach the control plane."""

    DNS = "dns"
    """By its DNS name, from anywhere; IAM decides who may. No IP endpoint exists."""
    IP = "ip"
    """By its public address, from `authorized_networks` only."""


class Datapath(StrEnum):
    """What carries packets between Services and pods."""

    DATAPLANE_V2 = "dataplane-v2"
    """eBPF, without kube-proxy."""
    LEGACY = "legacy"
    """kube-proxy with netfilter NAT."""


class ReleaseChannel(StrEnum):
    """How soon new versions come."""

    RAPID = "rapid"
    REGULAR = "regular"
    STABLE = "stable"
    EXTENDED = "extended"


class AccessArgs(TypedDict):
    """Who reaches the control plane, and how."""

    endpoint: NotRequired[Endpoint]
    """Default dns: works from a laptop and from CI, opens no address, and IAM guards it."""
    authorized_networks: NotRequired[dict[str, str]]
    """Name to IPv4 range, for endpoint ip only."""


class ClusterUpgradesArgs(TypedDict):
    """How the cluster gets new versions."""

    release_channel: NotRequired[ReleaseChannel]
    """Default regular: Google's own default."""


class StandardClusterArgs(TypedDict):
    """Inputs of `StandardCluster`."""

    location: pulumi.Input[str]
    """Region (the control plane survives a lost zone) or zone."""
    network: ClusterNetworkArgs
    """Where it stands, such as `Network.cluster_network`."""
    zones: NotRequired[list[str]]
    """Zones of the nodes, two or more. Default: what GKE chooses for the location."""
    access: NotRequired[AccessArgs]
    """Who reaches the control plane."""
    upgrades: NotRequired[ClusterUpgradesArgs]
    """How it gets new versions."""
    datapath: NotRequired[Datapath]
    """Default dataplane-v2, Google's recommendation; `LegacyNodePortService` needs legacy."""
    deletion_protection: NotRequired[bool]
    """Default true: `pulumi destroy` fails until it has been set to false and applied."""


class AutopilotClusterArgs(TypedDict):
    """Inputs of `AutopilotCluster`."""

    location: pulumi.Input[str]
    """Region."""
    network: ClusterNetworkArgs
    """Where it stands, such as `Network.cluster_network`."""
    access: NotRequired[AccessArgs]
    """Who reaches the control plane."""
    upgrades: NotRequired[ClusterUpgradesArgs]
    """How it gets new versions."""
    deletion_protection: NotRequired[bool]
    """Default true: `pulumi destroy` fails until it has been set to false and applied."""


AUTOPILOT_EXAMPLE: AutopilotClusterArgs = {
    "location": "us-central1",
    "network": {"network": "vpc", "subnetwork": "subnet", "pods_range": "pods", "services_range": "services"},
    "access": {"endpoint": Endpoint.IP, "authorized_networks": {"office": "203.0.113.0/24"}},
    "upgrades": {"release_channel": ReleaseChannel.REGULAR},
    "deletion_protection": True,
}
STANDARD_EXAMPLE: StandardClusterArgs = {
    **AUTOPILOT_EXAMPLE,
    "zones": ["us-central1-b", "us-central1-c"],
    "datapath": Datapath.LEGACY,
}
AUTOPILOT_LIMITS = {
    "location": limits.REGION,
    **{f"network.{key}": limits.REFERENCE for key in ("network", "subnetwork", "pods_range", "services_range")},
    "access.authorized_networks{value}": Limit(
        holds=lambda x: limits.is_ipv4_range(x) and not x.endswith("/0"),
        rule="an IPv4 range such as 203.0.113.0/24, and not the whole internet",
        source="Google, Add authorized networks for control plane access",
    ),
}
STANDARD_LIMITS = AUTOPILOT_LIMITS | {
    "location": limits.matching(r"[a-z]+-[a-z]+[0-9]+(-[a-z])?", "a region or a zone", "Google, Regions and zones"),
    "zones": Limit(
        holds=lambda x: len(set(x)) == len(x) >= 2,
        rule="two zones or more, each once, so that a lost zone leaves nodes",
        source="Google, Regional clusters",
    ),
    "zones[]": limits.ZONE,
}


def endpoint_and_networks_agree(args: StandardClusterArgs | AutopilotClusterArgs) -> Iterator[Fault]:
    """Authorised networks go with the IP endpoint, and only with it."""
    access = args.get("access", {})
    endpoint, networks = access.get("endpoint", Endpoint.DNS), access.get("authorized_networks")
    if (endpoint is Endpoint.IP) != bool(networks):
        needed = "needs at least one range" if endpoint is Endpoint.IP else "has no effect without access.endpoint = ip"
        yield Fault(
            input="access.authorized_networks",
            value=shown(networks or {}),
            rule=f"{needed}; access.endpoint is {endpoint.value}",
            source="Google, Customize your network isolation in GKE",
            would_pass=shown({"office": "203.0.113.0/24"}) if endpoint is Endpoint.IP else "absent",
        )


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
