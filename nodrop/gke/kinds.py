"""API groups and versions of the kinds that are read or written, the version to write first."""

from collections.abc import Mapping

GATEWAY_API = "gateway.networking.k8s.io"
GKE_NETWORKING = "networking.gke.io"
CALICO = ("projectcalico.org", "crd.projectcalico.org")
"""API groups of Calico: of its API server, and of the custom resources that GKE's Calico reads."""
LISTENER_SETS = {"ListenerSet": GATEWAY_API, "XListenerSet": "gateway.networking.x-k8s.io"}
"""API groups of the kinds that add listeners to a Gateway. Source: kubernetes-sigs/gateway-api apis/v1, config/crd."""

VERSIONS: Mapping[str, tuple[str, ...]] = {
    "Ingress": ("networking.k8s.io/v1",),
    "Service": ("v1",),
    "Deployment": ("apps/v1",),
    "ReplicaSet": ("apps/v1",),
    "Pod": ("v1",),
    "EndpointSlice": ("discovery.k8s.io/v1",),
    "Secret": ("v1",),
    "BackendConfig": ("cloud.google.com/v1", "cloud.google.com/v1beta1"),
    "FrontendConfig": (f"{GKE_NETWORKING}/v1beta1",),
    "ManagedCertificate": (f"{GKE_NETWORKING}/v1",),
    "Gateway": (f"{GATEWAY_API}/v1", f"{GATEWAY_API}/v1beta1"),
    "HTTPRoute": (f"{GATEWAY_API}/v1", f"{GATEWAY_API}/v1beta1"),
    "ReferenceGrant": (f"{GATEWAY_API}/v1beta1", f"{GATEWAY_API}/v1"),
    "GCPBackendPolicy": (f"{GKE_NETWORKING}/v1",),
    "GCPGatewayPolicy": (f"{GKE_NETWORKING}/v1",),
    "HealthCheckPolicy": (f"{GKE_NETWORKING}/v1",),
    "HorizontalPodAutoscaler": ("autoscaling/v2", "autoscaling/v1"),
    "NetworkPolicy": ("networking.k8s.io/v1",),
    "PodDisruptionBudget": ("policy/v1",),
    "VerticalPodAutoscaler": ("autoscaling.k8s.io/v1", "autoscaling.k8s.io/v1beta2"),
}
"""Served apiVersions by kind. Source: kubernetes.io, API reference; Google, GKE's custom resource definitions."""

NO_LONGER_SERVED: Mapping[str, tuple[str, ...]] = {
    "Ingress": ("networking.k8s.io/v1beta1", "extensions/v1beta1"),
    "Deployment": ("apps/v1beta2", "apps/v1beta1", "extensions/v1beta1"),
    "Gateway": (f"{GATEWAY_API}/v1alpha2",),
    "HTTPRoute": (f"{GATEWAY_API}/v1alpha2",),
    "HorizontalPodAutoscaler": ("autoscaling/v2beta2", "autoscaling/v2beta1"),
    "NetworkPolicy": ("extensions/v1beta1",),
    "PodDisruptionBudget": ("policy/v1beta1",),
}
"""Earlier apiVersions, which the API answers with 404."""
HAD_OTHER_FIELDS = ("Ingress",)
"""Kinds whose earlier versions cannot be read as the one that is served."""
WITH_DEFAULT_SELECTOR = NO_LONGER_SERVED["Deployment"][1:]
"""Versions of Deployments in which the pod template's labels are the selector where none is stated."""
SERVED_SOURCE = "kubernetes.io, Deprecated API Migration Guide; kubernetes-sigs/gateway-api config/crd/standard"


def group_of(api_version: object) -> str:
    """The API group of an apiVersion, such as `apps` of `apps/v1`; empty: the core one, or it is no text."""
    return api_version.rpartition("/")[0] if isinstance(api_version, str) else ""


def api_version(kind: str) -> str:
    """The apiVersion to write an object of that kind in."""
    return VERSIONS[kind][0]
