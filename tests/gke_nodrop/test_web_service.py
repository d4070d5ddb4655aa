"""What a `WebService` declares, seen through mocks."""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from gke_nodrop import InputError, Mode, OnTerm, WebService, WebServiceArgs

MINIMAL: WebServiceArgs = {"image": "example/shop:1", "rollout": {"keep_alive_timeout_seconds": 620}}


def with_args(**more: Any) -> WebServiceArgs:
    return {**MINIMAL, **more}


def web(args: WebServiceArgs) -> Callable[[], dict[str, Any]]:
    def program() -> dict[str, Any]:
        service = WebService("web", args)
        return {"url": service.url, "address": service.address}

    return program


def pod(deployed: Any) -> dict[str, Any]:
    return deployed.inputs("Deployment")["spec"]["template"]["spec"]


def container(deployed: Any) -> dict[str, Any]:
    (only,) = pod(deployed)["containers"]
    return only


def test_an_image_is_enough_for_a_service_with_an_address(deploy):
    deployed = deploy(web({"image": "example/shop:1"}))
    assert sorted(deployed.kinds()) == [
        "BackendConfig",
        "Deployment",
        "GlobalAddress",
        "Ingress",
        "Namespace",
        "PodDisruptionBudget",
        "Service",
        "WebService",
    ]
    assert deployed.exports == {"url": "http://203.0.113.7/", "address": "203.0.113.7"}


def test_a_rollout_adds_a_pod_before_it_takes_one(deploy):
    strategy = deploy(web(MINIMAL)).inputs("Deployment")["spec"]["strategy"]
    assert strategy == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}


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


