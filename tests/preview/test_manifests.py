import re

import pytest
import yaml

from nodrop.preview import ProjectError, evaluate, kubernetes_objects, render


def objects(project):
    return kubernetes_objects(evaluate(project, "dev"))


def test_objects_come_as_plain_manifests_in_the_program_s_order(program):
    project = program("""
        k8s.core.v1.Namespace("space", metadata={"name": "demo"})
        k8s.apps.v1.Deployment("web", metadata={"name": "web", "namespace": "demo"}, spec={
            "replicas": 2, "selector": {"match_labels": {"app": "web"}}, "template": {}})
        k8s.apiextensions.CustomResource("backend", api_version="cloud.google.com/v1", kind="BackendConfig",
            metadata={"name": "web", "namespace": "demo"}, spec={"timeoutSec": 40})
    """)
    assert objects(project) == [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "demo"}},
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "demo"},
            "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": {}},
        },
        {
            "apiVersion": "cloud.google.com/v1",
            "kind": "BackendConfig",
            "metadata": {"name": "web", "namespace": "demo"},
            "spec": {"timeoutSec": 40},
        },
    ]


def test_only_objects_that_the_program_creates_are_among_them(program):
    project = program("""
        k8s.Provider("cluster")
        k8s.core.v1.Service.get("theirs", "default/theirs")
        pulumi.CustomResource("kubernetes:core/v1:ConfigMap", "too", {"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "too"}}, pulumi.ResourceOptions(id="default/too"))
        k8s.helm.v3.Release("release", chart="nginx")
        k8s.core.v1.ConfigMapPatch("patch", metadata={"name": "x"})
        from pulumi_kubernetes.yaml import ConfigGroup
        ConfigGroup("group", yaml=["{apiVersion: v1, kind: ConfigMap, metadata: {name: ours}}"])
    """)
    assert [manifest["metadata"]["name"] for manifest in objects(project)] == ["ours"]


def test_a_name_is_made_up_as_the_provider_does_and_references_follow_it(program):
    project = program("""
        config = k8s.core.v1.ConfigMap("settings")
        k8s.core.v1.ConfigMap("user", data={"name": config.metadata.name, "namespace": config.metadata.namespace})
    """)
    settings, user = objects(project)
    assert re.fullmatch(r"settings-[0-9a-f]{8}", settings["metadata"]["name"])
    assert settings["metadata"]["annotations"] == {"pulumi.com/autonamed": "true"}
    assert user["data"] == {"name": settings["metadata"]["name"], "namespace": "default"}
    assert objects(project) == [settings, user]


def test_the_same_logical_name_elsewhere_gets_another_name(program):
    project = program("""
        for parent in "ab":
            component = pulumi.ComponentResource("demo:index:" + parent, parent)
            k8s.core.v1.ConfigMap("settings", opts=pulumi.ResourceOptions(parent=component))
    """)
    first, second = objects(project)
    assert first["metadata"]["name"] != second["metadata"]["name"]


def test_a_name_of_the_program_s_own_stays(program):
    project = program("""
        k8s.core.v1.ConfigMap("a", metadata={"name": "given"})
        k8s.core.v1.ConfigMap("b", metadata={"generate_name": "prefix-"})
        k8s.core.v1.ConfigMap("c", metadata={"name": k8s.core.v1.ConfigMap("d").id})
    """)
    metadata = [manifest["metadata"] for manifest in objects(project)]
    assert {"name": "given", "namespace": "default"} in metadata
    assert {"generateName": "prefix-", "namespace": "default"} in metadata
    assert {"name": "[unknown]", "namespace": "default"} in metadata
    assert len(metadata) == 4


def test_the_namespace_defaults_to_the_provider_s_and_cluster_wide_kinds_have_none(program):
    project = program("""
        provider = pulumi.ResourceOptions(provider=k8s.Provider("cluster", namespace="team"))
        k8s.core.v1.ConfigMap("theirs", metadata={"name": "a"}, opts=provider)
        k8s.core.v1.ConfigMap("default", metadata={"name": "b"})
        k8s.rbac.v1.ClusterRole("role", metadata={"name": "c"}, opts=provider)
    """)
    assert [manifest["metadata"].get("namespace") for manifest in objects(project)] == ["team", "default", None]


def test_secrets_are_masked_and_unknowns_marked(program):
    project = program("""
        k8s.core.v1.ConfigMap("a", metadata={"name": "a"}, data={
            "secret": pulumi.Output.secret("hush"), "unknown": k8s.core.v1.ConfigMap("b").id, "known": "c"})
    """)
    data = next(manifest for manifest in objects(project) if manifest["metadata"]["name"] == "a")["data"]
    assert data == {"secret": "[secret]", "unknown": "[unknown]", "known": "c"}


def test_the_content_of_the_kind_secret_is_masked_even_where_the_program_did_not_mark_it(program):
    project = program("""
        pulumi.CustomResource("kubernetes:core/v1:Secret", "s", {"apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": "s"}, "data": {"a": "aHVzaA=="}, "stringData": {"b": "hush"}})
    """)
    (secret,) = objects(project)
    assert secret["data"] == {"a": "[secret]"}
    assert secret["stringData"] == {"b": "[secret]"}
    assert secret["metadata"] == {"name": "s", "namespace": "default"}


def test_secret_metadata_still_gets_a_name(program):
    project = program('k8s.core.v1.ConfigMap("s", metadata=pulumi.Output.secret({"labels": {"a": "b"}}))\n')
    (manifest,) = objects(project)
    assert set(manifest["metadata"]) == {"labels", "name", "namespace", "annotations"}


def config_map(name: str, namespace: str = "default") -> dict:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}}


def test_each_object_is_a_file_named_after_its_kind_and_name(tmp_path):
    written = render([config_map("a"), config_map("b")], tmp_path / "new" / "folder")
    assert [file.name for file in written] == ["configmap-a.yaml", "configmap-b.yaml"]
    assert yaml.safe_load(written[0].read_text()) == config_map("a")


def test_objects_of_the_same_name_do_not_overwrite_each_other(tmp_path):
    given = [config_map("a"), config_map("a", "other"), config_map("a", "other"), config_map("a", "other")]
    written = render(given, tmp_path)
    assert [yaml.safe_load(file.read_text()) for file in written] == given
    assert written[1].name == "configmap-a-other.yaml"


def test_a_name_cannot_lead_out_of_the_folder(tmp_path):
    (file,) = render([config_map("../../x")], tmp_path / "inner")
    assert file.parent == tmp_path / "inner"


def test_rendering_again_overwrites_but_a_stranger_s_file_is_refused_before_anything_is_written(tmp_path):
    render([config_map("a")], tmp_path)
    render([config_map("a", "other")], tmp_path)
    assert "other" in (tmp_path / "configmap-a.yaml").read_text()
    with pytest.raises(ProjectError, match=r"configmap-a.yaml"):
        render([config_map("b")], tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["configmap-a.yaml"]
