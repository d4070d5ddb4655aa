"""Labels of nodes, by which pods are placed."""

ZONE = "topology.kubernetes.io/zone"
"""Source: kubernetes.io, Well-Known Labels."""

HOST_NAME = "kubernetes.io/hostname"
"""The node's own name. Source: the same."""

SPOT = "cloud.google.com/gke-spot"
PREEMPTIBLE = "cloud.google.com/gke-preemptible"
PROVISIONING = "cloud.google.com/gke-provisioning"
"""How the node was bought: `standard`, `spot` or `preemptible`. Source of these: Google, Spot VMs on GKE."""

COMPUTE_CLASS = "cloud.google.com/compute-class"
"""Name of the ComputeClass. Source: Google, About custom compute classes."""
