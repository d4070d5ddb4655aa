"""An API server that cannot be reached: what the real provider makes of it."""

from pathlib import Path

import pulumi_kubernetes as k8s
import pytest
from pulumi import ResourceOptions

from harness.control_plane import ControlPlane
from harness.engine import Engine, OperationError, Program
from harness.own_stacks import documented

pytestmark = pytest.mark.engine
CONFIG_MAP = "kubernetes:core/v1:ConfigMap settings"
UNREACHABLE = "configured Kubernetes cluster is unreachable"


def program(kubeconfig: str, namespace: str) -> Program:
    def made() -> None:
        provider = k8s.Provider("cluster", kubeconfig=kubeconfig, cluster_identifier="tests")
        metadata = k8s.meta.v1.ObjectMetaArgs(name="settings", namespace=namespace)
        k8s.core.v1.ConfigMap("settings", metadata=metadata, data={"a": "b"}, opts=ResourceOptions(provider=provider))

    return made


def test_a_server_that_cannot_be_reached_stops_everything_with_the_state_kept(engine: Engine, tmp_path: Path) -> None:
    plane = ControlPlane()
    plane.start(tmp_path / "plane")
    try:
        stack = engine.stack("dev", program(plane.kubeconfig(), "default"))
        stack.up()
    finally:
        plane.stop()
    for operation in (stack.refresh, stack.destroy):
        with pytest.raises(OperationError, match=documented(UNREACHABLE)):
            operation()
        assert CONFIG_MAP in stack.resources()
    stack.environment[documented("PULUMI_K8S_DELETE_UNREACHABLE")] = "true"
    stack.refresh()
    assert CONFIG_MAP not in stack.resources()
