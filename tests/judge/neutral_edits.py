"""Single edits of the clean objects that change nothing for requests."""

from nodrop.gke import ingresses
from tests.judge.edits import (
    CHECK,
    CONFIG,
    GONE,
    MEMORY_ONLY,
    NEG,
    POD,
    POLICY,
    SPREAD,
    WEB,
    Edit,
    claim,
    in_labels,
    mounting,
    other_ingress,
    vertical,
)
from tests.judge.on_call_edits import limit_range, quota, scoped, selected, workload

_MANY, _SSD = (
    {"key": "cores", "operator": "Gt", "values": ["many"]},
    {"key": "disk", "operator": "In", "values": ["ssd"]},
)
_REQUIRED_EITHER = {
    "requiredDuringSchedulingIgnoredDuringExecution": {
        "nodeSelectorTerms": [{"matchExpressions": [_MANY]}, {"matchExpressions": [_SSD]}]
    }
}
"""The scheduler finds nodes by the second term."""
_OR_NOTHING = {
    "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{}, {"matchExpressions": [_SSD]}]}
}
_HUGE = {"medium": "HugePages-2Mi"}
_ITEM = {"key": "a", "path": "b/..c", "mode": 0o644}
_OF_POD = {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}
_OWN = claim(accessModes=["ReadWriteOnce"])["spec"]
_BY_NAME = {
    "requiredDuringSchedulingIgnoredDuringExecution": {
        "nodeSelectorTerms": [{"matchFields": [{"key": "metadata.name", "operator": "NotIn", "values": ["node-1"]}]}]
    }
}

_SERVICE = {"selector": {"app": "web"}, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]}

