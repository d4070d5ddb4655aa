"""Single objects around a serving path, one function a rule: that they are taken, and that what they name is there.

Whoever reads the objects asks them, with plain values.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from nodrop.gke.services import NEG
from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.registry import RuleKind, register
from nodrop.rollout.sources import (
    ANNOTATIONS,
    API_VALIDATION,
    ARGO_HOOKS,
    ARGO_OPTIONS,
    HELM_HOOKS,
    KAPP_STRATEGIES,
    LIMIT_RANGES,
    POD_SECURITY,
    RESOURCE_QUOTAS,
    SERVICES,
)

OF_OBJECT = "nothing of it takes effect, and a load balancer that is there already keeps what it had"
"""What comes of an object that is refused."""
_KEPT: Mapping[str, Any] = {"field": None, "value": "", "seen": ""}


@register(
    RuleKind.OBJECTS,
    severity=Severity.ERROR,
    source=(API_VALIDATION, "GKE's controllers; each diagnostic names its own"),
    goes_wrong="The API or a GKE controller refuses the object, and nothing of it takes effect.",
    cure="State what the source accepts.",
    breaks={"field": "spec.type", "value": "NodePorts", "seen": "is not a type of Service"},
    keeps=_KEPT,
    unwaivable="whatever the reason, the object is refused",
    fact="other objects",
    asked_by_components=False,
)
def object_is_accepted(
    field: str | None,
    value: str,
    seen: str,
    source: str = API_VALIDATION,
    would_pass: str | None = None,
    why: str = OF_OBJECT,
) -> Iterator[Diagnostic]:
    """The API and GKE's controllers accept the object as it is.

    Args:
        field: path in the object of what is refused; None: nothing is.
        value: what stands there.
        seen: what is wrong with it.
        source: who refuses it.
        would_pass: what would be taken; None: what the source says.
        why: what comes of it.
    """
    if field is not None:
        yield Diagnostic(
            rule="object-is-accepted",
            severity=Severity.ERROR,
            input=field,
            value=value,
            seen=seen,
            why=why,
            source=source,
            would_pass=would_pass or "what the source accepts",
            field=field,
        )


@register(
    RuleKind.OBJECTS,
    severity=Severity.ERROR,
    source=(LIMIT_RANGES, RESOURCE_QUOTAS, POD_SECURITY),
    goes_wrong=(
        "The API accepts the Deployment but none of its new pods: a rollout stalls, and no lost pod is replaced."
    ),
    cure="State in the pod template what the namespace's LimitRange, ResourceQuota or pod security standard admits.",
    breaks={
        "field": "spec.template.spec.containers[0].resources.limits.memory",
        "value": "1Gi",
        "seen": "too much, where LimitRange demo/web has spec.limits[0].max.memory = 512Mi",
        "would_pass": "512Mi or less",
    },
    keeps=_KEPT,
    fact="other objects",
    asked_by_components=False,
)
def pods_are_admitted(
    field: str | None, value: str, seen: str, source: str = LIMIT_RANGES, would_pass: str | None = None
) -> Iterator[Diagnostic]:
    """The LimitRanges, quotas and pod security standard of a namespace admit the pods that a Deployment makes.

    Args:
        field: path in the Deployment of what is refused of its pods; None: nothing is.
        value: what stands there.
        seen: what is wrong with it.
        source: who refuses it.
        would_pass: what would be admitted; None: what the source says.
    """
    if field is not None:
        yield Diagnostic(
            rule="pods-are-admitted",
            severity=Severity.ERROR,
            input=field,
            value=value,
            seen=seen,
            why="the API accepts the Deployment but refuses its new pods (FailedCreate); the rollout stalls",
            source=source,
            would_pass=would_pass or "what the source admits",
            field=field,
        )


@register(
    RuleKind.OBJECTS,
    severity=Severity.ERROR,
    source=SERVICES,
    goes_wrong="What an object refers to does not exist, so requests reach nothing.",
    cure="Refer to something that exists: a port of the Service, a port of the container.",
    breaks={
        "field": "spec.ports[0].targetPort",
        "value": "admin",
        "seen": "a port that Deployment demo/web does not name",
    },
    keeps=_KEPT,
    unwaivable="no request reaches a pod that way",
    fact="other objects",
    asked_by_components=False,
)
def object_leads_on(
    field: str | None, value: str, seen: str, source: str = SERVICES, would_pass: str | None = None
) -> Iterator[Diagnostic]:
    """What an object refers to exists, as far as all candidates are known.

    Args:
        field: path in the object of what names it; None: all is there.
        value: what stands there.
        seen: what is wrong with it.
        source: who looks it up.
        would_pass: what is there; None: unknown.
    """
    if field is not None:
        yield Diagnostic(
            rule="object-leads-on",
            severity=Severity.ERROR,
            input=field,
            value=value,
            seen=seen,
            why="requests sent there reach nothing",
            source=source,
            would_pass=would_pass or "the name of something that exists",
            field=field,
        )


@register(
    RuleKind.OBJECTS,
    severity=Severity.WARNING,
    source=ANNOTATIONS,
    goes_wrong="Nothing reads the annotation, and the setting silently keeps its default.",
    cure="Use the key that GKE reads, on the object where GKE reads it.",
    given={"kind": "Service"},
    breaks={"key": f"{NEG}s", "meant": NEG, "read_on": "Service"},
    keeps={"key": None, "meant": "", "read_on": ""},
    unwaivable="take the annotation out, or write it as it is read",
    fact="other objects",
    asked_by_components=False,
)
def annotation_is_read(kind: str, key: str | None, meant: str, read_on: str) -> Iterator[Diagnostic]:
    """A GKE annotation has a key that GKE reads, on an object where GKE reads it.

    Args:
        kind: of the object.
        key: what stands there; None: all is read.
        meant: the key that is nearest.
        read_on: kind of the object on which that one is read.
    """
    if key is not None:
        yield Diagnostic(
            rule="annotation-is-read",
            severity=Severity.WARNING,
            input=f"metadata.annotations[{key}]",
            value=key,
            seen="no such key is read" if key != meant else f"it is not read on the {kind}",
            why="the setting silently keeps its default",
            source=ANNOTATIONS,
            would_pass=meant if read_on == kind else f"{meant} on the {read_on}",
            field=f"metadata.annotations[{key}]",
        )


@register(
    RuleKind.OBJECTS,
    severity=Severity.ERROR,
    source=(HELM_HOOKS, ARGO_HOOKS, ARGO_OPTIONS, KAPP_STRATEGIES),
    goes_wrong="Every release deletes the object and creates it again, or scales the Deployment to 1 pod.",
    cure="Take the annotation off, so that the deployer updates the object; keep hooks for Jobs.",
    breaks={
        "field": "metadata.annotations[helm.sh/hook]",
        "value": "post-install,post-upgrade",
        "seen": "Helm deletes a hook and creates it again at every upgrade or rollback that it names",
        "why": "all its pods are deleted at once, and requests find none until new ones serve",
    },
    keeps={"field": None, "value": "", "seen": "", "why": ""},
    fact="other objects",
    asked_by_components=False,
)
def release_updates_in_place(
    field: str | None,
    value: str,
    seen: str,
    why: str,
    source: str = HELM_HOOKS,
    would_pass: str | None = None,
) -> Iterator[Diagnostic]:
    """A release updates the objects of a path in place, and leaves the number of pods to their autoscaler.

    Args:
        field: the annotation that tells the deployer otherwise; None: none does.
        value: its text.
        seen: what the deployer does.
        why: what requests lose by that.
        source: where the deployer says so.
        would_pass: what to state instead; None: nothing.
    """
    if field is not None:
        yield Diagnostic(
            rule="release-updates-in-place",
            severity=Severity.ERROR,
            input=field,
            value=value,
            seen=seen,
            why=why,
            source=source,
            would_pass=would_pass or "absent, so that it is updated",
            field=field,
        )
