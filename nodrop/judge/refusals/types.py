"""Values of another type than the API's, in fields that nothing else here reads: the API server decodes none of them.

Source: kubernetes/api apps/v1 and core/v1 types.go; sigs.k8s.io/json, whose whole numbers are int64 and whose greater
ones are float64, which no field of these kinds takes.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from nodrop.judge.refusals.refusal import Refusal, between, not_a_text
from nodrop.paths.fields import MAX_INTEGER, Field, is_unknown_or_masked

_SOURCE = "kubernetes/api types.go, decoded by sigs.k8s.io/json"
_TEXT, _BOOLEAN, _NUMBER = "text", "boolean", "number"
_ANY = "*"
"""Stands for every key."""

_Shape = str | list[Any] | dict[str, Any]
"""A type; the shape of a list's entries; or the shapes of some fields by their names."""

_SECURITY = dict.fromkeys(("runAsGroup", "runAsUser"), _NUMBER) | dict.fromkeys(
    ("allowPrivilegeEscalation", "privileged", "readOnlyRootFilesystem", "runAsNonRoot"), _BOOLEAN
)
_CONTAINER: _Shape = {
    **dict.fromkeys(("image", "imagePullPolicy", "workingDir"), _TEXT),
    "args": [_TEXT],
    "command": [_TEXT],
    "env": [{"name": _TEXT}],
    "lifecycle": {"preStop": {"exec": {"command": [_TEXT]}}},
    "securityContext": _SECURITY,
    "volumeMounts": [{**dict.fromkeys(("mountPath", "name", "subPath"), _TEXT), "readOnly": _BOOLEAN}],
}
_POD: _Shape = {
    "nodeSelector": {_ANY: _TEXT},
    **dict.fromkeys(("priorityClassName", "schedulerName", "serviceAccountName"), _TEXT),
    **dict.fromkeys(("automountServiceAccountToken", "enableServiceLinks", "hostIPC", "hostNetwork"), _BOOLEAN),
    **dict.fromkeys(("hostPID", "shareProcessNamespace"), _BOOLEAN),
    "priority": _NUMBER,
    "securityContext": {"fsGroup": _NUMBER, "runAsNonRoot": _BOOLEAN, "runAsUser": _NUMBER},
    "volumes": [{"name": _TEXT, "configMap": {"defaultMode": _NUMBER}, "secret": {"defaultMode": _NUMBER}}],
    "containers": [_CONTAINER],
    "initContainers": [_CONTAINER],
}
_LABELS: _Shape = {"matchLabels": {_ANY: _TEXT}}
_OF_KIND: Mapping[str, _Shape] = {
    "Deployment": {
        "paused": _BOOLEAN,
        "revisionHistoryLimit": _NUMBER,
        "selector": _LABELS,
        "template": {"spec": _POD},
    },
    "Service": {
        "selector": {_ANY: _TEXT},
        **dict.fromkeys(("sessionAffinity", "type"), _TEXT),
        **dict.fromkeys(("allocateLoadBalancerNodePorts", "publishNotReadyAddresses"), _BOOLEAN),
        "healthCheckNodePort": _NUMBER,
        "ports": [{"name": _TEXT, "nodePort": _NUMBER, "protocol": _TEXT}],
    },
    "NetworkPolicy": {"podSelector": _LABELS},
    "PodDisruptionBudget": {"selector": _LABELS},
}
"""Of the `spec` of each kind."""
_GREATEST = 2**63
_DEEPEST = 100
"""Fields inside each other that are looked at; no type of these kinds needs half as many."""
_Steps = tuple[str | int, ...]


def of_types(kind: str, given: Field) -> Iterator[Refusal]:
    """What cannot be decoded of an object of that kind. Raises ReadingError."""
    spec, found = given["spec"], list[tuple[_Steps, str]]()
    if kind in _OF_KIND:
        _look(spec.value, _OF_KIND[kind], (), found)
    for steps, wanted in found:
        yield from _refused(_at(spec, steps), wanted)
    beyond: list[_Steps] = []
    _look_beyond(given.value, (), beyond)
    for steps in beyond:
        yield Refusal(_at(given, steps), "is a number beyond 64 bits", f"{-_GREATEST} to {_GREATEST - 1}", _SOURCE)


def _look(value: object, shape: _Shape, steps: _Steps, found: list[tuple[_Steps, str]]) -> None:
    """Adds the places of values that may be of another type than they should be. Plain values: most are right."""
    if isinstance(shape, str):
        if not _is(value, shape):
            found.append((steps, shape))
    elif isinstance(shape, list):
        for number, entry in enumerate(value if isinstance(value, list) else ()):
            _look(entry, shape[0], (*steps, number), found)
    elif isinstance(value, dict):
        for key, inside in value.items():
            below = shape.get(key) or shape.get(_ANY)
            if below is not None and inside is not None:
                _look(inside, below, (*steps, key), found)


def _is(value: object, wanted: str) -> bool:
    if wanted == _TEXT:
        return isinstance(value, str)
    return isinstance(value, bool) if wanted == _BOOLEAN else type(value) is int and abs(value) <= MAX_INTEGER


def _refused(field: Field, wanted: str) -> Iterator[Refusal]:
    if is_unknown_or_masked(field.value):
        return
    if wanted == _TEXT:
        yield not_a_text(field)
    elif wanted == _BOOLEAN:
        yield Refusal(field, f"is {_shown(field)}, no boolean", "true or false, without quotation marks", _SOURCE)
    elif field.number() is None:
        yield Refusal(field, f"is {_shown(field)}, no whole number", "such as 1000, without quotation marks", _SOURCE)
    elif not _is_beyond(field.value):
        yield from between(field, -MAX_INTEGER - 1, MAX_INTEGER, _SOURCE)


def _look_beyond(value: object, steps: _Steps, found: list[_Steps]) -> None:
    """Adds the places of numbers that no int64 holds."""
    if isinstance(value, dict | list) and len(steps) <= _DEEPEST:
        for key, inside in value.items() if isinstance(value, dict) else enumerate(value):
            if type(inside) is not str and inside is not None:
                _look_beyond(inside, (*steps, key), found)
    elif _is_beyond(value):
        found.append(steps)


def _is_beyond(value: object) -> bool:
    return isinstance(value, int | float) and not -_GREATEST <= value < _GREATEST


def _at(field: Field, steps: _Steps) -> Field:
    for step in steps:
        field = field.entries()[step] if isinstance(step, int) else field[step]
    return field


def _shown(field: Field) -> str:
    value = field.value
    return f'the text "{value[:60]}"' if isinstance(value, str) else str(value)[:60]
