"""Inputs of `NegService`: their shape, limits and rules, with an example that passes.

A timing rule is judged here only where the load balancer's inputs alone can break it. Not here: how the load balancer
treats the service besides timings (`backend`).
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, NotRequired, TypedDict, cast

import pulumi

from gke_nodrop.backend import settings as backends
from gke_nodrop.backend.settings import BackendArgs
from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example, example_of
from gke_nodrop.inputs.faults import Fault, shown
from gke_nodrop.inputs.rules import rule
from gke_nodrop.inputs.types import NamespaceName, ResourceName
from gke_nodrop.shared.names import SERVICE_PORT
from gke_nodrop.shared.protocols import Protocol, ProtocolText
from gke_nodrop.timing import rollout_args, timings
from gke_nodrop.timing.rollout_args import HealthCheckArgs, RolloutArgs
from gke_nodrop.timing.timings import TimingJudgement
from nodrop.rollout.registry import RuleKind, all_rules
from nodrop.rollout.rules import RULE_NAMES

NEG_ANNOTATION = "kubernetes/ingress-gce pkg/neg/controller.go"

TIMING_RULES = frozenset(
    {
        "backend-timeout-covers-longest-request",
        "check-timeout-within-interval",
        "draining-covers-longest-request",
        "inputs-in-range",
    }
)
"""Timing rules that the load balancer's inputs alone can break."""

JUDGED_ELSEWHERE = {name for name in RULE_NAMES if all_rules()[name].kind is not RuleKind.WAIVER} - TIMING_RULES
"""All others, which are the `RollingDeployment`'s to judge; waivers are judged here too."""

_DECIDES = ("longest_request_seconds", "backend_timeout_seconds", "draining_timeout_seconds")
"""What of `rollout` the load balancer's numbers follow from."""

POLICY_PATH = r"/[A-Za-z0-9/\-._~%!?$&'()*+,;=:]*"
"""Source: GoogleCloudPlatform/gke-gateway-api apis/networking/v1/healthcheck_types.go."""


NegName = Annotated[
    str,
    limits.google_name("the name of a NEG", "Google, Container-native load balancing through standalone zonal NEGs"),
    Example("web"),
]


class ExposedPortArgs(TypedDict):
    """A port of the Service with standalone NEGs, one in each zone, for load balancers that are set up elsewhere."""

    port: NotRequired[
        Annotated[int, limits.equal(SERVICE_PORT, "the Service's only port", NEG_ANNOTATION), Example(80)]
    ]
    """Port of the Service, which has one. Default 80."""
    name: NotRequired[NegName]
    """Name of the NEG; excludes `for_ingress`. Default: GKE's choice, which the Service's annotation
    cloud.google.com/neg-status tells."""


class NegServiceArgs(TypedDict):
    """Inputs of `NegService`."""

    namespace: pulumi.Input[NamespaceName]
    """Name of an existing Namespace."""
    selects: NotRequired[ResourceName]
    """Name of the `RollingDeployment` whose pods it serves. Default: the component's own name."""
    protocol: NotRequired[Protocol | ProtocolText]
    """What the pods serve. Default HTTP."""
    health_check: NotRequired[HealthCheckArgs]
    """The load balancer's health check, the same as the `RollingDeployment`'s."""
    rollout: NotRequired[RolloutArgs]
    """The same as the `RollingDeployment`'s: timeout and draining follow from it."""
    accept: NotRequired[rollout_args.Accept]
    """Rules that may be broken, by name, each with the reason why the service can live with it."""
    backend: NotRequired[BackendArgs]
    """How the load balancer treats the service besides timings."""
    exposed_ports: NotRequired[list[ExposedPortArgs]]
    """Ports with a standalone NEG. Default: none."""
    for_ingress: NotRequired[bool]
    """Whether an `Ingress` leads here: makes the BackendConfig. Default true."""
    for_gateway: NotRequired[Annotated[bool, Example(False)]]
    """Whether a `Gateway` leads here: makes GCPBackendPolicy and HealthCheckPolicy. Both may, for a move from one to
    the other. Default false."""


def load_balancers(args: NegServiceArgs) -> tuple[bool, bool]:
    """Whether there is an Ingress, and whether a Gateway."""
    return args.get("for_ingress", True), args.get("for_gateway", False)


