"""How a new pod comes, and that it serves before an old one goes."""

from collections.abc import Iterator
from math import ceil

from nodrop.gke import defaults
from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.facts import (
    ATTACH_SECONDS,
    GATE_FORCE_OPEN_SECONDS,
    MIN_READY_HARD_CODED_SECONDS,
)
from nodrop.rollout.registry import version_rule
from nodrop.rollout.sources import AUTOSCALING, DEPLOYMENTS, DISRUPTIONS, GOOGLE_GUIDE, REFLECTOR
from nodrop.rollout.timing import Mode, Rollout


@version_rule(
    severity={
        Severity.ERROR: "another strategy, or so many pods may be unavailable that none is left",
        Severity.WARNING: "fewer pods serve until new ones do",
    },
    source=(DEPLOYMENTS, GOOGLE_GUIDE),
    goes_wrong="An old pod is removed before a new one serves: fewer serve in between, and with few pods none.",
    cure="RollingUpdate with maxUnavailable 0 and maxSurge of 1 or more.",
    given={"replicas": 4},
    breaks={"max_unavailable": 4},
    warns={"max_unavailable": 1},
    keeps={"max_unavailable": 0},
)
def rolls_without_unavailable(rollout: Rollout) -> Iterator[Diagnostic]:
    """A new pod serves before an old one is removed.

    Where others are left, a pod that goes early drops nothing by itself, as it leaves like any other. Whether those
    that are left bear the load is not known.
    """
    if rollout.strategy != "RollingUpdate":
        yield Diagnostic(
            rule="rolls-without-unavailable",
            severity=Severity.ERROR,
            input="rollout.strategy",
            value=rollout.strategy,
            seen="not RollingUpdate",
            why="every old pod goes before the first new one comes",
            source=DEPLOYMENTS,
            would_pass="RollingUpdate",
        )
        return
    unavailable, pods, none_is_left = _unavailable(rollout)
    severity = Severity.ERROR if none_is_left else Severity.WARNING
    if unavailable != 0:
        falls = f"capacity falls by {unavailable} {'pod' if unavailable == 1 else 'pods'} until it does"
        left = "nothing serves until it does" if none_is_left else falls
        yield Diagnostic(
            rule="rolls-without-unavailable",
            severity=severity,
            input="rollout.max_unavailable",
            value=unavailable,
            seen=f"resolves to {unavailable} of {pods} replicas",
            why=f"an old pod is removed before its successor can serve: {left}",
            source=DEPLOYMENTS,
            would_pass=0,
        )
    if rollout.max_surge < 1:
        yield Diagnostic(
            rule="rolls-without-unavailable",
            severity=severity,
            input="rollout.max_surge",
            value=rollout.max_surge,
            seen="leaves no room for a new pod beside the old ones",
            why="without surge an old pod must go first",
            source=GOOGLE_GUIDE,
            would_pass=1,
        )


def _unavailable(rollout: Rollout) -> tuple[int, int, bool]:
    """Pods that may be unavailable, of how many, and whether these are all, at the worse end of the autoscaler's range.

    Without surge the controller lets 1 be unavailable, whatever is stated.
    """
    sizes = [(rollout.max_unavailable, rollout.replicas)]
    if rollout.max_unavailable_scaled is not None:
        sizes.append((rollout.max_unavailable_scaled, rollout.replicas_at_most))
    for unavailable, pods in sizes:
        if max(unavailable, 0 if rollout.max_surge else 1) >= pods:
            return unavailable, pods, True
    return *max(sizes), False


