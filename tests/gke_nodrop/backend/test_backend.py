"""How a load balancer is told to treat a `NegService` besides timings, seen through mocks."""

from typing import Any

import pulumi_kubernetes as k8s
import pytest

from gke_nodrop.backend.neg_service import NegService
from tests.gke_nodrop.backend.declared_neg import CREDENTIALS, config, neg, policy


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


CACHED = {
    "cache_mode": "CACHE_ALL_STATIC",
    "default_ttl_seconds": 3600,
    "max_ttl_seconds": 86400,
    "client_ttl_seconds": 3600,
    "serve_while_stale_seconds": 86400,
    "request_coalescing": True,
    "negative_caching": True,
    "negative_caching_policy": [{"code": 404, "ttl_seconds": 60}],
    "bypass_on_request_headers": ["Authorization"],
    "cache_key": {
        "include_host": True,
        "include_protocol": True,
        "include_query_string": True,
        "query_parameters": ["page"],
    },
}


def test_every_input_of_the_cache_is_written(deploy):
    assert config(deploy(neg(backend={"cdn": CACHED})))["cdn"] == {
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
