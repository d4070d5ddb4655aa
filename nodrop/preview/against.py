"""What an update of a stack drops: its exported state against the evaluated program, judged by the rules of change.

Only how requests reach the pods is compared, and what previews are refused for; an update of anything else is silent
here. Not here: whether the program itself is right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nodrop.paths.changes import PathChange, changes
from nodrop.paths.fields import name_of
from nodrop.preview.ownership import refused
from nodrop.preview.resources import Evaluation
from nodrop.preview.standalone import lost_negs
from nodrop.preview.state import State, StateError
from nodrop.preview.update import Update, updated
from nodrop.rollout import Finding, Severity, check_change
from nodrop.rollout.waivers import effective

_LOAD_BALANCER = (
    "wiring.routes",
    "wiring.entry",
    *(
        f"wiring.front.{each}"
        for each in ("schemes", "redirects", "address", "managed_hosts", "certificates", "ssl_policy", "global_access")
    ),
)
"""Inputs of findings that concern all paths of a load balancer."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """A finding, and whom it concerns."""

    subject: str
    """A serving path such as `demo/web`, a load balancer such as `Ingress demo/web`, or another object."""
    finding: Finding
    reason: str | None = None
    """Why the owner accepts it; None: it is not accepted."""

    @property
    def is_error(self) -> bool:
        """Whether requests will be lost, or the update refused, against the owner's will."""
        return self.finding.severity is Severity.ERROR and self.reason is None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What was compared, what was found, and what could not be compared."""

    paths: tuple[str, ...]
    """Names of the state's serving paths that were compared."""
    told: tuple[Told, ...]
    not_compared: tuple[str, ...]


def compare(evaluation: Evaluation, state: State, source: str = "the state") -> Comparison:
    """Judge what deploying the evaluated program over the state would do to each serving path.

    Raises StateError for the state of another stack, `source` being what the message calls it.
    """
    wanted = (evaluation.project, evaluation.stack)
    if state.stacks and state.stacks != {wanted}:
        others = " and ".join(f"stack {stack} of {project}" for project, stack in sorted(state.stacks - {wanted}))
        raise StateError(f"{source} is the state of {others}, not of stack {wanted[1]} of {wanted[0]}")
    update = updated(evaluation, state)
    found = changes(update.before, update.after, update.moved)
    return Comparison(
        paths=tuple(dict.fromkeys(change.name for change in found.paths)),
        told=(*_told(found.paths), *_of_objects(update)),
        not_compared=(
            *map(str, found.problems),
            *(f"{urn}: its objects are taken as unchanged, for its provider makes them" for urn in update.unseen),
        ),
    )


def _told(paths: tuple[PathChange, ...]) -> Iterator[Told]:
    """Every finding once for each whom it concerns, those that weigh most first."""
    accepts: dict[str, dict[str, str]] = {}
    found: dict[tuple[str, Finding], None] = {}
    for path in paths:
        for finding in check_change(path.before, path.judged()):
            subject = path.load_balancer if finding.input in _LOAD_BALANCER else path.name
            found[subject, finding] = None
        for subject in (path.load_balancer, path.name):
            accepts.setdefault(subject, {}).update(effective(path.accept))
    weights = list(Severity)
    for subject, finding in sorted(found, key=lambda each: weights.index(each[1].severity)):
        yield Told(subject=subject, finding=finding, reason=accepts[subject].get(finding.rule))


def _of_objects(update: Update) -> list[Told]:
    """What is taken from others than a path's load balancer, and what stands in the way of the update itself.

    Objects are in the program's order.
    """
    return [
        Told(subject=name_of(old.manifest), finding=finding)
        for old, manifest in update.kept
        for finding in (*lost_negs(old.manifest, manifest), *refused(old, manifest))
    ]
