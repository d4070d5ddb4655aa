"""One YAML document -> a value as kubectl reads it, from the events of libyaml, with where the items of a List stand.

Follows go.yaml.in/yaml/v2 decode.go, so that an alias is refused where kubectl refuses it. Two things differ on
purpose: a key that stands twice is refused (kubectl silently takes the last one; kustomize and YAML refuse it),
and so is what follows `...` (kubectl drops it silently). Aliases share one value: do not change what was
read.
"""

import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from nodrop.paths.files import scalars
from nodrop.paths.files.faults import DocumentError

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's, where PyYAML was built with it."""
_PARSER = getattr(yaml.cyaml, "CParser", LOADER) if hasattr(yaml, "cyaml") else LOADER

MAX_DEPTH = 200
"""Mappings and lists inside each other; a pod's fields need about 15, a schema in a CustomResourceDefinition 60."""
MAX_VALUES = 10_000_000
"""Values in one document; 100,000 objects of ordinary size have 4 million."""

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What YAML does not admit. Source: YAML 1.1, section 5.1."""
_MERGE = object()
"""The key of a mapping that `<<` stands for."""
_ITEM = object()
"""The key of what is in a list called `items`."""
_MERGE_TAG = "tag:yaml.org,2002:merge"
_LOW, _HIGH = 400_000, 4_000_000


@dataclass(frozen=True, slots=True)
class Span:
    """Where an item of a List stands in its document's text: offsets, and line and column of the start, from 0."""

    start: int
    end: int
    line: int
    column: int
    node: int
    """Its number among the document's nodes."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a document holds, and where."""

    value: Any
    spans: Mapping[int, Span]
    """Of each mapping in a list called `items`, by its id()."""
    lines: Sequence[int] | None
    """Of each node, from 0, in their order: keys, values and entries of lists. None: anchors or merge keys make another
    order of them than the value has."""


