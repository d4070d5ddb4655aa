"""What a `RollingDeployment` declares, for the tests of its parts."""

from collections.abc import Callable
from typing import Any

from gke_nodrop.workload.rolling_deployment import RollingDeployment, RollingDeploymentArgs

MINIMAL: RollingDeploymentArgs = {
    "image": "example/shop:1",
    "namespace": "shop",
    "rollout": {"keep_alive_timeout_seconds": 620},
}


PROXY: Any = {"name": "database-proxy", "image": "example/proxy:1", "port": 5432}


def web(**more: Any) -> Callable[[], None]:
    args: Any = {**MINIMAL, **more}

    def program() -> None:
        RollingDeployment("web", args)

    return program


def spec(deployed: Any) -> dict[str, Any]:
    return deployed.inputs("Deployment")["spec"]


def pod(deployed: Any) -> dict[str, Any]:
    return spec(deployed)["template"]["spec"]


def containers(deployed: Any) -> dict[str, Any]:
    """All containers of the pod by name."""
    every = [*pod(deployed).get("initContainers", []), *pod(deployed)["containers"]]
    return {container["name"]: container for container in every}
