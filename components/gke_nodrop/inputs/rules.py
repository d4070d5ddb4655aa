"""Rules over several inputs, each attached to the TypedDict that it judges.

    @rule(CdnArgs)
    def ttls_are_in_order(cdn: CdnArgs) -> Iterator[Fault]: ...

Paths of its faults are relative to the group; the walk (`check`) puts the group's own path before them. TypedDicts are
structural types: a rule judges whatever group has all inputs of its TypedDict, so those that inherit from it too.
"""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from gke_nodrop.inputs.faults import Fault

Finds = TypeVar("Finds", bound=Callable[..., Iterable[Fault]])


@dataclass(frozen=True)
class InputRule:
    """A function that looks at several inputs at once."""

    judges: type
    """The TypedDict of its first parameter."""
    find: Callable[..., Iterable[Fault]]
    """It sees the group without the values that have a fault of their own."""
    needs_name: bool
    """Whether the name of the component is its second parameter."""


_RULES: list[InputRule] = []


def rule(*shapes: type, needs_name: bool = False) -> Callable[[Finds], Finds]:
    """Attaches the function below to the TypedDicts that it judges."""

    def attach(find: Finds) -> Finds:
        _RULES.extend(InputRule(shape, find, needs_name) for shape in shapes)
        rules_of.cache_clear()
        return find

    return attach


@cache
def rules_of(shape: type) -> tuple[InputRule, ...]:
    """The rules that judge a TypedDict, in the order in which they are written."""
    return tuple(each for each in _RULES if _has_all_inputs_of(shape, each.judges))


def _has_all_inputs_of(shape: type, other: type) -> bool:
    declared: dict[str, Any] = inspect.get_annotations(shape)
    return all(declared.get(key) == annotation for key, annotation in inspect.get_annotations(other).items())
