"""What the Kubernetes API refuses of selectors: of pods and objects by LabelSelectors, of nodes by their labels.

Source: kubernetes/apimachinery pkg/apis/meta/v1/validation, ValidateLabelSelector; kubernetes/kubernetes
pkg/apis/core/validation, ValidateNodeSelectorRequirement and ValidateNodeFieldSelectorRequirement.
"""

import re
from collections.abc import Iterable, Iterator

from nodrop.judge.refusals.refusal import Refusal, of_label_value, of_labels, of_qualified_name, one_of, or_absent
from nodrop.paths.fields import Field, is_unknown_or_masked

_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
_OF_NUMBERS = ("Gt", "Lt")
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}")
_GREATEST = 2**63
_BY_THE_SCHEDULER = "kubernetes/apimachinery pkg/labels, NewRequirement, which the scheduler asks"


def of_selector(selector: Field) -> Iterator[Refusal]:
    """What is refused of a LabelSelector. Raises ReadingError."""
    yield from of_labels(selector["matchLabels"])
    for each in selector["matchExpressions"].entries():
        yield from _of_expression(each, _OPERATORS)
        for value in each["values"].entries():
            yield from of_label_value(value)


def of_required_nodes(terms: Iterable[Field]) -> Iterator[Refusal]:
    """What is refused of terms of which a node must match one. Raises ReadingError.

    An empty term matches none. Source: kubernetes/component-helpers scheduling/corev1/nodeaffinity, nodeaffinity.go.
    """
    stated = list(terms)
    unread: list[list[Refusal]] = []
    for term in stated:
        yield from _of_term(term)
        for each in term["matchExpressions"].entries():
            for value in each["values"].entries():
                yield from of_label_value(value)
        unread.append([*_of_nothing(term), *_of_numbers(term)])
    if all(unread):
        yield from (refusal for each in unread for refusal in each)


def of_preferred_nodes(term: Field) -> Iterator[Refusal]:
    """What is refused of a term that nodes should match: of its values by the scheduler alone. Raises ReadingError.

    It places no pod then, unless one node alone is left to choose.
    Source: kubernetes/kubernetes pkg/scheduler/framework/plugins/nodeaffinity, PreScore.
    """
    yield from _of_term(term)
    yield from _of_numbers(term)
    for each in term["matchExpressions"].entries():
        for value in each["values"].entries() if each["operator"].value in _OPERATORS else ():
            for refusal in of_label_value(value):
                yield refusal._replace(
                    seen=f"{refusal.seen}, which the scheduler cannot read", source=_BY_THE_SCHEDULER
                )


def _of_term(term: Field) -> Iterator[Refusal]:
    for each in term["matchExpressions"].entries():
        yield from _of_expression(each, (*_OPERATORS, *_OF_NUMBERS))
    for each in term["matchFields"].entries():
        yield from one_of(each["key"], ("metadata.name",))
        yield from one_of(each["operator"], ("In", "NotIn"))
        if len(each["values"].entries()) != 1:
            yield Refusal(each["values"], f"has {len(each['values'].entries())}", "one value")


def _of_expression(expression: Field, operators: tuple[str, ...]) -> Iterator[Refusal]:
    yield from of_qualified_name(expression["key"])
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
    elif operator.value in _OF_NUMBERS and count != 1:
        yield Refusal(values, f"has {count}, with the operator {operator.value}", "one value")


def _of_nothing(term: Field) -> Iterator[Refusal]:
    if not term["matchExpressions"].entries() and not term["matchFields"].entries():
        seen = "is empty, so that the scheduler finds no node"
        yield Refusal(term, seen, "a term with matchExpressions", _BY_THE_SCHEDULER)


def _of_numbers(term: Field) -> Iterator[Refusal]:
    """Values to compare with that are no numbers: the API takes them, and the scheduler finds no node by the term.

    Source: kubernetes/component-helpers scheduling/corev1/nodeaffinity, nodeaffinity.go; kubernetes/kubernetes
    pkg/scheduler/framework/plugins/nodeaffinity, Filter.
    """
    for each in term["matchExpressions"].entries():
        for value in each["values"].entries() if each["operator"].value in _OF_NUMBERS else ():
            text = value.value
            if not isinstance(text, str) or is_unknown_or_masked(text):
                continue
            if not _NUMBER.fullmatch(text) or not -_GREATEST <= int(text) < _GREATEST:
                seen = (
                    f"is {text[:60]!r}, with the operator {each['operator'].value}, so that the scheduler finds no node"
                )
                yield Refusal(value, seen, 'a whole number such as "4"', _BY_THE_SCHEDULER)
