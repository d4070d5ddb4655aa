"""What a Gateway registers, and in which order."""

import json
from typing import Any

import pulumi
import pytest

from gke_nodrop.gateway.gateway import Gateway, GatewayArgs
from gke_nodrop.gateway.routes import GatewayPathType
from gke_nodrop.gateway.settings import GatewayClass

ROUTES: list[Any] = [{"backends": [{"service": "web"}]}]


@pytest.fixture
def made(deploy):
    """Deploys a Gateway called shop with the args over the smallest ones."""

    def run(**args: Any) -> Any:
        given: GatewayArgs = {"namespace": "demo", "routes": ROUTES, **args}

        def program() -> dict[str, Any]:
            gateway = Gateway("shop", given)
            return {"address": gateway.address, "url": gateway.url}

        return deploy(program)

    return run


def routes(deployed: Any) -> dict[str, Any]:
    """The HTTPRoutes' inputs by name."""
    found = [args for args in deployed.registered if args.typ.endswith(":HTTPRoute")]
    assert all(args.inputs["metadata"]["name"] == args.name for args in found)
    return {args.name: args.inputs for args in found}


def test_the_smallest_gateway_is_global_with_an_address_of_its_own_and_one_route(made):
    deployed = made()
    assert deployed.kinds() == ["Gateway", "GlobalAddress", "Gateway", "HTTPRoute"]
    gateway = deployed.inputs("Gateway")
    assert gateway["spec"] == {
        "gatewayClassName": "gke-l7-global-external-managed",
        "listeners": [{"name": "http", "protocol": "HTTP", "port": 80}],
        "addresses": [{"type": "NamedAddress", "value": "the-address"}],
    }
    assert (gateway["apiVersion"], gateway["metadata"]["namespace"]) == ("gateway.networking.k8s.io/v1", "demo")
    assert routes(deployed)["shop"]["spec"] == {
        "parentRefs": [{"name": "shop"}],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                "backendRefs": [{"name": "web", "port": 80, "weight": 1}],
            }
        ],
    }
    assert deployed.exports == {"address": "203.0.113.7", "url": "http://203.0.113.7/"}


def test_weights_are_shares_of_one_rule(made):
    backends = [{"service": "web", "weight": 90}, {"service": "canary", "weight": 10}]
    (rule,) = routes(made(routes=[{"backends": backends}]))["shop"]["spec"]["rules"]
    assert [(each["name"], each["weight"]) for each in rule["backendRefs"]] == [("web", 90), ("canary", 10)]


def test_each_host_has_a_route_of_its_own_with_its_rules_in_order(made):
    given = [
        {"path": "/a", "path_type": GatewayPathType.EXACT, "backends": [{"service": "a"}]},
        {"hosts": ["*.example.com", "b.example.com"], "backends": [{"service": "b"}]},
        {"headers": [{"name": "X-V", "value": "2"}], "backends": [{"service": "c"}]},
    ]
    found = routes(made(hosts=["www.example.com", "b.example.com"], routes=given))
    assert {name: inputs["spec"]["hostnames"] for name, inputs in found.items()} == {
        "shop-www.example.com": ["www.example.com"],
        "shop-b.example.com": ["b.example.com"],
        "shop-any.example.com": ["*.example.com"],
    }
    served = {
        name: [rule["backendRefs"][0]["name"] for rule in inputs["spec"]["rules"]] for name, inputs in found.items()
    }
    assert served == {
        "shop-www.example.com": ["a", "c"],
        "shop-b.example.com": ["a", "b", "c"],
        "shop-any.example.com": ["b"],
    }
    exact, headers = (rule["matches"][0] for rule in found["shop-www.example.com"]["spec"]["rules"])
    assert exact == {"path": {"type": "Exact", "value": "/a"}}
    assert headers["headers"] == [{"type": "Exact", "name": "X-V", "value": "2"}]


