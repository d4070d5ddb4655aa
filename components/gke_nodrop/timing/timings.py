"""From what the user says about the application to the rollout that its Deployment declares.

`nodrop.rollout` solves and judges; here are only the place of overrides and the way findings are reported. Not here:
the inputs themselves (`rollout_args`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any, cast

from gke_nodrop.inputs.declared import example_of
from gke_nodrop.inputs.faults import Fault, shown
from gke_nodrop.shared.protocols import Protocol
from gke_nodrop.timing.rollout_args import BehaviourArgs, HealthCheckArgs, RolloutArgs
from nodrop import rollout as model
from nodrop.gke import applications
from nodrop.rollout import ASSUMED, Behaviour, Diagnostic, Mode, OnTerm, Rollout, Severity, Unsolvable, check, solve
from nodrop.rollout.refusals import nearest
from nodrop.rollout.registry import all_rules
from nodrop.rollout.rules import RULE_NAMES
from nodrop.rollout.solver import liveness_probe
from nodrop.rollout.stated import with_stated
from nodrop.rollout.waivers import effective, waive

RULES_WITHOUT_INPUTS = frozenset(name for name in RULE_NAMES if not all_rules()[name].asked_by_components)
"""Rules on what no input says; a waiver of one of them is for the tools that read the Deployment."""

RULES_THAT_SHAPE = frozenset(name for name in RULE_NAMES if all_rules()[name].shapes_solution)
"""Rules whose waiver changes what is solved: no wait for zones, any surge."""

_PACE = frozenset({"max_surge", "min_ready_seconds"})
"""Inputs that decide how long a rollout takes: where one is stated, the wish is judged with it (`with_stated`)."""

_MODELLED = {
    Protocol.HTTP: model.AppProtocol.HTTP,
    Protocol.HTTPS: model.AppProtocol.HTTPS,
    Protocol.HTTP2: model.AppProtocol.HTTP2,
    Protocol.GRPC: model.AppProtocol.HTTP2,
}
"""The timing model's word for each protocol."""


@dataclass(frozen=True)
class TimingJudgement:
    """What follows from the inputs, and what the rules have against it."""

    rollout: Rollout | None
    """Solved from the application's behaviour, then overridden where the user says so; None: no timings are possible,
    and `found` says why."""
    found: tuple[Diagnostic, ...]
    """The timing rules that are broken, waived ones too, with what is wrong with the waivers."""

    @property
    def possible(self) -> Rollout:
        """The rollout of inputs that passed the check, so that there is one."""
        assert self.rollout is not None  # noqa: S101 - states an invariant
        return self.rollout


def judge(
    replicas: int,
    rollout: RolloutArgs,
    health_check: HealthCheckArgs,
    accept: Mapping[str, str],
    *,
    max_replicas: int | None = None,
    protocol: Protocol = Protocol.HTTP,
) -> TimingJudgement:
    """The rollout of a service, and the timing rules that it breaks.

    Judged are the numbers that result. Where they break a rule because nothing could be solved, the solver's refusal
    says so in terms of the application.

    Args:
        replicas: pods; where an autoscaler decides, the least.
        rollout: the input of that name.
        health_check: the input of that name.
        accept: the input of that name.
        max_replicas: the most pods that an autoscaler may run; None: there is none.
        protocol: what the pods serve.
    """
    given = (tuple(rollout.items()), tuple(health_check.items()), tuple(accept.items()))
    return _judge(replicas, *given, max_replicas, protocol)


