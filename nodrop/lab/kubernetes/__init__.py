"""A real Kubernetes control plane in the place of the embedded controllers."""
