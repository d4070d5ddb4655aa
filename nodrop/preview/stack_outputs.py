"""Outputs of other stacks, as a program reads them through `pulumi.StackReference`: from a file, and on the wire.

Not here: which of a program's values come from them, and how the SDK looks one up (masked_outputs).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from nodrop.paths.fields import SECRET
from nodrop.preview.project import ProjectError
from nodrop.preview.resources import OTHER_STACK, Evaluation
from nodrop.preview.values import UNKNOWN, Properties, SecretValue, Value, is_marked
from nodrop.rollout.text import meant

StackOutputs = Mapping[str, Mapping[str, Any]]
"""Outputs as JSON by name, by the name of their stack, such as `org/infra/dev`, as programs call it."""

HOW = "`pulumi stack output --json --stack {}` prints them"


def read_stack_outputs(text: str, stack: str, source: str) -> dict[str, Any]:
    """The outputs in the text; `source` is what messages call it. Raises ProjectError, which shows no value."""
    how = HOW.format(stack)
    try:
        outputs = json.loads(text)
    except json.JSONDecodeError as error:
        told = f"{source} is not JSON, from line {error.lineno} on, so not the outputs of {stack}; {how}"
        raise ProjectError(told) from None
    except (ValueError, RecursionError):
        raise ProjectError(f"{source} is not the outputs of {stack}; {how}") from None
    if not isinstance(outputs, dict):
        raise ProjectError(f"{source} is not the outputs of {stack}, one JSON object with each by its name; {how}")
    if isinstance(deployment := outputs.get("deployment"), dict) and "manifest" in deployment:
        raise ProjectError(f"{source} is an exported state, not the outputs of {stack}; {how}")
    return outputs


def answer(outputs: Mapping[str, Any]) -> Properties:
    """What the engine says of a stack with these outputs; what Pulumi masked is secret, and not known.

    Source: pulumi/pulumi pkg/resource/deploy/builtins.go, readStackReference.
    """
    values = {name: _value(value) for name, value in outputs.items()}
    return {"outputs": values, "secretOutputNames": sorted(name for name, value in outputs.items() if is_masked(value))}


def _value(given: Any) -> Value:
    if given == SECRET:
        return SecretValue(UNKNOWN)
    if isinstance(given, Mapping):  # a resource or an asset is another stack's, and not there
        return UNKNOWN if is_marked(given) else {str(key): _value(item) for key, item in given.items()}
    return [_value(item) for item in given] if isinstance(given, list | tuple) else given


def is_masked(output: Any) -> bool:
    """Whether something in an output is a secret that Pulumi masked.

    Source: pulumi/pulumi pkg/display, MassageSecrets.
    """
    if isinstance(output, Mapping):
        return any(map(is_masked, output.values()))
    return any(map(is_masked, output)) if isinstance(output, list | tuple) else output == SECRET


def is_unknown(output: Any) -> bool:
    """Whether something in an output is not known: masked, a resource or an asset."""
    if isinstance(output, Mapping):
        return is_marked(output) or any(map(is_unknown, output.values()))
    return any(map(is_unknown, output)) if isinstance(output, list | tuple) else output == SECRET


def refuse_unreferenced(given: Iterable[str], evaluations: Iterable[Evaluation]) -> None:
    """Raises ProjectError for every stack of `given` that none of the programs references.

    Where the name of a stack is known only by `pulumi up`, it may be any.
    """
    names = [
        each.inputs.get("name")
        for evaluation in evaluations
        for each in evaluation.resources
        if each.type == OTHER_STACK
    ]
    referenced = sorted({name for name in names if isinstance(name, str)})
    if len(referenced) < len(set(map(str, names))):
        return
    there = f"it references {', '.join(referenced)}" if referenced else "it references none"
    wrong = [
        f"outputs are given for stack {name}, which the program does not reference{meant(name, referenced, there)}"
        for name in given
        if name not in referenced
    ]
    if wrong:
        raise ProjectError("\n".join(wrong))
