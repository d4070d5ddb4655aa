"""Single edits to a value that the Kubernetes API cannot take: of another type, or no key or value of a label."""

from tests.judge.edits import POD, SPREAD, WEB, Edit, in_labels

_REQUIRED, _PREFERRED = (f"{how}DuringSchedulingIgnoredDuringExecution" for how in ("required", "preferred"))
_NO_KEY = {"matchExpressions": [{"key": "a b", "operator": "Exists"}]}
_NOT_IN = {"key": "app", "operator": "NotIn", "values": ["a b"]}
_WRONG = {"matchExpressions": [_NOT_IN]}
_APART = {"topologyKey": "kubernetes.io/hostname"}
_FROM = "NetworkPolicy:spec.ingress.0.from.0"


def _by_field(key: str, operator: str, *values: str) -> dict[str, object]:
    return {
        _REQUIRED: {"nodeSelectorTerms": [{"matchFields": [{"key": key, "operator": operator, "values": [*values]}]}]}
    }


OF_VALUES = [
    Edit(place, value, "object-is-accepted")
    for place, value in (
        # Keys and values of labels in selectors
        (f"{POD}.nodeSelector", {"disk type": "ssd"}),
        (f"{POD}.nodeSelector.disk", "fast ssd"),
        (f"{POD}.tolerations", [{"key": "a b", "operator": "Exists"}]),
        (f"{POD}.tolerations", [{"key": "Example.com/a", "value": "b"}]),
        (f"{POD}.tolerations", [{"key": "a", "value": "b c"}]),
        (f"{POD}.affinity.nodeAffinity", in_labels("disk type", "Exists")),
        (f"{POD}.affinity.nodeAffinity", in_labels("", "Exists")),
        (f"{POD}.affinity.nodeAffinity", in_labels("disk", "In", "fast ssd")),
        (f"{POD}.affinity.nodeAffinity", in_labels("cores", "Gt", "-1")),
        (f"{POD}.affinity.nodeAffinity", {_PREFERRED: [{"preference": _NO_KEY, "weight": 1}]}),
        (f"{POD}.affinity.nodeAffinity", _by_field("metadata.labels", "In", "a")),
        (f"{POD}.affinity.nodeAffinity", _by_field("metadata.name", "Exists")),
        (f"{POD}.affinity.nodeAffinity", _by_field("metadata.name", "In", "a", "b")),
        (f"{POD}.affinity.podAntiAffinity", {_REQUIRED: [{"topologyKey": "a b"}]}),
        (f"{POD}.affinity.podAntiAffinity", {_REQUIRED: [{**_APART, "labelSelector": _NO_KEY}]}),
        (f"{POD}.affinity.podAffinity", {_REQUIRED: [{**_APART, "labelSelector": _WRONG}]}),
        (f"{POD}.topologySpreadConstraints", [SPREAD | {"labelSelector": _NO_KEY}]),
        ("Deployment:spec.selector.matchExpressions", [{"key": "a b", "operator": "DoesNotExist"}]),
        ("Deployment:spec.selector.matchExpressions", [{"operator": "Exists"}]),
        ("PodDisruptionBudget:spec.selector", _NO_KEY),
        ("PodDisruptionBudget:spec.selector.matchExpressions", [_NOT_IN]),
        ("NetworkPolicy:spec.podSelector.matchExpressions", [_NOT_IN]),
        (_FROM, {"namespaceSelector": _NO_KEY}),
        (_FROM, {"podSelector": {"matchLabels": {"app": "a b"}}}),
        # Types that the API server cannot decode
        (f"{POD}.nodeSelector.disk", 1),
        ("NetworkPolicy:spec.podSelector.matchLabels.app", 1),
        ("PodDisruptionBudget:spec.selector.matchLabels.app", 1),
        (f"{POD}.hostNetwork", "false"),
        (f"{POD}.priorityClassName", 7),
        (f"{POD}.securityContext", {"runAsUser": "1000"}),
        (f"{POD}.volumes", [{"name": "data", "configMap": {"name": "data", "defaultMode": "0644"}}]),
        (f"{WEB}.args", ["--port", 8080]),
        (f"{WEB}.command", ["sleep", 1.5]),
        (f"{WEB}.securityContext", {"privileged": "false"}),
        (f"{WEB}.lifecycle.preStop", {"exec": {"command": ["sleep", 60]}}),
        ("Deployment:spec.paused", "true"),
        ("Deployment:spec.revisionHistoryLimit", 2.5),
        ("Deployment:spec.selector.matchLabels.release", 1),
        (f"{POD}.priority", 10**30),
        (f"{POD}.securityContext", {"fsGroup": 2**63}),
        (f"{POD}.tolerations", [{"key": "a", "operator": "Exists", "tolerationSeconds": 1e300}]),
        ("Service:spec.publishNotReadyAddresses", "false"),
        (f"{WEB}.args", "--port=1"),
        (f"{WEB}.args", ["--quiet", ["--port"]]),
        (f"{WEB}.command", "run"),
        (f"{WEB}.securityContext", True),
        (f"{WEB}.securityContext", {"capabilities": {"drop": "ALL"}}),
        (f"{WEB}.tty", "yes"),
        (f"{WEB}.stdin", 1),
        (f"{WEB}.envFrom", [{"prefix": 1}]),
        (f"{WEB}.envFrom", {"configMapRef": {"name": "web"}}),
        (f"{WEB}.env", [{"name": "A", "valueFrom": {"secretKeyRef": "web"}}]),
        (f"{WEB}.readinessProbe.httpGet.httpHeaders", [{"name": "Accept", "value": 1}]),
        (f"{POD}.tolerations", [{"key": "a", "value": 1}]),
        (f"{POD}.tolerations", "all"),
        (f"{POD}.tolerations", [{"key": "a", "operator": "Exists", "tolerationSeconds": "5"}]),
        (f"{POD}.affinity.nodeAffinity", in_labels("disk", "In", 1)),
        (f"{POD}.dnsConfig", {"options": [{"name": "ndots", "value": 2}]}),
        (f"{POD}.imagePullSecrets", ["registry"]),
        (f"{POD}.nodeSelector", ["disk"]),
        (f"{WEB}.resources", {"limits": "512Mi"}),
        (f"{_FROM}", {"podSelector": {"matchLabels": {"app": 1}}}),
        ("Service:spec.externalIPs", "192.0.2.1"),
        (f"{POD}.securityContext", {"supplementalGroups": ["1"]}),
        (f"{POD}.volumes", [{"name": "tmp", "emptyDir": "yes"}]),
    )
]
"""A text where a number or a list belongs; keys and values of labels in selectors."""
