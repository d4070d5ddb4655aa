"""The objects that serving paths are made of, by kind, namespace and name. Any others are passed over."""

from collections.abc import Iterable

from nodrop.paths.fields import Field, Manifest, whole
from nodrop.paths.problems import ProblemKind, ReadingError

Index = dict[tuple[str, str, str], Field]
"""Objects by kind, namespace and name."""

_VERSIONS = {
    "Ingress": ("networking.k8s.io/v1",),
    "Service": ("v1",),
    "Deployment": ("apps/v1",),
    "Secret": ("v1",),
    "BackendConfig": ("cloud.google.com/v1", "cloud.google.com/v1beta1"),
    "Gateway": ("gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1beta1"),
    "HTTPRoute": ("gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1beta1"),
    "GCPBackendPolicy": ("networking.gke.io/v1",),
    "HealthCheckPolicy": ("networking.gke.io/v1",),
}
_API = "kubernetes.io, Object Names and IDs"
_OTHERS_HAVE = ("Service", "Gateway")
"""Knative has Services, and Istio has Gateways."""


def indexed(objects: Iterable[Manifest]) -> tuple[Index, list[ReadingError]]:
    """The index, and an error for each object of those kinds that cannot be in it, or is in it twice."""
    index: Index = {}
    errors: list[ReadingError] = []
    for manifest in objects:
        kind = manifest.get("kind") if isinstance(manifest, dict) else None
        if not isinstance(kind, str) or kind not in _VERSIONS:
            continue
        given = whole(manifest)
        try:
            version = given["apiVersion"].text()
            name = given["metadata"]["name"].text()
            if version in _VERSIONS[kind]:
                if name is None:
                    raise given["metadata"]["name"].problem(ProblemKind.REFUSED, "has no metadata.name", _API)
                key = (kind, namespace_of(given), name)
                if key in index:
                    message = "is given more than once; the last one counts"
                    errors.append(given.problem(ProblemKind.AMBIGUOUS, message))
                index[key] = given
            elif kind not in _OTHERS_HAVE:
                message = f"apiVersion is {version}; wanted {_VERSIONS[kind][0]}"
                raise given["apiVersion"].problem(ProblemKind.UNSUPPORTED, message)
        except ReadingError as error:
            errors.append(error)
    return index, errors


def of_kind(index: Index, kind: str) -> list[Field]:
    """The objects of one kind, in their order."""
    return [given for key, given in index.items() if key[0] == kind]


def namespace_of(given: Field) -> str:
    """The namespace that an object is in."""
    return given["metadata"]["namespace"].text() or "default"
