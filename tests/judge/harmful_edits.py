"""Single edits of the clean objects that drop requests, cut the load balancer off, or cannot be judged."""

from typing import Any

from tests.judge.edits import CHECK, CONFIG, GONE, LABELS, NEG, POD, POLICY, SPREAD, WEB, Edit, in_labels

_DRAINS = "nodes-drain-before-they-stop"
_OF_CLASS = {"key": "cloud.google.com/compute-class", "operator": "In", "values": ["cheap"]}


def _budget(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "second", "namespace": "shop"},
        "spec": {"unhealthyPodEvictionPolicy": "AlwaysAllow", "selector": {"matchLabels": {"tier": "front"}}, **spec},
    }


HARMFUL = [
    # The way out
    Edit(f"{WEB}.lifecycle", GONE, "pre-stop-outlasts-deprogramming"),
    Edit(f"{WEB}.lifecycle.preStop.sleep.seconds", 5, "pre-stop-outlasts-deprogramming"),
    Edit(f"{WEB}.lifecycle.preStop.sleep.seconds", 40, "pre-stop-outlasts-deprogramming"),
    Edit(f"{WEB}.lifecycle.preStop.sleep.seconds", 95, "grace-exceeds-pre-stop"),
    Edit(f"{WEB}.lifecycle.preStop", {"exec": {"command": ["sleep", "10"]}}, "pre-stop-outlasts-deprogramming"),
    Edit(f"{POD}.containers.1.lifecycle", GONE, "every-container-has-pre-stop"),
    Edit(f"{POD}.containers.1.lifecycle.preStop.sleep.seconds", 10, "every-container-has-pre-stop"),
    *(
        Edit(f"{WEB}.lifecycle.preStop", {"exec": {"command": command}}, "pre-stop-command-exists")
        for command in (["sleep 60"], ["/bin/sleep", "60", "&&", "nginx", "-s", "quit"], ["exec", "sleep", "60"])
    ),
    Edit(f"{WEB}.lifecycle.preStop", {"tcpSocket": {"port": 8080}}, "pre-stop-command-exists"),
    Edit(f"{POD}.terminationGracePeriodSeconds", GONE, "grace-exceeds-pre-stop"),
    Edit(f"{POD}.terminationGracePeriodSeconds", 61, "grace-covers-longest-request"),
    Edit(f"{POD}.terminationGracePeriodSeconds", 700, "grace-within-eviction-limits"),
    Edit(f"{POD}.terminationGracePeriodSeconds", 4000, "grace-within-eviction-limits"),
    Edit("BackendConfig:spec.connectionDraining", GONE, "draining-covers-longest-request"),
    Edit("BackendConfig:spec.connectionDraining.drainingTimeoutSec", 5, "draining-covers-longest-request"),
    Edit("BackendConfig:spec.connectionDraining.drainingTimeoutSec", 3000, "draining-covers-longest-request"),
    Edit("BackendConfig:spec.timeoutSec", 5, "backend-timeout-covers-longest-request"),
    Edit("Deployment:metadata.annotations.gke-nodrop/longest-request-seconds", "50", "draining-covers-longest-request"),
    Edit(
        "Deployment:metadata.annotations.gke-nodrop/keep-alive-timeout-seconds",
        "5",
        "keep-alive-outlasts-load-balancer",
    ),
    Edit(
        "Deployment:metadata.annotations.gke-nodrop/keep-alive-timeout-seconds",
        "610",
        "keep-alive-outlasts-load-balancer",
    ),
    Edit("Deployment:metadata.annotations.gke-nodrop/on-term", "exit", "exit-on-term-cuts-no-request"),
    Edit("Deployment:metadata.annotations.gke-nodrop/startup-seconds", "500", "start-up-fits-liveness"),
    Edit("Deployment:metadata.annotations.gke-nodrop/accept", '{"no-such-rule": "why"}', "waiver-of-a-known-rule"),
    # The way in
    *(
        Edit(f"{POD}.{probe}.host", "127.0.0.1", "probes-ask-the-pod")
        for probe in (
            "containers.0.readinessProbe.httpGet",
            "containers.0.livenessProbe.httpGet",
            "containers.0.startupProbe.httpGet",
        )
    ),
    *(
        Edit(f"{POD}.{at}", {kind: {"port": 9, "host": host}}, "probes-ask-the-pod")
        for at in ("containers.1.readinessProbe", "initContainers.0.startupProbe")
        for kind, host in (("tcpSocket", "localhost"), ("httpGet", "[::1]"), ("tcpSocket", "127.0.0.2"))
    ),
    *(
        Edit(f"{WEB}.lifecycle.preStop", {"httpGet": {"path": "/drain", "port": 8080, "host": "127.0.0.1"}}, rule)
        for rule in ("pre-stop-command-exists", "pre-stop-outlasts-deprogramming")
    ),
    Edit(f"{WEB}.lifecycle.postStart", {"httpGet": {"port": 8080, "host": "127.0.0.1"}}, "probes-ask-the-pod"),
    Edit("Deployment:spec.strategy.type", "Recreate", "rolls-without-unavailable"),
    Edit("Deployment:spec.strategy.rollingUpdate.maxUnavailable", 1, "rolls-without-unavailable"),
    Edit("Deployment:spec.strategy.rollingUpdate.maxUnavailable", "34%", "rolls-without-unavailable"),
    Edit("Deployment:spec.strategy.rollingUpdate", {"maxSurge": 0}, "rolls-without-unavailable"),
    Edit("Deployment:spec.strategy.rollingUpdate.maxSurge", "200%", "surge-limits-blast-radius"),
    Edit("Deployment:spec.progressDeadlineSeconds", GONE, "progress-deadline-before-gate-opens"),
    Edit("Deployment:spec.progressDeadlineSeconds", 20, "progress-deadline-covers-start-up"),
    Edit("Deployment:spec.minReadySeconds", 598, "progress-deadline-covers-start-up"),
    Edit("Deployment:spec.replicas", 3, "autoscaler-owns-replicas"),
    Edit("HorizontalPodAutoscaler:spec.minReplicas", 1, "survives-a-lost-pod"),
    Edit("HorizontalPodAutoscaler:spec.minReplicas", GONE, "survives-a-lost-pod"),
    Edit("HorizontalPodAutoscaler:spec.maxReplicas", 2, "object-is-accepted"),
    Edit("HorizontalPodAutoscaler:", GONE, "survives-a-lost-pod"),
    Edit("Deployment:spec.replicas", 0, "some-pod-serves"),
    Edit("HorizontalPodAutoscaler:spec.scaleTargetRef.name", "other", "survives-a-lost-pod"),
    *(
        Edit("HorizontalPodAutoscaler:spec.scaleTargetRef.apiVersion", version, rule)
        for version in (GONE, "v1", "apps", "extensions/v1beta1", "argoproj.io/v1alpha1")
        for rule in ("survives-a-lost-pod", "object-is-accepted")
    ),
    *(
        Edit("HorizontalPodAutoscaler:spec.scaleTargetRef.kind", kind, "object-is-accepted")
        for kind in ("deployment", "Deployments", "DaemonSet")
    ),
    Edit("HorizontalPodAutoscaler:spec.scaleTargetRef.apiVersion", "example.com/v1", "survives-a-lost-pod"),
    # Health
    Edit(f"{CHECK}.requestPath", GONE, "health-check-is-explicit"),
    Edit(f"{CHECK}.requestPath", "/", "health-check-asks-the-readiness-path"),
    Edit(f"{CHECK}.port", 9000, "health-check-port-listens"),
    Edit(f"{CHECK}.timeoutSec", 6, "check-timeout-within-interval"),
    Edit(f"{CHECK}.checkIntervalSec", 60, "liveness-outlasts-health-check"),
    Edit(f"{CHECK}.unhealthyThreshold", 20, "object-is-accepted"),
    Edit(f"{CHECK}.type", "HTTPS", "port-speaks-one-protocol"),
    Edit(f"{CHECK}", GONE, "health-check-is-explicit"),
    Edit(f"{WEB}.readinessProbe", GONE, "readiness-is-probed"),
    Edit(f"{WEB}.readinessProbe.httpGet.port", "admin", "probe-ports-exist"),
    Edit(f"{WEB}.readinessProbe.httpGet.port", 9000, "health-check-asks-the-readiness-port"),
    Edit(f"{WEB}.readinessProbe.httpGet.path", "/ready", "health-check-asks-the-readiness-path"),
    Edit(f"{WEB}.readinessProbe.httpGet.scheme", "HTTPS", "port-speaks-one-protocol"),
    Edit(f"{WEB}.livenessProbe.httpGet.port", "admin", "probe-ports-exist"),
    Edit(
        f"{WEB}.livenessProbe",
        {"httpGet": {"path": "/alive", "port": "http"}, "failureThreshold": 1, "terminationGracePeriodSeconds": 1},
        "liveness-outlasts-health-check",
    ),
    Edit(
        f"{WEB}.livenessProbe",
        {"httpGet": {"path": "/healthz", "port": "http"}, "periodSeconds": 5},
        "liveness-is-another-question",
    ),
    Edit(f"{WEB}.startupProbe.failureThreshold", 1, "start-up-fits-liveness"),
    Edit(f"{WEB}.startupProbe.httpGet.port", "admin", "probe-ports-exist"),
    # Ports, Service, load balancer
    Edit("Service:spec.ports.0.targetPort", 9000, "target-port-listens"),
    Edit("Service:spec.selector.app", "shop", "'selects no Deployment'"),
    Edit("Service:spec.selector", GONE, "'no selector'"),
    Edit("Service:spec.publishNotReadyAddresses", True, "unready-pods-get-no-traffic"),
    Edit(NEG, '{"ingress": true, "exposed_ports": {"80": {"name": "own"}}}', "neg-annotation-is-valid"),
    Edit(CONFIG, '{"ports": {"8080": "web"}}', "backend-config-governs-a-port"),
    Edit(CONFIG, '{"default": "shop"}', "'BackendConfig shop/shop'"),
    Edit(CONFIG, GONE, "draining-covers-longest-request"),
    Edit(
        "Service:metadata.annotations.cloud\\.google\\.com/app-protocols",
        '{"http":"HTTPS"}',
        "port-speaks-one-protocol",
    ),
    Edit(f"{WEB}.ports.0.containerPort", 8081, "health-check-port-listens"),
    Edit(f"{POD}.containers.1.ports", [{"containerPort": 8080}], "ports-fit-together"),
    Edit("Deployment:spec.template.metadata.labels.app", "shop", "'selects no Deployment'"),
    Edit("Deployment:spec.selector.matchLabels.app", "shop", "object-is-accepted"),
    Edit("Deployment:spec.selector.matchLabels.release", "1", "object-is-accepted"),
    Edit("Ingress:spec.defaultBackend.service.name", "shop", "'Service shop/shop'"),
    Edit("Ingress:metadata.annotations.networking\\.gke\\.io/managed-certificates", GONE, "load-balancer-answers"),
    *(Edit("Service:spec.ipFamilies", ["IPv6"], "object-is-accepted", base) for base in ("ingress", "gateway")),
    # Who is let in
    Edit("NetworkPolicy:spec.ingress.0.from", [{"podSelector": {}}], "load-balancer-is-admitted"),
    Edit("NetworkPolicy:spec.ingress.0.from.1", GONE, "load-balancer-is-admitted"),
    Edit("NetworkPolicy:spec.ingress.0.from.0.ipBlock.cidr", "130.211.0.0/24", "load-balancer-is-admitted"),
    Edit("NetworkPolicy:spec.ingress.0.from.0.ipBlock.except", ["130.211.1.0/24"], "load-balancer-is-admitted"),
    Edit("NetworkPolicy:spec.ingress.0.ports.0.port", 80, "load-balancer-is-admitted"),
    Edit("NetworkPolicy:spec.ingress.0.ports.0.port", "admin", "load-balancer-is-admitted"),
    Edit("NetworkPolicy:spec.ingress.0.ports.0.protocol", "UDP", "load-balancer-is-admitted"),
    Edit("NetworkPolicy:spec.ingress", GONE, "load-balancer-is-admitted"),
    Edit("NetworkPolicy:spec.ingress", [], "load-balancer-is-admitted"),
    # Spread
    *(
        Edit(f"{POD}.topologySpreadConstraints", [SPREAD | wrong], "object-is-accepted")
        for wrong in (
            {"maxSkew": 0},
            {"maxSkew": None},
            {"topologyKey": ""},
            {"topologyKey": None},
            {"whenUnsatisfiable": "Never"},
            {"whenUnsatisfiable": None},
            {"minDomains": 0},
            {"minDomains": 2, "whenUnsatisfiable": "ScheduleAnyway"},
            {"matchLabelKeys": ["pod-template-hash"], "labelSelector": None},
        )
    ),
    # Nodes
    Edit("PodDisruptionBudget:spec.maxUnavailable", 0, "budget-allows-an-eviction"),
    Edit("PodDisruptionBudget:spec.maxUnavailable", "0%", "budget-allows-an-eviction"),
    Edit("PodDisruptionBudget:spec", {"minAvailable": "100%", "selector": {}}, "budget-allows-an-eviction"),
    Edit("PodDisruptionBudget:spec", {"selector": {}}, "budget-allows-an-eviction"),
    Edit(
        "PodDisruptionBudget:spec",
        {"minAvailable": 3, "selector": {"matchLabels": {"app": "web"}}},
        "budget-allows-an-eviction",
    ),
    Edit("PodDisruptionBudget:spec.unhealthyPodEvictionPolicy", GONE, "budget-evicts-unhealthy-pods"),
    Edit("PodDisruptionBudget:", _budget(maxUnavailable=1), "budget-allows-an-eviction"),
    Edit(f"{POD}.nodeSelector.cloud\\.google\\.com/gke-spot", "true", "nodes-drain-before-they-stop"),
    Edit(f"{POD}.nodeSelector.cloud\\.google\\.com/gke-preemptible", "true", "nodes-drain-before-they-stop"),
    Edit(f"{POD}.nodeSelector.cloud\\.google\\.com/gke-provisioning", "spot", "nodes-drain-before-they-stop"),
    Edit(f"{POD}.nodeSelector.cloud\\.google\\.com/compute-class", "autopilot-spot", "nodes-drain-before-they-stop"),
    *(
        Edit("Namespace:metadata.labels", {f"cloud.google.com/default-compute-class{of}": "autopilot-spot"}, _DRAINS)
        for of in ("", "-non-daemonset")
    ),
    *(
        Edit(f"{POD}.affinity.nodeAffinity", in_labels("cloud.google.com/compute-class", "In", *names), _DRAINS)
        for names in (["autopilot-spot"], ["autopilot", "autopilot-spot"])
    ),
    Edit(
        f"{POD}.affinity.nodeAffinity",
        in_labels("cloud.google.com/gke-spot", "In", "true"),
        "nodes-drain-before-they-stop",
    ),
    Edit(
        f"{POD}.affinity.nodeAffinity",
        in_labels("cloud.google.com/gke-spot", "Exists"),
        "nodes-drain-before-they-stop",
    ),
    Edit(
        f"{POD}.tolerations",
        [{"key": "cloud.google.com/gke-spot", "operator": "Exists"}],
        "nodes-drain-before-they-stop",
    ),
    # Behind a Gateway
    *(
        Edit(f"{kind}:spec.targetRef.{key}", value, meant, "gateway")
        for kind in ("HealthCheckPolicy", "GCPBackendPolicy")
        for key, value, meant in (
            ("group", "core", "object-is-accepted"),
            ("group", "apps", "object-is-accepted"),
            ("kind", "HTTPRoute", "object-is-accepted"),
            ("kind", "Gateway", "object-is-accepted"),
            ("namespace", "other", "object-is-accepted"),
            ("name", "other", "'names Service shop/other, which is not among the objects'"),
        )
    ),
    Edit(f"{POLICY}.config", {"type": "GRPC", "grpcHealthCheck": {}}, "port-speaks-one-protocol", "gateway"),
    Edit(
        f"{POLICY}.config", {"type": "GRPC", "grpcHealthCheck": {"port": 8080}}, "port-speaks-one-protocol", "gateway"
    ),
    Edit("HealthCheckPolicy:", GONE, "health-check-is-explicit", "gateway"),
    Edit(f"{POLICY}.config.httpHealthCheck.requestPath", "/", "health-check-asks-the-readiness-path", "gateway"),
    Edit(f"{POLICY}.config.httpHealthCheck.port", 9000, "health-check-port-listens", "gateway"),
    Edit("HealthCheckPolicy:spec.targetRef.name", "other", "health-check-is-explicit", "gateway"),
    Edit("GCPBackendPolicy:", GONE, "draining-covers-longest-request", "gateway"),
    Edit("GCPBackendPolicy:spec.default.timeoutSec", 5, "backend-timeout-covers-longest-request", "gateway"),
    Edit(
        "GCPBackendPolicy:spec.default.connectionDraining.drainingTimeoutSec",
        0,
        "draining-covers-longest-request",
        "gateway",
    ),
    Edit("GCPBackendPolicy:spec.targetRef.name", "other", "draining-covers-longest-request", "gateway"),
    Edit("Deployment:spec.replicas", 1, "survives-a-lost-pod", "gateway"),
    Edit("Deployment:spec.replicas", 0, "some-pod-serves", "gateway"),
    Edit("HTTPRoute:spec.parentRefs.0.name", "other", "'Gateway'", "gateway"),
    Edit(f"{WEB}.image", "gcr.io/distroless/static-debian12", "pre-stop-command-exists", "gateway"),
    Edit("PodDisruptionBudget:spec.minAvailable", 3, "budget-allows-an-eviction", "gateway"),
]

