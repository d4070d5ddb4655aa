"""Wrong inputs of an `Ingress`: one error with every fault, and nothing registered."""

import json
from typing import Any

import pulumi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gke_nodrop import InputError
from gke_nodrop.ingress import certificates
from gke_nodrop.ingress.frontend_config import RedirectCode
from gke_nodrop.ingress.ingress import Ingress, IngressArgs
from gke_nodrop.ingress.routes import IngressPathArgs, IngressPathType, IngressRuleArgs
from gke_nodrop.ingress.settings import IngressSettingsArgs, Scope
from gke_nodrop.inputs.declared import example_of
from tests.gke_nodrop.inputs.passing import PASSING
from tests.gke_nodrop.refusals import accepts, faults_of, outcome

BASE: Any = {"namespace": "shop", "default_service": "web"}
TLS: Any = {"certificates": {"secrets": ["tls"]}}
MANAGED: Any = {"certificates": {"managed": ["www.example.com"]}}


def test_the_example_that_faults_quote_passes_itself(deploy):
    assert deploy(lambda: Ingress("front", PASSING["Ingress"]) and None).kinds()[0] == "Ingress"


@pytest.mark.parametrize("key", ["region", "subnetwork"])
def test_the_examples_that_go_with_other_scopes_pass_there(deploy, key):
    given: Any = {
        **BASE,
        "scope": Scope.INTERNAL,
        "subnetwork": "subnet",
        key: (value := example_of(IngressSettingsArgs)[key]),
    }
    assert deploy(lambda: Ingress("front", given) and None).inputs("Address")[key] == value


def test_its_name_and_what_is_missing_are_told_at_once(deploy):
    found = faults_of(Ingress, {}, name="Front_1")
    assert {key: fault.would_pass for key, fault in found.items()} == {
        "name": '"web"',
        "namespace": '"shop"',
        "default_service": '"web"',
    }


def path(text: str, kind: IngressPathType = IngressPathType.PREFIX) -> IngressPathArgs:
    return {"path": text, "path_type": kind, "service": "web"}


def hosts(*names: str) -> Any:
    return {"rules": [{"host": name, "paths": [{"service": "web"}]} for name in names]}