@lru_cache(maxsize=64)
def _judge(
    replicas: int,
    rollout_items: tuple[tuple[str, Any], ...],
    health_check_items: tuple[tuple[str, Any], ...],
    accept_items: tuple[tuple[str, str], ...],
    max_replicas: int | None,
    protocol: Protocol,
) -> TimingJudgement:
    """Kept for a while: a component's rules, its warnings and its objects all ask for the same."""
    rollout = cast("RolloutArgs", dict(rollout_items))
    health_check = cast("HealthCheckArgs", dict(health_check_items))
    accept = dict(accept_items)
    answer = partial(_solved, replicas, max_replicas, rollout, health_check, protocol)
    shaping = RULES_THAT_SHAPE & accept.keys()
    refusals: list[Diagnostic] = []
    try:
        solution = answer(shaping)
    except Unsolvable as unsolvable:
        refusals = unsolvable.diagnostics
        try:
            solution = answer(RULE_NAMES - RULES_THAT_SHAPE | shaping)
        except Unsolvable as hopeless:
            return TimingJudgement(None, tuple(waive(hopeless.diagnostics, accept, not_asked=accept)))
    broken = [_as_stated(finding, solution, rollout) for finding in check(solution)]
    broken_rules = {finding.rule for finding in broken}
    refused_rules = {finding.rule for finding in refusals}
    told = [
        *(finding for finding in refusals if finding.rule in broken_rules),
        *(finding for finding in broken if finding.rule not in refused_rules),
    ]
    unasked = RULES_WITHOUT_INPUTS - {"every-zone-keeps-an-endpoint"} if "zones" in rollout else RULES_WITHOUT_INPUTS
    weights = {finding.rule: finding.severity for finding in reversed(broken)}
    judged = [
        each if each.waiver is None else replace(each, severity=weights.get(each.rule, each.severity))
        for each in waive(told, accept, not_asked=unasked)
    ]  # what is not accepted is refused as an error, also where the rule only warns
    return TimingJudgement(solution, (*judged, *_refused(solution, judged)))


def _solved(
    replicas: int,
    max_replicas: int | None,
    rollout: RolloutArgs,
    health_check: HealthCheckArgs,
    protocol: Protocol,
    accept: Collection[str],
) -> Rollout:
    """Raises Unsolvable where a rule that is not in `accept` cannot be kept."""
    behaviour, wish = behaviour_of(rollout), rollout.get("rolled_out_within_seconds")
    # The keep-alive timeout decides no other timing; left out here, it is judged with all the rest.
    solution = solve(
        longest_request_seconds=behaviour.longest_request_seconds,
        startup_seconds=behaviour.startup_seconds,
        replicas=replicas,
        max_replicas=max_replicas,
        zones=rollout.get("zones"),
        start_delay_seconds=rollout.get("start_delay_seconds", 0),
        rolled_out_within_seconds=None if rollout.keys() & _PACE else wish,
        on_term=behaviour.on_term,
        mode=Mode(rollout.get("mode", Mode.POD_READINESS_FEEDBACK)),
        health_check_path=health_check.get("path", "/"),
        accept=accept,
    )
    checked = {key: value for key, value in health_check.items() if key not in ("liveness_path", "port")}
    judged_by = replace(solution.health_check, **checked)
    derived = {
        "health_check": judged_by,
        "liveness_probe": replace(liveness_probe(judged_by), path=health_check.get("liveness_path", "")),
        "protocol": _MODELLED[protocol],
    }
    return with_stated(replace(solution, **derived), _stated(rollout), rolled_out_within_seconds=wish, accept=accept)


def _stated(rollout: RolloutArgs) -> dict[str, Any]:
    """The inputs that are a Rollout's own."""
    return {key: value for key, value in rollout.items() if key not in ("zones", "rolled_out_within_seconds")}


def _as_stated(finding: Diagnostic, solution: Rollout, rollout: RolloutArgs) -> Diagnostic:
    """A finding about the grace period as one about preStop, where that alone is stated."""
    pre_stop, grace = "pre_stop_seconds", "termination_grace_period_seconds"
    stated = _stated(rollout)
    if finding.input != f"rollout.{grace}" or pre_stop not in stated or grace in stated:
        return finding
    seconds = {pre_stop: stated[pre_stop]}
    (told,) = nearest([finding], seconds, lambda **changed: with_stated(solution, {**stated, **changed}))
    return told


def _refused(solution: Rollout, found: list[Diagnostic]) -> Iterator[Diagnostic]:
    """What the Kubernetes API refuses although the rule that would have said so is waived."""
    deadline, min_ready = solution.progress_deadline_seconds, solution.min_ready_seconds
    rule = "progress-deadline-covers-start-up"
    if deadline <= min_ready and rule in {each.rule for each in found if each.waiver is not None}:
        yield Diagnostic(
            rule=rule,
            severity=Severity.ERROR,
            input="rollout.progress_deadline_seconds",
            value=deadline,
            seen=f"not longer than min_ready_seconds = {min_ready} s",
            why="the API refuses it, whatever is accepted",
            source="Kubernetes API, DeploymentSpec",
            would_pass=min_ready + 1,
        )


