"""Edits of single fields in YAML text: only the lines that must differ do; comments and layout stay.

A field is set where it stands, or inserted into the mapping that lacks it. What an edit makes of the text is read
again, as kubectl reads it, and compared: an edit that would change anything else is refused. Not here: which edits are
wanted, and files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import yaml
from yaml import MappingNode, Node, SequenceNode

from nodrop.edited_text import EditError, below_key, changed_text, path_of, text_of
from nodrop.paths.files import json_document, yaml_document
from nodrop.paths.files.faults import DocumentError
from nodrop.paths.files.positions import Step, steps_of
from nodrop.rollout.diagnostics import ObjectRef

_HANDLERS = ("preStop", "postStart")
"""Fields that hold one action of several kinds: a second one beside it would be refused."""
_MARK = "\ufeff"
"""Byte order mark, which libyaml does not count."""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BETWEEN_DOCUMENTS = re.compile(r"^(?=---(?:\s|$))", re.MULTILINE)
"""Where a line begins with the mark of a document; no scalar can hold one there. Source: YAML 1.2, section 9.1."""
_NONE, _MANY = "is not in the file as it stands", "is in the file more than once"


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One field of one object, and the value that it is to have."""

    object: ObjectRef
    field: str
    """Such as `spec.template.spec.containers[0].lifecycle.preStop.sleep.seconds`."""
    value: str | int | float


def edited(text: str, edit: Edit) -> str:
    """The text of a YAML (or JSON) file with the field set.

    Raises:
        EditError: the object or the field is not there, or cannot be set without changing something else.
    """
    if text.startswith(_MARK):
        return _MARK + edited(text.removeprefix(_MARK), edit)
    steps = field_of(edit.field)
    roots = list(_compose(text))
    found = [node for root in roots for node in _objects(root) if _is(node, edit.object)]
    if len(found) != 1:
        raise EditError(_MANY if found else _NONE)
    changed = changed_text(text, found[0], steps, edit.value)
    _verify(text, changed, edit.object, steps, edit.value)
    return changed


def edited_all(text: str, edits: Iterable[Edit]) -> tuple[str, list[tuple[Edit, str]]]:
    """The text of a file with the fields set, document by document, and the edits that cannot be made, with why."""
    parts = [each for part in _BETWEEN_DOCUMENTS.split(text) for each in _json_texts(part)]
    holding: dict[tuple[str, str, str], list[int]] = {}
    for number, part in enumerate(parts):
        with suppress(EditError):
            for root in _compose(part.removeprefix(_MARK)):
                for node in _objects(root):
                    holding.setdefault(_named(node), []).append(number)
    refused: list[tuple[Edit, str]] = []
    for edit in edits:
        wanted = edit.object
        places = holding.get((wanted.kind, wanted.namespace or "default", wanted.name), [])
        try:
            if len(places) != 1:
                raise EditError(_MANY if places else _NONE)
            parts[places[0]] = edited(parts[places[0]], edit)
        except EditError as error:
            refused.append((edit, str(error)))
    return "".join(parts), refused


def _json_texts(part: str) -> list[str]:
    """The JSON texts that follow each other in a document, with the blanks between; else the document."""
    if not part.lstrip(f"{_MARK} \t\r\n").startswith("{"):
        return [part]
    mark = _MARK if part.startswith(_MARK) else ""
    try:
        ends = [len(mark) + end for _, _, end in json_document.load_all(part.removeprefix(mark))]
    except DocumentError:
        return [part]
    return [part[start:end] for start, end in pairwise([0, *ends[:-1], len(part)])]


def field_of(field: str) -> list[Step]:
    """A field's path in steps: `a.b[0]` is ["a", "b", 0], and `metadata.annotations[x/y]` ends in "x/y"."""
    steps = steps_of(field)
    if not steps:
        raise EditError(f"{field} is not a field")
    return steps


def _compose(text: str) -> Iterator[Node]:
    try:
        yield from (root for root in yaml.compose_all(text, Loader=_LOADER) if root is not None)
    except (yaml.YAMLError, RecursionError):
        raise EditError("is in a file that cannot be read as YAML") from None


