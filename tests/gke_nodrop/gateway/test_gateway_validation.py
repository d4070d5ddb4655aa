"""Wrong inputs of a Gateway: one error with every fault, and nothing registered."""

from typing import Any

import pulumi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gke_nodrop.gateway import routes as gateway_routes
from gke_nodrop.gateway import settings as gateway_settings
from gke_nodrop.gateway.gateway import Gateway, GatewayArgs
from gke_nodrop.gateway.route_rules import MAX_RULES
from gke_nodrop.inputs.faults import InputError
from tests.gke_nodrop.inputs.passing import PASSING
from tests.gke_nodrop.refusals import accepts, faults_of, outcome

OUTPUT = pulumi.Output.from_input("x")


def to(*names: str, **route: Any) -> dict[str, Any]:
    return {"backends": [{"service": name} for name in names]} | route


def smallest(**args: Any) -> dict[str, Any]:
    return {"namespace": "demo", "routes": [to("web")], **args}


def filtered(**filters: Any) -> dict[str, Any]:
    return smallest(routes=[to("web", filters=filters)])


def redirected(path_type: str = "PathPrefix", **redirect: Any) -> dict[str, Any]:
    return smallest(routes=[{"path": "/a", "path_type": path_type, "filters": {"redirect": redirect}}])


