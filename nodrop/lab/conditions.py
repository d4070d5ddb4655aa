"""What on a serving path the lab does otherwise than GKE, so that a rehearsal would say nothing about that path.

Each reason names object and field. Limits that hold for every rehearsal are in `nodrop.report.limits`.
"""

from collections.abc import Iterator

from nodrop.gke.services import READINESS_GATE
from nodrop.lab.listening import CheckAnswer, answer_to_check, question
from nodrop.lab.protocols import Requests, backend_speaks_http2
from nodrop.paths import Backend, ServingPath
from nodrop.paths.containers import containers_of
from nodrop.paths.fields import name_of, whole
from nodrop.rollout import Rollout
from nodrop.rollout.rules.wiring import load_balancer_is_admitted

_CHECK_TYPES = ("HTTP", "HTTPS", "HTTP2", "GRPC", "TCP")
_OTHER_CHECK_FIELDS = ("portName", "portSpecification", "proxyHeader", "request", "response")


def unrehearsed(
    path: ServingPath, rollout: Rollout, *, stand_in: bool, requests: Requests = Requests.HTTP
) -> tuple[str, ...]:
    """Why the path cannot be rehearsed as it is declared; empty if it can.

    Args:
        path: what would be rehearsed.
        rollout: what its objects say.
        stand_in: whether the stand-in runs in the place of the application, so that what it answers at other paths
            than the readiness probe's is not known.
        requests: what clients send.
    """
    return tuple(_reasons(path, rollout, stand_in, requests))


def _reasons(path: ServingPath, rollout: Rollout, stand_in: bool, requests: Requests) -> Iterator[str]:
    check, governor = rollout.health_check, _governor(path)
    if check.type not in _CHECK_TYPES:
        yield f"{governor}: health check type {check.type}: the lab's load balancer does not ask so"
    yield from _of_policy(path)
    wiring = rollout.wiring
    if path.backend is Backend.INSTANCE_GROUP and wiring and wiring.infrastructure.kube_proxy is False:
        yield (
            f"{name_of(path.service)}: spec.type {path.service['spec']['type']}: its cluster has Dataplane V2, "
            "and so no kube-proxy, whose rules the lab's nodes have"
        )
    if stand_in and answer_to_check(path) is CheckAnswer.UNKNOWN:
        yield (
            f"{governor}: the health check asks {question(check)}, as no probe does: "
            "what the application answers there is not known"
        )
    yield from _of_service(path)
    yield from _of_deployment(path)
    yield from _of_probes(path, stand_in=stand_in)
    yield from _of_pre_stops(path, stand_in=stand_in)
    for found in load_balancer_is_admitted(rollout):
        yield f"{name_of(path.deployment)}: NetworkPolicies of its pods: {found.seen}: the lab lets everybody in"
    if requests is Requests.WEBSOCKET and backend_speaks_http2(path):
        yield f"{name_of(path.service)}: protocol {path.protocol}: the lab opens WebSocket connections over HTTP/1.1"
    if requests is Requests.GRPC and not backend_speaks_http2(path):
        yield (
            f"{name_of(path.service)}: protocol {path.protocol or 'unknown'}: requests of gRPC need HTTP/2: "
            "state HTTP2 in cloud.google.com/app-protocols behind an Ingress, as appProtocol behind a Gateway"
        )


def _governor(path: ServingPath) -> str:
    """The object that states the health check, or would."""
    stated = path.health_check_policy if path.by_gateway else path.backend_config
    return name_of(stated or path.service)


def _of_policy(path: ServingPath) -> Iterator[str]:
    """Fields of a HealthCheckPolicy that say more of the check than type, port, host and path."""
    config = whole(path.health_check_policy or {})["spec"]["default"]["config"]
    check = config[f"{path.health_check.type.lower()}HealthCheck"]
    for name in _OTHER_CHECK_FIELDS:
        if path.by_gateway and check[name].value not in (None, "NONE", "USE_FIXED_PORT", "USE_SERVING_PORT"):
            yield f"{check[name].object}: {check[name].path}: the lab's load balancer does not keep to it"


def _of_service(path: ServingPath) -> Iterator[str]:
    """What the lab's EndpointSlices and NodePorts do not know."""
    spec = whole(path.service)["spec"]
    not_ready, affinity = spec["publishNotReadyAddresses"], spec["sessionAffinity"]
    if not_ready.value is True:
        yield f"{not_ready.object}: {not_ready.path}: the lab's endpoints are those of ready pods"
    if path.backend is Backend.INSTANCE_GROUP and affinity.value not in (None, "None"):
        yield f"{affinity.object}: {affinity.path} {affinity.value}: the lab's nodes choose a pod for each connection"


def _of_deployment(path: ServingPath) -> Iterator[str]:
    """What the lab's Deployment controller, kubelet and network would do otherwise."""
    pod, paused = path.pod, whole(path.deployment)["spec"]["paused"]
    if paused.value is True:
        yield f"{paused.object}: {paused.path}: nothing rolls out while it is true"
    if pod["hostNetwork"].value is True:
        yield f"{pod.object}: {pod['hostNetwork'].path}: the lab's pods have addresses of their own"
    for gate in pod["readinessGates"].entries():
        if gate["conditionType"].value != READINESS_GATE:
            yield f"{gate.object}: {gate.path}.conditionType {gate['conditionType'].value}: nobody in the lab sets it"
    for container in containers_of(pod):
        signal = container["lifecycle"]["stopSignal"]
        if signal.value not in (None, "SIGTERM"):
            yield f"{signal.object}: {signal.path} {signal.value}: the lab's kubelet sends SIGTERM"


def _of_pre_stops(path: ServingPath, *, stand_in: bool) -> Iterator[str]:
    """Hooks of which nobody knows how long they last, and that the lab cannot run."""
    for container in containers_of(path.pod):
        hook, name = container["lifecycle"]["preStop"], container["name"].text() or ""
        answers = not stand_in and name == path.container
        if hook["httpGet"].value is not None and not answers:
            yield f"{hook.object}: {hook.path}.httpGet: how long the application takes to answer it is not known"
        if hook["httpGet"]["host"].value is not None:
            yield f"{hook.object}: {hook.path}.httpGet.host: the lab's kubelet asks the pod itself"
        if hook["exec"].value is None or path.pre_stop_seconds(name) is not None:
            continue
        if not answers:
            yield f"{hook.object}: {hook.path}.exec: a stand-in has no such command; that of --command is run"


def _of_probes(path: ServingPath, *, stand_in: bool) -> Iterator[str]:
    """Probes that the lab's kubelet runs, and cannot ask as they are declared."""
    deployment = name_of(path.deployment)
    for container in containers_of(path.pod):
        for probe in (container["startupProbe"], container["readinessProbe"]):
            if probe["exec"].value is not None and (stand_in or container["name"].text() != path.container):
                yield f"{deployment}: {probe.path}.exec: a stand-in has no such command; that of --command is run"
            if probe["httpGet"]["host"].value is not None:
                yield f"{deployment}: {probe.path}.httpGet.host: the lab's kubelet asks the pod itself"
