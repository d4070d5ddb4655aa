"""From what a user knows of the application to the timings of a rollout that drops no request.

The timings are the smallest that break no rule, warnings included; the progress deadline is the largest before the
readiness gate opens by itself, or, where a start in the mode hard-coded-delay takes longer, the smallest. Judging
timings that somebody else chose is what `rules` is for.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import ceil, isfinite

from nodrop.rollout.facts import (
    GATE_FORCE_OPEN_SECONDS,
    GRACE_MARGIN_SECONDS,
    KEEP_ALIVE_RECOMMENDED_SECONDS,
    MIN_READY_HARD_CODED_SECONDS,
    PROXY_LAST_REQUEST_SECONDS,
)
from nodrop.rollout.findings import Finding, Severity
from nodrop.rollout.health_checks import HealthCheck, Probe
from nodrop.rollout.rules import check
from nodrop.rollout.timing import Mode, OnTerm, Rollout, recommended_arrivals_seconds, serves_until_kill


class Unsolvable(ValueError):  # noqa: N818 - the inputs are at fault, not the solver
    """No timings keep every error rule; `findings` says which rules, and for which inputs."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = findings


def solve(
    *,
    longest_request_seconds: float,
    startup_seconds: float,
    replicas: int,
    keep_alive_timeout_seconds: float = KEEP_ALIVE_RECOMMENDED_SECONDS,
    on_term: OnTerm = OnTerm.DRAIN,
    mode: Mode = Mode.POD_READINESS_FEEDBACK,
    health_check_path: str = "/",
) -> Rollout:
    """The rollout for an application whose longest request and start-up take so many seconds.

    Health check and readiness probe share `health_check_path` and their times: every 5 s, 5 s to answer, 2 answers for
    a change of mind. Source: Google, Configure Gateway resources using Policies, defaults of HealthCheckPolicy.

    Raises:
        Unsolvable: an input is out of range, or an error rule cannot be met.
    """
    faults = list(
        _out_of_range(
            {
                "rollout.longest_request_seconds": (longest_request_seconds, 0),
                "rollout.startup_seconds": (startup_seconds, 0),
                "rollout.keep_alive_timeout_seconds": (keep_alive_timeout_seconds, 0),
                "replicas": (replicas, 1),
            }
        )
    )
    if faults:
        raise Unsolvable(faults)

    gated = mode is Mode.POD_READINESS_FEEDBACK
    longest = ceil(longest_request_seconds)
    arrivals = recommended_arrivals_seconds(longest)
    if serves_until_kill(mode, on_term):
        pre_stop, grace = 0, arrivals + longest + GRACE_MARGIN_SECONDS
    else:
        pre_stop = arrivals
        if on_term is OnTerm.EXIT:
            pre_stop = max(pre_stop, ceil(PROXY_LAST_REQUEST_SECONDS + longest + longest_request_seconds))
        grace = pre_stop + longest + GRACE_MARGIN_SECONDS
    rollout = Rollout(
        mode=mode,
        replicas=replicas,
        strategy="RollingUpdate",
        max_surge=1,
        max_unavailable=0,
        min_ready_seconds=0 if gated else MIN_READY_HARD_CODED_SECONDS,
        progress_deadline_seconds=GATE_FORCE_OPEN_SECONDS - 1,
        pre_stop_seconds=pre_stop,
        termination_grace_period_seconds=grace,
        longest_request_seconds=longest_request_seconds,
        startup_seconds=startup_seconds,
        keep_alive_timeout_seconds=keep_alive_timeout_seconds,
        on_term=on_term,
        backend_timeout_seconds=longest + GRACE_MARGIN_SECONDS,
        draining_timeout_seconds=longest,
        health_check=HealthCheck(
            path=health_check_path,
            check_interval_seconds=5,
            timeout_seconds=5,
            healthy_threshold=2,
            unhealthy_threshold=2,
        ),
        readiness_probe=Probe(
            path=health_check_path, period_seconds=5, timeout_seconds=5, success_threshold=1, failure_threshold=2
        ),
        readiness_gate=gated,
    )
    if not gated:  # a slow start may outlast the gate that GKE adds: minReadySeconds still waits
        deadline = max(rollout.progress_deadline_seconds, int(rollout.seconds_to_available) + 1)
        rollout = replace(rollout, progress_deadline_seconds=deadline)
    errors = [finding for finding in check(rollout) if finding.severity is Severity.ERROR]
    if errors:
        raise Unsolvable(errors)
    return rollout


def _out_of_range(inputs: dict[str, tuple[float, int]]) -> Iterator[Finding]:
    """A finding for each input (value and least value) that no arithmetic can use."""
    for name, (value, least) in inputs.items():
        if not isfinite(value) or value < least:
            yield Finding(
                rule="inputs-in-range",
                severity=Severity.ERROR,
                input=name,
                value=value,
                seen=f"not a number of {least} or more",
                why="the timings are computed from it",
                source="this model",
                would_pass=max(least, 1),
            )
