"""What the Kubernetes API refuses of where pods run, and of their volumes.

Source: kubernetes/kubernetes pkg/apis/core/validation, validation.go.
"""

from collections.abc import Iterator

from nodrop.gke.nodes import HOST_NAME
from nodrop.judge.refusals.refusal import (
    Refusal,
    between,
    of_label,
    of_label_value,
    of_qualified_name,
    one_of,
    or_absent,
    twice,
)
from nodrop.judge.refusals.selectors import of_preferred_nodes, of_required_nodes, of_selector
from nodrop.paths.fields import Field, is_unknown_or_masked
from nodrop.paths.quantities import amount

_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_REQUIRED, _PREFERRED = (f"{how}DuringSchedulingIgnoredDuringExecution" for how in ("required", "preferred"))


def of_tolerations(tolerations: Field) -> Iterator[Refusal]:
    """Source: ValidateTolerations; of other operators than these it depends on the version."""
    for each in tolerations.entries():
        key, operator, value, effect = (each[name] for name in ("key", "operator", "value", "effect"))
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
        if each["tolerationSeconds"].value is not None and effect.value in _EFFECTS[:2]:
            yield Refusal(effect, f"is {effect.value}, with tolerationSeconds", "NoExecute")


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


def of_volumes(volumes: Field) -> Iterator[Refusal]:
    """Source: ValidateVolumes; a volume without a source is an emptyDir."""
    names = [each["name"] for each in volumes.entries()]
    yield from twice(volumes, "name", [name for name in names if not is_unknown_or_masked(name.value)])
    for each in volumes.entries():
        if each["name"].value in (None, ""):
            yield Refusal(each["name"], f"is {or_absent(each['name'])}", "a name such as data")
        else:
            yield from of_label(each["name"], "data")
        sources = [key for key, source in each.mapping().items() if key != "name" and source is not None]
        size = each["emptyDir"]["sizeLimit"]
        least = 0 if size.value is None else amount(size.value)
        if least is None or least < 0:
            yield Refusal(size, f"is {size.value!r}", "such as 1Gi")
        if len(sources) > 1:
            yield Refusal(each, f"has {' and '.join(map(str, sources))}", "one of them")
