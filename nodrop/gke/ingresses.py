"""Annotations of an Ingress: its class, what it listens on, its address and certificates.

Source of all: kubernetes/ingress-gce at acbcf5d6, pkg/annotations/ingress.go; of managed certificates
GoogleCloudPlatform/gke-managed-certs at 3498c2a0, pkg/utils/... annotations.
"""

from collections.abc import Iterable

from nodrop.gke.decoding import DecodingError, parse_bool

CLASS = "kubernetes.io/ingress.class"
"""The controller and the kind of load balancer; `spec.ingressClassName` is not looked at."""

CLASS_EXTERNAL = "gce"
CLASS_INTERNAL = "gce-internal"
CLASS_REGIONAL_EXTERNAL = "gce-regional-external"
CLASSES = (CLASS_EXTERNAL, CLASS_INTERNAL, CLASS_REGIONAL_EXTERNAL)
"""Of GKE's controller; an Ingress that states none has the first."""

REGIONAL_CLASSES = (CLASS_INTERNAL, CLASS_REGIONAL_EXTERNAL)
"""Those whose load balancer, with its address and certificates, is a region's. Source: pkg/loadbalancers/features."""

NEG_ONLY_CLASSES = REGIONAL_CLASSES
"""Those whose backends are always NEGs. Source: maybeEnableNEG of the translator."""

ALLOW_HTTP = "kubernetes.io/ingress.allow-http"
"""Whether it listens on port 80."""

GLOBAL_STATIC_ADDRESS = "kubernetes.io/ingress.global-static-ip-name"
"""Name of a reserved global address."""

REGIONAL_STATIC_ADDRESS = "kubernetes.io/ingress.regional-static-ip-name"
"""Name of a reserved regional address."""

PRE_SHARED_CERTIFICATES = "ingress.gcp.kubernetes.io/pre-shared-cert"
"""Names of SslCertificates, separated by commas."""

MANAGED_CERTIFICATES = "networking.gke.io/managed-certificates"
"""Names of ManagedCertificates of the Ingress's namespace, separated by commas."""

FRONTEND_CONFIG = "networking.gke.io/v1beta1.FrontendConfig"
"""Name of the FrontendConfig of the Ingress's namespace."""

_ADDRESSES_SOURCE = "kubernetes/ingress-gce pkg/annotations/ingress.go, StaticIPName"


def read_allow_http(text: str) -> bool:
    """Whether HTTP is served; a text that is no truth value counts as yes."""
    return parse_bool(text) is not False


def write_allow_http(allowed: bool) -> str:
    """The annotation's text."""
    return "true" if allowed else "false"


def static_address(global_name: str, regional_name: str) -> str:
    """The one of both that is stated; empty where none is. Raises DecodingError where both are."""
    if global_name and regional_name:
        raise DecodingError(f"no more than one of {GLOBAL_STATIC_ADDRESS} and this one", _ADDRESSES_SOURCE)
    return regional_name or global_name


def read_names(text: str) -> list[str]:
    """The names in a list separated by commas."""
    return [name for each in text.split(",") if (name := each.strip())]


def write_names(names: Iterable[str]) -> str:
    """The list as an annotation's text; no name holds a comma."""
    return ",".join(names)
