"""Single edits of the clean objects that the Kubernetes API, or the definition of a GKE kind, refuses.

`tests/engine/test_refused_edits.py` gives those of Kubernetes' own kinds to a real API server.
"""

from tests.judge.edits import CHECK, GONE, POD, POLICY, SPREAD, WEB, Edit, claim, in_labels, mounting, vertical
from tests.judge.on_call_edits import limit_range, quota, scoped, selected

_EXISTS = {"key": "a", "operator": "Exists"}
_MANY = {"key": "cores", "operator": "Gt", "values": ["many"]}
_REQUIRED, _PREFERRED = (f"{how}DuringSchedulingIgnoredDuringExecution" for how in ("required", "preferred"))
_TERM = {"matchExpressions": [_EXISTS]}
_NO_TERM = {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]}
_NO_KEY = {"matchExpressions": [{"key": "a b", "operator": "Exists"}]}
_NOT_IN = {"key": "app", "operator": "NotIn", "values": ["a b"]}
_WRONG = {"matchExpressions": [_NOT_IN]}
_APART = {"topologyKey": "kubernetes.io/hostname"}
_MEANT = "object-is-accepted"
_PATHS = "Ingress:spec.rules.0.http.paths"
_FROM = "NetworkPolicy:spec.ingress.0.from.0"
_LABELS = "Deployment:spec.template.metadata.labels"
_LEVEL = "pod-security.kubernetes.io/enforce"
_CONFIG = f"{POLICY}.config"
_FAR = {"metadata": {"name": "far"}}
"""Of a namespace where no pods of the path are."""
_OF_CONTAINERS = {"type": "Container", "max": {"cpu": "1"}}


def _by_field(key: str, operator: str, *values: str) -> dict[str, object]:
    return {
        _REQUIRED: {"nodeSelectorTerms": [{"matchFields": [{"key": key, "operator": operator, "values": [*values]}]}]}
    }


def _files(**item: object) -> dict[str, object]:
    return {"name": "a", "items": [{"key": "a", "path": "a", **item}]}


def _own_claim(**spec: object) -> dict[str, object]:
    template = {"spec": {**claim(accessModes=["ReadWriteOnce"])["spec"], **spec}}
    return {"name": "a", "ephemeral": {"volumeClaimTemplate": template}}


