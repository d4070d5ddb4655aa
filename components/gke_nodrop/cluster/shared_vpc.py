"""What a Shared VPC's host project has to grant for clusters of a service project to stand in its network.

Source: Google, Set up clusters with Shared VPC. Not here: which projects are attached to the host project, which takes
rights over both (roles/compute.xpnAdmin).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypedDict

import pulumi
import pulumi_gcp as gcp

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example

NETWORK_USER = "roles/compute.networkUser"
HOST_SERVICE_AGENT_USER = "roles/container.hostServiceAgentUser"

ProjectId = Annotated[
    str,
    limits.matching(
        r"([a-z][-a-z0-9.]{0,61}[a-z0-9]:)?[a-z][-a-z0-9]{4,28}[a-z0-9]",
        "a project's id: 6 to 30 lower case letters, digits and hyphens, a letter first, no hyphen last",
        "Google, Creating and managing projects",
    ),
    Example("shop-network"),
]
ProjectNumber = Annotated[
    str,
    limits.matching(r"[1-9][0-9]{5,18}", "a project's number, in quotes", "Google, Creating and managing projects"),
    Example("123456789012"),
]


class SharedVpcArgs(TypedDict):
    """The projects of a Shared VPC: the network's and the clusters'."""

    host_project: ProjectId
    """Id of the project that the network belongs to."""
    service_project_number: ProjectNumber
    """Number of the clusters' project: the accounts of its service agents are named after it."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """A role that an agent of the service project needs."""

    name: str
    role: str
    member: str
    on_subnet: bool
    """Whether on the subnet alone; else on the host project."""

    def text(self, host_project: str, subnetwork: str) -> str:
        """In words."""
        where = f"subnetwork {subnetwork}" if self.on_subnet else f"project {host_project}"
        return f"{self.role} on {where} for {self.member}"


def grants(args: SharedVpcArgs) -> list[Grant]:
    """The roles, each as narrow as Google's page has it."""
    number = args["service_project_number"]
    gke = f"serviceAccount:service-{number}@container-engine-robot.iam.gserviceaccount.com"
    apis = f"serviceAccount:{number}@cloudservices.gserviceaccount.com"
    return [
        Grant(name="gke-uses-subnet", role=NETWORK_USER, member=gke, on_subnet=True),
        Grant(name="apis-use-subnet", role=NETWORK_USER, member=apis, on_subnet=True),
        Grant(name="gke-acts-in-host", role=HOST_SERVICE_AGENT_USER, member=gke, on_subnet=False),
    ]


def create(
    name: str,
    args: SharedVpcArgs,
    subnetwork: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> "list[gcp.compute.SubnetworkIAMMember | gcp.projects.IAMMember]":
    """The roles, granted; the subnet's id says which region it is in."""
    host = args["host_project"]
    return [
        gcp.compute.SubnetworkIAMMember(
            f"{name}-{each.name}",
            project=host,
            subnetwork=subnetwork,
            role=each.role,
            member=each.member,
            opts=opts,
        )
        if each.on_subnet
        else gcp.projects.IAMMember(f"{name}-{each.name}", project=host, role=each.role, member=each.member, opts=opts)
        for each in grants(args)
    ]


def subnetwork_after(
    subnetwork: pulumi.Input[str], roles: "Sequence[gcp.compute.SubnetworkIAMMember | gcp.projects.IAMMember]"
) -> pulumi.Input[str]:
    """The subnet's id, of which what uses it comes after the roles and goes before them.

    It waits for URNs, which a preview knows too: a role that is replaced would else make the id unknown, and an unknown
    subnet replaces the cluster.
    """
    if not roles:
        return subnetwork
    return pulumi.Output.all(subnetwork, *(role.urn for role in roles)).apply(lambda known: known[0])
