"""Problems of the objects -> what the judgement says of them: a diagnostic where something certainly fails, else why
nothing can be said."""

import re

from nodrop.gke.applications import PREFIX
from nodrop.gke.ingresses import CLASS
from nodrop.paths import Manifest, Problem, ProblemKind
from nodrop.paths.fields import unquoted
from nodrop.rollout import Diagnostic
from nodrop.rollout.rules.objects import object_is_accepted, object_leads_on
from nodrop.rollout.sources import API_VALIDATION, SERVICES

_OWN = f"metadata.annotations[{PREFIX}"
"""Annotations of this project, which no API refuses."""
_CLASSES = (f"metadata.annotations[{CLASS}]", "spec.ingressClassName", "spec.gatewayClassName")
"""Fields that say whose controller makes the load balancer."""
_STEP = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")


def diagnostic_of(problem: Problem, manifest: Manifest | None) -> Diagnostic | None:
    """What certainly fails; None where nothing can be said, or where another controller may read the objects."""
    if problem.kind in (ProblemKind.REFUSED, ProblemKind.UNREADABLE):
        if (problem.field or "").startswith(_OWN):
            return None
        told, source = object_is_accepted, problem.source or API_VALIDATION
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
    return "absent" if value is None else unquoted(value)
