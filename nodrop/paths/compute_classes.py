"""Of which compute classes the nodes of a path's pods may be: those that the pods select, or their Namespace's default.

Source: Google, Apply ComputeClasses to Pods by default.
"""

from collections.abc import Iterable, Iterator

from nodrop.gke.nodes import COMPUTE_CLASS
from nodrop.paths.fields import Field, Manifest, whole

_OF_NAMESPACE = tuple(f"cloud.google.com/default-compute-class{of}" for of in ("", "-non-daemonset"))
"""Labels with which GKE lets all pods of a Namespace that select no class select that one."""
_REQUIRED, _PREFERRED = (f"{how}DuringSchedulingIgnoredDuringExecution" for how in ("required", "preferred"))


def compute_classes(pod: Field, beside: Iterable[Manifest]) -> list[Field]:
    """Where each class is named; `beside` are objects that concern the path, its Namespace among them.

    Raises:
        ReadingError: a field has no readable value.
    """
    return [*selected_classes(pod), *default_classes(pod, beside)]


def default_classes(pod: Field, beside: Iterable[Manifest]) -> list[Field]:
    """Where the Namespace names the class of pods that select none; nothing for pods that do. Raises ReadingError."""
    affinity = pod["affinity"]["nodeAffinity"]
    terms = affinity[_REQUIRED]["nodeSelectorTerms"].entries()
    if pod["nodeSelector"][COMPUTE_CLASS].value is not None or any(_asked(each) for each in terms):
        return []
    return [place for each in beside if each.get("kind") == "Namespace" for place in classes_of_namespace(each)]


def classes_of_namespace(namespace: Manifest) -> list[Field]:
    """Where the Namespace names the class of pods that select none. Raises ReadingError."""
    labels = whole(namespace)["metadata"]["labels"]
    return [labels[key] for key in _OF_NAMESPACE if labels[key].value is not None]


def selected_classes(pod: Field) -> Iterator[Field]:
    """Where the pods name classes themselves. Raises ReadingError."""
    selector = pod["nodeSelector"][COMPUTE_CLASS]
    if selector.value is not None:
        yield selector
    affinity = pod["affinity"]["nodeAffinity"]
    for term in affinity[_REQUIRED]["nodeSelectorTerms"].entries():
        yield from _asked(term)
    for preferred in affinity[_PREFERRED].entries():
        yield from _asked(preferred["preference"])


def _asked(term: Field) -> list[Field]:
    return [
        value
        for each in term["matchExpressions"].entries()
        if each["key"].value == COMPUTE_CLASS and each["operator"].value == "In"
        for value in each["values"].entries()
    ]
