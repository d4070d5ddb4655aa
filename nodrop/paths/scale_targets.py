"""Which workload a HorizontalPodAutoscaler scales: it finds it by API group, kind and name.

Source: kubernetes/kubernetes pkg/controller/podautoscaler/horizontal.go, scaleForResourceMappings; #86032. A
VerticalPodAutoscaler finds Kubernetes' own workloads by kind and name alone: kubernetes/autoscaler
vertical-pod-autoscaler/pkg/target/fetcher.go.
"""

from collections.abc import Mapping

from nodrop.gke.kinds import group_of
from nodrop.paths.fields import Field, is_unknown_or_masked

GROUPS: Mapping[str, str] = {
    "Deployment": "apps",
    "StatefulSet": "apps",
    "ReplicaSet": "apps",
    "ReplicationController": "",
}
"""API groups of Kubernetes' workloads that have a number of replicas, by kind."""
WITHOUT_OTHERS_WORKLOADS = ("", "apps", "extensions", "autoscaling", "batch", "argoproj.io")
"""API groups that are known to have no kind of the name of one of Kubernetes' workloads in another group."""


def is_in_its_group(target: Field) -> bool:
    """Whether a reference names its kind in the kind's own group, whatever the version; of other kinds it may."""
    group, version = GROUPS.get(str(target["kind"].value)), target["apiVersion"].value
    return group is None or is_unknown_or_masked(version) or group_of(version) == group


def is_astray(target: Field) -> bool:
    """Whether a reference names a kind of Kubernetes' workloads in a group of which nothing is known."""
    return not is_in_its_group(target) and group_of(target["apiVersion"].value) not in WITHOUT_OTHERS_WORKLOADS


def kinds_of(group: str) -> list[str]:
    """The kinds of one of Kubernetes' own groups that have a number of replicas."""
    return [kind for kind, own in GROUPS.items() if own == group]
