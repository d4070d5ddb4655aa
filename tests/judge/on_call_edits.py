"""Single edits of the clean objects as somebody on call meets them: all is taken, and requests fail all the same."""

from typing import Any

from tests.judge.edits import GONE, NEG, POD, WEB, Edit, vertical

_ANNOTATIONS = "metadata.annotations"
_LISTENER = "Gateway:spec.listeners.0"


def _required(topology: str) -> dict[str, object]:
    of_web = {"topologyKey": topology, "labelSelector": {"matchLabels": {"app": "web"}}}
    return {"requiredDuringSchedulingIgnoredDuringExecution": [of_web]}


def quota(**hard: str | int | None) -> dict[str, Any]:
    return _object("v1", "ResourceQuota", hard=hard)


def scoped(*scopes: str, **hard: str) -> dict[str, Any]:
    return _object("v1", "ResourceQuota", hard=hard, scopes=list(scopes))


def selected(scope: str, operator: str, *values: str, **hard: str) -> dict[str, Any]:
    """A quota of the pods that one expression of a `scopeSelector` selects."""
    expression = {"scopeName": scope, "operator": operator, "values": list(values)}
    return _object("v1", "ResourceQuota", hard=hard, scopeSelector={"matchExpressions": [expression]})


def limit_range(**limit: object) -> dict[str, Any]:
    return _object("v1", "LimitRange", limits=[{"type": "Container", **limit}])


def workload(kind: str, **spec: object) -> dict[str, Any]:
    """Another one of the namespace, whose container requests a core."""
    container = {"name": "batch", "image": "example/batch:1", "resources": {"requests": {"cpu": "1"}}}
    template = {"metadata": {"labels": {"app": "batch"}}, "spec": {"containers": [container]}}
    made = _object("apps/v1", kind, selector={"matchLabels": {"app": "batch"}}, template=template, **spec)
    return made | {"metadata": {"name": "batch", "namespace": "shop"}}


def _object(version: str, kind: str, **spec: object) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "web", "namespace": "shop"}, "spec": spec}


def _of_web(field: str) -> dict[str, object]:
    return {field: {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}}


VOLUMES = f"{POD}.volumes"
CLAIM = [{"name": "data", "persistentVolumeClaim": {"claimName": "web"}}]
DISK = [{"name": "data", "gcePersistentDisk": {"pdName": "data"}}]

ON_CALL = [
    # The load balancer
    Edit(f"{_LISTENER}.protocol", "TLS", "object-leads-on", "gateway"),
    Edit(f"{_LISTENER}.tls.mode", "Passthrough", "object-is-accepted", "gateway"),
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
    Edit(f"{POD}.affinity.podAffinity", _required("kubernetes.io/hostname"), "pods-run-on-several-nodes"),
    Edit(f"{POD}.affinity.podAntiAffinity", _required("topology.kubernetes.io/zone"), "surge-finds-a-place"),
    Edit(f"{WEB}.ports.0.hostPort", 8080, "surge-finds-a-place"),
    Edit(f"{WEB}.resources", {"limits": {"memory": "512m"}}, "memory-limit-holds-a-process"),
    Edit("Namespace:", limit_range(default={"memory": "512m"}), "memory-limit-holds-a-process"),
    Edit(f"{POD}.affinity.podAntiAffinity", _required("kubernetes.io/hostname"), "surge-finds-a-place"),
    Edit("Namespace:", quota(pods="3"), "quota-covers-the-peak"),
    Edit("Namespace:", scoped("NotTerminating", pods="3"), "quota-covers-the-peak"),
    *(
        Edit("Namespace:", quota(**{key: "0"}), "object-is-accepted")
        for key in (
            "services",
            "count/services",
            "count/deployments.apps",
            "count/ingresses.networking.k8s.io",
            "count/networkpolicies.networking.k8s.io",
            "count/poddisruptionbudgets.policy",
            "count/backendconfigs.cloud.google.com",
        )
    ),
    Edit("Gateway:", quota(**{"count/gateways.gateway.networking.k8s.io": "0"}), "object-is-accepted", "gateway"),
    Edit("Namespace:", limit_range(default={"cpu": "2"}, min={"cpu": "3"}), "pods-are-admitted"),
    Edit("Namespace:", limit_range(type="Pod", max={"nvidia.com/gpu": "2"}), "pods-are-admitted"),
    Edit(f"{POD}.tolerations", [{"operator": "Exists"}], "nodes-drain-before-they-stop"),
    Edit(VOLUMES, DISK, "surge-mounts-its-volumes"),
    # At the autoscaler's maximum
    Edit("Deployment:spec.strategy", GONE, "rolls-without-unavailable"),
    Edit("Deployment:spec.strategy.rollingUpdate.maxUnavailable", "12%", "rolls-without-unavailable"),
    Edit("Deployment:spec.strategy.rollingUpdate.maxSurge", "50%", "surge-limits-blast-radius"),
    # Health
    Edit(f"{WEB}.livenessProbe.terminationGracePeriodSeconds", 1, "liveness-leaves-the-grace"),
    Edit(f"{WEB}.readinessProbe.initialDelaySeconds", 700, "progress-deadline-covers-start-up"),
    Edit(f"{WEB}.readinessProbe.successThreshold", 200, "progress-deadline-covers-start-up"),
    Edit(f"{WEB}.readinessProbe", {"grpc": {"port": 8080}}, "port-speaks-one-protocol"),
    # The way out
    Edit(f"{WEB}.lifecycle.stopSignal", "SIGKILL", "exit-on-term-cuts-no-request"),
]

