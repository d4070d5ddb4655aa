"""Fields without which the definitions of custom resources refuse an object.

Source: `required` and `minItems` in kubernetes-sigs/gateway-api config/crd/standard,
GoogleCloudPlatform/gke-gateway-api config/crd at fc40d60, and kubernetes/ingress-gce pkg/apis,
zz_generated.openapi.go; of a HealthCheckPolicy's config, whose definition wants two fields, the type.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from nodrop.judge.refusals.refusal import Refusal, or_absent
from nodrop.paths.fields import Field

_GATEWAY_API = "kubernetes-sigs/gateway-api config/crd/standard"
_GKE_POLICIES = "GoogleCloudPlatform/gke-gateway-api config/crd"
_INGRESS_GCE = "kubernetes/ingress-gce pkg/apis, zz_generated.openapi.go"


class _Required(NamedTuple):
    """Paths, each asked where what is above it is there; `[]` stands for every entry of a list."""

    source: str
    paths: tuple[str, ...]


_TARGET = ("spec", "spec.targetRef", *(f"spec.targetRef.{key}" for key in ("group", "kind", "name")))
_FILTERS = ("type", "requestMirror.backendRef", "requestMirror.backendRef.name")
_OF_KIND: Mapping[str, _Required] = {
    "BackendConfig": _Required(
        _INGRESS_GCE,
        (
            "spec.cdn.enabled",
            "spec.iap.enabled",
            "spec.iap.oauthclientCredentials.secretName",
            "spec.securityPolicy.name",
        ),
    ),
    "FrontendConfig": _Required(_INGRESS_GCE, ("spec.redirectToHttps.enabled",)),
    "GCPBackendPolicy": _Required(_GKE_POLICIES, _TARGET),
    "GCPGatewayPolicy": _Required(_GKE_POLICIES, _TARGET),
    "Gateway": _Required(
        _GATEWAY_API,
        (
            "spec",
            "spec.gatewayClassName",
            "spec.listeners",
            *(f"spec.listeners[].{key}" for key in ("name", "port", "protocol")),
            "spec.listeners[].allowedRoutes.kinds[].kind",
            "spec.listeners[].tls.certificateRefs[].name",
        ),
    ),
    "HTTPRoute": _Required(
        _GATEWAY_API,
        (
            "spec",
            "spec.parentRefs[].name",
            "spec.rules[].backendRefs[].name",
            *(f"spec.rules[].{of}filters[].{key}" for of in ("", "backendRefs[].") for key in _FILTERS),
            *(f"spec.rules[].matches[].{of}[].{key}" for of in ("headers", "queryParams") for key in ("name", "value")),
        ),
    ),
    "HealthCheckPolicy": _Required(_GKE_POLICIES, (*_TARGET, "spec.default.config.type")),
    "ReferenceGrant": _Required(
        _GATEWAY_API,
        (
            "spec",
            "spec.from",
            "spec.to",
            *(f"spec.from[].{key}" for key in ("group", "kind", "namespace")),
            *(f"spec.to[].{key}" for key in ("group", "kind")),
        ),
    ),
}


def of_required(kind: str, given: Field) -> Iterator[Refusal]:
    """What an object of that kind lacks. Raises ReadingError."""
    source, paths = _OF_KIND.get(kind, _Required("", ()))
    for path in paths:
        for field in _places(given, path.split(".")):
            if field.value in (None, []):
                yield Refusal(field, f"is {or_absent(field)}", "a value, which the definition requires", source)


def _places(above: Field, steps: list[str]) -> Iterator[Field]:
    """The field at each place that the steps lead to, absent ones where only the last step is missing."""
    step, *rest = steps
    field = above[step.removesuffix("[]")]
    if not rest:
        yield field
    elif field.value is not None:
        for each in field.entries() if step.endswith("[]") else [field]:
            yield from _places(each, rest)