UNJUDGED = [
    Edit(f"{WEB}.readinessProbe.httpGet.host", "www.example.com", "'the kubelet asks www.example.com instead of'"),
    Edit(f"{WEB}.livenessProbe.httpGet.host", "10.0.0.1", "'the kubelet asks 10.0.0.1 instead of the pod'"),
    Edit(f"{WEB}.startupProbe", {"tcpSocket": {"port": 9, "host": "db"}}, "'the kubelet asks db instead of the pod'"),
    Edit(f"{WEB}.lifecycle.preStop", {"exec": {"command": ["/drain.sh"]}}, "'for how many seconds it runs'"),
    Edit(f"{WEB}.lifecycle.preStop", {"httpGet": {"path": "/drain", "port": 8080}}, "'for how many seconds it runs'"),
    Edit(f"{POD}.containers.1.lifecycle.preStop", {"exec": {"command": ["/x"]}}, "'for how many seconds it runs'"),
    Edit(
        f"{WEB}.lifecycle.preStop",
        {"exec": {"command": ["sh", "-c", "sleep 5; /drain.sh"]}},
        "'it sleeps for 5 s; how long what follows takes is not known'",
    ),
    Edit(
        f"{POD}.containers.1",
        {
            "name": "proxy",
            "image": "example/proxy:1",
            "lifecycle": {"preStop": {"exec": {"command": ["sh", "-c", "sleep 5; /wait-for-connections"]}}},
        },
        "'it sleeps for 5 s; how long what follows takes is not known'",
    ),
    Edit("Deployment:metadata.annotations.gke-nodrop/longest-request-seconds", "ten", "'longest-request-seconds'"),
    Edit("Deployment:spec.paused", True, "'nothing rolls out'"),
    Edit("Service:spec.ports.0.protocol", "UDP", "'UDP'"),
    Edit("Service:spec.type", "ExternalName", "'ExternalName'"),
    Edit(
        f"{POD}.nodeSelector.cloud\\.google\\.com/compute-class", "cheap", "'whether nodes of the class cheap are Spot'"
    ),
    Edit(
        "Namespace:metadata.labels",
        {"cloud.google.com/default-compute-class": "cheap"},
        "'default-compute-class]: whether nodes of the class cheap are Spot'",
    ),
    Edit(
        f"{POD}.affinity.nodeAffinity",
        in_labels("cloud.google.com/compute-class", "In", "autopilot", "cheap"),
        "'whether nodes of the class cheap are Spot'",
    ),
    Edit(
        f"{POD}.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution",
        [{"weight": 1, "preference": {"matchExpressions": [_OF_CLASS]}}],
        "'whether nodes of the class cheap are Spot'",
    ),
    Edit(f"{POD}.hostNetwork", True, "'node's address'"),
    Edit("Namespace:metadata.labels", {"istio-injection": "enabled"}, "'a mesh's proxy'"),
    Edit("Deployment:spec.template.metadata.labels.sidecar\\.istio\\.io/inject", "true", "'a mesh's proxy'"),
    Edit("Namespace:metadata.labels", {"istio.io/dataplane-mode": "ambient"}, "'a mesh's proxy on the node'"),
    Edit(f"{LABELS}.istio\\.io/dataplane-mode", "ambient", "'a mesh's proxy on the node'"),
    Edit("Namespace:metadata.annotations", {"linkerd.io/inject": "enabled"}, "'a mesh's proxy is added'"),
    Edit("Namespace:metadata.labels", {"kuma.io/sidecar-injection": "enabled"}, "'a mesh's proxy is added'"),
    Edit("Deployment:spec.template.metadata.annotations", {"dapr.io/enabled": "true"}, "'Dapr's sidecar'"),
    Edit(f"{WEB}.lifecycle.stopSignal", "SIGUSR1", "'what the process does on SIGUSR1'"),
    Edit("Deployment:kind", "StatefulSet", "'selects no Deployment'"),
    Edit("Deployment:spec.replicas", "[unknown]", "'not known'", "gateway"),
    Edit("Service:spec.ports.0.appProtocol", "kubernetes.io/ws", "'appProtocol'", "gateway"),
    Edit("Gateway:spec.gatewayClassName", "istio", "'gatewayClassName'", "gateway"),
    Edit(
        "Gateway:spec.gatewayClassName",
        "gke-l7-cross-regional-internal-managed",
        "'such as gke-l7-cross-regional-internal-managed-mc'",
        "gateway",
    ),
    Edit("HTTPRoute:spec.rules.0.timeouts", {"request": "5s"}, "'timeouts'", "gateway"),
]
"""What may be right or wrong, and cannot be told."""