def _objects(root: Node) -> Iterator[MappingNode]:
    """The object, or the entries of the list that it is."""
    if not isinstance(root, MappingNode):
        return
    items = below_key(root, "items")
    if text_of(below_key(root, "kind")).endswith("List") and isinstance(items, SequenceNode):
        for item in items.value:
            yield from _objects(item)
    else:
        yield root


def _is(node: MappingNode, wanted: ObjectRef) -> bool:
    return _named(node) == (wanted.kind, wanted.namespace or "default", wanted.name)


def _named(node: MappingNode) -> tuple[str, str, str]:
    """Kind, namespace and name."""
    metadata = below_key(node, "metadata")
    name, namespace = (text_of(below_key(metadata, key)) for key in ("name", "namespace"))
    return text_of(below_key(node, "kind")), namespace or "default", name


def _verify(before: str, after: str, wanted: ObjectRef, steps: Sequence[Step], value: str | int | float) -> None:
    """Read both texts; the second must be the first with that one field set."""
    try:
        old, new = (list(_documents(text)) for text in (before, after))
    except (DocumentError, RecursionError):
        raise EditError(f"{path_of(steps)} cannot be set by an edit of its line") from None
    targets = [each for document in old for each in _loaded(document) if _is_loaded(each, wanted)]
    expected = deepcopy(old)
    copies = [each for document in expected for each in _loaded(document) if _is_loaded(each, wanted)]
    if len(targets) != 1:
        raise EditError(_MANY)
    _set(copies[0], steps, value)
    if expected != new or _aliased(old, expected):
        raise EditError(f"{path_of(steps)} cannot be set without changing something else")


def _documents(text: str) -> Iterator[Any]:
    for part in _BETWEEN_DOCUMENTS.split(text):
        yield yaml_document.load(part).value


def _aliased(old: object, expected: object) -> bool:
    """Whether setting one place of the copy changed others too: then anchors share it."""
    return _differences(old, expected) > 1


def _differences(one: object, other: object) -> int:
    if isinstance(one, dict) and isinstance(other, dict):
        keys = one.keys() | other.keys()
        return sum(_differences(one.get(key), other.get(key)) for key in keys)
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return sum(map(_differences, one, other))
    return int(one != other or type(one) is not type(other))


def _loaded(document: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(document, dict):
        return
    items = document.get("items")
    if str(document.get("kind")).endswith("List") and isinstance(items, list):
        for item in items:
            yield from _loaded(item)
    else:
        yield document


def _is_loaded(each: dict[str, Any], wanted: ObjectRef) -> bool:
    metadata = each.get("metadata")
    if each.get("kind") != wanted.kind or not isinstance(metadata, dict):
        return False
    namespace = str(metadata.get("namespace") or "default")
    return str(metadata.get("name")) == wanted.name and namespace == (wanted.namespace or "default")


def set_field(manifest: dict[str, Any], field: str, value: str | int | float) -> None:
    """Set a field of an object, with the mappings above it. EditError where something else is in the way."""
    _set(manifest, field_of(field), value)


def _set(target: Any, steps: Sequence[Step], value: object) -> None:
    *above, last = steps
    for place, step in enumerate(above):
        if isinstance(step, int):
            if not isinstance(target, list) or step >= len(target):
                raise EditError(f"has nothing at {path_of(steps[: place + 1])}")
            target = target[step]
            continue
        if not isinstance(target, dict):
            raise EditError(f"has no keys at {path_of(steps[:place])}")
        if target.get(step, 0) is None:
            del target[step]
        if step in _HANDLERS and target.get(step) and above[place + 1 :] and above[place + 1] not in target[step]:
            raise EditError(f"has another action at {path_of(steps[: place + 1])}")
        target = target.setdefault(step, {})
    if not isinstance(target, dict):
        raise EditError(f"has no keys at {path_of(above)}")
    target[last] = value
