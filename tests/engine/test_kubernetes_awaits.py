"""The stand-in for pulumi-kubernetes awaits what the real one's source says, and nothing else."""

import threading
import time
from collections.abc import Iterator

import pytest

from harness.control_plane import ControlPlane
from harness.driver import Driver, FailedButKeptError, Kept
from harness.kubelet import Kubelet
from harness.kubernetes_awaits import timeout_seconds
from harness.kubernetes_driver import (
    CONFIG_MAP,
    DEPLOYMENT,
    INGRESS,
    NAMESPACE,
    SERVICE,
    annotated,
    config_map,
    driving,
)
from harness.manifests import deployment, ingress, service
from harness.rest import Client
from harness.waiting import until

pytestmark = pytest.mark.engine
FINALIZER = {"metadata": {"finalizers": ["example.com/held"]}}
ADDRESS = {"status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.1"}]}}}


@pytest.fixture
def driver(control_plane: ControlPlane) -> Iterator[Driver]:
    with driving(control_plane) as driver:
        yield driver


def seconds_of(action: object, *arguments: object, **options: object) -> float:
    started = time.monotonic()
    action(*arguments, **options)  # ty: ignore[not-callable]
    return time.monotonic() - started


def held(client: Client, kept: Kept) -> Kept:
    """With a finalizer that keeps it from going."""
    namespace, _, name = kept.id.rpartition("/")
    client.patch(kept.inputs["apiVersion"], kept.inputs["kind"], name, namespace or None, FINALIZER)
    return kept


def release(client: Client, kept: Kept) -> None:
    namespace, _, name = kept.id.rpartition("/")
    change = {"metadata": {"finalizers": None}}
    client.patch(kept.inputs["apiVersion"], kept.inputs["kind"], name, namespace or None, change)


class TestAwaitedCreation:
    def test_deployment_until_its_pods_are_available(self, driver: Driver, kubelet: Kubelet, namespace: str) -> None:
        kept = driver.create(DEPLOYMENT, deployment(namespace, replicas=2))
        assert kept.outputs["status"]["availableReplicas"] == 2

    def test_updated_deployment_until_it_is_rolled_out(self, driver: Driver, kubelet: Kubelet, namespace: str) -> None:
        kept = driver.create(DEPLOYMENT, deployment(namespace))
        status = driver.update(kept, deployment(namespace, image="web:2")).outputs["status"]
        assert (status["updatedReplicas"], status.get("unavailableReplicas")) == (2, None)

    def test_failed_deployment_is_kept(self, driver: Driver, kubelet: Kubelet, client: Client, namespace: str) -> None:
        kubelet.broken_images.add("web:broken")
        with pytest.raises(FailedButKeptError, match="failed to fully initialize or become live") as failed:
            driver.create(DEPLOYMENT, deployment(namespace, image="web:broken"), timeout=1)
        assert failed.value.kept.id == f"{namespace}/web"
        assert client.get("apps/v1", "Deployment", "web", namespace)

    def test_failed_update_is_kept(self, driver: Driver, kubelet: Kubelet, namespace: str) -> None:
        kept = driver.create(DEPLOYMENT, deployment(namespace))
        kubelet.broken_images.add("web:broken")
        with pytest.raises(FailedButKeptError, match="failed to fully initialize") as failed:
            driver.update(kept, deployment(namespace, image="web:broken"), timeout=1)
        assert failed.value.kept.outputs["spec"]["template"]["spec"]["containers"][0]["image"] == "web:broken"

    def test_deployment_with_skip_await_is_not_awaited(self, driver: Driver, namespace: str) -> None:
        broken = annotated(deployment(namespace, image="web:broken"), skipAwait="true")
        assert seconds_of(driver.create, DEPLOYMENT, broken, timeout=5) < 3

    def test_service_waits_for_unready_endpoints(
        self, driver: Driver, kubelet: Kubelet, client: Client, namespace: str
    ) -> None:
        kubelet.broken_images.add("web:broken")
        client.create(deployment(namespace, image="web:broken"))
        until(lambda: any(pod.get("status", {}).get("podIP") for pod in client.list("v1", "Pod", namespace)))
        with pytest.raises(FailedButKeptError, match="Service does not target any Pods"):
            driver.create(SERVICE, service(namespace), timeout=2)

    def test_service_without_any_pod_is_ready_once_settled(self, driver: Driver, namespace: str) -> None:
        assert 0.3 < seconds_of(driver.create, SERVICE, service(namespace), timeout=5) < 4

    def test_service_with_skip_await_is_not_awaited(
        self, driver: Driver, kubelet: Kubelet, client: Client, namespace: str
    ) -> None:
        kubelet.broken_images.add("web:broken")
        client.create(deployment(namespace, image="web:broken"))
        driver.create(SERVICE, annotated(service(namespace), skipAwait="true"), timeout=2)

    def test_ingress_until_it_has_an_address(self, driver: Driver, client: Client, namespace: str) -> None:
        change = ("networking.k8s.io/v1", "Ingress", "web", namespace, ADDRESS)
        threading.Timer(0.5, client.patch, change, {"subresource": "status"}).start()
        assert driver.create(INGRESS, ingress(namespace), timeout=5).outputs["status"] == ADDRESS["status"]

    def test_ingress_without_address_fails(self, driver: Driver, namespace: str) -> None:
        with pytest.raises(FailedButKeptError, match="not updated with a hostname/IP address"):
            driver.create(INGRESS, ingress(namespace), timeout=1)

    def test_ingress_waits_for_endpoints_of_its_rules(self, driver: Driver, client: Client, namespace: str) -> None:
        change = ("networking.k8s.io/v1", "Ingress", "web", namespace, ADDRESS)
        threading.Timer(0.2, client.patch, change, {"subresource": "status"}).start()
        with pytest.raises(FailedButKeptError, match="No matching service found"):
            driver.create(INGRESS, ingress(namespace, default_backend=False), timeout=1)

    def test_wait_for_replaces_the_endpoint_check(self, driver: Driver, client: Client, namespace: str) -> None:
        change = ("networking.k8s.io/v1", "Ingress", "web", namespace, ADDRESS)
        threading.Timer(0.2, client.patch, change, {"subresource": "status"}).start()
        manifest = annotated(
            ingress(namespace, default_backend=False), waitFor="jsonpath={.status.loadBalancer.ingress[0].ip}"
        )
        driver.create(INGRESS, manifest, timeout=5)

    def test_wait_for_that_is_never_true_fails(self, driver: Driver, namespace: str) -> None:
        with pytest.raises(FailedButKeptError, match="is not satisfied"):
            driver.create(
                CONFIG_MAP, annotated(config_map(namespace), waitFor="jsonpath={.status.phase}=Done"), timeout=1
            )

    def test_wait_for_knows_conditions(self, driver: Driver, kubelet: Kubelet, namespace: str) -> None:
        driver.create(DEPLOYMENT, annotated(deployment(namespace), waitFor="condition=Available"), timeout=10)

    def test_config_map_is_not_awaited(self, driver: Driver, namespace: str) -> None:
        assert seconds_of(driver.create, CONFIG_MAP, config_map(namespace)) < 2

    def test_custom_timeouts_beat_the_annotation_and_that_beats_ten_minutes(self) -> None:
        manifest = config_map("any")
        written = annotated(manifest, timeoutSeconds="7")
        assert (timeout_seconds(5, written), timeout_seconds(0, written), timeout_seconds(0, manifest)) == (5, 7, 600)

    def test_cancel_ends_a_wait_and_keeps_the_object(self, driver: Driver, namespace: str) -> None:
        threading.Timer(0.5, driver.cancel).start()
        with pytest.raises(FailedButKeptError, match="cancelled"):
            driver.create(INGRESS, ingress(namespace), timeout=30)


