"""What the lab would do otherwise than GKE is a reason not to rehearse a path, with object and field."""

import pytest

from nodrop.judge import judge
from nodrop.lab.conditions import unrehearsed
from tests.judge.edits import CHECK, GONE, POD, WEB, Edit, clean, edited

NODE_PORT = {"cloud.google.com/neg": '{"ingress": false}'}


def reasons(objects, *, stand_in=True):
    (path,) = judge(objects).paths
    assert path.path is not None
    assert path.rollout is not None
    return unrehearsed(path.path, path.rollout, stand_in=stand_in)


@pytest.mark.parametrize("base", ["ingress", "gateway"])
def test_a_clean_path_can_be_rehearsed(base):
    assert reasons(clean(base)) == ()


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (Edit(f"{CHECK}.port", 9090), "BackendConfig shop/web: the health check asks GET :9090/healthz"),
        (
            Edit(f"{CHECK}.requestPath", "/other"),
            "BackendConfig shop/web: the health check asks GET :8080/other, as no probe does",
        ),
        (Edit("HealthCheckPolicy:spec.default.config.type", "SSL", base="gateway"), "health check type SSL"),
        (
            Edit("HealthCheckPolicy:spec.default.config.httpHealthCheck.portName", "admin", base="gateway"),
            "spec.default.config.httpHealthCheck.portName",
        ),
        (Edit(f"{WEB}.readinessProbe", {"exec": {"command": ["true"]}}), "readinessProbe.exec"),
        (Edit(f"{WEB}.lifecycle.preStop", {"httpGet": {"path": "/drain", "port": 8080}}), "lifecycle.preStop.httpGet"),
        (Edit(f"{WEB}.lifecycle.preStop", {"exec": {"command": ["/drain"]}}), "lifecycle.preStop.exec"),
        (Edit(f"{WEB}.readinessProbe.httpGet.host", "elsewhere"), "readinessProbe.httpGet.host"),
        (Edit(f"{WEB}.readinessProbe.httpGet.port", 4445), "the health check asks GET :8080/healthz, as no probe does"),
        (Edit("HealthCheckPolicy:", GONE, base="gateway"), "the health check asks GET /, as no probe does"),
        (Edit("Service:spec.publishNotReadyAddresses", True), "Service shop/web: spec.publishNotReadyAddresses"),
        (Edit("Deployment:spec.paused", True), "Deployment shop/web: spec.paused"),
        (Edit(f"{POD}.hostNetwork", True), "spec.template.spec.hostNetwork"),
        (Edit(f"{POD}.readinessGates", [{"conditionType": "example.com/warm"}]), "who sets example.com/warm"),
        (
            Edit(f"{WEB}.lifecycle.stopSignal", "SIGQUIT"),
            "stopSignal SIGQUIT: the lab's kubelet sends SIGTERM",
        ),
        (
            Edit(f"{WEB}.lifecycle.preStop", {"httpGet": {"path": "/drain", "port": 8080, "host": "elsewhere"}}),
            "lifecycle.preStop.httpGet.host",
        ),
    ],
    ids=lambda value: value.place if isinstance(value, Edit) else "",
)
def test_a_condition_that_the_lab_does_not_keep_is_named(edit, words):
    found = reasons(edited(edit))
    assert any(words in each for each in found), found


def test_a_health_check_that_only_connects_is_kept():
    config = {"type": "TCP", "tcpHealthCheck": {"port": 8080, "portSpecification": "USE_FIXED_PORT"}}
    assert reasons(edited(Edit("HealthCheckPolicy:spec.default.config", config, base="gateway"))) == ()


def test_a_local_traffic_policy_is_kept():
    objects = clean("ingress")
    (service,) = (each for each in objects if each["kind"] == "Service")
    service["metadata"]["annotations"] |= NODE_PORT
    service["spec"] |= {"type": "NodePort", "externalTrafficPolicy": "Local"}
    assert not any("externalTrafficPolicy" in each for each in reasons(objects))