def test_the_service_selects_by_the_components_name_and_targets_a_named_port(deploy):
    deployed = deploy(web(with_args(port=9090)))
    service = deployed.inputs("Service")
    assert service["spec"]["selector"] == {"app.kubernetes.io/name": "web"}
    assert service["spec"]["ports"] == [{"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}]
    assert container(deployed)["ports"] == [{"name": "http", "containerPort": 9090, "protocol": "TCP"}]
    template = deployed.inputs("Deployment")["spec"]["template"]
    assert template["metadata"]["labels"] == service["spec"]["selector"]


def test_the_service_asks_for_a_neg_and_its_backend_config(deploy):
    deployed = deploy(web(MINIMAL))
    annotations = deployed.inputs("Service")["metadata"]["annotations"]
    assert json.loads(annotations["cloud.google.com/neg"]) == {"ingress": True}
    name = deployed.inputs("BackendConfig")["metadata"]["name"]
    assert json.loads(annotations["cloud.google.com/backend-config"]) == {"default": name}


def test_only_the_service_is_not_waited_for(deploy):
    deployed = deploy(web(MINIMAL))
    skipping = [
        args.typ.rpartition(":")[2]
        for args in deployed.registered
        if "pulumi.com/skipAwait" in args.inputs.get("metadata", {}).get("annotations", {})
    ]
    assert skipping == ["Service"]


def test_the_ingress_is_waited_for_until_it_has_its_address(deploy):
    ingress = deploy(web(MINIMAL)).inputs("Ingress")
    assert ingress["metadata"]["annotations"] == {
        "kubernetes.io/ingress.class": "gce",
        "kubernetes.io/ingress.global-static-ip-name": "the-address",
        "pulumi.com/waitFor": "jsonpath={.status.loadBalancer.ingress[0].ip}",
    }
    assert ingress["spec"] == {"defaultBackend": {"service": {"name": "web", "port": {"name": "http"}}}}


def test_hosts_bring_a_certificate_and_the_redirect_to_https(deploy):
    deployed = deploy(web(with_args(hosts=["www.example.com", "example.com"])))
    certificates = [args.inputs for args in deployed.registered if args.typ.endswith(":ManagedCertificate")]
    assert {each["metadata"]["name"]: each["spec"]["domains"] for each in certificates} == {
        "web-www.example.com": ["www.example.com"],
        "web-example.com": ["example.com"],
    }
    assert deployed.inputs("FrontendConfig")["spec"]["redirectToHttps"]["enabled"] is True
    ingress = deployed.inputs("Ingress")
    assert ingress["metadata"]["annotations"]["networking.gke.io/managed-certificates"] == (
        "web-www.example.com,web-example.com"
    )
    assert ingress["metadata"]["annotations"]["networking.gke.io/v1beta1.FrontendConfig"] == "web"
    assert [rule["host"] for rule in ingress["spec"]["rules"]] == ["www.example.com", "example.com"]
    assert ingress["spec"]["defaultBackend"]["service"]["name"] == "web"
    assert deployed.exports["url"] == "https://www.example.com/"


def test_pods_spread_over_zones_within_their_own_version(deploy):
    (by_zone,) = [
        constraint
        for constraint in pod(deploy(web(MINIMAL)))["topologySpreadConstraints"]
        if constraint["topologyKey"] == "topology.kubernetes.io/zone"
    ]
    assert by_zone["whenUnsatisfiable"] == "DoNotSchedule"
    assert by_zone["matchLabelKeys"] == ["pod-template-hash"]
    assert by_zone["nodeTaintsPolicy"] == "Honor"


def test_an_unhealthy_pod_never_blocks_a_drain(deploy):
    budget = deploy(web(MINIMAL)).inputs("PodDisruptionBudget")["spec"]
    assert budget["maxUnavailable"] == 1
    assert budget["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


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


def test_the_applications_behaviour_is_written_on_the_deployment(deploy):
    rollout = {"longest_request_seconds": 2.5, "startup_seconds": 4, "keep_alive_timeout_seconds": 700}
    annotations = deploy(web(with_args(rollout=rollout))).inputs("Deployment")["metadata"]["annotations"]
    assert annotations == {
        "gke-nodrop/longest-request-seconds": "2.5",
        "gke-nodrop/startup-seconds": "4",
        "gke-nodrop/keep-alive-timeout-seconds": "700",
        "gke-nodrop/on-term": "drain",
    }


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


def test_the_namespace_can_have_a_name_of_its_own(deploy):
    deployed = deploy(web(with_args(namespace="shop")))
    assert deployed.inputs("Namespace")["metadata"]["name"] == "shop"
    for kind in ("BackendConfig", "Service", "Ingress", "Deployment", "PodDisruptionBudget"):
        assert deployed.inputs(kind)["metadata"]["namespace"] == "shop"


def test_warnings_are_logged_and_fail_nothing(deploy, monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda message, resource: said.append(message))
    deployed = deploy(web({"image": "example/shop:1", "replicas": 1}))
    assert "Deployment" in deployed.kinds()
    assert len([message for message in said if "survives-a-lost-pod" in message]) == 1
    assert len([message for message in said if "keep_alive_timeout_seconds is not stated" in message]) == 1


def test_a_service_within_all_rules_warns_of_nothing(deploy, monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda message, resource: said.append(message))
    deploy(web(MINIMAL))
    assert said == []


def test_it_runs_on_an_existing_cluster_through_the_provider_in_its_options(deploy):
    def program() -> None:
        provider = k8s.Provider("existing", kubeconfig="{}")
        WebService("web", MINIMAL, pulumi.ResourceOptions(provider=provider))

    deployed = deploy(program)
    providers = {args.typ: args.provider for args in deployed.registered if args.typ.startswith("kubernetes:")}
    assert len(providers) == 6
    assert all("::existing::" in (provider or "") for provider in providers.values())


def test_every_underlying_resource_can_be_reached(deploy):
    def program() -> dict[str, Any]:
        service = WebService("web", MINIMAL)
        return {"name": service.pods.deployment.metadata["name"], "pre_stop": service.rollout.pre_stop_seconds}

    assert deploy(program).exports == {"name": "web", "pre_stop": 60}


def test_pods_too_few_for_their_zones_wait_a_minute_each_unless_that_is_accepted(deploy):
    def min_ready(replicas: int, **more: Any) -> int:
        rollout = {"keep_alive_timeout_seconds": 620, "zones": 3}
        return deploy(web(with_args(replicas=replicas, rollout=rollout, **more))).inputs("Deployment")["spec"][
            "minReadySeconds"
        ]

    assert (min_ready(8), min_ready(9)) == (60, 0)
    assert min_ready(8, accept={"every-zone-keeps-an-endpoint": "one zone may go"}) == 0


def test_a_wished_duration_decides_how_many_pods_are_added_at_a_time(deploy):
    rollout = {"keep_alive_timeout_seconds": 620, "startup_seconds": 10, "rolled_out_within_seconds": 200}
    strategy = deploy(web(with_args(replicas=30, rollout=rollout))).inputs("Deployment")["spec"]["strategy"]
    assert strategy["rollingUpdate"]["maxSurge"] == 5


def test_a_duration_that_no_surge_meets_is_refused_with_the_shortest_that_one_does():
    rollout = {"keep_alive_timeout_seconds": 620, "rolled_out_within_seconds": 60}
    with pytest.raises(InputError, match=r"rolled_out_within_seconds = 60: .* Would pass: 128"):
        WebService("web", with_args(replicas=30, rollout=rollout))
