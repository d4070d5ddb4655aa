"""Where a pod's containers stand in its spec."""

CONTAINER_FIELDS = ("containers", "initContainers")
"""Source: kubernetes.io, API reference, PodSpec; ephemeral containers are in no manifest."""
