"""The service account that a cluster's nodes run as, with the one role they need."""

import hashlib

import pulumi
import pulumi_gcp as gcp

NODE_ROLE = "roles/container.defaultNodeServiceAccount"
"""Logs, metrics and autoscaling, nothing else. Source: Google, Harden your cluster's security, least privilege IAM.

Pulling from a private Artifact Registry repository needs roles/artifactregistry.reader on that repository besides.
"""


def account_id(name: str) -> str:
    """An id of at most 30 characters that no other stack of the same project uses.

    Service accounts are the one resource here that Pulumi gives no name of its own. Source: Google, IAM, Create service
    accounts.
    """
    digest = hashlib.sha256(f"{pulumi.get_project()}/{pulumi.get_stack()}/{name}".encode()).hexdigest()[:8]
    return f"{name[:21].rstrip('-')}-{digest}"


def create(name: str, opts: pulumi.ResourceOptions) -> "tuple[gcp.serviceaccount.Account, gcp.projects.IAMMember]":
    """The account and the binding of its role in the account's own project."""
    account = gcp.serviceaccount.Account(
        f"{name}-nodes", account_id=account_id(name), display_name=f"Nodes of GKE cluster {name}", opts=opts
    )
    role = gcp.projects.IAMMember(
        f"{name}-nodes", project=account.project, role=NODE_ROLE, member=account.member, opts=opts
    )
    return account, role
