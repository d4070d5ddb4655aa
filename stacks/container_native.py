"""Network, cluster and a `WebService` behind a container-native load balancer."""

from collections.abc import Iterable

import pulumi

from gke_nodrop import Fault, RolloutArgs, WebService, WebServiceArgs, faults_of
from stacks import foundation
from stacks.applications import AppInputs, graceful
from stacks.settings import ClusterKind, ComparisonSettings, ContainerNativeSettings, NegSettings, read

NAME = "web"
NAMESPACE = "container-native"


def main() -> None:
    """The stack's program."""
    settings = read(ContainerNativeSettings, foundation.refused, refused)
    served = graceful(settings)
    base = foundation.build(settings, ports=[str(served.port)], kind=settings.get("cluster", ClusterKind.STANDARD))
    service = WebService(NAME, service_args(settings, served), base.options)
    pulumi.export("url", service.url)
    pulumi.export("address", service.address)
    pulumi.export("kubeconfig", base.kubeconfig)
    pulumi.export("cluster_id", base.cluster_id)


def refused(settings: ContainerNativeSettings | ComparisonSettings) -> Iterable[Fault]:
    """What the service would refuse of the settings."""
    return faults_of(WebService, NAME, service_args(settings, graceful(settings)))


def service_args(settings: NegSettings, served: AppInputs) -> WebServiceArgs:
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
