"""How an old pod leaves, so that its last request ends before anything cuts it."""

from collections.abc import Iterator
from math import ceil

from nodrop.rollout.behaviour import OnTerm
from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.facts import (
    GRACE_HARD_CODED_SECONDS,
    GRACE_MARGIN_SECONDS,
    PRE_STOP_FLOOR_SECONDS,
    PRE_STOP_RECOMMENDED_SECONDS,
    PROXY_LAST_REQUEST_SECONDS,
)
from nodrop.rollout.registry import version_rule
from nodrop.rollout.sources import GOOGLE_GUIDE, LIFECYCLE, MEASURED
from nodrop.rollout.timing import Mode, Rollout, recommended_arrivals_seconds, serves_until_kill

PRE_STOP_IS_LONG_ENOUGH = frozenset({"pre-stop-outlasts-deprogramming", "exit-on-term-cuts-no-request"})
"""Rules that a longer preStop meets."""


@version_rule(
    severity={
        Severity.ERROR: f"shorter than {PRE_STOP_FLOOR_SECONDS} s, or the floor that is stated",
        Severity.WARNING: "shorter than Google recommends, or than draining proxies might send",
    },
    source=(MEASURED, GOOGLE_GUIDE),
    goes_wrong="The pod stops while load balancer proxies still send it new requests, which fail.",
    cure="Give every serving container a preStop sleep of 60 s or more.",
    breaks={"pre_stop_seconds": 10},
    warns={"pre_stop_seconds": 40},
    keeps={"pre_stop_seconds": 60},
    ends_pods=True,
)
def pre_stop_outlasts_deprogramming(rollout: Rollout) -> Iterator[Diagnostic]:
    """TERM comes only after the last load balancer proxy has stopped sending new requests."""
    if serves_until_kill(rollout.mode, rollout.on_term):
        return
    seconds = rollout.pre_stop_seconds
    floor = rollout.pre_stop_floor_seconds
    recommended = max(floor, recommended_arrivals_seconds(rollout.draining_timeout_seconds))
    if seconds >= recommended:
        return
    if seconds < floor:
        severity = Severity.ERROR
        seen = f"shorter than the {floor} s that a load balancer may need to forget the pod"
        source = MEASURED
    elif seconds < PRE_STOP_RECOMMENDED_SECONDS:
        severity = Severity.WARNING
        seen = f"shorter than the {PRE_STOP_RECOMMENDED_SECONDS} s that Google recommends"
        source = GOOGLE_GUIDE
    else:
        severity = Severity.WARNING
        seen = (
            f"shorter than {PROXY_LAST_REQUEST_SECONDS} s + draining_timeout_seconds = "
            f"{rollout.draining_timeout_seconds} s, for which draining proxies might carry new requests (not verified)"
        )
        source = MEASURED
    if rollout.pre_stop_ended_by:
        seen += f"; `{rollout.pre_stop_ended_by}` tells the application to end before that: put the sleep first"
    yield Diagnostic(
        rule="pre-stop-outlasts-deprogramming",
        severity=severity,
        input="rollout.pre_stop_seconds",
        value=seconds,
        seen=seen,
        why=f"proxies still sent new requests {PROXY_LAST_REQUEST_SECONDS} s after the pod's deletion",
        source=source,
        would_pass=recommended,
    )


@version_rule(
    severity={
        Severity.ERROR: "shorter than the last new request and the longest one take",
        Severity.WARNING: "long enough for these, but not if proxies that drain send new requests too",
    },
    source=MEASURED,
    goes_wrong="An application that exits on TERM cuts off the last requests.",
    cure="Make it finish its requests on TERM, or lengthen preStop by the longest request.",
    given={"on_term": OnTerm.EXIT},
    breaks={"pre_stop_seconds": 40},
    warns={"pre_stop_seconds": 60},
    keeps={"pre_stop_seconds": 69},
    ends_pods=True,
)
def exit_on_term_cuts_no_request(rollout: Rollout) -> Iterator[Diagnostic]:
    """If the application exits on TERM, the last request ends before TERM, not only before KILL."""
    if rollout.on_term is not OnTerm.EXIT:
        return
    seconds, longest = rollout.pre_stop_seconds, rollout.longest_request_seconds
    recommended = ceil(PROXY_LAST_REQUEST_SECONDS + rollout.draining_timeout_seconds + longest) if longest else 0
    if seconds >= recommended:
        return
    yield Diagnostic(
        rule="exit-on-term-cuts-no-request",
        severity=Severity.ERROR if seconds < PROXY_LAST_REQUEST_SECONDS + longest else Severity.WARNING,
        input="rollout.pre_stop_seconds",
        value=seconds,
        seen=(
            f"shorter than {PROXY_LAST_REQUEST_SECONDS} s + draining_timeout_seconds = "
            f"{rollout.draining_timeout_seconds} s + longest_request_seconds = {longest:g} s"
        ),
        why="an application that exits on TERM cuts off the last requests",
        source=MEASURED,
        would_pass=recommended,
    )


