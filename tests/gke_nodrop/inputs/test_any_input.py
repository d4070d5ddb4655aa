"""Whatever is given to a component is either right or an `InputError`."""

import typing
from typing import Any

import pulumi
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gke_nodrop import InputError, WebService
from gke_nodrop.inputs.component import shape_of
from gke_nodrop.inputs.declared import example_of
from gke_nodrop.provider.host import COMPONENTS
from tests.gke_nodrop.inputs.every_input import plain
from tests.gke_nodrop.refusals import faults_of

pytestmark = pytest.mark.slow

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.builds(object),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)
NUMBERS = st.integers(-1, 9) | st.integers() | st.floats()
TEXTS = st.sampled_from(["web", "a", "", "default", "/", "/a/b", "/*", "1Gi", "0.5", "10.0.0.0/24", "*.example.com"])
ODD = ANYTHING | st.builds(pulumi.Output.from_input, st.just("x"))


def value(draw: st.DrawFn, annotation: Any, example: Any) -> Any:
    """Of about this type: often as in the example, often wrong, now and then anything at all, or an Output."""
    expected, _ = plain(annotation)
    if draw(st.integers(0, 19)) == 0:
        return draw(ODD)
    if typing.is_typeddict(expected):
        example = example_of(expected)
        given: dict[str, Any] = {}
        for key, inner in expected.__annotations__.items():
            if draw(st.integers(0, 19)) < (19 if key in expected.__required_keys__ else 5):
                given[key] = value(draw, inner, example[key])
        return given
    if typing.get_origin(expected) is list:
        return [value(draw, typing.get_args(expected)[0], example[0]) for _ in range(draw(st.integers(0, 3)))]
    if typing.get_origin(expected) is dict:
        key, first = next(iter(example.items()))
        keys = draw(st.lists(st.just(key) | TEXTS, max_size=2))
        return {each: value(draw, typing.get_args(expected)[1], first) for each in keys}
    if expected in (int, float):
        return draw(st.just(example) | NUMBERS)
    if expected is str:
        return draw(st.just(example) | TEXTS)
    return draw(st.just(example) | st.sampled_from([True, False] if expected is bool else [*expected]))


@st.composite
def args_for(draw: st.DrawFn, component: type) -> Any:
    """Args of about a component's type."""
    return value(draw, shape_of(component), example_of(shape_of(component)))


@pytest.mark.usefixtures("deploy")  # Outputs need its event loop
@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.__name__)
def test_whatever_is_given_is_either_right_or_an_input_error(component):
    @settings(
        max_examples=150,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(args=args_for(component))
    def whatever(args: Any) -> None:
        for fault in faults_of(component, args).values():
            assert fault.rule
            assert fault.source
            assert fault.would_pass

    whatever()


TLS = {"certificates": {"secrets": ["shop-tls"]}}
SERVICES = st.fixed_dictionaries(
    {"image": st.just("example/shop:1")},
    optional={
        "protocol": st.sampled_from(["HTTP", "HTTPS", "HTTP2", "GRPC"]),
        "health_check": st.sampled_from([{"port": 8081}, {"path": "/ready/", "liveness_path": "/live/"}]),
        "existing_namespace": st.just("team") | st.builds(pulumi.Output.from_input, st.just("team")),
        "hosts": st.lists(st.sampled_from(["www.example.com", "example.com"]), min_size=1, max_size=2, unique=True),
        "ingress": st.sampled_from(
            [{}, TLS, {"scope": "internal"}, {"scope": "regional-external", "region": "us-central1"}]
        ),
        "gateway": st.sampled_from([{}, TLS, {"gateway_class": "gke-l7-rilb", "address": "shop"}]),
        "backend": st.fixed_dictionaries(
            {},
            optional={
                "cdn": st.just({}),
                "iap": st.just({"client_id": "123-abc", "client_secret": "hunter2"}),
                "security_policy": st.builds(pulumi.Output.from_input, st.just("edge")),
                "request_headers": st.just([{"name": "X-A", "value": "a"}]),
            },
        ),
        "autoscaling": st.just({"max_replicas": 9}),
        "network_policy": st.just({}),
    },
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(args=SERVICES)
def test_a_web_service_that_passes_the_check_can_be_made(deploy, args):
    refused: list[InputError] = []

    def program() -> None:
        try:
            WebService("shop", args)
        except InputError as error:
            refused.append(error)

    kinds = deploy(program).kinds()
    if refused:
        assert kinds == []
        return
    assert kinds.count("Deployment") == kinds.count("Service") == 1
    assert kinds.count("Namespace") == int("existing_namespace" not in args)
    assert kinds.count("Ingress") == int("ingress" in args or "gateway" not in args)
    assert kinds.count("Gateway") == int("gateway" in args)