BY_KUBERNETES = [
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
        ("Deployment:spec.selector", GONE, "ingress"),
        ("Deployment:spec.replicas", -1, "gateway"),
        ("Service:spec.externalTrafficPolicy", "Local", "ingress"),
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
        # Where pods run, and their volumes
        (f"{POD}.tolerations", [{}], "ingress"),
        (f"{POD}.tolerations", [None], "ingress"),
        (f"{POD}.tolerations", [{"operator": "Equal", "value": "a"}], "ingress"),
        (f"{POD}.tolerations", [{"key": "a", "operator": "Exists", "value": "b"}], "ingress"),
        (f"{POD}.tolerations", [{"key": "a", "operator": "Exists", "effect": "NO_SCHEDULE"}], "ingress"),
        (f"{POD}.tolerations", [{**_EXISTS, "effect": "NoSchedule", "tolerationSeconds": 5}], "ingress"),
        (f"{POD}.affinity.nodeAffinity", {_REQUIRED: {"nodeSelectorTerms": []}}, "ingress"),
        (f"{POD}.affinity.nodeAffinity", in_labels("disk", "Is", "ssd"), "ingress"),
        (f"{POD}.affinity.nodeAffinity", in_labels("disk", "In"), "ingress"),
        (f"{POD}.affinity.nodeAffinity", in_labels("disk", "Exists", "ssd"), "ingress"),
        (f"{POD}.affinity.nodeAffinity", in_labels("disk", "Gt", "1", "2"), "ingress"),
        (f"{POD}.affinity.nodeAffinity", {_PREFERRED: [{"preference": _TERM}]}, "ingress"),
        (f"{POD}.affinity.nodeAffinity", {_PREFERRED: [{"preference": _TERM, "weight": 101}]}, "ingress"),
        (f"{POD}.affinity.nodeAffinity", {_PREFERRED: [{"preference": _NO_TERM, "weight": 1}]}, "ingress"),
        (f"{POD}.affinity.podAntiAffinity", {_REQUIRED: [{"labelSelector": {}}]}, "ingress"),
        (f"{POD}.affinity.podAffinity", {_REQUIRED: [{"topologyKey": ""}]}, "ingress"),
        (f"{POD}.affinity.podAntiAffinity", {_PREFERRED: [{"podAffinityTerm": {}, "weight": 1}]}, "ingress"),
        (f"{POD}.affinity.podAntiAffinity", {_PREFERRED: [{"podAffinityTerm": _APART}]}, "ingress"),
        (f"{POD}.affinity.podAntiAffinity", {_REQUIRED: [{**_APART, "labelSelector": _NO_TERM}]}, "ingress"),
        (f"{POD}.volumes", [{"emptyDir": {}}], "ingress"),
        (f"{POD}.volumes", [None], "ingress"),
        (f"{POD}.volumes", [{"name": "Data", "emptyDir": {}}], "ingress"),
        (f"{POD}.volumes", [{"name": "data"}, {"name": "data"}], "ingress"),
        (f"{POD}.volumes", [{"name": "data", "emptyDir": {}, "configMap": {"name": "web"}}], "ingress"),
        (f"{POD}.volumes", [{"name": "tmp", "emptyDir": {"sizeLimit": True}}], "ingress"),
        (f"{POD}.volumes", [{"name": "tmp", "emptyDir": {"sizeLimit": "much"}}], "ingress"),
        (f"{POD}.volumes", [{"name": "tmp", "emptyDir": {"sizeLimit": "-1Gi"}}], "ingress"),
        (f"{POD}.volumes", [{"name": "a", "secret": {"secretName": "a", "defaultMode": 644}}], "ingress"),
        (f"{POD}.volumes", [{"name": "a", "secret": {"secretName": "a", "defaultMode": -1}}], "ingress"),
        (f"{POD}.volumes", [{"name": "a", "configMap": {"name": "a", "defaultMode": 755}}], "ingress"),
        (f"{POD}.volumes", [{"name": "a", "configMap": _files(mode=600)}], "ingress"),
        (f"{POD}.volumes", [{"name": "a", "configMap": _files(path="/etc/a")}], "ingress"),
        (f"{POD}.volumes", [{"name": "a", "configMap": _files(path="../a")}], "ingress"),
        (f"{POD}.volumes", [{"name": "a", "configMap": _files(path="")}], "ingress"),
        (f"{POD}.volumes", [{"name": "a", "configMap": _files(key="")}], "ingress"),
        (f"{POD}.volumes", [{"name": "a", "downwardAPI": {"defaultMode": 644}}], "ingress"),
        (f"{POD}.volumes", [{"name": "a", "projected": {"defaultMode": 644}}], "ingress"),
        (f"{POD}.volumes", [{"name": "a", "projected": {"sources": [{"secret": {}}]}}], "ingress"),
        (f"{POD}.volumes", [{"name": "a", "projected": {"sources": [{"configMap": _files(mode=600)}]}}], "ingress"),
        (f"{POD}.volumes", [{"name": "a", "secret": {"name": "a"}}], "ingress"),
        (f"{POD}.volumes", [{"name": "a", "secret": {"optional": True}}], "ingress"),
        (f"{POD}.volumes", [{"name": "a", "configMap": {}}], "ingress"),
        (f"{POD}.volumes", [{"name": "a", "persistentVolumeClaim": {}}], "ingress"),
        (f"{POD}.volumes", [{"name": "a", "hostPath": {}}], "ingress"),
        (f"{POD}.volumes", [{"name": "a", "hostPath": {"path": "/a", "type": "directory"}}], "ingress"),
        (f"{POD}.volumes", [{"name": "a", "csi": {}}], "ingress"),
        (f"{POD}.volumes", [{"name": "a", "nfs": {"server": "10.0.0.2"}}], "ingress"),
        (f"{POD}.volumes", [{"name": "a", "gcePersistentDisk": {}}], "ingress"),
        (f"{POD}.volumes", [{"name": "a", "ephemeral": {}}], "ingress"),
        (f"{POD}.volumes", [_own_claim(accessModes=[])], "ingress"),
        (f"{POD}.volumes", [_own_claim(resources={})], "ingress"),
        (f"{POD}.volumes", [{"name": "tmp", "emptyDir": {"sizeLimit": "500MB"}}], "ingress"),
        (f"{WEB}.volumeMounts", [{"mountPath": "/a"}], "ingress"),
        (POD, mounting({}), "ingress"),
        (POD, mounting({"mountPath": "/a"}, {"mountPath": "/a", "subPath": "b"}), "ingress"),
        (POD, mounting({"mountPath": "/a", "subPath": "/b"}), "ingress"),
        (POD, mounting({"mountPath": "/a", "subPath": "b/../c"}), "ingress"),
        (f"{POD}.initContainers.0.volumeMounts", [{"name": "missing", "mountPath": "/a"}], "ingress"),
        (f"{POD}.tolerations", [_EXISTS | {"tolerationSeconds": 5}], "ingress"),
        (f"{POD}.tolerations", [{"key": "a", "operator": "exists"}], "ingress"),
        (f"{POD}.topologySpreadConstraints", [SPREAD, SPREAD | {"maxSkew": 2}], "ingress"),
        # What containers request
        (f"{WEB}.resources", {"limits": {"mem": "1Gi"}}, "ingress"),
        (f"{WEB}.resources", {"requests": {"Example.com/gpu": 1}, "limits": {"Example.com/gpu": 1}}, "ingress"),
        (f"{WEB}.resources", {"limits": {"requests.nvidia.com/gpu": 1}}, "ingress"),
        (f"{WEB}.resources", {"requests": {"nvidia.com/gpu": 1}}, "ingress"),
        (f"{WEB}.resources", {"requests": {"nvidia.com/gpu": 0}}, "ingress"),
        (f"{WEB}.resources", {"requests": {"nvidia.com/gpu": 1}, "limits": {"nvidia.com/gpu": 2}}, "ingress"),
        (f"{WEB}.resources", {"limits": {"nvidia.com/gpu": 0.5}}, "ingress"),
        (f"{WEB}.resources", {"requests": {"hugepages-2Mi": "2Mi", "memory": "1Gi"}}, "ingress"),
        (f"{WEB}.resources", {"requests": {"memory": "-1"}}, "ingress"),
        (f"{WEB}.resources", {"limits": {"cpu": -1}}, "ingress"),
        (f"{WEB}.resources", {"limits": {"cpu": None}, "requests": {"cpu": "100m"}}, "ingress"),
        # Keys and values of labels in selectors
        (f"{POD}.nodeSelector", {"disk type": "ssd"}, "ingress"),
        (f"{POD}.nodeSelector.disk", "fast ssd", "ingress"),
        (f"{POD}.tolerations", [{"key": "a b", "operator": "Exists"}], "ingress"),
        (f"{POD}.tolerations", [{"key": "Example.com/a", "value": "b"}], "ingress"),
        (f"{POD}.tolerations", [{"key": "a", "value": "b c"}], "ingress"),
        (f"{POD}.affinity.nodeAffinity", in_labels("disk type", "Exists"), "ingress"),
        (f"{POD}.affinity.nodeAffinity", in_labels("", "Exists"), "ingress"),
        (f"{POD}.affinity.nodeAffinity", in_labels("disk", "In", "fast ssd"), "ingress"),
        (f"{POD}.affinity.nodeAffinity", in_labels("cores", "Gt", "-1"), "ingress"),
        (f"{POD}.affinity.nodeAffinity", {_PREFERRED: [{"preference": _NO_KEY, "weight": 1}]}, "ingress"),
        (f"{POD}.affinity.nodeAffinity", _by_field("metadata.labels", "In", "a"), "ingress"),
        (f"{POD}.affinity.nodeAffinity", _by_field("metadata.name", "Exists"), "ingress"),
        (f"{POD}.affinity.nodeAffinity", _by_field("metadata.name", "In", "a", "b"), "ingress"),
        (f"{POD}.affinity.podAntiAffinity", {_REQUIRED: [{"topologyKey": "a b"}]}, "ingress"),
        (f"{POD}.affinity.podAntiAffinity", {_REQUIRED: [{**_APART, "labelSelector": _NO_KEY}]}, "ingress"),
        (f"{POD}.affinity.podAffinity", {_REQUIRED: [{**_APART, "labelSelector": _WRONG}]}, "ingress"),
        (f"{POD}.topologySpreadConstraints", [SPREAD | {"labelSelector": _NO_KEY}], "ingress"),
        ("Deployment:spec.selector.matchExpressions", [{"key": "a b", "operator": "DoesNotExist"}], "ingress"),
        ("Deployment:spec.selector.matchExpressions", [{"operator": "Exists"}], "ingress"),
        ("PodDisruptionBudget:spec.selector", _NO_KEY, "ingress"),
        ("PodDisruptionBudget:spec.selector.matchExpressions", [_NOT_IN], "ingress"),
        ("NetworkPolicy:spec.podSelector.matchExpressions", [_NOT_IN], "ingress"),
        (_FROM, {"namespaceSelector": _NO_KEY}, "ingress"),
        (_FROM, {"podSelector": {"matchLabels": {"app": "a b"}}}, "ingress"),
        # Types that the API server cannot decode
        (f"{POD}.nodeSelector.disk", 1, "ingress"),
        (f"{POD}.hostNetwork", "false", "ingress"),
        (f"{POD}.priorityClassName", 7, "ingress"),
        (f"{POD}.securityContext", {"runAsUser": "1000"}, "ingress"),
        (f"{POD}.volumes", [{"name": "data", "configMap": {"name": "data", "defaultMode": "0644"}}], "ingress"),
        (f"{WEB}.args", ["--port", 8080], "ingress"),
        (f"{WEB}.command", ["sleep", 1.5], "ingress"),
        (f"{WEB}.securityContext", {"privileged": "false"}, "ingress"),
        (f"{WEB}.lifecycle.preStop", {"exec": {"command": ["sleep", 60]}}, "ingress"),
        ("Deployment:spec.paused", "true", "ingress"),
        ("Deployment:spec.revisionHistoryLimit", 2.5, "ingress"),
        ("Deployment:spec.selector.matchLabels.release", 1, "ingress"),
        (f"{POD}.priority", 10**30, "ingress"),
        (f"{POD}.securityContext", {"fsGroup": 2**63}, "ingress"),
        (f"{POD}.tolerations", [{"key": "a", "operator": "Exists", "tolerationSeconds": 1e300}], "ingress"),
        ("Service:spec.publishNotReadyAddresses", "false", "ingress"),
        (f"{WEB}.args", "--port=1", "ingress"),
        (f"{WEB}.args", ["--quiet", ["--port"]], "ingress"),
        (f"{WEB}.command", "run", "ingress"),
        (f"{WEB}.securityContext", True, "ingress"),
        (f"{WEB}.securityContext", {"capabilities": {"drop": "ALL"}}, "ingress"),
        (f"{WEB}.tty", "yes", "ingress"),
        (f"{WEB}.stdin", 1, "ingress"),
        (f"{WEB}.envFrom", [{"prefix": 1}], "ingress"),
        (f"{WEB}.envFrom", {"configMapRef": {"name": "web"}}, "ingress"),
        (f"{WEB}.env", [{"name": "A", "valueFrom": {"secretKeyRef": "web"}}], "ingress"),
        (f"{WEB}.readinessProbe.httpGet.httpHeaders", [{"name": "Accept", "value": 1}], "ingress"),
        (f"{POD}.tolerations", [{"key": "a", "value": 1}], "ingress"),
        (f"{POD}.tolerations", "all", "ingress"),
        (f"{POD}.tolerations", [{"key": "a", "operator": "Exists", "tolerationSeconds": "5"}], "ingress"),
        (f"{POD}.affinity.nodeAffinity", in_labels("disk", "In", 1), "ingress"),
        (f"{POD}.dnsConfig", {"options": [{"name": "ndots", "value": 2}]}, "ingress"),
        (f"{POD}.imagePullSecrets", ["registry"], "ingress"),
        (f"{POD}.nodeSelector", ["disk"], "ingress"),
        (f"{WEB}.resources", {"limits": "512Mi"}, "ingress"),
        (f"{_FROM}", {"podSelector": {"matchLabels": {"app": 1}}}, "ingress"),
        ("Service:spec.externalIPs", "192.0.2.1", "ingress"),
        (f"{POD}.securityContext", {"supplementalGroups": ["1"]}, "ingress"),
        (f"{POD}.volumes", [{"name": "tmp", "emptyDir": "yes"}], "ingress"),
        ("Namespace:", claim(), "ingress"),
        ("Namespace:", claim(accessModes=[]), "ingress"),
        ("Namespace:", claim(accessModes=["ReadWriteMay"]), "ingress"),
        ("Namespace:", claim(accessModes=[1]), "ingress"),
        ("Namespace:", claim(accessModes=["ReadWriteOnce"], resources={}), "ingress"),
        ("Namespace:", claim(accessModes=["ReadWriteOnce"], resources={"requests": {"storage": "lots"}}), "ingress"),
        ("Namespace:", claim(accessModes=["ReadWriteOnce"], resources={"requests": {"storage": 0}}), "ingress"),
        ("Namespace:", claim(accessModes=["ReadWriteOnce"], resources={"requests": {"storage": "-1Gi"}}), "ingress"),
        ("Namespace:", claim(accessModes=["ReadWriteOnce"], volumeMode="Blob"), "ingress"),
        ("Namespace:", claim(accessModes=["ReadWriteOnce", "ReadWriteOncePod"]), "ingress"),
        ("NetworkPolicy:spec.podSelector.matchLabels.app", 1, "ingress"),
        ("PodDisruptionBudget:spec.selector.matchLabels.app", 1, "ingress"),
        ("Namespace:", quota(pods="lots"), "ingress"),
        ("Namespace:", quota(pods="-1"), "ingress"),
        ("Namespace:", quota(pods="18500m"), "ingress"),
        ("Namespace:", quota(services="1500m"), "ingress"),
        ("Namespace:", quota(**{"count/services": "1500m"}), "ingress"),
        ("Namespace:", quota(**{"requests.pods": "9"}), "ingress"),
        ("Namespace:", quota(gpus="9"), "ingress"),
        ("Namespace:", scoped("Running", pods="90"), "ingress"),
        ("Namespace:", scoped("BestEffort", "NotBestEffort", pods="90"), "ingress"),
        ("Namespace:", scoped("BestEffort", **{"requests.cpu": "90"}), "ingress"),
        ("Namespace:", scoped("NotTerminating", configmaps="90"), "ingress"),
        ("Namespace:", scoped("NotTerminating", **{"limits.ephemeral-storage": "90"}), "ingress"),
        ("Namespace:", scoped("NotTerminating", **{"requests.hugepages-2Mi": "90"}), "ingress"),
        ("Namespace:", selected("Running", "Exists", pods="90"), "ingress"),
        ("Namespace:", selected("PriorityClass", "Like", "high", pods="90"), "ingress"),
        ("Namespace:", selected("PriorityClass", "In", pods="90"), "ingress"),
        ("Namespace:", selected("PriorityClass", "Exists", "high", pods="90"), "ingress"),
        ("Namespace:", selected("Terminating", "In", "high", pods="90"), "ingress"),
        ("Namespace:", selected("PriorityClass", "Exists", services="90"), "ingress"),
        ("Namespace:", limit_range(default={"cpu": "much"}), "ingress"),
        ("Namespace:", limit_range(min={"cpu": "2"}, max={"cpu": "1"}), "ingress"),
        ("Namespace:", limit_range(defaultRequest={"cpu": "2"}, default={"cpu": "1"}), "ingress"),
        ("Namespace:", limit_range(max={"cpus": "1"}), "ingress"),
        ("Namespace:", limit_range(maxLimitRequestRatio={"cpu": "500m"}) | _FAR, "ingress"),
        ("Namespace:", limit_range(maxLimitRequestRatio={"cpu": "much"}) | _FAR, "ingress"),
        (
            "Namespace:",
            limit_range(min={"cpu": "1"}, max={"cpu": "2"}, maxLimitRequestRatio={"cpu": "3"}) | _FAR,
            "ingress",
        ),
        ("Namespace:", limit_range(type="PersistentVolumeClaim"), "ingress"),
        ("Namespace:", limit_range(type="Pod", default={"cpu": "1"}), "ingress"),
        ("Namespace:", limit_range(type="Node", max={"cpu": "1"}), "ingress"),
        ("Namespace:", {**limit_range(), "spec": {"limits": [_OF_CONTAINERS, _OF_CONTAINERS]}}, "ingress"),
    )
]
"""Of kinds that are Kubernetes' own."""

