"""How many pods the other objects of a namespace have at most, so far as the objects say it."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NamedTuple

from nodrop.paths.deployers import helm_hooks
from nodrop.paths.fields import MAX_INTEGER, UNKNOWN, Field, Manifest, ref_of, whole
from nodrop.paths.problems import ReadingError
from nodrop.paths.requests import may_be_filled_in
from nodrop.paths.vertical_scaling import VERTICAL_AUTOSCALER, resources_set
from nodrop.rollout import ObjectRef

_WITH_REPLICAS = ("Deployment", "ReplicaSet", "ReplicationController", "StatefulSet")
_WITH_PODS = (*_WITH_REPLICAS, "CronJob", "DaemonSet", "Job", "Pod")
_MAKING_PODS = (*_WITH_PODS, "Rollout")
"""Kinds that state how many pods they make; a pod of another kind's, such as a database's operator, counts itself."""
_KEPT_REVISIONS = 10
"""Source: Kubernetes API, DeploymentSpec, revisionHistoryLimit."""
_TESTS = frozenset({"test", "test-success", "test-failure"})
_ENDS = ("Complete", "Failed")
_KEDA_MOST = 100
"""Source: KEDA, ScaledObject specification, maxReplicaCount."""


class CountedWorkload(NamedTuple):
    """One that has pods."""

    object: ObjectRef
    pods: int | None
    """At most; None: not known."""
    pod: Field
    """What it says of each; unreadable where it says nothing readable."""
    resources_set: frozenset[str] = frozenset()
    """Resources of which a VerticalPodAutoscaler sets what the pods request."""
    filled_in: bool = False
    """Whether GKE may state what containers of the pods do not."""
    replica_sets: int | None = None
    """That it has at most while it rolls out; None: not known."""
    labels: Mapping[str, Any] = MappingProxyType({})
    """Of its pods; none where they cannot be read."""


def read_workload(
    manifest: Manifest, autoscalers: Iterable[Manifest], *, autopilot: bool | None
) -> CountedWorkload | None:
    """The pods of an object; None: it has none, or they are counted with the object that made it.

    `autoscalers` decide about its replicas or what its pods request; `autopilot`: whether its cluster is an Autopilot
    one; None: not known.
    """
    given = whole(manifest)
    try:
        template = template_of(given)
        pod, labels = template["spec"], template["metadata"]["labels"].mapping()
        if pod["containers"].value is None or _maker_of(given):
            return None
        scaling = [whole(each) for each in autoscalers]
        vertical = [each for each in scaling if each["kind"].value == VERTICAL_AUTOSCALER]
        others = [each for each in scaling if each["kind"].value != VERTICAL_AUTOSCALER]
        resources = frozenset[str]().union(*(resources_set(each, pod) for each in vertical))
        filled_in = may_be_filled_in(pod, autopilot)
        pods, replica_sets = _pods(given, others), _replica_sets(given)
        return CountedWorkload(given.object, pods, pod, resources, filled_in, replica_sets, labels)
    except ReadingError:
        return (
            CountedWorkload(given.object, None, Field(UNKNOWN, given.object))
            if given["kind"].value in _WITH_PODS
            else None
        )


def fewest_pods(given: Field, autoscalers: Iterable[Field]) -> int:
    """The pods of a workload that states its replicas, at least; 0 for other objects. Raises ReadingError.

    `autoscalers` decide about it.
    """
    if given["kind"].value not in _WITH_REPLICAS or _maker_of(given):
        return 0
    stated = _number(given["spec"]["replicas"])
    scaled = [_least(each) for each in autoscalers if each["kind"].value != VERTICAL_AUTOSCALER]
    counts = scaled if scaled and stated != 0 else [stated]
    return 0 if None in counts else min(each for each in counts if each is not None)


def made_by_others(objects: Iterable[Manifest]) -> set[ObjectRef]:
    """Workloads that another one of the objects has made, such as the ReplicaSets of a Deployment and their pods.

    Not those of one that has no pods any more, such as the Jobs of a suspended CronJob.
    """
    workloads = [each for each in objects if each.get("kind") in _MAKING_PODS]
    makers: dict[ObjectRef, ObjectRef] = {}
    making: set[ObjectRef] = set()
    for each in workloads:
        with suppress(ReadingError):
            if maker := _maker_of(whole(each)):
                makers[ref_of(each)] = maker
            if not has_no_pods(whole(each)):
                making.add(ref_of(each))
    return {made for made, maker in makers.items() if maker in making}


def _maker_of(given: Field) -> ObjectRef | None:
    """The workload whose controller made it. Raises ReadingError.

    Source: kubernetes.io, Owners and dependents; Kubernetes API, OwnerReference, controller.
    """
    for owner in given["metadata"]["ownerReferences"].entries():
        if owner["kind"].value in _MAKING_PODS and owner["controller"].value is True:
            return replace(given.object, kind=str(owner["kind"].value), name=str(owner["name"].value))
    return None


def _least(autoscaler: Field) -> int | None:
    spec, kind = autoscaler["spec"], autoscaler["kind"].value
    if kind == "HorizontalPodAutoscaler":
        return _number(spec["minReplicas"])
    return _number(spec["minReplicaCount"], 0) if kind == "ScaledObject" else None


def template_of(given: Field) -> Field:
    """The metadata and spec of a workload's pods; a Pod's are its own. Raises ReadingError."""
    kind, spec = given["kind"].value, given["spec"]
    if kind == "Pod":
        return given
    return (spec["jobTemplate"]["spec"] if kind == "CronJob" else spec)["template"]


def _pods(given: Field, autoscalers: list[Field]) -> int | None:
    """At most; a HorizontalPodAutoscaler does not act on a workload of 0 replicas.

    Source: kubernetes/kubernetes pkg/controller/podautoscaler/horizontal.go, ScalingDisabled.
    """
    kind, spec = given["kind"].value, given["spec"]
    if has_no_pods(given):
        return 0
    if kind == "Pod":
        return 1
    if kind == "Job":
        return _number(spec["parallelism"])
    if kind == "CronJob" and spec["concurrencyPolicy"].value in ("Forbid", "Replace"):
        return _number(spec["jobTemplate"]["spec"]["parallelism"])
    if kind not in _WITH_REPLICAS:
        return None
    stated = _number(spec["replicas"])
    scaled = [_most(each) for each in autoscalers if stated != 0 or each["kind"].value != "HorizontalPodAutoscaler"]
    if not scaled:
        return stated
    return None if None in scaled else max(each for each in scaled if each is not None)


def _replica_sets(given: Field) -> int | None:
    """Of a Deployment those of its history, of the version before and of the new one.

    Source: kubernetes.io, Deployments, clean up policy.
    """
    kind = given["kind"].value
    if kind == "Deployment":
        kept = _number(given["spec"]["revisionHistoryLimit"], _KEPT_REVISIONS)
        return None if kept is None else kept + 2
    return {"Rollout": None, "ReplicaSet": 1}.get(str(kind), 0)


def has_no_pods(given: Field) -> bool:
    """Whether it has finished, waits for somebody to let it run, or is one that only `helm test` makes.

    Raises ReadingError.

    Source: kubernetes/kubernetes pkg/quota/v1/evaluator/core/pods.go, QuotaV1Pod; Kubernetes API, JobSpec, JobStatus
    and CronJobSpec, suspend; Helm, Chart tests.
    """
    kind, status = given["kind"].value, given["status"]
    hooks = helm_hooks(given["metadata"]["annotations"])
    if kind in ("Pod", "Job") and hooks and hooks <= _TESTS:
        return True
    if kind == "Pod":
        return status["phase"].value in ("Succeeded", "Failed")
    if kind in ("Job", "CronJob") and given["spec"]["suspend"].value is True:
        return True
    ends = [each["status"].value for each in status["conditions"].entries() if each["type"].value in _ENDS]
    return kind == "Job" and (status["completionTime"].value is not None or "True" in ends)


def _most(autoscaler: Field) -> int | None:
    if autoscaler["kind"].value == "HorizontalPodAutoscaler":
        most = autoscaler["spec"]["maxReplicas"]
        return None if most.value is None else _number(most)
    if autoscaler["kind"].value == "ScaledObject":
        return _number(autoscaler["spec"]["maxReplicaCount"], _KEDA_MOST)
    return None


def _number(field: Field, default: int = 1) -> int | None:
    number = default if field.value is None else field.number()
    return number if number is None or 0 <= number <= MAX_INTEGER else None
