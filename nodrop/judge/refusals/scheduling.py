"""What the Kubernetes API refuses of where pods run, and of their volumes.

Source: kubernetes/kubernetes pkg/apis/core/validation, validation.go.
"""

from collections.abc import Iterator

from nodrop.gke.nodes import HOST_NAME
from nodrop.judge.refusals.refusal import Refusal, between, of_label, one_of, or_absent, twice
from nodrop.paths.fields import Field, is_unknown_or_masked

_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
_OF_NODES = (*_OPERATORS, "Gt", "Lt")
_REQUIRED, _PREFERRED = (f"{how}DuringSchedulingIgnoredDuringExecution" for how in ("required", "preferred"))


def of_tolerations(tolerations: Field) -> Iterator[Refusal]:
    """Source: ValidateTolerations; of other operators than these it depends on the version."""
    for each in tolerations.entries():
        key, operator, value, effect = (each[name] for name in ("key", "operator", "value", "effect"))
        if not key.value and operator.value in (None, "", "Equal"):
            yield Refusal(operator, f"is {or_absent(operator)}, without a key", "Exists, or a key")
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
    for term in (*terms.entries(), *(each["preference"] for each in nodes[_PREFERRED].entries())):
        for expression in term["matchExpressions"].entries():
            yield from _of_expression(expression, _OF_NODES)
    for preferred in nodes[_PREFERRED].entries():
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
        for expression in term["labelSelector"]["matchExpressions"].entries():
            yield from _of_expression(expression, _OPERATORS)


def _of_weight(weight: Field) -> Iterator[Refusal]:
    if weight.value is None:
        yield Refusal(weight, "is absent", "1 to 100")
    yield from between(weight, 1, 100)


def _of_expression(expression: Field, operators: tuple[str, ...]) -> Iterator[Refusal]:
    """Source: validateNodeSelectorRequirement; apimachinery pkg/apis/meta/v1/validation, of LabelSelectors."""
    operator, values = expression["operator"], expression["values"]
    if is_unknown_or_masked(operator.value) or is_unknown_or_masked(values.value):
        return
    count = len(values.entries())
    if operator.value not in operators:
        yield Refusal(operator, f"is {or_absent(operator)}", " or ".join(operators))
    elif operator.value in ("In", "NotIn") and not count:
        yield Refusal(values, f"is {or_absent(values)}, with the operator {operator.value}", "at least one value")
    elif operator.value in ("Exists", "DoesNotExist") and count:
        yield Refusal(values, f"has {count}, with the operator {operator.value}", "none")
    elif operator.value in ("Gt", "Lt") and count != 1:
        yield Refusal(values, f"has {count}, with the operator {operator.value}", "one value")


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
        if len(sources) > 1:
            yield Refusal(each, f"has {' and '.join(map(str, sources))}", "one of them")
