"""What the Kubernetes API refuses of a Deployment and its pods.

Source: kubernetes/kubernetes pkg/apis/apps/validation and pkg/apis/core/validation, validation.go.
"""

from collections.abc import Iterator, Mapping

from nodrop.gke.kinds import WITH_DEFAULT_SELECTOR
from nodrop.gke.nodes import ZONE
from nodrop.judge.refusals.refusal import (
    Refusal,
    between,
    is_beyond_all,
    not_a_text,
    of_annotations,
    of_label,
    of_labels,
    of_metadata,
    of_port_name,
    one_of,
    or_absent,
    twice,
)
from nodrop.judge.refusals.resources import of_resources
from nodrop.judge.refusals.scheduling import of_affinity, of_tolerations
from nodrop.judge.refusals.selectors import of_selector
from nodrop.judge.refusals.volumes import of_mounts, of_volumes
from nodrop.paths.containers import PROBES, every_container_of
from nodrop.paths.fields import MAX_INTEGER, Field, is_unknown_or_masked, unquoted
from nodrop.paths.selectors import selects

_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_HOOKS = ("exec", "httpGet", "sleep", "tcpSocket")
_SCHEMES = ("HTTP", "HTTPS")


def of_deployment(deployment: Field) -> Iterator[Refusal]:
    """What is refused of a Deployment. Raises ReadingError."""
    spec, template = deployment["spec"], deployment["spec"]["template"]
    pod = template["spec"]
    yield from of_metadata(deployment["metadata"])
    for key in ("replicas", "revisionHistoryLimit"):
        yield from between(spec[key], 0, MAX_INTEGER)
    yield from _of_strategy(spec)
    selector = spec["selector"]
    yield from of_labels(template["metadata"]["labels"])
    yield from of_annotations(template["metadata"]["annotations"])
    labels = template["metadata"]["labels"].mapping()
    stated = selector["matchLabels"].mapping() or selector["matchExpressions"].entries()
    by_default = selector.value is None and deployment["apiVersion"].value in WITH_DEFAULT_SELECTOR
    if not by_default and (not stated or not selects(selector, labels)):
        wanted = f"labels that the pod template has: {_labels(labels) or 'none'}"
        shown = None if selector["matchExpressions"].entries() else _labels(selector["matchLabels"].mapping()) or None
        yield Refusal(selector, "does not select the labels of the pod template", wanted, shown=shown)
    policy = pod["restartPolicy"]
    if policy.value not in (None, "Always"):
        yield Refusal(policy, f"is {policy.value}", "Always")
    deadline = pod["activeDeadlineSeconds"]
    if deadline.value is not None:
        yield Refusal(deadline, "is stated for pods that a Deployment replaces", "none")
    yield from of_selector(selector)
    yield from of_labels(pod["nodeSelector"])
    yield from of_tolerations(pod["tolerations"])
    yield from of_affinity(pod["affinity"])
    yield from of_volumes(pod["volumes"])
    yield from _of_spread(pod["topologySpreadConstraints"])
    yield from _of_init_containers(pod["initContainers"])
    containers = every_container_of(pod)
    yield from twice(pod, "name", [each["name"] for each in containers])
    volumes = {str(each["name"].value) for each in pod["volumes"].entries()}
    for container in containers:
        yield from _of_container(container, volumes)


def _labels(labels: Mapping[str, object]) -> str:
    """Such as `app=web,tier=front`: the API gives labels to everyone who may list pods."""
    return ",".join(f"{key}={unquoted(value)}" for key, value in labels.items())


def _of_strategy(spec: Field) -> Iterator[Refusal]:
    strategy, ready = spec["strategy"], spec["minReadySeconds"].integer(default=0)
    yield from one_of(strategy["type"], ("RollingUpdate", "Recreate"))
    surge, unavailable = strategy["rollingUpdate"]["maxSurge"], strategy["rollingUpdate"]["maxUnavailable"]
    if is_beyond_all(unavailable.value):
        yield Refusal(unavailable, f"is {unavailable.value}", "0")
    if _is_none(surge) and _is_none(unavailable):
        yield Refusal(surge, f"is {surge.value} while maxUnavailable is {unavailable.value}", "1")
    deadline = spec["progressDeadlineSeconds"]
    if deadline.integer(default=600) <= ready:
        yield Refusal(deadline, f"is not greater than minReadySeconds = {ready}", f"{ready + 1} or more")


