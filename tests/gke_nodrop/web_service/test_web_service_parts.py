"""What a `WebService` adds over its parts: which there are, in what order, and in whose words faults are told."""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from gke_nodrop import WebService
from gke_nodrop.timing import timings
from nodrop.rollout import Rollout
from tests.gke_nodrop.web_service.web_services import HOSTS, IAP, MINIMAL, TLS, faults_beside, with_args


@pytest.fixture
def shop(evaluated):
    """A program of one service."""

    def run(opts: pulumi.ResourceOptions | None = None, **more: Any) -> Any:
        def program() -> None:
            service = WebService("shop", with_args(**more), opts)
            pulumi.export("address", service.address)
            pulumi.export("gateway_address", service.gateway_address)
            pulumi.export("url", service.url)

        return evaluated(program)

    return run


def kinds(program: Any) -> list[str]:
    """Kinds of the objects, each with its name."""
    return sorted(f"{each['kind']} {each['metadata']['name']}" for each in program.objects if "kind" in each)


def test_a_gateway_alone_takes_the_place_of_the_ingress(shop):
    assert shop(gateway={}).inventory() == {
        "Deployment": 1,
        "GCPBackendPolicy": 1,
        "Gateway": 1,
        "GlobalAddress": 1,
        "HTTPRoute": 1,
        "HealthCheckPolicy": 1,
        "Namespace": 1,
        "PodDisruptionBudget": 1,
        "Service": 1,
    }


def test_a_gateways_routes_lead_from_every_host_to_the_service(shop):
    program = shop(gateway=TLS, hosts=HOSTS)
    routes = [each.inputs["spec"] for each in program.all("HTTPRoute") if "hostnames" in each.inputs["spec"]]
    assert {host: route["rules"][0]["backendRefs"][0]["name"] for route in routes for host in route["hostnames"]} == {
        "www.example.com": "shop",
        "example.com": "shop",
    }
    assert program.outputs["url"] == "https://www.example.com/"


def test_ingress_and_gateway_serve_side_by_side_under_names_of_their_own(shop):
    program = shop(ingress={}, gateway=TLS, hosts=HOSTS)
    assert kinds(program) == sorted(set(kinds(program)))
    addresses = {each.name for each in program.all("GlobalAddress")}
    assert addresses == {"shop", "shop-gateway"}
    (service,) = program.all("Service")
    paths = [each for each in program.paths if each.service["metadata"]["name"] == service.name]
    assert {each.entry["kind"] for each in paths} == {"Ingress", "Gateway"}


def test_both_addresses_are_told_and_the_url_is_the_ingresss(deploy):
    def program() -> dict[str, Any]:
        service = WebService("shop", {**MINIMAL, "ingress": {}, "gateway": {"address": "reserved"}})
        assert service.ingress
        assert service.gateway
        own, other = service.ingress.address, service.gateway.address
        return {"same": pulumi.Output.all(service.address, own, service.gateway_address, other), "url": service.url}

    exports = deploy(program).exports
    address, own, gateway_address, other = exports["same"]
    assert address == own == "203.0.113.7"
    assert gateway_address == other
    assert exports["url"] == "http://203.0.113.7/"


def test_without_a_gateway_its_address_is_empty_and_without_an_ingress_it_is_the_services(deploy):
    def program(**more: Any) -> dict[str, Any]:
        service = WebService("shop", with_args(**more))
        return {"address": service.address, "gateway_address": service.gateway_address}

    assert deploy(program).exports == {"address": "203.0.113.7", "gateway_address": ""}
    alone = deploy(lambda: program(gateway={})).exports
    assert alone["address"] == alone["gateway_address"] == "203.0.113.7"


def test_in_an_existing_namespace_all_parts_come_after_what_the_component_depends_on(evaluated):
    def program() -> None:
        pool = k8s.core.v1.ConfigMap("pool")
        opts = pulumi.ResourceOptions(depends_on=[pool])
        WebService("shop", {**MINIMAL, "existing_namespace": "team", "gateway": {}, "ingress": {}}, opts)

    team = evaluated(program)
    assert team.all("Namespace") == []
    first = team.one("ConfigMap")
    parts = [each for each in team.evaluation.resources if each.parent == team.one("WebService").urn]
    assert parts
    assert all(first.urn in each.dependencies for each in parts)  # the component's own order no deletion
    assert {each["metadata"]["namespace"] for each in team.objects if each["kind"] != "ConfigMap"} == {"team"}


def test_an_own_namespace_comes_after_what_the_component_depends_on_and_before_all_parts(evaluated):
    def program() -> None:
        pool = k8s.core.v1.ConfigMap("pool")
        WebService("shop", {**MINIMAL, "gateway": {}, "ingress": {}}, pulumi.ResourceOptions(depends_on=[pool]))

    shop = evaluated(program)
    own = shop.one("Namespace")
    assert shop.one("ConfigMap").urn in own.dependencies
    parts = [each for each in shop.evaluation.resources if each.parent == shop.one("WebService").urn]
    assert all(own.urn in each.dependencies for each in parts if each is not own)


def test_the_name_of_an_existing_namespace_may_be_an_output(evaluated):
    def program() -> None:
        team = k8s.core.v1.Namespace("team")
        WebService("shop", {**MINIMAL, "existing_namespace": team.metadata["name"], "gateway": {}})

    shop = evaluated(program)
    namespace = shop.one("Namespace")
    for kind in ("Service", "Gateway", "Deployment"):
        assert namespace.urn in shop.needs(shop.one(kind))