@version_rule(
    severity=Severity.ERROR,
    source=LIFECYCLE,
    goes_wrong="preStop uses up the grace period, and KILL follows at once.",
    cure="Make terminationGracePeriodSeconds longer than preStop and the longest request together.",
    breaks={"termination_grace_period_seconds": 60},
    keeps={"termination_grace_period_seconds": 85},
    unwaivable="the Kubernetes API refuses a sleep longer than the grace period",
    ends_pods=True,
)
def grace_exceeds_pre_stop(rollout: Rollout) -> Iterator[Diagnostic]:
    """Part of the grace period is left when TERM is sent."""
    if rollout.pre_stop_seconds >= rollout.termination_grace_period_seconds:
        yield Diagnostic(
            rule="grace-exceeds-pre-stop",
            severity=Severity.ERROR,
            input="rollout.termination_grace_period_seconds",
            value=rollout.termination_grace_period_seconds,
            seen=f"not longer than pre_stop_seconds = {rollout.pre_stop_seconds} s",
            why="preStop uses up the grace period, and the API accepts equality, which leaves no time after TERM",
            source=LIFECYCLE,
            would_pass=_enough_grace_seconds(rollout)[1],
        )


@version_rule(
    severity={
        Severity.ERROR: "KILL is sent before the last requests have ended",
        Severity.WARNING: "without preStop: long enough as measured, not as recommended",
    },
    source=LIFECYCLE,
    goes_wrong="KILL cuts off the last requests.",
    cure="Set the grace period to preStop plus the longest request plus 5 s.",
    breaks={"termination_grace_period_seconds": 70},
    warns={
        "mode": Mode.HARD_CODED_DELAY,
        "on_term": OnTerm.SERVE,
        "pre_stop_seconds": 0,
        "termination_grace_period_seconds": 70,
    },
    keeps={"termination_grace_period_seconds": 85},
    ends_pods=True,
)
def grace_covers_longest_request(rollout: Rollout) -> Iterator[Diagnostic]:
    """A request that arrives at the last moment still ends before KILL.

    The last moment is TERM, or, for an application without preStop that serves on after TERM, the load balancer's. One
    that exits on TERM needs no time after it.
    """
    seconds = rollout.termination_grace_period_seconds
    needed, recommended = _enough_grace_seconds(rollout)
    if seconds >= recommended:
        return
    longest = _after_term_seconds(rollout)
    arrivals = f"pre_stop_seconds = {rollout.pre_stop_seconds} s"
    if serves_until_kill(rollout.mode, rollout.on_term):
        arrivals = f"{recommended - ceil(longest) - GRACE_MARGIN_SECONDS} s of new requests"
    yield Diagnostic(
        rule="grace-covers-longest-request",
        severity=Severity.ERROR if seconds < needed else Severity.WARNING,
        input="rollout.termination_grace_period_seconds",
        value=seconds,
        seen=(
            f"shorter than {arrivals} + {f'longest_request_seconds = {longest:g} s + ' if longest else ''}"
            f"{GRACE_MARGIN_SECONDS} s margin"
        ),
        why="KILL cuts off the last request",
        source=LIFECYCLE,
        would_pass=recommended,
    )


def _after_term_seconds(rollout: Rollout) -> float:
    return 0.0 if rollout.on_term is OnTerm.EXIT else rollout.longest_request_seconds


