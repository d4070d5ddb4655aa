"""What a `NegService` declares, seen through mocks."""

from typing import Any

import pulumi
import pytest

from gke_nodrop.backend.neg_service import NegService
from gke_nodrop.shared.protocols import Protocol
from tests.gke_nodrop.backend.declared_neg import CREDENTIALS, annotations, check_policy, config, neg, policy
from tests.gke_nodrop.inputs.passing import PASSING


def test_a_namespace_is_enough_for_a_service_of_an_ingress(deploy):
    deployed = deploy(neg())
    assert sorted(deployed.kinds()) == ["BackendConfig", "NegService", "Service"]
    assert deployed.exports == {"service_name": "web"}
    assert annotations(deployed) == {
        "neg": {"ingress": True},
        "backend-config": {"default": "web"},
        "pulumi.com/skipAwait": True,
    }
    for kind in ("Service", "BackendConfig"):
        metadata = deployed.inputs(kind)["metadata"]
        assert (metadata["name"], metadata["namespace"]) == ("web", "shop")


def test_all_that_can_be_off_is_said_to_be_off_in_the_form_that_the_controller_takes_for_absence(deploy):
    assert config(deploy(neg())) == {
        "timeoutSec": 35,
        "connectionDraining": {"drainingTimeoutSec": 30},
        "healthCheck": {
            "type": "HTTP",
            "requestPath": "/",
            "checkIntervalSec": 5,
            "timeoutSec": 5,
            "healthyThreshold": 2,
            "unhealthyThreshold": 2,
        },
        "sessionAffinity": {"affinityType": "NONE", "affinityCookieTtlSec": 0},
        "customRequestHeaders": {},
        "customResponseHeaders": {"headers": []},
        "logging": {"enable": True, "sampleRate": 1.0},
        "cdn": {"enabled": False},
    }