RILB = {"gateway_class": "gke-l7-rilb"}
EXTERNAL = {"gateway_class": "gke-l7-regional-external-managed"}
CLASSIC = {"gateway_class": "gke-l7-gxlb"}
WEIGHT = "routes[0].backends[0].weight"
WRONG: dict[str, tuple[Any, list[str]]] = {
    "args": ("web", ["args"]),
    "nothing": ({}, ["namespace", "routes"]),
    "namespace": (smallest(namespace="Shop"), ["namespace"]),
    "class": (smallest(gateway_class="gce"), ["gateway_class"]),
    "address itself": (smallest(address="203.0.113.7"), ["address"]),
    "hosts": (smallest(hosts=[]), ["hosts"]),
    "host twice": (smallest(hosts=["a.org", "a.org"]), ["hosts"]),
    "host": (
        smallest(hosts=["A.org", "*", "a.*.org", "10.0.0.1", "a..org", "x" * 200]),
        [f"hosts[{number}]" for number in range(6)],
    ),
    "no routes": (smallest(routes=[]), ["routes"]),
    "no backends": (smallest(routes=[{}]), ["routes[0].backends"]),
    "empty backends": (smallest(routes=[{"backends": []}]), ["routes[0].backends"]),
    "no service": (smallest(routes=[{"backends": [{}]}]), ["routes[0].backends[0].service"]),
    "service": (smallest(routes=[to("Web")]), ["routes[0].backends[0].service"]),
    "service twice": (smallest(routes=[to("web", "web")]), ["routes[0].backends[1].service"]),
    "too many services": (smallest(routes=[to(*(f"s{n}" for n in range(17)))]), ["routes[0].backends"]),
    "weight below": (smallest(routes=[{"backends": [{"service": "web", "weight": -1}]}]), [WEIGHT]),
    "weight above": (smallest(routes=[{"backends": [{"service": "web", "weight": 1001}]}]), [WEIGHT]),
    "weight in words": (smallest(routes=[{"backends": [{"service": "web", "weight": "10%"}]}]), [WEIGHT]),
    "weight unknown": (smallest(routes=[{"backends": [{"service": "web", "weight": OUTPUT}]}]), [WEIGHT]),
    "weights of 0": (
        smallest(routes=[{"backends": [{"service": "a", "weight": 0}, {"service": "b", "weight": 0}]}]),
        ["routes[0].backends"],
    ),
    "path": (smallest(routes=[to("web", path="a")]), ["routes[0].path"]),
    "path that goes up": (smallest(routes=[to("web", path="/a/../b")]), ["routes[0].path"]),
    "path type": (smallest(routes=[to("web", path_type="Prefix")]), ["routes[0].path_type"]),
    "route hosts": (smallest(routes=[to("web", hosts=["*"])]), ["routes[0].hosts[0]"]),
    "header": (
        smallest(routes=[to("web", headers=[{"name": "a b", "value": ""}])]),
        ["routes[0].headers[0].name", "routes[0].headers[0].value"],
    ),
    "header twice": (
        smallest(routes=[to("web", headers=[{"name": "A", "value": "1"}, {"name": "a", "value": "2"}])]),
        ["routes[0].headers[1].name"],
    ),
    "same requests": (smallest(routes=[to("a"), to("b", path="/")]), ["routes[1]"]),
    "too many rules": (smallest(routes=[to("web", path=f"/{n}") for n in range(MAX_RULES + 1)]), ["routes"]),
    "timeout": (smallest(routes=[to("web", timeout="5s")]), ["routes[0].timeout"]),
    "no filter": (filtered(), ["routes[0].filters"]),
    "no change": (filtered(request_headers={}), ["routes[0].filters.request_headers"]),
    "empty change": (filtered(response_headers={"set": []}), ["routes[0].filters.response_headers.set"]),
    "changed twice": (
        filtered(request_headers={"set": [{"name": "A", "value": "1"}], "remove": ["a"]}),
        ["routes[0].filters.request_headers.remove[0]"],
    ),
    "removed name": (filtered(request_headers={"remove": ["a:"]}), ["routes[0].filters.request_headers.remove[0]"]),
    "header over lines": (
        filtered(response_headers={"add": [{"name": "A", "value": "1\r\nB: 2"}]}),
        ["routes[0].filters.response_headers.add[0].value"],
    ),
    "nothing rewritten": (filtered(rewrite={}), ["routes[0].filters.rewrite"]),
    "rewritten host": (filtered(rewrite={"host": "*.a.org"}), ["routes[0].filters.rewrite.host"]),
    "rewritten exact path": (
        smallest(routes=[to("web", path_type="Exact", filters={"rewrite": {"prefix": "/"}})]),
        ["routes[0].filters.rewrite.prefix"],
    ),
    "redirect with backends": (filtered(redirect={"host": "a.org"}), ["routes[0].backends"]),
    "redirect with others": (
        smallest(
            routes=[
                {
                    "filters": {
                        "redirect": {"host": "a.org"},
                        "rewrite": {"host": "b.org"},
                        "request_headers": {"remove": ["a"]},
                    }
                }
            ]
        ),
        ["routes[0].filters.request_headers", "routes[0].filters.rewrite"],
    ),
    "redirect nowhere": (redirected(status_code=301), ["routes[0].filters.redirect"]),
    "redirect code": (redirected(host="a.org", status_code=307), ["routes[0].filters.redirect.status_code"]),
    "redirect scheme": (redirected(scheme="ftp"), ["routes[0].filters.redirect.scheme"]),
    "redirect to two paths": (redirected(path="/b", prefix="/c"), ["routes[0].filters.redirect.path"]),
    "redirect of an exact path": (redirected("Exact", prefix="/c"), ["routes[0].filters.redirect.prefix"]),
    "redirect in a circle": (
        redirected(scheme="https") | {"certificates": {"secrets": ["tls"]}},
        ["routes[0].filters.redirect.scheme"],
    ),
    "regional without region": (smallest(**EXTERNAL), ["region"]),
    "internal without subnet": (smallest(**RILB), ["region", "subnetwork"]),
    "region": (smallest(**EXTERNAL, region="Iowa"), ["region"]),
    "global with region": (smallest(region="us-central1", subnetwork="s"), ["region", "subnetwork"]),
    "external with subnet": (smallest(**EXTERNAL, region="us-central1", subnetwork="s"), ["subnetwork"]),
    "two addresses": (smallest(**RILB, address="a", region="us-central1", subnetwork="s"), ["region", "subnetwork"]),
    "own policy of no region": (smallest(**RILB, address="a", certificates={"secrets": ["a"]}), ["region"]),
    "no certificates": (smallest(certificates={}), ["certificates"]),
    "empty certificates": (smallest(certificates={"secrets": []}), ["certificates.secrets"]),
    "managed certificates": (smallest(certificates={"managed": ["a.org"]}), ["certificates.managed"]),
    "certificate": (smallest(certificates={"pre_shared": ["a.org"]}), ["certificates.pre_shared[0]"]),
    "certificate twice": (smallest(certificates={"pre_shared": ["a", OUTPUT, "a"]}), ["certificates.pre_shared[2]"]),
    "secret": (smallest(certificates={"secrets": ["A"]}), ["certificates.secrets[0]"]),
    "too many certificates": (
        smallest(certificates={"pre_shared": [f"c{n}" for n in range(16)]}),
        ["certificates.pre_shared"],
    ),
    "two kinds": (
        smallest(certificates={"certificate_map": OUTPUT, "secrets": [OUTPUT]}),
        ["certificates.secrets"],
    ),
    "map in a region": (
        smallest(**EXTERNAL, region="us-central1", certificates={"certificate_map": "shop"}),
        ["certificates.certificate_map"],
    ),
    "regional certificates": (
        smallest(certificates={"certificate_manager": ["a"]}),
        ["certificates.certificate_manager"],
    ),
    "redirect without certificates": (smallest(redirect_to_https=True), ["redirect_to_https"]),
    "policy without certificates": (smallest(ssl_policy="modern"), ["ssl_policy"]),
    "policy": (smallest(ssl_policy="global/modern", certificates={"secrets": ["a"]}), ["ssl_policy"]),
    "global access": (smallest(allow_global_access=False), ["allow_global_access"]),
    "classic": (
        smallest(
            **CLASSIC,
            routes=[
                to("a", "b"),
                to("c", headers=[{"name": "A", "value": "1"}]),
                to(
                    "d",
                    path="/d",
                    filters={"request_headers": {"remove": ["A"]}, "response_headers": {"remove": ["B"]}},
                ),
            ],
        ),
        [
            "routes[0].backends",
            "routes[1].headers",
            "routes[2].filters.request_headers",
            "routes[2].filters.response_headers",
        ],
    ),
    "unknown key": (smallest(rout=1), ["rout"]),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_inputs_are_named_all_at_once(deploy, case):
    args, wrong = WRONG[case]
    assert sorted(faults_of(Gateway, args)) == sorted(wrong)


def test_a_fault_names_input_value_rule_source_and_cure(deploy):
    args = smallest(routes=[{"backends": [{"service": "web", "weight": 2000}]}])
    assert str(faults_of(Gateway, args)[WEIGHT]) == (
        f"{WEIGHT} = 2000: must be from 0 to 1000 (parts of the sum of the weights) "
        "(Google, Compute Engine API, urlMaps, weightedBackendServices). Would pass: 90"
    )


def test_faults_of_all_parts_come_together(deploy):
    args = smallest(**RILB, hosts=["*"], ssl_policy="modern", routes=[to("web", "web"), {}])
    assert list(faults_of(Gateway, args, name="Shop")) == [
        "hosts[0]",
        "name",
        "routes[0].backends[1].service",
        "routes[1].backends",
        "ssl_policy",
        "region",
        "subnetwork",
        "routes[1]",
    ]


CURED: dict[str, dict[str, Any]] = {
    "own policy of no region": {"ssl_policy": "modern"},
    "regional without region": {"address": "shop"},
    "internal without subnet": {"region": "us-central1", "subnetwork": "s"},
    "redirect without certificates": {"certificates": {"pre_shared": ["a"]}},
    "policy without certificates": {"certificates": {"certificate_map": "a"}},
    "map in a region": {"certificates": {"certificate_manager": ["www-example-com"]}},
    "classic": {"gateway_class": "gke-l7-global-external-managed", "hosts": ["a.org"]},
    "same requests": {"routes": [to("a"), to("b", path="/", headers=[{"name": "A", "value": "1"}])]},
    "redirect with backends": {"routes": [{"filters": {"redirect": {"host": "a.org"}}}]},
    "global access": {"gateway_class": "gke-l7-rilb", "address": "shop"},
}


@pytest.mark.parametrize("case", CURED)
def test_what_the_faults_recommend_passes(deploy, case):
    args: Any = {**WRONG[case][0], **CURED[case]}
    assert accepts(Gateway, args)


def test_the_example_passes(deploy):
    assert accepts(Gateway, PASSING["Gateway"])


class Later:
    """Something that is known later, as an Output is."""

    def __await__(self) -> Any:
        yield


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("a.org") | st.just(Later()),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)


