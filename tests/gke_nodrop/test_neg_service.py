"""What a `NegService` tells the load balancer of an Ingress and of a Gateway."""

import json
from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from gke_nodrop import backend as backends
from gke_nodrop import cdn
from gke_nodrop.neg_service import NegService, NegServiceArgs
from gke_nodrop.protocols import Protocol

CREDENTIALS: backends.IapArgs = {"client_id": "123-abc", "client_secret": "hunter2"}


def neg(name: str = "web", **more: Any) -> Callable[[], dict[str, Any]]:
    args: Any = {"namespace": "shop", **more}

    def program() -> dict[str, Any]:
        return {"service_name": NegService(name, args).service_name}

    return program


def annotations(deployed: Any) -> dict[str, Any]:
    """The Service's, each as the JSON that it is."""
    found = deployed.inputs("Service")["metadata"]["annotations"]
    return {key.removeprefix("cloud.google.com/"): json.loads(value) for key, value in found.items()}


def config(deployed: Any) -> dict[str, Any]:
    return deployed.inputs("BackendConfig")["spec"]


def policy(deployed: Any) -> dict[str, Any]:
    return deployed.inputs("GCPBackendPolicy")["spec"]["default"]


def check_policy(deployed: Any) -> dict[str, Any]:
    return deployed.inputs("HealthCheckPolicy")["spec"]["default"]


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


def test_affinity_by_cookie_and_by_address_reaches_both_load_balancers(deploy):
    by_cookie = {"session_affinity": {"type": "GENERATED_COOKIE", "cookie_ttl_seconds": 60}}
    deployed = deploy(neg(backend=by_cookie, for_gateway=True))
    assert config(deployed)["sessionAffinity"] == {"affinityType": "GENERATED_COOKIE", "affinityCookieTtlSec": 60}
    assert policy(deployed)["sessionAffinity"] == {"type": "GENERATED_COOKIE", "cookieTtlSec": 60}
    deployed = deploy(neg(backend={"session_affinity": {"type": "CLIENT_IP"}}, for_gateway=True))
    assert config(deployed)["sessionAffinity"] == {"affinityType": "CLIENT_IP", "affinityCookieTtlSec": 0}
    assert policy(deployed)["sessionAffinity"] == {"type": "CLIENT_IP"}


def test_headers_are_added_in_their_order(deploy):
    given = [{"name": "X-B", "value": "{client_region}"}, {"name": "X-A", "value": ""}]
    spec = config(deploy(neg(backend={"request_headers": given, "response_headers": given[:1]})))
    assert spec["customRequestHeaders"] == {"headers": ["X-B:{client_region}", "X-A:"]}
    assert spec["customResponseHeaders"] == {"headers": ["X-B:{client_region}"]}


@pytest.mark.parametrize(
    ("rate", "ingress", "gateway"),
    [
        (0.25, {"enable": True, "sampleRate": 0.25}, {"enabled": True, "sampleRate": 250_000}),
        (1e-9, {"enable": True, "sampleRate": 1e-9}, {"enabled": True, "sampleRate": 1}),
        (0, {"enable": False}, {"enabled": False}),
    ],
)
def test_a_sample_of_the_requests_is_logged_and_of_none_nothing(deploy, rate, ingress, gateway):
    deployed = deploy(neg(backend={"logging": {"sample_rate": rate}}, for_gateway=True))
    assert config(deployed)["logging"] == ingress
    assert policy(deployed)["logging"] == gateway


def test_stating_the_cache_turns_it_on_with_the_safest_mode(deploy):
    assert config(deploy(neg(backend={"cdn": {}})))["cdn"] == {"enabled": True, "cacheMode": "CACHE_ALL_STATIC"}


def test_every_input_of_the_cache_is_written(deploy):
    assert config(deploy(neg(backend={"cdn": cdn.EXAMPLE})))["cdn"] == {
        "enabled": True,
        "cacheMode": "CACHE_ALL_STATIC",
        "defaultTtl": 3600,
        "maxTtl": 86400,
        "clientTtl": 3600,
        "serveWhileStale": 86400,
        "requestCoalescing": True,
        "negativeCaching": True,
        "negativeCachingPolicy": [{"code": 404, "ttl": 60}],
        "bypassCacheOnRequestHeaders": [{"headerName": "Authorization"}],
        "cachePolicy": {
            "includeHost": True,
            "includeProtocol": True,
            "includeQueryString": True,
            "queryStringWhitelist": ["page"],
        },
    }


