"""What on a serving path the lab does otherwise than GKE, so that a rehearsal would say nothing about that path.

`CONDITIONS` is the list; each reason names object and field. What the judgement does not judge, and the lab can run, is
in `nodrop.judge.limits`. What the lab leaves out of a path that it runs is in `nodrop.lab.left_out`; what holds for
every run, in `nodrop.report.limits`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nodrop.lab.listening import CheckAnswer, answer_to_check, question
from nodrop.lab.protocols import GRPC_CHECK, Requests, backend_speaks_http2, check_service
from nodrop.paths import Backend, ServingPath
from nodrop.paths.containers import containers_of
from nodrop.paths.fields import Field, name_of, whole
from nodrop.paths.rollout import open_pre_stops, stopping_early
from nodrop.paths.unmodelled import unmodelled
from nodrop.rollout import Rollout
from nodrop.rollout.rules.wiring import load_balancer_is_admitted

_CHECK_TYPES = ("HTTP", "HTTPS", "HTTP2", "GRPC", "TCP")
_OTHER_CHECK_FIELDS = ("portName", "portSpecification", "proxyHeader", "request", "response")


@dataclass(frozen=True, kw_only=True)
class PlannedRun:
    """One path, and how it would be rehearsed."""

    path: ServingPath
    rollout: Rollout
    stand_in: bool
    """Whether the stand-in runs in the place of the application, so that it is not known what that answers."""
    requests: Requests
    """What clients send."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One thing on a path that the lab does otherwise than GKE."""

    topic: str
    """A few words, unique in `CONDITIONS`; docs/rollout.md lists them."""
    reasons: Callable[[PlannedRun], Iterator[str]]
    """Each with object and field; none where the path does not have it."""


def unrehearsed(
    path: ServingPath, rollout: Rollout, *, stand_in: bool, requests: Requests = Requests.HTTP
) -> tuple[str, ...]:
    """Why the lab cannot run the path as it is declared; empty if it can. The arguments are those of `PlannedRun`."""
    run = PlannedRun(path=path, rollout=rollout, stand_in=stand_in, requests=requests)
    return tuple(reason for condition in CONDITIONS for reason in condition.reasons(run))


def _of_check_type(run: PlannedRun) -> Iterator[str]:
    check = run.rollout.health_check
    if check.type not in _CHECK_TYPES:
        yield f"{_governor(run.path)}: health check type {check.type}: the lab's load balancer does not ask so"


def _of_dataplane(run: PlannedRun) -> Iterator[str]:
    path, wiring = run.path, run.rollout.wiring
    if path.backend is Backend.INSTANCE_GROUP and wiring and wiring.infrastructure.kube_proxy is False:
        yield (
            f"{name_of(path.service)}: spec.type {path.service['spec']['type']}: its cluster has Dataplane V2, "
            "and so no kube-proxy, whose rules the lab's nodes have"
        )


def _of_answer(run: PlannedRun) -> Iterator[str]:
    if run.stand_in and answer_to_check(run.path) is CheckAnswer.UNKNOWN:
        yield (
            f"{_governor(run.path)}: the health check asks {question(run.rollout.health_check)}, as no probe does: "
            "what the application answers there is not known"
        )


def _of_grpc_service(run: PlannedRun) -> Iterator[str]:
    """The stand-in answers for every service alike."""
    path = run.path
    probed = {container["readinessProbe"]["grpc"]["service"].text() or "" for container in containers_of(path.pod)}
    if run.stand_in and path.health_check.type == GRPC_CHECK and check_service(path) not in probed:
        field = whole(path.health_check_policy or {})["spec"]["default"]["config"]["grpcHealthCheck"]["grpcServiceName"]
        yield _reason(field, "no readiness probe asks for it: what the application answers for it is not known")


def _of_network_policies(run: PlannedRun) -> Iterator[str]:
    for found in load_balancer_is_admitted(run.rollout):
        yield f"{name_of(run.path.deployment)}: NetworkPolicies of its pods: {found.seen}: the lab lets everybody in"


def _of_requests(run: PlannedRun) -> Iterator[str]:
    path, requests = run.path, run.requests
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


def _of_policy(run: PlannedRun) -> Iterator[str]:
    """Fields of a HealthCheckPolicy that say more of the check than type, port, host and path."""
    path = run.path
    config = whole(path.health_check_policy or {})["spec"]["default"]["config"]
    check = config[f"{path.health_check.type.lower()}HealthCheck"]
    for name in _OTHER_CHECK_FIELDS:
        if path.by_gateway and check[name].value not in (None, "NONE", "USE_FIXED_PORT", "USE_SERVING_PORT"):
            yield _reason(check[name], "the lab's load balancer does not keep to it")


