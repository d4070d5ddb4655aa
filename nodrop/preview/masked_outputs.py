"""Lets a program look up single outputs of another stack where only some of them are known.

The SDK looks up none then, as its engine knows all or none (pulumi/stack_reference.py).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from typing import Any

import pulumi
from pulumi.stack_reference import StackReferenceOutputDetails

_LookUp = Callable[[pulumi.StackReference, Any], pulumi.Output[Any]]


@contextlib.contextmanager
def looked_up_one_by_one() -> Generator[None]:
    """Look up each output by itself, whatever is known of the others."""
    kind = pulumi.StackReference
    others = {
        "get_output": _one(kind.get_output, dict.get),
        "require_output": _one(kind.require_output, dict.__getitem__),
        "get_output_details": _details,
    }
    own = {name: getattr(kind, name) for name in others}
    for name, method in others.items():
        setattr(kind, name, method)
    try:
        yield
    finally:
        for name, method in own.items():
            setattr(kind, name, method)


def _one(own: _LookUp, find: Callable[[dict[str, Any], Any], Any]) -> _LookUp:
    """The method, with a value that is known where that output is."""

    def look_up(self: pulumi.StackReference, name: Any) -> pulumi.Output[Any]:
        found = own(self, name)
        value = pulumi.Output.from_input(name).apply(
            lambda key: self.outputs.apply(
                lambda outputs: find(outputs, key) if isinstance(outputs, dict) else outputs, run_with_unknowns=True
            )
        )
        return pulumi.Output(found.resources(), value.future(with_unknowns=True), value.is_known(), found.is_secret())

    return look_up


async def _details(self: pulumi.StackReference, name: str) -> StackReferenceOutputDetails:
    found = self.get_output(name)
    if not await found.is_known():
        return StackReferenceOutputDetails()
    value = await found.future()
    if await found.is_secret():
        return StackReferenceOutputDetails(secret_value=value)
    return StackReferenceOutputDetails(value=value)