def test_a_cache_key_that_is_stated_in_part_is_written_whole(deploy):
    key = config(deploy(neg(backend={"cdn": {"cache_key": {"ignored_query_parameters": ["utm"]}}})))["cdn"][
        "cachePolicy"
    ]
    assert key == {
        "includeHost": True,
        "includeProtocol": True,
        "includeQueryString": True,
        "queryStringBlacklist": ["utm"],
    }


def test_a_security_policy_is_attached_by_name_and_taken_away_by_an_empty_one(deploy):
    deployed = deploy(neg(backend={"security_policy": "edge"}, for_gateway=True))
    assert config(deployed)["securityPolicy"] == {"name": "edge"}
    assert policy(deployed)["securityPolicy"] == "edge"
    deployed = deploy(neg(backend={"security_policy": ""}, for_gateway=True))
    assert config(deployed)["securityPolicy"] == {"name": ""}
    assert "securityPolicy" not in policy(deployed)


def test_credentials_for_iap_come_from_secrets_that_pulumi_names(deploy):
    deployed = deploy(neg(backend={"iap": CREDENTIALS}, for_gateway=True))
    secrets = {each.name: each.inputs for each in deployed.registered if each.typ == "kubernetes:core/v1:Secret"}
    # The mocks hand a secret over as an object with its value.
    assert {name: sorted(inputs["stringData"]["value"]) for name, inputs in secrets.items()} == {
        "web-iap": ["client_id", "client_secret"],
        "web-iap-policy": ["client_secret"],
    }
    assert all("name" not in inputs["metadata"] and inputs["immutable"] for inputs in secrets.values())
    holders = {each.typ for each in deployed.registered if "hunter2" in repr(each.inputs)}
    assert holders == {"kubernetes:core/v1:Secret"}


def test_iap_finds_its_credentials_by_the_names_of_the_secrets(deploy, monkeypatch):
    original = k8s.core.v1.Secret

    def named(name: str, *, metadata: Any, **more: Any) -> Any:  # as the provider does
        return original(name, metadata={"namespace": metadata.namespace, "name": f"{name}-1a2b"}, **more)

    monkeypatch.setattr(k8s.core.v1, "Secret", named)
    deployed = deploy(neg(backend={"iap": CREDENTIALS}, for_gateway=True))
    assert config(deployed)["iap"] == {"enabled": True, "oauthclientCredentials": {"secretName": "web-iap-1a2b"}}
    assert policy(deployed)["iap"] == {
        "enabled": True,
        "clientID": "123-abc",
        "oauth2ClientSecret": {"name": "web-iap-policy-1a2b"},
    }


def test_credentials_given_as_plain_text_are_secrets_before_they_reach_the_sdk(deploy, monkeypatch):
    given: list[Any] = []
    original = k8s.core.v1.Secret

    def spy(*args: Any, **more: Any) -> Any:
        given.extend(more["string_data"].values())
        return original(*args, **more)

    def program() -> dict[str, Any]:
        NegService("web", {"namespace": "shop", "backend": {"iap": CREDENTIALS}, "for_gateway": True})
        return {str(index): value.is_secret() for index, value in enumerate(given)}

    monkeypatch.setattr(k8s.core.v1, "Secret", spy)
    assert deploy(program).exports == {"0": True, "1": True, "2": True}


def test_iap_without_credentials_leaves_the_client_to_google(deploy):
    deployed = deploy(neg(backend={"iap": {}}))
    assert config(deployed)["iap"] == {"enabled": True}
    assert "Secret" not in deployed.kinds()


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
        {"backend": {"request_headers": backends.EXAMPLE.get("request_headers")}, "for_gateway": True},
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
    assert deploy(neg(**given)).registered
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
        args: NegServiceArgs = {"namespace": "shop", "backend": backends.EXAMPLE, "for_gateway": for_gateway}
        assert "BackendConfig" in deploy(lambda args=args: NegService("web", args) and None).kinds()
