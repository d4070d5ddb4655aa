"""Who reaches a cluster's control plane, and how: the inputs, and what the cluster says of them."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal, NotRequired, TypedDict

import pulumi_gcp as gcp

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example, Limit
from gke_nodrop.inputs.faults import Fault, shown
from gke_nodrop.inputs.rules import rule


class Endpoint(StrEnum):
    """How kubectl and Pulumi reach the control plane."""

    DNS = "dns"
    """By its DNS name, from anywhere; IAM decides who may. No IP endpoint exists."""
    IP = "ip"
    """By its public address, from `authorized_networks` only."""


EndpointText = Literal["dns", "ip"]
"""The members of `Endpoint` as plain text."""

AuthorizedRange = Annotated[
    str,
    Limit(
        holds=lambda x: limits.is_ipv4_range(x) and not x.endswith("/0"),
        rule="an IPv4 range such as 203.0.113.0/24, and not the whole internet",
        source="Google, Add authorized networks for control plane access",
    ),
    Example("203.0.113.0/24"),
]
GoogleGroup = Annotated[
    str,
    limits.matching(
        r"gke-security-groups@[-a-z0-9]+(\.[-a-z0-9]+)+",
        "the group gke-security-groups of a domain, which holds the groups that RBAC names",
        "Google, Configure Google Groups for RBAC",
    ),
    Example("gke-security-groups@example.com"),
]


class AccessArgs(TypedDict):
    """Who reaches the control plane, and how."""

    endpoint: NotRequired[Annotated[Endpoint | EndpointText, Example(Endpoint.IP)]]
    """Default dns: works from a laptop and from CI, opens no address, and IAM guards it."""
    authorized_networks: NotRequired[dict[Annotated[str, Example("office")], AuthorizedRange]]
    """Name to IPv4 range, for endpoint ip only."""
    google_groups: NotRequired[GoogleGroup]
    """The group whose member groups RoleBindings may name. Default: none; RBAC names people one by one.

    Taking it out leaves the group in force: the provider keeps a block that is left out. To end it, set the cluster's
    `authenticator_groups_config.security_group` to "" by a transform.
    """


@rule(AccessArgs)
def endpoint_and_networks_agree(access: AccessArgs) -> Iterator[Fault]:
    """Authorised networks go with the IP endpoint, and only with it."""
    endpoint, networks = endpoint_of(access), access.get("authorized_networks")
    if (endpoint is Endpoint.IP) != bool(networks):
        needed = "needs at least one range" if endpoint is Endpoint.IP else "has no effect without endpoint = ip"
        yield Fault(
            input="authorized_networks",
            value=shown(networks or {}),
            rule=f"{needed}; endpoint is {endpoint.value}",
            source="Google, Customize your network isolation in GKE",
            would_pass=shown({"office": "203.0.113.0/24"}) if endpoint is Endpoint.IP else "absent",
        )


def endpoint_of(access: AccessArgs) -> Endpoint:
    """The endpoint that is asked for."""
    return Endpoint(access.get("endpoint", Endpoint.DNS))


def apply_access(cluster: "gcp.container.ClusterArgs", access: AccessArgs) -> None:
    """Sets the control plane's endpoints, and who may do what there."""
    by_dns = endpoint_of(access) is Endpoint.DNS
    cluster.private_cluster_config = gcp.container.ClusterPrivateClusterConfigArgs(
        enable_private_nodes=True,
        enable_private_endpoint=by_dns,  # GKE reports true where there is no IP endpoint
    )
    cluster.control_plane_endpoints_config = gcp.container.ClusterControlPlaneEndpointsConfigArgs(
        dns_endpoint_config=gcp.container.ClusterControlPlaneEndpointsConfigDnsEndpointConfigArgs(
            allow_external_traffic=by_dns
        ),
        ip_endpoints_config=gcp.container.ClusterControlPlaneEndpointsConfigIpEndpointsConfigArgs(enabled=not by_dns),
    )
    if networks := access.get("authorized_networks"):
        cluster.master_authorized_networks_config = gcp.container.ClusterMasterAuthorizedNetworksConfigArgs(
            cidr_blocks=[
                gcp.container.ClusterMasterAuthorizedNetworksConfigCidrBlockArgs(display_name=label, cidr_block=cidr)
                for label, cidr in networks.items()
            ],
            # Else every address of Google Cloud, other customers' included, reaches the control plane too.
            gcp_public_cidrs_access_enabled=False,
        )
    if "google_groups" in access:
        cluster.authenticator_groups_config = gcp.container.ClusterAuthenticatorGroupsConfigArgs(
            security_group=access["google_groups"]
        )
