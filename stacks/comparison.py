"""Both ways of serving, side by side on one cluster."""

import pulumi

from gke_nodrop import WebService
from stacks import container_native, foundation, legacy_nodeport
from stacks.applications import NODE_PORTS, as_reported, graceful
from stacks.settings import ComparisonSettings, read


def main() -> None:
    """The stack's program."""
    settings = read(ComparisonSettings, foundation.refused, container_native.refused, legacy_nodeport.refused)
    served = graceful(settings)
    base = foundation.build(settings, ports=[str(served.port), NODE_PORTS])
    native_args = container_native.service_args(settings, served)
    native = WebService(container_native.NAME, native_args, base.options)
    pulumi.export("container_native_url", native.url)
    legacy = legacy_nodeport.legacy_service(settings, settings, as_reported(settings, settings), base)
    pulumi.export("legacy_nodeport_url", legacy.url)
    pulumi.export("kubeconfig", base.kubeconfig)
    pulumi.export("cluster_id", base.cluster_id)
