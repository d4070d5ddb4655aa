"""Which resources Pulumi names, and where in GCP each resource stands.

Made by hand for the resources that the library uses; a resource that is not listed cannot be created here. Which
changes replace a resource is in `nodrop.preview.fixed_inputs`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """What is known of one resource type."""

    path: str
    """Below projects/PROJECT/; {name}, {region} and the like are properties."""
    autonamed: bool = True
    """Whether Pulumi makes a name of up to 63 characters: the resource's own, a hyphen and 7 hexadecimal digits."""


KINDS = {
    "gcp:compute/network:Network": Kind("global/networks/{name}"),
    "gcp:compute/subnetwork:Subnetwork": Kind("regions/{region}/subnetworks/{name}"),
    "gcp:compute/router:Router": Kind("regions/{region}/routers/{name}"),
    "gcp:compute/routerNat:RouterNat": Kind("regions/{region}/routers/{router}/{name}"),
    "gcp:compute/firewall:Firewall": Kind("global/firewalls/{name}"),
    "gcp:compute/globalAddress:GlobalAddress": Kind("global/addresses/{name}"),
    "gcp:compute/address:Address": Kind("regions/{region}/addresses/{name}"),
    "gcp:compute/sSLPolicy:SSLPolicy": Kind("global/sslPolicies/{name}"),
    "gcp:compute/regionSslPolicy:RegionSslPolicy": Kind("regions/{region}/sslPolicies/{name}"),
    "gcp:compute/securityPolicy:SecurityPolicy": Kind("global/securityPolicies/{name}"),
    "gcp:serviceaccount/account:Account": Kind(
        "serviceAccounts/{accountId}@{project}.iam.gserviceaccount.com", autonamed=False
    ),
    "gcp:projects/iAMMember:IAMMember": Kind("iamPolicy/{role}/{member}", autonamed=False),
    "gcp:serviceaccount/iAMMember:IAMMember": Kind("iamPolicy/{serviceAccountId}/{role}/{member}", autonamed=False),
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": Kind(
        "locations/{location}/repositories/{repository}/iamPolicy/{role}/{member}", autonamed=False
    ),
    "gcp:gkebackup/backupPlan:BackupPlan": Kind("locations/{location}/backupPlans/{name}"),
    "gcp:compute/subnetworkIAMMember:SubnetworkIAMMember": Kind(
        "iamPolicy/{subnetwork}/{role}/{member}", autonamed=False
    ),
    "gcp:container/cluster:Cluster": Kind("locations/{location}/clusters/{name}"),
    "gcp:container/nodePool:NodePool": Kind("locations/{location}/clusters/{cluster}/nodePools/{name}"),
}
