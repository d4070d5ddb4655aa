"""The stand-in for pulumi-kubernetes names, applies and compares as the real one does: a wrong one proves nothing."""

import threading
import time
from collections.abc import Iterator

import pytest

from harness.control_plane import ControlPlane
from harness.driver import Driver, FailedButKeptError, RefusedError
from harness.kubelet import Kubelet
from harness.kubernetes_driver import (
    CONFIG_MAP,
    DEPLOYMENT,
    SECRET,
    SERVICE,
    annotated,
    config_map,
    driving,
)
from harness.kubernetes_provider import KubernetesProvider
from harness.manifests import deployment, service
from harness.rest import Client
from harness.wire import UNKNOWN, Secret

pytestmark = pytest.mark.engine


@pytest.fixture
def driver(control_plane: ControlPlane) -> Iterator[Driver]:
    with driving(control_plane) as driver:
        yield driver


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
