"""Wrong inputs of a `NegService`: one error with every fault, and nothing registered."""

import json
from typing import Any

import pulumi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gke_nodrop import InputError
from gke_nodrop.backend import settings as backends
from gke_nodrop.backend.neg_service import NegService
from gke_nodrop.backend.neg_service_args import NegServiceArgs, judge
from gke_nodrop.inputs.declared import example_of
from tests.gke_nodrop.inputs.passing import PASSING
from tests.gke_nodrop.refusals import accepts, faults_of, outcome

HEADER = {"name": "X-A", "value": "a"}


def backend(**more: Any) -> dict[str, Any]:
    return {"backend": more}


def cached(**more: Any) -> dict[str, Any]:
    return {"backend": {"cdn": more}}


GATEWAY = {"for_ingress": False, "for_gateway": True}
APART = {"for_ingress": False, "exposed_ports": [{}]}
BAD: list[tuple[dict[str, Any], list[str]]] = [
    ({"namespace": "Shop"}, ["namespace"]),
    ({"namespace": None}, ["namespace"]),
    ({"namespace": 5}, ["namespace"]),
    ({"selects": "Web_1"}, ["selects"]),
    ({"protocol": "SPDY"}, ["protocol"]),
    ({"protocol": "http"}, ["protocol"]),
    ({"for_ingress": "yes"}, ["for_ingress"]),
    ({"for_gateway": 1}, ["for_gateway"]),
    ({"for_ingress": pulumi.Output.from_input(True)}, ["for_ingress"]),
    ({"exposed_ports": [{"port": 8080}]}, ["exposed_ports[0].port"]),
    ({"exposed_ports": [{}, {"port": 80}]}, ["exposed_ports[1]"]),
    ({"for_ingress": False, "exposed_ports": [{"name": "Shop"}]}, ["exposed_ports[0].name"]),
    ({"exposed_ports": [{"name": "shop-web"}]}, ["exposed_ports[0].name"]),
    ({"for_ingress": False}, ["for_ingress"]),
    ({**APART, "backend": {"security_policy": "edge"}}, ["backend"]),
    ({"protocol": "GRPC"}, ["health_check.port"]),
    ({"protocol": "GRPC", **GATEWAY}, ["health_check.port"]),
    ({"health_check": {"port": 0}}, ["health_check.port"]),
    ({"health_check": {"timeout_seconds": 9}}, ["health_check.timeout_seconds"]),
    ({"health_check": {"path": '/a"b'}, **GATEWAY}, ["health_check.path"]),
    ({"rollout": {"draining_timeout_seconds": 1}}, ["rollout.draining_timeout_seconds"]),
    ({"rollout": {"backend_timeout_seconds": 1}}, ["rollout.backend_timeout_seconds"]),
    ({"rollout": {"longest_request_seconds": 5000}}, ["rollout.longest_request_seconds"]),
    ({"accept": {"no-such-rule": "why not"}}, ['accept["no-such-rule"]']),
    ({"accept": {"check-timeout-within-interval": "why not"}}, ['accept["check-timeout-within-interval"]']),
    (backend(session_affinity={"type": "HEADER_FIELD"}), ["backend.session_affinity.type"]),
    (backend(session_affinity={"cookie_ttl_seconds": 5}), ["backend.session_affinity.cookie_ttl_seconds"]),
    (
        backend(session_affinity={"type": "CLIENT_IP", "cookie_ttl_seconds": 5}),
        ["backend.session_affinity.cookie_ttl_seconds"],
    ),
    (
        backend(session_affinity={"type": "GENERATED_COOKIE", "cookie_ttl_seconds": 86401}),
        ["backend.session_affinity.cookie_ttl_seconds"],
    ),
    (
        {**backend(session_affinity={"type": "GENERATED_COOKIE", "cookie_ttl_seconds": 1209601}), **GATEWAY},
        ["backend.session_affinity.cookie_ttl_seconds"],
    ),
    (backend(request_headers=["X-A: a"]), ["backend.request_headers[0]"]),
    (backend(request_headers=[{"name": "X-A"}]), ["backend.request_headers[0].value"]),
    (backend(request_headers=[{"name": "X A", "value": ""}]), ["backend.request_headers[0].name"]),
    (backend(request_headers=[{"name": "X-Google-A", "value": ""}]), ["backend.request_headers[0].name"]),
    (backend(request_headers=[{"name": "keep-alive", "value": ""}]), ["backend.request_headers[0].name"]),
    (backend(request_headers=[{"name": "X-A", "value": "a\r\nX-B: b"}]), ["backend.request_headers[0].value"]),
    (backend(response_headers=[HEADER, {"name": "x-a", "value": "b"}]), ["backend.response_headers[1].name"]),
    (backend(response_headers=[{"name": f"X-{n}", "value": ""} for n in range(17)]), ["backend.response_headers"]),
    (backend(response_headers=[{"name": "X-A", "value": "a" * 8192}]), ["backend.response_headers"]),
    (backend(logging={"sample_rate": 1.1}), ["backend.logging.sample_rate"]),
    (backend(logging={"sample_rate": float("nan")}), ["backend.logging.sample_rate"]),
    (backend(logging={"sample_rate": True}), ["backend.logging.sample_rate"]),
    (backend(iap={"client_id": "a b", "client_secret": "s"}), ["backend.iap.client_id"]),
    (backend(iap={"client_id": "id"}), ["backend.iap.client_secret"]),
    (backend(iap={"client_secret": "s"}), ["backend.iap.client_id"]),
    ({**backend(iap={}), **GATEWAY}, ["backend.iap.client_id", "backend.iap.client_secret"]),
    (backend(iap={}, cdn={}), ["backend.cdn"]),
    (backend(security_policy="projects/p/global/securityPolicies/edge"), ["backend.security_policy"]),
    ({**cached(), **GATEWAY}, ["backend.cdn"]),
    ({**backend(request_headers=[HEADER]), **GATEWAY}, ["backend.request_headers"]),
    ({**backend(response_headers=[HEADER]), **GATEWAY}, ["backend.response_headers"]),
    (cached(cache_mode="ALL"), ["backend.cdn.cache_mode"]),
    (cached(default_ttl_seconds=-1), ["backend.cdn.default_ttl_seconds"]),
    (cached(client_ttl_seconds=31_622_401), ["backend.cdn.client_ttl_seconds"]),
    (cached(default_ttl_seconds=86_401), ["backend.cdn.default_ttl_seconds"]),
    (cached(max_ttl_seconds=60), ["backend.cdn.max_ttl_seconds"]),
    (cached(cache_mode="FORCE_CACHE_ALL", max_ttl_seconds=60), ["backend.cdn.max_ttl_seconds"]),
    (
        cached(cache_mode="USE_ORIGIN_HEADERS", default_ttl_seconds=6, client_ttl_seconds=6),
        ["backend.cdn.client_ttl_seconds", "backend.cdn.default_ttl_seconds"],
    ),
    (cached(serve_while_stale_seconds=604_801), ["backend.cdn.serve_while_stale_seconds"]),
    (cached(request_coalescing="no"), ["backend.cdn.request_coalescing"]),
    (
        cached(negative_caching_policy=[{"code": 500, "ttl_seconds": 1}]),
        ["backend.cdn.negative_caching_policy[0].code"],
    ),
    (
        cached(negative_caching_policy=[{"code": 404, "ttl_seconds": 1801}]),
        ["backend.cdn.negative_caching_policy[0].ttl_seconds"],
    ),
    (
        cached(negative_caching_policy=[{"code": 404, "ttl_seconds": 1}, {"code": 404, "ttl_seconds": 2}]),
        ["backend.cdn.negative_caching_policy[1].code"],
    ),
    (
        cached(negative_caching=False, negative_caching_policy=[{"code": 404, "ttl_seconds": 1}]),
        ["backend.cdn.negative_caching_policy"],
    ),
    (cached(bypass_on_request_headers=["A", "B", "C", "D", "E", "F"]), ["backend.cdn.bypass_on_request_headers"]),
    (cached(bypass_on_request_headers=["A B"]), ["backend.cdn.bypass_on_request_headers[0]"]),
    (cached(cache_key={"include_host": "no"}), ["backend.cdn.cache_key.include_host"]),
    (cached(cache_key={"query_parameters": [""]}), ["backend.cdn.cache_key.query_parameters[0]"]),
    (
        cached(cache_key={"query_parameters": ["a"], "ignored_query_parameters": ["b"]}),
        ["backend.cdn.cache_key.ignored_query_parameters"],
    ),
    (
        cached(cache_key={"include_query_string": False, "query_parameters": ["a"]}),
        ["backend.cdn.cache_key.query_parameters"],
    ),
]


