"""Evaluated cloud resources as Terraform JSON, for scanners that know Terraform and not Pulumi.

pulumi-gcp is made from the Terraform provider: types and properties have the same names but for case, and for lists,
which Pulumi puts into the plural.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from nodrop.preview import Evaluation
from nodrop.preview.resources import Resource
from nodrop.preview.values import plain

TYPES = {
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": "google_artifact_registry_repository_iam_member",
    "gcp:compute/address:Address": "google_compute_address",
    "gcp:compute/firewall:Firewall": "google_compute_firewall",
    "gcp:compute/globalAddress:GlobalAddress": "google_compute_global_address",
    "gcp:compute/network:Network": "google_compute_network",
    "gcp:compute/router:Router": "google_compute_router",
    "gcp:compute/routerNat:RouterNat": "google_compute_router_nat",
    "gcp:compute/sSLPolicy:SSLPolicy": "google_compute_ssl_policy",
    "gcp:compute/subnetwork:Subnetwork": "google_compute_subnetwork",
    "gcp:compute/subnetworkIAMMember:SubnetworkIAMMember": "google_compute_subnetwork_iam_member",
    "gcp:container/cluster:Cluster": "google_container_cluster",
    "gcp:container/nodePool:NodePool": "google_container_node_pool",
    "gcp:gkebackup/backupPlan:BackupPlan": "google_gke_backup_backup_plan",
    "gcp:projects/iAMMember:IAMMember": "google_project_iam_member",
    "gcp:serviceaccount/account:Account": "google_service_account",
}
SINGULAR = {
    "allows": "allow",
    "denies": "deny",
    "guest_accelerators": "guest_accelerator",
    "maintenance_exclusions": "maintenance_exclusion",
    "node_drain_configs": "node_drain_config",
    "secondary_ip_ranges": "secondary_ip_range",
    "taints": "taint",
}
"""Blocks that may stand more than once, by their name in Pulumi."""
FREE = ("resourceLabels", "labels")
"""Properties whose keys are the user's."""


def document(evaluation: Evaluation) -> dict[str, Any]:
    """The whole of a `main.tf.json`. AssertionError for a resource whose name in Terraform is not known here."""
    resources: dict[str, dict[str, Any]] = {}
    for each in evaluation.resources:
        if each.custom and each.type.startswith("gcp:"):
            assert each.type in TYPES, f"{each.type}: what does Terraform call it?"
            resources.setdefault(TYPES[each.type], {})[each.name] = _body(each, evaluation.resources)
    return {"resource": resources}


def _body(resource: Resource, others: Iterable[Resource]) -> dict[str, Any]:
    body = {_snake(key): _value(key, value) for key, value in plain(resource.inputs).items()}
    for key, urns in resource.property_dependencies.items():
        held = [each for each in others if each.urn in urns and each.type in TYPES]
        if len(held) == 1 and isinstance(
            body.get(_snake(key)), str
        ):  # scanners follow references from one resource to another
            body[_snake(key)] = f"${{{TYPES[held[0].type]}.{held[0].name}.id}}"
    return body


def _value(key: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value) if key in FREE else {_snake(each): _value(each, inner) for each, inner in value.items()}
    return [_value("", each) for each in value] if isinstance(value, list) else value


def _snake(name: str) -> str:
    own = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
    return SINGULAR.get(own, own)
