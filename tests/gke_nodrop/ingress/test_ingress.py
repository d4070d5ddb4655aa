"""What an `Ingress` declares, seen through mocks."""

from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from gke_nodrop.ingress.frontend_config import RedirectCode
from gke_nodrop.ingress.ingress import Ingress
from gke_nodrop.ingress.routes import IngressPathType
from gke_nodrop.ingress.settings import Scope
from nodrop.preview import evaluate_function

BASE: Any = {"namespace": "shop", "default_service": "web"}


def front(deploy: Any, **more: Any) -> Any:
    def program() -> dict[str, Any]:
        ingress = Ingress("front", {**BASE, **more})
        return {"address": ingress.address, "url": ingress.url}

    return deploy(program)


def annotations(deployed: Any) -> dict[str, str]:
    found = deployed.inputs("Ingress")["metadata"]["annotations"]
    return {key.rpartition("/")[2]: value for key, value in found.items() if not key.startswith("pulumi.com/")}


def paths(deployed: Any) -> dict[str | None, list[tuple[str, str, str]]]:
    """Path, type and Service of each host."""
    return {
        rule.get("host"): [
            (path["path"], path["pathType"], path["backend"]["service"]["name"]) for path in rule["http"]["paths"]
        ]
        for rule in deployed.inputs("Ingress")["spec"].get("rules", [])
    }


def test_by_default_it_is_external_answers_http_and_leads_everything_to_the_default_service(deploy):
    deployed = front(deploy)
    assert deployed.kinds() == ["Ingress", "GlobalAddress", "Ingress"]
    assert annotations(deployed) == {"ingress.class": "gce", "ingress.global-static-ip-name": "the-address"}
    spec = deployed.inputs("Ingress")["spec"]
    assert spec == {"defaultBackend": {"service": {"name": "web", "port": {"name": "http"}}}}
    assert deployed.exports == {"address": "203.0.113.7", "url": "http://203.0.113.7/"}


def test_many_hosts_and_paths_lead_to_many_services(deploy):
    rules = [
        {"host": "www.example.com", "paths": [{"path": "/basket", "service": "basket"}, {"service": "web"}]},
        {"host": "*.example.com", "paths": [{"service": pulumi.Output.from_input("tenants")}]},
        {"paths": [{"path": "/status", "path_type": IngressPathType.EXACT, "service": "status"}]},
    ]
    deployed = front(deploy, rules=rules)
    assert paths(deployed) == {
        "www.example.com": [("/basket", "Prefix", "basket"), ("/", "Prefix", "web")],
        "*.example.com": [("/", "Prefix", "tenants")],
        None: [("/status", "Exact", "status")],
    }
    assert deployed.inputs("Ingress")["spec"]["defaultBackend"]["service"]["name"] == "web"
    assert deployed.exports["url"] == "http://www.example.com/"


def test_the_url_is_of_a_host_that_can_be_asked(deploy):
    rules = [{"host": host, "paths": [{"service": "web"}]} for host in ("*.example.com", "www.example.com")]
    assert front(deploy, rules=rules).exports["url"] == "http://www.example.com/"
    assert front(deploy, rules=rules[:1]).exports["url"] == "http://203.0.113.7/"


def test_an_exact_path_comes_after_a_prefix_of_the_same_text_which_gke_would_else_prefer(deploy):
    entries = [
        {"path": "/basket", "path_type": IngressPathType.EXACT, "service": "exact"},
        {"path": "/basket", "service": "prefix"},
    ]
    deployed = front(deploy, rules=[{"paths": entries}])
    assert [service for _, _, service in paths(deployed)[None]] == ["prefix", "exact"]


def test_pulumi_waits_for_the_address_so_that_pods_that_come_later_get_the_gate(deploy):
    found = front(deploy).inputs("Ingress")["metadata"]["annotations"]
    assert found["pulumi.com/waitFor"] == "jsonpath={.status.loadBalancer.ingress[0].ip}"
    assert "pulumi.com/skipAwait" not in found


@pytest.mark.parametrize("scope", Scope)
def test_an_address_that_exists_is_taken_by_its_name_and_none_reserved(deploy, scope):
    deployed = front(deploy, scope=scope, address=pulumi.Output.from_input("reserved"))
    assert deployed.kinds() == ["Ingress", "Ingress"]
    kind = "global" if scope is Scope.EXTERNAL else "regional"
    assert annotations(deployed)[f"ingress.{kind}-static-ip-name"] == "reserved"
    assert deployed.exports == {"address": "203.0.113.9", "url": "http://203.0.113.9/"}


def test_an_internal_ingress_shares_a_reserved_address_of_its_subnet_between_http_and_https(deploy):
    certificates = {"secrets": ["tls"]}
    deployed = front(deploy, scope=Scope.INTERNAL, region="us-central1", subnetwork="subnet", certificates=certificates)
    assert deployed.inputs("Address") == {
        "addressType": "INTERNAL",
        "purpose": "SHARED_LOADBALANCER_VIP",
        "region": "us-central1",
        "subnetwork": "subnet",
    }
    assert annotations(deployed) == {
        "ingress.class": "gce-internal",
        "ingress.regional-static-ip-name": "the-regional-address",
    }
    assert deployed.exports == {"address": "10.10.0.7", "url": "https://10.10.0.7/"}


def test_an_internal_ingress_without_a_subnet_takes_an_address_that_goes_with_it(deploy):
    deployed = front(deploy, scope=Scope.INTERNAL)
    assert deployed.kinds() == ["Ingress", "Ingress"]
    assert annotations(deployed) == {"ingress.class": "gce-internal"}
    assert deployed.exports["address"] == "203.0.113.9"


