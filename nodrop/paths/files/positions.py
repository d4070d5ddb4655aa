"""The line of a field of an object, found when it is asked for: a document's text is read once more, with marks."""

import re
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


def steps_of(path: str) -> list[Step]:
    """A field's path in steps: `a.b[0]` is ["a", "b", 0], and `metadata.annotations[x/y]` ends in "x/y"."""
    return [int(index) if index else name or quoted for name, index, quoted in _STEP.findall(path)]


@dataclass
class Document:
    """The text of one document (or of JSON texts that follow each other), kept to find lines in."""

    file: str
    text: str
    first_line: int
    """From 1."""
    number: int
    """From 1, as `---` separates them."""
    template: str | None
    """What a comment `# Source:` says, as `helm template` writes it."""
    is_json: bool = False
    _json_items: dict[int, list[int]] = field(default_factory=dict)

    def items(self, start: int) -> list[int]:
        """Where the items of the List that starts there stand, for JSON."""
        if start not in self._json_items:
            self._json_items[start] = json_document.items(self.text, start)
        return self._json_items[start]


@dataclass
class ObjectPosition:
    """Where an object stands in its document."""

    document: Document
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
        first = self.document.first_line + (self.span.line if self.span else 0)
        return first + (_yaml_line(self._node, steps_of(path)) if self._node is not None else 0)

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
        return document.first_line + document.text.count("\n", 0, key)

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
