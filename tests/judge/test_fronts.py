"""What a load balancer cannot have in front: schemes, redirects, addresses and certificates that its class refuses."""

from typing import Any

import pytest

from nodrop.gke import gateways, ingresses
from nodrop.judge import PathJudgement, Verdict, judge
from tests.judge.edits import clean

INTERNAL, REGIONAL_EXTERNAL = ingresses.CLASS_INTERNAL, ingresses.CLASS_REGIONAL_EXTERNAL
PROXIES = {"ipBlock": {"cidr": "10.0.0.0/23"}}


def of_class(name: str | None, annotations: dict[str, str], *, secret: bool = False, redirects: bool = False) -> Any:
    """The clean objects with an Ingress of that class and those annotations alone."""
    objects = clean("ingress")
    by_kind = {each["kind"]: each for each in objects}
    own = annotations | ({ingresses.CLASS: name} if name else {})
    by_kind["Ingress"]["metadata"]["annotations"] = own
    by_kind["NetworkPolicy"]["spec"]["ingress"][0]["from"].append(PROXIES)
    if secret:
        by_kind["Ingress"]["spec"]["tls"] = [{"secretName": "shop"}]
    if not redirects:
        by_kind["FrontendConfig"]["spec"] = {}
    return objects


def judged(objects: Any) -> PathJudgement:
    (path,) = judge(objects).paths
    return path


def found(path: PathJudgement) -> list[tuple[str, str | None]]:
    return [(each.rule, each.field) for each in path.diagnostics]


def annotation(key: str) -> str:
    return f"metadata.annotations[{key}]"


REDIRECTING = {ingresses.FRONTEND_CONFIG: "shop"}
ADDRESS = {ingresses.REGIONAL_STATIC_ADDRESS: "shop"}
HTTPS_ONLY = {ingresses.ALLOW_HTTP: "false"}
PRE_SHARED = {ingresses.PRE_SHARED_CERTIFICATES: "shop"}
MANAGED = {ingresses.MANAGED_CERTIFICATES: "shop"}


@pytest.mark.parametrize(
    ("annotations", "secret"), [({}, True), (PRE_SHARED, False), ({**PRE_SHARED, **REDIRECTING}, True)]
)
def test_an_internal_ingress_answers_both_schemes_on_a_reserved_address_only(annotations, secret):
    path = judged(of_class(INTERNAL, annotations, secret=secret))
    assert found(path) == [("object-is-accepted", annotation(ingresses.ALLOW_HTTP))]
    for mended in (ADDRESS, HTTPS_ONLY):
        assert judged(of_class(INTERNAL, annotations | mended, secret=secret)).verdict is Verdict.CLEAN


@pytest.mark.parametrize("name", [None, REGIONAL_EXTERNAL])
def test_other_ingresses_answer_both_on_any_address(name):
    assert judged(of_class(name, PRE_SHARED)).verdict is Verdict.CLEAN


@pytest.mark.parametrize("secret", [True, False])
def test_an_internal_ingress_cannot_redirect_and_no_certificate_is_advised(secret):
    path = judged(of_class(INTERNAL, REDIRECTING | ADDRESS, secret=secret, redirects=True))
    assert found(path) == [("object-is-accepted", annotation(ingresses.FRONTEND_CONFIG))]
    assert "url_maps.go" in path.diagnostics[0].source


def test_a_regional_external_ingress_redirects():
    path = judged(of_class(REGIONAL_EXTERNAL, REDIRECTING, secret=True, redirects=True))
    assert path.verdict is Verdict.CLEAN


@pytest.mark.parametrize("name", [INTERNAL, REGIONAL_EXTERNAL])
def test_a_regional_proxy_takes_no_managed_certificate(name):
    path = judged(of_class(name, MANAGED))
    assert found(path) == [("object-is-accepted", annotation(ingresses.MANAGED_CERTIFICATES))]
    alone = {rule for rule, _ in found(judged(of_class(name, MANAGED | HTTPS_ONLY)))}
    assert alone == {"object-is-accepted", "load-balancer-answers"}


