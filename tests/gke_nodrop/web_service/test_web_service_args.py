"""Inputs that a `WebService` does not take together, told by the names that its user gave."""

import pulumi
import pytest

from tests.gke_nodrop.web_service.web_services import HOSTS, IAP, faults_beside


def test_faults_of_settings_stand_under_the_name_of_their_group():
    found = faults_beside(
        ingress={"region": "us-central1", "certificates": {"managed": ["a.example.com"], "pre_shared": ["b"]}},
        gateway={"allow_global_access": True},
    )
    assert list(found) == ["ingress.certificates.pre_shared", "ingress.region", "gateway.allow_global_access"]


@pytest.mark.parametrize("more", [{}, {"gateway": {}}, {"ingress": {"scope": "internal"}, "hosts": HOSTS}])
def test_iap_needs_https(more):
    fault = faults_beside(backend={"iap": IAP}, **more)["backend.iap"]
    assert "HTTPS" in fault.rule


@pytest.mark.parametrize("scope", ["internal", "regional-external"])
@pytest.mark.parametrize("asked", [{"cdn": {}}, {"security_policy": "edge"}])
def test_cdn_and_cloud_armor_are_for_an_external_ingress(scope, asked):
    ((at, fault),) = faults_beside(ingress={"scope": scope}, backend=asked).items()
    assert at == f"backend.{next(iter(asked))}"
    assert "external Ingress" in fault.rule


def test_a_namespace_is_either_made_or_taken():
    ((at, fault),) = faults_beside(namespace="shop", existing_namespace="team").items()
    assert (at, fault.value) == ("existing_namespace", '"team"')
    assert "namespace" in fault.rule


def test_faults_of_all_parts_are_told_at_once():
    found = faults_beside(
        port=0,
        hosts=["Example.com"],
        accept={"no-such-rule": "because"},
        backend={"cdn": {}, "iap": {"client_id": "123-abc"}},
        ingress={"scope": "regional-external", "redirect_code": "FOUND"},
        gateway={"region": "us-central1"},
        namespace="kube-system",
        rollout={"pre_stop_seconds": 1, "keep_alive_timeout_seconds": 620},
    )
    assert {
        "port",
        "hosts[0]",
        'accept["no-such-rule"]',
        "backend.cdn",
        "backend.iap.client_secret",
        "ingress.redirect_code",
        "gateway.region",
        "namespace",
        "rollout.pre_stop_seconds",
    } <= found.keys()
    assert "backend.iap" not in found  # hosts would have brought HTTPS


def test_a_namespace_that_is_an_output_is_answered_with_the_input_that_takes_one(deploy):
    found = faults_beside(namespace=pulumi.Output.from_input("shop"))
    assert found["namespace"].rule.endswith("; existing_namespace takes an Output")
    assert faults_beside(existing_namespace=pulumi.Output.from_input("shop")) == {}


LONG = f"{'a' * 50}.{'b' * 20}.example.com"
LONGEST = ".".join(["a" * 60] * 4)


@pytest.mark.parametrize("host", ["*.example.com", LONG, "localhost"])
def test_a_host_that_no_managed_certificate_can_have_needs_another_one(host):
    ((at, fault),) = faults_beside(hosts=[HOSTS[0], host]).items()
    assert at == "hosts[1]"
    assert "63 characters" in fault.rule
    assert "ingress.certificates" in fault.rule


@pytest.mark.parametrize("host", ["*.example.com", LONG, "localhost"])
@pytest.mark.parametrize(
    "more",
    [
        {"gateway": {}},
        {"ingress": {"scope": "internal"}},
        {"ingress": {"certificates": {"pre_shared": ["wildcard-example-com"]}}},
        {"ingress": {"certificates": {"secrets": ["tls"]}}},
    ],
)
def test_without_managed_certificates_any_host_of_an_ingress_or_a_gateway_is_served(host, more):
    assert faults_beside(hosts=[host], **more) == {}


def test_a_gateway_takes_shorter_hosts_than_an_ingress():
    ((at, fault),) = faults_beside(hosts=[LONGEST], gateway={}).items()
    assert at == "hosts[0]"
    assert "190 characters" in fault.rule
    assert faults_beside(hosts=[LONGEST], ingress={"scope": "internal"}) == {}