def test_filters_are_written_as_the_gateway_api_has_them(made):
    changes: dict[str, Any] = {"set": [{"name": "X-A", "value": "1"}], "remove": ["X-B"]}
    given = [
        {
            "backends": [{"service": "web"}],
            "filters": {
                "request_headers": changes,
                "response_headers": {"add": [{"name": "X-C", "value": "2"}]},
                "rewrite": {"host": "in.example.com", "prefix": "/v2"},
            },
        },
        {"path": "/old", "filters": {"redirect": {"host": "new.example.com", "path": "/new", "status_code": 301}}},
        {"path": "/now", "filters": {"redirect": {"scheme": "https", "host": "x.example.com", "prefix": "/"}}},
    ]
    web, old, now = routes(made(routes=given))["shop"]["spec"]["rules"]
    assert web["filters"] == [
        {"type": "RequestHeaderModifier", "requestHeaderModifier": changes},
        {"type": "ResponseHeaderModifier", "responseHeaderModifier": {"add": [{"name": "X-C", "value": "2"}]}},
        {
            "type": "URLRewrite",
            "urlRewrite": {
                "hostname": "in.example.com",
                "path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/v2"},
            },
        },
    ]
    assert (old["filters"], "backendRefs" in old) == (
        [
            {
                "type": "RequestRedirect",
                "requestRedirect": {
                    "statusCode": 301,
                    "hostname": "new.example.com",
                    "path": {"type": "ReplaceFullPath", "replaceFullPath": "/new"},
                },
            }
        ],
        False,
    )
    assert now["filters"][0]["requestRedirect"] == {
        "statusCode": 302,
        "scheme": "https",
        "hostname": "x.example.com",
        "path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"},
    }


CERTIFICATES: dict[str, tuple[dict[str, Any], Any]] = {
    "map": ({"certificate_map": "shop"}, None),
    "certificate manager": (
        {"certificate_manager": ["a", pulumi.Output.from_input("b")]},
        {"mode": "Terminate", "options": {"networking.gke.io/cert-manager-certs": "a,b"}},
    ),
    "pre-shared": (
        {"pre_shared": ["a", "b"]},
        {"mode": "Terminate", "options": {"networking.gke.io/pre-shared-certs": "a,b"}},
    ),
    "secrets": ({"secrets": ["a", "b"]}, {"mode": "Terminate", "certificateRefs": [{"name": "a"}, {"name": "b"}]}),
}


@pytest.mark.parametrize("kind", CERTIFICATES)
def test_with_certificates_https_is_answered_and_http_redirected(made, kind):
    given, expected = CERTIFICATES[kind]
    regional = {"gateway_class": GatewayClass.REGIONAL_EXTERNAL, "region": "us-central1"}
    needed = regional if kind == "certificate manager" else {}
    deployed = made(certificates=given, hosts=["*.b.org", "a.org"], **needed)
    gateway = deployed.inputs("Gateway")
    http, https = gateway["spec"]["listeners"]
    assert (http["name"], https["name"], https["port"], https.get("tls")) == ("http", "https", 443, expected)
    assert gateway["metadata"]["annotations"].get("networking.gke.io/certmap") == given.get("certificate_map")
    found = routes(deployed)
    assert {name: inputs["spec"]["parentRefs"] for name, inputs in found.items()} == {
        "shop-any.b.org": [{"name": "shop", "sectionName": "https"}],
        "shop-a.org": [{"name": "shop", "sectionName": "https"}],
        "shop-to-https": [{"name": "shop", "sectionName": "http"}],
    }
    (rule,) = found["shop-to-https"]["spec"]["rules"]
    assert rule["filters"][0]["requestRedirect"] == {"statusCode": 301, "scheme": "https"}
    assert deployed.exports["url"] == "https://a.org/"


def test_without_the_redirect_http_and_https_serve_the_same(made):
    deployed = made(certificates={"secrets": ["tls"]}, redirect_to_https=False)
    assert {name: inputs["spec"]["parentRefs"] for name, inputs in routes(deployed).items()} == {
        "shop": [{"name": "shop"}]
    }


def test_policy_says_what_the_gateway_cannot(made):
    deployed = made(
        gateway_class="gke-l7-rilb",
        address="inside",
        certificates={"certificate_manager": ["a"]},
        ssl_policy="modern",
        allow_global_access=True,
    )
    assert deployed.inputs("GCPGatewayPolicy")["spec"] == {
        "default": {"sslPolicy": "modern", "allowGlobalAccess": True},
        "targetRef": {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "shop"},
    }
    assert deployed.inputs("Gateway")["spec"]["addresses"] == [{"type": "NamedAddress", "value": "inside"}]


