"""What the judges of a pod's health ask: the load balancer's check, and the kubelet's probes."""

from collections.abc import Iterator
from math import ceil

from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.registry import version_rule
from nodrop.rollout.sources import DEFAULT_CHECKS, GOOGLE_CHECKS, HEALTH_CHECKS, MEMBERSHIP, PROBES
from nodrop.rollout.timing import Rollout


@version_rule(
    severity=Severity.WARNING,
    source=DEFAULT_CHECKS,
    goes_wrong="An Ingress's controller infers the health check once, and later edits of the probe have no effect; a "
    "Gateway's asks /, whatever the probe asks.",
    cure="State path and port in a BackendConfig or HealthCheckPolicy.",
    breaks={"health_check_is_explicit": False},
    keeps={"health_check_is_explicit": True},
)
def health_check_is_explicit(rollout: Rollout) -> Iterator[Diagnostic]:
    """The load balancer's check is stated, so that it can be changed."""
    if not rollout.health_check_is_explicit:
        probe = rollout.readiness_probe
        yield Diagnostic(
            rule="health-check-is-explicit",
            severity=Severity.WARNING,
            input="rollout.health_check_is_explicit",
            value="none",
            seen="neither BackendConfig nor HealthCheckPolicy states the path",
            why="behind an Ingress the controller infers it from the readiness probe, or else /, once, and later edits "
            "have no effect; behind a Gateway it asks /",
            source=DEFAULT_CHECKS,
            would_pass=(probe.path if probe else None) or "a path that answers 200 when the pod is ready",
        )


@version_rule(
    severity=Severity.WARNING,
    source=MEMBERSHIP,
    goes_wrong="An unready pod stays in its NEG and keeps getting requests, since its health check still passes.",
    cure="Use the readiness probe's path in the load balancer's health check.",
    breaks={"health_check.path": "/alive"},
    keeps={"health_check.path": "/", "readiness_probe.path": "/"},
)
def health_check_asks_the_readiness_path(rollout: Rollout) -> Iterator[Diagnostic]:
    """Load balancer and kubelet check the same path. A probe that only connects checks none.

    A check of gRPC's health service may mean the same as a path. One of TCP passes as long as the port is open.
    """
    probe, check = rollout.readiness_probe, rollout.health_check
    if probe is None or not probe.path or probe.path == check.path:
        return
    why = "an unready pod stays in its NEG, so only the load balancer's own check keeps requests from it"
    if check.type == "TCP":
        yield Diagnostic(
            rule="health-check-asks-the-readiness-path",
            severity=Severity.WARNING,
            input="health_check.type",
            value=check.type,
            seen=f"passes as long as the port is open; the readiness probe asks {probe.path}",
            why=why,
            source=MEMBERSHIP,
            would_pass=f"HTTP, with the path {probe.path}",
        )
    elif check.path:
        yield Diagnostic(
            rule="health-check-asks-the-readiness-path",
            severity=Severity.WARNING,
            input="health_check.path",
            value=check.path,
            seen=f"not the readiness probe's path {probe.path}",
            why=why,
            source=MEMBERSHIP,
            would_pass=probe.path,
        )


@version_rule(
    severity=Severity.ERROR,
    source=GOOGLE_CHECKS,
    goes_wrong="The kubelet finds the pod ready, but the load balancer never finds it healthy.",
    cure="Answer 200 on the health check's path, not a redirect.",
    breaks={"health_check_status": 301},
    keeps={"health_check_status": 200},
    fact="the health check's answer",
    asked_by_components=False,
)
def health_check_answers_200(rollout: Rollout) -> Iterator[Diagnostic]:
    """The application's answer satisfies the load balancer, not only the kubelet."""
    status = rollout.health_check_status
    if status is not None and status != 200:
        yield Diagnostic(
            rule="health-check-answers-200",
            severity=Severity.ERROR,
            input="rollout.health_check_status",
            value=status,
            seen=f"the answer at {rollout.health_check.path}",
            why="the load balancer accepts only 200, while the kubelet accepts every 2xx and 3xx",
            source=GOOGLE_CHECKS,
            would_pass=200,
        )