def faults(found: Iterable[Diagnostic]) -> Iterator[Fault]:
    """The errors that are not waived; those of one input with one value, which passes them all."""
    errors = [finding for finding in found if finding.is_error]
    for finding in errors:
        yield Fault(
            input=finding.input,
            value=shown(finding.value),
            rule=f"{finding.seen}; {finding.why}",
            source=f"rule {finding.rule}, {finding.source}",
            would_pass=str(_passes_all([each for each in errors if each.input == finding.input], finding)),
        )


def _passes_all(errors: Sequence[Diagnostic], finding: Diagnostic) -> object:
    """The value that would pass a finding, and the others of its input too, where all ask for more, or all for less."""
    numbers = [each.would_pass for each in errors if isinstance(each.would_pass, int)]
    if not isinstance(finding.value, int | float) or len(numbers) < len(errors):
        return finding.would_pass
    if all(each > finding.value for each in numbers):
        return max(numbers)
    return min(numbers) if all(each < finding.value for each in numbers) else finding.would_pass


def health_port_faults(protocol: Protocol, port: int | None) -> Iterator[Fault]:
    """A health check that the serving port cannot answer has a port of its own."""
    if protocol is Protocol.GRPC and port is None:
        yield Fault(
            input="health_check.port",
            value="absent",
            rule="is required with protocol GRPC: neither the kubelet nor the load balancer's HTTP health check asks "
            "a gRPC server over TLS, so another port of the container must answer health_check.path in plain HTTP",
            source="kubernetes.io, Configure Liveness, Readiness and Startup Probes; Google, Ingress configuration on "
            "GKE",
            would_pass=shown(example_of(HealthCheckArgs)["port"]),
        )


def warnings(found: Sequence[Diagnostic], rollout: RolloutArgs, protocol: Protocol = Protocol.HTTP) -> Iterator[str]:
    """What is worth saying although it fails nothing, waived rules last."""
    yield from (str(each) for each in found if each.severity is Severity.WARNING and each.waiver is None)
    if "keep_alive_timeout_seconds" not in rollout and _MODELLED[protocol] is not model.AppProtocol.HTTP2:
        yield (
            f"rollout.keep_alive_timeout_seconds is not stated; taken to be {ASSUMED.keep_alive_timeout_seconds}. A "
            "server that closes idle connections sooner than the load balancer, after 600 s, fails requests at any "
            "time (Google, External Application Load Balancer overview). Set the server's timeout and state it"
        )
    if rollout.get("mode") is Mode.HARD_CODED_DELAY and rollout.get("on_term") is OnTerm.SERVE:
        yield (
            "rollout.mode = hard-coded-delay, on_term = serve: without preStop no request is dropped only because the "
            "application goes on serving after SIGTERM (Google, Container-native load balancing through Ingress). "
            "One that does not needs on_term = drain or exit, which brings the preStop back"
        )
    yield from (str(each) for each in found if each.waiver is not None)


def behaviour_of(stated: BehaviourArgs) -> Behaviour:
    """How the application behaves, by what the inputs state and what is assumed of the rest."""
    return Behaviour(
        longest_request_seconds=stated.get("longest_request_seconds", ASSUMED.longest_request_seconds),
        startup_seconds=stated.get("startup_seconds", ASSUMED.startup_seconds),
        keep_alive_timeout_seconds=stated.get("keep_alive_timeout_seconds", ASSUMED.keep_alive_timeout_seconds),
        on_term=OnTerm(stated.get("on_term", ASSUMED.on_term)),
    )


def behaviour_annotations(stated: BehaviourArgs) -> dict[str, str]:
    """The application's behaviour as annotations of its Deployment, for every tool that reads the object later."""
    return applications.behaviour(**vars(behaviour_of(stated)))


def waiver_notes(accept: Mapping[str, str]) -> list[str]:
    """A line for each rule that is waived."""
    return [f"accepted: {rule}: {reason}" for rule, reason in effective(accept).items()]
