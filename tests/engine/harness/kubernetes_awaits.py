"""When pulumi-kubernetes takes an object for ready or gone.

Here: Deployment, Service, Ingress, Pod, and pulumi.com/waitFor with jsonpath and condition. Not here: StatefulSet,
DaemonSet, Job, ReplicationController and volumes, which are refused where they would be awaited. EndpointSlices stand
for the Endpoints that the real provider reads, polling for its watches. Source: pulumi/pulumi-kubernetes at 94977969d
(after 4.32.0), provider/pkg/await: await.go, deployment.go, service.go, ingress.go; provider/pkg/metadata/overrides.go.
"""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from harness.provider import ProviderError
from harness.rest import Client, Object

SKIP_AWAIT, WAIT_FOR, TIMEOUT = "pulumi.com/skipAwait", "pulumi.com/waitFor", "pulumi.com/timeoutSeconds"
DEFAULT_TIMEOUT_SECONDS = 600.0
REVISION = "deployment.kubernetes.io/revision"
ELSEWHERE = {"StatefulSet", "DaemonSet", "Job", "ReplicationController", "PersistentVolume", "PersistentVolumeClaim"}
"""Kinds whose readiness the real provider awaits in ways that are not here."""
SKIPS_DELETION = {
    ("v1", "Namespace"),
    ("v1", "Pod"),
    ("v1", "ReplicationController"),
    ("apps/v1", "DaemonSet"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("batch/v1", "Job"),
}
"""skipAwait keeps deletion from being awaited for these kinds only."""

NO_PODS = (
    "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' may not match "
    "labels on any Pods"
)
NO_ADDRESS = "Ingress .status.loadBalancer field was not updated with a hostname/IP address"

STEP = r"\.([\w-]+)|\[(\d+)\]|\[\?\(([^()]+)\)\]"
"""Of a path: a name, an index, or a filter."""

Judge = Callable[[Client, Object, "Course"], list[str]]
"""What is missing for an object to be ready; it is asked again and again in the course of a wait."""


class UnsupportedError(ProviderError):
    """The stand-in cannot tell."""


class Course:
    """One wait: what was before, and how long the endpoints have been resting."""

    def __init__(self, before: Object | None = None, *, settle_seconds: float = 0.0) -> None:
        self.before, self.settle_seconds = before, settle_seconds
        self._begun = time.monotonic()
        self._seen: object = None
        self._changed: float | None = None

    def settled(self, slices: list[Object]) -> bool:
        """Whether nothing has happened to these EndpointSlices for a while (10 s in the real provider)."""
        present = sorted((one["metadata"]["uid"], one["metadata"]["resourceVersion"]) for one in slices)
        if present and present != self._seen:
            self._seen, self._changed = present, time.monotonic()
        return self._changed is not None and time.monotonic() >= self._changed + self.settle_seconds

    def without_events(self) -> bool:
        """No endpoints were seen for six times as long (60 s in the real provider)."""
        return self._changed is None and time.monotonic() >= self._begun + 6 * self.settle_seconds


def annotation(manifest: Mapping[str, Any], name: str) -> str:
    return (manifest.get("metadata", {}).get("annotations") or {}).get(name, "")


def is_skipped(inputs: Mapping[str, Any]) -> bool:
    return annotation(inputs, SKIP_AWAIT).lower() == "true"


def is_deletion_skipped(inputs: Mapping[str, Any]) -> bool:
    return is_skipped(inputs) and (inputs.get("apiVersion"), inputs.get("kind")) in SKIPS_DELETION


def timeout_seconds(custom_timeout: float, inputs: Mapping[str, Any]) -> float:
    """The resource's customTimeouts, else the annotation, else 10 min."""
    written = annotation(inputs, TIMEOUT)
    return custom_timeout or (float(written) if written.isdecimal() else DEFAULT_TIMEOUT_SECONDS)


def judge(inputs: Object, live: Object) -> Judge | None:
    """How to tell that a created or updated object is ready; None where there is nothing to wait for."""
    if is_skipped(inputs):
        return None
    if expression := annotation(live, WAIT_FOR):
        return _wait_for(expression)
    return built_in(live)


def built_in(live: Object) -> Judge | None:
    """The kind's own condition, the only one that refresh asks for."""
    if live["kind"] in ELSEWHERE:
        raise UnsupportedError(f"the stand-in for kubernetes cannot await a {live['kind']}")
    return BUILT_IN.get((live["apiVersion"], live["kind"]))


def deployment(client: Client, live: Object, course: Course) -> list[str]:
    """Observed, Available, its ReplicaSet of the present revision ready; from the second revision on rolled out."""
    status, metadata = live.get("status", {}), live["metadata"]
    if status.get("observedGeneration") != metadata["generation"]:
        return ["the Deployment controller has not seen the Deployment yet"]
    revision = annotation(live, REVISION)
    conditions = {one["type"]: one for one in status.get("conditions", [])}
    missing = []
    if conditions.get("Available", {}).get("status") != "True":
        missing.append(_told(conditions.get("Available"), "Minimum number of live Pods was not attained"))
    progressing = conditions.get("Progressing", {})
    rolled_out = progressing.get("status") == "True" and progressing.get("reason") == "NewReplicaSetAvailable"
    if revision != "1" and not rolled_out:
        missing.append(_told(progressing, "The new ReplicaSet is not available"))
    owned = [
        one
        for one in client.list("apps/v1", "ReplicaSet", metadata["namespace"])
        if any(owner["uid"] == metadata["uid"] for owner in one["metadata"].get("ownerReferences", []))
    ]
    current = [one for one in owned if annotation(one, REVISION) == revision]
    if not current:
        missing.append("the Deployment has no ReplicaSet of its present revision")
    elif current[0].get("status", {}).get("readyReplicas", 0) < current[0]["spec"].get("replicas", 1):
        missing.append("the ReplicaSet of the present revision has too few ready Pods")
    return missing


def service(client: Client, live: Object, course: Course) -> list[str]:
    """Endpoints exist and rest, none of them unready; there may be none at all. A load balancer has its address.

    No endpoints are needed for ExternalName, headless and selectorless Services.
    """
    spec, name = live["spec"], live["metadata"]["name"]
    addresses = live.get("status", {}).get("loadBalancer", {}).get("ingress")
    if spec.get("type") == "LoadBalancer" and not addresses:
        return ["Service was not allocated an IP address; does your cloud provider support this?"]
    if spec.get("type") == "ExternalName" or spec.get("clusterIP") == "None" or not spec.get("selector"):
        return []
    slices = [one for one in _slices(client, live) if _service_of(one) == name]
    if not course.settled(slices) or any(not ready for one in slices for ready in _readiness(one)):
        return [NO_PODS]
    return []


def ingress(client: Client, live: Object, course: Course) -> list[str]:
    """Every rule's Service has endpoints, if only an empty list, and the status has an address."""
    slices = _slices(client, live)
    known = {_service_of(one) for one in slices}
    settled = course.settled(slices) or course.without_events()
    missing = []
    for path in (path for rule in live["spec"].get("rules", []) for path in rule.get("http", {}).get("paths", [])):
        name = path["backend"].get("service", {}).get("name")
        if name and name not in known and not settled and not _is_external(client, live, name):
            missing.append(f"No matching service found for ingress rule: {path.get('path', '')} -> {name}")
    if not live.get("status", {}).get("loadBalancer", {}).get("ingress"):
        missing.append(NO_ADDRESS)
    return missing


def pod(client: Client, live: Object, course: Course) -> list[str]:
    """Ready, or Succeeded."""
    status = live.get("status", {})
    ready = any(one["type"] == "Ready" and one["status"] == "True" for one in status.get("conditions", []))
    return [] if ready or status.get("phase") == "Succeeded" else ["the Pod is not ready"]


BUILT_IN: dict[tuple[str, str], Judge] = {
    ("apps/v1", "Deployment"): deployment,
    ("v1", "Service"): service,
    ("networking.k8s.io/v1", "Ingress"): ingress,
    ("v1", "Pod"): pod,
}


def _wait_for(expression: str) -> Judge:
    """Of one expression or a JSON list of them, all of which must hold."""
    try:
        expressions = json.loads(expression)
    except ValueError:
        expressions = [expression]

    def holds(_: Client, live: Object, __: Course) -> list[str]:
        return [f"condition {one} is not satisfied" for one in expressions if not _satisfied(one, live)]

    return holds


def _satisfied(expression: str, live: Object) -> bool:
    kind, _, rest = expression.partition("=")
    if kind == "condition":
        name, _, wanted = rest.partition("=")
        conditions = live.get("status", {}).get("conditions", [])
        return any(one["type"] == name and one["status"] == (wanted or "True") for one in conditions)
    written = re.fullmatch(r"\{(?P<path>(?:" + STEP + r")+)\}(?:=(?P<value>.*))?", rest)
    if kind != "jsonpath" or not written:
        raise UnsupportedError(f'expected a "jsonpath=" or "condition=" prefix and a plain path, got "{expression}"')
    found = [value for value in selected(live, written["path"], live) if value is not None]
    return bool(found) and (written["value"] is None or str(found[0]) == written["value"])


def selected(value: Any, path: str, live: Object) -> list[Any]:
    """What a path leads to from a value: of RFC 9535 names, indices, and filters that compare for equality."""
    step = re.match(STEP, path)
    if step is None:
        return [value]
    name, index, wanted = step.groups()
    rest = path[step.end() :]
    if wanted:
        entries = [one for one in value if _holds(one, wanted, live)] if isinstance(value, list) else []
        return [found for one in entries for found in selected(one, rest, live)]
    try:
        return selected(value[name] if name else value[int(index)], rest, live)
    except (KeyError, IndexError, TypeError):
        return []


def _holds(entry: Any, wanted: str, live: Object) -> bool:
    """Whether all comparisons such as `@.type=="Ready"` and `@.a==$.b` hold of an entry."""

    def read(text: str) -> list[Any]:
        if text[0] == '"':
            return [text.strip('"')]
        return selected(entry if text[0] == "@" else live, text[1:], live)

    return all(read(left) == read(right) for left, right in (one.split("==") for one in wanted.split("&&")))


def _told(condition: Mapping[str, Any] | None, otherwise: str) -> str:
    return f"[{condition.get('reason')}] {condition.get('message')}" if condition else otherwise


def _slices(client: Client, live: Object) -> list[Object]:
    return client.list("discovery.k8s.io/v1", "EndpointSlice", live["metadata"]["namespace"])


def _service_of(endpoint_slice: Object) -> str:
    return endpoint_slice["metadata"].get("labels", {}).get("kubernetes.io/service-name", "")


def _readiness(endpoint_slice: Object) -> Iterator[bool]:
    for endpoint in endpoint_slice.get("endpoints") or []:
        conditions = endpoint.get("conditions", {})
        if not conditions.get("terminating"):
            yield bool(conditions.get("ready"))


def _is_external(client: Client, live: Object, name: str) -> bool:
    found = client.find("v1", "Service", name, live["metadata"]["namespace"])
    return bool(found) and found["spec"].get("type") == "ExternalName"
