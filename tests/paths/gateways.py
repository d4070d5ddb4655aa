"""A Gateway with HTTPRoutes and policies, and what stands behind it."""

from copy import deepcopy
from typing import Any

API = "gateway.networking.k8s.io/v1"
POLICIES = "networking.gke.io/v1"
TARGET = {"group": "", "kind": "Service", "name": "web"}


def gateway(name: str = "front", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": API,
        "kind": "Gateway",
        "metadata": {"name": name, "namespace": "demo"},
        "spec": {
            "gatewayClassName": "gke-l7-global-external-managed",
            "listeners": [{"name": "http", "protocol": "HTTP", "port": 80}],
        }
        | spec,
    }


def http_route(*rules: dict[str, Any], name: str = "web", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": API,
        "kind": "HTTPRoute",
        "metadata": {"name": name, "namespace": "demo"},
        "spec": {"parentRefs": [{"name": "front"}], "rules": list(rules) or [to(("web", 1))]} | spec,
    }


def to(*backends: tuple[str, int], path: str = "/", **rule: Any) -> dict[str, Any]:
    """A rule with a weight for each Service."""
    return {
        "matches": [{"path": {"type": "PathPrefix", "value": path}}],
        "backendRefs": [{"name": name, "port": 80, "weight": weight} for name, weight in backends],
    } | rule


def health_check_policy(name: str = "web", **default: Any) -> dict[str, Any]:
    return {
        "apiVersion": POLICIES,
        "kind": "HealthCheckPolicy",
        "metadata": {"name": name, "namespace": "demo"},
        "spec": {"targetRef": TARGET, "default": default},
    }


def backend_policy(**default: Any) -> dict[str, Any]:
    return {
        "apiVersion": POLICIES,
        "kind": "GCPBackendPolicy",
        "metadata": {"name": "web", "namespace": "demo"},
        "spec": {"targetRef": TARGET, "default": default},
    }


class Behind:
    """The small web service, and its twin `canary`, for a Gateway to lead to."""

    def __init__(self, objects: Any) -> None:
        self.ingress, self.backend_config = objects.ingress, objects.backend_config
        self.service, self.deployment = objects.service, objects.deployment
        self.web = [self.service, self.deployment]
        self.canary = deepcopy(self.web)
        for each in self.canary:
            each["metadata"]["name"] = "canary"
        service, deployment = self.canary
        service["spec"]["selector"] = {"app": "canary"}
        deployment["spec"]["template"]["metadata"]["labels"] = {"app": "canary"}
