"""Edits of what runs in the pods and of what is around them."""

from collections.abc import Iterator
from typing import Any

from tests.preview.component_edits.table import (
    CHECK_PATH,
    CHECK_PORT,
    FILES,
    GLOBAL,
    INTERNAL,
    PEERS,
    PROTOCOL,
    RESTRICTED,
    SECRET,
    SHORTER,
    Args,
    Edit,
    web,
)


def workload() -> Iterator[Edit]:
    """What is in the pods only: a rollout brings it."""
    yield web("image", "web:1", "web:2")
    yield web("port", 8080, 9090)
    yield web("port", 8080, 9090, {"network_policy": {}})
    yield web("replicas", 2, 6)
    yield web("replicas", 6, 2)
    yield web("command[]", None, ["/serve"])
    yield web("args[]", ["--a"], ["--b"])
    yield web("env", {"A": "1"}, {"A": "2"})
    yield web("env", {"A": "1"}, {"B": "1"})
    yield web("secret_env", {"A": "hunter2"}, {"A": "hunter3"})
    yield web("secret_env", {"A": "hunter2"}, {"B": "hunter2"})
    yield web("secret_env", {"A": "hunter2"}, None, goes=SECRET)
    yield web("files", {"/a": "1"}, {"/a": "2"}, goes=FILES)
    yield web("files", {"/a": "1"}, {"/b": "1"}, goes=FILES)
    yield web("secret_files", {"/a": "hunter2"}, {"/a": "hunter3"})
    yield web("secret_files", {"/a": "hunter2"}, None, goes=SECRET)
    yield web("resources.cpu", None, "500m")
    yield web("resources.memory", None, "512Mi")
    yield web("run_as_user", None, 65532, told=RESTRICTED)
    yield web("read_only_root_filesystem", False, True)
    cache = {"volumes": [{"name": "cache", "empty_dir": {"size": "1Gi"}}]}
    yield web(
        "mounts[].volume",
        "cache",
        "more",
        {"volumes": [{"name": each, "claim": each} for each in ("cache", "more")], "mounts": [{"path": "/c"}]},
    )
    yield web("mounts[].path", "/a", "/b", {**cache, "mounts": [{"volume": "cache"}]})
    yield web("mounts[].read_only", False, True, {**cache, "mounts": [{"volume": "cache", "path": "/c"}]})
    yield web("volumes[].name", "cache", "more", {"volumes": [{"claim": "one"}]})
    yield web("volumes[].empty_dir.size", "1Gi", "2Gi", cache)
    for kind in ("config_map", "secret", "claim"):
        yield web(f"volumes[].{kind}", "one", "two", {"volumes": [{"name": "cache"}]})
    for group in ("containers", "init_containers", "sidecars"):
        yield from _containers(group, {"volumes": [{"name": each, "claim": each} for each in ("cache", "more")]})
    started = {"sidecars": [{"name": "proxy", "image": "proxy:1", "startup_check": {"path": "/", "port": 9801}}]}
    yield web("sidecars[].startup_check.path", "/", "/started", started)
    yield web("sidecars[].startup_check.port", 9801, 9802, started)


def _containers(group: str, volumes: Args) -> Iterator[Edit]:
    def of(key: str, old: Any, new: Any, more: Args | None = None, **outcome: Any) -> Edit:
        given = {**volumes, group: [{"name": "more", "image": "more:1", **(more or {})}]}
        return web(f"{group}[].{key}", old, new, given, **outcome)

    yield of("name", "more", "other")
    yield of("image", "more:1", "more:2")
    yield of("command[]", None, ["/serve"])
    yield of("args[]", None, ["--a"])
    yield of("env", None, {"A": "1"})
    yield of("secret_env", {"A": "hunter2"}, {"B": "hunter2"})
    yield of("files", {"/a": "1"}, {"/a": "2"}, goes=FILES)
    yield of("secret_files", {"/a": "hunter2"}, {"/b": "hunter2"})
    yield of("resources.cpu", None, "500m")
    yield of("resources.memory", None, "512Mi")
    yield of("mounts[].volume", "cache", "more", {"mounts": [{"path": "/c"}]})
    yield of("mounts[].path", "/a", "/b", {"mounts": [{"volume": "cache"}]})
    yield of("mounts[].read_only", False, True, {"mounts": [{"volume": "cache", "path": "/c"}]})
    yield of("run_as_user", None, 65532)
    if group != "init_containers":
        yield of("port", 9090, 9091)


