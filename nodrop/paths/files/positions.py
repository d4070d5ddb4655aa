"""The line of a field of an object, found when it is asked for.

From the lines of a YAML document's nodes, which are in the order of its value; where they are not, and in JSON, the
text is read once more.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import yaml

from nodrop.paths.files import json_document
from nodrop.paths.files.yaml_document import LOADER, Span

Step = str | int
"""A key of a mapping, or the place of an entry in a list, from 0."""

MAX_TEXT = 4 * 1024 * 1024
"""Characters of an object's text in which fields are looked for; Kubernetes takes objects of at most 3 MiB."""
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]|\[([^\]]*)\]")
_MERGE = "<<"
_LINE_END = re.compile("\n")


def steps_of(path: str) -> list[Step]:
    """A field's path in steps: `a.b[0]` is ["a", "b", 0], and `metadata.annotations[x/y]` ends in "x/y"."""
    return [int(index) if index else name or quoted for name, index, quoted in _STEP.findall(path)]


@dataclass
class Document:
    """One document, or JSON texts that follow each other, kept to find lines in."""

    file: str
    text: str
    """Empty where `lines` are known."""
    first_line: int
    """From 1."""
    number: int
    """From 1, as `---` separates them."""
    template: str | None
    """What a comment `# Source:` says, as `helm template` writes it."""
    is_json: bool = False
    lines: Sequence[int] | None = None
    """Of the nodes of a YAML document, as `yaml_document` numbers them, from 0."""
    _json_items: dict[int, list[int]] = field(default_factory=dict)

    def items(self, start: int) -> list[int]:
        """Where the items of the List that starts there stand, for JSON."""
        if start not in self._json_items:
            self._json_items[start] = json_document.items(self.text, start)
        return self._json_items[start]

    def line_at(self, offset: int) -> int:
        """The line of what stands at that offset of the text, from 1."""
        return self.first_line + bisect_left(self._line_ends, offset)

    @cached_property
    def _line_ends(self) -> Sequence[int]:
        return array("I", (each.start() for each in _LINE_END.finditer(self.text)))


@dataclass
class ObjectPosition:
    """Where an object stands in its document."""

    document: Document
    value: Any
    """The object."""
    start: int = 0
    """Offset, for JSON of the outermost List."""
    span: Span | None = None
    """For an item of a YAML List."""
    items: tuple[int, ...] = ()
    """For JSON: which item of which List, from the outermost."""

    def line(self, path: str) -> int:
        """The line, from 1, of the field, or of what is nearest above it."""
        if self.document.is_json:
            return self._json_line(steps_of(path))
        steps, first = steps_of(path), self.document.first_line
        if self.document.lines is not None:
            node = self.span.node if self.span else 0
            return first + _known_line(self.document.lines, node, self.value, steps)
        first += self.span.line if self.span else 0
        return first + (_yaml_line(self._node, steps) if self._node is not None else 0)

    def _json_line(self, steps: list[Step]) -> int:
        document, at = self.document, self.start
        for item in self.items:
            at = document.items(at)[item]
        value, key = at, at
        for step in steps:
            found = json_document.below(document.text, value, step)
            if found is None:
                break
            key, value = found
        return document.line_at(key)

    @cached_property
    def _node(self) -> Any:
        """The object composed with marks; None where it is too large or stands on anchors outside it."""
        text = self.document.text
        if self.span is not None:
            text = " " * self.span.column + text[self.span.start : self.span.end]
        if len(text) > MAX_TEXT:
            return None
        try:
            return _Composer(text).get_single_node()
        except (yaml.YAMLError, RecursionError):
            return None


def _known_line(lines: Sequence[int], node: int, value: Any, steps: list[Step]) -> int:
    """From 0; `node` is the number of the value's node."""
    line = lines[node]
    for step in steps:
        found = _step_down(node, value, step)
        if found is None:
            break
        stands_at, node, value = found
        line = lines[stands_at]
    return line


def _step_down(node: int, value: Any, step: Step) -> tuple[int, int, Any] | None:
    """Number of the key's (or entry's) node, number of the value's, and the value."""
    node += 1
    if isinstance(value, dict):
        for key, inside in value.items():
            if key == str(step):
                return node, node + 1, inside
            node += 1 + _nodes(inside)
    elif isinstance(value, list):
        for number, entry in enumerate(value):
            if number == step or (isinstance(entry, dict) and str(entry.get("name")) == step):
                return node, node, entry
            node += _nodes(entry)
    return None


def _nodes(value: Any) -> int:
    """How many nodes a value has, keys included."""
    if type(value) is dict:
        return 1 + sum(1 + _nodes(each) for each in value.values())
    return 1 + sum(map(_nodes, value)) if type(value) is list else 1


class _Composer(LOADER):
    """Composes nodes without asking what type a scalar is of, which takes a third of the time."""

    def resolve(self, *_: Any) -> str:
        """No tag."""
        return ""

    def descend_resolver(self, *_: Any) -> None:
        """Nothing depends on the way here."""

    def ascend_resolver(self) -> None:
        """Nothing depends on the way here."""


def _yaml_line(node: Any, steps: list[Step]) -> int:
    """From 0. The object's own line is that of its first key, not of comments above it."""
    line = node.start_mark.line
    for step in steps:
        found = _below(node, step)
        if found is None:
            break
        line, node = found
    return line


def _below(node: Any, step: Step) -> tuple[int, Any] | None:
    if isinstance(node, yaml.SequenceNode):
        entries = node.value
        if isinstance(step, int):
            return (entries[step].start_mark.line, entries[step]) if step < len(entries) else None
        named = (each for each in entries if (found := _below(each, "name")) and found[1].value == step)
        return next(((each.start_mark.line, each) for each in named), None)
    if not isinstance(node, yaml.MappingNode):
        return None
    merged: list[Any] = []
    for key, value in node.value:
        if key.value == str(step):
            return key.start_mark.line, value
        if key.value == _MERGE:
            merged += value.value if isinstance(value, yaml.SequenceNode) else [value]
    return next((found for each in merged if (found := _below(each, step))), None)
