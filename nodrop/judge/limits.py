"""What on a path cannot be judged, why, and which rules have nothing to say because of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from nodrop.gke.gateways import PROTOCOLS
from nodrop.gke.services import NEG, NO_NEG, TRANSPARENT_HEALTH_CHECK, WITH_NEG, read_transparent_health_check
from nodrop.judge.judgement import Unjudged
from nodrop.judge.other_controllers import of_others
from nodrop.judge.refusals.claims import untold_of_claims
from nodrop.judge.refusals.pods_in_ranges import untold_by_ranges
from nodrop.judge.unjudged_fronts import unjudged_of_fronts
from nodrop.judge.vertical_scaling import of_vertical_autoscalers
from nodrop.paths import Backend, Manifest, ServingPath
from nodrop.paths.compute_classes import compute_classes
from nodrop.paths.containers import container_called, sidecars_of
from nodrop.paths.decoded import annotation_of, decoded
from nodrop.paths.fields import Field, is_unknown_or_masked, ref_of, whole
from nodrop.paths.probe_hosts import hosts_not_known
from nodrop.paths.requests import NotKnownError
from nodrop.paths.rollout import serves_no_request_of
from nodrop.paths.scale_targets import GROUPS, is_astray
from nodrop.paths.unmodelled import unmodelled
from nodrop.paths.volumes import claims_of, name_of_claim, stated_claims

OF_NEG = frozenset(
    {
        "pre-stop-outlasts-deprogramming",
        "exit-on-term-cuts-no-request",
        "draining-covers-longest-request",
        "min-ready-covers-attach",
        "every-zone-keeps-an-endpoint",
        "progress-deadline-before-gate-opens",
        "progress-deadline-covers-start-up",
    }
)
"""Rules whose figures hold for a load balancer that sends to the pods themselves."""

OF_CHECK = frozenset(
    {
        "health-check-is-explicit",
        "health-check-asks-the-readiness-path",
        "health-check-asks-the-readiness-port",
        "health-check-port-listens",
        "check-timeout-within-interval",
        "liveness-outlasts-health-check",
    }
)
"""Rules that need the load balancer's health check."""

OF_PRE_STOP = frozenset(
    {
        "pre-stop-outlasts-deprogramming",
        "exit-on-term-cuts-no-request",
        "grace-exceeds-pre-stop",
        "grace-covers-longest-request",
        "every-container-has-pre-stop",
        "liveness-outlasts-health-check",
    }
)
"""Rules that need the seconds of the preStop."""

