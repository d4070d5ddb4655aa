"""A shop behind an Ingress as a program, and the parts of its text that edits replace."""

SHOP = """
    config = pulumi.Config()
    LABELS = {"app": "web"}
    SELECTOR = {"app": "web"}
    BACKEND = {"service": {"name": "web", "port": {"number": 80}}}
    SECOND = {"service": {"name": "second", "port": {"number": 80}}}
    WEB = {"name": "web", "namespace": "shop"}

    backend_config = k8s.apiextensions.CustomResource("web", api_version="cloud.google.com/v1", kind="BackendConfig",
        metadata=WEB, spec={
            "connectionDraining": {"drainingTimeoutSec": 30},
            "healthCheck": {"type": "HTTP", "requestPath": "/ready/"}})
    for name in ("web", "second"):
        k8s.core.v1.Service(
            name,
            metadata={"name": name, "namespace": "shop", "annotations": {
                "cloud.google.com/neg": '{"ingress": true}', "cloud.google.com/backend-config": '{"default": "web"}'}},
            spec={"type": "NodePort", "selector": SELECTOR, "ports": [{"port": 80, "targetPort": "http"}]},
        )
    k8s.networking.v1.Ingress(
        "web",
        metadata={"name": "web", "namespace": "shop", "annotations": {"kubernetes.io/ingress.class": "gce"}},
        spec={"rules": [
            {"host": "www.example.com", "http": {"paths": [{"path": "/*", "backend": BACKEND}]}},
            {"host": "api.example.com", "http": {"paths": [{"path": "/*", "backend": BACKEND}]}},
        ]},
    )
    k8s.apps.v1.Deployment(
        "web",
        metadata=WEB,
        spec={"replicas": 3, "selector": {"matchLabels": {"app": "web"}}, "template": {
            "metadata": {"labels": LABELS},
            "spec": {"terminationGracePeriodSeconds": 95, "containers": [{
                "lifecycle": {"preStop": {"sleep": {"seconds": 60}}},
                "name": "web", "image": "web:1", "ports": [{"name": "http", "containerPort": 8080}]}]}}},
    )
"""
DEPLOY = SHOP[SHOP.index("    k8s.apps") :]
INGRESS = SHOP[SHOP.index("    k8s.networking") : SHOP.index("    k8s.apps")]
GATEWAY = """
    k8s.apiextensions.CustomResource("web", api_version="gateway.networking.k8s.io/v1", kind="Gateway",
        metadata=WEB, spec={"gatewayClassName": "gke-l7-global-external-managed"})
    k8s.apiextensions.CustomResource("route", api_version="gateway.networking.k8s.io/v1", kind="HTTPRoute",
        metadata=WEB, spec={"parentRefs": [{"name": "web"}], "rules": [{"backendRefs": [{"name": "web", "port": 80}]}]})
"""
AUTOSCALER = """
    k8s.autoscaling.v2.HorizontalPodAutoscaler("web", metadata=WEB, spec={
        "maxReplicas": 9, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}})
"""
PORT, NEG, LABELS = '"targetPort": "http"', '{"ingress": true}', 'LABELS = {"app": "web"}'
API = '"api.example.com", "http": {"paths": [{"path": "/*", "backend": BACKEND'
BOTH_LABELS, MATCH = 'LABELS = {"app": "web", "tier": "front"}', '"matchLabels": {"app": "web"}'
DEPLOYMENT = 'metadata=WEB,\n        spec={"replicas"'
INGRESS_NAME = 'metadata={"name": "web", "namespace": "shop", "annotations": {"kubernetes'
