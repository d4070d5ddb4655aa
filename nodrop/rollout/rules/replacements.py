"""Changes that take objects away from under the requests, one function a rule: what becomes of a path as a whole.

Only a comparison of two versions of the objects knows; it says so in the later one's wiring.
"""

from collections.abc import Iterator

from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.registry import change_rule
from nodrop.rollout.sources import (
    FORCE_NEW,
    NAMESPACES,
    NODE_POOL_DELETION,
    RANGES,
    REPLACED_RESOURCES,
    REPLACEMENTS,
    SERVICES,
)
from nodrop.rollout.timing import Rollout
from nodrop.rollout.wiring import LostRange, Replaced, ReplacedResource


@change_rule(
    severity=Severity.ERROR,
    source=(REPLACEMENTS, REPLACED_RESOURCES),
    goes_wrong="The object is replaced by another one, and its address, NEG or pods are lost.",
    cure="Add the new object beside the old one, move the traffic, and remove the old one when it is idle.",
    breaks={"wiring.replaced": (Replaced(old="Ingress demo/web", new="Ingress demo/shop"),)},
    keeps={"wiring.replaced": ()},
)
def objects_stay(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """No object on the way to the pods is replaced by another one."""
    if before.wiring is None or after.wiring is None:
        return
    elsewhere = [each for each in after.wiring.replaced if not each.field and not each.option]
    yield from (_replaced_in_place(each) for each in after.wiring.replaced if each.field)
    yield from (_replaced_by_option(each) for each in after.wiring.replaced if each.option)
    if elsewhere:
        old, new = (", ".join(getattr(each, name) for each in elsewhere) for name in ("old", "new"))
        yield Diagnostic(
            rule="objects-stay",
            severity=Severity.ERROR,
            input="wiring.replaced",
            value=new,
            seen=f"was {old}",
            why=(
                "an object of another name, namespace or cluster is another object: the new ones get a load balancer, "
                "an address and NEGs of their own, and those of the old ones are deleted before clients have switched"
            ),
            source=REPLACEMENTS,
            would_pass=(f"{old}, {_in_three_steps('service beside the first')}"),
        )


def _in_three_steps(second: str) -> str:
    return (
        f"in three steps: 1. add a second {second}, and wait until it answers at its own address; 2. then move the "
        "traffic (DNS) to it; 3. then remove the first when it is idle"
    )


def _replaced_in_place(replaced: Replaced) -> Diagnostic:
    deployment = replaced.old.startswith("Deployment ")
    return Diagnostic(
        rule="objects-stay",
        severity=Severity.ERROR,
        input="wiring.replaced",
        value=replaced.new,
        seen=f"another {replaced.field}, which cannot be changed in place, and the name stays",
        why=(
            "the object is deleted first and created again, "
            + ("so that no pod is left until the new ones are ready" if deployment else "and its NEG goes with it")
        ),
        source=REPLACEMENTS,
        would_pass=(
            f"the {replaced.field} that it has; for another one, in two steps: "
            + (
                "1. add a second Deployment of another name, whose pods the Service selects as well, and wait until "
                "they serve; 2. then remove the first"
                if deployment
                else "1. add a second Service of another name, and move the routes to it as routes-keep-their-service "
                "says; 2. then remove the first"
            )
        ),
    )


_WITHOUT_IT = {
    "Deployment": "no pod is left until the new ones are ready",
    "Service": "its NEG goes with it",
    "Namespace": "everything in it goes with it, pods and load balancer too",
    "HTTPRoute": "its routes lead nowhere until it is there again",
}
"""What comes of an object's deletion, by kind."""


def _replaced_by_option(replaced: Replaced) -> Diagnostic:
    kind = replaced.old.partition(" ")[0]
    return Diagnostic(
        rule="objects-stay",
        severity=Severity.ERROR,
        input="wiring.replaced",
        value=replaced.new,
        seen=f"{replaced.option} replaces the object, though its fields could be changed in place",
        why=(
            f"the old {kind} is deleted before clients have switched: "
            f"{_WITHOUT_IT.get(kind, 'its load balancer goes with it, and its address unless one is reserved')}. Where "
            "the name stays, it is deleted first (delete_before_replace), or provider 4.29 and later refuse to create "
            "what exists, and earlier ones delete what they have just updated"
        ),
        source=REPLACED_RESOURCES,
        would_pass=(
            f"the {kind} without that: it is changed in place. To start all pods again, change an annotation of the "
            "pod template"
            if kind == "Deployment"
            else f"the {kind} without that: it is changed in place"
        ),
    )


@change_rule(
    severity={
        Severity.ERROR: "a cluster, network or provider is replaced",
        Severity.WARNING: "a node pool is replaced or removed",
    },
    source=(FORCE_NEW, NODE_POOL_DELETION),
    goes_wrong="The pods on it are deleted; with a cluster or network, also their load balancer and address.",
    cure="Add a second one beside the first, move what runs on it, and remove the first when it is idle.",
    breaks={
        "wiring.replaced_resources": (
            ReplacedResource(kind="cluster", name="main", input="location", was="europe-west1", becomes="europe-west4"),
        )
    },
    warns={
        "wiring.replaced_resources": (
            ReplacedResource(kind="node pool", name="main", input="machine_type", was="e2-small", becomes="e2-medium"),
        )
    },
    keeps={"wiring.replaced_resources": ()},
)
def infrastructure_stays(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """No cluster, node pool, network or Kubernetes provider under the pods is deleted and created again."""
    if before.wiring is None or after.wiring is None:
        return
    for each in after.wiring.replaced_resources:
        nodes = each.kind == "node pool"
        kept = f"the {each.kind}" if each.removed else f"{each.input} = {each.was}"
        carried = f", and with it {', '.join(each.with_it)}" if each.with_it else ""
        yield Diagnostic(
            rule="infrastructure-stays",
            severity=Severity.WARNING if nodes else Severity.ERROR,
            input="wiring.replaced_resources",
            value=f"{each.kind} {each.name}: " + ("absent" if each.removed else f"{each.input} = {each.becomes}"),
            seen=(
                "the program had it, and has no resource with an alias of it"
                if each.removed
                else f"was {each.was}; it cannot be changed in place, so the {each.kind} is replaced{carried}"
            ),
            why=(
                "every pod on its nodes is deleted within its grace period, whatever disruption budgets say unless the "
                "pool's nodeDrainConfigs have them respected"
                if nodes
                else "every pod, load balancer and address of objects on it is created again, and the old ones are "
                "deleted before clients have switched"
            ),
            source=NODE_POOL_DELETION if nodes else FORCE_NEW,
            would_pass=(
                f"{kept}, in three steps: 1. add a second node pool beside the first; 2. then cordon and drain the "
                "nodes of the first; 3. then remove it, with this rule waived"
                if nodes
                else f"{kept}, " + _in_three_steps(f"{each.kind} beside the first, with the service on it")
            ),
        )


@change_rule(
    severity=Severity.ERROR,
    source=RANGES,
    goes_wrong="Google refuses to remove the range, and the update stops before the pods.",
    cure="Keep the range; for more addresses add one beside it, or move the service to a second subnet and cluster.",
    breaks={
        "wiring.lost_ranges": (LostRange(subnetwork="main", name="pods", was="10.20.0.0/16", becomes="10.24.0.0/14"),)
    },
    keeps={"wiring.lost_ranges": ()},
)
def ranges_in_use_stay(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """No secondary range that a cluster's pods or Services use is removed from its subnet."""
    if before.wiring is None or after.wiring is None:
        return
    for each in after.wiring.lost_ranges:
        yield Diagnostic(
            rule="ranges-in-use-stay",
            severity=Severity.ERROR,
            input="wiring.lost_ranges",
            value=f"subnetwork {each.subnetwork}: range {each.name} = {each.becomes}",
            seen=f"was {each.was}, and a cluster uses addresses from it",
            why=(
                "the provider changes a range by taking the old one away first. Google refuses that while nodes have "
                "addresses of it, and the update stops there; the cluster itself keeps the range that it was made with"
            ),
            source=RANGES,
            would_pass=(
                f"{each.name} = {each.was}; for more pods another range beside it, which new node pools name "
                "(networkConfig.podRange); for Services, "
                + _in_three_steps("subnet and cluster, with the service on it")
            ),
        )


@change_rule(
    severity=Severity.ERROR,
    source=NAMESPACES,
    goes_wrong="Deleting a Namespace deletes everything in it, including pods and load balancer.",
    cure="Keep the Namespace, or give it retain_on_delete and update before it leaves the program.",
    breaks={"wiring.lost_namespace": "demo"},
    keeps={"wiring.lost_namespace": None},
)
def namespace_stays(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """The Namespace of objects that stay is not deleted."""
    if before.wiring is None or after.wiring is None or after.wiring.lost_namespace is None:
        return
    name = after.wiring.lost_namespace
    yield Diagnostic(
        rule="namespace-stays",
        severity=Severity.ERROR,
        input="wiring.lost_namespace",
        value=name,
        seen="its Namespace object is removed, while the other objects are meant to stay in it",
        why="deleting a Namespace deletes everything in it, including pods and load balancer",
        source=NAMESPACES,
        would_pass=(
            "the Namespace object; to leave it to another owner, in two steps: 1. give it the option "
            "retain_on_delete = True and update; 2. then take it out of the program"
        ),
    )


@change_rule(
    severity=Severity.ERROR,
    source=SERVICES,
    goes_wrong="The load balancer keeps the Service, but it no longer leads to any pods.",
    cure="Remove its routes first, when no request uses them, then its objects.",
    breaks={"wiring.unserved": ("Service demo/web: selects no Deployment",)},
    keeps={"wiring.unserved": ()},
)
def path_stays(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """A Service that the load balancer keeps still leads to pods."""
    if before.wiring is None or after.wiring is None:
        return
    for problem in after.wiring.unserved:
        yield Diagnostic(
            rule="path-stays",
            severity=Severity.ERROR,
            input="wiring.unserved",
            value=problem,
            seen="it led to pods before",
            why="the load balancer keeps the Service, but it no longer leads to any pods",
            source=SERVICES,
            would_pass=(
                "objects that lead to a Deployment, as before; to retire a service, in two steps: 1. drop its routes "
                "when no request uses them; 2. then remove its objects"
            ),
        )
