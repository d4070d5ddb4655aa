"""Wrong inputs of a `RollingDeployment`: one error with every fault, and nothing registered."""

from typing import Any

import pulumi
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gke_nodrop import InputError
from gke_nodrop.inputs.declared import example_of
from gke_nodrop.workload.autoscaling import PodAutoscalingArgs
from gke_nodrop.workload.rolling_deployment import RollingDeployment
from tests.gke_nodrop.inputs.passing import PASSING
from tests.gke_nodrop.refusals import faults_of, outcome

BASE: Any = {"image": "example/shop:1", "namespace": "shop", "rollout": {"keep_alive_timeout_seconds": 620}}
PROXY: Any = {"name": "proxy", "image": "example/proxy:1"}
SCALED: Any = {"max_replicas": 9}
EMAIL = "web-pods@the-project.iam.gserviceaccount.com"
CACHE: Any = {"name": "cache", "empty_dir": {"size": "1Gi"}}


def faults_beside(name: str = "web", **more: Any) -> dict[str, Any]:
    """The faults of pods with further inputs, by input."""
    return faults_of(RollingDeployment, {**BASE, **more}, name)


def test_the_example_that_faults_quote_passes_itself_and_with_an_autoscaler():
    example: Any = PASSING["RollingDeployment"]
    assert outcome(RollingDeployment, example) == example
    scaled = {key: value for key, value in example.items() if key != "replicas"}
    scaled["autoscaling"] = {**example_of(PodAutoscalingArgs), "external_metrics": [{"name": "queue", "value": "30"}]}
    assert outcome(RollingDeployment, scaled) == scaled


def test_a_refused_component_registers_nothing_and_says_all_that_is_wrong(deploy):
    args: Any = {
        "namespace": "Shop",
        "protocol": "GRPC",
        "replicas": 4,
        "autoscaling": {"min_replicas": 9, "max_replicas": 3},
        "sidecars": [{"name": "web", "image": "x", "port": 8080}],
        "volumes": [{"name": "cache"}],
        "mounts": [{"volume": "cash", "path": "/cache"}],
        "workload_identity": {"service_account": "someone@example.com"},
        "network_policy": {"proxy_only_range": "10.0.0.1/8"},
    }
    raised: list[InputError] = []

    def program() -> None:
        with pytest.raises(InputError) as error:
            RollingDeployment("web", args)
        raised.append(error.value)

    assert deploy(program).registered == []
    assert {fault.input: (fault.value, fault.would_pass) for fault in raised[0].faults} == {
        "image": ("absent", '"python:3.13-slim"'),
        "namespace": ('"Shop"', '"web"'),
        "health_check.port": ("absent", "8081"),
        "replicas": ("4", "none, with autoscaling.min_replicas = 4"),
        "autoscaling.max_replicas": ("3", "9"),
        "sidecars[0].name": ('"web"', '"web-2"'),
        "sidecars[0].port": ("8080", "8081"),
        "volumes[0]": ("absent", '{"name": "cache", "empty_dir": {"size": "1Gi"}}'),
        "mounts[0].volume": ('"cash"', '"cache"'),
        "workload_identity.service_account": (
            '"someone@example.com"',
            '"web-pods@the-project.iam.gserviceaccount.com"',
        ),
        "network_policy.proxy_only_range": ('"10.0.0.1/8"', '"10.40.0.0/23"'),
    }
    assert all(fault.rule and fault.source for fault in raised[0].faults)


