"""The numbers of any rollout by the fields that hold them, and the fields of a Gateway's policies for the same.

`reasons` says of solved ones why; both name the fields alike.
"""

from collections.abc import Mapping

from nodrop.rollout.reasons import Holder
from nodrop.rollout.timing import Rollout

Place = tuple[Holder, str]
"""What holds a number, and its field."""

_GRACE = "spec.template.spec.terminationGracePeriodSeconds"
_DRAINING = "connectionDraining.drainingTimeoutSec"


def numbers(rollout: Rollout) -> Mapping[Place, float | None]:
    """By place; None where the rollout's objects state none, such as a probe that is not there."""
    readiness, startup, liveness = rollout.readiness_probe, rollout.startup_probe, rollout.liveness_probe
    check = rollout.health_check
    autoscaled = rollout.max_replicas is not None
    return {
        (Holder.DEPLOYMENT, "spec.replicas"): None if autoscaled else rollout.replicas,
        (Holder.AUTOSCALER, "spec.minReplicas"): rollout.replicas if autoscaled else None,
        (Holder.AUTOSCALER, "spec.maxReplicas"): rollout.max_replicas,
        (Holder.DEPLOYMENT, "spec.strategy.rollingUpdate.maxSurge"): rollout.max_surge,
        (Holder.DEPLOYMENT, "spec.strategy.rollingUpdate.maxUnavailable"): rollout.max_unavailable,
        (Holder.DEPLOYMENT, "spec.minReadySeconds"): rollout.min_ready_seconds,
        (Holder.DEPLOYMENT, "spec.progressDeadlineSeconds"): rollout.progress_deadline_seconds,
        (Holder.DEPLOYMENT, _GRACE): rollout.termination_grace_period_seconds,
        (Holder.CONTAINER, "lifecycle.preStop.sleep.seconds"): rollout.pre_stop_seconds or None,
        (Holder.CONTAINER, "readinessProbe.periodSeconds"): None if readiness is None else readiness.period_seconds,
        (Holder.CONTAINER, "readinessProbe.timeoutSeconds"): None if readiness is None else readiness.timeout_seconds,
        (Holder.CONTAINER, "readinessProbe.failureThreshold"): None
        if readiness is None
        else readiness.failure_threshold,
        (Holder.CONTAINER, "startupProbe.failureThreshold"): None if startup is None else startup.failure_threshold,
        (Holder.CONTAINER, "livenessProbe.failureThreshold"): None if liveness is None else liveness.failure_threshold,
        (Holder.BACKEND_CONFIG, "spec.timeoutSec"): rollout.backend_timeout_seconds,
        (Holder.BACKEND_CONFIG, f"spec.{_DRAINING}"): rollout.draining_timeout_seconds,
        (Holder.BACKEND_CONFIG, "spec.healthCheck.checkIntervalSec"): check.check_interval_seconds,
        (Holder.BACKEND_CONFIG, "spec.healthCheck.timeoutSec"): check.timeout_seconds,
        (Holder.BACKEND_CONFIG, "spec.healthCheck.healthyThreshold"): check.healthy_threshold,
        (Holder.BACKEND_CONFIG, "spec.healthCheck.unhealthyThreshold"): check.unhealthy_threshold,
        (Holder.APPLICATION, "keep-alive timeout, seconds"): rollout.keep_alive_timeout_seconds,
    }


def for_gateway(place: Place) -> Place:
    """Where behind a Gateway the number stands that behind an Ingress is at that place.

    Source: GoogleCloudPlatform/gke-gateway-api apis/networking/v1, gcpbackendpolicy_types.go and
    healthcheck_types.go.
    """
    holder, field = place
    if holder is not Holder.BACKEND_CONFIG:
        return place
    if field.startswith("spec.healthCheck."):
        return Holder.HEALTH_CHECK_POLICY, field.replace("spec.healthCheck.", "spec.default.")
    return Holder.BACKEND_POLICY, field.replace("spec.", "spec.default.", 1)
