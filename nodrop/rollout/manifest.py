"""A rollout's numbers as fields of a Deployment and of load balancers' policies, as plain data in the API's own names.

Only what the numbers decide; image, labels, access and the rest are the caller's. Reading fields is what `nodrop.paths`
does.
"""

from collections.abc import Mapping
from typing import Any

from nodrop.gke import applications
from nodrop.gke.health_checks import Probe
from nodrop.gke.nodes import ZONE
from nodrop.gke.services import READINESS_GATE
from nodrop.rollout import waivers
from nodrop.rollout.timing import AppProtocol, Rollout

Fields = dict[str, Any]


def deployment_fields(
    rollout: Rollout,
    container: str,
    port: int | str,
    *,
    health_port: int | str | None = None,
    labels: Mapping[str, str] | None = None,
    accept: Mapping[str, str] | None = None,
) -> Fields:
    """Annotations and spec of the Deployment.

    Args:
        rollout: whose numbers to write; where an autoscaler decides, `spec.replicas` is left to it.
        container: name of the serving container.
        port: the number or name of its port.
        health_port: that of the port that answers the probes, in plain HTTP; None: the serving one does.
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
        pod["topologySpreadConstraints"] = [spread(labels, ZONE, "DoNotSchedule")]
    pod["containers"] = [_container(rollout, container, port, health_port)]
    autoscaled = rollout.max_replicas is not None
    behaviour = applications.behaviour(**vars(rollout.behaviour))
    return {
        "metadata": {"annotations": behaviour | waivers.annotation(accept or {})},
        "spec": {
            **({} if autoscaled else {"replicas": rollout.replicas}),
            "strategy": strategy,
            "minReadySeconds": rollout.min_ready_seconds,
            "progressDeadlineSeconds": rollout.progress_deadline_seconds,
            "template": {"spec": pod},
        },
    }


def backend_config_fields(rollout: Rollout, *, health_check_port: int | None = None) -> Fields:
    """Spec of the BackendConfig.

    Args:
        rollout: whose numbers to write.
        health_check_port: number of the port that answers the health check, in plain HTTP; None: each endpoint is asked
            on the port that it serves on, in the protocol that it serves.
    """
    check = rollout.health_check
    return {
        "spec": {
            "timeoutSec": rollout.backend_timeout_seconds,
            "connectionDraining": {"drainingTimeoutSec": rollout.draining_timeout_seconds},
            "healthCheck": {
                "type": _health_check_type(rollout, health_check_port),
                "requestPath": check.path,
                **({} if health_check_port is None else {"port": health_check_port}),
                "checkIntervalSec": check.check_interval_seconds,
                "timeoutSec": check.timeout_seconds,
                "healthyThreshold": check.healthy_threshold,
                "unhealthyThreshold": check.unhealthy_threshold,
            },
        }
    }


def backend_policy_fields(rollout: Rollout, service: str) -> Fields:
    """Spec of the GCPBackendPolicy of a Service: what a BackendConfig says to an Ingress, for a Gateway.

    Source: GoogleCloudPlatform/gke-gateway-api apis/networking/v1/gcpbackendpolicy_types.go.
    """
    return {
        "spec": {
            "default": {
                "timeoutSec": rollout.backend_timeout_seconds,
                "connectionDraining": {"drainingTimeoutSec": rollout.draining_timeout_seconds},
            },
            "targetRef": _service(service),
        }
    }


def health_check_policy_fields(rollout: Rollout, service: str, *, health_check_port: int | None = None) -> Fields:
    """Spec of the HealthCheckPolicy of a Service: the same health check as `backend_config_fields`, for a Gateway.

    The published definition takes a port only together with its portSpecification.
    Source: GoogleCloudPlatform/gke-gateway-api apis/networking/v1/healthcheck_types.go.
    """
    check, kind = rollout.health_check, _health_check_type(rollout, health_check_port)
    port: Fields = {"portSpecification": "USE_SERVING_PORT"}
    if health_check_port is not None:
        port = {"portSpecification": "USE_FIXED_PORT", "port": health_check_port}
    return {
        "spec": {
            "default": {
                "checkIntervalSec": check.check_interval_seconds,
                "timeoutSec": check.timeout_seconds,
                "healthyThreshold": check.healthy_threshold,
                "unhealthyThreshold": check.unhealthy_threshold,
                "config": {"type": kind, f"{kind.lower()}HealthCheck": {**port, "requestPath": check.path}},
            },
            "targetRef": _service(service),
        }
    }


def _health_check_type(rollout: Rollout, health_check_port: int | None) -> str:
    return "HTTP" if health_check_port is not None else rollout.protocol.value


def _service(name: str) -> Fields:
    return {"group": "", "kind": "Service", "name": name}


def spread(labels: Mapping[str, str], topology_key: str, otherwise: str) -> Fields:
    """The constraint that spreads the pods of these labels evenly over the nodes' values of `topology_key`.

    Within one version (pod-template-hash), or the old pods would decide where the new ones go. Nodes that the pod does
    not tolerate do not count, or it would wait for them.
    """
    return {
        "maxSkew": 1,
        "topologyKey": topology_key,
        "whenUnsatisfiable": otherwise,
        "labelSelector": {"matchLabels": dict(labels)},
        "matchLabelKeys": ["pod-template-hash"],
        "nodeTaintsPolicy": "Honor",
    }


def _container(rollout: Rollout, name: str, port: int | str, health_port: int | str | None) -> Fields:
    container: Fields = {"name": name}
    asked: Fields = {"port": port if health_port is None else health_port}
    if health_port is None and rollout.protocol is not AppProtocol.HTTP:
        # HTTP2 too: the kubelet negotiates it. Source: kubernetes/kubernetes pkg/probe/http/http.go.
        asked["scheme"] = "HTTPS"
    probes = (
        ("startupProbe", rollout.startup_probe),
        ("readinessProbe", rollout.readiness_probe),
        ("livenessProbe", rollout.liveness_probe),
    )
    container |= {kind: _probe(probe, port, asked) for kind, probe in probes if probe is not None}
    if rollout.pre_stop_seconds:
        container["lifecycle"] = {"preStop": {"sleep": {"seconds": rollout.pre_stop_seconds}}}
    return container


def _probe(probe: Probe, port: int | str, asked: Fields) -> Fields:
    action = {"httpGet": {"path": probe.path, **asked}} if probe.path else {"tcpSocket": {"port": port}}
    delay = {"initialDelaySeconds": probe.initial_delay_seconds} if probe.initial_delay_seconds else {}
    return {
        **action,
        **delay,
        "periodSeconds": probe.period_seconds,
        "timeoutSeconds": probe.timeout_seconds,
        "successThreshold": probe.success_threshold,
        "failureThreshold": probe.failure_threshold,
    }
