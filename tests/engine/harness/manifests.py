"""The objects of a small HTTP service, as few fields as the API server takes."""

from nodrop.gke.ingresses import CLASS, CLASS_EXTERNAL
from nodrop.gke.services import NEG
from nodrop.lab.kubernetes.rest import Object

NAME = "web"
LABELS = {"app": NAME}
ZONES = ("europe-west1-b", "europe-west1-c")
"""Where the session's nodes are."""


def service(namespace: str, *, annotations: dict[str, str] | None = None, kind: str = "ClusterIP") -> Object:
    """Balanced by NEGs unless other annotations are given."""
    annotations = {NEG: '{"ingress": true}'} if annotations is None else annotations
    ports = [{"name": "http", "port": 80, "targetPort": "http"}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": NAME, "namespace": namespace, "annotations": annotations},
        "spec": {"type": kind, "selector": LABELS, "ports": ports},
    }


def ingress(namespace: str, *, annotations: dict[str, str] | None = None, default_backend: bool = True) -> Object:
    """Of class gce; all that comes leads to the Service."""
    backend = {"service": {"name": NAME, "port": {"name": "http"}}}
    rule = {"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {
            "name": NAME,
            "namespace": namespace,
            "annotations": {CLASS: CLASS_EXTERNAL, **(annotations or {})},
        },
        "spec": {"defaultBackend": backend} if default_backend else {"rules": [rule]},
    }


def gateway(namespace: str, *, address: str = "") -> Object:
    """Of the global external class."""
    spec: Object = {
        "gatewayClassName": "gke-l7-global-external-managed",
        "listeners": [{"name": "http", "protocol": "HTTP", "port": 80}],
    }
    if address:
        spec["addresses"] = [{"type": "NamedAddress", "value": address}]
    metadata = {"name": NAME, "namespace": namespace}
    return {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": metadata, "spec": spec}


def http_route(namespace: str, **weights: int) -> Object:
    """Of the Gateway; all that comes is shared by the Services of these weights, by default the one."""
    backends = [{"name": name, "port": 80, "weight": weight} for name, weight in (weights or {NAME: 1}).items()]
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": NAME, "namespace": namespace},
        "spec": {"parentRefs": [{"name": NAME}], "rules": [{"backendRefs": backends}]},
    }


def pod(namespace: str, *, image: str = "web:1") -> Object:
    """Selected by the Service."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": NAME, "namespace": namespace, "labels": LABELS},
        "spec": _pod_spec(image),
    }


def deployment(namespace: str, *, replicas: int = 2, image: str = "web:1") -> Object:
    """Its pods are selected by the Service."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": NAME, "namespace": namespace},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": LABELS},
            "template": {"metadata": {"labels": LABELS}, "spec": _pod_spec(image)},
        },
    }


def _pod_spec(image: str) -> Object:
    return {"containers": [{"name": NAME, "image": image, "ports": [{"name": "http", "containerPort": 8080}]}]}
