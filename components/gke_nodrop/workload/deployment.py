"""The Deployment: how its pods are replaced, spread and counted; and its disruption budget.

All times are those of a `Rollout`, written by `nodrop.rollout.manifest`. Not here: the pods themselves (`pods`),
scaling (`autoscaling`).
"""

from math import ceil
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from gke_nodrop.shared import options
from gke_nodrop.shared.names import PORT_NAME, labels
from gke_nodrop.workload import pods
from gke_nodrop.workload.containers import Fields
from gke_nodrop.workload.pods import HEALTH_PORT_NAME, PodsArgs
from gke_nodrop.workload.sources import Sources
from nodrop.gke.nodes import HOST_NAME, ZONE
from nodrop.rollout import Rollout
from nodrop.rollout.manifest import deployment_fields, spread

TIMEOUT_MARGIN_SECONDS = 300
"""Beyond what Kubernetes itself may take, for finalizers and a slow API. Source: chosen."""


def update_seconds(rollout: Rollout) -> int:
    """How long Pulumi may wait for a rollout: every batch takes the time to available, plus one progress deadline.

    Source: kubernetes/kubernetes pkg/controller/deployment/rolling.go.
    """
    batches = ceil(rollout.replicas_at_most / rollout.max_surge)
    return ceil(batches * rollout.seconds_to_available) + rollout.progress_deadline_seconds


def timeouts(update_seconds: int, grace_seconds: int) -> pulumi.CustomTimeouts:
    """How long Pulumi waits: for a rollout `update_seconds`, for the end the pods' grace period and a margin."""
    return pulumi.CustomTimeouts(
        create=f"{update_seconds}s", update=f"{update_seconds}s", delete=f"{grace_seconds + TIMEOUT_MARGIN_SECONDS}s"
    )


def deployment(
    name: str,
    namespace: pulumi.Input[str],
    args: PodsArgs,
    *,
    rollout: Rollout,
    accept: dict[str, str],
    read: Sources,
    health_port: int | None = None,
    service_account: pulumi.Input[str] | None = None,
    opts: pulumi.ResourceOptions,
) -> "k8s.apps.v1.Deployment":
    """The Deployment; its rollouts are awaited, so it must not get pulumi.com/skipAwait.

    Where an autoscaler decides, `spec.replicas` is the least number at creation and Pulumi's no more: changes to it are
    ignored. An update of anything else then leaves the pods as many as the autoscaler wants: the provider takes the
    field out of what it applies if another manager owns it, as the autoscaler does after its first decision, and else
    sends the live value. Source: pulumi/pulumi-kubernetes provider/pkg/await/await.go, handleSSAIgnoreFields. To leave
    the field out altogether would run one pod at creation, and when autoscaling is turned on for a live service.
    """
    health = HEALTH_PORT_NAME if health_port else None
    timed = deployment_fields(rollout, name, PORT_NAME, health_port=health, accept=accept)
    template: Fields = {
        "metadata": {"labels": labels(name)},
        "spec": {
            **pods.pod(name, args, timed["spec"]["template"]["spec"], read, health_port),
            **({"serviceAccountName": service_account} if service_account is not None else {}),
            "topologySpreadConstraints": [
                spread(labels(name), ZONE, "DoNotSchedule"),
                spread(labels(name), HOST_NAME, "ScheduleAnyway"),
            ],
        },
    }
    spec: Any = {
        **timed["spec"],
        "replicas": rollout.replicas,
        "selector": {"matchLabels": labels(name)},
        "template": template,
    }
    return k8s.apps.v1.Deployment(
        name,
        metadata={"name": name, "namespace": namespace, **timed["metadata"]},
        spec=spec,
        opts=options.child_after(
            opts,
            custom_timeouts=timeouts(update_seconds(rollout), rollout.termination_grace_period_seconds),
            ignore_changes=["spec.replicas"] if rollout.max_replicas is not None else None,
        ),
    )


def disruption_budget(
    name: str, namespace: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> "k8s.policy.v1.PodDisruptionBudget":
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
