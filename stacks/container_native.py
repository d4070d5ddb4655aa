"""Network, cluster and a `WebService` behind a container-native load balancer."""

from collections.abc import Iterator

import pulumi

from gke_nodrop import Fault, RolloutArgs, WebService, WebServiceArgs, web_service
from stacks import foundation
from stacks.applications import Served, graceful
from stacks.settings import ClusterKind, ComparisonSettings, ContainerNativeSettings, NegSettings, read

NAME = "web"
NAMESPACE = "container-native"


def main() -> None:
    """The stack's program."""
    settings = read(ContainerNativeSettings, service_faults)
    served = graceful(settings)
    base = foundation.build(settings, ports=[str(served.port)], kind=settings.get("cluster", ClusterKind.STANDARD))
    service = WebService(NAME, service_args(settings, served), base.options)
    pulumi.export("url", service.url)
    pulumi.export("address", service.address)
    pulumi.export("kubeconfig", base.kubeconfig)


def service_faults(settings: ContainerNativeSettings | ComparisonSettings) -> Iterator[Fault]:
    """What the service would refuse."""
    args = service_args(settings, graceful(settings))
    for rule in web_service.rules(NAME):
        yield from rule(args)


def service_args(settings: NegSettings, served: Served) -> WebServiceArgs:
    """The service's inputs; the timings are the component's own."""
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
    return args
