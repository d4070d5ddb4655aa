"""Single edits of the clean objects that the Kubernetes API, or the definition of a GKE kind, refuses.

`tests/engine/test_refused_edits.py` gives those of Kubernetes' own kinds to a real API server.
"""

from tests.judge.edits import CHECK, GONE, POD, POLICY, WEB, Edit, in_labels, other_ingress, vertical
from tests.judge.refused_beside_pods import BESIDE_PODS
from tests.judge.refused_pods import OF_PODS
from tests.judge.refused_values import OF_VALUES

_EXISTS = {"key": "a", "operator": "Exists"}
_MANY = {"key": "cores", "operator": "Gt", "values": ["many"]}
_REQUIRED, _PREFERRED = (f"{how}DuringSchedulingIgnoredDuringExecution" for how in ("required", "preferred"))
_NOT_IN = {"key": "app", "operator": "NotIn", "values": ["a b"]}
_WRONG = {"matchExpressions": [_NOT_IN]}
_MEANT = "object-is-accepted"
_PATHS = "Ingress:spec.rules.0.http.paths"
_FROM = "NetworkPolicy:spec.ingress.0.from.0"
_LABELS = "Deployment:spec.template.metadata.labels"
_LEVEL = "pod-security.kubernetes.io/enforce"
_CONFIG = f"{POLICY}.config"


BY_KUBERNETES = [
    *(
        Edit(place, value, _MEANT, base)
        for place, value, base in (
            (f"{WEB}.image", GONE, "ingress"),
            (f"{WEB}.readinessProbe.httpGet.port", 70000, "ingress"),
            (f"{WEB}.readinessProbe.httpGet.port", GONE, "ingress"),
            (f"{WEB}.readinessProbe.httpGet.scheme", "http", "ingress"),
            (f"{WEB}.readinessProbe.periodSeconds", -1, "ingress"),
            (f"{WEB}.readinessProbe.terminationGracePeriodSeconds", 10, "ingress"),
            (f"{WEB}.livenessProbe.successThreshold", 2, "ingress"),
            (f"{WEB}.lifecycle.preStop.sleep.seconds", -1, "ingress"),
            (f"{WEB}.resources", {"requests": {"cpu": "2"}, "limits": {"cpu": "500m"}}, "ingress"),
            (f"{WEB}.resources", {"limits": {"memory": "1 GB"}}, "ingress"),
            (f"{WEB}.volumeMounts", [{"name": "tmp", "mountPath": "/tmp"}], "ingress"),
            (f"{WEB}.env", [{"name": "PORT", "value": 8080}], "ingress"),
            (f"{WEB}.env", [{"name": "A", "value": "b", "valueFrom": {"fieldRef": {"fieldPath": "x"}}}], "ingress"),
            (f"{WEB}.name", "logs", "ingress"),
            (f"{POD}.containers.1.name", "Logs_1", "ingress"),
            (f"{POD}.activeDeadlineSeconds", 3600, "ingress"),
            (f"{POD}.restartPolicy", "Never", "ingress"),
            (f"{POD}.terminationGracePeriodSeconds", -1, "ingress"),
            (f"{_LABELS}.version", "a b", "ingress"),
            (f"{_LABELS}.version", 1, "ingress"),
            ("Deployment:spec.template.metadata.annotations", {"checksum/config": 1}, "ingress"),
            ("Deployment:metadata.name", "Web", "ingress"),
            ("Deployment:spec.minReadySeconds", 599, "ingress"),
            ("Deployment:spec.revisionHistoryLimit", 10**30, "ingress"),
            ("Deployment:spec.replicas", 10**30, "ingress"),
            ("Deployment:spec.minReadySeconds", -1, "ingress"),
            ("Deployment:spec.strategy.type", "Rolling", "ingress"),
            ("Deployment:spec.strategy.rollingUpdate.maxSurge", "30", "ingress"),
            ("Deployment:spec.strategy.rollingUpdate.maxUnavailable", "101%", "ingress"),
            ("Deployment:spec.strategy.rollingUpdate.maxSurge", 0, "ingress"),
            ("Deployment:spec.strategy.rollingUpdate", {"maxSurge": "0%", "maxUnavailable": "0%"}, "ingress"),
            ("Deployment:spec.selector", GONE, "ingress"),
            ("Deployment:spec.replicas", -1, "gateway"),
            ("Service:spec.externalTrafficPolicy", "Local", "ingress"),
            ("Service:spec.ipFamilies", ["IPv4", "IPv6"], "ingress"),
            ("Service:spec.ipFamilies", ["IPv6", "IPv4"], "gateway"),
            ("Service:spec.ports.1", {"port": 81}, "ingress"),
            ("Service:spec.ports.1", {"name": "http", "port": 81}, "ingress"),
            ("Service:spec.ports.1", {"name": "again", "port": 80}, "ingress"),
            ("Service:spec.ports.0.nodePort", 30080, "ingress"),
            ("Service:spec.ports.0.targetPort", 70000, "ingress"),
            ("Service:spec.type", "NodePorts", "ingress"),
            ("Service:spec.sessionAffinity", "Cookie", "ingress"),
            ("Service:spec.selector.app", 1, "ingress"),
            ("Ingress:spec.rules.0.host", "www.example.com:443", "ingress"),
            ("Ingress:spec.rules.0.host", "10.0.0.1", "ingress"),
            ("Ingress:spec.rules.0.host", "*", "ingress"),
            (_PATHS, [], "ingress"),
            (f"{_PATHS}.0.pathType", GONE, "ingress"),
            (f"{_PATHS}.0.backend.service.port", {"name": "http", "number": 80}, "ingress"),
            ("HorizontalPodAutoscaler:spec.minReplicas", 0, "ingress"),
            ("HorizontalPodAutoscaler:spec.maxReplicas", GONE, "ingress"),
            ("PodDisruptionBudget:spec.maxUnavailable", "150%", "ingress"),
            ("PodDisruptionBudget:spec.maxUnavailable", -1, "ingress"),
            ("PodDisruptionBudget:spec.unhealthyPodEvictionPolicy", "Always", "ingress"),
            ("PodDisruptionBudget:spec.minAvailable", 1, "ingress"),
            ("NetworkPolicy:spec.ingress.0.ports.0.endPort", 80, "ingress"),
            ("NetworkPolicy:spec.policyTypes", ["ingress"], "ingress"),
            (f"{_FROM}.podSelector", {}, "ingress"),
            (f"{_FROM}.ipBlock.cidr", "130.211.0.0", "ingress"),
            (f"{_FROM}.ipBlock.except", ["10.0.0.0/8"], "ingress"),
            ("Namespace:metadata.labels", {_LEVEL: "strict"}, "ingress"),
        )
    ),
    Edit("Namespace:", other_ingress("gce", "nginx"), _MEANT),
    Edit("Namespace:", other_ingress("nginx", "gce"), _MEANT),
    *OF_PODS,
    *OF_VALUES,
    *BESIDE_PODS,
]
"""Of kinds that are Kubernetes' own."""

