"""What the Kubernetes API refuses of where pods run.

Source: kubernetes/kubernetes pkg/apis/core/validation, validation.go.
"""

from collections.abc import Iterator

from nodrop.gke.nodes import HOST_NAME
from nodrop.judge.refusals.refusal import (
    Refusal,
    between,
    of_label_value,
    of_qualified_name,
    one_of,
    or_absent,
)
from nodrop.judge.refusals.selectors import of_preferred_nodes, of_required_nodes, of_selector
from nodrop.paths.fields import Field, is_unknown_or_masked

_NO_EXECUTE = "NoExecute"
_EFFECTS = ("NoSchedule", "PreferNoSchedule", _NO_EXECUTE)
_REQUIRED, _PREFERRED = (f"{how}DuringSchedulingIgnoredDuringExecution" for how in ("required", "preferred"))


def of_tolerations(tolerations: Field) -> Iterator[Refusal]:
    """Source: ValidateTolerations; whether Lt and Gt are taken depends on the version."""
    for each in tolerations.entries():
        key, operator, value, effect = (each[name] for name in ("key", "operator", "value", "effect"))
        yield from one_of(operator, ("", "Equal", "Exists", "Lt", "Gt"))
        if not key.value and operator.value in (None, "", "Equal"):
            yield Refusal(operator, f"is {or_absent(operator)}, without a key", "Exists, or a key")
        if key.value:
            yield from of_qualified_name(key)
        if operator.value in (None, "", "Equal"):
            yield from of_label_value(value)
        if operator.value == "Exists" and value.value:
            yield Refusal(value, f"is {value.value}, with the operator Exists", "no value, or the operator Equal")
        if effect.value:
            yield from one_of(effect, _EFFECTS)
        of_time = each["tolerationSeconds"].value is not None
        if of_time and effect.value != _NO_EXECUTE and not is_unknown_or_masked(effect.value):
            yield Refusal(effect, f"is {or_absent(effect)}, with tolerationSeconds", _NO_EXECUTE)


def of_affinity(affinity: Field) -> Iterator[Refusal]:
    """Source: validateAffinity."""
    nodes = affinity["nodeAffinity"]
    terms = nodes[_REQUIRED]["nodeSelectorTerms"]
    if nodes[_REQUIRED].value is not None and not terms.entries():
        yield Refusal(terms, f"is {or_absent(terms)}", "a term with matchExpressions")
    yield from of_required_nodes(terms.entries())
    for preferred in nodes[_PREFERRED].entries():
        yield from of_preferred_nodes(preferred["preference"])
        yield from _of_weight(preferred["weight"])
    for kind in ("podAffinity", "podAntiAffinity"):
        yield from _of_pods(affinity[kind])


def _of_pods(affinity: Field) -> Iterator[Refusal]:
    for preferred in affinity[_PREFERRED].entries():
        yield from _of_weight(preferred["weight"])
    preferences = (each["podAffinityTerm"] for each in affinity[_PREFERRED].entries())
    for term in (*affinity[_REQUIRED].entries(), *preferences):
        topology = term["topologyKey"]
        if not topology.value:
            yield Refusal(topology, f"is {or_absent(topology)}", HOST_NAME)
        else:
            yield from of_qualified_name(topology)
        yield from of_selector(term["labelSelector"])


def _of_weight(weight: Field) -> Iterator[Refusal]:
    if weight.value is None:
        yield Refusal(weight, "is absent", "1 to 100")
    yield from between(weight, 1, 100)
