"""Both ways of serving, side by side on one cluster."""

import pulumi

from stacks import foundation
from stacks.applications import NODE_PORTS, as_reported, graceful
from stacks.container_native import web_service
from stacks.legacy_nodeport import legacy_service
from stacks.settings import ComparisonSettings, read


def main() -> None:
    """The stack's program."""
    settings = read(ComparisonSettings)
    served = graceful(settings)
    base = foundation.build(settings, ports=[str(served.port), NODE_PORTS])
    pulumi.export("container_native_url", web_service(settings, served, base).url)
    legacy = legacy_service(settings, settings, as_reported(settings, settings), base)
    pulumi.export("legacy_nodeport_url", legacy.url)
    pulumi.export("kubeconfig", base.kubeconfig)