NOT_SERVED = [
    Edit("HorizontalPodAutoscaler:apiVersion", "autoscaling/v2beta2", _MEANT),
    Edit("PodDisruptionBudget:apiVersion", "policy/v1beta1", _MEANT),
    Edit("NetworkPolicy:apiVersion", "extensions/v1beta1", _MEANT),
    Edit("FrontendConfig:apiVersion", "networking.gke.io/v1", _MEANT),
]

BY_ADMISSION = [Edit("Namespace:metadata.labels", {_LEVEL: "restricted"}, "pods-are-admitted")]
"""Not the object: its pods."""

BY_GKE = [
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
        ("Gateway:spec.listeners.0.port", GONE, "gateway"),
        ("Gateway:spec.listeners.0.tls.certificateRefs.0.kind", "ManagedCertificate", "gateway"),
        ("HTTPRoute:spec.hostnames", ["www.example.com:443"], "gateway"),
        ("HTTPRoute:spec.rules.0.backendRefs.0.port", GONE, "gateway"),
        ("HTTPRoute:spec.rules.0.filters", [{"type": "RequestRedirect", "requestRedirect": {}}], "gateway"),
        ("HTTPRoute:spec.rules.0.matches.0.path.value", "app", "gateway"),
        ("HTTPRoute:spec.rules.0.matches.0.path.type", "Regex", "gateway"),
        (f"{_CONFIG}.type", "http", "gateway"),
        (f"{_CONFIG}.type", "HTTPS", "gateway"),
        (f"{_CONFIG}.httpHealthCheck.portSpecification", GONE, "gateway"),
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