@version_rule(
    severity=Severity.ERROR,
    source=GOOGLE_CHECKS,
    goes_wrong="The load balancer's API refuses the health check.",
    cure="Make timeoutSec no longer than checkIntervalSec.",
    breaks={"health_check.timeout_seconds": 9},
    keeps={"health_check.timeout_seconds": 5},
    unwaivable="the load balancer's API refuses such a health check",
)
def check_timeout_within_interval(rollout: Rollout) -> Iterator[Diagnostic]:
    """The load balancer's check has ended before the next one starts."""
    health_check = rollout.health_check
    if health_check.timeout_seconds > health_check.check_interval_seconds:
        yield Diagnostic(
            rule="check-timeout-within-interval",
            severity=Severity.ERROR,
            input="health_check.timeout_seconds",
            value=health_check.timeout_seconds,
            seen=f"longer than check_interval_seconds = {health_check.check_interval_seconds} s",
            why="the load balancer's API refuses it",
            source=GOOGLE_CHECKS,
            would_pass=health_check.check_interval_seconds,
        )


@version_rule(
    severity=Severity.WARNING,
    source=HEALTH_CHECKS,
    goes_wrong="The Ingress controller copies the probe into a health check that the load balancer's API refuses.",
    cure="Make the probe's timeoutSeconds no longer than its periodSeconds, or state the health check.",
    given={"health_check_is_explicit": False},
    breaks={"readiness_probe.timeout_seconds": 9},
    keeps={"readiness_probe.timeout_seconds": 5},
)
def probe_timeout_within_period(rollout: Rollout) -> Iterator[Diagnostic]:
    """The same holds for the readiness probe, where Ingress copies its values into the load balancer's check."""
    probe = rollout.readiness_probe
    if rollout.health_check_is_explicit or not rollout.health_check_copies_probe or probe is None:
        return
    if probe.timeout_seconds > probe.period_seconds:
        yield Diagnostic(
            rule="probe-timeout-within-period",
            severity=Severity.WARNING,
            input="readiness_probe.timeout_seconds",
            value=probe.timeout_seconds,
            seen=f"longer than period_seconds = {probe.period_seconds} s",
            why="the Ingress controller copies both into a health check, whose API refuses that",
            source=HEALTH_CHECKS,
            would_pass=probe.period_seconds,
        )


@version_rule(
    severity=Severity.WARNING,
    source=PROBES,
    goes_wrong="The kubelet restarts a container to which the load balancer still sends requests.",
    cure="Raise the liveness probe's failureThreshold.",
    given={"pre_stop_seconds": 0},
    breaks={"liveness_probe.failure_threshold": 1},
    keeps={"liveness_probe.failure_threshold": 3},
)
def liveness_outlasts_health_check(rollout: Rollout) -> Iterator[Diagnostic]:
    """A pod that hangs has left the load balancer before the kubelet restarts its container.

    preStop runs before the restart too.
    """
    probe, ejection = rollout.liveness_probe, rollout.health_check.ejection_seconds
    restart = rollout.liveness_restart_seconds
    if probe is not None and restart is not None and restart <= ejection:
        yield Diagnostic(
            rule="liveness-outlasts-health-check",
            severity=Severity.WARNING,
            input="liveness_probe.failure_threshold",
            value=probe.failure_threshold,
            seen=(
                f"restarts after {restart} s with what preStop adds, not later than the {ejection} s "
                "until the load balancer's check has failed"
            ),
            why="a restart cuts off requests that the load balancer still sends",
            source=PROBES,
            would_pass=probe.failure_threshold + (ejection - restart) // max(1, probe.period_seconds) + 1,
        )