def _is_none(field: Field) -> bool:
    """Whether a number of pods or a percentage is 0. Source: apps/validation, ValidateRollingUpdateDeployment."""
    return field.value is not None and str(field.value).removesuffix("%").strip("0") == ""


def _of_spread(constraints: Field) -> Iterator[Refusal]:
    """Source: validateTopologySpreadConstraints."""
    kinds = [(each["topologyKey"].value, each["whenUnsatisfiable"].value) for each in constraints.entries()]
    if len(set(map(str, kinds))) < len(kinds) and not any(is_unknown_or_masked(one) for kind in kinds for one in kind):
        yield Refusal(constraints, "has two of one topologyKey and whenUnsatisfiable", "one of them")
    for each in constraints.entries():
        skew, key, otherwise, domains = (
            each[name] for name in ("maxSkew", "topologyKey", "whenUnsatisfiable", "minDomains")
        )
        if (skew.number() or 0) < 1:
            yield Refusal(skew, f"is {or_absent(skew)}", "1")
        if not key.value:
            yield Refusal(key, f"is {or_absent(key)}", ZONE)
        if otherwise.value not in ("DoNotSchedule", "ScheduleAnyway"):
            yield Refusal(otherwise, f"is {or_absent(otherwise)}", "DoNotSchedule")
        if domains.value is not None and (domains.number() or 0) < 1:
            yield Refusal(domains, f"is {domains.value}", "1")
        if domains.value is not None and otherwise.value == "ScheduleAnyway":
            yield Refusal(domains, "is set together with whenUnsatisfiable = ScheduleAnyway", "none, or DoNotSchedule")
        if each["matchLabelKeys"].entries() and each["labelSelector"].value is None:
            yield Refusal(each["matchLabelKeys"], "stands without a labelSelector", "a labelSelector beside it")
        yield from of_selector(each["labelSelector"])


def _of_init_containers(containers: Field) -> Iterator[Refusal]:
    """Source: validateInitContainers."""
    for container in containers.entries():
        policy = container["restartPolicy"].value
        for key in ("lifecycle", *PROBES) if policy != "Always" and not is_unknown_or_masked(policy) else ():
            if container[key].value is not None:
                seen = "is set on an init container without restartPolicy = Always"
                yield Refusal(container[key], seen, "none, or restartPolicy: Always")


def _of_container(container: Field, volumes: set[str]) -> Iterator[Refusal]:
    name, image, hook = container["name"], container["image"], container["lifecycle"]["preStop"]
    yield from of_label(name, "web")
    for port in container["ports"].entries():
        yield from of_port_name(port["name"])
    if image.value in (None, ""):
        yield Refusal(image, f"is {or_absent(image)}", "an image such as example/web:1")
    if hook.value is not None and sum(hook[key].value is not None for key in _HOOKS) != 1:
        yield Refusal(hook, "has not exactly one of exec, httpGet, sleep", "{sleep: {seconds: 60}}")
    yield from twice(container["ports"], "name", [port["name"] for port in container["ports"].entries()])
    for probe in PROBES:
        if container[probe].value is not None:
            yield from _of_probe(container[probe], readiness=probe == "readinessProbe")
    for each in container["env"].entries():
        value = each["value"]
        if value.value is not None and not isinstance(value.value, str):
            yield not_a_text(value)
        if value.value and each["valueFrom"].value is not None:
            yield Refusal(value, "is set together with valueFrom", "one of the two")
    yield from of_mounts(container["volumeMounts"], volumes)
    yield from of_resources(container["resources"])


def _of_probe(probe: Field, *, readiness: bool) -> Iterator[Refusal]:
    """Source: validateProbe, validateReadinessProbe."""
    if sum(probe[key].value is not None for key in _HANDLERS) != 1:
        yield Refusal(
            probe, f"has not exactly one of {', '.join(_HANDLERS)}", "{httpGet: {path: /healthz, port: http}}"
        )
    successes, grace = probe["successThreshold"], probe["terminationGracePeriodSeconds"]
    if not readiness and successes.value not in (None, 0, 1):
        yield Refusal(successes, f"is {successes.value}", "1")
    if readiness and grace.value is not None:
        yield Refusal(grace, "is stated, though readiness restarts nothing", "none")
    yield from one_of(probe["httpGet"]["scheme"], _SCHEMES)
    for handler in ("httpGet", "tcpSocket", "grpc"):
        port = probe[handler]["port"]
        if probe[handler].value is not None and port.value in (None, ""):
            yield Refusal(port, f"is {or_absent(port)}", "a port of the container")
        yield from between(port, 1, 65535)
