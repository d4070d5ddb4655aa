"""Variants of a serving path: the same objects with one thing more, less or other. Pure: each returns a new path."""

from collections.abc import Callable
from dataclasses import replace

from nodrop.gke.services import NEG, NO_NEG, READINESS_GATE
from nodrop.paths import Backend, Manifest, ServingPath

_GATE = {"conditionType": READINESS_GATE}


def with_replicas(path: ServingPath, replicas: int) -> ServingPath:
    """The path with that many pods, and no autoscaler, which would choose another number."""
    deployment = {**path.deployment, "spec": {**path.deployment["spec"], "replicas": replicas}}
    return replace(path, deployment=deployment, autoscaler=None)


def without_min_ready(path: ServingPath) -> ServingPath:
    """The path whose new pods count as available as soon as they are ready."""
    spec = {key: value for key, value in path.deployment["spec"].items() if key != "minReadySeconds"}
    return replace(path, deployment={**path.deployment, "spec": spec})


def behind_node_port(path: ServingPath) -> ServingPath:
    """The path whose load balancer reaches the pods through a NodePort; all else stays, the health check too.

    The Service's `sessionAffinity` goes too: it is kube-proxy's, which a NEG passes by.
    """
    metadata = path.service["metadata"]
    annotations = metadata.get("annotations", {}) | {NEG: NO_NEG}
    stated = path.service["spec"].items()
    spec = {key: value for key, value in stated if not key.startswith("sessionAffinity")} | {"type": "NodePort"}
    service = {**path.service, "metadata": {**metadata, "annotations": annotations}, "spec": spec}
    return replace(path, service=service, backend=Backend.INSTANCE_GROUP)


def with_inferred_health_check(path: ServingPath) -> ServingPath:
    """The path whose BackendConfig states no health check, so that GKE infers it from the readiness probe."""
    config = path.backend_config
    if config is None:
        return path
    spec = {name: value for name, value in config["spec"].items() if name != "healthCheck"}
    return replace(path, backend_config={**config, "spec": spec})


def without_pre_stop(path: ServingPath) -> ServingPath:
    """The path whose containers have no preStop; everything else stays, the grace period too."""

    def change(pod: Manifest) -> Manifest:
        groups = {key: pod[key] for key in ("containers", "initContainers") if key in pod}
        return {**pod, **{key: [{**c, "lifecycle": other_hooks(c)} for c in group] for key, group in groups.items()}}

    def other_hooks(container: Manifest) -> Manifest:
        return {hook: action for hook, action in container.get("lifecycle", {}).items() if hook != "preStop"}

    return _with_pod(path, change)


def with_gate(path: ServingPath) -> ServingPath:
    """The path whose pod template declares the NEG readiness gate."""
    return _with_pod(path, lambda pod: {**pod, "readinessGates": [*_other_gates(pod), _GATE]})


def without_gate(path: ServingPath) -> ServingPath:
    """The path whose pod template does not declare the NEG readiness gate (GKE may still inject it)."""
    return _with_pod(path, lambda pod: {**pod, "readinessGates": _other_gates(pod)})


def _other_gates(pod: Manifest) -> list[Manifest]:
    return [gate for gate in pod.get("readinessGates", []) if gate != _GATE]


def _with_pod(path: ServingPath, change: Callable[[Manifest], Manifest]) -> ServingPath:
    spec = path.deployment["spec"]
    template = {**spec["template"], "spec": change(spec["template"]["spec"])}
    return replace(path, deployment={**path.deployment, "spec": {**spec, "template": template}})
