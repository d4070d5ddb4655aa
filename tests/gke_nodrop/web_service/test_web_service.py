"""What a `WebService` declares, seen through mocks."""

import json
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from gke_nodrop import InputError, WebService
from tests.gke_nodrop.web_service.web_services import MINIMAL, container, web, with_args


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


def test_an_unhealthy_pod_never_blocks_a_drain(deploy):
    budget = deploy(web(MINIMAL)).inputs("PodDisruptionBudget")["spec"]
    assert budget["maxUnavailable"] == 1
    assert budget["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


def test_the_applications_behaviour_is_written_on_the_deployment(deploy):
    rollout = {"longest_request_seconds": 2.5, "startup_seconds": 4, "keep_alive_timeout_seconds": 700}
    annotations = deploy(web(with_args(rollout=rollout))).inputs("Deployment")["metadata"]["annotations"]
    assert annotations == {
        "gke-nodrop/longest-request-seconds": "2.5",
        "gke-nodrop/startup-seconds": "4",
        "gke-nodrop/keep-alive-timeout-seconds": "700",
        "gke-nodrop/on-term": "drain",
    }


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
