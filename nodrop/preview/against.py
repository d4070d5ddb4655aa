"""What an update of a stack drops: its exported state against the evaluated program, judged by the rules of change.

Only how requests reach the pods is compared; an update of anything else is silent here. Not here: whether the program
itself is right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nodrop.paths.changes import PathChange, Replaced, changes
from nodrop.preview.resources import Evaluation
from nodrop.preview.state import State, StateError
from nodrop.preview.update import updated
from nodrop.rollout import Finding, Severity, check_change
from nodrop.rollout.findings import SERVICES
from nodrop.rollout.waivers import effective

REPLACEMENTS = "pulumi/pulumi-kubernetes provider/pkg/provider/diff.go"
_LOAD_BALANCER = ("wiring.routes", "wiring.entry")
"""Inputs of findings that concern all paths of a load balancer."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """A finding, and whom it concerns."""

    subject: str
    """A serving path such as `demo/web`, or a load balancer such as `Ingress demo/web`."""
    finding: Finding
    reason: str | None = None
    """Why the owner accepts it; None: it is not accepted."""

    @property
    def is_error(self) -> bool:
        """Whether requests will be lost, against the owner's will."""
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
        told=tuple(_told(found.paths)),
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
        for finding in (*check_change(path.before, path.after), *_replacements(path), *_unserved(path)):
            subject = path.load_balancer if finding.input in _LOAD_BALANCER else path.name
            found[subject, finding] = None
        for subject in (path.load_balancer, path.name):
            accepts.setdefault(subject, {}).update(effective(path.accept))
    weights = list(Severity)
    for subject, finding in sorted(found, key=lambda each: weights.index(each[1].severity)):
        yield Told(subject=subject, finding=finding, reason=accepts[subject].get(finding.rule))


def _replacements(path: PathChange) -> Iterator[Finding]:
    in_place = [each for each in path.replaced if each.field]
    elsewhere = [each for each in path.replaced if not each.field]
    yield from map(_replaced_in_place, in_place)
    if elsewhere:
        old, new = (", ".join(getattr(each, name) for each in elsewhere) for name in ("old", "new"))
        yield Finding(
            rule="objects-stay",
            severity=Severity.ERROR,
            input="objects",
            value=new,
            seen=f"was {old}",
            why=(
                "an object of another name or namespace is another object: the new ones get a load balancer, an "
                "address and NEGs of their own, and those of the old ones are deleted before clients know"
            ),
            source=REPLACEMENTS,
            would_pass=(
                f"{old}, in three steps: 1. add a second service beside the first, and wait until it answers at its "
                "own address; 2. then move the traffic (DNS) to it; 3. then remove the first when it is idle"
            ),
        )


def _replaced_in_place(replaced: Replaced) -> Finding:
    deployment = replaced.old.startswith("Deployment ")
    return Finding(
        rule="objects-stay",
        severity=Severity.ERROR,
        input=f"{replaced.old} {replaced.field}",
        value="another",
        seen="it cannot be changed in place, and the name stays",
        why=(
            "the object is deleted first and created anew, "
            + ("so that no pod is left until the new ones are ready" if deployment else "and its NEG goes with it")
        ),
        source=REPLACEMENTS,
        would_pass=(
            "the one that it has; for another one, in two steps: "
            + (
                "1. add a second Deployment of another name, whose pods the Service selects as well, and wait until "
                "they serve; 2. then remove the first"
                if deployment
                else "1. add a second Service of another name, and move the routes to it as routes-keep-their-service "
                "says; 2. then remove the first"
            )
        ),
    )


def _unserved(path: PathChange) -> Iterator[Finding]:
    for problem in path.unserved:
        yield Finding(
            rule="path-stays",
            severity=Severity.ERROR,
            input="path",
            value=problem.object,
            seen=problem.message,
            why="the load balancer keeps the Service, and no pods can be found behind it any more",
            source=SERVICES,
            would_pass=(  # noqa: S106 - not a password
                "objects that lead on to a Deployment, as they did; to end a service, in two steps: 1. drop its routes "
                "when no request asks for them; 2. then remove its objects"
            ),
        )