class TestRefresh:
    def test_refresh_runs_the_readiness_read_in_spite_of_wait_for(
        self, driver: Driver, client: Client, namespace: str
    ) -> None:
        kept = driver.create(INGRESS, annotated(ingress(namespace), waitFor="jsonpath={.metadata.uid}"))
        with pytest.raises(FailedButKeptError, match="not updated with a hostname/IP address"):
            driver.read(kept)

    def test_refresh_skips_the_readiness_read_with_skip_await(self, driver: Driver, namespace: str) -> None:
        kept = driver.create(INGRESS, annotated(ingress(namespace), skipAwait="true"))
        assert driver.read(kept)


class TestAwaitedDeletion:
    @pytest.mark.parametrize("skip", ["true", "false"])
    @pytest.mark.parametrize(("resource", "manifest"), [(SERVICE, service), (INGRESS, ingress)])
    def test_service_and_ingress_with_skip_await_are_awaited(
        self, driver: Driver, client: Client, namespace: str, resource: str, manifest: object, skip: str
    ) -> None:
        made = annotated(manifest(namespace), skipAwait="true")  # ty: ignore[not-callable]
        kept = held(client, driver.create(resource, made))
        kept = Kept(
            kept.urn, kept.id, kept.inputs, {**kept.outputs, "__inputs": annotated(kept.inputs, skipAwait=skip)}
        )
        with pytest.raises(FailedButKeptError, match="finalizers might be preventing deletion"):
            driver.delete(kept, timeout=1)
        release(client, kept)

    def test_deployment_with_skip_await_is_not_awaited(self, driver: Driver, client: Client, namespace: str) -> None:
        kept = held(client, driver.create(DEPLOYMENT, annotated(deployment(namespace), skipAwait="true")))
        driver.delete(kept, timeout=5)
        release(client, kept)

    def test_namespace_with_skip_await_is_not_awaited(self, driver: Driver, client: Client, namespace: str) -> None:
        inner = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"{namespace}-x"}}
        kept = driver.create(NAMESPACE, annotated(inner, skipAwait="true"))
        held(client, driver.create(CONFIG_MAP, config_map(f"{namespace}-x")))
        driver.delete(kept, timeout=5)
        assert client.get("v1", "Namespace", f"{namespace}-x")["metadata"]["deletionTimestamp"]

    def test_namespace_until_it_is_empty(self, driver: Driver, client: Client, namespace: str) -> None:
        kept = driver.create(
            NAMESPACE, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"{namespace}-x"}}
        )
        inside = held(client, driver.create(CONFIG_MAP, config_map(f"{namespace}-x")))
        with pytest.raises(FailedButKeptError, match="timed out"):
            driver.delete(kept, timeout=1)
        release(client, inside)
        driver.delete(kept, timeout=30)
        assert client.find("v1", "Namespace", f"{namespace}-x") is None

    def test_deployment_until_its_pods_are_gone(
        self, driver: Driver, kubelet: Kubelet, client: Client, namespace: str
    ) -> None:
        kept = driver.create(DEPLOYMENT, deployment(namespace))
        driver.delete(kept, timeout=20)
        assert client.list("apps/v1", "ReplicaSet", namespace) == []

    def test_what_is_gone_already_is_deleted(self, driver: Driver, client: Client, namespace: str) -> None:
        kept = driver.create(CONFIG_MAP, config_map(namespace))
        client.delete("v1", "ConfigMap", "web", namespace)
        driver.delete(kept)