def test_it_selects_the_pods_of_another_component_by_that_ones_name(deploy):
    service = deploy(neg("front", selects="web")).inputs("Service")
    assert service["metadata"]["name"] == "front"
    assert service["spec"]["selector"] == {"app.kubernetes.io/name": "web"}
    assert service["spec"]["ports"] == [{"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}]


def test_the_namespaces_name_may_be_an_output(deploy):
    deployed = deploy(neg(namespace=pulumi.Output.from_input("shop"), for_gateway=True))
    for kind in ("Service", "BackendConfig", "GCPBackendPolicy", "HealthCheckPolicy"):
        assert deployed.inputs(kind)["metadata"]["namespace"] == "shop"


def test_ingress_and_gateway_get_the_same_numbers(deploy):
    deployed = deploy(
        neg(
            for_gateway=True,
            rollout={"longest_request_seconds": 50, "draining_timeout_seconds": 70},
            health_check={
                "path": "/ready/",
                "check_interval_seconds": 9,
                "timeout_seconds": 3,
                "unhealthy_threshold": 4,
            },
        )
    )
    ingress, gateway, check = config(deployed), policy(deployed), check_policy(deployed)
    assert ingress["timeoutSec"] == gateway["timeoutSec"] == 55
    assert ingress["connectionDraining"] == gateway["connectionDraining"] == {"drainingTimeoutSec": 70}
    for key, value in (("checkIntervalSec", 9), ("timeoutSec", 3), ("healthyThreshold", 2), ("unhealthyThreshold", 4)):
        assert ingress["healthCheck"][key] == check[key] == value
    assert check["config"] == {
        "type": "HTTP",
        "httpHealthCheck": {"portSpecification": "USE_SERVING_PORT", "requestPath": "/ready/"},
    }


def test_a_gateways_policies_point_at_the_service(deploy):
    deployed = deploy(neg(for_ingress=False, for_gateway=True))
    assert sorted(deployed.kinds()) == ["GCPBackendPolicy", "HealthCheckPolicy", "NegService", "Service"]
    for kind in ("GCPBackendPolicy", "HealthCheckPolicy"):
        target = deployed.inputs(kind)["spec"]["targetRef"]
        assert target == {"group": "", "kind": "Service", "name": "web"}
    assert policy(deployed) == {
        "timeoutSec": 35,
        "connectionDraining": {"drainingTimeoutSec": 30},
        "sessionAffinity": {"type": "NONE"},
        "logging": {"enabled": True, "sampleRate": 1_000_000},
    }


@pytest.mark.parametrize(
    ("given", "annotation"),
    [
        ({}, {"ingress": True}),
        ({"for_gateway": True, "for_ingress": False}, {"exposed_ports": {"80": {}}}),
        ({"for_gateway": True}, {"ingress": True, "exposed_ports": {"80": {}}}),
        ({"exposed_ports": [{"port": 80}]}, {"ingress": True, "exposed_ports": {"80": {}}}),
        ({"exposed_ports": [{}], "for_ingress": False}, {"exposed_ports": {"80": {}}}),
        ({"exposed_ports": [{"name": "x"}], "for_ingress": False}, {"exposed_ports": {"80": {"name": "x"}}}),
    ],
)
def test_the_annotation_asks_for_the_negs_that_are_used(deploy, given, annotation):
    assert annotations(deploy(neg(**given)))["neg"] == annotation


def test_a_standalone_neg_needs_nothing_but_the_service(deploy):
    deployed = deploy(neg(for_ingress=False, exposed_ports=[{"name": "shop-web"}]))
    assert sorted(deployed.kinds()) == ["NegService", "Service"]
    assert "backend-config" not in annotations(deployed)


@pytest.mark.parametrize(
    ("protocol", "wire", "asked"),
    [("HTTP", None, "HTTP"), ("HTTPS", "HTTPS", "HTTPS"), ("HTTP2", "HTTP2", "HTTP2"), ("GRPC", "HTTP2", "HTTP")],
)
def test_both_load_balancers_are_told_the_protocol(deploy, protocol, wire, asked):
    health_check = {"port": 8081} if protocol == "GRPC" else {}
    deployed = deploy(neg(protocol=protocol, health_check=health_check, for_gateway=True))
    assert annotations(deployed).get("app-protocols") == ({"http": wire} if wire else None)
    (port,) = deployed.inputs("Service")["spec"]["ports"]
    assert port.get("appProtocol") == wire
    assert config(deployed)["healthCheck"]["type"] == asked
    assert check_policy(deployed)["config"]["type"] == asked
    assert f"{asked.lower()}HealthCheck" in check_policy(deployed)["config"]


def test_a_health_check_on_a_port_of_its_own_speaks_plain_http(deploy):
    health_check = {"port": 8081, "path": "/ready/"}
    deployed = deploy(neg(protocol=Protocol.HTTPS, health_check=health_check, for_gateway=True))
    assert config(deployed)["healthCheck"]["port"] == 8081
    assert config(deployed)["healthCheck"]["type"] == "HTTP"
    assert check_policy(deployed)["config"] == {
        "type": "HTTP",
        "httpHealthCheck": {"portSpecification": "USE_FIXED_PORT", "port": 8081, "requestPath": "/ready/"},
    }


def test_the_services_name_is_known_only_once_all_that_belongs_to_it_is_there(deploy):
    def program() -> dict[str, Any]:
        service = NegService("web", {"namespace": "shop", "backend": {"iap": CREDENTIALS}, "for_gateway": True})
        found = pulumi.Output.from_input(service.service_name.resources())
        return {"kinds": found.apply(lambda resources: sorted(type(each).__name__ for each in resources))}

    assert deploy(program).exports["kinds"] == ["CustomResource"] * 3 + ["Secret"] * 2 + ["Service"]


def test_every_underlying_resource_can_be_reached(deploy):
    def program() -> dict[str, Any]:
        one = NegService("one", {"namespace": "shop", "backend": {"iap": CREDENTIALS}, "for_gateway": True})
        other = NegService("other", {"namespace": "shop", "for_ingress": False, "exposed_ports": [{}]})
        assert (other.backend_config, other.backend_policy, other.health_check_policy) == (None, None, None)
        assert (other.iap_secret, other.iap_policy_secret) == (None, None)
        made = (one.service, one.backend_config, one.backend_policy, one.health_check_policy, one.iap_secret)
        assert one.rollout.draining_timeout_seconds == 30
        return {str(index): each.urn for index, each in enumerate((*made, one.iap_policy_secret)) if each}

    assert len(deploy(program).exports) == 6


WARNINGS = [
    ({}, []),
    ({"rollout": {"longest_request_seconds": 10}}, []),
    ({"backend": {"cdn": {}}}, []),
    ({"health_check": {"path": '/a"b'}}, []),
    ({"backend": {"cdn": {}}, "for_gateway": True}, ["backend.cdn holds for the Ingress only"]),
    (
        {"backend": {"request_headers": [{"name": "X-A", "value": "a"}]}, "for_gateway": True},
        ["backend.request_headers holds for the Ingress only"],
    ),
    (
        {"rollout": {"draining_timeout_seconds": 1}, "accept": {"draining-covers-longest-request": "they reconnect"}},
        ["accepted: rollout.draining_timeout_seconds = 1"],
    ),
]


@pytest.mark.parametrize(("given", "said"), WARNINGS)
def test_what_one_of_two_load_balancers_does_not_do_and_what_is_accepted_is_said(deploy, monkeypatch, given, said):
    heard: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda message, resource: heard.append(message))
    assert deploy(neg(**given)).inputs("Service")["spec"]["type"] == "ClusterIP"
    assert len(heard) == len(said)
    assert all(text.startswith(start) for text, start in zip(heard, said, strict=True))


def test_what_concerns_the_deployment_alone_is_left_to_it(deploy, monkeypatch):
    heard: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda message, resource: heard.append(message))
    rollout = {
        "pre_stop_seconds": 5,
        "keep_alive_timeout_seconds": 5,
        "termination_grace_period_seconds": 1,
        "rolled_out_within_seconds": 1,
        "zones": 9,
        "max_surge": 100,
    }
    deployed = deploy(neg(rollout=rollout, accept={"survives-a-lost-pod": "one will do"}))
    assert config(deployed)["timeoutSec"] == 35
    assert heard == []


def test_the_example_passes_with_and_without_a_gateway(deploy):
    for for_gateway in (False, True):
        args: Any = {"namespace": "shop", "backend": PASSING["NegService"]["backend"], "for_gateway": for_gateway}
        assert "BackendConfig" in deploy(lambda args=args: NegService("web", args) and None).kinds()
