"""Inputs of `NegService`: their shape, limits and rules, with an example that passes.

A timing rule is judged here only where the load balancer's inputs alone can break it. Not here: how the load balancer
treats the service besides timings (`backend`).
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, NotRequired, TypedDict

import pulumi

from gke_nodrop.backend import settings as backends
from gke_nodrop.backend.settings import BackendArgs
from gke_nodrop.inputs import limits
from gke_nodrop.inputs.check import Example, Fault, example_of, shown
from gke_nodrop.inputs.limits import DnsLabel, NegName, ResourceName
from gke_nodrop.shared.names import SERVICE_PORT
from gke_nodrop.shared.protocols import Protocol
from gke_nodrop.timing import rollout_args, timings
from gke_nodrop.timing.rollout_args import HealthCheckArgs, RolloutArgs
from nodrop.rollout import Diagnostic, Rollout
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
"""Timing rules that the load balancer's inputs alone can break; all others are the `RollingDeployment`'s to judge."""

_DECIDES = ("longest_request_seconds", "backend_timeout_seconds", "draining_timeout_seconds")
"""What of `rollout` the load balancer's numbers follow from."""

POLICY_PATH = r"/[A-Za-z0-9/\-._~%!?$&'()*+,;=:]*"
"""Source: GoogleCloudPlatform/gke-gateway-api apis/networking/v1/healthcheck_types.go."""


class ExposedPortArgs(TypedDict):
    """A port of the Service with a standalone NEG: one for load balancers that are set up apart, in each zone."""

    port: NotRequired[
        Annotated[int, limits.equal(SERVICE_PORT, "the Service's only port", NEG_ANNOTATION), Example(80)]
    ]
    """Port of the Service, which has one. Default 80."""
    name: NotRequired[NegName]
    """Name of the NEG; excludes `for_ingress`. Default: GKE's choice, which the Service's annotation
    cloud.google.com/neg-status tells."""


class NegServiceArgs(TypedDict):
    """Inputs of `NegService`."""

    namespace: pulumi.Input[DnsLabel]
    """Name of an existing Namespace."""
    selects: NotRequired[ResourceName]
    """Name of the `RollingDeployment` whose pods it serves. Default: the component's own name."""
    protocol: NotRequired[Protocol]
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
    for_ingress: NotRequired[Annotated[bool, Example(True)]]
    """Whether an `Ingress` leads here: makes the BackendConfig. Default true."""
    for_gateway: NotRequired[Annotated[bool, Example(False)]]
    """Whether a `Gateway` leads here: makes GCPBackendPolicy and HealthCheckPolicy. Both may, for a move from one to
    the other. Default false."""


# shim for the prototype: backend is not converted
EXAMPLE = {
    **example_of(NegServiceArgs),
    "protocol": Protocol.HTTP2,
    "backend": backends.EXAMPLE,
    "exposed_ports": [{"port": 80}],
}
QUOTED = {**EXAMPLE, "backend": backends.QUOTED, "exposed_ports": [{"port": 80, "name": "web"}]}
LIMITS = {**backends.LIMITS}


def faults(args: NegServiceArgs) -> Iterator[Fault]:
    """What the inputs must keep together, apart from timings and from what concerns the pods too."""
    for_ingress, for_gateway = load_balancers(args)
    backend, health_check = args.get("backend", BackendArgs()), args.get("health_check", HealthCheckArgs())
    if not (for_ingress or for_gateway):
        yield from _served_apart(args)
    yield from _exposed(args, for_ingress)
    yield from backends.faults(backend, for_ingress=for_ingress, for_gateway=for_gateway)
    path = health_check.get("path", "/")
    if for_gateway and re.fullmatch(POLICY_PATH, path) is None:
        yield Fault(
            input="health_check.path",
            value=shown(path),
            rule="must be of letters, digits and /-._~%!?$&'()*+,;=: for a Gateway",
            source="GoogleCloudPlatform/gke-gateway-api apis/networking/v1/healthcheck_types.go",
            would_pass=shown(rollout_args.HEALTH_CHECK_EXAMPLE.get("path")),
        )


def load_balancers(args: NegServiceArgs) -> tuple[bool, bool]:
    """Whether there is an Ingress, and whether a Gateway."""
    return args.get("for_ingress", True), args.get("for_gateway", False)


def _served_apart(args: NegServiceArgs) -> Iterator[Fault]:
    """A Service of neither Ingress nor Gateway has a NEG, and nothing for them."""
    if not args.get("exposed_ports"):
        yield Fault(
            input="for_ingress",
            value="false",
            rule="leaves the Service without a NEG, where for_gateway is false and exposed_ports empty",
            source=NEG_ANNOTATION,
            would_pass="true",  # noqa: S106 - not a password
        )
    if args.get("backend"):
        yield Fault(
            input="backend",
            value="given",
            rule="is read by nobody with for_ingress and for_gateway false: the backend service made apart has its own",
            source=backends.GOOGLE_INGRESS,
            would_pass=backends.ABSENT,
        )


def _exposed(args: NegServiceArgs, for_ingress: bool) -> Iterator[Fault]:
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
                would_pass="absent, or for_ingress false",  # noqa: S106 - not a password
            )


def rules(name: str) -> tuple[Callable[[NegServiceArgs], Iterable[Fault]], ...]:
    """What the args of a service of this name must keep beyond their types and limits."""
    return (
        limits.named(name),
        faults,
        lambda args: timings.health_port_faults(args.get("protocol"), args.get("health_check", {}).get("port")),
        lambda args: timings.faults(judged(args)),
    )


def warnings(args: NegServiceArgs) -> list[str]:
    """What is worth saying of inputs other than timings although it fails nothing."""
    for_ingress, for_gateway = load_balancers(args)
    return list(backends.warnings(args.get("backend", BackendArgs()), for_ingress=for_ingress, for_gateway=for_gateway))


def solved(args: NegServiceArgs) -> Rollout:
    """A rollout of which the load balancer's numbers count; how many pods there are does not change them."""
    rollout, health_check, accept = _stated(args)
    protocol = args.get("protocol", Protocol.HTTP)
    return timings.solved(rollout_args.DEFAULT_REPLICAS, rollout, health_check, accept, protocol=protocol)


def judged(args: NegServiceArgs) -> list[Diagnostic]:
    """The timing rules that the load balancer's inputs break, waived ones too, with what is wrong with waivers."""
    rollout, health_check, accept = _stated(args)
    protocol = args.get("protocol", Protocol.HTTP)
    found = timings.judged(rollout_args.DEFAULT_REPLICAS, rollout, health_check, accept, protocol=protocol)
    return [each for each in found if each.rule in TIMING_RULES or each.rule not in RULE_NAMES]


def _stated(args: NegServiceArgs) -> tuple[RolloutArgs, HealthCheckArgs, dict[str, str]]:
    """What the load balancer's numbers follow from; of waivers, those that are wrong and those of its rules."""
    rollout = args.get("rollout", RolloutArgs())
    accept = {
        rule: reason
        for rule, reason in args.get("accept", {}).items()
        if rule in TIMING_RULES or rule not in RULE_NAMES
    }
    decides: RolloutArgs = {key: value for key, value in rollout.items() if key in _DECIDES}  # ty: ignore
    return decides, args.get("health_check", HealthCheckArgs()), accept