@pytest.mark.parametrize(("affinity", "kept"), [("ClientIP", False), ("None", True)])
def test_affinity_of_a_node_port_is_not_kept(affinity, kept):
    objects = clean("ingress")
    (service,) = (each for each in objects if each["kind"] == "Service")
    service["spec"]["sessionAffinity"] = affinity
    assert not any("sessionAffinity" in each for each in reasons(objects))  # a NEG passes no kube-proxy
    service["metadata"]["annotations"] |= NODE_PORT
    service["spec"]["type"] = "NodePort"
    assert any("sessionAffinity ClientIP" in each for each in reasons(objects)) is not kept


def test_a_command_answers_for_itself_at_every_path():
    other_path = edited(Edit(f"{CHECK}.requestPath", "/other"))
    assert reasons(other_path, stand_in=False) == ()


def test_a_command_answers_its_pre_stop_itself():
    asks = edited(Edit(f"{WEB}.lifecycle.preStop", {"httpGet": {"path": "/drain", "port": 8080}}))
    assert reasons(asks, stand_in=False) == ()


@pytest.mark.parametrize(
    "command",
    [["nginx", "-s", "quit"], ["sh", "-c", "nginx -s quit; sleep 20"], ["sh", "-c", "sleep 5; ./drain"]],
)
def test_a_command_runs_what_its_pre_stop_runs(command):
    assert reasons(edited(Edit(f"{WEB}.lifecycle.preStop", {"exec": {"command": command}})), stand_in=False) == ()


@pytest.mark.parametrize(("script", "kept"), [("sleep 60; ./drain", False), ("sleep 60; nginx -s quit", True)])
def test_behind_a_node_port_no_rule_says_whether_a_script_sleeps_long_enough(script, kept):
    objects = edited(Edit(f"{WEB}.lifecycle.preStop", {"exec": {"command": ["sh", "-c", script]}}))
    (service,) = (each for each in objects if each["kind"] == "Service")
    service["metadata"]["annotations"] |= NODE_PORT
    service["spec"]["type"] = "NodePort"
    assert not any("preStop" in each for each in reasons(objects, stand_in=False))
    assert any("preStop.exec" in each for each in reasons(objects)) is not kept
    (deployment,) = (each for each in objects if each["kind"] == "Deployment")
    web = deployment["spec"]["template"]["spec"]["containers"][0]
    deployment["spec"]["template"]["spec"]["containers"].append({"name": "proxy", "lifecycle": web["lifecycle"]})
    assert any("preStop.exec" in each for each in reasons(objects, stand_in=False)) is not kept


def encrypted():
    """The clean path whose load balancer and probes speak TLS to the pods."""
    objects = clean("ingress")
    (service,) = (each for each in objects if each["kind"] == "Service")
    service["metadata"]["annotations"]["cloud.google.com/app-protocols"] = '{"http": "HTTPS"}'
    (config,) = (each for each in objects if each["kind"] == "BackendConfig")
    config["spec"]["healthCheck"]["type"] = "HTTPS"
    (deployment,) = (each for each in objects if each["kind"] == "Deployment")
    for container in deployment["spec"]["template"]["spec"]["containers"]:
        if "readinessProbe" in container:
            container["readinessProbe"]["httpGet"]["scheme"] = "HTTPS"
    return objects


def test_tls_to_the_pods_is_kept():
    assert reasons(encrypted()) == ()


def test_http2_to_the_pods_is_kept():
    objects = encrypted()
    (service,) = (each for each in objects if each["kind"] == "Service")
    service["metadata"]["annotations"]["cloud.google.com/app-protocols"] = '{"http": "HTTP2"}'
    assert reasons(objects) == ()


def test_a_health_check_by_grpc_is_kept_where_the_readiness_probe_asks_the_same():
    config = {"type": "GRPC", "grpcHealthCheck": {"port": 8080}}
    check = Edit("HealthCheckPolicy:spec.default.config", config, base="gateway")
    objects = edited(check)
    (other,) = reasons(objects)
    assert "the health check asks gRPC at :8080, as no probe does" in other
    (deployment,) = (each for each in objects if each["kind"] == "Deployment")
    for container in deployment["spec"]["template"]["spec"]["containers"]:
        if "readinessProbe" in container:
            container["readinessProbe"] = {"grpc": {"port": 8080}}
    assert reasons(objects) == ()