def around_the_pods() -> Iterator[Edit]:
    """Scaling, identity, who may connect, timings, health check."""
    scaling = {"autoscaling": {"max_replicas": 6}}
    yield web("autoscaling.max_replicas", None, 6)
    yield web("autoscaling.max_replicas", 6, None, goes=frozenset({"HorizontalPodAutoscaler"}))
    yield web("autoscaling.max_replicas", 6, 8)
    yield web("replicas", None, 4, scaling, refused="replicas")
    yield web("autoscaling.min_replicas", 2, 3, scaling)
    yield web("autoscaling.cpu_percent", 60, 70, scaling)
    yield web("autoscaling.memory_percent", None, 70, scaling)
    yield web("autoscaling.scale_up_stabilization_seconds", None, 60, scaling)
    yield web("autoscaling.scale_down_stabilization_seconds", None, 60, scaling)
    for key, old, new in (("name", "a|b", "a|c"), ("labels", None, {"a": "b"}), ("average_value", "30", "40")):
        metric = {"name": "a|b", "average_value": "30"}
        yield web(
            f"autoscaling.external_metrics[].{key}",
            old,
            new,
            {"autoscaling": {"max_replicas": 6, "external_metrics": [metric]}},
        )
    metric = {"name": "a|b"}
    yield web(
        "autoscaling.external_metrics[].value",
        "30",
        "40",
        {"autoscaling": {"max_replicas": 6, "external_metrics": [metric]}},
    )
    account = "web-pods@shop-project.iam.gserviceaccount.com"
    yield web("workload_identity.service_account", None, account)
    yield web("workload_identity.service_account", account, None, goes=frozenset({"ServiceAccount"}))
    yield web(
        "workload_identity.service_account", account, f"other-{account}", told={"google-identity-stays": "warning"}
    )
    yield web(
        "workload_identity.cluster_project", None, "other-project", {"workload_identity": {"service_account": account}}
    )
    policy = {"network_policy": {"pods": [{"namespace": "monitoring"}]}}
    yield web("network_policy.ranges[]", None, ["10.50.0.0/24"], told=PEERS)
    yield web("network_policy.ranges[]", None, ["10.50.0.0/24"], policy)
    yield web("network_policy.ranges[]", ["10.50.0.0/24"], None, policy, PEERS)
    yield web("network_policy.proxy_only_range", None, "10.40.0.0/23", INTERNAL, PEERS)
    yield web(
        "network_policy.proxy_only_range", "10.40.0.0/23", None, {**INTERNAL, **policy}, refused="proxy_only_range"
    )
    yield web("network_policy.pods[].namespace", "monitoring", "other", policy, PEERS)
    yield web("network_policy.pods[].labels", None, {"a": "b"}, policy, PEERS)
    yield web("accept", None, {"health-check-path-stays": "the image answers at both"})
    check = {"health_check": {"path": "/ready/"}}
    yield web("health_check.path", "/ready/", "/healthz/", told=CHECK_PATH)
    yield web("health_check.path", "/ready/", "/healthz/", GLOBAL, CHECK_PATH)
    yield web("health_check.port", None, 8081, check, CHECK_PORT)
    yield web("health_check.port", None, 8081, {**check, **GLOBAL}, CHECK_PORT)
    yield web("health_check.port", 8081, 8082, check, CHECK_PORT)
    yield web("health_check.port", 8081, None, check, CHECK_PORT)
    yield web("health_check.liveness_path", None, "/live/")
    yield web("health_check.check_interval_seconds", 5, 7)
    yield web("health_check.timeout_seconds", 5, 4)
    yield web("health_check.healthy_threshold", 2, 3)
    yield web("health_check.unhealthy_threshold", 2, 3)
    yield web("protocol", "HTTP", "HTTPS", told=PROTOCOL)
    yield web("protocol", "HTTP", "HTTPS", GLOBAL, PROTOCOL)
    yield web("protocol", "HTTP", "HTTPS", {"health_check": {"port": 8081}}, {"protocol-stays": "error"})
    yield web("protocol", "HTTPS", "HTTP2", told=PROTOCOL)
    yield web("protocol", "HTTP2", "GRPC", {"health_check": {"port": 8081}})
    yield web("rollout.longest_request_seconds", 30, 60)
    yield web("rollout.longest_request_seconds", 60, 30, told=SHORTER)
    yield web("rollout.longest_request_seconds", 60, 30, GLOBAL, SHORTER)
    kept = {"rollout": {"backend_timeout_seconds": 65, "draining_timeout_seconds": 60}}
    yield web("rollout.longest_request_seconds", 60, 30, kept)
    yield web("rollout.backend_timeout_seconds", 65, 40)
    yield web("rollout.draining_timeout_seconds", 60, 40)
    yield web("rollout.startup_seconds", 10, 20)
    yield web("rollout.keep_alive_timeout_seconds", 620, 650)
    yield web("rollout.on_term", "drain", "exit")
    yield web("rollout.zones", None, 3)
    yield web("rollout.start_delay_seconds", None, 30)
    yield web("rollout.rolled_out_within_seconds", None, 900)
    yield web("rollout.mode", None, "hard-coded-delay")
    yield web("rollout.mode", "hard-coded-delay", None)
    yield web("rollout.max_surge", 1, 2)
    yield web("rollout.pre_stop_seconds", 80, 60, {"rollout": {"termination_grace_period_seconds": 200}})
    yield web("rollout.termination_grace_period_seconds", 200, 150)
    yield web("rollout.min_ready_seconds", None, 60)
    yield web("rollout.progress_deadline_seconds", None, 500)
