"""What Kubernetes and GKE's controllers take where an object states nothing, each with its unit and source."""

GRACE_PERIOD_SECONDS = 30
"""terminationGracePeriodSeconds. Source: kubernetes.io, Pod Lifecycle."""

PROGRESS_DEADLINE_SECONDS = 600
"""progressDeadlineSeconds. Source: kubernetes.io, Deployments."""

SURGE_SHARE = 0.25
"""maxSurge and maxUnavailable of a Deployment, each a share of its replicas. Source: kubernetes.io, Deployments."""

SURGE_AND_UNAVAILABLE = f"{SURGE_SHARE:.0%}"
"""The same as a manifest states it."""

PROBE_PERIOD_SECONDS = 10
PROBE_TIMEOUT_SECONDS = 1
PROBE_SUCCESS_THRESHOLD = 1
PROBE_FAILURE_THRESHOLD = 3
"""Of a kubelet's probe; thresholds in consecutive answers.
Source: kubernetes.io, Configure Liveness, Readiness and Startup Probes."""

BACKEND_TIMEOUT_SECONDS = 30
"""A backend service's response timeout. Source: Google, Backend services overview."""

DRAINING_TIMEOUT_SECONDS = 0
"""A backend service's connection draining. Source: Google, Enabling connection draining; behind a Gateway
GoogleCloudPlatform/gke-gateway-api apis/networking/v1/gcpbackendpolicy_types.go."""
