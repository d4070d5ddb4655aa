"""Which edits cure what a judgement found: chosen together, and judged again before anybody writes them.

Only values that stand in one field are edited; a cure that adds an object, or is a decision (where pods run, how an
application behaves), is left to people. Not here: texts and files (`edits`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from nodrop.edits import Edit, EditError, Step, field_of, set_field
from nodrop.judge import Judgement
from nodrop.paths import Manifest
from nodrop.paths.fields import ref_of, whole
from nodrop.rollout import Diagnostic, ObjectRef, Severity

EDITED: Mapping[str, str] = {
    "replicas": "",
    "rollout.max_surge": "",
    "rollout.max_unavailable": "",
    "rollout.min_ready_seconds": "",
    "rollout.progress_deadline_seconds": "",
    "rollout.pre_stop_seconds": ".sleep.seconds",
    "rollout.termination_grace_period_seconds": "",
    "rollout.backend_timeout_seconds": "",
    "rollout.draining_timeout_seconds": "",
    "health_check.path": "",
    "health_check.timeout_seconds": "",
    "readiness_probe.timeout_seconds": "",
    "liveness_probe.failure_threshold": "",
    "startup_probe.failure_threshold": "",
    "wiring.publishes_not_ready_addresses": "",
}
"""Inputs whose value is one field's: what follows the field's place that a diagnostic names."""
_MOST_ROUNDS = 6
"""Times that the edits of one judgement may call for further ones; three are the most seen. Source: chosen."""

_Fields = dict[tuple[ObjectRef, str], str | int | float]


@dataclass(frozen=True, kw_only=True)
class Cure:
    """Edits that go together."""

    edits: tuple[Edit, ...]
    judgement: Judgement
    """Of the objects with the edits made: what no edit cures."""


def cure(objects: Sequence[Manifest], judged: Callable[[Sequence[Manifest]], Judgement], before: Judgement) -> Cure:
    """The edits that lessen what was found, errors first; warnings are left where curing them brings new findings."""
    fields: _Fields = {}
    judgement = before
    for severities in ((Severity.ERROR,), (Severity.ERROR, Severity.WARNING)):
        more, after = _cured(objects, judged, judgement, severities, fields)
        if more != fields and _weight(after) < _weight(judgement):
            fields, judgement = more, after
    edits = (Edit(object=ref, field=field, value=value) for (ref, field), value in fields.items())
    return Cure(edits=tuple(edits), judgement=judgement)


def _cured(
    objects: Sequence[Manifest],
    judged: Callable[[Sequence[Manifest]], Judgement],
    judgement: Judgement,
    severities: tuple[Severity, ...],
    fields: _Fields,
) -> tuple[_Fields, Judgement]:
    fields = dict(fields)
    originals = {ref_of(each): each for each in objects}
    for _ in range(_MOST_ROUNDS):
        wanted: _Fields = {}
        for found in _found(judgement):
            edit = edit_of(found) if found.severity in severities and found.waiver is None else None
            if edit is not None and not _may_be_meant(edit, originals):
                for each in (*_needed_with(edit, originals), edit):
                    key = (each.object, each.field)
                    wanted[key] = _more(wanted.get(key), each.value)
        changed, unset = with_fields(objects, fields | wanted)
        wanted = {key: value for key, value in wanted.items() if key not in unset}
        if fields | wanted == fields:
            break
        fields |= wanted
        judgement = judged(changed)
    return fields, judgement


def edit_of(found: Diagnostic) -> Edit | None:
    """The edit that the finding's rule declares; None where no edit of one field is its cure."""
    suffix = EDITED.get(found.input)
    value = found.would_pass
    if suffix is None or found.object is None or found.field is None or isinstance(value, tuple):
        return None
    if found.field.endswith(("annotations", "metadata", "spec")):
        return None
    if isinstance(value, str) != isinstance(found.value, str):
        return None  # words in a number's place
    return Edit(object=found.object, field=found.field + suffix, value=value)


