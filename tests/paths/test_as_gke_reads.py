"""Objects are read as GKE's Ingress controller reads them; what it refuses is a problem that names the source.

Each case restates a row of the unit tests of kubernetes/ingress-gce at acbcf5d6, or what its code does.
"""

import pytest

from nodrop.paths import Problem, ProblemKind, resolve
from nodrop.paths.wiring import read_wiring

ANNOTATION = "metadata.annotations"


def problems_of(objects, *others) -> list[Problem]:
    found = resolve([*objects.all, *others])
    assert not found.paths
    return list(found.problems)


def refused(objects, *others) -> Problem:
    (problem,) = problems_of(objects, *others)
    assert problem.kind is ProblemKind.REFUSED
    assert problem.source
    assert "kubernetes/ingress-gce" in problem.source
    return problem


def routes_of(objects) -> tuple[str, ...]:
    found = resolve(objects.all)
    assert found.problems == ()
    return found.paths[0].routes


def only_path(objects, **fields) -> None:
    """The Ingress with a single rule of one path."""
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    objects.ingress["spec"] = {"rules": [{"http": {"paths": [{"backend": backend, **fields}]}}]}


def annotate(manifest, key, value) -> None:
    manifest["metadata"]["annotations"][key] = value


@pytest.mark.parametrize(
    "fields",
    [
        {"path": "/*", "pathType": "Prefix"},
        {"path": "/a*/b", "pathType": "Exact"},
        {"path": "", "pathType": "Prefix"},
        {"pathType": "Exact"},
        {"path": "/", "pathType": "prefix"},
    ],
)
def test_a_path_that_the_translator_refuses_is_not_served(objects, fields):
    only_path(objects, **fields)
    assert refused(objects).field == "spec.rules[0].http.paths[0].path"


def test_a_refused_path_refuses_the_whole_ingress(objects):
    objects.ingress["spec"]["rules"][0]["http"]["paths"][0]["pathType"] = "Exact"
    objects.ingress["spec"]["rules"][0]["http"]["paths"][0]["path"] = "/api/*"
    assert refused(objects).object.kind == "Ingress"


def test_of_equal_paths_of_a_host_the_last_one_counts(objects):
    paths = [{"backend": {"service": {"name": name, "port": {"number": 80}}}} for name in ("other", "web")]
    objects.ingress["spec"] = {"rules": [{"host": "a.org", "http": {"paths": paths}}]}
    assert routes_of(objects) == ("a.org/",)


def test_of_two_rules_for_a_host_the_last_one_counts(objects):
    rules = [
        {"host": "a.org", "http": {"paths": [{"path": path, "backend": {"service": {"name": name, "port": port}}}]}}
        for path, name, port in (("/a", "other", {"number": 80}), ("/b", "web", {"name": "http"}))
    ]
    objects.ingress["spec"] = {"rules": rules}
    (path,) = resolve(objects.all).paths
    assert path.routes == ("a.org/b",)


@pytest.mark.parametrize(("text", "schemes"), [("False", ()), ("0", ()), ("f", ()), ("no", ("HTTP",))])
def test_http_is_shut_by_every_spelling_of_false(objects, text, schemes):
    annotate(objects.ingress, "kubernetes.io/ingress.allow-http", text)
    (path,) = resolve(objects.all).paths
    front = read_wiring(path, objects.all).front
    assert front is not None
    assert front.schemes == schemes


@pytest.mark.parametrize("text", ['{"defualt":"x"}', "{}", "", '{"default":"web"'])
def test_an_annotation_that_names_no_backend_config_fails(objects, text):
    annotate(objects.service, "cloud.google.com/backend-config", text)
    assert refused(objects).field == f"{ANNOTATION}[cloud.google.com/backend-config]"


def test_a_backend_config_for_a_port_that_the_service_lacks_governs_nothing(objects):
    annotate(objects.service, "cloud.google.com/backend-config", '{"ports":{"8080":"web"}}')
    (path,) = resolve(objects.all).paths
    assert path.backend_config is None
    assert path.draining_timeout_seconds == 0


def test_a_protocol_of_another_port_refuses_the_service(objects):
    annotate(objects.service, "cloud.google.com/app-protocols", '{"http":"HTTP","admin":"GRPC"}')
    assert refused(objects).object.kind == "Service"


