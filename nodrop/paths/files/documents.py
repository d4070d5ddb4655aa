"""The text of a file -> its documents, and the objects in each, lists flattened."""

import re
from collections.abc import Iterator
from typing import Any

from nodrop.paths.files import json_document, yaml_document
from nodrop.paths.files.faults import DocumentError, TooLargeError
from nodrop.paths.files.positions import Document, ObjectPosition

_SEPARATOR = re.compile(r"^---(.*)\n?", re.MULTILINE)
_TEMPLATE = re.compile(r"(?:[ \t\r]*(?:#[^\n]*)?\n)*?# Source: *([^\n\r]+)")
"""How `helm template` begins each document."""


def documents_of(file: str, text: str) -> Iterator[tuple[Document, DocumentError | None]]:
    """The documents as kubectl separates them: apimachinery pkg/util/yaml/decoder.go, YAMLReader."""
    start, line, number = 0, 1, 0
    error: DocumentError | None = None
    for separator in [*_SEPARATOR.finditer(text), None]:
        end = len(text) if separator is None else separator.start()
        part = text[start:end]
        if part.strip() or error:
            number += 1
            template = _TEMPLATE.match(part)
            document = Document(file, part, line, number, template[1].strip() if template else None)
            yield document, error
        if separator is None:
            return
        line += part.count("\n") + 1
        start = separator.end()
        rest = separator[1].strip()
        wrong = rest and not rest.startswith("#")
        error = DocumentError(f"kubectl takes only a comment after ---, not {rest[:40]}", -1) if wrong else None


def objects_of(document: Document) -> Iterator[tuple[Any, ObjectPosition]]:
    """Each object in a document, lists flattened; also what is none."""
    text = document.text
    if text.lstrip().startswith("{"):
        try:
            for value, start, _ in json_document.load_all(text):
                document.is_json = True
                yield from _flattened_json(document, value, start, ())
            return
        except TooLargeError:
            raise
        except DocumentError:
            if document.is_json or re.match(r'\s*\{\s*"', text):
                raise
    loaded = yaml_document.load(text)
    if loaded.value is None:
        return
    if loaded.lines is not None:
        document.text, document.lines = "", loaded.lines
    for each in flattened(loaded.value):
        yield each, ObjectPosition(document, each, span=loaded.spans.get(id(each)))


def flattened(value: Any) -> Iterator[Any]:
    """The items of a List and of Lists in it, or else the value itself."""
    items = _items(value)
    if items is None:
        yield value
    else:
        for each in items:
            yield from flattened(each)


def _flattened_json(
    document: Document, value: Any, start: int, steps: tuple[int, ...]
) -> Iterator[tuple[Any, ObjectPosition]]:
    items = _items(value)
    if items is None:
        yield value, ObjectPosition(document, value, start=start, items=steps)
    else:
        for number, each in enumerate(items):
            yield from _flattened_json(document, each, start, (*steps, number))


def _items(value: Any) -> list[Any] | None:
    """The entries of a List."""
    if isinstance(value, dict) and isinstance(value.get("kind"), str) and value["kind"].endswith("List"):
        items = value.get("items")
        return items if isinstance(items, list) else None
    return None
