"""Harmful edits of one serving path, wherever its objects come from: each finds its place from the path itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nodrop.paths import ServingPath

Change = Callable[[ServingPath], object]


@dataclass(frozen=True)
class AimedEdit:
    """What is done to the path's objects in place, and the rule meant for it."""

    name: str
    change: Change
    meant: str


def spec(path: ServingPath) -> dict[str, Any]:
    return path.deployment["spec"]


def impatient(port: int) -> dict[str, Any]:
    return {"httpGet": {"path": "/alive", "port": port}, "periodSeconds": 1, "failureThreshold": 1}


def pod(path: ServingPath) -> dict[str, Any]:
    return path.deployment["spec"]["template"]["spec"]


def container(path: ServingPath) -> dict[str, Any]:
    found = [each for each in pod(path)["containers"] if each["name"] == path.container]
    return found[0] if found else pod(path)["containers"][0]


def backend(path: ServingPath) -> dict[str, Any]:
    """The part of BackendConfig or GCPBackendPolicy whose fields have the same names."""
    return path.backend_policy["spec"]["default"] if path.backend_policy else (path.backend_config or {})["spec"]


def check(path: ServingPath) -> dict[str, Any]:
    """The part of BackendConfig or HealthCheckPolicy that states path and port."""
    if path.health_check_policy:
        config = path.health_check_policy["spec"]["default"]["config"]
        return config[f"{config['type'].lower()}HealthCheck"]
    return backend(path)["healthCheck"]


def check_times(path: ServingPath) -> dict[str, Any]:
    """The part of BackendConfig or HealthCheckPolicy that states intervals and thresholds."""
    policy = path.health_check_policy
    return policy["spec"]["default"] if policy else backend(path)["healthCheck"]


def annotate(path: ServingPath, key: str, value: str) -> None:
    path.deployment["metadata"]["annotations"][f"gke-nodrop/{key}"] = value


def rolling(path: ServingPath, **values: Any) -> None:
    path.deployment["spec"]["strategy"] = {"type": "RollingUpdate", "rollingUpdate": values}


def select(path: ServingPath, **labels: str) -> None:
    pod(path).setdefault("nodeSelector", {}).update({f"cloud.google.com/{key}": value for key, value in labels.items()})


