"""Changes of the health check and of the protocol while each version is right: old pods fail what the new one asks."""

from collections.abc import Iterator

from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.registry import change_rule
from nodrop.rollout.sources import (
    GOOGLE_BACKENDS,
    GOOGLE_CHECKS,
)
from nodrop.rollout.timing import Rollout


@change_rule(
    severity=Severity.ERROR,
    source=GOOGLE_CHECKS,
    goes_wrong="The check changes before the pods do, and all old pods fail it at once.",
    cure="Roll out a version that answers on both paths, then change the check, then remove the old path.",
    breaks={"health_check.path": "/healthz/"},
    keeps={"health_check.check_interval_seconds": 6},
)
def health_check_path_stays(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """The load balancer checks old pods on a path that they answer. Another rule judges a check without a path."""
    old, new = before.health_check.path, after.health_check.path
    if old and new and old != new:
        yield Diagnostic(
            rule="health-check-path-stays",
            severity=Severity.ERROR,
            input="health_check.path",
            value=new,
            seen=f"was {old}",
            why="the check changes before the pods do, and all old ones fail it at once",
            source=GOOGLE_CHECKS,
            would_pass=(
                f"{old}, in three steps: 1. roll out a version that answers 200 on both paths; 2. then change the "
                f"path to {new}, with this rule waived; 3. then drop {old} from the application"
            ),
        )


@change_rule(
    severity=Severity.ERROR,
    source=GOOGLE_CHECKS,
    goes_wrong="The check changes before the pods do: old pods that do not serve the port fail it at once.",
    cure="Roll out a version that answers on both ports, then change the check, then drop the old port.",
    breaks={"health_check.port": 9090},
    keeps={"health_check.port": 8080},
)
def health_check_port_stays(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """The load balancer checks old pods on a port that they serve."""
    old, new = _asked_port(before, before), _asked_port(after, before)
    if old != new:
        served = "the port that requests go to"
        yield Diagnostic(
            rule="health-check-port-stays",
            severity=Severity.ERROR,
            input="health_check.port",
            value=new or served,
            seen=f"was {old or served}",
            why="the check changes before the pods do, and all old ones that do not serve the port fail it at once",
            source=GOOGLE_CHECKS,
            would_pass=(
                f"{old or 'absent'}, in three steps: 1. roll out a version that answers the check on both ports; "
                f"2. then change the port to {new or served}, with this rule waived; 3. then drop the old port from "
                "the application"
            ),
        )


def _asked_port(asking: Rollout, asked: Rollout) -> int | None:
    """The port on which the health check of one version asks the pods of another; None: where requests go."""
    return asking.health_check.port or (asked.wiring.serving_port if asked.wiring else None)


@change_rule(
    severity=Severity.ERROR,
    source=GOOGLE_CHECKS,
    goes_wrong="The check changes before the pods do: old pods that speak another protocol fail it at once.",
    cure="Add a second Service with a check of the new type, and move the routes to it.",
    breaks={"health_check.type": "HTTPS"},
    keeps={"health_check.type": "HTTP"},
)
def health_check_type_stays(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """The load balancer checks old pods in a protocol that they speak."""
    old, new = before.health_check.type, after.health_check.type
    if old != new:
        yield Diagnostic(
            rule="health-check-type-stays",
            severity=Severity.ERROR,
            input="health_check.type",
            value=new,
            seen=f"was {old}",
            why="the check changes before the pods do, and all old ones that speak another protocol fail it at once",
            source=GOOGLE_CHECKS,
            would_pass=(
                f"{old}, in three steps: 1. add a second Service and BackendConfig of type {new}, before pods that "
                "answer so, with a route of its own, and wait until it answers; 2. then move the routes to it as "
                "routes-keep-their-service says; 3. then remove the first"
            ),
        )


@change_rule(
    severity=Severity.ERROR,
    source=GOOGLE_BACKENDS,
    goes_wrong="The backend changes before the pods do, and old pods get requests in a protocol they do not speak.",
    cure="Add a second Service and Deployment that speak it, and move the routes to them.",
    breaks={"wiring.protocol": "HTTP2"},
    keeps={"wiring.protocol": "HTTP"},
)
def protocol_stays(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """The load balancer sends old pods requests in the protocol that they speak."""
    if before.wiring is None or after.wiring is None:
        return
    old, new = before.wiring.protocol, after.wiring.protocol
    if old is not None and new is not None and old != new:
        yield Diagnostic(
            rule="protocol-stays",
            severity=Severity.ERROR,
            input="wiring.protocol",
            value=new,
            seen=f"was {old}",
            why="the backend changes before the pods do, and old ones get requests in a protocol they do not speak",
            source=GOOGLE_BACKENDS,
            would_pass=(
                f"{old}, in three steps: 1. add a second Service and Deployment whose pods speak {new}, with a route "
                "of its own, and wait until it answers; 2. then move the routes to it as routes-keep-their-service "
                "says; 3. then remove the first"
            ),
        )