EXACT, SPECIFIC = IngressPathType.EXACT, IngressPathType.IMPLEMENTATION_SPECIFIC
INTERNAL: Any = {"scope": Scope.INTERNAL}
REGIONAL: Any = {"scope": Scope.REGIONAL_EXTERNAL}
WRONG: list[tuple[Any, str]] = [
    ({"namespace": "Shop"}, "namespace"),
    ({"default_service": "web.shop"}, "default_service"),
    ({"scope": "global"}, "scope"),
    ({"address": "203.0.113.7"}, "address"),
    ({"region": "us-central1"}, "region"),
    ({**REGIONAL, "region": "Iowa"}, "region"),
    ({**REGIONAL, "region": "us-central1", "address": "shop"}, "region"),
    ({**REGIONAL, **TLS, "region": "us-central1", "address": "shop", "ssl_policy": "modern"}, "region"),
    ({"subnetwork": "subnet"}, "subnetwork"),
    ({**REGIONAL, "subnetwork": "subnet"}, "subnetwork"),
    ({**INTERNAL, "subnetwork": "my subnet"}, "subnetwork"),
    ({**INTERNAL, "subnetwork": "subnet", "address": "shop"}, "subnetwork"),
    ({**INTERNAL, "subnetwork": pulumi.Output.from_input("subnet"), "address": "shop"}, "subnetwork"),
    ({**INTERNAL, **TLS}, "allow_http"),
    ({**INTERNAL, **TLS, "allow_http": True}, "allow_http"),
    ({"allow_http": False}, "allow_http"),
    ({"certificates": {}, "allow_http": False}, "allow_http"),
    ({"certificates": {"managed": []}, "redirect_to_https": True}, "redirect_to_https"),
    ({"redirect_to_https": True}, "redirect_to_https"),
    ({**TLS, "redirect_to_https": True, "allow_http": False}, "redirect_to_https"),
    ({**INTERNAL, **TLS, "subnetwork": "subnet", "redirect_to_https": True}, "redirect_to_https"),
    ({"redirect_code": RedirectCode.FOUND}, "redirect_code"),
    ({**TLS, "redirect_to_https": False, "redirect_code": RedirectCode.FOUND}, "redirect_code"),
    ({**TLS, "redirect_code": 301}, "redirect_code"),
    ({"ssl_policy": "modern"}, "ssl_policy"),
    ({**TLS, "ssl_policy": ""}, "ssl_policy"),
    ({**INTERNAL, **TLS, "allow_http": False, "ssl_policy": "modern"}, "ssl_policy"),
    ({**REGIONAL, **MANAGED}, "certificates.managed"),
    ({**INTERNAL, **MANAGED, "allow_http": False}, "certificates.managed"),
    ({"certificates": {"managed": ["*.example.com"]}}, "certificates.managed[0]"),
    ({"certificates": {"managed": ["www.example.com", "www.example.com"]}}, "certificates.managed[1]"),
    ({"certificates": {"pre_shared": ["Old"]}}, "certificates.pre_shared[0]"),
    ({"certificates": {"pre_shared": ["old"], "managed": ["www.example.com"]}}, "certificates.pre_shared"),
    ({"certificates": {"secrets": ["a", "a"]}}, "certificates.secrets[1]"),
    ({"certificates": {"secrets": ["a b"]}}, "certificates.secrets[0]"),
    ({"certificates": {"secrets": [f"tls-{number}" for number in range(16)]}}, "certificates"),
    ({**MANAGED, **hosts("www.example.com", "*.example.com")}, "certificates.managed"),
    (hosts("WWW.example.com"), "rules[0].host"),
    (hosts("*"), "rules[0].host"),
    (hosts("www.*.com"), "rules[0].host"),
    (hosts("203.0.113.7"), "rules[0].host"),
    (hosts("a.example.com", "b.example.com", "a.example.com"), "rules[2].host"),
    ({"rules": [{"paths": [path("/a")]}, {"paths": [path("/b")]}]}, "rules[1].host"),
    (hosts(*(f"h{number}.example.com" for number in range(51))), "rules"),
    ({"rules": [{"paths": []}]}, "rules[0].paths"),
    ({"rules": [{"host": "a.example.com"}]}, "rules[0].paths"),
    ({"rules": [{"paths": [{"path": "/a"}]}]}, "rules[0].paths[0].service"),
    ({"rules": [{"paths": [{"service": "Web"}]}]}, "rules[0].paths[0].service"),
    *(
        ({"rules": [{"paths": [path(text, kind)]}]}, "rules[0].paths[0].path")
        for text, kind in [
            ("basket", IngressPathType.PREFIX),
            ("/a b", IngressPathType.PREFIX),
            ("/a//b", IngressPathType.PREFIX),
            ("/a/../b", IngressPathType.PREFIX),
            ("/a?b=1", IngressPathType.PREFIX),
            ("/a/*", IngressPathType.PREFIX),
            ("/*", EXACT),
            ("/a*", SPECIFIC),
            ("/*/a", SPECIFIC),
        ]
    ),
    *(
        ({"rules": [{"paths": [path(*first), path(*second)]}]}, "rules[0].paths[1].path")
        for first, second in [
            (("/a",), ("/a",)),
            (("/a",), ("/a/",)),
            (("/",), ("/*", SPECIFIC)),
            (("/a",), ("/a/*", SPECIFIC)),
            (("/a", EXACT), ("/a", EXACT)),
        ]
    ),
]


@pytest.mark.parametrize(("given", "wrong"), WRONG, ids=lambda each: each if isinstance(each, str) else None)
def test_what_cannot_be_or_would_be_taken_in_another_sense_is_refused(deploy, given, wrong):
    assert list(faults_of(Ingress, {**BASE, **given})) == [wrong]


