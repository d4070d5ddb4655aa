"""What the Kubernetes API refuses of what containers request and are limited to.

Source: kubernetes/kubernetes pkg/apis/core/validation, validateResourceRequirements and validateContainerResourceName;
apimachinery pkg/api/resource, Quantity.
"""

from collections.abc import Iterator

from nodrop.gke.resources import HUGE_PAGES, is_native
from nodrop.judge.refusals.refusal import Refusal, is_qualified
from nodrop.paths.fields import Field, is_unknown_or_masked
from nodrop.paths.quantities import amount


def of_resources(resources: Field) -> Iterator[Refusal]:
    """What is refused of a container's `resources`. Raises ReadingError."""
    limits, requests = resources["limits"], resources["requests"]
    for group in (limits, requests):
        for key in map(str, group.mapping()):
            yield from _of_name(group[key], key)
            yield from _of_amount(group[key], key)
    for key in map(str, requests.mapping()):
        yield from _of_both(requests[key], limits[key], key, is_limited=key in limits.mapping())


def _of_name(field: Field, key: str) -> Iterator[Refusal]:
    """Source: validateContainerResourceName, IsExtendedResourceName."""
    extended = "/" in key and is_qualified(f"requests.{key}") and not key.startswith("requests.")
    if not extended and not is_native(key) and not is_unknown_or_masked(key):
        yield Refusal(field, f"is of {key}, which is not a resource of containers", "cpu, memory or ephemeral-storage")


def _of_amount(field: Field, key: str) -> Iterator[Refusal]:
    found = _amount(field)
    if found is None or found < 0:
        yield Refusal(field, f"is {field.value!r}", "1" if _is_whole(key) else "500m or 512Mi")
    elif _is_whole(key) and found % 1:
        yield Refusal(field, f"is {field.value}, not a whole number", "1")


def _of_both(request: Field, limit: Field, key: str, *, is_limited: bool) -> Iterator[Refusal]:
    asked, most = _amount(request), _amount(limit)
    if asked is None or most is None or any(is_unknown_or_masked(each.value) for each in (request, limit)):
        return
    of_others = _is_whole(key) or key.startswith(HUGE_PAGES)
    if of_others and not is_limited:
        yield Refusal(request, "stands without a limit, which it has to equal", f"a limit of {request.value} beside it")
    elif of_others and asked != most:
        yield Refusal(request, f"is not the limit {limit.value}", f"{limit.value}")
    elif is_limited and asked > most:
        yield Refusal(request, f"is more than the limit {limit.value or 0}", "no more than the limit")


def _is_whole(key: str) -> bool:
    """Whether it is a resource that is counted in whole ones, such as nvidia.com/gpu. Source: IsIntegerResourceName."""
    return "/" in key and "kubernetes.io/" not in key


def _amount(field: Field) -> float | None:
    """A null is nothing of it. Source: Quantity.UnmarshalJSON."""
    return 0.0 if field.value is None else amount(field.value)