def _of_pre_stops(run: PlannedRun) -> Iterator[str]:
    """Hooks that the lab cannot run: of unknown duration, or which end the container before TERM.

    Behind a NodePort no rule says how long is enough.
    """
    open_ends = open_pre_stops(run.path, run.rollout)
    by_node_port = run.path.backend is Backend.INSTANCE_GROUP
    ended = set(stopping_early(run.path).needed).difference(run.path.containers)
    for container in containers_of(run.path.pod):
        hook, name = container["lifecycle"]["preStop"], container["name"].text() or ""
        answers = not run.stand_in and name == run.path.container
        if hook["httpGet"].value is not None and not answers:
            yield _reason(hook["httpGet"], "how long the application takes to answer it is not known")
        stops = run.path.pre_stops.of(name)
        is_open = name in open_ends or stops.seconds is None or (by_node_port and stops.may_last_longer)
        ends_serving = name == run.path.container and run.path.pre_stops.ends_before_term
        is_open = is_open or ends_serving or name in ended
        if hook["exec"].value is not None and is_open and not answers:
            yield _reason(hook["exec"], "a stand-in has no such command; that of --command is run")


def _of_unmodelled(run: PlannedRun) -> Iterator[str]:
    """The judgement gives the same reasons."""
    yield from (_reason(field, why) for field, why in unmodelled(run.path))


def _of_stop_signal(run: PlannedRun) -> Iterator[str]:
    for container in containers_of(run.path.pod):
        signal = container["lifecycle"]["stopSignal"]
        if signal.value not in (None, "SIGTERM"):
            yield f"{signal.object}: {signal.path} {signal.value}: the lab's kubelet sends SIGTERM"


def _of_unready_addresses(run: PlannedRun) -> Iterator[str]:
    field = whole(run.path.service)["spec"]["publishNotReadyAddresses"]
    if field.value is True:
        yield _reason(field, "the lab's EndpointSlices hold an unready pod as unready")


def _of_affinity(run: PlannedRun) -> Iterator[str]:
    """Of kube-proxy, which a NEG passes by."""
    field = whole(run.path.service)["spec"]["sessionAffinity"]
    if run.path.backend is Backend.INSTANCE_GROUP and field.value not in (None, "None"):
        yield f"{field.object}: {field.path} {field.value}: the lab's nodes choose a pod for each connection"


def _of_probes(run: PlannedRun) -> Iterator[str]:
    """Probes, and hooks, that the lab's kubelet runs and cannot ask as they are declared."""
    path = run.path
    deployment = name_of(path.deployment)
    for container in containers_of(path.pod):
        host = container["lifecycle"]["preStop"]["httpGet"]["host"]
        if host.value is not None:
            yield _reason(host, "the lab's kubelet asks the pod itself")
        for probe in (container["startupProbe"], container["readinessProbe"]):
            if probe["exec"].value is not None and (run.stand_in or container["name"].text() != path.container):
                yield f"{deployment}: {probe.path}.exec: a stand-in has no such command; that of --command is run"
            if probe["httpGet"]["host"].value is not None:
                yield f"{deployment}: {probe.path}.httpGet.host: the lab's kubelet asks the pod itself"


def _reason(field: Field, why: str) -> str:
    return f"{field.object}: {field.path}: {why}"


CONDITIONS = (
    Condition(topic="a health check of another type than HTTP, HTTPS, HTTP2, GRPC and TCP", reasons=_of_check_type),
    Condition(
        topic="a health check by a port's name, or with a request or response of its own",
        reasons=_of_policy,
    ),
    Condition(topic="a health check that asks the stand-in what no probe asks", reasons=_of_answer),
    Condition(topic="a health check of a gRPC service that the stand-in is not probed for", reasons=_of_grpc_service),
    Condition(topic="a NodePort of a cluster with Dataplane V2", reasons=_of_dataplane),
    Condition(
        topic="a probe by exec of a container that no `--command` stands for; a probe or preStop with its own host",
        reasons=_of_probes,
    ),
    Condition(topic="a preStop of unknown duration, but of a `--command`", reasons=_of_pre_stops),
    Condition(topic="`paused`, `hostNetwork`, or a readiness gate that somebody else sets", reasons=_of_unmodelled),
    Condition(topic="a `stopSignal` other than SIGTERM", reasons=_of_stop_signal),
    Condition(topic="`publishNotReadyAddresses`", reasons=_of_unready_addresses),
    Condition(topic="`sessionAffinity` of a NodePort", reasons=_of_affinity),
    Condition(topic="NetworkPolicies that shut the load balancer out", reasons=_of_network_policies),
    Condition(
        topic="gRPC requests to a backend that does not speak HTTP/2, or WebSockets to one that does",
        reasons=_of_requests,
    ),
)
"""Every field that the lab leaves out, or treats otherwise than GKE."""
