"""Changes of a Service that drop requests while each version is right: its ports, and which pods it selects.

Why they do is said in `changes`.
"""

from collections.abc import Iterator, Mapping

from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.registry import change_rule
from nodrop.rollout.rules.wiring import labels_text, selects
from nodrop.rollout.sources import FIND_PORT, NEG_NAMES, SERVICES
from nodrop.rollout.timing import Rollout


@change_rule(
    severity=Severity.ERROR,
    source=FIND_PORT,
    goes_wrong="Old pods are registered again on a port that they do not serve, or lose their endpoints.",
    cure="Roll out pods that serve both ports, then change the target port; better, target a name.",
    breaks={"wiring.target_port": 9090},
    keeps={"wiring.serving_port": 9090},
)
def target_port_stays(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """Old pods stay reachable on the port that they serve."""
    if before.wiring is None or after.wiring is None:
        return
    old, new = before.wiring.target_port, after.wiring.target_port
    if old == new:
        return
    if isinstance(new, int):
        why = "a number applies to every pod, so old ones are registered again on a port that they do not serve"
    else:
        why = "a name is looked up in each pod, and old pods that do not declare it lose their endpoints"
    yield Diagnostic(
        rule="target-port-stays",
        severity=Severity.ERROR,
        input="wiring.target_port",
        value=new,
        seen=f"was {old}",
        why=why,
        source=FIND_PORT,
        would_pass=(
            f"{old}, in three steps: 1. roll out pods that serve and declare both ports; 2. then change the target "
            f"port to {new}, with this rule waived; 3. then drop the old port. The number under a name that stays can "
            "be changed at any time"
        ),
    )


@change_rule(
    severity=Severity.ERROR,
    source=SERVICES,
    goes_wrong="The Service selects nothing until the Deployment has been replaced.",
    cure="Give the pods both labels first, then change the selector, then drop the old label.",
    breaks={"wiring.selector": {"app": "shop"}, "wiring.pod_labels": {"app": "shop"}},
    keeps={"wiring.pod_labels": {"app": "web", "part": "shop"}},
)
def selector_stays(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """The Service selects old and new pods, both before and after the change."""
    if before.wiring is None or after.wiring is None:
        return
    old, new = before.wiring.selector, after.wiring.selector
    steps = _selector_steps(new, before.wiring.pod_labels, after.wiring.pod_labels)
    if not selects(new, before.wiring.pod_labels):
        yield Diagnostic(
            rule="selector-stays",
            severity=Severity.ERROR,
            input="wiring.selector",
            value=labels_text(new),
            seen=f"was {labels_text(old)}; the old pods' labels are {labels_text(before.wiring.pod_labels)}",
            why="the Service changes before the pods do, and selects nothing until they are replaced",
            source=SERVICES,
            would_pass=f"{labels_text(old)}, in three steps: {steps}",
        )
    if selects(old, before.wiring.pod_labels) and not selects(old, after.wiring.pod_labels):
        yield Diagnostic(
            rule="selector-stays",
            severity=Severity.ERROR,
            input="wiring.pod_labels",
            value=labels_text(after.wiring.pod_labels),
            seen=f"the Service selected {labels_text(old)}",
            why="while Service and pods change, the pods of one version are not selected",
            source=SERVICES,
            would_pass=f"the labels of both, in three steps: {steps}",
        )


def _selector_steps(new: Mapping[str, str], old_labels: Mapping[str, str], new_labels: Mapping[str, str]) -> str:
    """The way from one selector to another; a pod cannot have both values of one label."""
    if not any(old_labels.get(key, value) != value for key, value in new.items()):
        return (
            "1. give the pods the new labels besides the old ones, in the pod template and not in the Deployment's own "
            "selector, and let that roll out; 2. then change the Service's selector; 3. then drop the old labels"
        )
    common = {key: value for key, value in new.items() if old_labels.get(key) == new_labels.get(key) == value}
    wide = labels_text(common) if common else "a label that both versions of the pods have, and no others"
    return (
        f"1. widen the Service's selector to {wide}; 2. then roll out the pods of {labels_text(new)}, "
        "and wait until they "
        f"serve; 3. then narrow it to {labels_text(new)}, or leave the selectors and shift the weights of the routes"
    )


@change_rule(
    severity=Severity.ERROR,
    source=NEG_NAMES,
    goes_wrong="Another port number means a new, empty NEG and a new backend; the old one is removed without draining.",
    cure="Add the port and a route to it, move the other routes when it answers, then remove the old port.",
    breaks={"wiring.service_port": 8080, "wiring.routed_ports": (8080,)},
    keeps={"wiring.service_port": 80, "wiring.routed_ports": (80, 8080)},
    given={"wiring.service_port": 80, "wiring.routed_ports": (80,)},
)
def service_port_stays(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """A NEG belongs to a Service and a port number: routes move only between ports that both have one."""
    if before.wiring is None or after.wiring is None:
        return
    old, new = before.wiring.service_port, after.wiring.service_port
    if None in (old, new) or old == new or not (before.wiring.container_native and after.wiring.container_native):
        return
    if new in before.wiring.routed_ports and old in after.wiring.routed_ports:
        return
    yield Diagnostic(
        rule="service-port-stays",
        severity=Severity.ERROR,
        input="wiring.service_port",
        value=str(new),
        seen=f"was {old}",
        why=(
            "the number is part of the NEG's name, so the new NEG is empty at first, and the old one is removed "
            "without draining"
        ),
        source=NEG_NAMES,
        would_pass=(
            f"{old}, in three steps: 1. add port {new} beside {old}, with a route of its own to it, and wait until it "
            f"answers; 2. then move the routes to {new}, and leave {old} another one; 3. then remove {old}"
        ),
    )
