"""What pulumi-gcp's Python classes say of a resource's inputs and outputs, and whether values agree with them."""

import functools
import inspect
import sys
import typing
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import pulumi
from pulumi import _types

from harness.wire import UNKNOWN, Secret

SCALARS: dict[type, tuple[type, ...]] = {bool: (bool,), int: (int,), float: (int, float), str: (str,)}


class UnknownTypeError(Exception):
    """The SDK has no such resource."""


@functools.cache
def resource_class(token: str) -> type[pulumi.CustomResource]:
    """The class of a type token such as gcp:compute/network:Network."""
    _, module, name = token.split(":")
    try:
        found = getattr(import_module(f"pulumi_gcp.{module.partition('/')[0]}"), name)
    except (ImportError, AttributeError):
        raise UnknownTypeError(f"pulumi-gcp has no resource {token}") from None
    return found


@functools.cache
def outputs(token: str) -> frozenset[str]:
    """Names of all output properties, inputs included."""
    return frozenset(_types.resource_types(resource_class(token)))


@functools.cache
def inputs(token: str) -> dict[str, Any]:
    """Name and type of each input property."""
    return _types.input_type_types(args_class(token))


@functools.cache
def args_class(token: str) -> type:
    resource = resource_class(token)
    return getattr(sys.modules[resource.__module__], f"{resource.__name__}Args")


def faults(token: str, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Property path and reason of each unknown, missing or mistyped input."""
    known = {key: value for key, value in values.items() if key != "__defaults"}
    yield from _object_faults(args_class(token), known, "")


def _object_faults(shape: type, values: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    kinds, names = _types.input_type_types(shape), _types.input_type_py_to_pulumi_names(shape)
    for key, value in values.items():
        if key not in kinds:
            yield f"{path}{key}", f"unknown property {key!r}"
        else:
            yield from _faults(kinds[key], value, f"{path}{key}")
    for name in _required(shape):
        if values.get(names[name]) is None:
            yield f"{path}{names[name]}", f"missing required property {names[name]!r}"


def _faults(kind: Any, value: Any, path: str) -> Iterator[tuple[str, str]]:
    while isinstance(value, Secret):
        value = value.value
    if value is None or value == UNKNOWN:
        return
    element, container = kind_of(kind)
    if container is list:
        if not isinstance(value, list):
            yield path, f"expected a list, got {type(value).__name__}"
        else:
            for index, item in enumerate(value):
                yield from _faults(element, item, f"{path}[{index}]")
    elif container is dict:
        if not isinstance(value, dict):
            yield path, f"expected an object, got {type(value).__name__}"
    elif isinstance(element, type) and _types.is_input_type(element):
        if not isinstance(value, dict):
            yield path, f"expected an object, got {type(value).__name__}"
        else:
            yield from _object_faults(element, value, f"{path}.")
    elif element in SCALARS and (
        not isinstance(value, SCALARS[element]) or (isinstance(value, bool) and element is not bool)
    ):
        yield path, f"expected {element.__name__}, got {type(value).__name__}"


def kind_of(kind: Any) -> tuple[Any, type | None]:
    """The type inside Optional, Input and the like; with list or dict where it is one of these."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is None:
        return kind, None
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return arguments[1] if len(arguments) > 1 else Any, dict
    if isinstance(origin, type) and issubclass(origin, typing.Sequence):
        return arguments[0], list
    candidates = [one for one in arguments if one is not type(None)]
    return kind_of(candidates[0])  # Union[T, Awaitable[T], Output[T]]: the plain type comes first


@functools.cache
def _required(shape: type) -> tuple[str, ...]:
    parameters = list(inspect.signature(shape.__init__).parameters.values())[1:]
    return tuple(one.name for one in parameters if one.default is inspect.Parameter.empty)