def keyed(shape: Any, **known: Any) -> Any:
    """Dictionaries with keys of a shape, and of `known` also with values that are nearly right."""
    keys = sorted(shape.__annotations__)
    return st.fixed_dictionaries({}, optional={key: ANYTHING | known.get(key, st.nothing()) for key in keys})


CHANGES = keyed(gateway_routes.HeaderChangesArgs, remove=st.lists(st.sampled_from(["a", "A", "b"]), max_size=3))
FILTERS = keyed(
    gateway_routes.RouteFiltersArgs,
    request_headers=CHANGES,
    response_headers=CHANGES,
    redirect=keyed(gateway_routes.RouteRedirectArgs, host=st.just("a.org"), prefix=st.just("/"), path=st.just("/")),
    rewrite=keyed(gateway_routes.RouteRewriteArgs, prefix=st.just("/")),
)
BACKEND = keyed(gateway_routes.GatewayBackendArgs, service=st.sampled_from(["web", "api"]), weight=st.integers(0, 2))
ROUTE = keyed(
    gateway_routes.GatewayRouteArgs,
    backends=st.lists(BACKEND, max_size=3),
    filters=FILTERS,
    headers=st.lists(keyed(gateway_routes.GatewayHeaderArgs, name=st.just("a"), value=st.just("1")), max_size=2),
    hosts=st.lists(st.just("a.org"), max_size=2),
    path_type=st.sampled_from(["Exact", "PathPrefix"]),
)
ARGS = keyed(
    GatewayArgs,
    namespace=st.just("demo"),
    routes=st.lists(ROUTE, max_size=3),
    gateway_class=st.sampled_from([each.value for each in gateway_settings.GatewayClass]),
    certificates=keyed(
        gateway_settings.GatewayCertificatesArgs,
        certificate_map=st.just("a"),
        secrets=st.lists(st.just("a"), max_size=2),
        pre_shared=st.lists(st.just(Later()), max_size=2),
    ),
    address=st.just("a"),
    region=st.just("us-central1"),
    redirect_to_https=st.booleans(),
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(args=ARGS)
def test_whatever_is_given_is_either_right_or_an_input_error(args):
    found = outcome(Gateway, args, "shop")
    if isinstance(found, InputError):
        assert str(found).count("Would pass: ") >= len(found.faults) > 0
    else:
        assert found.keys() == {key for key, value in args.items() if value is not None}
