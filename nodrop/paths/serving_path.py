"""A serving path: one way from the load balancer to a workload, and what can be read from the objects along it.

How paths are found among objects is in `resolve`; the load balancer's health check, which several objects decide
together, is read in `health_check`.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from nodrop.gke import defaults
from nodrop.gke.gateways import PROTOCOLS
from nodrop.gke.ingresses import CLASS, CLASS_EXTERNAL
from nodrop.gke.services import NEG
from nodrop.paths.containers import container_called
from nodrop.paths.fields import Field, Manifest, is_unknown_or_masked, whole
from nodrop.paths.health_check import kubelet_probe, load_balancer_check, policy_check, policy_states_check, protocol_of
from nodrop.paths.pre_stops import PreStops
from nodrop.rollout import HealthCheck, Probe, resolve_surge_and_unavailable


class Backend(StrEnum):
    """What the load balancer's backend service holds."""

    NEG = "NEG"
    """Network endpoint groups: the pods themselves."""
    INSTANCE_GROUP = "NodePort"
    """Instance groups: nodes, where kube-proxy chooses a pod."""


@dataclass(frozen=True, kw_only=True)
class ServingPath:
    """From an Ingress or Gateway over one port of a Service to a Deployment.

    The objects are as given. Readings apply the defaults of Kubernetes and of GKE's controllers. They raise
    `ReadingError` where a field has no readable value; those of a path that `resolve` returns never do.
    """

    namespace: str
    """The Service's and the Deployment's."""
    entry: Manifest
    """The Ingress or Gateway: what makes the load balancer."""
    http_routes: tuple[Manifest, ...] = ()
    """All readable HTTPRoutes of the Gateway, whether they lead here or not; none behind an Ingress."""
    routes: tuple[str, ...]
    """The rules that lead here, as host and path (`*`: any host), or `default` for an Ingress's default backend; of a
    rule that splits its requests among Services, with the Service behind it, such as `*/ [web]`."""
    service: Manifest
    service_port: Manifest
    """The entry of the Service's `spec.ports`."""
    backend: Backend
    backend_config: Manifest | None
    """Counts behind an Ingress only."""
    backend_policy: Manifest | None = None
    """The Service's GCPBackendPolicy; counts behind a Gateway only."""
    health_check_policy: Manifest | None = None
    """The Service's HealthCheckPolicy; counts behind a Gateway only."""
    deployment: Manifest
    container: str
    """Name of the container that owns the target port."""
    target_port: int
    distinction: str = ""
    """What the name says besides, where other paths would have the same one."""
    autoscaler: Manifest | None = None
    """The HorizontalPodAutoscaler of the Deployment."""

    @property
    def name(self) -> str:
        """Namespace and Service, such as `demo/web`; `demo/web via Gateway front` behind a Gateway.

        So the two paths of a Service behind both kinds have two names; `distinction` tells others apart.
        """
        service = f"{self.namespace}/{whole(self.service)['metadata']['name'].text()}"
        gateway = f" via Gateway {whole(self.entry)['metadata']['name'].text()}" if self.by_gateway else ""
        return f"{service}{gateway}{self.distinction}"

    @property
    def governing(self) -> tuple[Manifest, ...]:
        """What governs its backend: BackendConfig, GCPBackendPolicy, HealthCheckPolicy, as far as it has them."""
        return tuple(filter(None, (self.backend_config, self.backend_policy, self.health_check_policy)))

    @cached_property
    def pod(self) -> Field:
        """What the Deployment's pod template says of its pods (`spec.template.spec`)."""
        return self._spec["template"]["spec"]

    @property
    def by_gateway(self) -> bool:
        """Whether the entry is a Gateway, so that policies govern the backend, and no BackendConfig."""
        return self.entry.get("kind") == "Gateway"

    @property
    def neg_is_assumed(self) -> bool:
        """Whether a cluster that does not annotate Services itself would send through node ports instead.

        Such as one with routes, or in a Shared VPC. It refuses a ClusterIP Service, and other classes know NEGs only.
        Source: Google, GKE Ingress for Application Load Balancers, container-native load balancing.
        """
        service, entry = whole(self.service), whole(self.entry)
        stated_class = entry["metadata"]["annotations"][CLASS].value
        by_default = not self.by_gateway and stated_class in (None, CLASS_EXTERNAL)
        has_node_ports = service["spec"]["type"].value in ("NodePort", "LoadBalancer")
        states_nothing = service["metadata"]["annotations"][NEG].value is None
        return self.backend is Backend.NEG and by_default and has_node_ports and states_nothing

    @property
    def replicas(self) -> int:
        """Pods that the Deployment wants; the autoscaler's least number where there is one that acts."""
        if scaler := self._acting_autoscaler:
            return scaler["spec"]["minReplicas"].integer(default=1)
        return self._spec["replicas"].integer(default=1)

    @property
    def max_replicas(self) -> int | None:
        """The autoscaler's greatest number; none where there is no autoscaler that acts."""
        scaler = self._acting_autoscaler
        return scaler["spec"]["maxReplicas"].integer(default=1) if scaler else None

    @property
    def strategy(self) -> str:
        """`RollingUpdate` or `Recreate`."""
        return self._spec["strategy"]["type"].text() or "RollingUpdate"

    @property
    def max_surge(self) -> int:
        """Pods that a rollout may add, percentages resolved; 0 where the strategy is not RollingUpdate."""
        return self._surge_and_unavailable[0]

    @property
    def max_unavailable(self) -> int:
        """Pods that may be unavailable in a rollout, percentages resolved; 0 unless the strategy is RollingUpdate."""
        return self._surge_and_unavailable[1]

    @property
    def surge_and_unavailable_scaled(self) -> tuple[int | None, int | None]:
        """Both at the autoscaler's greatest number; none where there is no autoscaler, or no rolling update."""
        most = self.max_replicas
        if most is None or self.strategy != "RollingUpdate":
            return None, None
        return self._resolved(most)

    @property
    def min_ready_seconds(self) -> int:
        """Seconds that a pod must be ready before it counts as available."""
        return self._spec["minReadySeconds"].integer(default=0)

    @property
    def progress_deadline_seconds(self) -> int:
        """Seconds without progress after which the rollout is reported as failed."""
        return self._spec["progressDeadlineSeconds"].integer(default=defaults.PROGRESS_DEADLINE_SECONDS)

    @property
    def termination_grace_period_seconds(self) -> int:
        """Seconds from a pod's deletion until KILL."""
        return self.pod["terminationGracePeriodSeconds"].integer(default=defaults.GRACE_PERIOD_SECONDS)

    @property
    def readiness_gates(self) -> tuple[str, ...]:
        """Condition types of the gates that the pod template itself declares; GKE injects its own at admission."""
        gates = (gate["conditionType"].text() for gate in self.pod["readinessGates"].entries())
        return tuple(gate for gate in gates if gate)

    @property
    def containers(self) -> tuple[str, ...]:
        """Names of the pod's ordinary containers, without native sidecars."""
        return tuple(name for name in (entry["name"].text() for entry in self.pod["containers"].entries()) if name)

    @cached_property
    def pre_stops(self) -> PreStops:
        """What the pod's preStops do, and how long they hold TERM back from the serving container."""
        return PreStops(pod=self.pod, serving=self.container, ordinary=self.containers)

    @property
    def readiness_probe(self) -> Probe | None:
        """The serving container's readiness probe; none if it has none or it is not an httpGet one."""
        return kubelet_probe(container_called(self.pod, self.container)["readinessProbe"])

    @property
    def backend_timeout_seconds(self) -> int:
        """Seconds that the load balancer waits for a response."""
        return self._backend["timeoutSec"].integer(default=defaults.BACKEND_TIMEOUT_SECONDS)

    @property
    def draining_timeout_seconds(self) -> int:
        """Seconds that requests in flight get when an endpoint leaves the load balancer."""
        draining = self._backend["connectionDraining"]["drainingTimeoutSec"]
        return draining.integer(default=defaults.DRAINING_TIMEOUT_SECONDS)

    @property
    def session_affinity(self) -> str | None:
        """By what the load balancer keeps a client with a pod, such as `GENERATED_COOKIE`; None: it does not."""
        affinity = self._backend["sessionAffinity"]
        if not is_unknown_or_masked(affinity.value):
            affinity = affinity["type" if self.by_gateway else "affinityType"]
        stated = affinity.value
        return None if stated in (None, "", "NONE") else str(stated)

    @cached_property
    def health_check(self) -> HealthCheck:
        """The load balancer's health check, as GKE's controllers make it."""
        if self.by_gateway:
            return policy_check(self._health_check_policy, self.protocol)
        return load_balancer_check(
            service=whole(self.service),
            service_port=Field(self.service_port, whole(self.service).object, "spec.ports[]"),
            pod=self.pod,
            backend_config=self._backend,
            from_nodes=self.backend is Backend.INSTANCE_GROUP,
        )

    @property
    def protocol(self) -> str | None:
        """What the load balancer speaks to the pods: `HTTP`, `HTTPS`, `HTTP2`, `HTTP2 in clear`; None: unknown."""
        port = Field(self.service_port, whole(self.service).object, "spec.ports[]")
        if self.by_gateway:
            return PROTOCOLS.get(port["appProtocol"].text() or "HTTP")
        return protocol_of(whole(self.service), port)

    @property
    def states_check(self) -> bool:
        """Whether BackendConfig or HealthCheckPolicy states what the health check asks; else it is inferred."""
        if self.by_gateway:
            return policy_states_check(self._health_check_policy)
        return self._backend["healthCheck"]["requestPath"].text() is not None

    @cached_property
    def _spec(self) -> Field:
        return whole(self.deployment)["spec"]

    @property
    def _acting_autoscaler(self) -> Field | None:
        """The autoscaler, unless 0 replicas turn it off.

        Source: kubernetes/kubernetes pkg/controller/podautoscaler/horizontal.go, ScalingDisabled.
        """
        turned_off = self._spec["replicas"].integer(default=1) == 0
        return whole(self.autoscaler) if self.autoscaler and not turned_off else None

    @cached_property
    def _backend(self) -> Field:
        """What governs the backend service; the fields have the same names in both kinds."""
        if self.by_gateway:
            return whole(self.backend_policy or {})["spec"]["default"]
        return whole(self.backend_config or {})["spec"]

    @cached_property
    def _health_check_policy(self) -> Field:
        return whole(self.health_check_policy or {})["spec"]["default"]

    @cached_property
    def _surge_and_unavailable(self) -> tuple[int, int]:
        if self.strategy != "RollingUpdate":
            return 0, 0
        return self._resolved(self.replicas)

    def _resolved(self, replicas: int) -> tuple[int, int]:
        rolling = self._spec["strategy"]["rollingUpdate"]
        surge, unavailable = (_pods_or_share(rolling[key]) for key in ("maxSurge", "maxUnavailable"))
        return resolve_surge_and_unavailable(surge, unavailable, replicas)


def _pods_or_share(field: Field) -> int | str:
    """A number of pods or a percentage, checked."""
    value = defaults.SURGE_AND_UNAVAILABLE if field.value is None else field.number()
    if value is None:
        value = str(field.value)
    try:
        resolve_surge_and_unavailable(value, value, 0)
    except ValueError:
        raise field.error('a number of pods such as 1 or a percentage such as "25%"') from None
    return value
