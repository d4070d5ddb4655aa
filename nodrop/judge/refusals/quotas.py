"""What is refused of ResourceQuotas, and of pods that do not state what one of them limits.

Source: kubernetes/kubernetes pkg/apis/core/validation, ValidateResourceQuotaSpec; pkg/apis/core/helper.
"""

from collections.abc import Iterable, Iterator, Mapping

from nodrop.gke.resources import HUGE_PAGES
from nodrop.judge.refusals.refusal import Refusal, of_metadata, one_of
from nodrop.paths.fields import Field, Manifest, is_unknown_or_masked
from nodrop.paths.quantities import amount
from nodrop.paths.quotas import TO_BE_STATED, Demand, Exceeded
from nodrop.paths.requests import named
from nodrop.rollout.quantities import quantity
from nodrop.rollout.sources import RESOURCE_QUOTAS

_STORAGE = ("ephemeral-storage", "requests.ephemeral-storage", "limits.ephemeral-storage", "requests.storage")
_COUNTS = (
    "configmaps",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "services",
    "services.loadbalancers",
    "services.nodeports",
)
_WITHOUT_SLASH = (*TO_BE_STATED, *_STORAGE, *_COUNTS)
_HUGE_PAGES = (HUGE_PAGES, f"requests.{HUGE_PAGES}")
_OF_COMPUTE = ("pods", *TO_BE_STATED)
_OF_SCOPE: Mapping[str, tuple[str, ...]] = {
    "BestEffort": ("pods",),
    "CrossNamespacePodAffinity": _OF_COMPUTE,
    "NotBestEffort": _OF_COMPUTE,
    "NotTerminating": _OF_COMPUTE,
    "PriorityClass": _OF_COMPUTE,
    "Terminating": _OF_COMPUTE,
    "VolumeAttributesClass": ("persistentvolumeclaims", "requests.storage"),
}
"""What each scope can be held to, of the amounts without a slash."""
_OPPOSITES = (("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating"))
_OF_NAMES = ("PriorityClass", "VolumeAttributesClass")
"""Scopes that an expression may ask for by name; the others only have `Exists`."""
_OF_THE_LAST = "the API refuses the object that would be made last, and nothing of that takes effect"
_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")


def of_pod_in_quotas(demands: Iterable[Demand]) -> Iterator[Refusal]:
    """Amounts that pods have to state, for a quota limits them: all that one quota wants as one.

    Source: kubernetes/kubernetes pkg/quota/v1/evaluator/core/pods.go, Constraints.
    """
    for quota, asked, containers in demands:
        lack = f"{named(containers)} no {' or '.join(asked)}"
        seen = f"{lack}, which {quota.object} limits in {quota.path}, and no LimitRange fills it in"
        such = "amounts, such as 500m of cpu or 512Mi of memory"
        yield Refusal(containers[0]["resources"], seen, such, RESOURCE_QUOTAS, "incomplete")


def of_objects_in_quotas(exceeded: Iterable[Exceeded]) -> Iterator[tuple[Manifest, Refusal]]:
    """Quotas that are less than the objects that there are, each with its object: the API refuses to make the last.

    Source: apiserver pkg/quota/v1 and pkg/admission/plugin/resourcequota; an object that is there stays.
    """
    for quota, hard, there in exceeded:
        taken = quantity(there, hard.path)
        seen = f"less than the {taken} that the objects of the namespace take from it"
        yield quota, Refusal(hard, seen, f"{taken} or more", RESOURCE_QUOTAS, why=_OF_THE_LAST)


def of_resource_quota(quota: Field) -> Iterator[Refusal]:
    """What is refused of a ResourceQuota. Raises ReadingError."""
    yield from of_metadata(quota["metadata"])
    hard = quota["spec"]["hard"]
    for key in map(str, hard.mapping()):
        yield from _of_entry(hard[key], key)
    scopes, selector = quota["spec"]["scopes"], quota["spec"]["scopeSelector"]["matchExpressions"]
    yield from _of_scopes(scopes, scopes.entries(), hard)
    yield from _of_scopes(selector, [each["scopeName"] for each in selector.entries()], hard)
    for each in selector.entries():
        yield from _of_expression(each)


def _of_entry(stated: Field, key: str) -> Iterator[Refusal]:
    if "/" not in key and not _is_standard(key):
        yield Refusal(stated, f"{key} is not a resource that a quota can limit", "pods, requests.cpu or similar")
        return
    counts = key in _COUNTS or key.startswith("count/")
    most = 0.0 if stated.is_null else amount(stated.value)
    if most is None or most < 0 or (counts and most % 1):
        yield Refusal(stated, f"is {stated.value!r}", "20" if counts else "20 or 64Gi")


def _is_standard(key: str) -> bool:
    """Source: IsStandardQuotaResourceName."""
    return key in _WITHOUT_SLASH or key.startswith(_HUGE_PAGES)


def _of_scopes(place: Field, scopes: list[Field], hard: Field) -> Iterator[Refusal]:
    names = [each.value for each in scopes]
    for each in scopes:
        yield from one_of(each, _OF_SCOPE)
        held = _OF_SCOPE.get(str(each.value), ())
        for key in map(str, hard.mapping()) if held else ():
            if _is_standard(key) and key not in held:
                seen = f"a quota of this scope cannot limit {key}"
                yield Refusal(each, seen, f"{', '.join(held)}; and {key} in a quota without the scope")
    for pair in _OPPOSITES:
        if all(each in names for each in pair):
            yield Refusal(place, f"is {' and '.join(pair)}", "one of both")


def _of_expression(expression: Field) -> Iterator[Refusal]:
    """Source: validateScopedResourceSelectorRequirement."""
    scope, operator, values = expression["scopeName"].value, expression["operator"], expression["values"].entries()
    if is_unknown_or_masked(operator.value):
        return
    if operator.value not in _OPERATORS:
        yield Refusal(operator, f"is {operator.value}", " or ".join(_OPERATORS))
    elif isinstance(scope, str) and scope in _OF_SCOPE and scope not in _OF_NAMES and operator.value != "Exists":
        yield Refusal(operator, f"is {operator.value}", "Exists")
    elif operator.value in ("In", "NotIn") and not values:
        yield Refusal(expression["values"], "is empty", "one name or more")
    elif operator.value in ("Exists", "DoesNotExist") and values:
        yield Refusal(expression["values"], f"has names, which {operator.value} does not take", "none")