@pytest.mark.parametrize(("given", "wrong"), BAD, ids=[" ".join(wrong) for _, wrong in BAD])
def test_a_wrong_input_is_named_with_a_value_that_would_pass(deploy, given, wrong):
    assert sorted(faults_of(NegService, {"namespace": "shop", **given})) == wrong


def test_every_fault_of_one_call_is_told_at_once(deploy):
    found = faults_of(
        NegService,
        {
            "namespace": "Shop",
            "protocol": "GRPC",
            "selekts": "web",
            "exposed_ports": [{"name": "x"}],
            "rollout": {"draining_timeout_seconds": 1},
            "backend": {"iap": {"client_id": "id"}, "cdn": {"max_ttl_seconds": 1}, "logging": {"sample_rate": 2}},
        },
    )
    assert sorted(found) == [
        "backend.cdn",
        "backend.cdn.max_ttl_seconds",
        "backend.iap.client_secret",
        "backend.logging.sample_rate",
        "exposed_ports[0].name",
        "health_check.port",
        "namespace",
        "rollout.draining_timeout_seconds",
        "selekts",
    ]


@pytest.mark.parametrize(
    ("given", "one", "other", "cure"),
    [
        (backend(iap={}, cdn={}), "backend.cdn", "excludes iap", "absent, or iap absent"),
        (
            {"exposed_ports": [{"name": "x"}]},
            "exposed_ports[0].name",
            "for_ingress = true",
            "absent, or for_ingress false",
        ),
        ({"protocol": "GRPC"}, "health_check.port", "protocol GRPC", "8081"),
        (
            backend(session_affinity={"cookie_ttl_seconds": 5}),
            "backend.session_affinity.cookie_ttl_seconds",
            "needs type = GENERATED_COOKIE",
            "absent",
        ),
        ({**cached(), **GATEWAY}, "backend.cdn", "a GCPHTTPFilter", "absent"),
        ({**backend(request_headers=[HEADER]), **GATEWAY}, "backend.request_headers", "filter of the route", "absent"),
    ],
)
def test_what_excludes_what_is_told_with_both_and_the_cure(deploy, given, one, other, cure):
    fault = faults_of(NegService, {"namespace": "shop", **given})[one]
    assert other in fault.rule
    assert fault.would_pass == cure


