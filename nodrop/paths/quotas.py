"""How many pods of a Deployment the ResourceQuotas of its namespace leave room for.

Source: kubernetes.io, Resource Quotas.
"""

from collections.abc import Iterable, Iterator

from nodrop.paths.fields import Field, Manifest, whole
from nodrop.paths.ports import containers_of
from nodrop.paths.quantities import amount

_COUNTED = ("pods", "count/pods")
_OF_RESOURCES = {
    "cpu": ("requests", "cpu"),
    "memory": ("requests", "memory"),
    "requests.cpu": ("requests", "cpu"),
    "requests.memory": ("requests", "memory"),
    "limits.cpu": ("limits", "cpu"),
    "limits.memory": ("limits", "memory"),
}


def pod_quota(quotas: Iterable[Manifest], pod: Field) -> int | None:
    """The fewest pods that a quota leaves room for; those with a scope count other pods. None: there is none."""
    found: list[int] = []
    for hard in _hard(quotas):
        found += [int(each) for key in _COUNTED if (each := amount(hard[key].value)) is not None]
        for key, (group, resource) in _OF_RESOURCES.items():
            room, each = amount(hard[key].value), _of_a_pod(pod, group, resource)
            if room is not None and each:
                found.append(int(room / each + 1e-9))
    return min(found, default=None)


def unstated(quotas: Iterable[Manifest], pod: Field) -> Iterator[tuple[Field, str]]:
    """Where a quota limits what a container of the pod does not state, such as `requests.cpu`, with that name.

    The API then refuses the pod, unless a LimitRange states a default.
    """
    for hard in _hard(quotas):
        for key, (group, resource) in _OF_RESOURCES.items():
            if hard[key].value is not None and any(
                _stated(each, group, resource) is None for each in pod["containers"].entries()
            ):
                yield hard[key], f"{group}.{resource}"


def _hard(quotas: Iterable[Manifest]) -> Iterator[Field]:
    for spec in (whole(each)["spec"] for each in quotas):
        if not spec["scopes"].entries() and not spec["scopeSelector"].mapping():
            yield spec["hard"]


def _of_a_pod(pod: Field, group: str, resource: str) -> float:
    """What its containers state together; 0 where none does."""
    return sum(_stated(each, group, resource) or 0.0 for each in containers_of(pod))


def _stated(container: Field, group: str, resource: str) -> float | None:
    """A request that is not stated is the limit. Source: kubernetes.io, Resource Management for Pods and Containers."""
    stated = amount(container["resources"][group][resource].value)
    return amount(container["resources"]["limits"][resource].value) if stated is None else stated
