"""What a `RollingDeployment` declares around its pods, seen through mocks."""

import json
from typing import Any

import kubernetes_validate
import pulumi
import pytest
from pulumi.runtime.rpc import unwrap_rpc_secret

from gke_nodrop.inputs.declared import example_of
from gke_nodrop.provider.host import Host
from gke_nodrop.workload.autoscaling import PodAutoscalingArgs
from gke_nodrop.workload.rolling_deployment import RollingDeployment
from tests.gke_nodrop.inputs.passing import PASSING
from tests.gke_nodrop.workload.declared_pods import MINIMAL, PROXY, pod, spec, web

AUTOSCALED: Any = {"min_replicas": 3, "max_replicas": 12}
IDENTITY: Any = {"service_account": "web-pods@the-project.iam.gserviceaccount.com"}
GATE = "cloud.google.com/load-balancer-neg-ready"


def options_of(deploy: Any, **more: Any) -> dict[str, pulumi.ResourceOptions]:
    """The options of each child by kind."""
    seen: dict[str, pulumi.ResourceOptions] = {}

    def look(args: pulumi.ResourceTransformationArgs) -> None:
        seen[args.type_.rpartition(":")[2]] = args.opts

    given: Any = {**MINIMAL, **more}
    deploy(lambda: RollingDeployment("web", given, pulumi.ResourceOptions(transformations=[look])) and None)
    return seen


