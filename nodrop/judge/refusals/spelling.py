"""Fields whose names are misspelt: kubectl refuses an object with one, and other tools drop it in silence.

Told only where a known name is near, so that fields of later versions pass.
"""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from nodrop.judge.refusals.refusal import Refusal
from nodrop.paths.fields import Field

_SOURCE = "kubernetes/api types.go of 1.37; kubernetes.io, Server-side field validation"
_WHY = "kubectl refuses the object, and what does not validate drops the field, whose default then holds"
_ALIKE = 0.9
"""Share of what two names have in common from which one is taken for the other. Chosen."""

_NAMES: Mapping[str, str] = {
    "DeploymentSpec": """
        minReadySeconds paused progressDeadlineSeconds replicas revisionHistoryLimit selector strategy template
    """,
    "DeploymentStrategy": """
        rollingUpdate type
    """,
    "RollingUpdateDeployment": """
        maxSurge maxUnavailable
    """,
    "PodTemplateSpec": """
        metadata spec
    """,
    "PodSpec": """
        activeDeadlineSeconds affinity automountServiceAccountToken containers dnsConfig dnsPolicy
        enableServiceLinks ephemeralContainers evictionResponders hostAliases hostIPC hostNetwork hostPID hostUsers
        hostname hostnameOverride imagePullSecrets initContainers nodeName nodeSelector os overhead preemptionPolicy
        priority priorityClassName readinessGates resourceClaims resources restartPolicy runtimeClassName
        schedulerName schedulingGates schedulingGroup securityContext serviceAccount serviceAccountName
        setHostnameAsFQDN shareProcessNamespace subdomain terminationGracePeriodSeconds tolerations
        topologySpreadConstraints volumes
    """,
    "Container": """
        args command env envFrom image imagePullPolicy lifecycle livenessProbe name ports readinessProbe
        resizePolicy resources restartPolicy restartPolicyRules securityContext startupProbe stdin stdinOnce
        terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts workingDir
    """,
    "Probe": """
        exec failureThreshold grpc httpGet initialDelaySeconds periodSeconds successThreshold tcpSocket
        terminationGracePeriodSeconds timeoutSeconds
    """,
    "HTTPGetAction": """
        host httpHeaders path port protocol scheme
    """,
    "Lifecycle": """
        postStart preStop stopSignal
    """,
    "LifecycleHandler": """
        exec httpGet sleep tcpSocket
    """,
    "ContainerPort": """
        containerPort hostIP hostPort name protocol
    """,
    "ServiceSpec": """
        allocateLoadBalancerNodePorts clusterIP clusterIPs externalIPs externalName externalTrafficPolicy
        healthCheckNodePort internalTrafficPolicy ipFamilies ipFamilyPolicy loadBalancerClass loadBalancerIP
        loadBalancerSourceRanges ports publishNotReadyAddresses selector sessionAffinity sessionAffinityConfig
        trafficDistribution type
    """,
    "ServicePort": """
        appProtocol name nodePort port protocol targetPort
    """,
    "PodDisruptionBudgetSpec": """
        maxUnavailable minAvailable selector unhealthyPodEvictionPolicy
    """,
    "HorizontalPodAutoscalerSpec": """
        behavior maxReplicas metrics minReplicas scaleTargetRef
    """,
    "IngressSpec": """
        defaultBackend ingressClassName rules tls
    """,
}
"""All fields of a type by its name in the API, so that none of them counts as misspelt."""
_OF_KIND: Mapping[str, str] = {
    "Deployment": "DeploymentSpec",
    "HorizontalPodAutoscaler": "HorizontalPodAutoscalerSpec",
    "Ingress": "IngressSpec",
    "PodDisruptionBudget": "PodDisruptionBudgetSpec",
    "Service": "ServiceSpec",
}
"""The type of a kind's `spec`."""
_BELOW: Mapping[str, Mapping[str, str]] = {
    "Container": {
        "lifecycle": "Lifecycle",
        **dict.fromkeys(("livenessProbe", "readinessProbe", "startupProbe"), "Probe"),
        "ports": "ContainerPort",
    },
    "DeploymentSpec": {"strategy": "DeploymentStrategy", "template": "PodTemplateSpec"},
    "DeploymentStrategy": {"rollingUpdate": "RollingUpdateDeployment"},
    "Lifecycle": {"postStart": "LifecycleHandler", "preStop": "LifecycleHandler"},
    "LifecycleHandler": {"httpGet": "HTTPGetAction"},
    "PodSpec": {"containers": "Container", "initContainers": "Container"},
    "PodTemplateSpec": {"spec": "PodSpec"},
    "Probe": {"httpGet": "HTTPGetAction"},
    "ServiceSpec": {"ports": "ServicePort"},
}
"""The types of a type's fields, or of their entries."""


def of_spelling(kind: str, given: Field) -> Iterator[Refusal]:
    """What is misspelt in an object of that kind. Raises ReadingError."""
    if kind in _OF_KIND:
        yield from _misspelt(given["spec"], _OF_KIND[kind])


def _misspelt(place: Field, of_type: str) -> Iterator[Refusal]:
    names = _NAMES[of_type].split()
    for key in place.mapping():
        if key not in names and isinstance(key, str) and (meant := _nearest(key, names)):
            yield Refusal(place[key], "is set by a name that the API does not know", meant, _SOURCE, key, _WHY)
    for key, below in _BELOW.get(of_type, {}).items():
        for each in _each(place[key]):
            yield from _misspelt(each, below)


def _each(field: Field) -> Iterable[Field]:
    return field.entries() if isinstance(field.value, list) else [field]


def _nearest(key: str, names: Iterable[str]) -> str | None:
    by_case = {each.lower(): each for each in names}
    near = get_close_matches(key.lower(), by_case, n=1, cutoff=_ALIKE)
    return by_case[near[0]] if near else None
