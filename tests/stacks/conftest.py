"""Evaluates the stacks offline; each combination of stack and config once."""

import functools
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from nodrop.preview import Evaluation, Resource, evaluate

PROJECT = Path(__file__).parents[2]
Evaluate = Callable[..., Evaluation]


@functools.cache
def _evaluation(stack: str, config: frozenset[tuple[str, str]]) -> Evaluation:
    return evaluate(PROJECT, stack, config=dict(config))


@pytest.fixture(scope="session")
def evaluated() -> Evaluate:
    """The evaluation of a stack, with config given as keywords."""

    def evaluated(stack: str, config: Mapping[str, str] | None = None) -> Evaluation:
        return _evaluation(stack, frozenset((config or {}).items()))

    return evaluated


@pytest.fixture(scope="session")
def find() -> Callable[[Evaluation, str], Resource]:
    """The one resource whose URN ends in a type and name, such as "WebService$kubernetes:apps/v1:Deployment::web"."""

    def find(evaluation: Evaluation, tail: str) -> Resource:
        (found,) = [resource for resource in evaluation.resources if resource.urn.endswith(tail)]
        return found

    return find
