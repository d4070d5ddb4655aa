"""Values of another type than the API's, in fields that nothing else here reads: the API server decodes none of them.

Source: kubernetes/api apps/v1 and core/v1 types.go; sigs.k8s.io/json, whose whole numbers are int64 and whose greater
ones are float64, which no field of these kinds takes.
"""

from collections.abc import Iterator, Mapping

from nodrop.judge.refusals.refusal import Refusal, between, not_a_text
from nodrop.judge.refusals.shapes import ANY, BOOLEAN, NUMBER, POD, SELECTOR, TEXT, Shape
from nodrop.paths.fields import MAX_INTEGER, Field, is_unknown_or_masked, shortened

_SOURCE = "kubernetes/api types.go, decoded by sigs.k8s.io/json"
_LIST, _OBJECT = "list", "object"
_OF_KIND: Mapping[str, Shape] = {
    "Deployment": {
        "paused": BOOLEAN,
        "revisionHistoryLimit": NUMBER,
        "selector": SELECTOR,
        "template": {"spec": POD},
    },
    "Service": {
        "selector": {ANY: TEXT},
        **dict.fromkeys(("externalName", "internalTrafficPolicy", "ipFamilyPolicy", "sessionAffinity", "type"), TEXT),
        "externalIPs": [TEXT],
        "ipFamilies": [TEXT],
        **dict.fromkeys(("allocateLoadBalancerNodePorts", "publishNotReadyAddresses"), BOOLEAN),
        "healthCheckNodePort": NUMBER,
        "ports": [{"name": TEXT, "nodePort": NUMBER, "protocol": TEXT}],
    },
    "NetworkPolicy": {
        "podSelector": SELECTOR,
        "ingress": [{"from": [dict.fromkeys(("namespaceSelector", "podSelector"), SELECTOR)]}],
    },
    "PersistentVolumeClaim": {"accessModes": [TEXT], **dict.fromkeys(("storageClassName", "volumeName"), TEXT)},
    "PodDisruptionBudget": {"selector": SELECTOR},
}
"""Of the `spec` of each kind."""
_GREATEST = 2**63
_QUANTITIES = ("averageValue", "divisor", "hard", "limits", "overhead", "resources", "sizeLimit", "value")
"""Fields that are Quantities, or hold some, of which the API reads the digits; other fields of such names are texts."""
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


def _look(value: object, shape: Shape, steps: _Steps, found: list[tuple[_Steps, str]]) -> None:
    """Adds the places of values that may be of another type than they should be. Plain values: most are right.

    A null is none: Go decodes it to the empty value of its type.
    """
    if value is None:
        return
    if isinstance(shape, str):
        if not _is(value, shape):
            found.append((steps, shape))
    elif isinstance(shape, list):
        if not isinstance(value, list):
            found.append((steps, _LIST))
            return
        for number, entry in enumerate(value):
            _look(entry, shape[0], (*steps, number), found)
    elif not isinstance(value, dict):
        found.append((steps, _OBJECT))
    else:
        for key, inside in value.items():
            below = shape.get(key, shape.get(ANY))
            if below is not None:
                _look(inside, below, (*steps, key), found)


def _is(value: object, wanted: str) -> bool:
    if wanted == TEXT:
        return isinstance(value, str)
    return isinstance(value, bool) if wanted == BOOLEAN else type(value) is int and abs(value) <= MAX_INTEGER


def _refused(field: Field, wanted: str) -> Iterator[Refusal]:
    if is_unknown_or_masked(field.value):
        return
    if wanted == TEXT:
        yield not_a_text(field)
    elif wanted == _LIST:
        yield Refusal(field, f"is {_shown(field)}, not a list", "a list, such as [a, b]", _SOURCE)
    elif wanted == _OBJECT:
        yield Refusal(field, f"is {_shown(field)}, not an object", "an object, such as {a: b}", _SOURCE)
    elif wanted == BOOLEAN:
        yield Refusal(field, f"is {_shown(field)}, no boolean", "true or false, without quotation marks", _SOURCE)
    elif field.number() is None:
        yield Refusal(
            field, f"is {_shown(field)}, not a whole number", "such as 1000, without quotation marks", _SOURCE
        )
    elif wanted == NUMBER and not _is_beyond(field.value):
        yield from between(field, -MAX_INTEGER - 1, MAX_INTEGER, _SOURCE)


def _look_beyond(value: object, steps: _Steps, found: list[_Steps]) -> None:
    """Adds the places of numbers that no int64 holds."""
    if isinstance(value, dict | list) and len(steps) <= _DEEPEST:
        for key, inside in value.items() if isinstance(value, dict) else enumerate(value):
            if type(inside) is not str and inside is not None and key not in _QUANTITIES:
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
    return f'the text "{value[:60]}"' if isinstance(value, str) else shortened(value)