NOT_TOLD = [
    Edit(f"{POD}.schedulerName", "own", "'schedulerName'"),
    Edit(f"{POD}.readinessGates", [{"conditionType": "example.com/ready"}], "'example.com/ready'"),
    Edit("FrontendConfig:", GONE, "'FrontendConfig'"),
    Edit("Service:spec.type", "LoadBalancer", "'a load balancer below HTTP'"),
    Edit(
        f"{WEB}.readinessProbe.httpGet.httpHeaders",
        [{"name": "Authorization", "value": "Bearer probe"}],
        "'sends no such header'",
    ),
    Edit(
        "Namespace:",
        _object("autoscaling/v2", "HorizontalPodAutoscaler", minReplicas=3, maxReplicas=9, **_of_web("scaleTargetRef"))
        | {"metadata": {"name": "second", "namespace": "shop"}},
        "'a second autoscaler'",
    ),
    Edit(VOLUMES, CLAIM, "'PersistentVolumeClaim shop/web is not among the objects'"),
    Edit("Namespace:", quota(**{"example.com/licenses": "9"}), "'what it counts is not known'"),
    Edit("Namespace:", quota(**{"count/endpointslices.discovery.k8s.io": "9"}), "'a rollout adds'"),
    Edit("Namespace:", quota(pods="[unknown]"), "'how much it leaves is not known'"),
    Edit("Namespace:", quota(pods="[secret]"), "'how much it leaves is not known'"),
    Edit("Namespace:", quota(**{"count/replicasets.apps": "3"}), "'a rollout adds'"),
    Edit("Namespace:", scoped("PriorityClass", pods="3"), "'whether the scope counts these pods'"),
    Edit("Namespace:", scoped("BestEffort", pods="3"), "'whether the scope counts these pods'"),
    Edit("Namespace:", scoped("NotBestEffort", pods="3"), "'whether the scope counts these pods'"),
    Edit("Namespace:", quota(**{"requests.cpu": "9"}), "'whether Autopilot fills that in'"),
    Edit("Namespace:", quota(**{"limits.memory": "9Gi"}), "'whether Autopilot fills that in'"),
    Edit("Namespace:", quota(**{"limits.ephemeral-storage": "9Gi"}), "'whether Autopilot fills that in'"),
    Edit("Namespace:", limit_range(maxLimitRequestRatio={"cpu": "2"}), "'whether Autopilot fills that in'"),
    Edit("Namespace:", limit_range(type="Pod", max={"cpu": "2"}), "'whether Autopilot fills that in'"),
    Edit("Namespace:", scoped("[unknown]", pods="3"), "'whether the scope counts these pods'"),
    Edit("Namespace:", limit_range(max={"cpu": "[unknown]"}), "'how much it allows is not known'"),
    Edit("Namespace:", limit_range(maxLimitRequestRatio={"cpu": "[unknown]"}), "'how much it allows is not known'"),
    Edit("Namespace:", _object("flagger.app/v1beta1", "Canary", **_of_web("targetRef")), "'how it shifts requests'"),
    Edit("Namespace:", _object("argoproj.io/v1alpha1", "Rollout", **_of_web("workloadRef")), "'in a way of its own'"),
    Edit(
        "Namespace:",
        _object("autoscaling.gke.io/v1beta1", "MultidimPodAutoscaler", **_of_web("scaleTargetRef")),
        "'how many pods it leaves'",
    ),
    Edit(
        "Namespace:",
        _object("http.keda.sh/v1alpha1", "HTTPScaledObject", scaleTargetRef={"name": "web"}),
        "'how many pods it leaves'",
    ),
    *(
        Edit("Namespace:", vertical(mode), "'how many that leaves'")
        for mode in (GONE, "Auto", "Recreate", "Initial", "InPlace", "InPlaceOrRecreate", "[unknown]")
    ),
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
