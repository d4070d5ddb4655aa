"""What of a `NegService` comes before what, and that its secrets stay ones."""

import pulumi
import pulumi_kubernetes as k8s
import pytest

from gke_nodrop.backend.neg_service import NegService


def program() -> None:
    """A service of Ingress and Gateway behind IAP; something before it, and something that takes its name."""
    first = k8s.core.v1.Namespace("shop")
    web = NegService(
        "web",
        {
            "namespace": "shop",
            "for_gateway": True,
            "backend": {"iap": {"client_id": "123-abc", "client_secret": "hunter2"}},
        },
        pulumi.ResourceOptions(depends_on=[first]),
    )
    k8s.core.v1.ConfigMap("last", data={"service": web.service_name})


@pytest.fixture
def shop(evaluated):
    return evaluated(program)


def test_the_service_comes_after_its_backend_config_and_before_the_policies_that_point_at_it(shop):
    service, config = shop.one("Service"), shop.one("BackendConfig")
    assert config.urn in shop.needs(service)
    for kind in ("GCPBackendPolicy", "HealthCheckPolicy"):
        assert service.urn in shop.needs(shop.one(kind))


def test_the_secrets_come_before_what_names_them(shop):
    assert shop.one("Secret", "web-iap").urn in shop.needs(shop.one("BackendConfig"))
    assert shop.one("Secret", "web-iap-policy").urn in shop.needs(shop.one("GCPBackendPolicy"))


def test_every_part_waits_for_what_the_components_options_name(shop):
    first = shop.one("Namespace")
    parts = [each for each in shop.evaluation.resources if each.parent == shop.one("NegService").urn]
    assert len(parts) == 6
    assert all(first.urn in each.dependencies for each in parts)  # the component's own would hold back no part


def test_whoever_takes_the_services_name_waits_for_every_part(shop):
    needed = shop.needs(shop.one("ConfigMap"))
    parts = [each for each in shop.evaluation.resources if each.parent == shop.one("NegService").urn]
    assert {each.urn for each in parts} <= needed


def test_a_clients_secret_stays_one(shop):
    assert "hunter2" not in repr(shop.evaluation)
