"""Problems of the objects -> what the judgement says of them: a diagnostic where something certainly fails, else why
nothing can be said."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from nodrop.paths import Manifest, Problem, ProblemKind
from nodrop.rollout import Diagnostic, Severity
from nodrop.rollout.registry import RuleKind, register
from nodrop.rollout.sources import SERVICES

SOURCE = "kubernetes/kubernetes pkg/apis, validation"
"""Of what the API itself refuses."""

_OWN = "metadata.annotations[gke-nodrop/"
"""Annotations of this project, which no API refuses."""
_CLASSES = ("metadata.annotations[kubernetes.io/ingress.class]", "spec.gatewayClassName")
"""Fields that say whose controller makes the load balancer."""
_STEP = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")

_SHUT = "nothing of it takes effect, and a load balancer that is there already keeps what it had"
_KEPT: Mapping[str, Any] = {"field": None, "value": "", "seen": ""}


@register(
    RuleKind.OBJECTS,
    severity=Severity.ERROR,
    source=(SOURCE, "GKE's controllers; each diagnostic names its own"),
    goes_wrong="The API or a GKE controller refuses the object, and nothing of it takes effect.",
    cure="State what the source accepts.",
    breaks={"field": "spec.type", "value": "NodePorts", "seen": "is no type of Service"},
    keeps=_KEPT,
    unwaivable="whatever the reason, the object is refused",
    fact="other objects",
    asked_by_components=False,
)
def object_is_accepted(
    field: str | None, value: str, seen: str, source: str = SOURCE, would_pass: str | None = None
) -> Iterator[Diagnostic]:
    """The API and GKE's controllers take the object as it is.

    Args:
        field: path in the object of what is refused; None: nothing is.
        value: what stands there.
        seen: what is wrong with it.
        source: who refuses it.
        would_pass: what would be taken; None: what the source says.
    """
    if field is not None:
        yield Diagnostic(
            rule="object-is-accepted",
            severity=Severity.ERROR,
            input=field,
            value=value,
            seen=seen,
            why=_SHUT,
            source=source,
            would_pass=would_pass or "what the source accepts",
            field=field,
        )


@register(
    RuleKind.OBJECTS,
    severity=Severity.ERROR,
    source=SERVICES,
    goes_wrong="What an object names is not there, so that requests reach nothing.",
    cure="Name what is there: a port of the Service, a port of the container.",
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
    """What an object names is there, where all that could be meant is known.

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
            why="requests that go there reach nothing",
            source=source,
            would_pass=would_pass or "the name of something that is there",
            field=field,
        )


def diagnostic_of(problem: Problem, manifest: Manifest | None) -> Diagnostic | None:
    """What certainly fails; None where nothing can be said, or where the objects may be right for somebody else."""
    if problem.kind in (ProblemKind.REFUSED, ProblemKind.UNREADABLE):
        if (problem.field or "").startswith(_OWN):
            return None
        told, source = object_is_accepted, problem.source or SOURCE
    elif problem.kind is ProblemKind.LEADS_NOWHERE:
        told, source = object_leads_on, problem.source or SERVICES
    else:
        return None
    return next(iter(told(_field(problem), _value(problem, manifest), problem.message, source, problem.wanted)))


def is_of_another_controller(problem: Problem) -> bool:
    """Whether the problem is that the load balancer is none of GKE's, which then makes nothing of it."""
    return problem.kind is ProblemKind.UNSUPPORTED and problem.field in _CLASSES


def _field(problem: Problem) -> str:
    return problem.field or "metadata.name"


def _value(problem: Problem, manifest: Manifest | None) -> str:
    value: object = manifest
    for key, name in _STEP.findall(_field(problem)):
        step = key or name
        if isinstance(value, list):
            value = value[int(step)] if step.isdigit() and int(step) < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return "absent" if value is None else str(value)[:80]
