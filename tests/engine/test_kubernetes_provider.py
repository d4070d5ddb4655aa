"""The stand-in for pulumi-kubernetes does what the real one's source says: a wrong one would prove nothing."""

import threading
import time
from collections.abc import Iterator

import pytest

from harness.control_plane import ControlPlane
from harness.driver import Driver, FailedButKeptError, Kept, RefusedError, urn
from harness.kubelet import Kubelet
from harness.kubernetes_awaits import timeout_seconds
from harness.kubernetes_provider import KubernetesProvider
from harness.manifests import deployment, ingress, service
from harness.rest import Client, Object
from harness.waiting import until
from harness.wire import UNKNOWN, Secret

pytestmark = pytest.mark.engine
DEPLOYMENT, SERVICE = urn("kubernetes:apps/v1:Deployment"), urn("kubernetes:core/v1:Service")
INGRESS, NAMESPACE = urn("kubernetes:networking.k8s.io/v1:Ingress"), urn("kubernetes:core/v1:Namespace")
CONFIG_MAP, SECRET = urn("kubernetes:core/v1:ConfigMap"), urn("kubernetes:core/v1:Secret")
FINALIZER = {"metadata": {"finalizers": ["example.com/held"]}}
ADDRESS = {"status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.1"}]}}}


@pytest.fixture
def driver(control_plane: ControlPlane) -> Iterator[Driver]:
    provider = KubernetesProvider(settle_seconds=0.3, retry_seconds=0.05)
    driver = Driver(provider, {"kubeconfig": Secret(control_plane.kubeconfig())})
    yield driver
    driver.stop()


def config_map(namespace: str, *, name: str | None = "web", **more: object) -> Object:
    named = {"name": name} if name else {}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"namespace": namespace, **named},
        "data": {"a": "1"},
        **more,
    }


def annotated(manifest: Object, **annotations: str) -> Object:
    own = {f"pulumi.com/{name}": value for name, value in annotations.items()}
    metadata = {**manifest["metadata"], "annotations": {**manifest["metadata"].get("annotations", {}), **own}}
    return {**manifest, "metadata": metadata}


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


class TestNames:
    def test_object_without_name_gets_one_and_a_note_of_it(self, driver: Driver, namespace: str) -> None:
        inputs = driver.check(CONFIG_MAP, config_map(namespace, name=None))
        prefix, _, suffix = inputs["metadata"]["name"].partition("-")
        assert (prefix, len(suffix)) == ("web", 8)
        assert inputs["metadata"]["annotations"] == {"pulumi.com/autonamed": "true"}

    def test_name_once_made_is_kept(self, driver: Driver, namespace: str) -> None:
        old = driver.check(CONFIG_MAP, config_map(namespace, name=None))
        old["metadata"]["name"] = "web-0ld"
        assert driver.check(CONFIG_MAP, config_map(namespace, name=None), old)["metadata"]["name"] == "web-0ld"

    def test_given_name_is_taken(self, driver: Driver, namespace: str) -> None:
        assert driver.check(CONFIG_MAP, config_map(namespace))["metadata"] == {"name": "web", "namespace": namespace}


class TestApply:
    def test_misspelt_field_is_refused_at_preview(self, driver: Driver, namespace: str) -> None:
        with pytest.raises(RefusedError, match='unknown field "dat"'):
            driver.create(CONFIG_MAP, config_map(namespace, dat={}), preview=True)

    def test_preview_creates_nothing(self, driver: Driver, client: Client, namespace: str) -> None:
        driver.create(CONFIG_MAP, config_map(namespace), preview=True)
        assert client.find("v1", "ConfigMap", "web", namespace) is None

    def test_preview_of_an_object_with_unknowns_asks_nobody(self, driver: Driver, namespace: str) -> None:
        planned = driver.create(CONFIG_MAP, config_map(namespace, data={"a": UNKNOWN}, dat={}), preview=True)
        assert planned.outputs["data"] == {"a": UNKNOWN}

    def test_preview_in_a_namespace_to_come_succeeds(self, driver: Driver) -> None:
        assert driver.create(CONFIG_MAP, config_map("to-come"), preview=True).outputs["data"] == {"a": "1"}

    def test_existing_object_is_not_taken_over(self, driver: Driver, namespace: str) -> None:
        driver.create(CONFIG_MAP, config_map(namespace))
        with pytest.raises(RefusedError, match="already exists"):
            driver.create(CONFIG_MAP, config_map(namespace))

    def test_update_removes_what_the_creation_had_set(self, driver: Driver, client: Client, namespace: str) -> None:
        manifest = service(namespace, annotations={"pulumi.com/skipAwait": "true", "a": "1"})
        kept = driver.create(SERVICE, manifest)
        driver.update(kept, service(namespace, annotations={"pulumi.com/skipAwait": "true"}))
        assert "a" not in client.get("v1", "Service", "web", namespace)["metadata"]["annotations"]

    def test_update_does_not_overwrite_another_manager(self, driver: Driver, client: Client, namespace: str) -> None:
        kept = driver.create(SERVICE, annotated(service(namespace), skipAwait="true"))
        other = {"metadata": {"annotations": {"owned": "elsewhere"}}}
        client.apply(
            service(namespace) | {"metadata": {**service(namespace)["metadata"], **other["metadata"]}},
            field_manager="other",
            force=True,
        )
        with pytest.raises(FailedButKeptError, match="conflict"):
            driver.update(kept, annotated(service(namespace, annotations={"owned": "here"}), skipAwait="true"))

    def test_missing_namespace_is_waited_for(self, driver: Driver, client: Client) -> None:
        name = f"late-{time.monotonic_ns()}"
        manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        threading.Timer(0.3, client.create, [manifest]).start()
        assert driver.create(CONFIG_MAP, config_map(name)).id == f"{name}/web"

    def test_unreachable_cluster_is_an_error_of_operations_only(
        self, control_plane: ControlPlane, namespace: str
    ) -> None:
        driver = Driver(
            KubernetesProvider(),
            {"kubeconfig": control_plane.kubeconfig().replace(control_plane.url, "https://127.0.0.1:1")},
        )
        driver.create(CONFIG_MAP, config_map(namespace), preview=True)
        with pytest.raises(RefusedError, match="configured Kubernetes cluster is unreachable"):
            driver.create(CONFIG_MAP, config_map(namespace))
        driver.stop()


