"""What the pods of a `WebService` declare: start and end, probes, files, secrets, users."""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from gke_nodrop import Mode, OnTerm, WebService
from tests.gke_nodrop.web_service.web_services import MINIMAL, container, pod, web, with_args


def test_a_pod_sleeps_until_the_load_balancer_has_forgotten_it_and_then_has_time_for_its_longest_request(deploy):
    deployed = deploy(web(with_args(rollout={"keep_alive_timeout_seconds": 620, "longest_request_seconds": 50})))
    assert container(deployed)["lifecycle"] == {"preStop": {"sleep": {"seconds": 79}}}
    assert pod(deployed)["terminationGracePeriodSeconds"] == 79 + 50 + 5
    backend = deployed.inputs("BackendConfig")["spec"]
    assert backend["connectionDraining"] == {"drainingTimeoutSec": 50}
    assert backend["timeoutSec"] == 55


def test_a_new_pod_waits_for_the_load_balancer_through_the_readiness_gate(deploy):
    deployed = deploy(web(MINIMAL))
    assert pod(deployed)["readinessGates"] == [{"conditionType": "cloud.google.com/load-balancer-neg-ready"}]
    assert deployed.inputs("Deployment")["spec"]["progressDeadlineSeconds"] == 599


def test_the_hard_coded_delay_waits_a_minute_instead_of_the_gate_and_keeps_the_pre_stop(deploy):
    rollout = {"keep_alive_timeout_seconds": 620, "mode": Mode.HARD_CODED_DELAY}
    deployed = deploy(web(with_args(rollout=rollout)))
    assert "readinessGates" not in pod(deployed)
    assert deployed.inputs("Deployment")["spec"]["minReadySeconds"] == 60
    assert container(deployed)["lifecycle"] == {"preStop": {"sleep": {"seconds": 60}}}


def test_the_hard_coded_delay_needs_no_pre_stop_only_for_an_application_that_serves_after_term_and_says_so(
    deploy, monkeypatch
):
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda message, resource: said.append(message))
    rollout = {"keep_alive_timeout_seconds": 620, "mode": Mode.HARD_CODED_DELAY, "on_term": OnTerm.SERVE}
    deployed = deploy(web(with_args(rollout=rollout)))
    assert "lifecycle" not in container(deployed)
    assert pod(deployed)["terminationGracePeriodSeconds"] >= 60
    assert [message for message in said if "goes on serving after SIGTERM" in message]


def test_health_check_and_readiness_probe_ask_the_same_path(deploy):
    deployed = deploy(web(with_args(health_check={"path": "/ready/", "check_interval_seconds": 10})))
    check = deployed.inputs("BackendConfig")["spec"]["healthCheck"]
    assert check == {
        "type": "HTTP",
        "requestPath": "/ready/",
        "checkIntervalSec": 10,
        "timeoutSec": 5,
        "healthyThreshold": 2,
        "unhealthyThreshold": 2,
    }
    assert container(deployed)["readinessProbe"]["httpGet"] == {"path": "/ready/", "port": "http"}
    assert container(deployed)["startupProbe"]["httpGet"] == {"path": "/ready/", "port": "http"}


@pytest.mark.parametrize(
    ("health_check", "ejected_after"),
    [({}, 15), ({"check_interval_seconds": 30}, 65), ({"unhealthy_threshold": 10, "check_interval_seconds": 60}, 605)],
)
def test_the_load_balancer_leaves_a_pod_before_the_kubelet_restarts_it(deploy, health_check, ejected_after):
    probe = container(deploy(web(with_args(health_check=health_check))))["livenessProbe"]
    assert probe["failureThreshold"] * probe["periodSeconds"] > ejected_after
    assert probe["tcpSocket"] == {"port": "http"}


def test_liveness_asks_a_path_only_where_one_is_given(deploy):
    probe = container(deploy(web(with_args(health_check={"liveness_path": "/live/"}))))["livenessProbe"]
    assert probe["httpGet"] == {"path": "/live/", "port": "http"}
    assert "tcpSocket" not in probe


def test_a_slow_start_is_given_three_times_its_length_before_a_restart(deploy):
    rollout = {"keep_alive_timeout_seconds": 620, "startup_seconds": 90}
    probe = container(deploy(web(with_args(rollout=rollout))))["startupProbe"]
    assert probe["failureThreshold"] * probe["periodSeconds"] == 270


