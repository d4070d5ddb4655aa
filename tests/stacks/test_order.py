"""Order of creation, and so of destruction: what mocks cannot see."""

from collections.abc import Iterable
from typing import Any

import pytest

from nodrop.preview import Evaluation, Resource

STACKS = ["container-native", "legacy-nodeport", "comparison"]


def before(evaluation: Evaluation, resource: Resource) -> set[str]:
    """URNs of all that must exist before a resource: dependencies, providers and their own, and so on."""
    by_urn = {each.urn: each for each in evaluation.resources}
    seen: set[str] = set()
    ahead = [resource.urn]
    while ahead:
        each = by_urn[ahead.pop()]
        for urn in [*each.dependencies, *([each.provider] if each.provider else [])]:
            if urn in by_urn and urn not in seen:
                seen.add(urn)
                ahead.append(urn)
    return seen


def of_kind(evaluation: Evaluation, *kinds: str) -> list[Resource]:
    return [each for each in evaluation.resources if each.custom and each.type.rpartition(":")[2] in kinds]


def in_namespace_of(namespace: Resource, resources: Iterable[Resource]) -> list[Resource]:
    name = metadata(namespace)["name"]
    return [each for each in resources if metadata(each).get("namespace") == name]


def metadata(resource: Resource) -> dict[str, Any]:
    found = resource.inputs.get("metadata", {})
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("stack", STACKS)
def test_a_namespace_comes_before_everything_in_it_and_so_goes_last(evaluated, stack):
    evaluation = evaluated(stack)
    for namespace in of_kind(evaluation, "Namespace"):
        inside = in_namespace_of(namespace, evaluation.resources)
        assert len(inside) >= 4
        for each in inside:
            assert namespace.urn in before(evaluation, each), each.urn


@pytest.mark.parametrize("stack", STACKS)
def test_nodes_nat_firewall_cluster_and_network_outlive_every_namespace(evaluated, stack):
    evaluation = evaluated(stack)
    for namespace in of_kind(evaluation, "Namespace"):
        first = before(evaluation, namespace)
        for each in of_kind(evaluation, "Network", "Subnetwork", "Cluster", "NodePool", "RouterNat", "Firewall"):
            assert each.urn in first, each.urn


def test_an_autopilot_cluster_outlives_the_namespace_too(evaluated):
    evaluation = evaluated("container-native", {"cluster": "autopilot"})
    (namespace,) = of_kind(evaluation, "Namespace")
    (cluster,) = of_kind(evaluation, "Cluster")
    assert cluster.urn in namespace.dependencies
    assert of_kind(evaluation, "NodePool") == []


@pytest.mark.parametrize("stack", STACKS)
def test_pods_come_after_the_load_balancer_that_puts_the_gate_into_them(evaluated, stack):
    evaluation = evaluated(stack)
    for namespace in of_kind(evaluation, "Namespace"):
        inside = in_namespace_of(namespace, evaluation.resources)
        (deployment,) = [each for each in inside if each.type.endswith(":Deployment")]
        first = before(evaluation, deployment)
        for kind in ("Ingress", "Service", "BackendConfig", "ConfigMap"):
            for each in inside:
                if each.type.endswith(f":{kind}"):
                    assert each.urn in first, each.urn


def test_an_ingress_comes_after_what_it_and_its_service_refer_to(evaluated, find):
    evaluation = evaluated("container-native", {"hosts": '["www.example.com"]'})
    (ingress,) = of_kind(evaluation, "Ingress")
    first = before(evaluation, ingress)
    for kind in ("Service", "BackendConfig", "GlobalAddress", "ManagedCertificate", "FrontendConfig"):
        (each,) = of_kind(evaluation, kind)
        assert each.urn in first, each.urn


@pytest.mark.parametrize("stack", STACKS)
def test_the_nodes_account_has_its_role_before_there_are_nodes(evaluated, stack):
    evaluation = evaluated(stack)
    (role,) = of_kind(evaluation, "IAMMember")
    for each in of_kind(evaluation, "Cluster", "NodePool"):
        assert role.urn in before(evaluation, each)


@pytest.mark.parametrize("stack", STACKS)
def test_slow_deletions_get_the_time_they_need(evaluated, stack):
    evaluation = evaluated(stack)
    timeouts = {
        each.type.rpartition(":")[2]: dict(each.options.custom_timeouts)
        for each in of_kind(evaluation, "Namespace", "Ingress", "Cluster", "NodePool")
    }
    assert timeouts["Namespace"]["delete"] in ("60m", "1h0m0s", "3600s")
    assert timeouts["Ingress"]["create"] == "20m"
    assert timeouts["Ingress"]["delete"] == "30m"
    assert timeouts["NodePool"]["delete"] == "90m"


def test_a_rollout_may_take_as_long_as_its_batches_and_one_deadline(evaluated, find):
    timeouts = {}
    for replicas in ("2", "6"):
        evaluation = evaluated("container-native", {"replicas": replicas})
        timeouts[replicas] = find(evaluation, "kubernetes:apps/v1:Deployment::web").options.custom_timeouts
    # 2 s start-up, 5 s probe, 17 s until healthy at the load balancer: 24 s a pod, one at a time. Two pods wait a
    # minute each, or one of the two zones could get empty.
    assert timeouts["2"] == {"create": "767s", "update": "767s", "delete": "395s"}
    assert timeouts["6"] == {"create": "743s", "update": "743s", "delete": "395s"}


def test_the_legacy_rollout_may_take_kubernetes_own_default_times(evaluated, find):
    deployment = find(evaluated("legacy-nodeport"), "kubernetes:apps/v1:Deployment::web")
    assert deployment.options.custom_timeouts == {"create": "900s", "update": "900s", "delete": "330s"}


@pytest.mark.parametrize("stack", STACKS)
def test_nothing_that_would_leak_a_load_balancer_is_set(evaluated, stack):
    for each in evaluated(stack).resources:
        assert each.options.deleted_with is None
        assert each.options.retain_on_delete is False
        annotations = metadata(each).get("annotations", {})
        assert "pulumi.com/skipAwait" not in annotations or each.type.endswith(":Service")