class TestDiff:
    def test_nothing_changed(self, driver: Driver, kubelet: Kubelet, namespace: str) -> None:
        kept = driver.create(DEPLOYMENT, deployment(namespace))
        assert not driver.diff(kept, deployment(namespace)).diffs

    def test_new_image_is_an_update(self, driver: Driver, kubelet: Kubelet, namespace: str) -> None:
        kept = driver.create(DEPLOYMENT, deployment(namespace))
        found = driver.diff(kept, deployment(namespace, image="web:2"))
        assert (list(found.diffs), list(found.replaces)) == (["spec.template.spec.containers[0].image"], [])

    def test_selector_replaces_a_deployment_after_deletion(
        self, driver: Driver, kubelet: Kubelet, namespace: str
    ) -> None:
        kept = driver.create(DEPLOYMENT, deployment(namespace))
        changed = deployment(namespace)
        changed["spec"]["selector"]["matchLabels"] = {"app": "other"}
        found = driver.diff(kept, changed)
        assert (list(found.replaces), found.deleteBeforeReplace) == (["spec.selector.matchLabels.app"], True)

    def test_other_name_replaces_without_deletion_first(self, driver: Driver, namespace: str) -> None:
        found = driver.diff(driver.create(CONFIG_MAP, config_map(namespace)), config_map(namespace, name="other"))
        assert (list(found.replaces), found.deleteBeforeReplace) == (["metadata.name"], False)

    @pytest.mark.parametrize(("name", "first"), [("web", True), (None, False)])
    def test_data_replace_a_config_map(self, driver: Driver, namespace: str, name: str | None, first: bool) -> None:
        kept = driver.create(CONFIG_MAP, config_map(namespace, name=name, immutable=True))
        found = driver.diff(kept, config_map(namespace, name=name, immutable=True, data={"a": "2"}))
        assert (list(found.replaces), found.deleteBeforeReplace) == (["data.a"], first)

    def test_fields_of_others_are_no_change(self, driver: Driver, client: Client, namespace: str) -> None:
        kept = driver.create(CONFIG_MAP, config_map(namespace))
        client.patch("v1", "ConfigMap", "web", namespace, {"metadata": {"annotations": {"b": "2"}}})
        refreshed = driver.read(kept)
        assert refreshed
        assert not driver.diff(refreshed, config_map(namespace)).diffs

    def test_zero_that_the_api_server_drops_is_no_drift(self, driver: Driver, kubelet: Kubelet, namespace: str) -> None:
        manifest = deployment(namespace)
        manifest["spec"]["minReadySeconds"] = 0
        kept = driver.create(DEPLOYMENT, manifest)
        refreshed = driver.read(kept)
        assert refreshed
        assert refreshed.inputs == kept.inputs
        assert not driver.diff(kept, manifest).diffs

    def test_refresh_finds_drift(self, driver: Driver, client: Client, namespace: str) -> None:
        kept = driver.create(CONFIG_MAP, config_map(namespace))
        client.patch("v1", "ConfigMap", "web", namespace, {"data": {"a": "by hand"}})
        refreshed = driver.read(kept)
        assert refreshed
        assert list(driver.diff(refreshed, config_map(namespace)).diffs) == ["data.a"]

    def test_refresh_finds_what_is_gone(self, driver: Driver, client: Client, namespace: str) -> None:
        kept = driver.create(CONFIG_MAP, config_map(namespace))
        client.delete("v1", "ConfigMap", "web", namespace)
        assert driver.read(kept) is None

    def test_secret_data_stay_secret(self, driver: Driver, namespace: str) -> None:
        manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "web", "namespace": namespace}}
        kept = driver.create(SECRET, {**manifest, "stringData": {"password": Secret("hunter2")}})
        assert isinstance(kept.outputs["data"], Secret)
        assert isinstance(kept.outputs["__inputs"]["stringData"], Secret)


class TestClusterIdentifier:
    """DiffConfig of the provider itself."""

    OLD = {"kubeconfig": '{"a": 1}', "clusterIdentifier": "one"}

    def test_other_identifier_replaces(self, driver: Driver) -> None:
        assert list(driver.diff_config(self.OLD, {**self.OLD, "clusterIdentifier": "two"}).replaces) == [
            "clusterIdentifier"
        ]

    def test_same_identifier_keeps_even_with_unknown_kubeconfig(self, driver: Driver) -> None:
        assert not driver.diff_config(self.OLD, {**self.OLD, "kubeconfig": UNKNOWN}).replaces

    def test_without_identifier_unknown_kubeconfig_replaces(self, driver: Driver) -> None:
        assert list(driver.diff_config({"kubeconfig": "a"}, {"kubeconfig": UNKNOWN}).replaces) == ["kubeconfig"]

    def test_adding_an_identifier_replaces_nothing(self, driver: Driver) -> None:
        assert not driver.diff_config({"kubeconfig": "a"}, {"kubeconfig": "a", "clusterIdentifier": "one"}).replaces


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