@rule(NegServiceArgs)
def fit_load_balancers(args: NegServiceArgs) -> Iterator[Fault]:
    """What the kinds of load balancer that there are do not take."""
    for_ingress, for_gateway = load_balancers(args)
    yield from backends.fit_load_balancers(
        args.get("backend", BackendArgs()), for_ingress=for_ingress, for_gateway=for_gateway
    )
    path = args.get("health_check", HealthCheckArgs()).get("path", "/")
    if for_gateway and re.fullmatch(POLICY_PATH, path) is None:
        yield Fault(
            input="health_check.path",
            value=shown(path),
            rule="must be of letters, digits and /-._~%!?$&'()*+,;=: for a Gateway",
            source="GoogleCloudPlatform/gke-gateway-api apis/networking/v1/healthcheck_types.go",
            would_pass=shown(example_of(HealthCheckArgs)["path"]),
        )


@rule(NegServiceArgs)
def _without_load_balancer_it_has_a_neg(args: NegServiceArgs) -> Iterator[Fault]:
    if any(load_balancers(args)):
        return
    if not args.get("exposed_ports"):
        yield Fault(
            input="for_ingress",
            value="false",
            rule="leaves the Service without a NEG, where for_gateway is false and exposed_ports empty",
            source=NEG_ANNOTATION,
            would_pass="true",
        )
    if args.get("backend"):
        yield Fault(
            input="backend",
            value="given",
            rule="has no effect with for_ingress and for_gateway false: the backend service made apart has its own",
            source=backends.GOOGLE_INGRESS,
            would_pass=backends.ABSENT,
        )


@rule(NegServiceArgs)
def _exposed_ports_are_possible(args: NegServiceArgs) -> Iterator[Fault]:
    for_ingress, _ = load_balancers(args)
    seen: set[int] = set()
    for index, each in enumerate(args.get("exposed_ports", [])):
        port = each.get("port", SERVICE_PORT)
        if port in seen:
            yield Fault(
                input=f"exposed_ports[{index}]",
                value=shown(port),
                rule="must not be exposed twice",
                source=NEG_ANNOTATION,
                would_pass=backends.ABSENT,
            )
        seen.add(port)
        if "name" in each and for_ingress:
            yield Fault(
                input=f"exposed_ports[{index}].name",
                value=shown(each["name"]),
                rule="excludes for_ingress = true: the controller makes no NEG at all then",
                source=NEG_ANNOTATION,
                would_pass="absent, or for_ingress false",
            )


@rule(NegServiceArgs)
def _grpc_has_a_health_port(args: NegServiceArgs) -> Iterator[Fault]:
    port = args.get("health_check", HealthCheckArgs()).get("port")
    yield from timings.health_port_faults(Protocol(args.get("protocol", Protocol.HTTP)), port)


@rule(NegServiceArgs)
def _timings_drop_no_request(args: NegServiceArgs) -> Iterator[Fault]:
    yield from timings.faults(judge(args).found)


def warnings(args: NegServiceArgs) -> list[str]:
    """What is worth saying of inputs other than timings although it fails nothing."""
    for_ingress, for_gateway = load_balancers(args)
    return list(backends.warnings(args.get("backend", BackendArgs()), for_ingress=for_ingress, for_gateway=for_gateway))


def judge(args: NegServiceArgs) -> TimingJudgement:
    """A rollout of which the load balancer's numbers count, and the timing rules that its inputs break.

    How many pods there are does not change those numbers.
    """
    rollout = args.get("rollout", RolloutArgs())
    decides = cast("RolloutArgs", {key: value for key, value in rollout.items() if key in _DECIDES})
    accept = {rule: reason for rule, reason in args.get("accept", {}).items() if rule not in JUDGED_ELSEWHERE}
    judgement = timings.judge(
        rollout_args.DEFAULT_REPLICAS,
        decides,
        args.get("health_check", HealthCheckArgs()),
        accept,
        protocol=Protocol(args.get("protocol", Protocol.HTTP)),
    )
    found = tuple(each for each in judgement.found if each.rule not in JUDGED_ELSEWHERE)
    return replace(judgement, found=found)