_BUILT_IN_CLASSES = (
    "Balanced",
    "Scale-Out",
    "Performance",
    "Accelerator",
    "general-purpose",
    "autopilot",
    "autopilot-spot",
)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What of one path is not judged."""

    awaiting_rehearsal: tuple[Unjudged, ...]
    """What only a rehearsal judges."""
    reasons: tuple[Unjudged, ...]
    silenced: frozenset[str]
    """Names of the rules that are not asked."""


def limits_of(
    path: ServingPath, beside: Iterable[Manifest], of_quotas: Iterable[NotKnownError], *, filled_in: bool
) -> Limits:
    """What cannot be judged on a path; `beside` are the objects that concern it, `of_quotas` what quotas do not tell.

    `filled_in`: GKE may state what containers of its pods do not.

    Raises:
        ReadingError: a field has no readable value.
    """
    objects = list(beside)
    silenced: frozenset[str] = frozenset()
    unknown = list(_unknown_pre_stops(path))
    if path.backend is Backend.INSTANCE_GROUP:
        silenced |= OF_NEG
    if unknown:
        silenced |= OF_PRE_STOP
    asks_agent = list(_of_check(path))
    if asks_agent:
        silenced |= OF_CHECK
    reasons = (
        *_of_routes(path),
        *_of_service(path),
        *_of_backend(path),
        *unknown,
        *_unknown_of_sidecars(path),
        *_of_pods(path, objects),
        *_of_probe(path),
        *_of_autoscalers(objects),
        *asks_agent,
        *_of_volumes(path, objects),
        *_of_amounts([*of_quotas, *_of_ranges(path, objects, filled_in=filled_in)]),
        *unjudged_of_fronts(path, objects),
        *of_others(path, objects),
        *of_vertical_autoscalers(path, objects),
    )
    return Limits(awaiting_rehearsal=tuple(_of_node_port(path)), reasons=reasons, silenced=silenced)


def _of_backend(path: ServingPath) -> Iterator[Unjudged]:
    if path.neg_is_assumed:
        service = whole(path.service)
        yield _reason(
            service["metadata"]["annotations"][NEG],
            f"absent beside spec.type {service['spec']['type'].value}, and judged as {WITH_NEG}, which GKE adds by "
            "itself, but not on a cluster with routes, a Shared VPC or network policies, where requests pass node "
            f"ports; wanted {WITH_NEG} or {NO_NEG}",
        )


def _of_node_port(path: ServingPath) -> Iterator[Unjudged]:
    if path.backend is Backend.INSTANCE_GROUP:
        yield _reason(
            whole(path.service)["spec"]["type"],
            "a path through a NodePort is judged by `nodrop rehearse` only",
        )


def _of_routes(path: ServingPath) -> Iterator[Unjudged]:
    port = Field(path.service_port, whole(path.service).object, "spec.ports[]")["appProtocol"]
    if path.by_gateway and port.value is not None and port.value not in PROTOCOLS:
        yield _reason(port, f"{port.value} is not modelled")
    for http_route in map(whole, path.http_routes):
        for rule in http_route["spec"]["rules"].entries():
            for key in ("timeouts", "retry", "sessionPersistence"):
                if rule[key].value is not None:
                    yield _reason(rule[key], "what it does to requests of a rollout is not modelled")


def _of_service(path: ServingPath) -> Iterator[Unjudged]:
    service = whole(path.service)
    protocol = Field(path.service_port, whole(path.service).object, "spec.ports[]")["protocol"]
    if protocol.value not in (None, "TCP"):
        yield _reason(protocol, f"a load balancer that sends HTTP over {protocol.value} is not modelled")
    if service["spec"]["type"].value == "ExternalName":
        yield _reason(service["spec"]["type"], "an ExternalName leads out of the cluster")


def _unknown_pre_stops(path: ServingPath) -> Iterator[Unjudged]:
    without = path.pre_stops.containers_without
    for name in path.pre_stops.containers:
        hook = container_called(path.pod, name)["lifecycle"]["preStop"]
        matters = name in path.pre_stops.holding_back_term or not serves_no_request_of(path, name)
        if name not in without and hook.mapping() and path.pre_stops.of(name).seconds is None and matters:
            yield _reason(hook, "for how many seconds it runs is not known")


def _unknown_of_sidecars(path: ServingPath) -> Iterator[Unjudged]:
    """PreStops of native sidecars beside the serving container: the kubelet runs them at the pod's deletion."""
    for each in sidecars_of(path.pod):
        hook, name = each["lifecycle"]["preStop"], each["name"].text() or ""
        matters = name != path.container and not serves_no_request_of(path, name)
        if matters and hook.mapping() and path.pre_stops.of(name).seconds is None:
            yield _reason(hook, "whether it ends the container while requests still arrive is not known")


def of_open_pre_stops(path: ServingPath, containers: Iterable[str]) -> Iterator[Unjudged]:
    """The preStops of those containers, which may or may not last long enough. Raises ReadingError."""
    by_container = (path.pre_stops.open_before_term if each == path.container else [each] for each in containers)
    for name in dict.fromkeys(chain.from_iterable(by_container)):
        seconds = path.pre_stops.of(name).seconds
        why = f"it sleeps for {seconds} s; how long what follows takes is not known"
        if path.pre_stops.may_end_before_term(name):
            why = f"what it runs after {seconds} s may end the container before TERM"
        yield _reason(container_called(path.pod, name)["lifecycle"]["preStop"], why)


def _of_probe(path: ServingPath) -> Iterator[Unjudged]:
    """Hosts that the kubelet asks instead of the pod, and headers that it sends and no load balancer does.

    A loopback address and the header `Host` are told apart by the rules.
    """
    yield from (_reason(host, why) for host, why in hosts_not_known(path.pod))
    probe = container_called(path.pod, path.container)["readinessProbe"]
    for header in probe["httpGet"]["httpHeaders"].entries():
        if str(header["name"].value).lower() not in ("host", "user-agent", "accept"):
            why = "the load balancer's check sends no such header; whether the answer is the same without is not known"
            yield _reason(header, why)