NOT_SERVED = [
    Edit("HorizontalPodAutoscaler:apiVersion", "autoscaling/v2beta2", _MEANT),
    Edit("PodDisruptionBudget:apiVersion", "policy/v1beta1", _MEANT),
    Edit("NetworkPolicy:apiVersion", "extensions/v1beta1", _MEANT),
    Edit("PodDisruptionBudget:apiVersion", "policy/v2", _MEANT),
    Edit("HorizontalPodAutoscaler:apiVersion", "autoscaling/v2beta1", _MEANT),
    *(Edit("Ingress:apiVersion", f"{group}/v1beta1", _MEANT) for group in ("networking.k8s.io", "extensions")),
    *(Edit("Deployment:apiVersion", old, _MEANT) for old in ("apps/v1beta1", "apps/v1beta2", "extensions/v1beta1")),
    *(
        Edit(f"{kind}:apiVersion", "gateway.networking.k8s.io/v1alpha2", _MEANT, "gateway")
        for kind in ("Gateway", "HTTPRoute")
    ),
    Edit("FrontendConfig:apiVersion", "networking.gke.io/v1", _MEANT),
]

BY_ADMISSION = [Edit("Namespace:metadata.labels", {_LEVEL: "restricted"}, "pods-are-admitted")]
"""Not the object: its pods."""

_LACKING = [
    Edit(f"{place}.{key}", GONE, _MEANT, "gateway")
    for place, keys in (
        ("Gateway:spec", ("gatewayClassName", "listeners")),
        ("Gateway:spec.listeners.0", ("name", "protocol", "port")),
        ("Gateway:spec.listeners.0.tls.certificateRefs.0", ("name",)),
        ("HTTPRoute:spec.parentRefs.0", ("name",)),
        ("HealthCheckPolicy:spec", ("targetRef",)),
        ("HealthCheckPolicy:spec.targetRef", ("group", "kind", "name")),
        (f"{POLICY}.config", ("type",)),
        ("GCPBackendPolicy:spec", ("targetRef",)),
        ("GCPBackendPolicy:spec.targetRef", ("group", "kind", "name")),
    )
    for key in keys
]
"""What the definition of a custom resource requires, taken away."""

