"""A `WebService` of few inputs: as a program for mocks, the pod that it declares, the faults of further inputs."""

from collections.abc import Callable
from typing import Any

from gke_nodrop import WebService, WebServiceArgs
from tests.gke_nodrop.refusals import faults_of

MINIMAL: WebServiceArgs = {"image": "example/shop:1", "rollout": {"keep_alive_timeout_seconds": 620}}
TLS: Any = {"certificates": {"secrets": ["shop-tls"]}}
IAP: Any = {"client_id": "123-abc", "client_secret": "hunter2"}
HOSTS = ["www.example.com", "example.com"]


def with_args(**more: Any) -> WebServiceArgs:
    return {**MINIMAL, **more}


def web(args: WebServiceArgs) -> Callable[[], dict[str, Any]]:
    def program() -> dict[str, Any]:
        service = WebService("web", args)
        return {"url": service.url, "address": service.address}

    return program


def pod(deployed: Any) -> dict[str, Any]:
    return deployed.inputs("Deployment")["spec"]["template"]["spec"]


def container(deployed: Any) -> dict[str, Any]:
    (only,) = pod(deployed)["containers"]
    return only


def faults_beside(**more: Any) -> dict[str, Any]:
    """The faults of a service with further inputs, by input."""
    return faults_of(WebService, with_args(**more), "shop")
