"""What a broken rule says: the input, its value, what is wrong with it, the source, and what would pass.

Also the sources that rules cite. The rules themselves are in `rules`.
"""

from dataclasses import dataclass
from enum import StrEnum

MEASURED = "measured on GKE"
LIFECYCLE = "kubernetes.io, Pod Lifecycle, termination of Pods"
GOOGLE_GUIDE = "Google, Container-native load balancing through Ingress"
GOOGLE_TIMEOUTS = "Google, External Application Load Balancer overview, timeouts and retries"
GOOGLE_DRAINING = "Google, Enabling connection draining"
GOOGLE_BACKENDS = "Google, Backend services overview"
GOOGLE_CHECKS = "Google, Health checks overview"
REFLECTOR = "kubernetes/ingress-gce pkg/neg/readiness/reflector.go"
HEALTH_CHECKS = "kubernetes/ingress-gce pkg/translator/healthchecks.go"
DEPLOYMENTS = "kubernetes.io, Deployments"
DISRUPTIONS = "kubernetes.io, Disruptions"
BUDGETS = "kubernetes.io, Specifying a Disruption Budget for your Application"
PROBES = "kubernetes.io, Liveness, Readiness, and Startup Probes"
HOOKS = "kubernetes.io, Container Lifecycle Hooks"
SIDECARS = "kubernetes.io, Sidecar Containers"
NAMESPACES = "kubernetes.io, Namespaces Walkthrough"
NETWORK_POLICIES = "kubernetes.io, Network Policies"
SERVICES = "kubernetes.io, Service"
KUBERNETES_API = "Kubernetes API, int32"
EMPTY_ZONES = "kubernetes/ingress-gce#1718 and kubernetes/kubernetes#124306"
MOVED_ROUTES = "kubernetes/ingress-gce#1756"
MEMBERSHIP = "kubernetes/ingress-gce pkg/neg/types/types.go"
NEG_ANNOTATION = "kubernetes/ingress-gce pkg/annotations/service.go, NegAnnotation"
FIND_PORT = "kubernetes/kubernetes pkg/api/v1/pod, FindPort"
NODE_SHUTDOWN = "kubernetes/kubernetes#116965"
MANAGED_CERTIFICATES = "Google, Using Google-managed SSL certificates on GKE"
INGRESS_FEATURES = "Google, Ingress configuration on GKE"
ADDRESSES = "Google, Reserving a static external IP address"
ARMOR = "Google, Cloud Armor, preview mode"
SSL_POLICIES = "Google, SSL policies for SSL and TLS protocols"
WORKLOAD_IDENTITY = "Google, Authenticate to Google Cloud APIs from GKE workloads"
AUTOSCALER_REPLICAS = "kubernetes/website#29739"
GOOGLE_AUTOSCALER = "Google, About GKE cluster autoscaling"
GOOGLE_UPGRADES = "Google, Standard cluster upgrades"
GOOGLE_SPOT = "Google, Spot VMs on GKE"
REPLACEMENTS = "pulumi/pulumi-kubernetes provider/pkg/provider/diff.go"
NODE_JS = "nodejs.org, HTTP, server.headersTimeout"
THIS_MODEL = "this model"

Value = float | str | tuple[str, ...]


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    """Requests will be lost, or an API will refuse the value."""
    WARNING = "warning"
    """Requests may be lost, or the margin that Google recommends is not kept."""
    NOT_JUDGED = "not judged"
    """Nothing is said about lost requests. Never counts as passed."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One broken rule, and what would keep it."""

    rule: str
    """Stable kebab-case name."""
    severity: Severity
    input: str
    """The input to change, such as `rollout.pre_stop_seconds`."""
    value: Value
    """Its value now."""
    seen: str
    """What is wrong with that value, with the numbers that it was held against."""
    why: str
    source: str
    would_pass: Value
    """A value of `input` that would keep this rule, all else equal; a sentence where no value would."""

    def __str__(self) -> str:
        return (
            f"{self.input} = {self.value}: {self.seen}; {self.why} [{self.rule}, {self.severity}; {self.source}]. "
            f"Would pass: {self.would_pass}"
        )
