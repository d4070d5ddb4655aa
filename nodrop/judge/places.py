"""Which field of which object each input of the rules stands for.

An input that no object can state has no place.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nodrop.gke.applications import (
    ACCEPT,
    KEEP_ALIVE_TIMEOUT_SECONDS,
    LONGEST_REQUEST_SECONDS,
    ON_TERM,
    STARTUP_SECONDS,
)
from nodrop.gke.ingresses import MANAGED_CERTIFICATES
from nodrop.gke.pods import CONTAINER_FIELDS
from nodrop.gke.services import APP_PROTOCOLS, BACKEND_CONFIG, NEG
from nodrop.paths import Manifest, ServingPath
from nodrop.paths.fields import Field, whole
from nodrop.paths.rollout import Early, stopping_early
from nodrop.rollout import Diagnostic

_NO_BACKEND_CONFIG, _NO_POLICY = "metadata.annotations", "metadata"
"""Of a Service: where an input stands that only an object states which nothing attaches to it; which of them it is, the
route decides."""
_POD = "spec.template.spec"
_ROLLING = "spec.strategy.rollingUpdate"


@dataclass(frozen=True)
class FieldPlace:
    """A field of an object; it may be absent there."""

    manifest: Manifest
    field: str


@dataclass(frozen=True, kw_only=True)
class Roles:
    """The objects of a path by what they do."""

    path: ServingPath
    autoscaler: Manifest | None = None
    budgets: tuple[Manifest, ...] = ()
    network_policies: tuple[Manifest, ...] = ()
    frontend_config: Manifest | None = None
    quota: FieldPlace | None = None
    """What leaves the fewest pods."""
    spot_by_default: FieldPlace | None = None
    """Where the Namespace lets the pods run on Spot nodes."""
    stated_at: Mapping[str, Field] = field(default_factory=dict)
    """Where the serving container states a fact about the application, by its name."""


_Placed = Callable[[Roles], FieldPlace | None]


def place_of(name: str, roles: Roles) -> FieldPlace | None:
    """Where the input of that name stands, such as `rollout.pre_stop_seconds`; None: in no object."""
    placed = _PLACES.get(name)
    group, _, rest = name.partition(".")
    if group == "rollout" and rest in roles.stated_at:
        return FieldPlace(roles.path.deployment, roles.stated_at[rest].path)
    if placed is None:
        placed = _GROUPS.get(group, lambda _, __: None)
        return placed(roles, rest)
    return placed(roles)


def _deployment(field: str) -> _Placed:
    return lambda roles: FieldPlace(roles.path.deployment, field)


def _service(field: str) -> _Placed:
    return lambda roles: FieldPlace(roles.path.service, field)


def _entry(field: str) -> _Placed:
    return lambda roles: FieldPlace(roles.path.entry, field)


def _annotation(key: str) -> _Placed:
    return _deployment(f"metadata.annotations[{key}]")


def _container(field: str, name: str | None = None) -> _Placed:
    return lambda roles: FieldPlace(
        roles.path.deployment, f"{container_path(roles.path.deployment, name or roles.path.container)}.{field}"
    )


def container_path(deployment: Manifest, name: str) -> str:
    """Where a container or native sidecar of that name stands; the first container if none has it."""
    pod = deployment["spec"]["template"]["spec"]
    for key in CONTAINER_FIELDS:
        for number, each in enumerate(pod.get(key) or ()):
            if isinstance(each, dict) and each.get("name") == name:
                return f"{_POD}.{key}[{number}]"
    return f"{_POD}.containers[0]"


def _backend(field: str) -> _Placed:
    def placed(roles: Roles) -> FieldPlace:
        path = roles.path
        if path.by_gateway and path.backend_policy:
            return FieldPlace(path.backend_policy, f"spec.default.{field}")
        if not path.by_gateway and path.backend_config:
            return FieldPlace(path.backend_config, f"spec.{field}")
        return FieldPlace(path.service, _NO_POLICY if path.by_gateway else _NO_BACKEND_CONFIG)

    return placed


def _check(field: str) -> _Placed:
    def placed(roles: Roles) -> FieldPlace | None:
        path, policy = roles.path, roles.path.health_check_policy
        if path.by_gateway and policy:
            default = "spec.default"
            if field not in ("requestPath", "port"):
                return FieldPlace(policy, f"{default}.{'config.type' if field == 'type' else field}")
            kind = (((policy.get("spec") or {}).get("default") or {}).get("config") or {}).get("type") or "HTTP"
            return FieldPlace(policy, f"{default}.config.{str(kind).lower()}HealthCheck.{field}")
        return FieldPlace(path.service, _NO_POLICY) if path.by_gateway else _backend(f"healthCheck.{field}")(roles)

    return placed


def unattached(found: Diagnostic) -> str | None:
    """The field that would state the finding's input, and of which object, where the Service has none; else None."""
    if found.object is None or found.object.kind != "Service":
        return None
    backend, asked = _BACKEND.get(found.input), _CHECK.get(found.input)
    if found.field == _NO_BACKEND_CONFIG and (backend or asked):
        field = backend or f"healthCheck.{asked}"
        return f"spec.{field} of a BackendConfig that the Service's annotation {BACKEND_CONFIG} names"
    if found.field == _NO_POLICY and backend:
        return f"spec.default.{backend} of a GCPBackendPolicy that targets the Service"
    if found.field == _NO_POLICY and asked:
        return f"{asked} of a HealthCheckPolicy that targets the Service"
    return None