BY_GKE = [
    *_LACKING,
    Edit("Gateway:spec.listeners", [], _MEANT, "gateway"),
    Edit("Gateway:spec.listeners.0.tls.certificateRefs.0.group", "cert-manager.io", _MEANT, "gateway"),
    Edit("HTTPRoute:spec.rules.0.matches.0.headers", [{"name": "a"}], _MEANT, "gateway"),
    Edit("HTTPRoute:spec.rules.0.filters", [{"type": "RequestMirror", "requestMirror": {}}], _MEANT, "gateway"),
    Edit("BackendConfig:spec.iap", {"oauthclientCredentials": {"secretName": "iap"}}, _MEANT),
    Edit("BackendConfig:spec.securityPolicy", {}, _MEANT),
    Edit("FrontendConfig:spec.redirectToHttps.enabled", GONE, _MEANT),
    *(
        Edit(place, value, _MEANT, base)
        for place, value, base in (
            (f"{CHECK}.healthyThreshold", 20, "ingress"),
            (f"{CHECK}.unhealthyThreshold", 11, "ingress"),
            (f"{CHECK}.checkIntervalSec", 301, "ingress"),
            (f"{CHECK}.requestPath", "healthz", "ingress"),
            (f"{CHECK}.timeoutSec", 0, "ingress"),
            (f"{CHECK}.port", "http", "ingress"),
            ("BackendConfig:spec.connectionDraining.drainingTimeoutSec", 4000, "ingress"),
            ("BackendConfig:spec.timeoutSec", -1, "ingress"),
            ("BackendConfig:spec.logging", {"enable": True, "sampleRate": 2}, "ingress"),
            ("BackendConfig:spec.sessionAffinity", {"affinityType": "COOKIE"}, "ingress"),
            ("BackendConfig:spec.sessionAffinity", {"affinityCookieTtlSec": 90_000}, "ingress"),
            ("BackendConfig:spec.customRequestHeaders", {"headers": ["X-Client"]}, "ingress"),
            ("BackendConfig:spec.customResponseHeaders", {"headers": ["X-Client"]}, "ingress"),
            ("FrontendConfig:spec.redirectToHttps.responseCodeName", "MOVED", "ingress"),
            ("ManagedCertificate:spec.domains", ["*.example.com"], "ingress"),
            ("ManagedCertificate:spec.domains", [], "ingress"),
            ("Gateway:spec.listeners.0.tls.certificateRefs.0.kind", "ManagedCertificate", "gateway"),
            ("HTTPRoute:spec.hostnames", ["www.example.com:443"], "gateway"),
            ("HTTPRoute:spec.rules.0.backendRefs.0.port", GONE, "gateway"),
            ("HTTPRoute:spec.rules.0.filters", [{"type": "RequestRedirect", "requestRedirect": {}}], "gateway"),
            ("HTTPRoute:spec.rules.0.matches.0.path.value", "app", "gateway"),
            ("HTTPRoute:spec.rules.0.matches.0.path.type", "Regex", "gateway"),
            (f"{_CONFIG}.type", "http", "gateway"),
            (f"{_CONFIG}.type", "HTTPS", "gateway"),
            (f"{_CONFIG}.httpHealthCheck.portSpecification", "USE_NAMED_PORT", "gateway"),
            (f"{_CONFIG}.httpHealthCheck.requestPath", "healthz", "gateway"),
            (f"{POLICY}.checkIntervalSec", 301, "gateway"),
            (f"{POLICY}.unhealthyThreshold", 11, "gateway"),
            (f"{POLICY}.healthyThreshold", 11, "gateway"),
            ("GCPBackendPolicy:spec.default.connectionDraining.drainingTimeoutSec", 4000, "gateway"),
            ("GCPBackendPolicy:spec.default.timeoutSec", 0, "gateway"),
            ("GCPBackendPolicy:spec.default.sessionAffinity", {"type": "COOKIE"}, "gateway"),
            ("GCPBackendPolicy:spec.default.logging", {"enabled": True, "sampleRate": 2_000_000}, "gateway"),
        )
    ),
]
"""Of GKE's own kinds and the Gateway API: by their definitions, their controllers, or the load balancer's API."""

BY_SCHEDULER = [
    Edit(f"{POD}.affinity.nodeAffinity", value, _MEANT)
    for value in (
        in_labels("cores", "Gt", "many"),
        in_labels("cores", "Lt", "4.5"),
        in_labels("cores", "Gt", str(2**63)),
        {_PREFERRED: [{"preference": {"matchExpressions": [_MANY]}, "weight": 1}]},
        {_PREFERRED: [{"preference": _WRONG, "weight": 1}]},
        {_REQUIRED: {"nodeSelectorTerms": [{"matchExpressions": [_MANY]}, {"matchExpressions": [_EXISTS, _MANY]}]}},
        {_REQUIRED: {"nodeSelectorTerms": [{}]}},
        {_REQUIRED: {"nodeSelectorTerms": [{}, {"matchExpressions": [_MANY]}]}},
    )
]
"""What the API takes, and the scheduler finds no node by."""

BY_KUBELET = [
    Edit(f"{POD}.volumes", [{"name": "tmp", "emptyDir": {"medium": medium}}], _MEANT) for medium in ("memory", "RAM")
]
"""What the API takes, and the kubelet does not start."""

BY_AUTOSCALER = [
    *(Edit("Namespace:", vertical(mode), _MEANT) for mode in (False, "off", "Never")),
    Edit("Namespace:", vertical("Off", {"containerName": "*", "mode": False}), _MEANT),
]
"""Of a VerticalPodAutoscaler, by its definition."""
