"""The network and cluster of `container_native` with a `LegacyNodePortService`: the field report of 2019, rebuilt."""

from collections.abc import Iterable

import pulumi

from gke_nodrop import Fault, LegacyNodePortService, LegacyNodePortServiceArgs, faults_of
from stacks import foundation
from stacks.applications import NODE_PORTS, AppInputs, as_reported
from stacks.settings import (
    Application,
    ComparisonSettings,
    LegacyNodePortSettings,
    NodePortSettings,
    StackSettings,
    read,
)

NAME = "web"
NAMESPACE = "legacy-nodeport"


def main() -> None:
    """The stack's program."""
    settings = read(LegacyNodePortSettings, foundation.refused, refused)
    base = foundation.build(settings, ports=[NODE_PORTS])
    service = legacy_service(settings, settings, as_reported(settings, settings), base)
    pulumi.export("url", service.url)
    pulumi.export("address", service.address)
    pulumi.export("kubeconfig", base.kubeconfig)
    pulumi.export("cluster_id", base.cluster_id)


def refused(settings: LegacyNodePortSettings | ComparisonSettings) -> Iterable[Fault]:
    """What the service would refuse of the settings."""
    return faults_of(LegacyNodePortService, NAME, service_args(settings, settings, as_reported(settings, settings)))


def legacy_service(
    settings: StackSettings, node_port: NodePortSettings, served: AppInputs, base: foundation.Foundation
) -> LegacyNodePortService:
    """The service."""
    return LegacyNodePortService(NAME, service_args(settings, node_port, served), base.options)


def service_args(settings: StackSettings, node_port: NodePortSettings, served: AppInputs) -> LegacyNodePortServiceArgs:
    """Its inputs; ready-test gets the token, if there is one, and with it the path that turns a pod unready."""
    args: LegacyNodePortServiceArgs = {
        **served.workload,
        "namespace": NAMESPACE,
        "readiness_path": served.readiness_path,
        "rollout": served.behaviour,
    }
    if settings.get("app", Application.READY_TEST) is Application.READY_TEST:
        args["paths"] = ["/", "/ready/", "/unready/"]
        if "unready_token" in node_port:
            args["secret_env"] = {"READY_TEST_TOKEN": node_port["unready_token"]}
    return args