def _may_be_meant(edit: Edit, originals: Mapping[ObjectRef, Manifest]) -> bool:
    """Whether a second replica would be one beside the first that Recreate keeps apart from it."""
    strategy = whole(originals[edit.object])["spec"]["strategy"]
    return edit.object.kind == "Deployment" and edit.field == "spec.replicas" and strategy["type"].value == "Recreate"


def _needed_with(edit: Edit, originals: Mapping[ObjectRef, Manifest]) -> Iterator[Edit]:
    """The type of a HealthCheckPolicy's check, which states none so far, with the check's path.

    The API refuses a check without its type. Source: GoogleCloudPlatform/gke-gateway-api config/crd.
    """
    config, below, rest = edit.field.partition(".config.")
    check, _, field = rest.partition("HealthCheck.")
    if edit.object.kind != "HealthCheckPolicy" or not below or field != "requestPath":
        return
    if not whole(originals[edit.object]).at(f"{config}.config")["type"].value:
        yield Edit(object=edit.object, field=f"{config}.config.type", value=check.upper())


def with_fields(
    objects: Iterable[Manifest], fields: _Fields
) -> tuple[list[Manifest], frozenset[tuple[ObjectRef, str]]]:
    """The objects with these fields set, and the fields that cannot be; objects that change are copies."""
    unset: set[tuple[ObjectRef, str]] = set()
    by_object: dict[ObjectRef, dict[str, str | int | float]] = {}
    for (ref, field), value in fields.items():
        by_object.setdefault(ref, {})[field] = value
    changed: list[Manifest] = []
    for each in objects:
        wanted = by_object.get(ref_of(each))
        if wanted:
            each = deepcopy(each)
            for field, value in wanted.items():
                try:
                    set_field(each, field, value)
                except EditError:
                    unset.add((ref_of(each), field))
        changed.append(each)
    return changed, frozenset(unset)


def patches(objects: Sequence[Manifest], edits: Iterable[Edit]) -> list[dict[str, Any]]:
    """A strategic merge patch for each object that the edits change; entries of lists go by their names."""
    by_object: dict[ObjectRef, list[Edit]] = {}
    for edit in edits:
        by_object.setdefault(edit.object, []).append(edit)
    originals = {ref_of(each): each for each in objects}
    return [_patch(originals[ref], changes) for ref, changes in by_object.items()]


def _patch(original: Manifest, edits: Iterable[Edit]) -> dict[str, Any]:
    metadata = original["metadata"]
    named = {key: metadata[key] for key in ("name", "namespace") if metadata.get(key)}
    patch: dict[str, Any] = {"apiVersion": original["apiVersion"], "kind": original["kind"], "metadata": named}
    for edit in edits:
        _put(patch, original, field_of(edit.field), edit.value)
    return patch


def _put(patch: Any, original: Any, steps: Sequence[Step], value: object) -> None:
    """Set a field in a patch of the original; an entry of a list is named as the original's at that place."""
    step, *rest = steps
    if isinstance(step, int):
        name = original[step]["name"]
        entry = next((each for each in patch if each["name"] == name), None)
        if entry is None:
            entry = {"name": name}
            patch.append(entry)
        _put(entry, original[step], rest, value)
    elif rest:
        below = original.get(step) if isinstance(original, dict) else None
        _put(patch.setdefault(step, [] if isinstance(below, list) else {}), below, rest, value)
    else:
        patch[step] = value


def _found(judgement: Judgement) -> Iterator[Diagnostic]:
    for path in judgement.paths:
        yield from path.diagnostics
    yield from judgement.objects


def _weight(judgement: Judgement) -> tuple[int, int]:
    """Errors and warnings that count."""
    counting = [each.severity for each in _found(judgement) if each.waiver is None]
    return counting.count(Severity.ERROR), counting.count(Severity.WARNING)


def _more(one: str | int | float | None, other: str | int | float) -> str | int | float:
    """Of two values wanted of one field, the one that satisfies both lower bounds."""
    numbers = isinstance(one, (int, float)) and isinstance(other, (int, float))
    return max(one, other) if numbers else other
