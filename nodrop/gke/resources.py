"""Names of the resources that containers request, and that quotas and LimitRanges limit."""

OF_EVERY_POD = ("cpu", "memory", "ephemeral-storage")
"""Resources that every container has, whatever the node."""

HUGE_PAGES = "hugepages-"
"""Begins the name of a resource of huge pages; their size follows. Source: kubernetes.io, Manage HugePages."""


def is_native(resource: str) -> bool:
    """Whether it is a resource of Kubernetes' own that a container can request.

    Source: kubernetes/kubernetes pkg/apis/core/validation, validateContainerResourceName.
    """
    return resource in OF_EVERY_POD or (resource.startswith(HUGE_PAGES) and "/" not in resource)
