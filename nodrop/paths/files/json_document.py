"""JSON texts -> values as kubectl reads them, and where their fields stand, found only when asked for."""

import json
import re
from collections.abc import Iterator
from itertools import chain
from json.decoder import JSONDecoder
from typing import Any

from nodrop.paths.files.faults import DocumentError, TooLargeError
from nodrop.paths.files.yaml_document import MAX_DEPTH

_BLANK = re.compile(r"[ \t\n\r]*")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
MAX_SIGNS = 10_000_000
"""Brackets, braces and commas in one document, which bound its values."""


def load_all(text: str) -> Iterator[tuple[Any, int, int]]:
    """Each of the texts that follow each other, with the offsets of its start and end.

    Raises:
        DocumentError: one is no JSON, or holds a key twice or a number that JSON does not have.
    """
    if sum(map(text.count, "[{,")) > MAX_SIGNS:
        raise TooLargeError(f"holds more than {MAX_SIGNS:,} values")
    at = _after_blank(text, 0)
    while at < len(text):
        try:
            value, end = _DECODER.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise DocumentError(f"not JSON: {error.msg}", error.lineno - 1) from None
        except RecursionError:
            raise DocumentError("nested too deeply", text.count("\n", 0, at)) from None
        except ValueError as error:
            raise DocumentError(f"not JSON: {error}", text.count("\n", 0, at)) from None
        if _is_deep(value):
            raise DocumentError(f"nested more than {MAX_DEPTH} deep", text.count("\n", 0, at))
        yield (_without_surrogates(value) if _SURROGATE.search(text, at, end) else value), at, end
        at = _after_blank(text, end)


def items(text: str, start: int) -> list[int]:
    """Where each entry of the list called `items` starts, in the object that starts at `start`."""
    at = below(text, start, "items")
    return [] if at is None else [place for _, place in _entries(text, at[1])]


def below(text: str, start: int, step: str | int) -> tuple[int, int] | None:
    """Offsets of the key (or entry) and of the value one step below the value at `start`; None: there is none."""
    if text[start] != ("[" if isinstance(step, int) else "{"):
        return None
    if isinstance(step, int):
        return next(((at, at) for number, at in _entries(text, start) if number == step), None)
    return next(((key_at, at) for key, key_at, at in _members(text, start) if key == step), None)


def _entries(text: str, start: int) -> Iterator[tuple[int, int]]:
    at, number = _after_blank(text, start + 1), 0
    while text[at] != "]":
        yield number, at
        at, number = _next(text, _DECODER.raw_decode(text, at)[1]), number + 1


def _members(text: str, start: int) -> Iterator[tuple[str, int, int]]:
    at = _after_blank(text, start + 1)
    while text[at] != "}":
        key, end = _DECODER.raw_decode(text, at)
        place = _after_blank(text, _after_blank(text, end) + 1)
        yield key, at, place
        at = _next(text, _DECODER.raw_decode(text, place)[1])


def _next(text: str, end: int) -> int:
    """The start of what follows a comma, or the closing sign."""
    at = _after_blank(text, end)
    return _after_blank(text, at + 1) if text[at] == "," else at


def _after_blank(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f'duplicate key "{twice}"; remove one of the two')
    return value


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is not a number that JSON has")


def _is_deep(value: Any) -> bool:
    """Whether mappings and lists stand in each other more than MAX_DEPTH deep."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MAX_DEPTH):
        inside = chain.from_iterable(each.values() if type(each) is dict else each for each in level)
        level = [each for each in inside if type(each) is dict or type(each) is list]
        if not level:
            return False
    return True


def _without_surrogates(value: Any) -> Any:
    """Lone surrogates become U+FFFD, as Go reads them. Source: encoding/json, Unmarshal."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_surrogates(each) for each in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(each) for key, each in value.items()}
    return value


def _float(text: str) -> float:
    number = float(text)
    return number if abs(number) < float("inf") else _no_number(text[:20])


_DECODER = JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number, parse_float=_float)