def as_manifest(value: Any) -> Any:
    """Inputs with whole numbers as such, where the wire has floats only, and secrets in clear."""
    if isinstance(value, dict):
        value = unwrap_rpc_secret(value)
        return {key: as_manifest(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_manifest(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def test_an_image_and_a_namespace_are_enough(deploy):
    deployed = deploy(web())
    assert deployed.kinds() == ["RollingDeployment", "Deployment", "PodDisruptionBudget"]
    for kind in ("Deployment", "PodDisruptionBudget"):
        assert deployed.inputs(kind)["metadata"]["name"] == "web"
        assert deployed.inputs(kind)["metadata"]["namespace"] == "shop"
    assert spec(deployed)["replicas"] == 2
    assert pod(deployed)["readinessGates"] == [{"conditionType": GATE}]


@pytest.mark.parametrize("version", ["1.30", "1.34"])
@pytest.mark.parametrize(
    "more",
    [
        {},
        PASSING["RollingDeployment"],
        {"autoscaling": example_of(PodAutoscalingArgs) | {"external_metrics": [{"name": "m", "value": "9"}]}},
        {
            "run_as_user": 1000,
            "volumes": [{"name": "a", "config_map": "x"}, {"name": "b", "secret": "y"}, {"name": "c", "claim": "z"}],
        },
    ],
)
def test_kubernetes_takes_every_object(deploy, more, version):
    objects = [args.inputs for args in deploy(web(**more)).registered if args.typ.startswith("kubernetes:")]
    assert len(objects) >= 2
    for each in objects:
        kubernetes_validate.validate(as_manifest(each), version, strict=True)


def test_it_can_be_used_from_every_language():
    schema = json.loads(Host([RollingDeployment]).schema or "")
    described = {**schema["resources"], **schema["types"]}
    inputs = [
        it
        for owner in described.values()
        for key in ("inputProperties", "properties")
        for it in owner.get(key, {}).values()
    ]
    assert len(inputs) > 80
    assert all(it.get("description") for it in inputs)


def test_one_pod_at_a_time_may_be_evicted_and_an_unhealthy_one_always(deploy):
    budget = deploy(web()).inputs("PodDisruptionBudget")["spec"]
    assert budget == {
        "maxUnavailable": 1,
        "selector": {"matchLabels": {"app.kubernetes.io/name": "web"}},
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    }


def test_an_autoscaled_deployment_starts_with_the_fewest_and_pulumi_leaves_the_number_alone(deploy):
    assert spec(deploy(web(autoscaling=AUTOSCALED)))["replicas"] == 3
    assert options_of(deploy, autoscaling=AUTOSCALED)["Deployment"].ignore_changes == ["spec.replicas"]
    assert not options_of(deploy)["Deployment"].ignore_changes


def test_the_autoscaler_looks_at_the_serving_containers_cpu_unless_told_otherwise(deploy):
    scaled = deploy(web(autoscaling=AUTOSCALED, sidecars=[PROXY])).inputs("HorizontalPodAutoscaler")["spec"]
    assert scaled["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    assert (scaled["minReplicas"], scaled["maxReplicas"]) == (3, 12)
    (metric,) = scaled["metrics"]
    assert metric == {
        "type": "ContainerResource",
        "containerResource": {
            "name": "cpu",
            "container": "web",
            "target": {"type": "Utilization", "averageUtilization": 60},
        },
    }
    windows = {way: rules["stabilizationWindowSeconds"] for way, rules in scaled["behavior"].items()}
    assert windows == {"scaleUp": 0, "scaleDown": 300}


def test_memory_and_metrics_from_outside_scale_too(deploy):
    queue = {"name": "pubsub|messages", "labels": {"resource.labels.subscription_id": "orders"}, "average_value": "30"}
    more: Any = {
        **AUTOSCALED,
        "memory_percent": 80,
        "external_metrics": [queue, {"name": "depth", "value": "500"}],
        "scale_down_stabilization_seconds": 900,
    }
    scaled = deploy(web(autoscaling=more)).inputs("HorizontalPodAutoscaler")["spec"]
    memory, first, second = scaled["metrics"]
    assert (memory["containerResource"]["name"], memory["containerResource"]["target"]["averageUtilization"]) == (
        "memory",
        80,
    )
    assert first["external"] == {
        "metric": {"name": "pubsub|messages", "selector": {"matchLabels": queue["labels"]}},
        "target": {"type": "AverageValue", "averageValue": "30"},
    }
    assert second["external"] == {"metric": {"name": "depth"}, "target": {"type": "Value", "value": "500"}}
    assert scaled["behavior"]["scaleDown"]["stabilizationWindowSeconds"] == 900


def test_a_rollout_is_timed_for_the_most_pods_that_there_may_be(deploy):
    rollout = {"keep_alive_timeout_seconds": 620, "startup_seconds": 10, "rolled_out_within_seconds": 200}
    few, many = ({"min_replicas": 3, "max_replicas": most} for most in (3, 30))
    surges = [
        spec(deploy(web(rollout=rollout, autoscaling=autoscaling)))["strategy"]["rollingUpdate"]["maxSurge"]
        for autoscaling in (few, many)
    ]
    assert surges == [1, 5]

    def waits(**more: Any) -> int:
        timeouts: Any = options_of(deploy, **more)["Deployment"].custom_timeouts
        return int(timeouts.update.removesuffix("s"))

    assert waits(autoscaling=many) == waits(replicas=30) > waits(replicas=3)


def test_a_warning_about_the_number_of_pods_names_the_input_that_decides_it(deploy, monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda message, resource: said.append(message))
    deploy(web(autoscaling={"min_replicas": 1, "max_replicas": 5}))
    (message,) = said
    assert message.startswith("autoscaling.min_replicas = 1")
    assert "survives-a-lost-pod" in message


def test_the_pods_act_as_a_google_service_account_through_one_of_their_own(deploy):
    deployed = deploy(web(workload_identity=IDENTITY))
    account, role = deployed.inputs("ServiceAccount"), deployed.inputs("IAMMember")
    assert account["metadata"] == {
        "name": "web",
        "namespace": "shop",
        "annotations": {"iam.gke.io/gcp-service-account": IDENTITY["service_account"]},
    }
    assert account["automountServiceAccountToken"] is False
    assert pod(deployed)["serviceAccountName"] == "web"
    assert role == {
        "serviceAccountId": f"projects/the-project/serviceAccounts/{IDENTITY['service_account']}",
        "role": "roles/iam.workloadIdentityUser",
        "member": "serviceAccount:the-project.svc.id.goog[shop/web]",
    }


@pytest.mark.parametrize(
    ("email", "more", "project", "pool"),
    [
        ("a-name@the-project.iam.gserviceaccount.com", {"cluster_project": "clusters-1"}, "the-project", "clusters-1"),
        ("a-name@shop-1.example.com.iam.gserviceaccount.com", {}, "example.com:shop-1", "example.com:shop-1"),
        ("the-project@appspot.gserviceaccount.com", {}, "the-project", "the-project"),
        ("1-compute@developer.gserviceaccount.com", {"cluster_project": "clusters-1"}, "-", "clusters-1"),
    ],
)
def test_account_and_cluster_may_lie_in_different_projects_and_in_those_of_a_domain(deploy, email, more, project, pool):
    given = {"service_account": pulumi.Output.from_input(email), **more}
    role = deploy(web(workload_identity=given)).inputs("IAMMember")
    assert role["serviceAccountId"] == f"projects/{project}/serviceAccounts/{email}"
    assert role["member"] == f"serviceAccount:{pool}.svc.id.goog[shop/web]"


def test_an_account_that_names_its_projects_number_alone_needs_that_of_the_cluster(deploy):
    given = {"service_account": pulumi.Output.from_input("1-compute@developer.gserviceaccount.com")}
    with pytest.raises(Exception, match="cluster_project = absent: is needed"):
        deploy(web(workload_identity=given))


def test_pods_start_only_when_they_may_act_and_their_files_are_there(deploy):
    more: Any = {"workload_identity": IDENTITY, "network_policy": {}, "files": {"/a": "b"}, "secret_env": {"A": "b"}}
    waits_for = options_of(deploy, **more)["Deployment"].depends_on
    assert isinstance(waits_for, list)
    kinds = {type(each).__name__ for each in waits_for}
    assert kinds == {"ConfigMap", "Secret", "ServiceAccount", "IAMMember", "NetworkPolicy"}


def test_what_the_component_depends_on_comes_before_its_pods(deploy):
    more: Any = {"files": {"/a": "b"}, "autoscaling": AUTOSCALED}
    seen: dict[str, Any] = {}

    def look(args: pulumi.ResourceTransformationArgs) -> None:
        seen[args.type_.rpartition(":")[2]] = args.opts.depends_on

    def program() -> None:
        balancer = pulumi.ComponentResource("test:index:Balancer", "balancer")
        opts = pulumi.ResourceOptions(depends_on=[balancer], transformations=[look])
        args: Any = {**MINIMAL, **more}
        RollingDeployment("web", args, opts)

    deploy(program)
    children = ("ConfigMap", "Deployment", "PodDisruptionBudget", "HorizontalPodAutoscaler")
    assert all("Balancer" in {each._type.rpartition(":")[2] for each in seen[kind]} for kind in children)


def test_only_the_load_balancer_may_connect_unless_others_are_stated(deploy):
    policy = deploy(web(network_policy={})).inputs("NetworkPolicy")["spec"]
    assert policy["podSelector"] == {"matchLabels": {"app.kubernetes.io/name": "web"}}
    assert policy["policyTypes"] == ["Ingress"]
    (admitted,) = policy["ingress"]
    assert admitted["from"] == [{"ipBlock": {"cidr": "130.211.0.0/22"}}, {"ipBlock": {"cidr": "35.191.0.0/16"}}]


def test_the_proxies_of_an_internal_or_regional_balancer_and_stated_peers_may_connect_too(deploy):
    more: Any = {
        "proxy_only_range": pulumi.Output.from_input("10.40.0.0/23"),
        "ranges": ["10.50.0.0/24"],
        "pods": [{"namespace": "monitoring", "labels": {"app": "collector"}}, {"labels": {"app": "shop"}}, {}],
    }
    policy = deploy(web(network_policy=more)).inputs("NetworkPolicy")["spec"]
    assert policy["ingress"][0]["from"][2:] == [
        {"ipBlock": {"cidr": "10.40.0.0/23"}},
        {"ipBlock": {"cidr": "10.50.0.0/24"}},
        {
            "podSelector": {"matchLabels": {"app": "collector"}},
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}},
        },
        {"podSelector": {"matchLabels": {"app": "shop"}}},
        {"podSelector": {}},
    ]


def test_ports_are_open_by_number_and_those_of_the_balancer_by_name_so_that_a_changed_one_cuts_no_pod_off(deploy):
    def ports(**more: Any) -> list[int | str]:
        policy = deploy(web(network_policy={}, sidecars=[PROXY], **more)).inputs("NetworkPolicy")["spec"]
        assert all(port["protocol"] == "TCP" for port in policy["ingress"][0]["ports"])
        return [port["port"] for port in policy["ingress"][0]["ports"]]

    assert ports() == [8080, 5432, "http"]
    assert ports(port=9090, health_check={"port": 8081}) == [9090, 8081, 5432, "http", "health"]


def test_every_underlying_resource_can_be_reached(deploy):
    reached: dict[str, Any] = {}

    def program() -> None:
        given: Any = {**PASSING["RollingDeployment"], "autoscaling": AUTOSCALED}
        del given["replicas"]
        full = RollingDeployment("web", given)
        bare = RollingDeployment("bare", MINIMAL)
        names = ("config_map", "secret", "service_account", "iam_member", "network_policy", "autoscaler")
        reached["full"] = {name: type(getattr(full, name)).__name__ for name in (*names, "deployment")}
        reached["bare"] = {getattr(bare, name) for name in names}

    deploy(program)
    assert reached["full"] == {
        "config_map": "ConfigMap",
        "secret": "Secret",
        "service_account": "ServiceAccount",
        "iam_member": "IAMMember",
        "network_policy": "NetworkPolicy",
        "autoscaler": "HorizontalPodAutoscaler",
        "deployment": "Deployment",
    }
    assert reached["bare"] == {None}