TABLE: list[tuple[Any, str]] = [
    ({"namespace": "-shop"}, "namespace"),
    ({"image": ""}, "image"),
    ({"port": 0}, "port"),
    ({"port": 65536}, "port"),
    ({"replicas": 0}, "replicas"),
    ({"command": []}, "command"),
    ({"env": {"1ST": "x"}}, 'env["1ST"]'),
    ({"env": {"POD_NAME": "x"}}, 'env["POD_NAME"]'),
    ({"secret_env": {"A B": "x"}}, 'secret_env["…"]'),
    ({"files": {"app": "x"}}, 'files["app"]'),
    ({"resources": {"cpu": "0"}}, "resources.cpu"),
    ({"resources": {"memory": "much"}}, "resources.memory"),
    ({"run_as_user": 0}, "run_as_user"),
    ({"protocol": "TCP"}, "protocol"),
    ({"protocol": "GRPC"}, "health_check.port"),
    ({"read_only_root_filesystem": "yes"}, "read_only_root_filesystem"),
    # mounts and volumes
    ({"mounts": [{"volume": "cache", "path": "/cache"}]}, "mounts[0].volume"),
    ({"mounts": [{"volume": "Cache", "path": "/cache"}]}, "mounts[0].volume"),
    ({"volumes": [CACHE], "mounts": [{"volume": "cache", "path": "cache"}]}, "mounts[0].path"),
    ({"volumes": [CACHE], "mounts": [{"volume": "cache", "path": "/a", "read_only": 1}]}, "mounts[0].read_only"),
    ({"volumes": [CACHE], "mounts": [{"volume": "cache", "path": "/a"}] * 2}, "mounts[1].path"),
    ({"volumes": [CACHE], "mounts": [{"volume": "cache", "path": "/a"}], "files": {"/a": "b"}}, "mounts[0].path"),
    ({"mounts": [{"path": "/cache"}]}, "mounts[0].volume"),
    ({"volumes": [CACHE, CACHE]}, "volumes[1].name"),
    ({"volumes": [{**CACHE, "name": "files"}]}, "volumes[0].name"),
    ({"volumes": [{**CACHE, "name": "secret-files"}]}, "volumes[0].name"),
    ({"secret_files": {"app": "x"}}, 'secret_files["…"]'),
    ({"files": {"/a": "x"}, "secret_files": {"/a": "x"}}, 'secret_files["/a"]'),
    ({"secret_files": {"/a/b": "x", "/a_b": "y"}}, 'secret_files["/a_b"]'),
    ({"secret_files": {"/a": "x" * 2**20, "/b": "x"}}, "secret_files"),
    ({"volumes": [{**CACHE, "name": "a_b"}]}, "volumes[0].name"),
    ({"volumes": [{**CACHE, "claim": "x"}]}, "volumes[0]"),
    ({"volumes": [{"name": "cache"}]}, "volumes[0]"),
    ({"volumes": [{"name": "cache", "empty_dir": {}}]}, "volumes[0].empty_dir.size"),
    ({"volumes": [{"name": "cache", "empty_dir": {"size": "0"}}]}, "volumes[0].empty_dir.size"),
    ({"volumes": [{"name": "a", "config_map": "A"}]}, "volumes[0].config_map"),
    ({"volumes": [{"name": "a", "secret": ""}]}, "volumes[0].secret"),
    ({"volumes": [{"name": "a", "claim": "a/b"}]}, "volumes[0].claim"),
    # further containers
    ({"sidecars": [{"image": "x"}]}, "sidecars[0].name"),
    ({"sidecars": [{"name": "proxy"}]}, "sidecars[0].image"),
    ({"sidecars": [{**PROXY, "name": "Proxy"}]}, "sidecars[0].name"),
    ({"sidecars": [{**PROXY, "image": " "}]}, "sidecars[0].image"),
    ({"sidecars": [{**PROXY, "name": "web"}]}, "sidecars[0].name"),
    ({"sidecars": [PROXY, PROXY]}, "sidecars[1].name"),
    ({"sidecars": [PROXY], "containers": [PROXY]}, "containers[0].name"),
    ({"containers": [PROXY], "init_containers": [PROXY]}, "containers[0].name"),
    ({"sidecars": [{**PROXY, "port": 8080}]}, "sidecars[0].port"),
    ({"containers": [{**PROXY, "port": 0}]}, "containers[0].port"),
    ({"health_check": {"port": 9000}, "containers": [{**PROXY, "port": 9000}]}, "containers[0].port"),
    ({"init_containers": [{**PROXY, "port": 9000}]}, "init_containers[0].port"),
    ({"containers": [{**PROXY, "startup_check": {}}]}, "containers[0].startup_check"),
    ({"sidecars": [{**PROXY, "startup_check": {"port": 9000}}]}, "sidecars[0].startup_check.path"),
    ({"sidecars": [{**PROXY, "startup_check": {"path": "x", "port": 90}}]}, "sidecars[0].startup_check.path"),
    ({"sidecars": [{**PROXY, "startup_check": {"path": "/", "port": -1}}]}, "sidecars[0].startup_check.port"),
    ({"sidecars": [{**PROXY, "run_as_user": 0}]}, "sidecars[0].run_as_user"),
    ({"sidecars": [{**PROXY, "resources": {"cpu": "no"}}]}, "sidecars[0].resources.cpu"),
    ({"init_containers": [{**PROXY, "command": []}]}, "init_containers[0].command"),
    ({"init_containers": [{**PROXY, "files": {"x": ""}}]}, 'init_containers[0].files["x"]'),
    ({"containers": [{**PROXY, "env": {"A": "1"}, "secret_env": {"A": "2"}}]}, 'containers[0].env["A"]'),
    ({"containers": [{**PROXY, "mounts": [{"volume": "x", "path": "/x"}]}]}, "containers[0].mounts[0].volume"),
    (
        {"files": {"/proxy.a": "1"}, "sidecars": [{**PROXY, "files": {"/a": "2"}}]},
        'sidecars[0].files["/a"]',
    ),
    ({"sidecars": [{**PROXY, "files": {"/a": "x" * 2**20, "/b": "x"}}]}, "files"),
    # health check
    ({"health_check": {"port": 8080}}, "health_check.port"),
    ({"health_check": {"port": 70000}}, "health_check.port"),
    ({"health_check": {"path": "ready"}}, "health_check.path"),
    # autoscaling
    ({"autoscaling": {}}, "autoscaling.max_replicas"),
    ({"autoscaling": {"max_replicas": 1}}, "autoscaling.max_replicas"),
    ({"autoscaling": {"max_replicas": 0}}, "autoscaling.max_replicas"),
    ({"autoscaling": {**SCALED, "min_replicas": 0}}, "autoscaling.min_replicas"),
    ({"autoscaling": {**SCALED, "min_replicas": 10}}, "autoscaling.max_replicas"),
    ({"autoscaling": SCALED, "replicas": 3}, "replicas"),
    ({"autoscaling": {**SCALED, "cpu_percent": 0}}, "autoscaling.cpu_percent"),
    ({"autoscaling": {**SCALED, "memory_percent": 100}}, "autoscaling.memory_percent"),
    ({"autoscaling": {**SCALED, "external_metrics": [{"name": "m"}]}}, "autoscaling.external_metrics[0]"),
    (
        {"autoscaling": {**SCALED, "external_metrics": [{"name": "m", "value": "1", "average_value": "1"}]}},
        "autoscaling.external_metrics[0]",
    ),
    (
        {"autoscaling": {**SCALED, "external_metrics": [{"name": "", "value": "1"}]}},
        "autoscaling.external_metrics[0].name",
    ),
    (
        {"autoscaling": {**SCALED, "external_metrics": [{"name": "m", "average_value": "0"}]}},
        "autoscaling.external_metrics[0].average_value",
    ),
    (
        {"autoscaling": {**SCALED, "scale_down_stabilization_seconds": 3601}},
        "autoscaling.scale_down_stabilization_seconds",
    ),
    ({"autoscaling": {**SCALED, "scale_up_stabilization_seconds": -1}}, "autoscaling.scale_up_stabilization_seconds"),
    # identity
    ({"workload_identity": {}}, "workload_identity.service_account"),
    ({"workload_identity": {"service_account": "web-pods"}}, "workload_identity.service_account"),
    (
        {"workload_identity": {"service_account": "1-compute@developer.gserviceaccount.com"}},
        "workload_identity.cluster_project",
    ),
    ({"workload_identity": {"service_account": EMAIL, "cluster_project": "X"}}, "workload_identity.cluster_project"),
    # network policy
    ({"network_policy": {"proxy_only_range": "10.0.0.0"}}, "network_policy.proxy_only_range"),
    ({"network_policy": {"ranges": ["10.0.0.0/24", "all"]}}, "network_policy.ranges[1]"),
    ({"network_policy": {"pods": [{"namespace": "A"}]}}, "network_policy.pods[0].namespace"),
    ({"network_policy": {"pods": [{"labels": {"a b": "c"}}]}}, 'network_policy.pods[0].labels["a b"]'),
    ({"network_policy": {"pods": [{"labels": {"a": "b c"}}]}}, 'network_policy.pods[0].labels["a"]'),
    # timings
    ({"rollout": {"pre_stop_seconds": 20, "keep_alive_timeout_seconds": 620}}, "rollout.pre_stop_seconds"),
    ({"accept": {"pre-stop-outlasts-deprogramming": "x" * 1001}}, 'accept["pre-stop-outlasts-deprogramming"]'),
]


