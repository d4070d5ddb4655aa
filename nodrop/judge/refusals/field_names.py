"""Names of the fields that an object may have, by which a misspelt one is known."""

from collections.abc import Mapping

DEFINED_IN: Mapping[str, str] = {
    "BackendConfig": "kubernetes/ingress-gce pkg/apis/backendconfig/v1/types.go",
    "FrontendConfig": "kubernetes/ingress-gce pkg/apis/frontendconfig/v1beta1/types.go",
    "GCPBackendPolicy": "GoogleCloudPlatform/gke-gateway-api apis/networking/v1/gcpbackendpolicy_types.go",
    "HTTPRoute": "kubernetes-sigs/gateway-api apis/v1/httproute_types.go",
    "HealthCheckPolicy": "GoogleCloudPlatform/gke-gateway-api apis/networking/v1/healthcheck_types.go",
}
"""Where the fields of a kind that Kubernetes itself does not have are defined."""
NAMES: Mapping[str, str] = {
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
    "BackendConfigSpec": """
        cdn connectionDraining customRequestHeaders customResponseHeaders healthCheck iap logging securityPolicy
        sessionAffinity timeoutSec
    """,
    "BackendConfigConnectionDraining": """
        drainingTimeoutSec
    """,
    "BackendConfigHealthCheck": """
        checkIntervalSec healthyThreshold port requestPath timeoutSec type unhealthyThreshold
    """,
    "BackendConfigLogging": """
        enable sampleRate
    """,
    "BackendConfigSessionAffinity": """
        affinityCookieTtlSec affinityType
    """,
    "FrontendConfigSpec": """
        redirectToHttps sslPolicy
    """,
    "FrontendConfigRedirect": """
        enabled responseCodeName
    """,
    "GCPBackendPolicySpec": """
        default targetRef
    """,
    "GCPBackendPolicyConfig": """
        backendPreference connectionDraining iap logging maxRatePerEndpoint scopes securityPolicy sessionAffinity
        timeoutSec
    """,
    "GCPBackendPolicyConnectionDraining": """
        drainingTimeoutSec
    """,
    "GCPBackendPolicySessionAffinity": """
        cookieTtlSec type
    """,
    "GCPBackendPolicyLogging": """
        enabled sampleRate
    """,
    "HealthCheckPolicySpec": """
        default targetRef
    """,
    "HealthCheckPolicyConfig": """
        checkIntervalSec config healthyThreshold logConfig timeoutSec unhealthyThreshold
    """,
    "HealthCheck": """
        grpcHealthCheck http2HealthCheck httpHealthCheck httpsHealthCheck tcpHealthCheck type
    """,
    "TCPHealthCheck": """
        port portName portSpecification proxyHeader request response
    """,
    "HTTPHealthCheck": """
        host port portName portSpecification proxyHeader requestPath response
    """,
    "GRPCHealthCheck": """
        grpcServiceName port portName portSpecification
    """,
    "HTTPRouteSpec": """
        hostnames parentRefs rules useDefaultGateways
    """,
    "HTTPRouteRule": """
        backendRefs filters matches name retry sessionPersistence timeouts
    """,
    "HTTPBackendRef": """
        filters group kind name namespace port weight
    """,
    "HTTPRouteMatch": """
        headers method path queryParams
    """,
    "HTTPRouteTimeouts": """
        backendRequest request
    """,
}
"""All fields of a type, by its name in the API, or by kind and field where several kinds have a type of that name."""
OF_KIND: Mapping[str, str] = {
    "BackendConfig": "BackendConfigSpec",
    "Deployment": "DeploymentSpec",
    "FrontendConfig": "FrontendConfigSpec",
    "GCPBackendPolicy": "GCPBackendPolicySpec",
    "HTTPRoute": "HTTPRouteSpec",
    "HealthCheckPolicy": "HealthCheckPolicySpec",
    "HorizontalPodAutoscaler": "HorizontalPodAutoscalerSpec",
    "Ingress": "IngressSpec",
    "PodDisruptionBudget": "PodDisruptionBudgetSpec",
    "Service": "ServiceSpec",
}
"""The type of a kind's `spec`."""
BELOW: Mapping[str, Mapping[str, str]] = {
    "BackendConfigSpec": {
        "connectionDraining": "BackendConfigConnectionDraining",
        "healthCheck": "BackendConfigHealthCheck",
        "logging": "BackendConfigLogging",
        "sessionAffinity": "BackendConfigSessionAffinity",
    },
    "Container": {
        "lifecycle": "Lifecycle",
        **dict.fromkeys(("livenessProbe", "readinessProbe", "startupProbe"), "Probe"),
        "ports": "ContainerPort",
    },
    "DeploymentSpec": {"strategy": "DeploymentStrategy", "template": "PodTemplateSpec"},
    "DeploymentStrategy": {"rollingUpdate": "RollingUpdateDeployment"},
    "FrontendConfigSpec": {"redirectToHttps": "FrontendConfigRedirect"},
    "GCPBackendPolicyConfig": {
        "connectionDraining": "GCPBackendPolicyConnectionDraining",
        "logging": "GCPBackendPolicyLogging",
        "sessionAffinity": "GCPBackendPolicySessionAffinity",
    },
    "GCPBackendPolicySpec": {"default": "GCPBackendPolicyConfig"},
    "HTTPRouteRule": {"backendRefs": "HTTPBackendRef", "matches": "HTTPRouteMatch", "timeouts": "HTTPRouteTimeouts"},
    "HTTPRouteSpec": {"rules": "HTTPRouteRule"},
    "HealthCheck": {
        "grpcHealthCheck": "GRPCHealthCheck",
        **dict.fromkeys(("http2HealthCheck", "httpHealthCheck", "httpsHealthCheck"), "HTTPHealthCheck"),
        "tcpHealthCheck": "TCPHealthCheck",
    },
    "HealthCheckPolicyConfig": {"config": "HealthCheck"},
    "HealthCheckPolicySpec": {"default": "HealthCheckPolicyConfig"},
    "Lifecycle": {"postStart": "LifecycleHandler", "preStop": "LifecycleHandler"},
    "LifecycleHandler": {"httpGet": "HTTPGetAction"},
    "PodSpec": {"containers": "Container", "initContainers": "Container"},
    "PodTemplateSpec": {"spec": "PodSpec"},
    "Probe": {"httpGet": "HTTPGetAction"},
    "ServiceSpec": {"ports": "ServicePort"},
}
"""The types of a type's fields, or of their entries."""