def _replicas(roles: Roles) -> FieldPlace:
    stated = whole(roles.path.deployment)["spec"]["replicas"]
    if roles.autoscaler and stated.number() != 0:
        keda = roles.autoscaler.get("kind") == "ScaledObject"
        return FieldPlace(roles.autoscaler, "spec.minReplicaCount" if keda else "spec.minReplicas")
    return FieldPlace(roles.path.deployment, "spec.replicas")


def _early(group: Callable[[Early], tuple[str, ...]]) -> _Placed:
    def placed(roles: Roles) -> FieldPlace:
        name = next(iter(group(stopping_early(roles.path))), roles.path.container)
        return FieldPlace(roles.path.deployment, f"{container_path(roles.path.deployment, name)}.lifecycle.preStop")

    return placed


def _budget(field: str) -> _Placed:
    return lambda roles: FieldPlace(roles.budgets[0], field) if roles.budgets else None


def _policies(roles: Roles) -> FieldPlace | None:
    return FieldPlace(roles.network_policies[0], "spec.ingress") if roles.network_policies else None


def _frontend(roles: Roles) -> FieldPlace | None:
    return FieldPlace(roles.frontend_config, "spec.redirectToHttps") if roles.frontend_config else None


_BACKEND = {
    "rollout.backend_timeout_seconds": "timeoutSec",
    "rollout.draining_timeout_seconds": "connectionDraining.drainingTimeoutSec",
}
"""Inputs that a BackendConfig or GCPBackendPolicy states, by their field."""
_CHECK = {
    "rollout.health_check_is_explicit": "requestPath",
    "health_check.path": "requestPath",
    "health_check.port": "port",
    "health_check.type": "type",
    "health_check.check_interval_seconds": "checkIntervalSec",
    "health_check.timeout_seconds": "timeoutSec",
    "health_check.healthy_threshold": "healthyThreshold",
    "health_check.unhealthy_threshold": "unhealthyThreshold",
}
"""Inputs that a BackendConfig's healthCheck or a HealthCheckPolicy states, by their field."""
_PLACES: Mapping[str, _Placed] = {
    "replicas": _replicas,
    "rollout.strategy": _deployment("spec.strategy.type"),
    "rollout.max_surge": _deployment(f"{_ROLLING}.maxSurge"),
    "rollout.max_unavailable": _deployment(f"{_ROLLING}.maxUnavailable"),
    "rollout.min_ready_seconds": _deployment("spec.minReadySeconds"),
    "rollout.progress_deadline_seconds": _deployment("spec.progressDeadlineSeconds"),
    "rollout.pre_stop_seconds": _container("lifecycle.preStop"),
    "rollout.pre_stop_image": _container("image"),
    "rollout.containers_that_stop_early": _early(lambda early: early.needed),
    "rollout.other_containers_that_stop_early": _early(lambda early: early.others),
    "rollout.termination_grace_period_seconds": _deployment(f"{_POD}.terminationGracePeriodSeconds"),
    "rollout.readiness_gate": _deployment(f"{_POD}.readinessGates"),
    "rollout.longest_request_seconds": _annotation(LONGEST_REQUEST_SECONDS),
    "rollout.startup_seconds": _annotation(STARTUP_SECONDS),
    "rollout.keep_alive_timeout_seconds": _annotation(KEEP_ALIVE_TIMEOUT_SECONDS),
    "rollout.on_term": _annotation(ON_TERM),
    **{name: _backend(field) for name, field in _BACKEND.items()},
    **{name: _check(field) for name, field in _CHECK.items()},
    "placement.spot": lambda roles: roles.spot_by_default or FieldPlace(roles.path.deployment, _POD),
    "placement.node": _deployment(_POD),
    "placement.refused_by_pools": _deployment(_POD),
    "placement.all_on_one_node": _deployment(f"{_POD}.affinity.podAffinity"),
    "placement.one_pod_a_zone": _deployment(f"{_POD}.affinity.podAntiAffinity"),
    "placement.one_pod_a_node": _deployment(f"{_POD}.affinity.podAntiAffinity"),
    "placement.volumes_of_one_pod": _deployment(f"{_POD}.volumes"),
    "placement.volumes_of_one_node": _deployment(f"{_POD}.volumes"),
    "placement.disks_of_one_node": _deployment(f"{_POD}.volumes"),
    "placement.host_ports": _deployment(_POD),
    "placement.pod_quota": lambda roles: roles.quota,
    "rollout.containers_without_memory": _deployment(_POD),
    "wiring.app_protocols_annotation": _service(f"metadata.annotations[{APP_PROTOCOLS}]"),
    "wiring.front.managed_certificates": _entry(f"metadata.annotations[{MANAGED_CERTIFICATES}]"),
    "placement.disruption_budget.allowed_disruptions": _budget("spec"),
    "placement.disruption_budget.always_allows_unhealthy": _budget("spec.unhealthyPodEvictionPolicy"),
    "wiring.neg_annotation": _service(f"metadata.annotations[{NEG}]"),
    "wiring.backend_config_annotation": _service(f"metadata.annotations[{BACKEND_CONFIG}]"),
    "wiring.selector": _service("spec.selector"),
    "wiring.target_port": _service("spec.ports"),
    "wiring.publishes_not_ready_addresses": _service("spec.publishNotReadyAddresses"),
    "wiring.external_traffic_policy": _service("spec.externalTrafficPolicy"),
    "wiring.states_replicas": _deployment("spec.replicas"),
    "wiring.pod_labels": _deployment("spec.template.metadata.labels"),
    "wiring.admitted_ranges": _policies,
    "wiring.front.redirects_nowhere": _frontend,
    "wiring.ports_declared_twice": _deployment(_POD),
    "rollout.containers_without_command": _deployment(_POD),
    "rollout.failing_pre_stops": _deployment(_POD),
    "wiring.front.schemes": _entry("metadata.annotations"),
}

_PROBE_FIELDS = {
    "path": "httpGet.path",
    "port": "httpGet.port",
    "period_seconds": "periodSeconds",
    "timeout_seconds": "timeoutSeconds",
    "success_threshold": "successThreshold",
    "failure_threshold": "failureThreshold",
    "initial_delay_seconds": "initialDelaySeconds",
    "termination_grace_period_seconds": "terminationGracePeriodSeconds",
}


def _probe(kind: str) -> Callable[[Roles, str], FieldPlace | None]:
    return lambda roles, name: _container(f"{kind}.{_PROBE_FIELDS[name]}" if name else kind)(roles)


_GROUPS: Mapping[str, Callable[[Roles, str], FieldPlace | None]] = {
    "readiness_probe": _probe("readinessProbe"),
    "liveness_probe": _probe("livenessProbe"),
    "startup_probe": _probe("startupProbe"),
}


def waiver_place(roles: Roles) -> FieldPlace:
    """Where the Deployment states its waivers."""
    return FieldPlace(roles.path.deployment, f"metadata.annotations[{ACCEPT}]")