NEUTRAL = [
    Edit("HealthCheckPolicy:spec.targetRef.namespace", "shop", base="gateway"),
    Edit("Service:spec.ipFamilies", ["IPv4"]),
    Edit("HorizontalPodAutoscaler:spec.scaleTargetRef.apiVersion", "apps/v1beta1"),
    Edit(f"{WEB}.readinessProbe.httpGet.host", ""),
    Edit("Deployment:spec.strategy.type", GONE),
    Edit("Deployment:metadata.labels", {"team": "shop"}),
    Edit("Deployment:metadata.annotations.owner", "shop"),
    Edit("Deployment:spec.template.metadata.labels.release", "2026-11-01"),
    Edit("Deployment:spec.template.metadata.annotations", {"checksum/config": "1"}),
    Edit("Deployment:spec.revisionHistoryLimit", 3),
    Edit("Deployment:spec.minReadySeconds", 0),
    Edit("Deployment:spec.minReadySeconds", 10),
    Edit("Deployment:spec.paused", False),
    Edit("Deployment:spec.strategy.rollingUpdate.maxSurge", "25%"),
    Edit("Deployment:spec.strategy.rollingUpdate.maxUnavailable", "0%"),
    Edit("Deployment:spec.progressDeadlineSeconds", 300),
    Edit(f"{POD}.restartPolicy", "Always"),
    Edit(f"{POD}.topologySpreadConstraints", [SPREAD]),
    Edit(f"{POD}.topologySpreadConstraints", [SPREAD | {"minDomains": 2, "matchLabelKeys": ["pod-template-hash"]}]),
    Edit(f"{POD}.topologySpreadConstraints", [SPREAD | {"whenUnsatisfiable": "ScheduleAnyway"}]),
    Edit(f"{POD}.dnsPolicy", "ClusterFirst"),
    Edit(f"{POD}.hostNetwork", False),
    Edit(f"{POD}.terminationGracePeriodSeconds", 120),
    Edit(f"{POD}.automountServiceAccountToken", False),
    Edit(f"{POD}.priorityClassName", "high"),
    Edit(f"{POD}.securityContext", {"runAsNonRoot": True}),
    Edit(f"{POD}.volumes", [{"name": "tmp", "emptyDir": {}}]),
    Edit(f"{POD}.readinessGates", GONE),
    Edit(f"{POD}.nodeSelector.cloud\\.google\\.com/gke-spot", "false"),
    Edit(f"{POD}.nodeSelector.cloud\\.google\\.com/compute-class", "Balanced"),
    Edit("Namespace:metadata.labels", {"cloud.google.com/default-compute-class": "autopilot"}),
    Edit(f"{POD}.affinity.nodeAffinity", in_labels("cloud.google.com/compute-class", "In", "autopilot")),
    Edit(f"{POD}.tolerations", [{"key": "dedicated", "operator": "Exists"}]),
    Edit(f"{POD}.affinity.nodeAffinity", in_labels("cloud.google.com/gke-spot", "NotIn", "true")),
    Edit(f"{POD}.affinity.nodeAffinity", in_labels("cloud.google.com/gke-spot", "DoesNotExist")),
    Edit(
        f"{POD}.topologySpreadConstraints",
        [{"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "ScheduleAnyway"}],
    ),
    Edit(f"{WEB}.imagePullPolicy", "IfNotPresent"),
    Edit(f"{POD}.initContainers.0.livenessProbe", {"exec": {"command": ["ok"]}}),
    Edit(f"{POD}.initContainers.1", {"name": "init", "image": "example/init:1", "lifecycle": None}),
    Edit("Namespace:", other_ingress(ingresses.CLASS_EXTERNAL, ingresses.CLASS_EXTERNAL)),
    Edit(f"{WEB}.resources", {"requests": {"cpu": "100m"}}),
    Edit(f"{WEB}.env", [{"name": "A", "value": "b"}]),
    Edit(f"{WEB}.ports.0.protocol", "TCP"),
    Edit(f"{WEB}.readinessProbe.httpGet.scheme", "HTTP"),
    Edit(f"{WEB}.readinessProbe.failureThreshold", 3),
    Edit(f"{WEB}.readinessProbe.successThreshold", 1),
    Edit(f"{WEB}.livenessProbe", GONE),
    Edit(f"{WEB}.livenessProbe.failureThreshold", 1),
    Edit(f"{WEB}.startupProbe", GONE),
    Edit(f"{WEB}.lifecycle.preStop", {"exec": {"command": ["/bin/sh", "-c", "sleep 60"]}}),
    Edit(f"{WEB}.lifecycle.postStart", {"exec": {"command": ["/bin/sh", "-c", "warm-up"]}}),
    Edit(f"{WEB}.lifecycle.preStop", {"exec": {"command": ["/bin/bash", "-ec", "set -u; sleep 30; sleep 30"]}}),
    Edit(f"{POD}.containers.1.lifecycle.preStop.sleep.seconds", 70),
    Edit("Service:spec.type", "NodePort"),
    Edit("Service:spec.ports.0.protocol", "TCP"),
    Edit("Service:spec.ports.0.targetPort", 8080),
    Edit("Service:spec.sessionAffinity", "None"),
    Edit("Service:spec.publishNotReadyAddresses", False),
    Edit("Service:spec.selector.tier", "front"),
    Edit(NEG, '{"ingress":true,"exposed_ports":null}'),
    Edit(CONFIG, '{"ports": {"http": "web"}}'),
    Edit(CONFIG, '{"ports": {"80": "web"}}'),
    Edit(f"{CHECK}.port", GONE),
    Edit(f"{CHECK}.healthyThreshold", 2),
    Edit("BackendConfig:spec.timeoutSec", GONE),
    Edit("BackendConfig:spec.logging", {"enable": True, "sampleRate": 1.0}),
    Edit("BackendConfig:spec.sessionAffinity", {"affinityType": "GENERATED_COOKIE", "affinityCookieTtlSec": 50}),
    Edit("Ingress:metadata.annotations.kubernetes\\.io/ingress\\.class", "gce"),
    Edit("Ingress:metadata.annotations.kubernetes\\.io/ingress\\.allow-http", "true"),
    Edit("Ingress:spec.rules.0.http.paths.0.pathType", "ImplementationSpecific"),
    Edit("NetworkPolicy:spec.policyTypes", GONE),
    Edit("NetworkPolicy:spec.ingress.0.ports", GONE),
    Edit("NetworkPolicy:spec.ingress.0.from", GONE),
    Edit("NetworkPolicy:spec.ingress.0.ports.0.port", "http"),
    Edit("NetworkPolicy:spec.podSelector", {"matchLabels": {"app": "other"}}),
    Edit("NetworkPolicy:", GONE),
    Edit("NetworkPolicy:spec.ingress.0.ports.0", {"port": 8000, "endPort": 8100}),
    Edit("PodDisruptionBudget:", GONE),
    Edit("PodDisruptionBudget:spec.maxUnavailable", "34%"),
    Edit("PodDisruptionBudget:spec", {"minAvailable": "100%"}),
    Edit("PodDisruptionBudget:spec.selector", {"matchExpressions": [{"key": "app", "operator": "Exists"}]}),
    Edit("HorizontalPodAutoscaler:spec.maxReplicas", 30),
    Edit("HorizontalPodAutoscaler:spec.minReplicas", 5),
    Edit("Namespace:metadata.labels", {"istio-injection": "disabled"}),
    Edit("Namespace:metadata.labels", {"istio.io/dataplane-mode": "none"}),
    Edit("Deployment:spec.template.metadata.annotations", {"dapr.io/enabled": "false"}),
    Edit("Deployment:spec.template.metadata.annotations", {"gke-gcsfuse/volumes": "true"}),
    Edit(f"{WEB}.args", ["--port=1", "--quiet"]),
    Edit(f"{WEB}.args", [None, "--quiet"]),
    Edit(f"{WEB}.command", None),
    Edit(f"{WEB}.securityContext", {"capabilities": {"drop": ["ALL"]}, "runAsUser": 1000}),
    Edit(f"{WEB}.tty", True),
    Edit(f"{WEB}.envFrom", [{"prefix": "A_", "configMapRef": {"name": "web", "optional": True}}]),
    Edit(f"{WEB}.resources", {"limits": {"cpu": 2}, "requests": {"cpu": 0.5}}),
    Edit(f"{WEB}.resources", {"limits": {"memory": 10**19}}),
    Edit(f"{POD}.tolerations", [{"key": "a", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 2**40}]),
    Edit(f"{POD}.affinity.nodeAffinity", in_labels("disk", "In", "1")),
    Edit(f"{POD}.affinity.nodeAffinity", in_labels("cores", "Gt", "1")),
    Edit(f"{POD}.affinity.nodeAffinity", in_labels("disk", "DoesNotExist")),
    Edit(f"{POD}.affinity.nodeAffinity", in_labels("cores", "Gt", str(2**63 - 1))),
    Edit(f"{POD}.affinity.nodeAffinity", in_labels("disk", "In", "")),
    Edit(f"{POD}.affinity.nodeAffinity", _REQUIRED_EITHER),
    Edit(f"{POD}.affinity.nodeAffinity", _BY_NAME),
    Edit(f"{POD}.tolerations", [{"key": "example.com/a", "value": ""}]),
    Edit(f"{POD}.volumes", [{"name": "tmp", "emptyDir": {"sizeLimit": "0"}}]),
    Edit(f"{POD}.volumes", [{"name": "tmp", "emptyDir": {"sizeLimit": " 1Gi"}}]),
    Edit(f"{POD}.volumes", [{"name": "tmp", "emptyDir": {"medium": "Memory"}}, {"name": "a", "emptyDir": _HUGE}]),
    Edit(POD, mounting({"mountPath": "/a"}, {"mountPath": "/b", "subPath": "b/..c", "readOnly": True})),
    Edit(f"{POD}.volumes", [{"name": "a", "secret": {"secretName": "a", "optional": True, "defaultMode": 0o400}}]),
    Edit(f"{POD}.volumes", [{"name": "a", "configMap": {"name": "a", "items": [_ITEM], "defaultMode": 0o777}}]),
    Edit(f"{POD}.volumes", [{"name": "a", "projected": {"sources": [{"secret": {"name": "a", "items": [_ITEM]}}]}}]),
    Edit(f"{POD}.volumes", [{"name": "a", "downwardAPI": {"items": [_OF_POD]}}]),
    Edit(f"{POD}.volumes", [{"name": "a", "hostPath": {"path": "/a", "type": ""}}]),
    Edit(f"{POD}.volumes", [{"name": "a", "csi": {"driver": "secrets-store-gke.csi.k8s.io", "readOnly": True}}]),
    Edit(f"{POD}.volumes", [{"name": "a", "ephemeral": {"volumeClaimTemplate": {"spec": _OWN}}}]),
    Edit(f"{POD}.topologySpreadConstraints", [SPREAD, SPREAD | {"whenUnsatisfiable": "ScheduleAnyway"}]),
    Edit(f"{WEB}.resources", {"limits": {"cpu": None, "memory": None}}),
    Edit(f"{WEB}.resources", {"limits": {"cpu": "1 "}, "requests": {"cpu": " 1", "memory": None}}),
    Edit(f"{WEB}.resources", {"limits": {"nvidia.com/gpu": 1}, "requests": {"nvidia.com/gpu": "1"}}),
    Edit(f"{WEB}.resources", {"limits": {"nvidia.com/gpu": "2"}}),
    Edit(f"{WEB}.resources", {"limits": {"hugepages-2Mi": "4Mi", "memory": "1Gi"}}),
    Edit(f"{POD}.affinity.nodeAffinity", _OR_NOTHING),
    Edit(f"{POD}.tolerations", [{"key": "a", "value": "b"}, {"key": "a", "operator": "", "effect": ""}]),
    Edit(f"{POD}.volumes", [{"name": "data"}, {"name": "more", "emptyDir": None, "configMap": {"name": "web"}}]),
    Edit(f"{POD}.dnsConfig", {"options": [{"name": "ndots", "value": "2"}, {"name": "edns0"}]}),
    Edit(f"{POD}.volumes", [{"name": "tmp", "emptyDir": {"sizeLimit": 10**19}}]),
    Edit("HTTPRoute:spec.rules.0.backendRefs.0.weight", 1, base="gateway"),
    Edit("GCPBackendPolicy:spec.default.sessionAffinity", {"type": "CLIENT_IP"}, base="gateway"),
    Edit("Deployment:spec.replicas", 5, base="gateway"),
    Edit(f"{POLICY}.config.httpHealthCheck.portSpecification", GONE, base="gateway"),
    Edit("Service:spec.ports.0.appProtocol", "HTTP", base="gateway"),
    Edit("Namespace:", quota(pods="18")),
    Edit(
        "Namespace:",
        quota(
            **{
                "count/pods": "18",
                "services": "1",
                "count/services": "1",
                "count/ingresses.networking.k8s.io": "1",
                "count/networkpolicies.networking.k8s.io": "1",
                "configmaps": "0",
                "requests.storage": "0",
                "secrets": "5",
                "count/deployments.apps": "1",
            }
        ),
    ),
    Edit("Namespace:", quota(**{"requests.nvidia.com/gpu": "0"})),
    Edit("Namespace:", quota(**{"services.loadbalancers": "0", "services.nodeports": "0"})),
    Edit(
        "Namespace:", limit_range(max={"hugepages-2Mi": "4Mi", "nvidia.com/gpu": "1"}) | {"metadata": {"name": "far"}}
    ),
    Edit("Namespace:", scoped("NotTerminating", **{"count/pods": "18", "requests.nvidia.com/gpu": "0"})),
    Edit("Namespace:", scoped("Terminating", pods="0")),
    Edit("Namespace:", scoped("CrossNamespacePodAffinity", pods="0")),
    Edit("Namespace:", selected("CrossNamespacePodAffinity", "Exists", pods="0")),
    Edit("Namespace:", limit_range(default={"cpu": "1"}, defaultRequest={"cpu": "100m"}, max={"cpu": "2"})),
    Edit(
        "Namespace:",
        limit_range(default={"cpu": "1"}, defaultRequest={"cpu": "500m"}, maxLimitRequestRatio={"cpu": "2"}),
    ),
    Edit("Namespace:", limit_range(type="PersistentVolumeClaim", max={"storage": "1Gi"})),
    Edit("Namespace:", limit_range(type="Pod", max={"ephemeral-storage": "1Gi"}) | {"metadata": {"name": "far"}}),
    Edit("Namespace:", limit_range(type="example.com/Volume", max={"storage": "1Gi"})),
    Edit("Namespace:", workload("StatefulSet", replicas=30)),
    Edit("Namespace:", vertical("Off")),
    Edit("Namespace:", vertical("Recreate", {"containerName": "*", "mode": "Off"})),
    *(
        Edit("Namespace:", vertical(mode, MEMORY_ONLY))
        for mode in ("Initial", "Recreate", "InPlace", "InPlaceOrRecreate")
    ),
]

NEUTRAL_ELSEWHERE = [
    Edit("Service:spec", {**_SERVICE, "ipFamilies": ["IPv6"], "ipFamilyPolicy": "PreferDualStack"}),
    Edit("Service:spec", {**_SERVICE, "ipFamilies": ["IPv6", "IPv4"], "ipFamilyPolicy": "RequireDualStack"}),
    Edit("HorizontalPodAutoscaler:spec.scaleTargetRef.apiVersion", "[unknown]"),
]
"""The same in a cluster of both address families, or before a program's values are known."""
