"""What the Kubernetes API refuses of the objects around a path, so that nothing of them takes effect.

What GKE's own controllers refuse is found where their objects are read, in `nodrop.paths`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from nodrop.gke.nodes import ZONE
from nodrop.paths import Manifest, ServingPath
from nodrop.paths.around import selects
from nodrop.paths.fields import Field, whole

_PROBES = ("readinessProbe", "livenessProbe", "startupProbe")
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_HOOKS = ("exec", "httpGet", "sleep", "tcpSocket")

Refusal = tuple[Field, str, str]
"""The field, what is wrong with it, and what would be accepted."""


def refusals(path: ServingPath, beside: Iterable[Manifest]) -> Iterator[tuple[Manifest, Refusal]]:
    """What the API refuses, each with its object; `beside` are those that concern the path. Raises ReadingError."""
    for manifest in (path.entry, path.deployment, *beside):
        of_kind = _OF_KIND.get(str(manifest.get("kind")), lambda _: ())
        for refusal in of_kind(whole(manifest)):
            yield manifest, refusal


def _of_deployment(deployment: Field) -> Iterator[Refusal]:
    spec, template = deployment["spec"], deployment["spec"]["template"]
    selector = spec["selector"]
    labels = template["metadata"]["labels"].mapping()
    stated = selector["matchLabels"].mapping() or selector["matchExpressions"].entries()
    if not stated or not selects(selector, labels):
        yield selector, "does not select the labels of the pod template", "labels that the pod template has"
    policy = template["spec"]["restartPolicy"]
    if policy.value not in (None, "Always"):
        yield policy, f"is {policy.value}", "Always"
    yield from _of_spread(template["spec"]["topologySpreadConstraints"])
    yield from _twice(template["spec"], "name", [each["name"] for each in _containers(template["spec"])])
    for container in _containers(template["spec"]):
        yield from _twice(container["ports"], "name", [port["name"] for port in container["ports"].entries()])
        yield from _of_container(container)


def _of_spread(constraints: Field) -> Iterator[Refusal]:
    """Source: kubernetes/kubernetes pkg/apis/core/validation/validation.go, validateTopologySpreadConstraints."""
    for each in constraints.entries():
        skew, key, otherwise, domains = (
            each[name] for name in ("maxSkew", "topologyKey", "whenUnsatisfiable", "minDomains")
        )
        if (skew.number() or 0) < 1:
            yield skew, f"is {_or_absent(skew)}", "1"
        if not key.value:
            yield key, f"is {_or_absent(key)}", ZONE
        if otherwise.value not in ("DoNotSchedule", "ScheduleAnyway"):
            yield otherwise, f"is {_or_absent(otherwise)}", "DoNotSchedule"
        if domains.value is not None and (domains.number() or 0) < 1:
            yield domains, f"is {domains.value}", "1"
        if domains.value is not None and otherwise.value == "ScheduleAnyway":
            yield domains, "stands beside whenUnsatisfiable = ScheduleAnyway", "none, or DoNotSchedule"
        if each["matchLabelKeys"].entries() and each["labelSelector"].value is None:
            yield each["matchLabelKeys"], "stands without a labelSelector", "a labelSelector beside it"


def _or_absent(field: Field) -> object:
    return "absent" if field.value is None else field.value or "empty"


def _containers(pod: Field) -> list[Field]:
    return [*pod["containers"].entries(), *pod["initContainers"].entries()]


def _of_container(container: Field) -> Iterator[Refusal]:
    hook = container["lifecycle"]["preStop"]
    if hook.value is not None and sum(hook[key].value is not None for key in _HOOKS) != 1:
        yield hook, "has not exactly one of exec, httpGet, sleep", "{sleep: {seconds: 60}}"
    for name in _PROBES:
        probe = container[name]
        if probe.value is None:
            continue
        if sum(probe[key].value is not None for key in _HANDLERS) != 1:
            yield probe, f"has not exactly one of {', '.join(_HANDLERS)}", "{httpGet: {path: /healthz, port: http}}"
        successes = probe["successThreshold"]
        if name != "readinessProbe" and successes.value not in (None, 0, 1):
            yield successes, f"is {successes.value}", "1"


def _of_autoscaler(autoscaler: Field) -> Iterator[Refusal]:
    spec = autoscaler["spec"]
    least, most = spec["minReplicas"].integer(default=1), spec["maxReplicas"].integer(default=0)
    if most < max(1, least):
        yield spec["maxReplicas"], f"is less than minReplicas = {least}", f"{max(1, least)} or more"


def _of_budget(budget: Field) -> Iterator[Refusal]:
    spec = budget["spec"]
    if spec["minAvailable"].value is not None and spec["maxUnavailable"].value is not None:
        yield spec["minAvailable"], "stands beside maxUnavailable", "one of the two"
    policy = spec["unhealthyPodEvictionPolicy"]
    if policy.value not in (None, "AlwaysAllow", "IfHealthyBudget"):
        yield policy, f"is {policy.value}", "AlwaysAllow"


def _twice(place: Field, what: str, fields: list[Field]) -> Iterator[Refusal]:
    for value, times in Counter(str(each.value) for each in fields if each.value is not None).items():
        if times > 1:
            yield place, f"has the {what} {value} {times} times", f"a {what} of its own for each"


def _of_ingress(ingress: Field) -> Iterator[Refusal]:
    for rule in ingress["spec"]["rules"].entries():
        for each in rule["http"]["paths"].entries():
            path = each["path"]
            if each["pathType"].value in ("Prefix", "Exact") and not str(path.value or "").startswith("/"):
                yield path, "does not begin with /", "/"


_OF_KIND: Mapping[str, Callable[[Field], Iterable[Refusal]]] = {
    "Ingress": _of_ingress,
    "Deployment": _of_deployment,
    "HorizontalPodAutoscaler": _of_autoscaler,
    "PodDisruptionBudget": _of_budget,
}
