"""Keys, images and identities of a cluster: the inputs, what the cluster says of them, and who may read images."""

from typing import Annotated, NotRequired, TypedDict

import pulumi
import pulumi_gcp as gcp

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example, HeldBy

_REPOSITORY = r"projects/([^/\s]+)/locations/([^/\s]+)/repositories/([^/\s]+)"

KmsKey = Annotated[
    str,
    limits.matching(
        r"projects/[^/\s]+/locations/[^/\s]+/keyRings/[^/\s]+/cryptoKeys/[^/\s]+",
        "a key such as projects/my-project/locations/us-central1/keyRings/gke/cryptoKeys/etcd",
        "Google, Cloud KMS, resource names",
    ),
    HeldBy(("id",)),
    Example("projects/my-project/locations/us-central1/keyRings/gke/cryptoKeys/etcd"),
]
DisksKey = Annotated[KmsKey, Example("projects/my-project/locations/us-central1/keyRings/gke/cryptoKeys/disks")]
Repository = Annotated[
    str,
    limits.matching(
        _REPOSITORY,
        "a repository such as projects/my-project/locations/us-central1/repositories/shop",
        "Google, Artifact Registry, resource names",
    ),
    Example("projects/my-project/locations/us-central1/repositories/shop"),
]


class SecurityArgs(TypedDict):
    """Keys of your own, and which images run."""

    secrets_key: NotRequired[pulumi.Input[KmsKey]]
    """Id of the Cloud KMS key that encrypts Secrets in etcd besides Google's own encryption; GKE's service agent needs
    the right to use it. Default: Google's encryption alone. Once it is set, to lose the key is to lose the cluster.

    Taking it out leaves the key in use: the provider keeps a block that is left out. Run `gcloud container clusters
    update NAME --location LOCATION --disable-database-encryption` as well, before the key goes.
    """
    disks_key: NotRequired[pulumi.Input[DisksKey]]
    """Id of the Cloud KMS key that encrypts the boot disks of Autopilot's nodes, or of the default pool that GKE makes
    with a Standard cluster and that is deleted at once (`NodePool` has `disk.key`); Compute Engine's service agent
    needs the right to use it. Default: Google's encryption alone. A change replaces an Autopilot cluster."""
    binary_authorization: NotRequired[Annotated[bool, Example(True)]]
    """Whether the project's Binary Authorization policy decides which images run. Default false: it needs its API
    enabled and a policy written first."""
    image_repositories: NotRequired[
        Annotated[list[Repository], limits.up_to_each_once(100, "repositories", "chosen: none twice")]
    ]
    """Ids of private Artifact Registry repositories that the nodes may pull from. Default: none."""


def apply_security(cluster: "gcp.container.ClusterArgs", security: SecurityArgs, project: pulumi.Output[str]) -> None:
    """Sets keys, what guards the API, and Workload Identity of the project."""
    cluster.workload_identity_config = gcp.container.ClusterWorkloadIdentityConfigArgs(
        workload_pool=project.apply(lambda name: f"{name}.svc.id.goog")
    )
    # Nobody binds a role to everybody who has a Google account, or none. Source: Google, Best practices for GKE RBAC.
    cluster.rbac_binding_config = gcp.container.ClusterRbacBindingConfigArgs(
        enable_insecure_binding_system_authenticated=False, enable_insecure_binding_system_unauthenticated=False
    )
    # Anonymous requests reach health checks alone. Source: Google, Harden your cluster, anonymous authentication.
    cluster.anonymous_authentication_config = gcp.container.ClusterAnonymousAuthenticationConfigArgs(mode="LIMITED")
    cluster.security_posture_config = gcp.container.ClusterSecurityPostureConfigArgs(mode="BASIC")
    cluster.binary_authorization = gcp.container.ClusterBinaryAuthorizationArgs(
        evaluation_mode="PROJECT_SINGLETON_POLICY_ENFORCE" if security.get("binary_authorization") else "DISABLED"
    )
    if "secrets_key" in security:
        cluster.database_encryption = gcp.container.ClusterDatabaseEncryptionArgs(
            state="ENCRYPTED", key_name=security["secrets_key"]
        )


def readers(
    name: str, security: SecurityArgs, account: "gcp.serviceaccount.Account", opts: pulumi.ResourceOptions
) -> "list[gcp.artifactregistry.RepositoryIamMember]":
    """The nodes' right to pull from each of the repositories."""
    made = []
    for repository in security.get("image_repositories", []):
        _, project, _, location, _, own = repository.split("/")
        made.append(
            gcp.artifactregistry.RepositoryIamMember(
                f"{name}-reads-{project}-{location}-{own}",
                project=project,
                location=location,
                repository=own,
                role="roles/artifactregistry.reader",
                member=account.member,
                opts=opts,
            )
        )
    return made
