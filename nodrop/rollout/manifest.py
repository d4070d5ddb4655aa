"""A rollout's numbers as the fields of a Deployment and of a BackendConfig, as plain data in the API's own names.

Only what the numbers decide; image, ports, labels and the rest are the caller's. Reading fields is what `nodrop.paths`
does.
"""

from collections.abc import Mapping
from typing import Any

from nodrop.rollout import annotations, waivers
from nodrop.rollout.facts import READINESS_GATE
from nodrop.rollout.health_checks import Probe
from nodrop.rollout.timing import Rollout

Fields = dict[str, Any]

ZONE_LABEL = "topology.kubernetes.io/zone"
"""A node's label. Source: kubernetes.io, Well-Known Labels."""


def deployment_fields(
    rollout: Rollout,
    container: str,
    port: int | str,
    *,
    labels: Mapping[str, str] | None = None,
    accept: Mapping[str, str] | None = None,
) -> Fields:
    """Annotations and spec of the Deployment.

    Args:
        rollout: whose numbers to write; where an autoscaler decides, `spec.replicas` is left to it.
        container: name of the serving container.
        port: the number or name of its port.
        labels: that select the pods; without them there is no spread over zones, whatever `rollout` relies on.
        accept: rules that the owner waives, reason by name; those that cannot take effect are left out.
    """
    strategy: Fields = {"type": rollout.strategy}
    if rollout.strategy == "RollingUpdate":
        strategy["rollingUpdate"] = {"maxSurge": rollout.max_surge, "maxUnavailable": rollout.max_unavailable}
    pod: Fields = {"terminationGracePeriodSeconds": rollout.termination_grace_period_seconds}
    if rollout.readiness_gate:
        pod["readinessGates"] = [{"conditionType": READINESS_GATE}]
    if labels and rollout.placement and rollout.placement.zones and rollout.placement.spreads_each_version_over_zones:
        pod["topologySpreadConstraints"] = [_spread_over_zones(labels)]
    pod["containers"] = [_container(rollout, container, port)]
    autoscaled = rollout.max_replicas is not None
    return {
        "metadata": {"annotations": _behaviour(rollout) | waivers.annotation(accept or {})},
        "spec": {
            **({} if autoscaled else {"replicas": rollout.replicas}),
            "strategy": strategy,
            "minReadySeconds": rollout.min_ready_seconds,
            "progressDeadlineSeconds": rollout.progress_deadline_seconds,
            "template": {"spec": pod},
        },
    }


def backend_config_fields(rollout: Rollout) -> Fields:
    """Spec of the BackendConfig."""
    check = rollout.health_check
    return {
        "spec": {
            "timeoutSec": rollout.backend_timeout_seconds,
            "connectionDraining": {"drainingTimeoutSec": rollout.draining_timeout_seconds},
            "healthCheck": {
                "type": "HTTP",
                "requestPath": check.path,
                "checkIntervalSec": check.check_interval_seconds,
                "timeoutSec": check.timeout_seconds,
                "healthyThreshold": check.healthy_threshold,
                "unhealthyThreshold": check.unhealthy_threshold,
            },
        }
    }


def _behaviour(rollout: Rollout) -> dict[str, str]:
    return annotations.behaviour(
        longest_request_seconds=rollout.longest_request_seconds,
        startup_seconds=rollout.startup_seconds,
        keep_alive_timeout_seconds=rollout.keep_alive_timeout_seconds,
        on_term=rollout.on_term,
    )


def _spread_over_zones(labels: Mapping[str, str]) -> Fields:
    return {
        "maxSkew": 1,
        "topologyKey": ZONE_LABEL,
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": dict(labels)},
        "matchLabelKeys": ["pod-template-hash"],
        "nodeTaintsPolicy": "Honor",
    }


def _container(rollout: Rollout, name: str, port: int | str) -> Fields:
    container: Fields = {"name": name}
    probes = (
        ("startupProbe", rollout.startup_probe),
        ("readinessProbe", rollout.readiness_probe),
        ("livenessProbe", rollout.liveness_probe),
    )
    container |= {kind: _probe(probe, port) for kind, probe in probes if probe is not None}
    if rollout.pre_stop_seconds:
        container["lifecycle"] = {"preStop": {"sleep": {"seconds": rollout.pre_stop_seconds}}}
    return container


def _probe(probe: Probe, port: int | str) -> Fields:
    action = {"httpGet": {"path": probe.path, "port": port}} if probe.path else {"tcpSocket": {"port": port}}
    delay = {"initialDelaySeconds": probe.initial_delay_seconds} if probe.initial_delay_seconds else {}
    return {
        **action,
        **delay,
        "periodSeconds": probe.period_seconds,
        "timeoutSeconds": probe.timeout_seconds,
        "successThreshold": probe.success_threshold,
        "failureThreshold": probe.failure_threshold,
    }