@pytest.mark.parametrize("gateway_class", ["gke-l7-global-external-managed", "gke-l7-gxlb"])
def test_https_needs_tls_1_2_of_a_policy_of_the_gateways_own(made, gateway_class):
    deployed = made(gateway_class=gateway_class, certificates={"secrets": ["a"]})
    assert deployed.inputs("SSLPolicy") == {"minTlsVersion": "TLS_1_2", "profile": "MODERN"}
    assert deployed.inputs("GCPGatewayPolicy")["spec"]["default"] == {"sslPolicy": "the-policy"}


@pytest.mark.parametrize("gateway_class", ["gke-l7-rilb", "gke-l7-regional-external-managed"])
def test_a_regional_gateway_has_an_ssl_policy_of_its_region(made, gateway_class):
    given = {"address": "shop", "region": "us-central1", "certificates": {"secrets": ["a"]}}
    deployed = made(gateway_class=gateway_class, **given)
    own = {"minTlsVersion": "TLS_1_2", "profile": "MODERN", "region": "us-central1"}
    assert deployed.inputs("RegionSslPolicy") == own
    assert deployed.inputs("GCPGatewayPolicy")["spec"]["default"] == {"sslPolicy": "the-policy-of-the-region"}


@pytest.mark.parametrize("given", [{}, {"certificates": {"secrets": ["a"]}, "ssl_policy": "modern"}])
def test_a_gateway_without_https_or_with_a_named_policy_makes_none(made, given):
    assert "SSLPolicy" not in made(**given).kinds()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"gateway_class": "gke-l7-rilb", "region": "us-central1", "subnetwork": "s"},
            {
                "addressType": "INTERNAL",
                "purpose": "SHARED_LOADBALANCER_VIP",
                "region": "us-central1",
                "subnetwork": "s",
            },
        ),
        (
            {"gateway_class": "gke-l7-regional-external-managed", "region": "us-central1"},
            {"addressType": "EXTERNAL", "region": "us-central1"},
        ),
    ],
)
def test_a_regional_gateway_reserves_its_address_in_the_region(made, given, expected):
    assert made(**given).inputs("Address") == expected


def test_the_address_of_a_gateway_without_one_of_its_own_comes_from_its_status(deploy, made, monkeypatch):
    status = {"status": {"addresses": [{"type": "IPAddress", "value": "203.0.113.10"}]}}
    outputs = deploy.__globals__["OUTPUTS"]
    monkeypatch.setitem(outputs, "kubernetes:gateway.networking.k8s.io/v1:Gateway", status)
    deployed = made(address=pulumi.Output.from_input("reserved"))
    assert "GlobalAddress" not in deployed.kinds()
    assert deployed.exports == {"address": "203.0.113.10", "url": "http://203.0.113.10/"}


def test_pulumi_waits_for_the_present_version_of_gateway_and_routes(made):
    deployed = made()
    now = "&&@.observedGeneration==$.metadata.generation)].type}"
    assert json.loads(deployed.inputs("Gateway")["metadata"]["annotations"]["pulumi.com/waitFor"]) == [
        "jsonpath={.status.addresses[0].value}",
        f'jsonpath={{.status.conditions[?(@.type=="Programmed"&&@.status=="True"{now}',
    ]
    assert json.loads(routes(deployed)["shop"]["metadata"]["annotations"]["pulumi.com/waitFor"]) == [
        f'jsonpath={{.status.parents[0].conditions[?(@.type=="ResolvedRefs"&&@.status=="True"{now}',
        f'jsonpath={{.status.parents[0].conditions[?(@.type=="Reconciled"&&@.status=="True"{now}',
    ]


def test_services_and_namespace_may_be_outputs(made):
    given = [{"backends": [{"service": pulumi.Output.from_input("web")}]}]
    deployed = made(namespace=pulumi.Output.from_input("demo"), routes=given)
    (rule,) = routes(deployed)["shop"]["spec"]["rules"]
    assert rule["backendRefs"][0]["name"] == "web"


def test_an_ingress_and_a_gateway_stand_side_by_side_under_one_name(deploy):
    from gke_nodrop.ingress.ingress import Ingress

    def program() -> dict[str, Any]:
        ingress = Ingress("shop", {"namespace": "demo", "default_service": "web"})
        gateway = Gateway("shop", {"namespace": "demo", "routes": ROUTES})
        return {"old": ingress.address, "new": gateway.address}

    deployed = deploy(program)
    urns = [(args.typ, args.name) for args in deployed.registered if "Address" not in args.typ]
    assert len(set(urns)) == len(urns)
    assert deployed.exports.keys() == {"old", "new"}
