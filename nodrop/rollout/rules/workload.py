"""Whether the rules can judge a rollout at all; where they cannot, nothing else is said."""

from collections.abc import Iterator

from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.facts import MAX_INT32
from nodrop.rollout.registry import version_rule
from nodrop.rollout.sources import DEPLOYMENTS, KUBERNETES_API
from nodrop.rollout.timing import Rollout


@version_rule(
    severity=Severity.NOT_JUDGED,
    source=DEPLOYMENTS,
    goes_wrong="Lost requests are not judged: other controllers replace pods differently.",
    cure="Serve from a Deployment, or rehearse the path.",
    breaks={"kind": "StatefulSet"},
    keeps={"kind": "Deployment"},
    unwaivable="nothing was judged, so there is nothing to accept",
    precondition=True,
)
def workload_is_judged(rollout: Rollout) -> Iterator[Diagnostic]:
    """The workload is a Deployment."""
    if rollout.kind != "Deployment":
        yield Diagnostic(
            rule="workload-is-judged",
            severity=Severity.NOT_JUDGED,
            input="rollout.kind",
            value=rollout.kind,
            seen="not a Deployment",
            why="other controllers replace pods differently; lost requests are not judged",
            source=DEPLOYMENTS,
            would_pass="Deployment",
        )


@version_rule(
    severity=Severity.ERROR,
    source=KUBERNETES_API,
    goes_wrong="No timing can be computed from such a number, or no API accepts it.",
    cure="Use a number in the range.",
    breaks={"longest_request_seconds": -1},
    keeps={"longest_request_seconds": 0},
    unwaivable="no timing can be computed from such a number",
    precondition=True,
)
def inputs_in_range(rollout: Rollout) -> Iterator[Diagnostic]:
    """Every duration is a finite number, and probes and checks have a period."""
    for name, value in (
        ("longest_request_seconds", rollout.longest_request_seconds),
        ("startup_seconds", rollout.startup_seconds),
        ("start_delay_seconds", rollout.start_delay_seconds),
        ("keep_alive_timeout_seconds", rollout.keep_alive_timeout_seconds),
        ("headers_timeout_seconds", rollout.headers_timeout_seconds),
    ):
        if value is not None and not 0 <= value <= MAX_INT32:
            yield Diagnostic(
                rule="inputs-in-range",
                severity=Severity.ERROR,
                input=f"rollout.{name}",
                value=value,
                seen=f"not a number from 0 to {MAX_INT32}",
                why="the timings are computed from it",
                source=KUBERNETES_API,
                would_pass=1,
            )
    periods = {"health_check.check_interval_seconds": rollout.health_check.check_interval_seconds}
    for name, probe in (("readiness_probe", rollout.readiness_probe), ("startup_probe", rollout.startup_probe)):
        periods |= {f"{name}.period_seconds": probe.period_seconds} if probe else {}
    for name, period in periods.items():
        if period < 1:
            yield Diagnostic(
                rule="inputs-in-range",
                severity=Severity.ERROR,
                input=name,
                value=period,
                seen="less than 1",
                why="no API takes it",
                source=KUBERNETES_API,
                would_pass=5,
            )