@pytest.mark.parametrize(
    ("name", "key", "verdict"),
    [
        (None, ingresses.GLOBAL_STATIC_ADDRESS, Verdict.CLEAN),
        (None, ingresses.REGIONAL_STATIC_ADDRESS, Verdict.NOT_JUDGED),
        (INTERNAL, ingresses.REGIONAL_STATIC_ADDRESS, Verdict.CLEAN),
        (INTERNAL, ingresses.GLOBAL_STATIC_ADDRESS, Verdict.NOT_JUDGED),
        (REGIONAL_EXTERNAL, ingresses.REGIONAL_STATIC_ADDRESS, Verdict.CLEAN),
        (REGIONAL_EXTERNAL, ingresses.GLOBAL_STATIC_ADDRESS, Verdict.NOT_JUDGED),
    ],
)
def test_an_address_is_looked_up_in_the_scope_of_the_class(name, key, verdict):
    path = judged(of_class(name, {key: "shop"}))
    assert path.verdict is verdict
    assert all("addresses for one called shop" in each for each in path.not_judged)


@pytest.mark.parametrize(
    ("kind", "spec", "told"),
    [
        ("FrontendConfig", {"sslPolicy": "modern"}, "an SSL policy of a FrontendConfig is for external Ingresses only"),
        ("BackendConfig", {"cdn": {"enabled": True}}, "Cloud CDN is for external Ingresses only"),
        ("BackendConfig", {"customRequestHeaders": {"headers": ["X-A:b"]}}, "a list of request headers is for"),
        ("BackendConfig", {"customResponseHeaders": {"headers": ["X-A:b"]}}, "a list of response headers is for"),
    ],
)
def test_what_is_for_external_ingresses_is_not_judged_of_an_internal_one(kind, spec, told):
    objects = of_class(INTERNAL, REDIRECTING)
    next(each for each in objects if each["kind"] == kind)["spec"] |= spec
    path = judged(objects)
    assert path.verdict is Verdict.NOT_JUDGED
    assert told in path.not_judged[0]


@pytest.mark.parametrize("name", [INTERNAL, REGIONAL_EXTERNAL])
@pytest.mark.parametrize("policy", [{"name": "edge"}, {"name": ""}])
def test_a_backend_service_of_a_region_takes_no_security_policy(name, policy):
    objects = of_class(name, {})
    next(each for each in objects if each["kind"] == "BackendConfig")["spec"]["securityPolicy"] = policy
    path = judged(objects)
    assert found(path) == [("object-is-accepted", "spec.securityPolicy")]
    assert "before endpoints and routes" in path.diagnostics[0].why


def test_one_of_a_global_ingress_does():
    objects = of_class(None, {})
    next(each for each in objects if each["kind"] == "BackendConfig")["spec"]["securityPolicy"] = {"name": "edge"}
    assert judged(objects).verdict is Verdict.CLEAN


def test_a_refused_certificate_is_not_missed_as_well():
    objects = [each for each in of_class(INTERNAL, MANAGED) if each["kind"] != "ManagedCertificate"]
    assert judged(objects).not_judged == ()


def test_how_far_the_controller_comes_before_it_fails_is_told():
    of_hop, of_redirect = of_class(INTERNAL, {}, secret=True), of_class(INTERNAL, REDIRECTING | ADDRESS, redirects=True)
    whys = [judged(objects).diagnostics[0].why for objects in (of_hop, of_redirect)]
    assert whys[0].startswith("the controller updates the backends, then ends with an error before routes and")
    assert whys[1].startswith("the controller updates backends and routes, then ends with an error before it makes")


def gateway(name: str, *, tls: bool) -> Any:
    objects = clean("gateway")
    (given,) = (each for each in objects if each["kind"] == "Gateway")
    given["metadata"]["annotations"] = {gateways.CERTIFICATE_MAP: "shop"}
    given["spec"]["gatewayClassName"] = name
    if not tls:
        del given["spec"]["listeners"][0]["tls"]
    return objects


@pytest.mark.parametrize("name", ["gke-l7-global-external-managed", "gke-l7-gxlb-mc"])
def test_a_certificate_map_stands_alone(name):
    assert found(judged(gateway(name, tls=True))) == [("object-is-accepted", "spec.listeners[0].tls")]
    assert judged(gateway(name, tls=False)).verdict is Verdict.CLEAN


@pytest.mark.parametrize(
    "name", ["gke-l7-rilb", "gke-l7-regional-external-managed", "gke-l7-regional-external-managed-mc"]
)
def test_a_regional_proxy_takes_no_certificate_map(name):
    assert ("object-is-accepted", annotation(gateways.CERTIFICATE_MAP)) in found(judged(gateway(name, tls=True)))
    assert {rule for rule, _ in found(judged(gateway(name, tls=False)))} == {
        "object-is-accepted",
        "load-balancer-answers",
    }