REFUSED = [
    Edit(f"{CHECK}.type", "TCP", "object-is-accepted"),
    Edit("Service:spec.ports.0.targetPort", "admin", "object-leads-on"),
    Edit("Service:spec.ports.0.targetPort", "8080", "object-leads-on"),
    Edit("Service:spec.ports.0.port", 81, "object-leads-on"),
    Edit("Service:spec.ports.0.name", "web", "object-leads-on"),
    Edit(NEG, "{}", "object-is-accepted"),
    Edit(NEG, '{"ingress": tru}', "object-is-accepted"),
    Edit(NEG, '{"ingress": false}', "object-is-accepted"),
    Edit(CONFIG, '{"defualt": "web"}', "object-is-accepted"),
    Edit(CONFIG, "{}", "object-is-accepted"),
    Edit("Service:metadata.annotations.cloud\\.google\\.com/app-protocols", '{"http":"FTP"}', "object-is-accepted"),
    Edit(f"{WEB}.ports.0.name", "web", "object-leads-on"),
    Edit("Ingress:spec.defaultBackend.service.port.number", 8080, "object-leads-on"),
    Edit("Ingress:spec.rules.0.http.paths.0.path", "/*", "object-is-accepted"),
    Edit("Ingress:spec.rules.0.http.paths.0.path", "healthz", "object-is-accepted"),
    Edit("Ingress:spec.rules.0.http.paths.0.pathType", "Regex", "object-is-accepted"),
    Edit(
        "Ingress:metadata.annotations.kubernetes\\.io/ingress\\.regional-static-ip-name", "shop", "object-is-accepted"
    ),
    Edit("Deployment:spec.replicas", "3", "object-is-accepted", "gateway"),
    Edit("HTTPRoute:spec.rules.0.backendRefs.0.port", 8080, "object-leads-on", "gateway"),
    Edit("HTTPRoute:spec.rules.0.matches.0.path.type", "RegularExpression", "object-is-accepted", "gateway"),
    Edit("Ingress:spec.ingressClassName", "gce", "object-leads-on"),
]
"""What GKE's controllers refuse, or what leads nowhere."""