@pytest.mark.parametrize(
    "given",
    [
        backend(iap={"client_id": "id", "client_secret": 4711}),
        backend(iap={"client_id": "id", "client_secret": "47 11"}),
        backend(iap={"client_id": "id", "client_secret": ["4711"]}),
        backend(iap={"client_sekret": "4711"}),
        backend(iap="4711"),
        backend(iap=["4711"]),
        {"backend": [{"iap": "4711"}]},
        {"backend": {"iap": {"client_secret": "4711"}, "cdn": {}}},
    ],
)
def test_a_secret_is_in_no_error_wherever_it_was_put(deploy, given):
    raised: list[str] = []

    def program() -> None:
        with pytest.raises(InputError) as caught:
            NegService("web", {"namespace": "shop", **given})
        raised.append(f"{caught.value} {caught.value!r} {caught.value.faults}")

    deploy(program)
    (said,) = raised
    assert "4711" not in said
    assert "47 11" not in said


def test_an_output_is_taken_for_what_is_secret_or_known_later(deploy):
    later = pulumi.Output.from_input("later")
    args: Any = {"namespace": later, "backend": {"iap": {"client_id": later, "client_secret": later}}}
    assert "Secret" in deploy(lambda: NegService("web", args) and None).kinds()


def test_a_cookie_may_live_longer_without_an_ingress(deploy):
    affinity = {"type": "GENERATED_COOKIE", "cookie_ttl_seconds": 1_209_600}
    args: Any = {"namespace": "shop", **GATEWAY, **backend(session_affinity=affinity)}
    assert accepts(NegService, args)


def test_the_name_must_suit_the_objects_named_after_it(deploy):
    assert list(faults_of(NegService, PASSING["NegService"], name="Web_1")) == ["name"]


def test_args_that_are_no_mapping_are_refused(deploy):
    assert list(faults_of(NegService, "web")) == ["args"]


@pytest.mark.parametrize(
    ("wrong", "recommended"), [case for case in BAD if len(case[1]) == 1 and "[" not in case[1][0]]
)
def test_a_value_that_a_fault_recommends_passes(deploy, wrong, recommended):
    (fault,) = faults_of(NegService, {"namespace": "shop", **wrong}).values()
    repaired: Any = {"namespace": "shop", **wrong}
    *groups, last = recommended[0].split(".")
    inside = repaired
    for group in groups:
        inside[group] = inside = dict(inside.get(group, {}))
    if fault.would_pass.startswith("absent"):
        del inside[last]
    else:
        inside[last] = json.loads(fault.would_pass)
    assert accepts(NegService, repaired)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)


def shaped(example: Any) -> Any:
    """Values like an example, every part of which may be anything or absent instead."""
    if isinstance(example, dict):
        parts = {key: ANYTHING | shaped(value) for key, value in example.items()}
        return st.fixed_dictionaries({}, optional=parts)
    if isinstance(example, list):
        return st.lists(shaped(example[0]) | ANYTHING, max_size=3)
    return st.just(example) | st.just(getattr(example, "value", example))


WHOLE = {
    **example_of(NegServiceArgs),
    "exposed_ports": [{"port": 80, "name": "x"}],
}


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(
    args=shaped(WHOLE), for_ingress=st.booleans(), for_gateway=st.booleans(), protocol=st.sampled_from(["HTTP", "GRPC"])
)
def test_whatever_is_given_is_either_right_or_an_input_error(args, for_ingress, for_gateway, protocol):
    given_args = {**args, "for_ingress": for_ingress, "for_gateway": for_gateway, "protocol": protocol}
    found = outcome(NegService, given_args)
    if isinstance(found, InputError):
        assert found.faults
        assert str(found).count("Would pass: ") >= len(found.faults)
        return
    assert judge(found).possible.draining_timeout_seconds >= 0
    stated = found.get("backend", {})
    json.dumps([backends.config_fields(stated, "a-secret"), backends.policy_fields(stated, "a-secret")])
