"""What of a path is not judged because a VerticalPodAutoscaler changes its pods.

It evicts by the eviction API, which keeps to a PodDisruptionBudget; without one it evicts up to half of the pods within
a minute, and none that replaces them has to be ready first. Source: kubernetes/autoscaler vertical-pod-autoscaler,
pkg/updater/main.go and pkg/updater/restriction; docs/known-limitations.md.
"""

from collections.abc import Iterable, Iterator

from nodrop.judge.judgement import Assumption, Unjudged
from nodrop.paths import Manifest, ServingPath
from nodrop.paths.fields import Field, is_unknown_or_masked, whole
from nodrop.paths.scale_targets import is_astray
from nodrop.paths.vertical_scaling import VERTICAL_AUTOSCALER, evicts, mode_of, resizes_in_place, resources_set
from nodrop.rollout import Origin

_BOUNDS = ("min", "max", "maxLimitRequestRatio")


def of_vertical_autoscalers(path: ServingPath, beside: Iterable[Manifest]) -> Iterator[Unjudged]:
    """Why a path is not judged because of them; `beside` are the objects that concern it. Raises ReadingError."""
    objects = [whole(each) for each in beside]
    acting = _acting(path, objects)
    for second in acting[1:]:
        yield _reason(second, "a second one of the same Deployment; which of them acts is not defined")
    for each in acting:
        resources = resources_set(each, path.pod)
        if evicts(each) and not _of_kind(objects, "PodDisruptionBudget"):
            yield _reason(
                each,
                "it may evict half of the pods at a time, before others replace them, as no PodDisruptionBudget "
                "selects them; what that does to requests is not modelled",
            )
        for container in path.pod["containers"].entries() if resizes_in_place(each) else ():
            for policy in container["resizePolicy"].entries():
                if policy["resourceName"].value in resources and policy["restartPolicy"].value == "RestartContainer":
                    why = f"it may restart a container that the load balancer sends to: {policy.path}"
                    yield _reason(each, why)
        yield from _beside_counts(each, resources, objects)
        yield from _beside_bounds(each, resources, objects)


def assumed_of_vertical_autoscalers(path: ServingPath, beside: Iterable[Manifest]) -> Iterator[Assumption]:
    """What the verdict rests on where one sets what pods request. Raises ReadingError."""
    for each in _acting(path, [whole(each) for each in beside]):
        yield Assumption(
            name="nodes", value=f"have room for pods of the size that {each.object} sets", origin=Origin.DEFAULT
        )


def _acting(path: ServingPath, objects: Iterable[Field]) -> list[Field]:
    """Those that change the pods."""
    return [each for each in _of_kind(objects, VERTICAL_AUTOSCALER) if resources_set(each, path.pod)]


def _beside_counts(autoscaler: Field, resources: frozenset[str], objects: Iterable[Field]) -> Iterator[Unjudged]:
    """Source: docs/known-limitations.md, of HorizontalPodAutoscalers on the same resource."""
    counting = _of_kind(objects, "HorizontalPodAutoscaler")
    for each in (each for each in counting if not is_astray(each["spec"]["scaleTargetRef"])):
        for resource in sorted(resources & _measured(each)):
            why = f"it sets the {resource} by whose use {each.object} counts pods; how many that leaves is not modelled"
            yield _reason(autoscaler, why)


def _measured(autoscaler: Field) -> frozenset[str]:
    """The resources of pods by whose use a HorizontalPodAutoscaler counts them; cpu where it states nothing.

    Source: Kubernetes API, HorizontalPodAutoscalerSpec v2, metrics.
    """
    metrics = autoscaler["spec"]["metrics"].entries()
    if not metrics:
        return frozenset({"cpu"})
    names = [each[kind]["name"].value for each in metrics for kind in ("resource", "containerResource")]
    return frozenset({"cpu", "memory"}) if any(map(is_unknown_or_masked, names)) else frozenset(map(str, names))


def _beside_bounds(autoscaler: Field, resources: frozenset[str], objects: Iterable[Field]) -> Iterator[Unjudged]:
    """It keeps to LimitRanges unless its own policy says otherwise. Source: docs/features.md, limits control."""
    for each in _of_kind(objects, "LimitRange"):
        for item in each["spec"]["limits"].entries():
            bounded = resources & {key for bound in _BOUNDS for key in item[bound].mapping()}
            if item["type"].value in ("Container", "Pod") and bounded:
                why = f"whether the {' and '.join(sorted(bounded))} that it sets is within {each.object} is not known"
                yield _reason(autoscaler, why)


def _of_kind(objects: Iterable[Field], kind: str) -> list[Field]:
    return [each for each in objects if each["kind"].value == kind]


def _reason(autoscaler: Field, why: str) -> Unjudged:
    return Unjudged(autoscaler.object, mode_of(autoscaler).path, why)