@version_rule(
    severity=Severity.WARNING,
    source=REFLECTOR,
    goes_wrong="A version that never becomes healthy replaces many old pods at once when its gates open by themselves.",
    cure="Add no more than a quarter of the pods at a time.",
    given={"replicas": 4},
    breaks={"max_surge": 4},
    keeps={"max_surge": 1},
    shapes_solution=True,
)
def surge_limits_blast_radius(rollout: Rollout) -> Iterator[Diagnostic]:
    """A version that never becomes healthy costs few pods before anybody notices."""
    pods = rollout.replicas_at_most
    most = max(1, ceil(defaults.SURGE_SHARE * pods))
    surge = rollout.max_surge_at_most
    if surge > most:
        yield Diagnostic(
            rule="surge-limits-blast-radius",
            severity=Severity.WARNING,
            input="rollout.max_surge",
            value=surge,
            seen=f"more than {defaults.SURGE_SHARE:.0%} of {pods} pods, Kubernetes' own default",
            why=(
                f"nothing stops a bad version: the gate opens after {GATE_FORCE_OPEN_SECONDS} s whatever its health, "
                "and the progress deadline only reports; the surge is the number of old pods it then replaces at a time"
            ),
            source=REFLECTOR,
            would_pass=most,
        )


@version_rule(
    severity=Severity.ERROR,
    source=AUTOSCALING,
    goes_wrong="No pod serves: the load balancer answers every request with 503.",
    cure="State 1 replica or more; with an autoscaler, state none, since it ignores a Deployment of 0.",
    breaks={"replicas": 0},
    keeps={"replicas": 2},
)
def some_pod_serves(rollout: Rollout) -> Iterator[Diagnostic]:
    """The Deployment asks for at least one pod."""
    if rollout.replicas == 0:
        yield Diagnostic(
            rule="some-pod-serves",
            severity=Severity.ERROR,
            input="replicas",
            value=0,
            seen="no pod serves, and no autoscaler acts on a Deployment of 0 replicas",
            why="the load balancer has no endpoint and answers every request with 503",
            source=AUTOSCALING,
            would_pass="1 or more; absent where an autoscaler decides",
        )


@version_rule(
    severity=Severity.WARNING,
    source=DISRUPTIONS,
    goes_wrong="An eviction or a lost node takes the only pod, and nothing serves until another one starts.",
    cure="Run 2 replicas or more.",
    breaks={"replicas": 1},
    keeps={"replicas": 2},
)
def survives_a_lost_pod(rollout: Rollout) -> Iterator[Diagnostic]:
    """An eviction or a lost node leaves a pod that serves. A rollout itself needs no second replica."""
    if rollout.replicas == 1:
        yield Diagnostic(
            rule="survives-a-lost-pod",
            severity=Severity.WARNING,
            input="replicas",
            value=rollout.replicas,
            seen="fewer than 2",
            why="an eviction or a lost node takes the only pod before another one serves",
            source=DISRUPTIONS,
            would_pass=2,
        )


@version_rule(
    severity=Severity.ERROR,
    source=GOOGLE_GUIDE,
    goes_wrong="Old pods are removed before the load balancer knows the new ones.",
    cure="Declare the readiness gate, or set minReadySeconds to 60.",
    given={"readiness_gate": False},
    breaks={"min_ready_seconds": 0},
    keeps={"min_ready_seconds": 60},
)
def min_ready_covers_attach(rollout: Rollout) -> Iterator[Diagnostic]:
    """Without a declared gate, only minReadySeconds waits until the load balancer knows the new pod."""
    if not rollout.readiness_gate and rollout.min_ready_seconds < MIN_READY_HARD_CODED_SECONDS:
        yield Diagnostic(
            rule="min-ready-covers-attach",
            severity=Severity.ERROR,
            input="rollout.min_ready_seconds",
            value=rollout.min_ready_seconds,
            seen=f"shorter than the {MIN_READY_HARD_CODED_SECONDS} s that Google's guide waits without a gate",
            why=(
                f"old pods are removed before the load balancer knows the new ones, up to {ATTACH_SECONDS[1]:g} s later"
            ),
            source=GOOGLE_GUIDE,
            would_pass=MIN_READY_HARD_CODED_SECONDS,
        )


