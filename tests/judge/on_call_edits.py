"""Single edits of the clean objects as somebody on call meets them: all is taken, and requests fail all the same."""

from tests.judge.edits import GONE, NEG, POD, WEB, Edit

_ANNOTATIONS = "metadata.annotations"
_LISTENER = "Gateway:spec.listeners.0"


def _required_apart(topology: str) -> dict[str, object]:
    apart = {"topologyKey": topology, "labelSelector": {"matchLabels": {"app": "web"}}}
    return {"requiredDuringSchedulingIgnoredDuringExecution": [apart]}


QUOTA = {
    "apiVersion": "v1",
    "kind": "ResourceQuota",
    "metadata": {"name": "shop", "namespace": "shop"},
    "spec": {"hard": {"pods": "3"}},
}

ON_CALL = [
    # The load balancer
    Edit(f"{_LISTENER}.protocol", "TLS", "object-leads-on", "gateway"),
    Edit(f"{_LISTENER}.tls", GONE, "load-balancer-answers", "gateway"),
    Edit(f"{_LISTENER}.hostname", "shop.example.com", "object-leads-on", "gateway"),
    Edit(f"{_LISTENER}.allowedRoutes", {"kinds": [{"kind": "GRPCRoute"}]}, "object-leads-on", "gateway"),
    Edit("HTTPRoute:spec.parentRefs.0.port", 80, "object-leads-on", "gateway"),
    Edit("ManagedCertificate:spec.domains", ["shop.example.com"], "certificates-cover-the-hosts"),
    # Annotations
    Edit(f"Service:{_ANNOTATIONS}.cloud\\.google\\.com/negs", '{"ingress": false}', "annotation-is-read"),
    Edit(f"Ingress:{_ANNOTATIONS}.networking\\.gke\\.io/managed-certificate", "shop", "annotation-is-read"),
    Edit(f"Ingress:{_ANNOTATIONS}.cloud\\.google\\.com/backend-config", '{"default": "web"}', "annotation-is-read"),
    Edit(f"Deployment:{_ANNOTATIONS}.gke-nodrop/startup-second", "60", "annotation-is-read"),
    Edit(f"Service:{_ANNOTATIONS}.cloud\\.google\\.com/app-protocols", '{"web": "HTTPS"}', "app-protocols-name-a-port"),
    Edit(NEG, '{"ingress": true, "exposed_ports": {"81": {}}}', "object-is-accepted"),
    # Where the pods run
    Edit(f"{POD}.nodeName", "node-1", "pods-run-on-several-nodes"),
    Edit(f"{POD}.nodeSelector.kubernetes\\.io/hostname", "node-1", "pods-run-on-several-nodes"),
    Edit(f"{POD}.affinity.podAntiAffinity", _required_apart("topology.kubernetes.io/zone"), "surge-finds-a-place"),
    Edit(f"{WEB}.ports.0.hostPort", 8080, "surge-finds-a-place"),
    Edit(f"{WEB}.resources", {"limits": {"memory": "512m"}}, "memory-limit-holds-a-process"),
    Edit("Namespace:", QUOTA, "quota-covers-the-peak"),
    # At the autoscaler's maximum
    Edit("Deployment:spec.strategy", GONE, "rolls-without-unavailable"),
    Edit("Deployment:spec.strategy.rollingUpdate.maxUnavailable", "12%", "rolls-without-unavailable"),
    Edit("Deployment:spec.strategy.rollingUpdate.maxSurge", "50%", "surge-limits-blast-radius"),
    # Health
    Edit(f"{WEB}.livenessProbe.terminationGracePeriodSeconds", 1, "liveness-leaves-the-grace"),
    Edit(f"{WEB}.readinessProbe.initialDelaySeconds", 700, "progress-deadline-covers-start-up"),
    Edit(f"{WEB}.readinessProbe.successThreshold", 200, "progress-deadline-covers-start-up"),
]

NOT_TOLD = [
    Edit(f"{POD}.schedulerName", "own", "'schedulerName'"),
    Edit(f"{POD}.readinessGates", [{"conditionType": "example.com/ready"}], "'example.com/ready'"),
    Edit("FrontendConfig:", GONE, "'FrontendConfig'"),
    Edit("ManagedCertificate:", GONE, "'ManagedCertificate'"),
    Edit(
        "HorizontalPodAutoscaler:",
        {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "old", "namespace": "shop"},
            "spec": {
                "maxReplicas": 3,
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "old"},
            },
        },
        "'names Deployment shop/old'",
    ),
    Edit("Gateway:spec.gatewayClassName", "gke-l7-global-external", "'gatewayClassName'", "gateway"),
]
"""What may be right or wrong, and cannot be told from the objects."""