def test_both_static_addresses_are_one_too_many(objects):
    annotate(objects.ingress, "kubernetes.io/ingress.global-static-ip-name", "a")
    annotate(objects.ingress, "kubernetes.io/ingress.regional-static-ip-name", "b")
    assert refused(objects).field == f"{ANNOTATION}[kubernetes.io/ingress.regional-static-ip-name]"


@pytest.mark.parametrize("kind", ["http", "TCP", ""])
def test_a_health_check_of_another_type_is_refused(objects, kind):
    objects.backend_config["spec"]["healthCheck"]["type"] = kind
    assert refused(objects).field == "spec.healthCheck.type"


def test_a_neg_annotation_is_refused_for_a_member_that_nobody_asked_for(objects):
    annotate(objects.service, "cloud.google.com/neg", '{"ingress":true,"zones":"europe-west1-b"}')
    assert refused(objects).field == f"{ANNOTATION}[cloud.google.com/neg]"


TRANSPARENT = "networking.gke.io/transparent-health-checker"


def test_a_backend_configs_health_check_goes_before_a_transparent_one(objects):
    annotate(objects.service, TRANSPARENT, '{"enabled":true}')
    (path,) = resolve(objects.all).paths
    assert path.health_check.path == "/ready/"


def test_a_target_port_in_quotes_is_a_name(objects):
    objects.service["spec"]["ports"][0]["targetPort"] = "8080"
    (problem,) = problems_of(objects)
    assert (problem.kind, problem.field) == (ProblemKind.LEADS_NOWHERE, "spec.ports[0].targetPort")
    assert 'the text "8080", a name and no number' in problem.message


SPEC = {
    "IAP beside CDN": ({"iap": {"enabled": True}, "cdn": {"enabled": True}}, "spec.iap.enabled"),
    "an affinity that is none": ({"sessionAffinity": {"affinityType": "COOKIE"}}, "spec.sessionAffinity.affinityType"),
    "a cookie of more than a day": (
        {"sessionAffinity": {"affinityCookieTtlSec": 86401}},
        "spec.sessionAffinity.affinityCookieTtlSec",
    ),
    "more than every request logged": ({"logging": {"sampleRate": 1.01}}, "spec.logging.sampleRate"),
}


@pytest.mark.parametrize(("spec", "field"), SPEC.values(), ids=SPEC)
def test_a_backend_config_is_refused_as_its_validation_does(objects, spec, field):
    objects.backend_config["spec"] |= spec
    assert refused(objects).field == field


@pytest.mark.parametrize("feature", ["iap", "cdn"])
def test_a_regional_external_ingress_has_neither_iap_nor_cdn(objects, feature):
    annotate(objects.ingress, "kubernetes.io/ingress.class", "gce-regional-external")
    objects.backend_config["spec"][feature] = {"enabled": True}
    assert refused(objects).field == f"spec.{feature}.enabled"


def secret(**data) -> dict:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "key", "namespace": "demo"}, "data": data}


IAP = {"iap": {"enabled": True, "oauthclientCredentials": {"secretName": "key"}}}
CDN = {"cdn": {"enabled": True, "signedUrlKeys": [{"keyName": "k", "secretName": "key"}]}}


@pytest.mark.parametrize(
    ("spec", "data", "missing"),
    [
        (IAP, {"client_id": ""}, "client_secret"),
        (IAP, {"client_secret": ""}, "client_id"),
        (CDN, {"any_key_value": ""}, "key_value"),
    ],
)
def test_a_secret_must_hold_what_the_backend_config_takes_from_it(objects, spec, data, missing):
    objects.backend_config["spec"] |= spec
    assert f"a Secret that holds {missing}" in str(refused(objects, secret(**data)))


@pytest.mark.parametrize(
    "spec",
    [
        {"sessionAffinity": {"affinityType": "CLIENT_IP", "affinityCookieTtlSec": 86400}},
        {"logging": {}},
        {"logging": {"enable": True, "sampleRate": 1}},
        {"iap": {"enabled": True}, "cdn": {"enabled": False}},
        IAP,
        CDN,
    ],
)
def test_what_the_validation_takes_is_served(objects, spec):
    objects.backend_config["spec"] |= spec
    complete = secret(client_id="", client_secret="", key_value="")
    assert len(resolve([*objects.all, complete]).paths) == 1