@version_rule(
    severity=Severity.WARNING,
    source=REFLECTOR,
    goes_wrong="After 600 s the gate opens regardless of health: old pods are replaced, and the rollout looks healthy.",
    cure="Keep progressDeadlineSeconds at 599 or below.",
    breaks={"progress_deadline_seconds": 600},
    keeps={"progress_deadline_seconds": 599},
)
def progress_deadline_before_gate_opens(rollout: Rollout) -> Iterator[Diagnostic]:
    """A rollout that does not become healthy is reported as failed before its gate opens regardless.

    A warning: the deadline stops nothing, and a version that gets healthy drops nothing. The gate is there even if
    the template does not declare it. Only where minReadySeconds waits instead, and a good start takes longer than that,
    is a later deadline right.
    """
    seconds = rollout.progress_deadline_seconds
    relies_on_gate = rollout.readiness_gate or rollout.seconds_to_available < GATE_FORCE_OPEN_SECONDS - 1
    if relies_on_gate and seconds >= GATE_FORCE_OPEN_SECONDS:
        yield Diagnostic(
            rule="progress-deadline-before-gate-opens",
            severity=Severity.WARNING,
            input="rollout.progress_deadline_seconds",
            value=seconds,
            seen=f"the readiness gate opens {GATE_FORCE_OPEN_SECONDS} s after a pod's creation, healthy or not",
            why="from then on pods that fail the load balancer's check replace old ones, and the rollout looks healthy",
            source=REFLECTOR,
            would_pass=GATE_FORCE_OPEN_SECONDS - 1,
        )


@version_rule(
    severity=Severity.ERROR,
    source=(REFLECTOR, DEPLOYMENTS),
    goes_wrong="A healthy rollout is reported as failed, or a pod's gate opens before its health is known.",
    cure="Make the deadline longer than start-up, health check and minReadySeconds together, or start faster.",
    breaks={"progress_deadline_seconds": 20},
    keeps={"progress_deadline_seconds": 60},
)
def progress_deadline_covers_start_up(rollout: Rollout) -> Iterator[Diagnostic]:
    """A pod that starts as slowly as stated is not reported as stuck, and its gate does not open unchecked."""
    deadline, needed = rollout.progress_deadline_seconds, rollout.seconds_to_available
    if needed < deadline:
        return
    if rollout.readiness_gate and needed >= GATE_FORCE_OPEN_SECONDS - 1:
        gate_opens = f"the readiness gate opens after {GATE_FORCE_OPEN_SECONDS} s regardless of the pod's health"
        least = min(deadline, GATE_FORCE_OPEN_SECONDS - 1)
        if rollout.seconds_to_ready < least:
            yield Diagnostic(
                rule="progress-deadline-covers-start-up",
                severity=Severity.ERROR,
                input="rollout.min_ready_seconds",
                value=rollout.min_ready_seconds,
                seen=f"makes {needed:g} s until available, of which {rollout.seconds_to_ready:g} s until ready",
                why=gate_opens,
                source=REFLECTOR,
                would_pass=ceil(least - rollout.seconds_to_ready) - 1,
            )
            return
        delayed = rollout.start_delay_seconds > rollout.startup_seconds
        yield Diagnostic(
            rule="progress-deadline-covers-start-up",
            severity=Severity.ERROR,
            input="rollout.start_delay_seconds" if delayed else "rollout.startup_seconds",
            value=rollout.start_delay_seconds if delayed else rollout.startup_seconds,
            seen=f"makes {needed:g} s until available, {rollout.min_ready_seconds} s of min_ready_seconds included",
            why=gate_opens,
            source=REFLECTOR,
            would_pass=f"a faster start, or mode {Mode.HARD_CODED_DELAY}",
        )
        return
    yield Diagnostic(
        rule="progress-deadline-covers-start-up",
        severity=Severity.ERROR,
        input="rollout.progress_deadline_seconds",
        value=deadline,
        seen=f"not longer than the {needed:g} s until a pod is available, min_ready_seconds included",
        why="a healthy rollout would be reported as failed; the API requires more than minReadySeconds",
        source=DEPLOYMENTS,
        would_pass=max(GATE_FORCE_OPEN_SECONDS - 1, int(needed) + 1),
    )
