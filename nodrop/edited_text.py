"""The text of a YAML or JSON document with one field of one of its objects set: replaced where it stands, or put in.

Works on the nodes that PyYAML composes, by their marks. Not here: which object, and whether the new text says what it
should (`edits`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from nodrop.paths.files.positions import Step

_MERGE = re.compile(r"<<[ \t]*:[ \t]*\*\S+[ \t]*(#[^\n]*)?\r?$", re.MULTILINE)
"""A merge key with the anchor that it merges, on one line."""


class EditError(ValueError):
    """Why an edit cannot be made."""


def changed_text(text: str, root: Node, steps: Sequence[Step], value: str | int | float) -> str:
    """The text with the field of the object `root`, which was composed of it. EditError where it cannot be set."""
    node = root
    for place, step in enumerate(steps):
        below = _below(node, step)
        if below is not None and _is_null(below):
            blank = "" if _start(below).index < _end(below).index else " "
            said = blank + _flow(steps[place + 1 :], value, quoted=_is_json(root, text))
            return text[: _start(below).index] + said + text[_end(below).index :]
        if below is None:
            if isinstance(step, int):
                raise EditError(f"has nothing at {path_of(steps[: place + 1])}")
            if not isinstance(node, MappingNode):
                raise EditError(f"{path_of(steps)} is missing where no line can be inserted")
            if node.flow_style or not node.value:
                return _put_in_braces(text, node, steps[place:], value, quoted=_is_json(root, text))
            return _inserted(text, node, steps[place:], value)
        node = below
    if not isinstance(node, ScalarNode) or _start(node).line != _end(node).line:
        raise EditError(f"{path_of(steps)} is not a value on a single line")
    return text[: _start(node).index] + _scalar(value) + text[_end(node).index :]


def _start(node: Node) -> Any:
    """Its mark, which every node has that was read from a text."""
    return node.start_mark


def _end(node: Node) -> Any:
    return node.end_mark


def _below(node: Node, step: Step) -> Node | None:
    if isinstance(step, int):
        return node.value[step] if isinstance(node, SequenceNode) and step < len(node.value) else None
    return below_key(node, step)


def _is_null(node: Node) -> bool:
    return node.tag == "tag:yaml.org,2002:null"


def _inserted(text: str, node: MappingNode, steps: Sequence[Step], value: str | int | float) -> str:
    """The text with the missing keys as new lines in a block mapping: behind its last plain line, else at its head."""
    indent = _start(node.value[0][0]).column
    lines = list(_nested(steps, value))
    plain = [end for pair in node.value if (end := _end_on_its_line(text, pair)) is not None]
    newline = "\r\n" if "\r\n" in text else "\n"
    if plain:
        at = text.find("\n", plain[-1])
        head, tail = (text + newline, "") if at < 0 else (text[: at + 1], text[at + 1 :])
        return head + "".join(f"{' ' * indent}{line}{newline}" for line in lines) + tail
    at = _start(node.value[0][0]).index
    line_start = text.rfind("\n", 0, at) + 1
    if text[line_start:at].strip():  # behind the dash of a list's entry
        return text[:at] + "".join(f"{line}{newline}{' ' * indent}" for line in lines) + text[at:]
    at = _above_comments(text, line_start)
    return text[:at] + "".join(f"{' ' * indent}{line}{newline}" for line in lines) + text[at:]


def _above_comments(text: str, line_start: int) -> int:
    """Where the comment lines begin that stand right above a line."""
    while line_start:
        above = text.rfind("\n", 0, line_start - 1) + 1
        if not text[above:line_start].lstrip().startswith("#"):
            break
        line_start = above
    return line_start


def _end_on_its_line(text: str, pair: tuple[Any, Any]) -> int | None:
    """Where a key with its value ends that stands on one line; None: it stands on several."""
    key, value = pair
    if text_of(key) == "<<":  # its value has the marks of the anchor
        merge = _MERGE.match(text, _start(key).index)
        return merge and merge.end()
    one = value.style not in ("|", ">") if isinstance(value, ScalarNode) else bool(value.flow_style)
    return _end(value).index if one and _start(key).line == _end(value).line else None


def _put_in_braces(
    text: str, node: MappingNode, steps: Sequence[Step], value: str | int | float, *, quoted: bool
) -> str:
    """The text with the missing keys in front of a flow mapping's others; on a line of their own if the first is."""
    first, *below = steps
    said = f"{_flow_key(first, quoted)}: {_flow(below, value, quoted=quoted)}"
    if not node.value:
        opened = text.index("{", _start(node).index) + 1
        return text[:opened] + said + text[_end(node).index - 1 :]
    at = _start(node.value[0][0]).index
    line_start = text.rfind("\n", 0, at) + 1
    between = text[line_start:at]
    newline = "\r\n" if "\r\n" in text else "\n"
    return text[:at] + said + (", " if between.strip() else f",{newline}{between}") + text[at:]


def _flow(steps: Sequence[Step], value: str | int | float, *, quoted: bool) -> str:
    """The value below these keys on one line, such as `{sleep: {seconds: 60}}`; quoted as in JSON."""
    if not steps:
        return json.dumps(value) if quoted else _scalar(value)
    first, *below = steps
    if isinstance(first, int):
        raise EditError(f"{path_of(steps)} is in a list that is missing")
    return f"{{{_flow_key(first, quoted)}: {_flow(below, value, quoted=quoted)}}}"


def _flow_key(key: Step, quoted: bool) -> str:
    return json.dumps(str(key)) if quoted else _scalar(key)


def _is_json(root: Node, text: str) -> bool:
    """Whether an object is written as JSON: in braces, its keys in double quotes."""
    if not isinstance(root, MappingNode) or not root.flow_style or not root.value:
        return False
    return text[_start(root.value[0][0]).index] == '"'


def _nested(steps: Sequence[Step], value: str | int | float) -> Iterator[str]:
    """The keys below each other, two blanks deeper each, as lines without the indentation of the first."""
    for depth, step in enumerate(steps):
        if isinstance(step, int):
            raise EditError(f"{path_of(steps)} is in a list that is missing")
        last = depth == len(steps) - 1
        yield f"{'  ' * depth}{_scalar(step)}:{f' {_scalar(value)}' if last else ''}"


def _scalar(value: str | int | float) -> str:
    """A value as YAML on one line: a text plain where it reads back as itself, else quoted."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"{value:.15g}"
    plain = re.fullmatch(r"[A-Za-z/][\w./-]*", value) and yaml.safe_load(value) == value
    return value if plain else json.dumps(value)


def below_key(node: Node | None, key: str) -> Node | None:
    """What a mapping has under a key."""
    if not isinstance(node, MappingNode):
        return None
    return next((value for name, value in node.value if text_of(name) == key), None)


def text_of(node: Node | None) -> str:
    """A scalar's text; empty for anything else."""
    return node.value if isinstance(node, ScalarNode) else ""


def path_of(steps: Iterable[Step]) -> str:
    """Steps as a field's path, such as `spec.containers[0]`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
