"""Which NetworkPolicies are Kubernetes' own: Calico has a kind of that name with other fields.

Source: projectcalico/calico api/pkg/apis/projectcalico/v3/networkpolicy.go.
"""

from nodrop.gke.kinds import CALICO, group_of
from nodrop.paths.fields import Manifest


def is_network_policy(manifest: Manifest) -> bool:
    """Whether an object is a NetworkPolicy, of whatever version, and none of Calico's."""
    return manifest.get("kind") == "NetworkPolicy" and not is_of_calico(manifest)


def is_of_calico(manifest: Manifest) -> bool:
    """Whether an object is of one of Calico's API groups."""
    return group_of(manifest.get("apiVersion")) in CALICO
