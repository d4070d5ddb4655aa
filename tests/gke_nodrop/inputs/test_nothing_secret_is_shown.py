"""No message shows what may be a secret: what is in a value of the wrong shape, or stands where a secret belongs."""

import typing
from dataclasses import dataclass
from typing import Any

import pulumi
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gke_nodrop import InputError, Namespace, WebService
from gke_nodrop.inputs.component import shape_of
from gke_nodrop.inputs.declared import declared, example_of
from gke_nodrop.provider.host import COMPONENTS
from tests.gke_nodrop.inputs.every_input import plain

SECRET = "hunter2-in-clear"


@dataclass(frozen=True)
class Holder:
    """An object whose repr shows what it holds."""

    token: Any


def wrapped(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The secret within something that no input is: a list, a tuple, a set, a mapping, bytes, an object."""
    return st.one_of(
        inner.map(lambda each: [each]),
        inner.map(lambda each: ("TOKEN", each)),
        inner.map(lambda each: {"TOKEN": each}),
        inner.map(lambda each: {("TOKEN", str(each)): "x"}),
        inner.map(lambda each: frozenset([str(each)])),
        inner.map(lambda each: str(each).encode()),
        inner.map(Holder),
    )


HIDDEN = st.recursive(wrapped(st.just(SECRET)), wrapped, max_leaves=3)


def fits(value: Any, kind: Any) -> bool:
    """Whether the type of an input has room for the value, so that what is in it is judged as an input."""
    if kind is list:
        return isinstance(value, (list, tuple))
    return isinstance(value, dict) and (kind is dict or typing.is_typeddict(kind))


def value(draw: st.DrawFn, annotation: Any, example: Any) -> Any:
    """As in the example, and often, wherever it does not fit, something with the secret in it."""
    known = declared(annotation)
    if draw(st.integers(0, 3)) == 0:
        odd = draw(st.just(SECRET) | HIDDEN) if known.holds_secrets else draw(HIDDEN)
        if not fits(odd, known.kind):
            return odd
    expected, _ = plain(annotation)
    if typing.is_typeddict(expected):
        example, chosen = example_of(expected), {}
        for key, inner in expected.__annotations__.items():
            if draw(st.integers(0, 9)) < (9 if key in expected.__required_keys__ else 3):
                chosen[key] = value(draw, inner, example[key])
        return chosen
    if known.kind is list:
        return [value(draw, typing.get_args(expected)[0], each) for each in example]
    if known.kind is dict:
        return {key: value(draw, typing.get_args(expected)[1], each) for key, each in example.items()}
    return example


def message(make: Any) -> str:
    """What the error says, and each of its faults."""
    try:
        make()
    except InputError as error:
        return "\n".join([str(error), *map(str, error.faults)])
    return ""


@pytest.mark.usefixtures("deploy")  # Outputs need its event loop
@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.__name__)
def test_no_fault_shows_a_secret_wherever_it_stands(component):
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(data=st.data())
    def wherever(data: st.DataObject) -> None:
        shape = shape_of(component)
        args = data.draw(HIDDEN | st.composite(lambda draw: value(draw, shape, example_of(shape)))())
        if not isinstance(args, dict):
            args = data.draw(st.sampled_from([args, {"image": "x", "nonsense": args}]))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pulumi.ComponentResource, "__init__", refuse)
            assert SECRET not in message(lambda: component("web", args))
            assert SECRET not in message(lambda: component("web", args, args))
            assert SECRET not in message(lambda: component("web", [args], replicas=[args]))
            assert SECRET not in message(lambda: component([args], {}))
            assert SECRET not in message(lambda: component("web", [args], replicas=3))

    wherever()


def refuse(*_: Any, **__: Any) -> None:
    raise InputError("taken", ())


MIXED: Any = {"image": "x", "secret_env": {"TOKEN": SECRET}}


def test_a_mapping_beside_keywords_is_told_as_that():
    component: Any = WebService
    with pytest.raises(InputError) as raised:
        component("web", MIXED, None, replicas=3)
    (fault,) = raised.value.faults
    assert (fault.input, fault.value) == ("args", "{…} (dict) beside the keywords replicas")
    assert fault.would_pass == 'WebService(name, {…, "replicas": …}), or WebService(name, …, replicas=…)'


@pytest.mark.parametrize("args", [[MIXED], (MIXED,), ("secret_env", SECRET), SECRET, {SECRET}, iter([SECRET])])
@pytest.mark.parametrize("component", [WebService, Namespace])
def test_inputs_that_are_no_mapping_are_told_by_their_type(component, args):
    with pytest.raises(InputError) as raised:
        component("web", args)
    assert [(each.input, each.value) for each in raised.value.faults] == [("args", f"… ({type(args).__name__})")]
