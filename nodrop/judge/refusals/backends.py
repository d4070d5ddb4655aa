"""What is refused of the objects that govern a backend service: by their definitions, and by the load balancer's API.

Source: GoogleCloudPlatform/gke-gateway-api config/crd at fc40d60; for a BackendConfig, whose definition has no limits,
Google, Compute Engine API, healthChecks and backendServices.
"""

from collections.abc import Iterator, Mapping

from nodrop.gke.ingresses import CLASS, REGIONAL_CLASSES
from nodrop.gke.kinds import GATEWAY_API
from nodrop.judge.refusals.refusal import Refusal, between, of_metadata, one_of
from nodrop.paths import ServingPath
from nodrop.paths.fields import Field, is_unknown_or_masked, whole
from nodrop.paths.index import namespace_of

_COMPUTE = "Google, Compute Engine API, healthChecks"
_BACKEND_SERVICES = "Google, Compute Engine API, backendServices"
_CRD = "GoogleCloudPlatform/gke-gateway-api config/crd"
_SECURITY_POLICIES = "kubernetes/ingress-gce pkg/backends/features/securitypolicy.go, EnsureSecurityPolicy"
_POLICIES = "Google, Configure Gateway resources using Policies"
_GOVERNS_NOTHING = "the policy governs nothing, and what it would govern keeps the defaults"
_INFERENCE = "inference.networking"
_BACKENDS = {
    "Service": ("",),
    "ServiceImport": ("net.gke.io",),
    "InferencePool": (f"{_INFERENCE}.k8s.io", f"{_INFERENCE}.x-k8s.io"),
}
"""API groups of what a backend service of a Gateway is made of, by kind."""
_OTHER_TARGETS = ("Deployment", "GRPCRoute", "Gateway", "HTTPRoute", "Ingress", "Pod", *_BACKENDS)
"""Kinds that are known to be no target of a policy for another kind."""
_CHECK_LIMITS = {"checkIntervalSec": 300, "timeoutSec": 300, "healthyThreshold": 10, "unhealthyThreshold": 10}
_DRAINING_SECONDS = (0, 3600)
_CHECK_TYPES = ("HTTP", "HTTPS", "HTTP2", "TCP", "GRPC")
_AFFINITIES = (
    "CLIENT_IP",
    "CLIENT_IP_PORT_PROTO",
    "CLIENT_IP_PROTO",
    "GENERATED_COOKIE",
    "HEADER_FIELD",
    "HTTP_COOKIE",
    "NONE",
)


def of_backend_config(config: Field) -> Iterator[Refusal]:
    """What is refused of a BackendConfig besides what its own controller does. Raises ReadingError."""
    spec = config["spec"]
    yield from of_metadata(config["metadata"])
    yield from _of_check(spec["healthCheck"], _COMPUTE)
    yield from _of_path(spec["healthCheck"]["requestPath"], _COMPUTE)
    yield from between(spec["connectionDraining"]["drainingTimeoutSec"], *_DRAINING_SECONDS, _BACKEND_SERVICES)
    for key in ("customRequestHeaders", "customResponseHeaders"):
        for header in spec[key]["headers"].entries():
            if isinstance(header.value, str) and not is_unknown_or_masked(header.value) and ":" not in header.value:
                seen = "is without a colon"  # unsaid: it may hold a secret
                yield Refusal(header, seen, "X-Client-Region:x", _BACKEND_SERVICES, shown="…")


def of_security_policy(path: ServingPath) -> Iterator[Refusal]:
    """A Cloud Armor policy for an Ingress whose backend services are a region's, even one without a name.

    Raises ReadingError. Source: kubernetes/ingress-gce at acbcf5d6 pkg/backends/features/securitypolicy.go;
    pkg/sync/sync.go, which ends at the error before the load balancer's routes.
    """
    of_ingress = not path.by_gateway and path.backend_config is not None
    name = whole(path.entry)["metadata"]["annotations"][CLASS].value
    if of_ingress and name in REGIONAL_CLASSES:
        policy = whole(path.backend_config or {})["spec"]["securityPolicy"]
        if policy.value is not None:
            seen = f"beside class {name}, whose backend services are a region's: the controller sets it on global ones"
            why = (
                "the controller ends with an error before endpoints and routes: a new Ingress serves nothing, and one "
                "that is there keeps the routes that it had"
            )
            wanted = "absent; a regional Gateway takes one, by a GCPBackendPolicy"
            yield Refusal(policy, seen, wanted, _SECURITY_POLICIES, why=why)


