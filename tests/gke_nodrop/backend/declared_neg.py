"""What a `NegService` declares, for the tests of its parts."""

import json
from collections.abc import Callable
from typing import Any

from gke_nodrop.backend import settings as backends
from gke_nodrop.backend.neg_service import NegService

CREDENTIALS: backends.IapArgs = {"client_id": "123-abc", "client_secret": "hunter2"}


def neg(name: str = "web", **more: Any) -> Callable[[], dict[str, Any]]:
    args: Any = {"namespace": "shop", **more}

    def program() -> dict[str, Any]:
        return {"service_name": NegService(name, args).service_name}

    return program


def annotations(deployed: Any) -> dict[str, Any]:
    """The Service's, each as the JSON that it is."""
    found = deployed.inputs("Service")["metadata"]["annotations"]
    return {key.removeprefix("cloud.google.com/"): json.loads(value) for key, value in found.items()}


def config(deployed: Any) -> dict[str, Any]:
    return deployed.inputs("BackendConfig")["spec"]


def policy(deployed: Any) -> dict[str, Any]:
    return deployed.inputs("GCPBackendPolicy")["spec"]["default"]


def check_policy(deployed: Any) -> dict[str, Any]:
    return deployed.inputs("HealthCheckPolicy")["spec"]["default"]
