"""What a user would do with the Kubernetes provider and this library's objects, and what comes of it."""

import base64
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest
import yaml

from harness.cloud import Cloud
from harness.control_plane import ControlPlane
from harness.engine import Engine
from harness.kubelet import Kubelet
from harness.manifests import deployment, service
from harness.rest import Client

pytestmark = pytest.mark.engine


def provider_of(control_plane: ControlPlane, **more: object) -> k8s.Provider:
    kubeconfig = pulumi.Output.secret(control_plane.kubeconfig())
    return k8s.Provider("cluster", kubeconfig=kubeconfig, cluster_identifier="tests", **more)  # ty: ignore[invalid-argument-type]


def test_rendering_writes_what_is_secret_in_clear(
    engine: Engine, cloud: Cloud, control_plane: ControlPlane, client: Client, namespace: str
) -> None:
    folder = engine.folder / "rendered"

    def program() -> None:
        provider = k8s.Provider("files", render_yaml_to_directory=str(folder))
        opts = pulumi.ResourceOptions(provider=provider)
        metadata: Any = {"name": "web", "namespace": namespace}
        k8s.core.v1.Secret("web", metadata=metadata, string_data={"TOKEN": pulumi.Output.secret("hunter2")}, opts=opts)

    engine.stack("rendered", program).up()
    (file,) = folder.rglob("*secret*.yaml")
    assert yaml.safe_load(file.read_text())["data"] == {"TOKEN": base64.b64encode(b"hunter2").decode()}
    assert client.find("v1", "Secret", "web", namespace) is None


def test_a_patch_resource_on_an_object_of_another_stack_stays_when_that_is_updated(
    engine: Engine, cloud: Cloud, control_plane: ControlPlane, kubelet: Kubelet, client: Client, namespace: str
) -> None:
    given: Any = deployment(namespace, replicas=1)

    def owner() -> None:
        opts = pulumi.ResourceOptions(provider=provider_of(control_plane))
        k8s.apps.v1.Deployment("web", metadata=given["metadata"], spec=given["spec"], opts=opts)

    def patch() -> None:
        opts = pulumi.ResourceOptions(provider=provider_of(control_plane))
        metadata: Any = {"name": "web", "namespace": namespace, "annotations": {"team": "shop"}}
        k8s.apps.v1.DeploymentPatch("web", metadata=metadata, opts=opts)

    first, second = engine.stack("owner", owner), engine.stack("patch", patch)
    first.up()
    second.up()
    first.up(refresh=True, expect_no_changes=True)
    given["spec"]["minReadySeconds"] = 1
    first.up()
    live = client.get("apps/v1", "Deployment", "web", namespace)
    assert (live["spec"]["minReadySeconds"], live["metadata"]["annotations"]["team"]) == (1, "shop")
    second.destroy()
    live = client.get("apps/v1", "Deployment", "web", namespace)
    assert "team" not in live["metadata"]["annotations"]


def test_an_object_that_is_there_already_is_taken_over_by_a_creation(
    engine: Engine, cloud: Cloud, control_plane: ControlPlane, client: Client, namespace: str
) -> None:
    """By this version of the provider; since 4.29 it says that the object exists (its source), hence `import`."""
    given: Any = service(namespace, annotations={"pulumi.com/skipAwait": "true"})
    client.create({**given, "metadata": {**given["metadata"], "labels": {"of": "another"}}})

    def program() -> None:
        opts = pulumi.ResourceOptions(provider=provider_of(control_plane))
        k8s.core.v1.Service("web", metadata=given["metadata"], spec=given["spec"], opts=opts)

    engine.stack("taker", program).up()
    assert client.get("v1", "Service", "web", namespace)["metadata"]["labels"]["of"] == "another"
