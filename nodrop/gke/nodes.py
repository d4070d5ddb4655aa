"""Labels of nodes, by which pods are placed, and the zones that nodes stand in."""

import re
from collections.abc import Collection

ZONE = "topology.kubernetes.io/zone"
"""Source: kubernetes.io, Well-Known Labels."""

HOST_NAME = "kubernetes.io/hostname"
"""The node's own name. Source: the same."""

ARCHITECTURE = "kubernetes.io/arch"
"""Source: the same."""

SPOT = "cloud.google.com/gke-spot"
PREEMPTIBLE = "cloud.google.com/gke-preemptible"
PROVISIONING = "cloud.google.com/gke-provisioning"
"""How the node was bought: `standard`, `spot` or `preemptible`. Source of these: Google, Spot VMs on GKE."""

COMPUTE_CLASS = "cloud.google.com/compute-class"
"""Name of the ComputeClass. Source: Google, About custom compute classes."""

ZONES_OF_A_REGION = 3
"""In how many zones GKE puts the nodes of a regional cluster whose zones are not stated. Source: Google, Regional
clusters."""


def is_zone(location: str) -> bool:
    """Whether it is a zone, such as us-central1-b, and not a region."""
    return re.fullmatch(r"[a-z]+-[a-z]+[0-9]+-[a-z]", location) is not None


def zones_of(location: str, stated: Collection[str]) -> frozenset[str]:
    """The zones of a cluster's nodes by name; empty where GKE chooses `ZONES_OF_A_REGION` of them itself.

    Args:
        location: of the cluster, a region or a zone.
        stated: `nodeLocations` of the cluster; those of a cluster in a zone stand beside that zone.
    """
    return frozenset(stated) | ({location} if is_zone(location) else frozenset())
