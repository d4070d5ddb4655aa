"""What an update of a stack drops: its exported state against the evaluated program, judged by the rules of change.

Compared are how requests reach the pods, what the pods run on, and what previews are refused for; an update of anything
else is silent here. Not here: whether the program itself is right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from nodrop.paths.changes import PathChange, changes
from nodrop.paths.fields import ref_of
from nodrop.preview.ownership import refused
from nodrop.preview.replacement import Foundations, foundations
from nodrop.preview.resources import Evaluation
from nodrop.preview.standalone import lost_negs
from nodrop.preview.state import State, StateError
from nodrop.preview.update import Update, updated
from nodrop.rollout import Diagnostic, ObjectRef, Rollout, Severity, check_change
from nodrop.rollout.waivers import effective

_LOAD_BALANCER = (
    "wiring.routes",
    "wiring.entry",
    *(
        f"wiring.front.{each}"
        for each in ("schemes", "redirects", "address", "managed_hosts", "certificates", "ssl_policy", "global_access")
    ),
)
"""Inputs of diagnostics that concern all paths of a load balancer."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What was compared, what was found, and what could not be compared."""

    paths: tuple[str, ...]
    """Names of the state's serving paths that were compared."""
    diagnostics: tuple[Diagnostic, ...]
    """Their `object` is the Service of a serving path, the Ingress or Gateway of several, or another object."""
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
    beneath = foundations(evaluation, state)
    return Comparison(
        paths=tuple(dict.fromkeys(change.name for change in found.paths)),
        diagnostics=(*_of_paths(found.paths, update, beneath), *_of_objects(update)),
        not_compared=(
            *map(str, found.problems),
            *beneath.not_compared.values(),
            *(f"{urn}: its objects are taken as unchanged, for its provider makes them" for urn in update.unseen),
        ),
    )


def _of_paths(paths: tuple[PathChange, ...], update: Update, beneath: Foundations) -> Iterator[Diagnostic]:
    """Each once for each object that it concerns, those that weigh most first."""
    accepts: dict[ObjectRef | None, dict[str, str]] = {}
    found: dict[Diagnostic, None] = {}
    for path in paths:
        for each in check_change(path.before, _on(path, update, beneath)):
            concerned = path.load_balancer if each.input in _LOAD_BALANCER else path.service
            found[replace(each, object=concerned)] = None
        for concerned in (path.load_balancer, path.service):
            accepts.setdefault(concerned, {}).update(effective(path.accept))
    weights = list(Severity)
    for each in sorted(found, key=lambda each: weights.index(each.severity)):
        yield replace(each, waiver=accepts[each.object].get(each.rule))


def _on(path: PathChange, update: Update, beneath: Foundations) -> Rollout:
    """The second version of a path, knowing what becomes of what it runs on."""
    after = path.judged()
    assert after.wiring is not None
    service = (path.service.kind, path.service.namespace or "default", path.service.name)
    urn = update.urns.get(update.moved.get(service, service))
    replaced = tuple(beneath.under([urn])) if urn else ()
    return replace(after, wiring=replace(after.wiring, replaced_resources=replaced))


def _of_objects(update: Update) -> list[Diagnostic]:
    """What is taken from others than a path's load balancer, and what stands in the way of the update itself.

    Objects are in the program's order.
    """
    return [
        replace(each, object=ref_of(old.manifest))
        for old, manifest in update.kept
        for each in (*lost_negs(old.manifest, manifest), *refused(old, manifest))
    ]
