"""Drives a kubernetes provider, with the kinds and manifests that tests of it need."""

from collections.abc import Generator
from contextlib import contextmanager

from harness.control_plane import ControlPlane
from harness.driver import Driver, urn
from harness.kubernetes_provider import KubernetesProvider
from harness.rest import Object
from harness.wire import Secret

DEPLOYMENT, SERVICE = urn("kubernetes:apps/v1:Deployment"), urn("kubernetes:core/v1:Service")
INGRESS, NAMESPACE = urn("kubernetes:networking.k8s.io/v1:Ingress"), urn("kubernetes:core/v1:Namespace")
CONFIG_MAP, SECRET = urn("kubernetes:core/v1:ConfigMap"), urn("kubernetes:core/v1:Secret")


@contextmanager
def driving(control_plane: ControlPlane) -> Generator[Driver]:
    """A provider instance over the control plane, quicker to settle and to try again than the real one."""
    driver = Driver(
        KubernetesProvider(settle_seconds=0.3, retry_seconds=0.05), {"kubeconfig": Secret(control_plane.kubeconfig())}
    )
    yield driver
    driver.stop()


def config_map(namespace: str, *, name: str | None = "web", **more: object) -> Object:
    """One that nobody awaits; without a name where it is None."""
    named = {"name": name} if name else {}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"namespace": namespace, **named},
        "data": {"a": "1"},
        **more,
    }


def annotated(manifest: Object, **annotations: str) -> Object:
    """With annotations of pulumi.com."""
    own = {f"pulumi.com/{name}": value for name, value in annotations.items()}
    metadata = {**manifest["metadata"], "annotations": {**manifest["metadata"].get("annotations", {}), **own}}
    return {**manifest, "metadata": metadata}