def _of_autoscalers(objects: list[Manifest]) -> Iterator[Unjudged]:
    """Source: kubernetes/kubernetes pkg/controller/podautoscaler/horizontal.go, AmbiguousSelector."""
    given = _of_kind(objects, "HorizontalPodAutoscaler")
    astray = [each for each in given if is_astray(whole(each)["spec"]["scaleTargetRef"])]
    for each in astray:
        target = whole(each)["spec"]["scaleTargetRef"]
        yield _reason(
            target["apiVersion"],
            f"whether there is a kind {target['kind'].value} in its API group is not known; wanted "
            f"{GROUPS[str(target['kind'].value)]}/v1 if it is to scale this Deployment",
        )
    for each in [each for each in given if each not in astray][1:]:
        yield Unjudged(
            ref_of(each),
            "spec.scaleTargetRef",
            "a second autoscaler of the same Deployment; the controller then acts on neither",
        )


def _of_pods(path: ServingPath, objects: list[Manifest]) -> Iterator[Unjudged]:
    pod = path.pod
    yield from (_reason(field, why) for field, why in unmodelled(path))
    signal = container_called(pod, path.container)["lifecycle"]["stopSignal"]
    if signal.value not in (None, "SIGTERM", "SIGKILL"):
        yield _reason(signal, f"what the process does on {signal.value} is not known")
    scheduler = pod["schedulerName"]
    if scheduler.value not in (None, "default-scheduler"):
        yield _reason(scheduler, f"where {scheduler.value} lets pods run is not modelled")
    for each in compute_classes(pod, objects):
        if each.value not in _BUILT_IN_CLASSES:
            yield _reason(each, f"whether nodes of the class {each.value} are Spot is not in the objects")


def _of_volumes(path: ServingPath, objects: list[Manifest]) -> Iterator[Unjudged]:
    """Claims whose access modes are not known; they matter where a new pod runs beside an old one."""
    if not path.max_surge:
        return
    claims, shared = stated_claims(objects), "whether old and new pods can share it is not known"
    for mode in (mode for claim in claims for mode in claim["spec"]["accessModes"].entries()):
        if is_unknown_or_masked(mode.value):
            yield _reason(mode, shared)
    there = [name_of_claim(claim) for claim in claims]
    for claim in claims_of(path.pod):
        if claim.value not in there:
            name = f"PersistentVolumeClaim {path.namespace}/{claim.value}"
            yield _reason(claim, f"{name} is not among the objects: {shared}")


def _of_ranges(path: ServingPath, objects: list[Manifest], *, filled_in: bool) -> Iterator[NotKnownError]:
    ranges = _of_kind(objects, "LimitRange")
    yield from untold_by_ranges(ranges, path.pod, filled_in=filled_in)
    yield from untold_of_claims(ranges, _of_kind(objects, "PersistentVolumeClaim"))


def _of_amounts(unknown: Iterable[NotKnownError]) -> Iterator[Unjudged]:
    yield from dict.fromkeys(_reason(each.field, each.why) for each in unknown)


def _of_kind(objects: list[Manifest], kind: str) -> list[Manifest]:
    return [each for each in objects if each.get("kind") == kind]


def _of_check(path: ServingPath) -> Iterator[Unjudged]:
    """The transparent health check, where it would be the one that GKE makes: a NEG's, and no BackendConfig states one.

    Source: kubernetes/ingress-gce pkg/controller/translator, setThcOptInOnSvc; pkg/translator, OverwriteWithTHC.
    """
    annotation = annotation_of(whole(path.service), TRANSPARENT_HEALTH_CHECK)
    states_one = whole(path.backend_config or {})["spec"]["healthCheck"].value is not None
    if path.by_gateway or states_one or path.backend is not Backend.NEG:
        return
    if decoded(annotation, read_transparent_health_check):
        yield _reason(
            annotation,
            "the load balancer asks an agent on port 7877 of the node for /api/podhealth, if the cluster's controller "
            "has that switched on; whether it has, and what the agent answers, is not in the objects",
        )


def _reason(field: Field, why: str) -> Unjudged:
    return Unjudged(field.object, field.path, why)
