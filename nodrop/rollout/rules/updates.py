"""Updates of single objects beside a serving path, one function a rule: NEGs for others, ports that somebody owns.

Whoever reads the two versions of an object (`nodrop.preview`) asks them, with plain values.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.registry import VERSION_BEFORE, RuleKind, register
from nodrop.rollout.sources import EXISTS_ALREADY, NEG_ANNOTATION, PULUMI_AWAIT, REPLACED_RESOURCES

Kept = Literal["object", "cloud resource", "imported cloud resource", "grant"]
_SECOND: Mapping[Kept, str] = {
    "object": (
        "Provider 4.29 and later refuse to create an object that exists, and the update stops there; earlier ones "
        "update it, and then delete it"
    ),
    "cloud resource": (
        "Google Cloud refuses to create a second one of that name (409), and the update stops there, with what it has "
        "changed until then"
    ),
    "imported cloud resource": "The new resource takes it over, and then it is deleted all the same",
    "grant": (
        "The new one adds what the policy has already, which changes nothing, and then the old one takes it out: "
        "nobody is granted it any more"
    ),
}
"""What becomes of one that two resources have, until the old one is deleted."""
_NO_WAIVER = "the object carries no waivers: take the steps, or change it by hand"


@register(
    RuleKind.OBJECTS,
    severity=Severity.ERROR,
    source=NEG_ANNOTATION,
    goes_wrong="The NEG is deleted, and a load balancer that was set up separately loses its backend.",
    cure="Expose the new NEG by a second Service, give it to the load balancer, then remove the old one.",
    breaks={"before": {"80": "web"}, "after": {"80": "shop"}},
    keeps={"before": {"80": "web"}, "after": {"80": "web", "81": "shop"}},
    unwaivable=_NO_WAIVER,
    fact=VERSION_BEFORE,
    asked_by_components=False,
)
def standalone_negs_stay(before: Mapping[str, str | None], after: Mapping[str, str | None]) -> Iterator[Diagnostic]:
    """A Service's standalone NEG stays: no object in the cluster shows the load balancer that uses it.

    Args:
        before: name of the NEG by port of the Service, None where GKE names it.
        after: the same, those of an Ingress among them, which are the same ones.
    """
    for port, name in before.items():
        if after.get(port, "") == name:
            continue
        yield Diagnostic(
            rule="standalone-negs-stay",
            severity=Severity.ERROR,
            input=f"exposed_ports[{port}]",
            value=after[port] or "a NEG that GKE names" if port in after else "absent",
            seen=f"was {name or 'a NEG that GKE names'}",
            why="the NEG is deleted, and a load balancer that was set up separately loses its backend",
            source=NEG_ANNOTATION,
            would_pass=(
                "as it was, in three steps: 1. add a second Service for the same pods that exposes the new NEG, and "
                "give it to the load balancer; 2. then take the old NEG out of the load balancer; 3. then remove it"
            ),
        )


@register(
    RuleKind.OBJECTS,
    severity=Severity.ERROR,
    source=(REPLACED_RESOURCES, EXISTS_ALREADY),
    goes_wrong="The update stops, or the object is deleted at its end, with all that it carries.",
    cure="Give the resource an alias of its old name, type and parent.",
    given={"before": "urn:pulumi:dev::shop::kubernetes:apps/v1:Deployment::web"},
    breaks={"after": "urn:pulumi:dev::shop::kubernetes:apps/v1:Deployment::shop"},
    keeps={"after": "urn:pulumi:dev::shop::kubernetes:apps/v1:Deployment::web"},
    unwaivable=_NO_WAIVER,
    fact=VERSION_BEFORE,
    asked_by_components=False,
)
def objects_keep_their_resource(before: str, after: str, kept: Kept = "object") -> Iterator[Diagnostic]:
    """What stays in the cluster or the cloud stays with its resource, whatever that is called now.

    Args:
        before: URN of the resource that has the object in the state.
        after: URN of the one that has it in the program, aliases resolved.
        kept: what the two have in common.
    """
    if before == after:
        return
    yield Diagnostic(
        rule="objects-keep-their-resource",
        severity=Severity.ERROR,
        input="urn",
        value=after,
        seen=f"was {before}, of which the new resource has no alias",
        why=(f"to Pulumi it is a new resource, and the old one is deleted at the end of the update. {_SECOND[kept]}"),
        source=REPLACED_RESOURCES if kept == "object" else EXISTS_ALREADY,
        would_pass=f"the same with the option aliases=[{before}]; of a component an alias of the component is enough",
    )


@register(
    RuleKind.OBJECTS,
    severity={
        Severity.ERROR: "the old port also belongs to a field manager that updates do not take over",
        Severity.WARNING: "it belongs to the object's creation: the preview fails, the update alone would work",
    },
    source=PULUMI_AWAIT,
    goes_wrong="The old port stays next to the new one, and the API server refuses the two together.",
    cure="Take the field away from its other owner, or deploy another change of the object first.",
    given={"field": "spec.ports", "port": "80/TCP http", "becomes": "8080/TCP"},
    breaks={"kept_by": ("kubectl-edit",)},
    warns={"kept_by": ()},
    keeps={"kept_by": None},
    unwaivable=_NO_WAIVER,
    fact=VERSION_BEFORE,
    asked_by_components=False,
)
def replaced_entries_leave(field: str, port: str, becomes: str, kept_by: Sequence[str] | None) -> Iterator[Diagnostic]:
    """A port that an update replaces is removed from its list, unless another field manager owns it.

    Args:
        field: path of the list of ports in the object.
        port: the replaced one, such as `80/TCP http`.
        becomes: all ports of the new version.
        kept_by: field managers that own the port and that an update does not take over; empty: its creator alone does;
            None: it leaves.
    """
    if kept_by is None:
        return
    if kept_by:
        yield Diagnostic(
            rule="replaced-entries-leave",
            severity=Severity.ERROR,
            input=field,
            value=becomes,
            seen=f"was {port}, which also belongs to {', '.join(kept_by)}",
            why="the update leaves the old port in place beside the new one, and the API server refuses both together",
            source=PULUMI_AWAIT,
            would_pass=(
                f"{port.partition(' ')[0]}, in two steps: 1. take the field away from {', '.join(kept_by)} (`kubectl "
                "get --show-managed-fields` shows who owns what); 2. then change the port"
            ),
        )
        return
    yield Diagnostic(
        rule="replaced-entries-leave",
        severity=Severity.WARNING,
        input=field,
        value=becomes,
        seen=f"was {port}, which still belongs to the object's creation",
        why=(
            "`pulumi preview`, and `pulumi up` with it, fails (Duplicate value, or Required value where the ports have "
            "no names): a preview leaves the old port beside the new one; the update itself would work"
        ),
        source=PULUMI_AWAIT,
        would_pass=(
            "the same by `pulumi up --skip-preview`, once this is the only change left to look at, or in two steps: "
            "1. deploy any other change of this object, which takes it over; 2. then change the port"
        ),
    )
