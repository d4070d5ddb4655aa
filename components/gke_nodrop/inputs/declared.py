"""What a TypedDict declares of each input: its type, its limits, an example, whether it is secret.

All of it stands at the field, as `Annotated` metadata; here it is read. Not here: rules over several inputs (`rules`).
"""

import inspect
import types
import typing
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Annotated, Any, NotRequired, Required, Union


@dataclass(frozen=True, kw_only=True)
class Limit:
    """Which values of an input are right."""

    holds: Callable[[Any], bool]
    rule: str
    """Reads on after "must be"."""
    source: str


@dataclass(frozen=True)
class Example:
    """A value that passes; faults quote it. An outer one hides an inner one."""

    value: Any


@dataclass(frozen=True)
class Secret:
    """No fault shows the value, nor what is in it."""


@dataclass(frozen=True)
class HeldBy:
    """Attributes that hold the value, where a resource itself is given: the first one it has counts."""

    attributes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Declared:
    """A type as an input has it."""

    kind: Any
    """A TypedDict, list, dict, an Enum, str, int, float or bool."""
    metadata: tuple[Any, ...]
    """What stands beside it, the innermost first."""
    may_be_output: bool
    parts: "tuple[Declared, ...]"
    """Of a list its item; of a dict its key and its value."""
    limits: tuple[Limit, ...]
    is_secret: bool

    def noted(self, kind: type) -> Any:
        """The outermost metadata of a kind; None if there is none."""
        return next((note for note in reversed(self.metadata) if isinstance(note, kind)), None)

    @property
    def holds_secrets(self) -> bool:
        """Whether there are secrets in it, wherever they stand in a value of the wrong shape."""
        inner = fields_of(self.kind).values() if typing.is_typeddict(self.kind) else self.parts
        return self.is_secret or any(each.holds_secrets for each in inner)

    @property
    def example(self) -> Any:
        """A value that passes, put together from those of its parts; by default true, and an Enum's first member."""
        stated = self.noted(Example)
        if stated is not None:
            return stated.value
        if typing.is_typeddict(self.kind):
            return example_of(self.kind)
        if self.kind is list:
            return [self.parts[0].example]
        if self.kind is dict:
            key, value = self.parts
            return {key.example: value.example}
        if self.kind is bool:
            return True
        return next(iter(self.kind)) if issubclass(self.kind, Enum) else None


@cache
def fields_of(shape: type) -> dict[str, Declared]:
    """Each input of a TypedDict."""
    return {key: declared(annotation) for key, annotation in inspect.get_annotations(shape).items()}


def example_of(shape: type) -> dict[str, Any]:
    """Every input of a TypedDict with a value that passes; not all of them need to go together."""
    return {key: each.example for key, each in fields_of(shape).items()}


def declared(annotation: Any) -> Declared:
    """What an annotation says. Of `pulumi.Input[T]`, a union, and of `Enum | Literal[…]` the first member counts."""
    kind, metadata = unwrapped(annotation)
    may_be_output = False
    if typing.get_origin(kind) in (Union, types.UnionType):
        members = typing.get_args(kind)
        may_be_output = any(typing.get_origin(each) is Awaitable for each in members)  # it stands beside Output
        kind, inner = unwrapped(members[0])
        metadata = (*inner, *metadata)
    return Declared(
        kind=typing.get_origin(kind) or kind,
        metadata=metadata,
        may_be_output=may_be_output,
        parts=tuple(map(declared, typing.get_args(kind))),
        limits=tuple(note for note in metadata if isinstance(note, Limit)),
        is_secret=any(isinstance(note, Secret) for note in metadata),
    )


def unwrapped(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """A type without NotRequired, Required and Annotated, and what Annotated says, the innermost first."""
    metadata: tuple[Any, ...] = ()
    while typing.get_origin(annotation) in (NotRequired, Required, Annotated):
        metadata = (*getattr(annotation, "__metadata__", ()), *metadata)
        annotation = typing.get_args(annotation)[0]
    return annotation, metadata


def secret_inputs(shape: type) -> Iterator[str]:
    """Names of the inputs of a TypedDict, and of the groups inside, whose values no message shows."""
    for key, each in fields_of(shape).items():
        if each.is_secret or any(part.is_secret for part in each.parts):
            yield key
        for part in (each, *each.parts):
            if typing.is_typeddict(part.kind):
                yield from secret_inputs(part.kind)