class _Open:
    """A mapping or list that is being read."""

    __slots__ = ("anchor", "before", "key", "mark", "merged", "node", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.key: Any = None
        """Of a mapping, the one whose value comes next; None: a key comes next."""
        self.merged: set[str] | None = None
        """Keys that a merge key brought."""
        self.anchor: str | None = None
        self.before = 0
        """Values before it, where it has an anchor."""
        self.mark: Any = None
        """Where an item of a List starts."""
        self.node = 0
        """Its number among the document's nodes, where it is an item of a List."""


def load(text: str) -> Loaded:
    """The one document in the text.

    Raises:
        DocumentError: it is no YAML, or kubectl would refuse it.
    """
    builder = _Builder()
    try:
        return builder.built(_PARSER(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        last = text.rstrip("\n").count("\n")
        raise DocumentError(
            f"not YAML: {error.problem or error.context}", min(mark.line, last) if mark else 0
        ) from None
    except yaml.YAMLError:
        found = _UNPRINTABLE.search(text)
        if found is None:
            raise DocumentError("not YAML") from None
        line = text.count("\n", 0, found.start())
        raise DocumentError(f"not YAML: holds the character U+{ord(found[0]):04X}", line) from None


class _Builder:
    def __init__(self) -> None:
        self._spans: dict[int, Span] = {}
        self._lines: list[int] = []
        self._merges = False
        self._anchors: dict[str, tuple[Any, int] | None] = {}
        """Value and number of values in it, aliases counted in full; None while it is being read."""
        self._from_aliases = 0

    @property
    def _count(self) -> int:
        """Values so far, aliases counted in full."""
        return len(self._lines) + self._from_aliases

    def built(self, parser: Any) -> Loaded:
        next_event = parser.get_event
        next_event()
        root = None
        if not isinstance(next_event(), StreamEndEvent):
            root = self._value(next_event)
            next_event()
            next_event()  # the end, or an error where something follows `...`
        lines = None if self._anchors or self._merges else array("I", self._lines)
        return Loaded(value=root, spans=self._spans, lines=lines)

    def _value(self, next_event: Any) -> Any:
        stack: list[_Open] = []
        here = _Open(None)
        begins, plain = self._lines.append, scalars.plain
        while True:
            event = next_event()
            kind = type(event)
            if kind is ScalarEvent:
                begins(event.start_mark.line)
                value = event.value
                if event.tag is not None or event.implicit[0]:
                    try:
                        value = plain(value) if event.tag is None else scalars.tagged(value, event.tag)
                    except ValueError as error:
                        raise DocumentError(f"{value[:40]}: {error}", _line(event)) from None
                if event.anchor is not None:
                    self._anchors[event.anchor] = (value, 1)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                begins(event.start_mark.line)
                stack.append(here)
                here = self._opened(event, here, len(stack))
                continue
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                value = here.value
                if here.mark is not None or here.anchor is not None:
                    self._closed(here, event)
                here = stack.pop()
            elif kind is AliasEvent:
                begins(event.start_mark.line)
                value = self._aliased(event)
            else:
                raise DocumentError("not YAML", _line(event))
            if not stack:
                return value
            self._add(here, value, event)

    def _add(self, here: _Open, value: Any, event: Any) -> None:
        """A key, a value or an entry of what is being read."""
        container, key = here.value, here.key
        if type(container) is list:
            container.append(value)
        elif key is None:
            here.key = value if type(value) is str and value != "<<" else _key(value, event)
        else:
            here.key = None
            if key is _MERGE or key in container:
                self._put(here, key, value, event)
            else:
                container[key] = value

    def _opened(self, event: Any, here: _Open, depth: int) -> _Open:
        if depth > MAX_DEPTH:
            raise DocumentError(f"nested more than {MAX_DEPTH} deep", _line(event))
        if len(self._lines) > MAX_VALUES:
            raise DocumentError(f"holds more than {MAX_VALUES:,} values", _line(event))
        if type(event) is MappingStartEvent:
            opened = _Open({})
            if here.key is _ITEM:
                opened.mark, opened.node = event.start_mark, len(self._lines) - 1
        else:
            opened = _Open([])
            opened.key = _ITEM if here.key == "items" else None
        if event.anchor is not None:
            opened.anchor, opened.before = event.anchor, self._count - 1
            self._anchors[event.anchor] = None
        return opened

    def _closed(self, closed: _Open, event: Any) -> None:
        if closed.mark is not None:
            mark = closed.mark
            self._spans[id(closed.value)] = Span(
                start=mark.index, end=event.end_mark.index, line=mark.line, column=mark.column, node=closed.node
            )
        if closed.anchor is not None:
            self._anchors[closed.anchor] = closed.value, self._count - closed.before

    def _aliased(self, event: AliasEvent) -> Any:
        if event.anchor not in self._anchors:
            raise DocumentError(f"*{event.anchor} names no anchor before it", _line(event))
        known = self._anchors[event.anchor]
        if known is None:
            raise DocumentError(f"&{event.anchor} contains itself", _line(event))
        value, count = known
        self._from_aliases += count
        total, from_aliases = self._count, self._from_aliases
        if from_aliases > 100 and total > 1000 and from_aliases / total > _allowed_share(total):
            raise DocumentError("its aliases repeat too much: kubectl refuses it too", _line(event))
        return value

    def _put(self, here: _Open, key: Any, value: Any, event: Any) -> None:
        """A value under a merge key, or under a key that is there already."""
        container = here.value
        here.merged = here.merged or set()
        if key is _MERGE:
            self._merges = True
            for each in _mappings(value, event):
                container.update(each)
                here.merged.update(each)
            return
        if key not in here.merged:
            reason = f'duplicate key "{key}"; remove one of the two'
            raise DocumentError(reason, _line(event))
        here.merged.discard(key)
        container[key] = value


def _key(value: Any, event: Any) -> Any:
    """The text of a key, or the merge key, which is plain."""
    if type(value) is str:
        is_merge = value == "<<" and type(event) is ScalarEvent and (event.tag == _MERGE_TAG or event.implicit[0])
        return _MERGE if is_merge else value
    if isinstance(value, dict | list):
        raise DocumentError("a key is a mapping or a list; wanted text", _line(event))
    try:
        return scalars.key(value)
    except ValueError as error:
        raise DocumentError(str(error), _line(event)) from None


def _mappings(value: Any, event: Any) -> Iterator[dict[str, Any]]:
    """What a merge key merges, the one that counts least first."""
    merged = value[::-1] if isinstance(value, list) else [value]
    for each in merged:
        if not isinstance(each, dict):
            raise DocumentError("<< merges mappings only", _line(event))
        yield each


def _line(event: Any) -> int:
    """From 0."""
    return event.start_mark.line


def _allowed_share(count: int) -> float:
    """How much of what is read may come from aliases. Source: yaml/v2 decode.go, allowedAliasRatio."""
    return 0.99 - 0.89 * min(1, max(0, (count - _LOW) / (_HIGH - _LOW)))
