"""What a change does by ending the pods that run: they end by the spec that they were created with."""

from collections.abc import Iterator

from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.registry import change_rule
from nodrop.rollout.sources import LIFECYCLE, MEASURED
from nodrop.rollout.timing import Rollout

_OF_THE_LOAD_BALANCER = "rollout.draining_timeout_seconds"
_AT_LOW_TRAFFIC = (
    "nothing in this change, which cannot reach the pods that run: apply it at low traffic, and waive this rule with "
    "that reason; the next rollout ends pods of the new spec"
)


@change_rule(
    severity=Severity.WARNING,
    source=LIFECYCLE,
    goes_wrong="The old pods end by the spec that they were created with, and drop requests once more.",
    cure="Apply the change at low traffic. Where only draining is too short, change that first, and nothing else.",
    breaks={
        "wiring.ends_badly": (
            Diagnostic(
                rule="pre-stop-outlasts-deprogramming",
                severity=Severity.ERROR,
                input="rollout.pre_stop_seconds",
                value=0,
                seen="shorter than the 35 s that a load balancer may need to forget the pod",
                why="proxies still sent new requests 28.6 s after the pod's deletion",
                source=MEASURED,
                would_pass=60,
            ),
        )
    },
    keeps={"wiring.ends_badly": ()},
)
def old_pods_drop_no_request(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """The pods that a change replaces drop no request when they end, by the rules of one version.

    A change that leaves the pod template alone replaces none.
    """
    if before.wiring is None or after.wiring is None:
        return
    for each in after.wiring.ends_badly:
        yield Diagnostic(
            rule="old-pods-drop-no-request",
            severity=Severity.WARNING,
            input=each.input,
            value=each.value,
            seen=f"of the pods that run now, which this change replaces: {each.seen} ({each.rule})",
            why=f"{each.why}; a pod ends by the spec that it was created with",
            source=LIFECYCLE,
            would_pass=(
                f"{each.would_pass}, in two steps: 1. change the load balancer's draining and nothing else; 2. then "
                "make this change"
                if each.input == _OF_THE_LOAD_BALANCER
                else _AT_LOW_TRAFFIC
            ),
        )
