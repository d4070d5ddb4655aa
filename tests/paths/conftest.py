"""One small web service as Kubernetes objects, made anew for each test."""

from copy import deepcopy
from typing import Any

import pytest

from tests.paths.gateways import Behind

INGRESS: dict[str, Any] = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "Ingress",
    "metadata": {"name": "web", "namespace": "demo", "annotations": {"kubernetes.io/ingress.class": "gce"}},
    "spec": {
        "defaultBackend": {"service": {"name": "web", "port": {"number": 80}}},
        "rules": [
            {
                "host": "example.org",
                "http": {
                    "paths": [{"path": "/api", "backend": {"service": {"name": "web", "port": {"name": "http"}}}}]
                },
            },
            {"http": {"paths": [{"backend": {"service": {"name": "web", "port": {"number": 80}}}}]}},
        ],
    },
}
SERVICE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {
        "name": "web",
        "namespace": "demo",
        "annotations": {
            "cloud.google.com/neg": '{"ingress":true}',
            "cloud.google.com/backend-config": '{"default":"web"}',
        },
    },
    "spec": {
        "type": "ClusterIP",
        "selector": {"app": "web"},
        "ports": [{"name": "http", "port": 80, "targetPort": "http"}],
    },
}
BACKEND_CONFIG: dict[str, Any] = {
    "apiVersion": "cloud.google.com/v1",
    "kind": "BackendConfig",
    "metadata": {"name": "web", "namespace": "demo"},
    "spec": {
        "timeoutSec": 35,
        "connectionDraining": {"drainingTimeoutSec": 30},
        "healthCheck": {
            "type": "HTTP",
            "requestPath": "/ready/",
            "checkIntervalSec": 5,
            "timeoutSec": 4,
            "healthyThreshold": 2,
            "unhealthyThreshold": 3,
        },
    },
}
DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {
        "name": "web",
        "namespace": "demo",
        "annotations": {
            "gke-nodrop/longest-request-seconds": "30",
            "gke-nodrop/startup-seconds": "2.5",
            "gke-nodrop/keep-alive-timeout-seconds": "620",
            "gke-nodrop/on-term": "drain",
        },
    },
    "spec": {
        "replicas": 3,
        "minReadySeconds": 7,
        "progressDeadlineSeconds": 599,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web", "tier": "front"}},
            "spec": {
                "terminationGracePeriodSeconds": 95,
                "readinessGates": [{"conditionType": "cloud.google.com/load-balancer-neg-ready"}],
                "containers": [
                    {"name": "log", "image": "log", "lifecycle": {"preStop": {"exec": {"command": ["sleep", "61"]}}}},
                    {
                        "name": "web",
                        "image": "web",
                        "ports": [{"name": "http", "containerPort": 8080}],
                        "readinessProbe": {
                            "httpGet": {"path": "/ready/", "port": "http"},
                            "periodSeconds": 5,
                            "timeoutSeconds": 3,
                            "failureThreshold": 2,
                        },
                        "lifecycle": {"preStop": {"sleep": {"seconds": 60}}},
                    },
                ],
            },
        },
    },
}


class Objects:
    """The objects of the service, to be changed by a test; `all` is what `resolve` takes."""

    def __init__(self) -> None:
        self.ingress = deepcopy(INGRESS)
        self.service = deepcopy(SERVICE)
        self.backend_config = deepcopy(BACKEND_CONFIG)
        self.deployment = deepcopy(DEPLOYMENT)

    @property
    def all(self) -> list[dict]:
        return [self.deployment, self.ingress, self.backend_config, self.service]

    @property
    def pod(self) -> dict:
        return self.deployment["spec"]["template"]["spec"]

    @property
    def web(self) -> dict:
        """The serving container."""
        return self.pod["containers"][1]


@pytest.fixture
def objects() -> Objects:
    return Objects()


@pytest.fixture(scope="session")
def pristine() -> list[dict]:
    """The objects as they are, for tests that copy them themselves."""
    return Objects().all


@pytest.fixture
def behind(objects: Any) -> Behind:
    return Behind(objects)
