"""Values of another type than the API's, in fields that nothing else here reads: the API server decodes none of them.

Source: kubernetes/api apps/v1 and core/v1 types.go; sigs.k8s.io/json, whose whole numbers are int64 and whose greater
ones are float64, which no field of these kinds takes.
"""

from collections.abc import Iterator, Mapping

from nodrop.judge.refusals.refusal import Refusal, between, not_a_text
from nodrop.paths.fields import MAX_INTEGER, Field, is_unknown_or_masked

_SOURCE = "kubernetes/api types.go, decoded by sigs.k8s.io/json"
_POD = "spec.template.spec"
_CONTAINERS = (f"{_POD}.containers[]", f"{_POD}.initContainers[]")
_TEXTS: Mapping[str, tuple[str, ...]] = {
    "Deployment": (
        "spec.selector.matchLabels.*",
        *(f"{_POD}.{key}" for key in ("nodeSelector.*", "priorityClassName", "schedulerName", "serviceAccountName")),
        f"{_POD}.volumes[].name",
        *(
            f"{each}.{key}"
            for each in _CONTAINERS
            for key in ("args[]", "command[]", "env[].name", "image", "imagePullPolicy", "workingDir")
        ),
        *(f"{each}.volumeMounts[].{key}" for each in _CONTAINERS for key in ("mountPath", "name", "subPath")),
        *(f"{each}.lifecycle.preStop.exec.command[]" for each in _CONTAINERS),
    ),
    "Service": ("spec.selector.*", "spec.type", "spec.sessionAffinity", "spec.ports[].name", "spec.ports[].protocol"),
    "NetworkPolicy": ("spec.podSelector.matchLabels.*",),
    "PodDisruptionBudget": ("spec.selector.matchLabels.*",),
}
_BOOLEANS: Mapping[str, tuple[str, ...]] = {
    "Deployment": (
        "spec.paused",
        *(f"{_POD}.{key}" for key in ("automountServiceAccountToken", "enableServiceLinks", "hostIPC", "hostNetwork")),
        *(f"{_POD}.{key}" for key in ("hostPID", "shareProcessNamespace", "securityContext.runAsNonRoot")),
        *(
            f"{each}.securityContext.{key}"
            for each in _CONTAINERS
            for key in ("allowPrivilegeEscalation", "privileged", "readOnlyRootFilesystem", "runAsNonRoot")
        ),
        *(f"{each}.volumeMounts[].readOnly" for each in _CONTAINERS),
    ),
    "Service": ("spec.allocateLoadBalancerNodePorts", "spec.publishNotReadyAddresses"),
}
_NUMBERS: Mapping[str, tuple[str, ...]] = {
    "Deployment": (
        "spec.revisionHistoryLimit",
        *(f"{_POD}.{key}" for key in ("priority", "securityContext.fsGroup", "securityContext.runAsUser")),
        *(f"{each}.securityContext.{key}" for each in _CONTAINERS for key in ("runAsGroup", "runAsUser")),
        *(f"{_POD}.volumes[].{key}.defaultMode" for key in ("configMap", "secret")),
    ),
    "Service": ("spec.healthCheckNodePort", "spec.ports[].nodePort"),
}
_GREATEST = 2**63


def of_types(kind: str, given: Field) -> Iterator[Refusal]:
    """What cannot be decoded of an object of that kind. Raises ReadingError."""
    for field in _each(given, _TEXTS.get(kind, ())):
        if not isinstance(field.value, str):
            yield not_a_text(field)
    for field in _each(given, _BOOLEANS.get(kind, ())):
        if not isinstance(field.value, bool):
            yield Refusal(field, f"is {_shown(field)}, no boolean", "true or false, without quotation marks", _SOURCE)
    for field in _each(given, _NUMBERS.get(kind, ())):
        if field.number() is None:
            seen = f"is {_shown(field)}, no whole number"
            yield Refusal(field, seen, "such as 1000, without quotation marks", _SOURCE)
        elif not _is_beyond(field.value):
            yield from between(field, -MAX_INTEGER - 1, MAX_INTEGER, _SOURCE)
    yield from _beyond(given, given.value)


def _each(given: Field, paths: tuple[str, ...]) -> Iterator[Field]:
    """The fields at these paths that have a known value."""
    for path in paths:
        for field in _at(given, path.split(".")):
            if field.value is not None and not is_unknown_or_masked(field.value):
                yield field


def _at(field: Field, steps: list[str]) -> Iterator[Field]:
    if field.value is None:
        return
    if not steps:
        yield field
        return
    first, rest = steps[0], steps[1:]
    if first == "*":
        for key in field.mapping():
            yield from _at(field[key], rest)
    elif first.endswith("[]"):
        for entry in field[first[:-2]].entries():
            yield from _at(entry, rest)
    else:
        yield from _at(field[first], rest)


def _beyond(field: Field, value: object) -> Iterator[Refusal]:
    """Numbers that no int64 holds, wherever they stand under the field, whose value is given."""
    if isinstance(value, dict):
        for key, inside in value.items():
            if isinstance(inside, dict | list) or _is_beyond(inside):
                yield from _beyond(field[key], inside)
    elif isinstance(value, list):
        for entry in field.entries():
            yield from _beyond(entry, entry.value)
    elif _is_beyond(value):
        yield Refusal(field, "is a number beyond 64 bits", f"{-_GREATEST} to {_GREATEST - 1}", _SOURCE)


def _is_beyond(value: object) -> bool:
    return isinstance(value, int | float) and not -_GREATEST <= value < _GREATEST


def _shown(field: Field) -> str:
    value = field.value
    return f'the text "{value[:60]}"' if isinstance(value, str) else str(value)[:60]
