"""How many pods there are, decided by a HorizontalPodAutoscaler.

Not here: the Deployment's own number, which is then left to it (`deployment`); the autoscaling of nodes (`node_pool`).
"""

from collections.abc import Iterator
from typing import Annotated, Any, NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example
from gke_nodrop.inputs.faults import Fault, fault, shown
from gke_nodrop.inputs.rules import rule
from gke_nodrop.timing.rollout_args import DEFAULT_REPLICAS
from nodrop.gke.kinds import api_version

API = "Kubernetes API, HorizontalPodAutoscaler v2"

DEFAULT_CPU_PERCENT = 60
"""Source: chosen; a new pod gets requests only after its start and the load balancer's verdict, and until then the
others serve the growth."""

DEFAULT_SCALE_DOWN_SECONDS = 300
"""Source: the default of Kubernetes."""


Replicas = Annotated[int, limits.at_least(1, "pods", API), Example(2)]
Amount = Annotated[
    str, limits.matching(r"(?=.*[1-9])[0-9]+(\.[0-9]{1,3})?[mkMG]?", "an amount, such as 30 or 1500m", API)
]
MemoryPercent = Annotated[
    int,
    limits.between(
        1, 99, "percent; at 100 the container is killed", "kubernetes.io, Resource Management for Pods and Containers"
    ),
    Example(80),
]
StabilizationSeconds = Annotated[int, limits.between(0, 3600, "seconds", API)]
MetricLabels = dict[Annotated[str, Example("resource.labels.subscription_id")], Annotated[str, Example("orders")]]


class ExternalMetricArgs(TypedDict):
    """A metric from outside the cluster, with exactly one target."""

    name: Annotated[
        str,
        limits.matching(r"\S+", "a metric's name, without blanks", API),
        Example("pubsub.googleapis.com|subscription|num_undelivered_messages"),
    ]
    """Such as pubsub.googleapis.com|subscription|num_undelivered_messages."""
    labels: NotRequired[MetricLabels]
    """Labels of its time series, such as resource.labels.subscription_id. Default: all series."""
    average_value: NotRequired[Annotated[Amount, Example("30")]]
    """Target for each pod, such as 30."""
    value: NotRequired[Annotated[Amount, Example("300")]]
    """Target for all pods together."""


class PodAutoscalingArgs(TypedDict):
    """Fewest and most pods, and the metrics that decide between them."""

    min_replicas: NotRequired[Replicas]
    """Fewest pods, and how many there are at first. Default 2."""
    max_replicas: Annotated[Replicas, Example(10)]
    """Most pods; the timings of a rollout are judged for this many."""
    cpu_percent: NotRequired[Annotated[int, limits.at_least(1, "percent", API), Example(60)]]
    """Target CPU utilisation, in percent of what the serving container requests. Default 60, where no other metric is
    stated."""
    memory_percent: NotRequired[MemoryPercent]
    """Target memory utilisation, in percent of what the serving container requests, which is also its limit."""
    external_metrics: NotRequired[list[ExternalMetricArgs]]
    """Metrics from outside the cluster. They need an adapter, on GKE that for Cloud Monitoring."""
    scale_up_stabilization_seconds: NotRequired[Annotated[StabilizationSeconds, Example(0)]]
    """Seconds that a higher need must last before pods are added. Default 0."""
    scale_down_stabilization_seconds: NotRequired[Annotated[StabilizationSeconds, Example(300)]]
    """Seconds that a lower need must last before pods are removed. Default 300."""


@rule(PodAutoscalingArgs)
def _fewest_pods_are_no_more_than_most(autoscaling: PodAutoscalingArgs) -> Iterator[Fault]:
    fewest, most = autoscaling.get("min_replicas", DEFAULT_REPLICAS), autoscaling.get("max_replicas")
    if most is not None and fewest > most:
        said = f"must not be less than min_replicas = {fewest}"
        yield fault("max_replicas", most, said, API, shown(fewest))


@rule(ExternalMetricArgs)
def _a_metric_has_one_target(metric: ExternalMetricArgs) -> Iterator[Fault]:
    given = [target for target in ("average_value", "value") if target in metric]
    if len(given) != 1:
        yield Fault(
            input="",
            value=" and ".join(given) or "absent",
            rule="must have exactly one of average_value, value",
            source=API,
            would_pass=shown({"average_value": metric.get("average_value", "30")}),
        )


def autoscaler(
    name: str, namespace: pulumi.Input[str], args: PodAutoscalingArgs, opts: pulumi.ResourceOptions
) -> "k8s.autoscaling.v2.HorizontalPodAutoscaler":
    """The autoscaler of the Deployment of that name."""
    spec: Any = {
        "scaleTargetRef": {"apiVersion": api_version("Deployment"), "kind": "Deployment", "name": name},
        "minReplicas": args.get("min_replicas", DEFAULT_REPLICAS),
        "maxReplicas": args["max_replicas"],
        "metrics": list(_metrics(name, args)),
        "behavior": {
            "scaleUp": {"stabilizationWindowSeconds": args.get("scale_up_stabilization_seconds", 0)},
            "scaleDown": {
                "stabilizationWindowSeconds": args.get("scale_down_stabilization_seconds", DEFAULT_SCALE_DOWN_SECONDS)
            },
        },
    }
    return k8s.autoscaling.v2.HorizontalPodAutoscaler(
        name, metadata={"name": name, "namespace": namespace}, spec=spec, opts=opts
    )


def _metrics(container: str, args: PodAutoscalingArgs) -> Iterator[dict[str, Any]]:
    """CPU and memory are the serving container's alone: the pod's sum would hide its load behind idle sidecars.

    Kubernetes 1.30 and newer. Source: kubernetes.io, Horizontal Pod Autoscaling, container resource metrics.
    """
    others = "memory_percent" in args or args.get("external_metrics")
    stated = {"cpu": args.get("cpu_percent", None if others else DEFAULT_CPU_PERCENT)}
    for resource, percent in {**stated, "memory": args.get("memory_percent")}.items():
        if percent is not None:
            target = {"type": "Utilization", "averageUtilization": percent}
            measured = {"name": resource, "container": container, "target": target}
            yield {"type": "ContainerResource", "containerResource": measured}
    for metric in args.get("external_metrics", []):
        selector = {"selector": {"matchLabels": metric["labels"]}} if metric.get("labels") else {}
        target = (
            {"type": "AverageValue", "averageValue": metric["average_value"]}
            if "average_value" in metric
            else {"type": "Value", "value": metric["value"]}
        )
        yield {"type": "External", "external": {"metric": {"name": metric["name"], **selector}, "target": target}}