def _enough_grace_seconds(rollout: Rollout) -> tuple[int, int]:
    """The grace period that the last requests need, and the recommended one."""
    after = ceil(_after_term_seconds(rollout)) + GRACE_MARGIN_SECONDS
    needed = rollout.pre_stop_seconds + after
    if not serves_until_kill(rollout.mode, rollout.on_term):
        return needed, needed
    needed = max(needed, rollout.pre_stop_floor_seconds + after)
    return needed, max(needed, recommended_arrivals_seconds(rollout.draining_timeout_seconds) + after)


@version_rule(
    severity=Severity.ERROR,
    source=GOOGLE_GUIDE,
    goes_wrong="KILL ends a pod that the load balancer still knows.",
    cure="State the 60 s of Google's guide, or use readiness gates and preStop.",
    given={"mode": Mode.HARD_CODED_DELAY},
    breaks={"termination_grace_period_seconds": 30},
    keeps={"termination_grace_period_seconds": 60},
    ends_pods=True,
)
def grace_outlasts_deprogramming(rollout: Rollout) -> Iterator[Diagnostic]:
    """In the mode hard-coded-delay an old pod stays as long as its guide says, whatever its requests take."""
    seconds = rollout.termination_grace_period_seconds
    if rollout.mode is Mode.HARD_CODED_DELAY and seconds < GRACE_HARD_CODED_SECONDS:
        yield Diagnostic(
            rule="grace-outlasts-deprogramming",
            severity=Severity.ERROR,
            input="rollout.termination_grace_period_seconds",
            value=seconds,
            seen=f"shorter than the {GRACE_HARD_CODED_SECONDS} s of Google's guide for mode {Mode.HARD_CODED_DELAY}",
            why="a pod that KILL ends early may still be known to the load balancer",
            source=GOOGLE_GUIDE,
            would_pass=GRACE_HARD_CODED_SECONDS,
        )


@version_rule(
    severity={
        Severity.ERROR: "requests need it, such as a proxy",
        Severity.WARNING: "the objects do not tell whether requests need it",
    },
    source=LIFECYCLE,
    goes_wrong="A container that requests pass through, such as a proxy, stops while they still arrive.",
    cure=(
        "Give it the same preStop, or make it a native sidecar (an init container that restarts always). Waive the "
        "warning where no request needs it."
    ),
    breaks={"containers_that_stop_early": ("proxy",)},
    warns={"other_containers_that_stop_early": ("agent",)},
    keeps={"native_sidecars": ("proxy",)},
    fact="other containers",
    ends_pods=True,
)
def every_container_has_pre_stop(rollout: Rollout) -> Iterator[Diagnostic]:
    """No container that requests depend on gets TERM early, or ends itself.

    With no preStop anywhere, pre-stop-outlasts-deprogramming has said it all.
    """
    if not (seconds := rollout.pre_stop_seconds):
        return
    needed = "they stop while requests that need them still arrive"
    others = "they stop while requests still arrive; the objects do not tell whether requests need them"
    early_ones, other_ones = rollout.containers_that_stop_early, rollout.other_containers_that_stop_early
    for severity, name, early, why, shorter in (
        (Severity.ERROR, "containers_that_stop_early", early_ones, needed, "shorter"),
        (Severity.WARNING, "other_containers_that_stop_early", other_ones, others, "one that is or may be shorter"),
    ):
        if early:
            seen, would_pass = list[str](), list[str]()
            sidecars = [each for each in early if each in rollout.native_sidecars]
            if len(sidecars) < len(early):
                seen.append(f"without the preStop of {seconds} s that the serving container has, or {shorter}")
                would_pass.append("give each the same preStop, or make it a native sidecar, which gets TERM last")
            if sidecars:
                seen.append(f"native sidecars whose own preStop ends them, or may end them, before {seconds} s")
                would_pass.append("take that preStop from a native sidecar, which gets TERM last")
            yield Diagnostic(
                rule="every-container-has-pre-stop",
                severity=severity,
                input=f"rollout.{name}",
                value=early,
                seen=", or ".join(seen),
                why=why,
                source=LIFECYCLE,
                would_pass=f"none: {'; '.join(would_pass)}",
            )
