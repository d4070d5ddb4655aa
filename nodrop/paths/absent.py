"""Objects that routes, autoscalers and policies name and that are not there: a problem for each."""

from collections.abc import Callable, Iterator, Mapping

from nodrop.paths.fields import Field
from nodrop.paths.gateways import gateways_of, listener_sets_of
from nodrop.paths.index import Index, namespace_of
from nodrop.paths.problems import Problem, ProblemKind, ReadingError
from nodrop.paths.scale_targets import is_in_its_group


def _absent_gateways(http_route: Field, index: Index) -> Iterator[Problem]:
    """A problem for each Gateway that a route names and that is not there, and for each ListenerSet."""
    try:
        for name in listener_sets_of(http_route):
            message = f"is attached to {name}, which is not read"
            yield http_route["spec"]["parentRefs"].problem(ProblemKind.UNSUPPORTED, message).problem
        for namespace, name in gateways_of(http_route):
            if name and ("Gateway", namespace, name) not in index:
                message = f"names Gateway {namespace}/{name}, which is not among the objects"
                yield http_route["spec"]["parentRefs"].problem(ProblemKind.ABSENT, message).problem
    except ReadingError as error:
        yield error.problem


def _absent_deployment(autoscaler: Field, index: Index) -> Iterator[Problem]:
    """A problem where the Deployment that an autoscaler names is not there."""
    try:
        target, namespace = autoscaler["spec"]["scaleTargetRef"], namespace_of(autoscaler)
        name = target["name"].text()
        followed = target["kind"].text() == "Deployment" and is_in_its_group(target)
        if followed and ("Deployment", namespace, name or "") not in index:
            message = f"{target.path} names Deployment {namespace}/{name}, which is not among the objects"
            yield target.problem(ProblemKind.ABSENT, message).problem
    except ReadingError as error:
        yield error.problem


def _absent_service(policy: Field, index: Index) -> Iterator[Problem]:
    """A problem where the Service of its own namespace that a policy names is not there."""
    try:
        target, namespace = policy["spec"]["targetRef"], namespace_of(policy)
        name = target["name"].text()
        elsewhere = target["kind"].text() != "Service" or (target["namespace"].text() or namespace) != namespace
        if not elsewhere and name and ("Service", namespace, name) not in index:
            message = f"{target.path} names Service {namespace}/{name}, which is not among the objects"
            yield target.problem(ProblemKind.ABSENT, message).problem
    except ReadingError as error:
        yield error.problem


ABSENT: Mapping[str, Callable[[Field, Index], Iterator[Problem]]] = {
    "HTTPRoute": _absent_gateways,
    "HorizontalPodAutoscaler": _absent_deployment,
    "GCPBackendPolicy": _absent_service,
    "HealthCheckPolicy": _absent_service,
}
"""By kind of an object, what tells which of those that it names are not there."""
