"""Network, cluster and a `WebService` behind a container-native load balancer."""

import pulumi

from gke_nodrop import RolloutArgs, WebService, WebServiceArgs
from stacks import foundation
from stacks.applications import Served, graceful
from stacks.settings import ClusterKind, ContainerNativeSettings, NegSettings, read

NAMESPACE = "container-native"


def main() -> None:
    """The stack's program."""
    settings = read(ContainerNativeSettings)
    served = graceful(settings)
    base = foundation.build(settings, ports=[str(served.port)], kind=settings.get("cluster", ClusterKind.STANDARD))
    service = web_service(settings, served, base)
    pulumi.export("url", service.url)
    pulumi.export("address", service.address)
    pulumi.export("kubeconfig", base.kubeconfig)


def web_service(settings: NegSettings, served: Served, base: foundation.Foundation) -> WebService:
    """The service, with the component's own timings."""
    rollout: RolloutArgs = {**served.behaviour}
    if "mode" in settings:
        rollout["mode"] = settings["mode"]
    args: WebServiceArgs = {
        **served.workload,
        "namespace": NAMESPACE,
        "health_check": {"path": served.readiness_path},
        "rollout": rollout,
    }
    if "hosts" in settings:
        args["hosts"] = settings["hosts"]
    return WebService("web", args, base.options)