def test_a_regional_external_ingress_has_an_external_address_of_the_region(deploy):
    deployed = front(deploy, scope=Scope.REGIONAL_EXTERNAL, region="us-central1")
    assert deployed.inputs("Address") == {"addressType": "EXTERNAL", "region": "us-central1"}
    assert annotations(deployed) == {
        "ingress.class": "gce-regional-external",
        "ingress.regional-static-ip-name": "the-regional-address",
    }


def test_each_managed_host_has_a_certificate_of_its_own_so_that_one_more_takes_none_from_the_others(deploy):
    certificates = {"managed": ["www.example.com", "shop.example.com"]}
    deployed = front(deploy, certificates=certificates)
    made = [each.inputs for each in deployed.registered if each.typ.endswith(":ManagedCertificate")]
    assert {each["metadata"]["name"]: each["spec"] for each in made} == {
        "front-www.example.com": {"domains": ["www.example.com"]},
        "front-shop.example.com": {"domains": ["shop.example.com"]},
    }
    assert annotations(deployed)["managed-certificates"] == "front-www.example.com,front-shop.example.com"
    assert deployed.exports["url"] == "https://www.example.com/"


def test_pre_shared_certificates_are_named_in_order_and_by_output(deploy):
    certificates = {"pre_shared": [pulumi.Output.from_input("one"), "two"]}
    assert annotations(front(deploy, certificates=certificates))["pre-shared-cert"] == "one,two"


def test_secrets_stand_in_spec_tls(deploy):
    spec = front(deploy, certificates={"secrets": ["one", "two"]}).inputs("Ingress")["spec"]
    assert spec["tls"] == [{"secretName": "one"}, {"secretName": "two"}]


def test_with_a_certificate_http_is_redirected_and_https_needs_tls_1_2_of_a_policy_of_its_own(deploy):
    deployed = front(deploy, certificates={"secrets": ["tls"]})
    assert deployed.inputs("SSLPolicy") == {"minTlsVersion": "TLS_1_2", "profile": "MODERN"}
    assert deployed.inputs("FrontendConfig")["spec"] == {
        "redirectToHttps": {"enabled": True, "responseCodeName": "MOVED_PERMANENTLY_DEFAULT"},
        "sslPolicy": "the-policy",
    }
    assert annotations(deployed)["v1beta1.FrontendConfig"] == "front"


@pytest.mark.parametrize("address", [{}, {"address": "reserved"}])
def test_a_regional_ingress_has_an_ssl_policy_of_its_region(deploy, address):
    regional = {"scope": Scope.REGIONAL_EXTERNAL, "region": "us-central1", **address}
    deployed = front(deploy, certificates={"secrets": ["tls"]}, **regional)
    own = {"minTlsVersion": "TLS_1_2", "profile": "MODERN", "region": "us-central1"}
    assert deployed.inputs("RegionSslPolicy") == own
    assert deployed.inputs("FrontendConfig")["spec"]["sslPolicy"] == "the-policy-of-the-region"


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"certificates": {"secrets": ["tls"]}, "ssl_policy": "modern"},
        {"certificates": {"secrets": ["tls"]}, "scope": Scope.INTERNAL, "allow_http": False},
    ],
)
def test_no_ssl_policy_is_made_without_https_beside_a_named_one_and_where_none_is_taken(deploy, given):
    assert not [kind for kind in front(deploy, **given).kinds() if "s" + kind.lower()[1:] == "sslpolicy"]


@pytest.mark.parametrize(
    ("given", "redirect"),
    [
        ({"redirect_to_https": False}, {"enabled": False}),
        ({"allow_http": False}, {"enabled": False}),
        (
            {"redirect_code": RedirectCode.PERMANENT_REDIRECT},
            {"enabled": True, "responseCodeName": "PERMANENT_REDIRECT"},
        ),
    ],
)
def test_the_redirect_can_be_another_or_none(deploy, given, redirect):
    deployed = front(deploy, certificates={"secrets": ["tls"]}, ssl_policy="modern", **given)
    assert deployed.inputs("FrontendConfig")["spec"] == {"redirectToHttps": redirect, "sslPolicy": "modern"}


def test_http_can_be_closed(deploy):
    certificates = {"secrets": ["tls"]}
    assert annotations(front(deploy, certificates=certificates, allow_http=False))["ingress.allow-http"] == "false"
    assert "ingress.allow-http" not in annotations(front(deploy, certificates=certificates))


def test_an_internal_ingress_has_no_frontend_config(deploy):
    deployed = front(deploy, scope=Scope.INTERNAL, certificates={"secrets": ["tls"]}, allow_http=False)
    assert "FrontendConfig" not in deployed.kinds()
    assert "v1beta1.FrontendConfig" not in annotations(deployed)


def test_what_it_reads_comes_first_and_goes_last():
    def program() -> None:
        nodes = k8s.core.v1.ConfigMap("nodes")  # stands for what the program names in depends_on
        namespace = k8s.core.v1.Namespace("shop", metadata={"name": "shop"})
        service = k8s.core.v1.Service("web", metadata={"name": "web"}, spec={"ports": [{"name": "http", "port": 80}]})
        args: Any = {
            "namespace": namespace.metadata["name"],
            "default_service": service.metadata["name"],
            "certificates": {"managed": ["www.example.com"]},
        }
        Ingress("front", args, pulumi.ResourceOptions(depends_on=[nodes]))

    made = {each.type.rpartition(":")[2]: each for each in evaluate_function(program).resources if each.custom}
    kinds = {each.urn: kind for kind, each in made.items()}
    before = {kinds[urn] for urn in made["Ingress"].dependencies}
    assert before == {*made} - {"Ingress"}
    assert "ConfigMap" in {kinds[urn] for urn in made["GlobalAddress"].dependencies}
