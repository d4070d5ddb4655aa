"""LabelSelectors: which labels they take."""

from collections.abc import Mapping

from nodrop.paths.fields import Field

_NAME_LABEL = "kubernetes.io/metadata.name"


def selects(selector: Field, labels: Mapping[str, object]) -> bool:
    """Whether a LabelSelector takes pods with such labels; an empty one takes all.

    Raises:
        ReadingError: an expression has an operator that Kubernetes does not know.
    """
    if not selector["matchLabels"].mapping().items() <= labels.items():
        return False
    return all(_matches(expression, labels) for expression in selector["matchExpressions"].entries())


def may_select_namespace(selector: Field, namespace: str, namespaces: Mapping[str, Field]) -> bool:
    """Whether a LabelSelector takes the namespace of that name; so it may where that is not among `namespaces`.

    Every namespace has its name as a label. Source: kubernetes.io, Well-known labels. Raises ReadingError.
    """
    given = namespaces.get(namespace)
    keys = {
        *selector["matchLabels"].mapping(),
        *(each["key"].text() for each in selector["matchExpressions"].entries()),
    }
    if given is None and keys != {_NAME_LABEL}:
        return True
    labels = given["metadata"]["labels"].mapping() if given is not None else {}
    return selects(selector, {**labels, _NAME_LABEL: namespace})


def _matches(expression: Field, labels: Mapping[str, object]) -> bool:
    key, operator = expression["key"].text() or "", expression["operator"].text()
    values = [each.value for each in expression["values"].entries()]
    if operator == "In":
        return labels.get(key) in values
    if operator == "NotIn":
        return labels.get(key) not in values
    if operator == "Exists":
        return key in labels
    if operator == "DoesNotExist":
        return key not in labels
    raise expression["operator"].error("In, NotIn, Exists or DoesNotExist")
