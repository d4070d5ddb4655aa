"""Walks every input of every component through the types, with args around each that hold just what is required."""

import json
import re
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from gke_nodrop.inputs.component import shape_of
from gke_nodrop.inputs.declared import declared, example_of, unwrapped
from gke_nodrop.inputs.faults import shown

MINIMAL: dict[str, Any] = {"routes": [{"backends": [{"service": "web"}]}]}
"""Required inputs of which the example says more than goes together."""


@dataclass(frozen=True, kw_only=True)
class Input:
    """An input of a component."""

    pattern: str
    """Such as `rollout.zones`, `hosts[]`, `env{key}` or `env{value}`."""
    expected: Any
    """Its type: of an `Input[T]`, T."""
    may_be_output: bool
    put: Callable[[Any], dict[str, Any]]
    """Args with a value of it, and else only with what is required beside it."""
    path: Callable[[Any], str]
    """How a fault names it that has a value."""
    is_secret: bool = False
    """Whether secrets are in it."""

    @property
    def is_leaf(self) -> bool:
        return not typing.is_typeddict(self.expected) and typing.get_origin(self.expected) is None


def inputs_of(component: type) -> list[Input]:
    """Every input of a component, those inside of others too."""
    return list(_group(shape_of(component), "", "", lambda args: args))


def _group(shape: Any, pattern: str, path: str, put: Callable[[Any], Any]) -> Iterator[Input]:
    example = example_of(shape)
    dot = "." if pattern else ""
    for key, annotation in shape.__annotations__.items():
        required = {other: MINIMAL.get(other, example[other]) for other in shape.__required_keys__ if other != key}
        yield from _input(
            annotation,
            example[key],
            f"{pattern}{dot}{key}",
            f"{path}{dot}{key}",
            lambda value, key=key, required=required: put({**required, key: value}),
        )


def _input(annotation: Any, example: Any, pattern: str, path: str, put: Callable[[Any], Any]) -> Iterator[Input]:
    expected, may_be_output = plain(annotation)
    yield Input(
        pattern=pattern,
        expected=expected,
        may_be_output=may_be_output,
        put=put,
        path=lambda _: path,
        is_secret=re.search(_SECRETS, f"{path} {json.dumps(example)}") is not None,
    )
    if typing.is_typeddict(expected):
        yield from _group(expected, pattern, path, put)
    elif typing.get_origin(expected) is list:
        (item,) = typing.get_args(expected)
        yield from _input(item, example[0], f"{pattern}[]", f"{path}[0]", lambda value: put([value]))
    elif typing.get_origin(expected) is dict:
        key, value = next(iter(example.items()))
        is_secret = path.endswith(("secret_env", "secret_files"))
        yield Input(
            pattern=f"{pattern}{{key}}",
            expected=str,
            may_be_output=False,
            put=lambda given: put({given: value}),
            path=lambda given: f"{path}[{shown('…' if is_secret else given)}]",
            is_secret=is_secret,
        )
        entry = typing.get_args(expected)[1]
        yield from _input(entry, value, f"{pattern}{{value}}", f"{path}[{shown(key)}]", lambda given: put({key: given}))


_SECRETS = r"\benv\b|secret_env|\bfiles\b|secret_files|client_secret|headers.*\.value|\"name\": [^}]*\"value\""
"""In the path of an input or in its example, where no fault may show its value."""


def plain(annotation: Any) -> tuple[Any, bool]:
    """The type of an input, without what wraps it, and whether it may be an Output."""
    found = declared(annotation)
    unwrapped_annotation, _ = unwrapped(annotation)
    inner = typing.get_args(unwrapped_annotation)[0] if found.may_be_output else unwrapped_annotation
    return (unwrapped(inner)[0] if found.parts else found.kind), found.may_be_output


def wrong_type(expected: Any) -> Any:
    """A value of another type, as a user might well give."""
    if isinstance(expected, type) and issubclass(expected, Enum):
        return "nonsense"
    return {str: 5, int: "many", float: "many", bool: "yes"}.get(expected, 5)


def all_wrong(annotation: Any, example: Any, path: str) -> tuple[Any, set[str]]:
    """Args of which every single value is of the wrong type, and the paths of these."""
    expected, _ = plain(annotation)
    parts: dict[Any, tuple[Any, str, Any]] = {}
    if typing.is_typeddict(expected):
        dot = "." if path else ""
        example = example_of(expected)
        parts = {key: (inner, f"{path}{dot}{key}", example[key]) for key, inner in expected.__annotations__.items()}
    elif typing.get_origin(expected) is list:
        parts = {0: (typing.get_args(expected)[0], f"{path}[0]", example[0])}
    elif typing.get_origin(expected) is dict:
        parts = {key: (typing.get_args(expected)[1], f"{path}[{shown(key)}]", example[key]) for key in example}
    else:
        return wrong_type(expected), {path}
    made = {key: all_wrong(inner, value, at) for key, (inner, at, value) in parts.items()}
    values = {key: value for key, (value, _) in made.items()}
    return [*values.values()] if 0 in values else values, set().union(*(paths for _, paths in made.values()))
