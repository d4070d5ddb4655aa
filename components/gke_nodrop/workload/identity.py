"""Whom the pods are towards Google's APIs: a ServiceAccount of their own that acts as a Google service account.

Workload Identity Federation for GKE; the cluster has it on. No token is mounted for it: the node's metadata server
recognises the pod by its address. Not here: the Google service account and what it may do, the nodes' own account
(`node_account`).
"""

from collections.abc import Iterator
from typing import Annotated, NotRequired, TypedDict

import pulumi
import pulumi_gcp as gcp
import pulumi_kubernetes as k8s

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example, HeldBy
from gke_nodrop.inputs.faults import Fault, InputError, fault, inside, shown
from gke_nodrop.inputs.rules import rule
from nodrop.gke.service_accounts import GOOGLE_ACCOUNT

ROLE = "roles/iam.workloadIdentityUser"
"""Lets the pods act as the account. Source: Google, Authenticate to Google Cloud APIs from GKE workloads."""

DOMAIN = ".iam.gserviceaccount.com"
"""End of the address of every account that a user makes. Source: Google, IAM, Service account types."""

_COMPUTE, _APP_ENGINE = "-compute@developer.gserviceaccount.com", "@appspot.gserviceaccount.com"
"""Ends of the addresses of the default accounts, after their project's number, and its id. Source: the same."""
_TYPES = "Google, IAM, Service account types"

AccountEmail = Annotated[
    str,
    limits.matching(
        r"[a-z][-a-z0-9]{4,28}[a-z0-9]@[a-z][-a-z0-9]{4,28}[a-z0-9](\.[-a-z0-9]+)*"
        + DOMAIN.replace(".", r"\.")
        + r"|[a-z][-a-z0-9]{4,28}[a-z0-9]@appspot\.gserviceaccount\.com"
        + r"|[0-9]{1,19}-compute@developer\.gserviceaccount\.com",
        f"the email address of a service account, name@project{DOMAIN}, or that of a default one",
        _TYPES,
    ),
    HeldBy(("email",)),
    Example("web-pods@the-project.iam.gserviceaccount.com"),
]
ProjectId = Annotated[
    str,
    limits.matching(
        r"([-.a-z0-9]+:)?[a-z][-a-z0-9]{4,28}[a-z0-9]",
        "a project's id: lower case letters, digits and hyphens, 6 to 30",
        "Google, Creating and managing projects",
    ),
    HeldBy(("project_id",)),
    Example("the-project"),
]


class WorkloadIdentityArgs(TypedDict):
    """The Google service account that the pods act as."""

    service_account: pulumi.Input[AccountEmail]
    """Its email address. A new binding takes effect within minutes; until then calls are refused."""
    cluster_project: NotRequired[pulumi.Input[ProjectId]]
    """Id of the project that the cluster lies in. Default: the service account's own; Compute Engine's default account
    names only its number, so there the id is needed."""


@rule(WorkloadIdentityArgs)
def _a_number_names_no_pool(identity: WorkloadIdentityArgs) -> Iterator[Fault]:
    email = identity.get("service_account")
    if "cluster_project" not in identity and isinstance(email, str):
        yield from _without_project(email)


def _without_project(email: str) -> Iterator[Fault]:
    if email.endswith(_COMPUTE):
        said = "is needed where the service account's address has the number of its project, not the id"
        yield fault("cluster_project", None, said, _TYPES, shown("the-project"))


def service_account(
    name: str, namespace: pulumi.Input[str], args: WorkloadIdentityArgs, opts: pulumi.ResourceOptions
) -> "k8s.core.v1.ServiceAccount":
    """The pods' own ServiceAccount, which is bound to no role in the cluster and mounts no token."""
    annotations = {GOOGLE_ACCOUNT: args["service_account"]}
    return k8s.core.v1.ServiceAccount(
        name,
        metadata={"name": name, "namespace": namespace, "annotations": annotations},
        automount_service_account_token=False,
        opts=opts,
    )


def iam_member(
    name: str, namespace: pulumi.Input[str], args: WorkloadIdentityArgs, opts: pulumi.ResourceOptions
) -> "gcp.serviceaccount.IAMMember":
    """The right of the ServiceAccount of that name, and of no other, to act as the Google service account."""
    email = pulumi.Output.from_input(args["service_account"])
    project = args["cluster_project"] if "cluster_project" in args else email.apply(_project_of_cluster)
    return gcp.serviceaccount.IAMMember(
        f"{name}-workload-identity",
        service_account_id=pulumi.Output.concat("projects/", email.apply(project_of), "/serviceAccounts/", email),
        role=ROLE,
        member=pulumi.Output.concat("serviceAccount:", project, ".svc.id.goog[", namespace, "/", name, "]"),
        opts=opts,
    )


def _project_of_cluster(email: str) -> str:
    """Id of the account's project. Raises InputError where the address does not have it."""
    if faults := [*inside("workload_identity", _without_project(email))]:
        raise InputError("workload identity", faults)
    return project_of(email)


def project_of(email: str) -> str:
    """Id of the project of a service account; that of `x@project.example.com…` is `example.com:project`.

    "-", which stands for any, where the address has only the project's number. Source: Google, IAM, Service account
    types; REST resource projects.serviceAccounts; Resource Manager, domain-scoped projects.
    """
    if email.endswith(_COMPUTE):
        return "-"
    if email.endswith(_APP_ENGINE):
        return email.removesuffix(_APP_ENGINE)
    project, _, domain = email.partition("@")[2].removesuffix(DOMAIN).partition(".")
    return f"{domain}:{project}" if domain else project
