"""What a Service, its load balancer and its pods have in common, so that they find each other."""

SERVICE_PORT = 80
"""The Service's port; load balancers reach pods on the container's."""

PORT_NAME = "http"
"""Name of the container's port. Services target the name: a number would move old pods to a new port too."""


def labels(name: str) -> dict[str, str]:
    """What the Service selects by: the component's name alone, so that no edit can make it select nothing."""
    return {"app.kubernetes.io/name": name}