@pytest.mark.parametrize(
    "more", [{}, {"gateway": {}}, {"gateway": TLS, "ingress": {}, "hosts": HOSTS}], ids=["ingress", "gateway", "both"]
)
def test_pods_come_after_every_entry_and_every_route_to_them_and_those_after_the_service(shop, more):
    program = shop(**more)
    before = program.needs(program.one("Deployment"))
    entries = [each for kind in ("Ingress", "Gateway", "HTTPRoute") for each in program.all(kind)]
    # The route that only redirects leads to no pod.
    leading = [each for each in entries if each.name != "shop-gateway-to-https"]
    assert leading
    assert {each.urn for each in leading} <= before
    for each in leading:
        needed = program.needs(each)
        assert program.one("Service").urn in needed
        for kind in ("BackendConfig", "GCPBackendPolicy", "HealthCheckPolicy"):
            assert {part.urn for part in program.all(kind)} <= needed


def test_an_internal_ingress_serves_hosts_without_certificates(shop):
    program = shop(ingress={"scope": "internal"}, hosts=HOSTS)
    assert program.all("ManagedCertificate") == []
    assert [rule["host"] for rule in program.one("Ingress").inputs["spec"]["rules"]] == HOSTS
    assert program.outputs["url"] == "http://www.example.com/"


def test_hosts_with_certificates_of_ones_own_get_no_managed_ones(shop):
    program = shop(ingress=TLS, hosts=HOSTS)
    assert program.all("ManagedCertificate") == []
    ingress = program.one("Ingress").inputs
    assert ingress["spec"]["tls"] == [{"secretName": "shop-tls"}]
    assert "networking.gke.io/managed-certificates" not in ingress["metadata"]["annotations"]
    assert program.outputs["url"] == "https://www.example.com/"


def test_hosts_bring_certificates_to_an_ingress_only(shop):
    assert shop(gateway={}, hosts=HOSTS).all("ManagedCertificate") == []
    assert len(shop(gateway={}, ingress={}, hosts=HOSTS).all("ManagedCertificate")) == 2


def test_more_hosts_than_an_ingress_takes_certificates_are_told_in_the_words_of_hosts(shop):
    many = [f"shop-{number}.example.com" for number in range(16)]
    (fault,) = faults_beside(hosts=many).values()
    assert (fault.input, fault.value) == ("hosts", "16 certificates")
    assert "at most 15" in fault.rule
    assert len(shop(hosts=many[:15]).all("ManagedCertificate")) == 15
    assert len(shop(hosts=many, ingress=TLS).one("Ingress").inputs["spec"]["rules"]) == 16


@pytest.mark.parametrize("more", [{"hosts": HOSTS}, {"ingress": TLS}, {"gateway": TLS}])
def test_iap_is_taken_with_certificates_wherever_they_come_from(shop, more):
    assert shop(backend={"iap": IAP}, **more).one("Deployment")


def test_cloud_armor_may_stand_before_a_gateway_of_any_class(shop):
    gateway: Any = {"gateway_class": "gke-l7-rilb", "address": "shop"}
    policy = shop(gateway=gateway, backend={"security_policy": "edge"}).one("GCPBackendPolicy")
    assert policy.inputs["spec"]["default"]["securityPolicy"] == "edge"


def test_an_existing_namespace_may_be_that_of_kubernetes(shop):
    assert shop(existing_namespace="default").one("Deployment")
    assert list(faults_beside(namespace="default")) == ["namespace"]


def test_every_warning_is_told_once(shop):
    backend: Any = {"request_headers": [{"name": "X-A", "value": "a"}], "cdn": {}}
    program = shop(
        replicas=1,
        rollout={"draining_timeout_seconds": 5},
        accept={"draining-covers-longest-request": "clients try again"},
        backend=backend,
        ingress={},
        gateway={},
    )
    told = [
        "survives-a-lost-pod",
        "keep_alive_timeout_seconds is not stated",
        "draining-covers-longest-request",
        "backend.request_headers",
        "backend.cdn",
    ]
    assert [len([each for each in program.warnings if words in each]) for words in told] == [1] * len(told)
    assert len(program.warnings) == len(told)


@pytest.mark.parametrize(
    "load_balancer",
    [
        {"ingress": {"scope": "internal"}},
        {"ingress": {"scope": "regional-external"}},
        {"gateway": {"gateway_class": "gke-l7-rilb", "address": "shop"}},
    ],
)
def test_a_network_policy_must_admit_the_proxies_of_a_regional_load_balancer(load_balancer, shop):
    found = faults_beside(network_policy={}, **load_balancer)
    assert found.keys() == {"network_policy.proxy_only_range"}
    shop(network_policy={"proxy_only_range": "10.40.0.0/23"}, **load_balancer)


def test_an_external_load_balancer_has_no_proxies_to_admit(shop):
    assert shop(network_policy={}).inventory()["NetworkPolicy"] == 1


def test_without_a_namespace_of_its_own_its_name_is_free(evaluated):
    made = evaluated(lambda: print(WebService("kube-web", with_args(existing_namespace="team")).rollout))
    assert "Namespace" not in made.inventory()


def test_a_service_is_solved_once(deploy, monkeypatch):
    solved: list[float] = []

    def solve(**given: Any) -> Rollout:
        solved.append(given["startup_seconds"])
        return timings_solve(**given)

    timings_solve = timings.solve
    monkeypatch.setattr(timings, "solve", solve)
    args: Any = {"image": "example/shop:1", "rollout": {"startup_seconds": 12.345, "keep_alive_timeout_seconds": 620}}
    deploy(lambda: WebService("shop", args) and None)
    assert solved == [12.345]