RIGHT: list[Any] = [
    hosts("localhost", "*.example.com", "a.b-c.example.com"),
    hosts(*(f"h{number}.example.com" for number in range(50))),
    {"certificates": {"secrets": [f"tls-{number}" for number in range(15)]}},
    {"certificates": {"managed": ["www.example.com"], "secrets": ["a.b"]}, **hosts("*.example.com")},
    {**MANAGED, "redirect_to_https": False, **hosts("*.example.com")},
    {**TLS, **hosts("*.example.com")},
    {"certificates": {"pre_shared": [pulumi.Output.from_input("a"), pulumi.Output.from_input("a")]}},
    {"certificates": {}},
    {**INTERNAL, **TLS, "address": "shop"},
    {**INTERNAL, **TLS, "allow_http": False},
    {**REGIONAL, **TLS, "ssl_policy": "modern", "redirect_code": "FOUND"},
    {"rules": [{"paths": [path("/a"), path("/a", EXACT), path("/a/b"), path("/ab"), path("/"), path("/", SPECIFIC)]}]},
    {"rules": [{"paths": [path("/a/*", SPECIFIC), path("/a", SPECIFIC)]}]},
    {"rules": None, "address": None},
]


@pytest.mark.parametrize("given", RIGHT)
def test_what_can_be_is_taken(deploy, given):
    assert "Ingress" in deploy(lambda: Ingress("front", {**BASE, **given}) and None).kinds()


def test_all_faults_are_told_at_once(deploy):
    rules = [{"host": "a.example.com", "paths": [path("/a"), path("/a*")]}, {"host": "A", "paths": []}]
    found = faults_of(Ingress, {"namespace": "shop", **INTERNAL, **MANAGED, "ssl_policy": "modern", "rules": rules})
    assert found.keys() == {
        "default_service",
        "rules[1].host",
        "rules[1].paths",
        "rules[0].paths[1].path",
        "certificates.managed",
        "allow_http",
        "ssl_policy",
    }


@pytest.mark.parametrize("text", ["/a*b/", "/*", "/a/*"])
def test_a_path_that_is_recommended_passes(deploy, text):
    fault = faults_of(Ingress, {**BASE, "rules": [{"paths": [path(text)]}]})["rules[0].paths[0].path"]
    recommended: Any = {**BASE, "rules": [{"paths": [path(json.loads(fault.would_pass))]}]}
    assert accepts(Ingress, recommended)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)


def group(shape: Any, **known: Any) -> Any:
    """Args of a shape with likely and unlikely values."""
    values = {key: known.get(key, st.nothing()) | ANYTHING for key in shape.__annotations__}
    return st.fixed_dictionaries({}, optional=values)


NAMES = st.lists(st.sampled_from(["a.example.com", "b.example.com", "tls", "*"]), max_size=17)
PATHS = group(
    IngressPathArgs,
    path=st.text("/ab*.", max_size=5),
    path_type=st.sampled_from(IngressPathType),
    service=st.just("web"),
)
ARGS = group(
    IngressArgs,
    namespace=st.just("shop"),
    default_service=st.just("web"),
    scope=st.sampled_from(Scope),
    certificates=group(certificates.IngressCertificatesArgs, managed=NAMES, pre_shared=NAMES, secrets=NAMES),
    redirect_code=st.sampled_from(RedirectCode),
    rules=st.lists(
        group(IngressRuleArgs, host=st.sampled_from(["a.example.com", "*.b.c"]), paths=st.lists(PATHS)), max_size=3
    ),
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(args=ARGS)
def test_whatever_is_given_is_either_right_or_an_input_error(args):
    found = outcome(Ingress, args, "front")
    if isinstance(found, InputError):
        assert found.faults
        assert str(found).count("Would pass: ") >= len(found.faults)
    else:
        assert found.keys() == {key for key, value in args.items() if value is not None}