def of_health_check_policy(policy: Field) -> Iterator[Refusal]:
    """What is refused of a HealthCheckPolicy. Raises ReadingError."""
    default = policy["spec"]["default"]
    yield from of_metadata(policy["metadata"])
    yield from _of_target(policy, _BACKENDS)
    yield from _of_check(default, _CRD)
    config = default["config"]
    yield from one_of(config["type"], _CHECK_TYPES, _CRD)
    if config["type"].value in _CHECK_TYPES:
        key = f"{str(config['type'].value).lower()}HealthCheck"
        if config[key].value is None:
            yield Refusal(config[key], f"is absent, with type = {config['type'].value}", "{}", _CRD)
        for other in config.mapping():
            if other not in ("type", key):
                yield Refusal(config[other], f"is set together with type = {config['type'].value}", "none", _CRD)
        yield from _of_path(config[key]["requestPath"], _CRD)
        yield from _of_port(config[key])


def _of_port(check: Field) -> Iterator[Refusal]:
    """Port and its specification. Without one, a port alone is the check's port, as on clusters in the field.

    The published definition asks for a portSpecification; those clusters do not (CartoDB/carto-selfhosted-helm#848).
    Source: Google, Compute Engine API, healthChecks, portSpecification.
    """
    specification, port, name = check["portSpecification"], check["port"], check["portName"]
    fixed, named = (specification.value == each for each in ("USE_FIXED_PORT", "USE_NAMED_PORT"))
    yield from one_of(specification, ("USE_FIXED_PORT", "USE_NAMED_PORT", "USE_SERVING_PORT"), _CRD)
    if specification.value is None:
        return
    if (port.value is not None) != fixed:
        stands = "is absent, with" if fixed else "stands without"
        yield Refusal(port, f"{stands} portSpecification = USE_FIXED_PORT", "both, or none of them", _CRD)
    if (name.value is not None) != named:
        stands = "is absent, with" if named else "stands without"
        yield Refusal(name, f"{stands} portSpecification = USE_NAMED_PORT", "both, or none of them", _CRD)


def of_backend_policy(policy: Field) -> Iterator[Refusal]:
    """What is refused of a GCPBackendPolicy. Raises ReadingError."""
    default = policy["spec"]["default"]
    yield from of_metadata(policy["metadata"])
    yield from _of_target(policy, _BACKENDS)
    yield from between(default["timeoutSec"], 1, 2**31 - 1, _CRD)
    yield from between(default["connectionDraining"]["drainingTimeoutSec"], *_DRAINING_SECONDS, _CRD)
    yield from one_of(default["sessionAffinity"]["type"], _AFFINITIES, _CRD)
    yield from between(default["sessionAffinity"]["cookieTtlSec"], 0, 1_209_600, _CRD)
    yield from between(default["logging"]["sampleRate"], 0, 1_000_000, _CRD)
    yield from between(default["maxRatePerEndpoint"], 1, 1_000_000_000, _CRD)


def of_gateway_policy(policy: Field) -> Iterator[Refusal]:
    """What is refused of a GCPGatewayPolicy. Raises ReadingError."""
    yield from of_metadata(policy["metadata"])
    yield from _of_target(policy, {"Gateway": (GATEWAY_API,)})


def _of_target(policy: Field, kinds: Mapping[str, tuple[str, ...]]) -> Iterator[Refusal]:
    """A target that the policy cannot govern: the API takes it, and GKE's controller passes it over."""
    target = policy["spec"]["targetRef"]
    group, kind, namespace = target["group"], target["kind"], target["namespace"]
    wanted = " or ".join(kinds)
    if kind.value in list(kinds):
        groups = kinds[str(kind.value)]
        if group.value is not None and not is_unknown_or_masked(group.value) and group.value not in groups:
            yield Refusal(
                group, f"not the API group of a {kind.value}", repr(groups[0]), _POLICIES, why=_GOVERNS_NOTHING
            )
    elif kind.value in _OTHER_TARGETS:
        yield Refusal(
            kind, f"a kind that a {policy['kind'].value} does not govern", wanted, _POLICIES, why=_GOVERNS_NOTHING
        )
    stated = isinstance(namespace.value, str) and namespace.value and not is_unknown_or_masked(namespace.value)
    if stated and namespace.value != namespace_of(policy):
        seen = f"not the policy's own namespace {namespace_of(policy)}"
        yield Refusal(
            namespace, seen, "absent, with the policy in the namespace of its target", _POLICIES, why=_GOVERNS_NOTHING
        )


def _of_check(check: Field, source: str) -> Iterator[Refusal]:
    for key, most in _CHECK_LIMITS.items():
        yield from between(check[key], 1, most, source)


def _of_path(path: Field, source: str) -> Iterator[Refusal]:
    text = path.value
    if isinstance(text, str) and text and not text.startswith(("/", "[")):
        yield Refusal(path, f"is {text!r}, which does not begin with /", f"/{text}", source)