@version_rule(
    severity=Severity.WARNING,
    source=PROBES,
    goes_wrong="A restart kills the container at once and cuts off its requests.",
    cure="Leave terminationGracePeriodSeconds out of the liveness probe.",
    breaks={"liveness_probe.termination_grace_period_seconds": 1},
    keeps={"liveness_probe.termination_grace_period_seconds": None},
)
def liveness_leaves_the_grace(rollout: Rollout) -> Iterator[Diagnostic]:
    """A container that the kubelet restarts may finish its requests."""
    probe = rollout.liveness_probe
    own = probe.termination_grace_period_seconds if probe else None
    if own is not None and own < rollout.termination_grace_period_seconds:
        yield Diagnostic(
            rule="liveness-leaves-the-grace",
            severity=Severity.WARNING,
            input="liveness_probe.termination_grace_period_seconds",
            value=own,
            seen=f"shorter than the pod's grace period of {rollout.termination_grace_period_seconds} s",
            why="a restart then ends preStop and the requests in flight early",
            source=PROBES,
            would_pass=rollout.termination_grace_period_seconds,
        )


@version_rule(
    severity={
        Severity.ERROR: "the probe requests a path, and its budget ends before start-up does",
        Severity.WARNING: "the probe only connects, or its budget ends within the last period",
    },
    source=PROBES,
    goes_wrong="The kubelet restarts the container while it starts, again and again.",
    cure="Add a startup probe that allows three times the start-up time.",
    breaks={"startup_probe.failure_threshold": 1, "startup_seconds": 30},
    warns={"startup_probe.failure_threshold": 6, "startup_seconds": 29},
    keeps={"startup_probe.failure_threshold": 7, "startup_seconds": 30},
)
def start_up_fits_liveness(rollout: Rollout) -> Iterator[Diagnostic]:
    """No probe restarts a container that starts as slowly as stated.

    The last probe that counts comes a period before the documented budget ends. One that only connects may pass sooner
    than the readiness endpoint answers.
    """
    probe = rollout.startup_probe or rollout.liveness_probe
    if probe is None:
        return
    name = "startup_probe" if rollout.startup_probe else "liveness_probe"
    startup, period = rollout.startup_seconds, max(1, probe.period_seconds)
    last = probe.initial_delay_seconds + (probe.failure_threshold - 1) * probe.period_seconds
    if startup <= last:
        return
    certain = probe.path and startup > last + probe.period_seconds
    needed = ceil((startup - probe.initial_delay_seconds) / period) + 1
    yield Diagnostic(
        rule="start-up-fits-liveness",
        severity=Severity.ERROR if certain else Severity.WARNING,
        input=f"{name}.failure_threshold",
        value=probe.failure_threshold,
        seen=f"its last probe comes after {last} s, before the {startup:g} s of start-up are over",
        why="the kubelet restarts the container while it starts, again and again; a startup probe holds liveness back",
        source=PROBES,
        would_pass=needed,
    )


@version_rule(
    severity=Severity.WARNING,
    source=PROBES,
    goes_wrong="One outage of a shared dependency makes every pod unready, and the load balancer has no endpoint left.",
    cure="Let readiness report on the pod itself, and answer requests that need the dependency with an error.",
    breaks={"readiness_depends_on": ("database",)},
    keeps={"readiness_depends_on": ()},
    fact="what readiness depends on",
    asked_by_components=False,
)
def readiness_stands_alone(rollout: Rollout) -> Iterator[Diagnostic]:
    """No outage of something shared makes every pod unready at once."""
    shared = rollout.readiness_depends_on
    if shared:
        yield Diagnostic(
            rule="readiness-stands-alone",
            severity=Severity.WARNING,
            input="rollout.readiness_depends_on",
            value=shared,
            seen="checked by the readiness endpoint of every pod",
            why="one outage there makes all pods unready, and the load balancer has no endpoint left",
            source=PROBES,
            would_pass=(
                "none: let readiness report on the pod itself, and answer requests that need the dependency with an "
                "error"
            ),
        )
