"""ReferenceGrants: whether a Service of another namespace may be named by an HTTPRoute.

Source: Gateway API, ReferenceGrant; kubernetes-sigs/gateway-api apis/v1beta1/referencegrant_types.go.
"""

from collections.abc import Iterable, Iterator

from nodrop.gke.kinds import GATEWAY_API
from nodrop.paths.fields import Field
from nodrop.paths.index import Index, namespace_of
from nodrop.paths.problems import ProblemKind, ReadingError


def ungranted(http_route: Field, backends: Iterable[Field], index: Index) -> Iterator[ReadingError]:
    """An error for each Service of another namespace without a grant among the objects. Raises ReadingError."""
    own = namespace_of(http_route)
    for backend in backends:
        namespace, name = backend["namespace"].text() or own, backend["name"].text() or ""
        if namespace == own or ("Service", namespace, name) not in index:
            continue
        grants = [each["spec"] for each in index.grouped("ReferenceGrant", _place).get(namespace, ())]
        if not any(_admits(grant, own) and _names(grant, name) for grant in grants):
            message = f"names a Service of {namespace}, and no ReferenceGrant there allows it among the objects"
            yield backend["namespace"].problem(ProblemKind.ABSENT, message)


def _place(grant: Field) -> tuple[str]:
    return (namespace_of(grant),)


def _admits(grant: Field, namespace: str) -> bool:
    wanted = GATEWAY_API, "HTTPRoute", namespace
    froms = grant["from"].entries()
    return any((each["group"].text(), each["kind"].text(), each["namespace"].text()) == wanted for each in froms)


def _names(grant: Field, service: str) -> bool:
    return any(
        (each["group"].text() or "", each["kind"].text()) == ("", "Service") and each["name"].text() in (None, service)
        for each in grant["to"].entries()
    )