def test_pods_spread_over_zones_within_their_own_version(deploy):
    (by_zone,) = [
        constraint
        for constraint in pod(deploy(web(MINIMAL)))["topologySpreadConstraints"]
        if constraint["topologyKey"] == "topology.kubernetes.io/zone"
    ]
    assert by_zone["whenUnsatisfiable"] == "DoNotSchedule"
    assert by_zone["matchLabelKeys"] == ["pod-template-hash"]
    assert by_zone["nodeTaintsPolicy"] == "Honor"


def test_files_are_mounted_from_a_config_map_whose_name_changes_with_them(deploy):
    def files(text: str) -> Any:
        return deploy(web(with_args(files={"/app/server.py": text, "/etc/app.conf": pulumi.Output.from_input("x")})))

    one, two = files("one"), files("two")
    assert one.inputs("ConfigMap")["data"] == {"app_server.py": "one", "etc_app.conf": "x"}
    assert {mount["mountPath"]: mount["subPath"] for mount in container(one)["volumeMounts"]} == {
        "/app/server.py": "app_server.py",
        "/etc/app.conf": "etc_app.conf",
    }
    names = [each.inputs("ConfigMap")["metadata"]["name"] for each in (one, two)]
    assert names[0] != names[1]
    assert [pod(each)["volumes"][0]["configMap"]["name"] for each in (one, two)] == names


def test_secret_files_are_only_in_a_secret(deploy):
    deployed = deploy(web(with_args(files={"/a": "b"}, secret_files={"/token": "hunter2"})))
    holders = [args.typ for args in deployed.registered if "hunter2" in repr(args.inputs)]
    assert holders == ["kubernetes:core/v1:Secret"]


def test_secret_variables_are_only_in_a_secret(deploy):
    deployed = deploy(web(with_args(env={"LOG": "info"}, secret_env={"TOKEN": "hunter2"})))
    env = {variable["name"]: variable for variable in container(deployed)["env"]}
    assert env["LOG"]["value"] == "info"
    assert env["TOKEN"]["valueFrom"]["secretKeyRef"]["key"] == "TOKEN"
    holders = [args.typ for args in deployed.registered if "hunter2" in repr(args.inputs)]
    assert holders == ["kubernetes:core/v1:Secret"]


def test_a_secret_variable_or_file_given_as_plain_text_is_made_a_secret_before_it_reaches_the_sdk(deploy, monkeypatch):
    given: dict[str, pulumi.Output[str]] = {}
    original = k8s.core.v1.Secret

    def spy(*args: Any, **more: Any) -> Any:
        given.update(more["string_data"])
        return original(*args, **more)

    def program() -> dict[str, Any]:
        WebService("web", with_args(secret_env={"TOKEN": "hunter2"}, secret_files={"/token": "hunter2"}))
        return {key: value.is_secret() for key, value in given.items()}

    monkeypatch.setattr(k8s.core.v1, "Secret", spy)
    assert deploy(program).exports == {"TOKEN": True, "token": True}


def test_an_image_that_starts_as_root_is_left_able_to_change_its_user(deploy):
    deployed = deploy(web(MINIMAL))
    assert container(deployed)["securityContext"]["capabilities"] == {"drop": ["NET_RAW"]}
    assert pod(deployed)["securityContext"] == {"seccompProfile": {"type": "RuntimeDefault"}}
    assert pod(deployed)["automountServiceAccountToken"] is False


def test_a_given_user_makes_the_pods_restricted(deploy):
    deployed = deploy(web(with_args(run_as_user=1000)))
    assert container(deployed)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod(deployed)["securityContext"]["runAsNonRoot"] is True


def test_overrides_replace_what_the_solver_chose(deploy):
    rollout = {
        "keep_alive_timeout_seconds": 620,
        "pre_stop_seconds": 90,
        "termination_grace_period_seconds": 150,
        "max_surge": 2,
    }
    deployed = deploy(web(with_args(rollout=rollout)))
    assert container(deployed)["lifecycle"]["preStop"]["sleep"]["seconds"] == 90
    assert pod(deployed)["terminationGracePeriodSeconds"] == 150
    assert deployed.inputs("Deployment")["spec"]["strategy"]["rollingUpdate"]["maxSurge"] == 2
