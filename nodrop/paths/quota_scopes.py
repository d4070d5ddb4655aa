"""Which pods a ResourceQuota counts: those of all its scopes.

Source: kubernetes.io, Resource Quotas, scopes; kubernetes/kubernetes pkg/quota/v1/evaluator/core/pods.go.
"""

from nodrop.paths.containers import every_container_of
from nodrop.paths.fields import Field, is_unknown_or_masked
from nodrop.paths.requests import NotKnownError, PodRequests
from nodrop.paths.workloads import CountedWorkload


def counts_pods(spec: Field, workload: CountedWorkload, requests: PodRequests) -> bool:
    """Whether a quota counts the pods: those of all its scopes. Raises NotKnownError."""
    places = [(each, each, None) for each in spec["scopes"].entries()]
    selector = spec["scopeSelector"]["matchExpressions"]
    places += [(each["scopeName"], each["scopeName"], each) for each in selector.entries()]
    answers = [(place, _is_of(str(scope.value), workload, requests, expression)) for place, scope, expression in places]
    if any(answer is False for _, answer in answers):
        return False
    for place, answer in answers:
        if answer is None:
            raise NotKnownError(place, "whether the scope counts these pods is not modelled, or not in the objects")
    return True


def _is_of(scope: str, workload: CountedWorkload, requests: PodRequests, expression: Field | None) -> bool | None:
    """Whether pods are of a scope; None: it cannot be told. Source: podMatchesScopeFunc."""
    pod = workload.pod
    if scope in ("Terminating", "NotTerminating"):
        return (pod["activeDeadlineSeconds"].value is not None) == (scope == "Terminating")
    if scope in ("BestEffort", "NotBestEffort"):
        asks = _asks_something(workload, requests)
        return None if asks is None else asks == (scope == "NotBestEffort")
    if scope == "PriorityClass":
        return _is_of_class(pod["priorityClassName"].value, expression)
    if scope == "CrossNamespacePodAffinity":
        return _looks_into_namespaces(pod["affinity"])
    return False if scope == "VolumeAttributesClass" else None


def _asks_something(workload: CountedWorkload, requests: PodRequests) -> bool | None:
    """Whether a container has a request or limit, so that the pods are not of the class BestEffort."""
    pod = workload.pod
    untold = pod["resources"].value is not None or bool(workload.resources_set)
    for group, resource in (("requests", "cpu"), ("requests", "memory"), ("limits", "cpu"), ("limits", "memory")):
        try:
            if any(requests.of_container(each, group, resource) for each in every_container_of(pod)):
                return True
            requests.lacking(pod, group, resource, filled_in=workload.filled_in)
        except NotKnownError:
            untold = True
    return None if untold else False


def _is_of_class(name: object, expression: Field | None) -> bool | None:
    """A pod without a class may get the cluster's default one, which is none of the system's.

    Source: kubernetes/kubernetes pkg/apis/scheduling/v1/helpers.go, IsKnownSystemPriorityClass.
    """
    if expression is None:
        return None if not name or is_unknown_or_masked(name) else True
    operator, values = expression["operator"].value, [each.value for each in expression["values"].entries()]
    of_system = bool(values) and all(str(each).startswith("system-") for each in values)
    if any(map(is_unknown_or_masked, (name, *values))) or not (name or of_system):
        return None
    answers = {"Exists": True, "DoesNotExist": False, "In": name in values, "NotIn": name not in values}
    return answers.get(operator) if isinstance(operator, str) else None


def _looks_into_namespaces(affinity: Field) -> bool:
    """Whether the pod's affinity to pods, or against them, names namespaces. Source: usesCrossNamespacePodAffinity."""
    for kind in ("podAffinity", "podAntiAffinity"):
        required = affinity[kind]["requiredDuringSchedulingIgnoredDuringExecution"].entries()
        preferred = affinity[kind]["preferredDuringSchedulingIgnoredDuringExecution"].entries()
        for term in (*required, *(each["podAffinityTerm"] for each in preferred)):
            if term["namespaces"].entries() or term["namespaceSelector"].value is not None:
                return True
    return False
