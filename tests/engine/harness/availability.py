"""Pods that count as available at once: the minute of each that a zone may need would make every update long."""

from collections.abc import Callable
from typing import Any

import pulumi


def at_once(program: Callable[[], object]) -> Callable[[], None]:
    """The program, with Deployments without `minReadySeconds`; a test that is about these waits for itself."""

    def run() -> None:
        pulumi.runtime.register_resource_transform(_without_minimum)
        program()

    return run


def _without_minimum(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    spec: Any = args.props.get("spec")
    if args.type_ != "kubernetes:apps/v1:Deployment" or not isinstance(spec, dict) or not spec.get("minReadySeconds"):
        return None
    return pulumi.ResourceTransformResult({**args.props, "spec": {**spec, "minReadySeconds": 0}}, args.opts)
