"""Who creates what, and what stays secret: what mocks cannot see."""

from pathlib import Path

import pytest

from nodrop.preview import UNKNOWN, SecretValue, evaluate, kubernetes_objects

STACKS = ["container-native", "legacy-nodeport", "comparison"]
TOKEN = "a-token-that-nobody-may-read"


@pytest.mark.parametrize("stack", STACKS)
def test_every_kubernetes_object_goes_to_the_clusters_own_provider(evaluated, find, stack):
    evaluation = evaluated(stack)
    provider = find(evaluation, "pulumi:providers:kubernetes::nodrop")
    objects = [each for each in evaluation.resources if each.type.startswith("kubernetes:")]
    assert objects
    assert {each.provider for each in objects} == {provider.urn}


@pytest.mark.parametrize("config", [{}, {"cluster": "autopilot"}])
def test_the_provider_knows_the_cluster_by_its_id_and_its_kubeconfig_is_secret(evaluated, find, config):
    evaluation = evaluated("container-native", config)
    provider = find(evaluation, "pulumi:providers:kubernetes::nodrop")
    cluster = find(evaluation, "gcp:container/cluster:Cluster::nodrop")
    assert provider.inputs["clusterIdentifier"] == UNKNOWN
    assert provider.property_dependencies["clusterIdentifier"] == (cluster.urn,)
    assert isinstance(provider.inputs["kubeconfig"], SecretValue)


@pytest.mark.parametrize("stack", STACKS)
def test_the_kubeconfig_is_exported_as_a_secret_and_the_clusters_id_beside_it(evaluated, stack):
    assert isinstance(evaluated(stack).outputs["kubeconfig"], SecretValue)
    assert evaluated(stack).outputs["cluster_id"] == UNKNOWN


@pytest.mark.parametrize("stack", STACKS)
def test_what_gke_changes_itself_is_left_alone(evaluated, find, stack):
    evaluation = evaluated(stack)
    cluster = find(evaluation, "gcp:container/cluster:Cluster::nodrop")
    assert cluster.options.ignore_changes == ("nodeConfig",)
    assert find(evaluation, "gcp:container/nodePool:NodePool::nodrop").options.ignore_changes == ("initialNodeCount",)


@pytest.mark.parametrize("stack", STACKS)
def test_a_cluster_has_a_name_of_pulumis_making(evaluated, find, stack):
    assert "name" not in find(evaluated(stack), "gcp:container/cluster:Cluster::nodrop").inputs


def secrets(value: object) -> list[object]:
    """Every secret anywhere in a value, opened."""
    if isinstance(value, SecretValue):
        return [value.value]
    if isinstance(value, dict):
        return [found for each in value.values() for found in secrets(each)]
    if isinstance(value, (list, tuple)):
        return [found for each in value for found in secrets(each)]
    return []


@pytest.mark.parametrize("stack", ["legacy-nodeport", "comparison"])
def test_the_token_is_a_secret_and_nowhere_else(evaluated, find, stack):
    evaluation = evaluated(stack, {"unready_token": TOKEN})
    secret = find(evaluation, "LegacyNodePortService$kubernetes:core/v1:Secret::web-env")
    assert TOKEN in str(secrets(secret.inputs))
    for each in evaluation.resources:
        if each is not secret:
            assert TOKEN not in str(secrets(each.inputs))
    assert TOKEN not in str(kubernetes_objects(evaluation))


def test_the_token_is_a_secret_from_the_moment_it_is_read_even_if_the_stacks_file_does_not_mark_it(
    tmp_path, monkeypatch
):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))
    (tmp_path / "Pulumi.yaml").write_text("name: gke-nodrop\nruntime: python\n")
    (tmp_path / "__main__.py").write_text(
        "import pulumi\n"
        "from stacks.settings import LegacyNodePortSettings, read\n"
        "pulumi.export('token', read(LegacyNodePortSettings)['unready_token'])\n"
    )
    config = {"gcp:project": "p", "gcp:region": "us-central1", "unready_token": TOKEN}
    assert evaluate(tmp_path, "legacy-nodeport", config=config).outputs == {"token": SecretValue(TOKEN)}


@pytest.mark.parametrize("stack", ["legacy-nodeport", "comparison"])
def test_ready_test_gets_the_token_from_the_secret_in_the_legacy_service_only(evaluated, stack):
    evaluation = evaluated(stack, {"unready_token": TOKEN})
    with_token = [
        each["metadata"]["namespace"]
        for each in kubernetes_objects(evaluation)
        if each["kind"] == "Deployment" and "READY_TEST_TOKEN" in str(each)
    ]
    assert with_token == ["legacy-nodeport"]


def test_the_container_native_stack_has_no_token_and_no_secret(evaluated):
    objects = kubernetes_objects(evaluated("container-native"))
    workload = [each for each in objects if each["kind"] != "ConfigMap"]
    assert "READY_TEST_TOKEN" not in str(workload)
    assert "Secret" not in {each["kind"] for each in objects}
    assert "/unready/" not in str([each for each in objects if each["kind"] == "Ingress"])


def test_without_a_token_there_is_no_secret(evaluated):
    objects = kubernetes_objects(evaluated("legacy-nodeport"))
    assert "Secret" not in {each["kind"] for each in objects}