AIMED = [
    AimedEdit("no preStop", lambda p: container(p).pop("lifecycle"), "pre-stop-outlasts-deprogramming"),
    AimedEdit(
        "a short preStop",
        lambda p: container(p).update(lifecycle={"preStop": {"sleep": {"seconds": 10}}}),
        "pre-stop-outlasts-deprogramming",
    ),
    AimedEdit(
        "a preStop command in an image without any",
        lambda p: container(p).update(
            image="gcr.io/distroless/static", lifecycle={"preStop": {"exec": {"command": ["sleep", "60"]}}}
        ),
        "pre-stop-command-exists",
    ),
    AimedEdit(
        "a proxy without preStop",
        lambda p: pod(p)["containers"].append({"name": "added", "image": "example/proxy:1"}),
        "every-container-has-pre-stop",
    ),
    AimedEdit("the default grace", lambda p: pod(p).pop("terminationGracePeriodSeconds"), "grace-exceeds-pre-stop"),
    AimedEdit(
        "hours of grace", lambda p: pod(p).update(terminationGracePeriodSeconds=7200), "grace-within-eviction-limits"
    ),
    AimedEdit("no draining", lambda p: backend(p).pop("connectionDraining"), "draining-covers-longest-request"),
    AimedEdit(
        "a long request",
        lambda p: annotate(p, "longest-request-seconds", "3000"),
        "backend-timeout-covers-longest-request",
    ),
    AimedEdit("a slow start", lambda p: annotate(p, "startup-seconds", "700"), "progress-deadline-covers-start-up"),
    AimedEdit("Recreate", lambda p: spec(p).update(strategy={"type": "Recreate"}), "rolls-without-unavailable"),
    AimedEdit("an unavailable pod", lambda p: rolling(p, maxSurge=1, maxUnavailable=1), "rolls-without-unavailable"),
    AimedEdit("no surge", lambda p: rolling(p, maxSurge=0, maxUnavailable=0), "rolls-without-unavailable"),
    AimedEdit("a surge of 50", lambda p: rolling(p, maxSurge=50, maxUnavailable=0), "surge-limits-blast-radius"),
    AimedEdit(
        "the default deadline",
        lambda p: spec(p).update(progressDeadlineSeconds=600),
        "progress-deadline-before-gate-opens",
    ),
    AimedEdit(
        "another check path", lambda p: check(p).update(requestPath="/other"), "health-check-asks-the-readiness-path"
    ),
    AimedEdit("no check path", lambda p: check(p).pop("requestPath"), "health-check-is-explicit"),
    AimedEdit("a check where nothing listens", lambda p: check(p).update(port=65000), "health-check-port-listens"),
    AimedEdit("no readiness probe", lambda p: container(p).pop("readinessProbe"), "readiness-is-probed"),
    AimedEdit(
        "a probe of a port without that name",
        lambda p: container(p)["readinessProbe"].update(httpGet={"path": p.health_check.path, "port": "nowhere"}),
        "probe-ports-exist",
    ),
    AimedEdit(
        "an impatient liveness probe",
        lambda p: container(p).update(
            livenessProbe={
                "httpGet": {"path": "/alive", "port": p.target_port},
                "periodSeconds": 1,
                "failureThreshold": 1,
                "terminationGracePeriodSeconds": 1,
            }
        ),
        "liveness-outlasts-health-check",
    ),
    AimedEdit(
        "a target where nothing listens", lambda p: p.service_port.update(targetPort=65000), "target-port-listens"
    ),
    AimedEdit(
        "addresses of unready pods",
        lambda p: p.service["spec"].update(publishNotReadyAddresses=True),
        "unready-pods-get-no-traffic",
    ),
    AimedEdit(
        "a selector of other pods",
        lambda p: spec(p).update(selector={"matchLabels": {"app": "of-nobody"}}),
        "object-is-accepted",
    ),
    AimedEdit("Spot nodes", lambda p: select(p, **{"gke-spot": "true"}), "nodes-drain-before-they-stop"),
    AimedEdit("preemptible nodes", lambda p: select(p, **{"gke-preemptible": "true"}), "nodes-drain-before-they-stop"),
    AimedEdit(
        "nodes that may be Spot",
        lambda p: pod(p).update(tolerations=[{"key": "cloud.google.com/gke-spot", "operator": "Exists"}]),
        "nodes-drain-before-they-stop",
    ),
    AimedEdit("no image", lambda p: container(p).pop("image"), "object-is-accepted"),
    AimedEdit(
        "a number as an environment variable",
        lambda p: container(p).setdefault("env", []).append({"name": "ADDED", "value": 8080}),
        "object-is-accepted",
    ),
    AimedEdit(
        "a mount without its volume",
        lambda p: container(p).setdefault("volumeMounts", []).append({"name": "added", "mountPath": "/added"}),
        "object-is-accepted",
    ),
    AimedEdit(
        "a memory limit in thousandths of a byte",
        lambda p: container(p).update(resources={"limits": {"memory": "512m"}}),
        "memory-limit-holds-a-process",
    ),
    AimedEdit("one node", lambda p: pod(p).update(nodeName="node-1"), "pods-run-on-several-nodes"),
    AimedEdit("a port of the node", lambda p: container(p)["ports"][0].update(hostPort=8080), "surge-finds-a-place"),
    AimedEdit("a check path without a slash", lambda p: check(p).update(requestPath="healthz"), "object-is-accepted"),
    AimedEdit(
        "a threshold beyond the API's", lambda p: check_times(p).update(unhealthyThreshold=11), "object-is-accepted"
    ),
    AimedEdit(
        "two hours of draining",
        lambda p: backend(p).update(connectionDraining={"drainingTimeoutSec": 7200}),
        "object-is-accepted",
    ),
    AimedEdit(
        "an annotation that nobody reads",
        lambda p: p.service["metadata"].setdefault("annotations", {}).update({"cloud.google.com/negs": "{}"}),
        "annotation-is-read",
    ),
    AimedEdit(
        "a second container on the same port",
        lambda p: pod(p)["containers"].append(
            {
                "name": "added",
                "image": "example/proxy:1",
                "ports": [{"containerPort": p.target_port}],
                "lifecycle": container(p)["lifecycle"],
            }
        ),
        "ports-fit-together",
    ),
]

BESIDE = {
    "nobody is let in": (
        {"kind": "NetworkPolicy", "apiVersion": "networking.k8s.io/v1", "spec": {"podSelector": {}, "ingress": []}},
        "load-balancer-is-admitted",
    ),
    "no pod may be evicted": (
        {"kind": "PodDisruptionBudget", "apiVersion": "policy/v1", "spec": {"selector": {}, "maxUnavailable": 0}},
        "budget-allows-an-eviction",
    ),
}
"""Objects that are added to the namespace of the path, and the rule meant for them."""