@pytest.mark.parametrize(("more", "wrong"), TABLE, ids=[f"{at}-{wrong}" for at, (_, wrong) in enumerate(TABLE)])
def test_what_cannot_work_is_refused_by_the_name_of_the_input(more, wrong):
    found = faults_beside(**more)
    if found.keys() != {wrong} and wrong.endswith("startup_check"):
        found = {key: fault for key, fault in found.items() if key == wrong}
    assert list(found) == [wrong]
    fault = found[wrong]
    assert fault.rule
    assert fault.source
    assert fault.would_pass not in ("", "null")


def test_a_name_that_objects_cannot_have_is_refused():
    assert list(faults_beside(name="Web_1")) == ["name"]


def test_who_gives_replicas_to_an_autoscaler_is_told_where_to_put_them():
    fault = faults_beside(autoscaling={"max_replicas": 9}, replicas=5)["replicas"]
    assert fault.would_pass == "none, with autoscaling.min_replicas = 5"
    assert "decides the number of pods" in fault.rule


def test_no_wish_that_only_fewer_pods_than_the_most_could_meet_is_taken():
    rollout = {"keep_alive_timeout_seconds": 620, "rolled_out_within_seconds": 60}
    assert list(faults_beside(rollout=rollout, autoscaling={"max_replicas": 30})) == [
        "rollout.rolled_out_within_seconds"
    ]


