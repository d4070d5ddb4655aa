"""The Deployment of a `WebService`: how its pods come, prove themselves, spread and go; and its disruption budget.

All times are those of a `Rollout`. Not here: the container itself (`workload`), scaling.
"""

from math import ceil

import pulumi
import pulumi_kubernetes as k8s

from gke_nodrop import workload
from gke_nodrop.service import labels
from gke_nodrop.workload import PORT_NAME, Sources, WorkloadArgs
from nodrop.rollout import Probe, Rollout
from nodrop.rollout.facts import READINESS_GATE

TIMEOUT_MARGIN_SECONDS = 300
"""Beyond what Kubernetes itself may take, for finalizers and a slow API. Source: chosen."""


def update_seconds(rollout: Rollout) -> int:
    """How long Pulumi may wait for a rollout: every batch takes the time to available, plus one progress deadline.

    Source: kubernetes/kubernetes pkg/controller/deployment/rolling.go.
    """
    batches = ceil(rollout.replicas / rollout.max_surge)
    return ceil(batches * rollout.seconds_to_available) + rollout.progress_deadline_seconds


def timeouts(update_seconds: int, grace_seconds: int) -> pulumi.CustomTimeouts:
    """How long Pulumi waits: for a rollout `update_seconds`, for the end the pods' grace period and a margin."""
    return pulumi.CustomTimeouts(
        create=f"{update_seconds}s", update=f"{update_seconds}s", delete=f"{grace_seconds + TIMEOUT_MARGIN_SECONDS}s"
    )


def deployment(
    name: str,
    namespace: str,
    args: WorkloadArgs,
    *,
    rollout: Rollout,
    liveness_path: str | None,
    annotations: dict[str, str],
    read: Sources,
    opts: pulumi.ResourceOptions,
) -> "k8s.apps.v1.Deployment":
    """The Deployment; its rollouts are awaited, so it must not get pulumi.com/skipAwait."""
    awaited = timeouts(update_seconds(rollout), rollout.termination_grace_period_seconds)
    return k8s.apps.v1.Deployment(
        name,
        metadata={"name": name, "namespace": namespace, "annotations": annotations},
        spec=k8s.apps.v1.DeploymentSpecArgs(
            replicas=rollout.replicas,
            selector=k8s.meta.v1.LabelSelectorArgs(match_labels=labels(name)),
            strategy=k8s.apps.v1.DeploymentStrategyArgs(
                type=rollout.strategy,
                rolling_update=k8s.apps.v1.RollingUpdateDeploymentArgs(
                    max_surge=rollout.max_surge, max_unavailable=rollout.max_unavailable
                ),
            ),
            min_ready_seconds=rollout.min_ready_seconds,
            progress_deadline_seconds=rollout.progress_deadline_seconds,
            template=k8s.core.v1.PodTemplateSpecArgs(
                metadata=k8s.meta.v1.ObjectMetaArgs(labels=labels(name)),
                spec=_pod(name, args, rollout, liveness_path, read),
            ),
        ),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(custom_timeouts=awaited)),
    )


def _pod(
    name: str, args: WorkloadArgs, rollout: Rollout, liveness_path: str | None, read: Sources
) -> "k8s.core.v1.PodSpecArgs":
    # GKE adds the gate where a load balancer serves the pod; declared, it can be seen and rehearsed. It never blocks
    # elsewhere. Source: kubernetes/ingress-gce pkg/neg/readiness/reflector.go.
    gates = [k8s.core.v1.PodReadinessGateArgs(condition_type=READINESS_GATE)] if rollout.readiness_gate else None
    return k8s.core.v1.PodSpecArgs(
        readiness_gates=gates,
        termination_grace_period_seconds=rollout.termination_grace_period_seconds,
        automount_service_account_token=False,
        security_context=workload.pod_security(args),
        topology_spread_constraints=[
            # Within one version (pod-template-hash), or the old pods would decide where the new ones go. Zones whose
            # nodes the pod does not tolerate do not count, or it would wait for them.
            _spread(name, "topology.kubernetes.io/zone", "DoNotSchedule"),
            _spread(name, "kubernetes.io/hostname", "ScheduleAnyway"),
        ],
        containers=[_container(name, args, rollout, liveness_path, read)],
        volumes=workload.volumes(read),
    )


def _spread(name: str, topology_key: str, otherwise: str) -> "k8s.core.v1.TopologySpreadConstraintArgs":
    return k8s.core.v1.TopologySpreadConstraintArgs(
        max_skew=1,
        topology_key=topology_key,
        when_unsatisfiable=otherwise,
        label_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=labels(name)),
        match_label_keys=["pod-template-hash"],
        node_taints_policy="Honor",
    )


def _container(
    name: str, args: WorkloadArgs, rollout: Rollout, liveness_path: str | None, read: Sources
) -> "k8s.core.v1.ContainerArgs":
    container = workload.container(name, args, read)
    if rollout.pre_stop_seconds:
        # The kubelet itself sleeps: no shell in the image is needed. Kubernetes 1.30 and newer.
        sleep = k8s.core.v1.SleepActionArgs(seconds=rollout.pre_stop_seconds)
        container.lifecycle = k8s.core.v1.LifecycleArgs(pre_stop=k8s.core.v1.LifecycleHandlerArgs(sleep=sleep))
    if rollout.readiness_probe is not None:
        container.readiness_probe = _probe(rollout.readiness_probe, rollout.readiness_probe.path)
    if rollout.startup_probe is not None:
        container.startup_probe = _probe(rollout.startup_probe, rollout.startup_probe.path)
    if rollout.liveness_probe is not None:
        container.liveness_probe = _probe(rollout.liveness_probe, liveness_path)
    return container


def _probe(timing: Probe, path: str | None) -> "k8s.core.v1.ProbeArgs":
    """A probe of that path, or of the port alone."""
    return k8s.core.v1.ProbeArgs(
        http_get=k8s.core.v1.HTTPGetActionArgs(path=path, port=PORT_NAME) if path else None,
        tcp_socket=None if path else k8s.core.v1.TCPSocketActionArgs(port=PORT_NAME),
        period_seconds=timing.period_seconds,
        timeout_seconds=timing.timeout_seconds,
        success_threshold=timing.success_threshold,
        failure_threshold=timing.failure_threshold,
    )


def disruption_budget(name: str, namespace: str, opts: pulumi.ResourceOptions) -> "k8s.policy.v1.PodDisruptionBudget":
    """One pod at a time may be evicted; an unhealthy one always, or a broken version would block every drain.

    Source: kubernetes.io, Specifying a Disruption Budget, unhealthy pod eviction policy.
    """
    return k8s.policy.v1.PodDisruptionBudget(
        name,
        metadata={"name": name, "namespace": namespace},
        spec={
            "max_unavailable": 1,
            "selector": {"match_labels": labels(name)},
            "unhealthy_pod_eviction_policy": "AlwaysAllow",
        },
        opts=opts,
    )