@pytest.mark.parametrize("group", ["sidecars", "containers", "init_containers"])
def test_a_secret_of_the_wrong_type_is_not_shown_whoever_needs_it(group):
    wrong: Any = {group: [{**PROXY, "secret_env": {"PIN": 4711}}]}
    found = faults_beside(**wrong)
    assert found[f'{group}[0].secret_env["PIN"]'].value == "[secret]"


@pytest.mark.usefixtures("deploy")  # for its event loop
def test_an_output_is_taken_where_the_type_says_so_and_nowhere_else():
    late = pulumi.Output.from_input("x")
    taken = {
        "namespace": late,
        "sidecars": [{**PROXY, "image": late, "env": {"A": late}}],
        "volumes": [{"name": "a", "config_map": late}],
        "workload_identity": {"service_account": late, "cluster_project": late},
        "network_policy": {"proxy_only_range": late, "ranges": [late]},
    }
    assert not isinstance(outcome(RollingDeployment, {**BASE, **taken}), InputError)
    assert list(faults_beside(sidecars=[{**PROXY, "name": late}])) == ["sidecars[0].name"]
    assert list(faults_beside(autoscaling={"max_replicas": late})) == ["autoscaling.max_replicas"]


PODS = st.fixed_dictionaries(
    {},
    optional={
        "port": st.integers(8080, 8083),
        "health_check": st.fixed_dictionaries({}, optional={"port": st.integers(8080, 8083)}),
        "protocol": st.sampled_from(["HTTP", "HTTPS", "HTTP2", "GRPC"]),
        "run_as_user": st.just(1000),
        "replicas": st.integers(1, 5),
        "autoscaling": st.fixed_dictionaries(
            {"max_replicas": st.integers(1, 9)}, optional={"min_replicas": st.integers(1, 4)}
        ),
        "volumes": st.lists(st.sampled_from([CACHE, {"name": "a", "claim": "b"}]), max_size=2),
        "mounts": st.lists(st.sampled_from([{"volume": "cache", "path": "/a"}, {"volume": "a", "path": "/b"}])),
        "network_policy": st.just({}),
        "workload_identity": st.just({"service_account": EMAIL}),
        **{
            group: st.lists(
                st.sampled_from([PROXY, {**PROXY, "name": f"my-{group[0]}", "secret_env": {"A": "b"}}]), max_size=2
            )
            for group in ("sidecars", "containers")
        },
    },
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(args=PODS)
def test_what_passes_the_check_can_be_made(deploy, args):
    passes = not isinstance(outcome(RollingDeployment, {**BASE, **args}), InputError)
    made: list[RollingDeployment] = []

    def program() -> None:
        try:
            made.append(RollingDeployment("web", {**BASE, **args}))
        except InputError:
            return

    kinds = deploy(program).kinds()
    assert len(made) == int(passes)
    assert kinds.count("Deployment") == int(passes)
    assert kinds.count("HorizontalPodAutoscaler") == int(passes and "autoscaling" in args)
