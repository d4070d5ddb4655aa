"""Texts of annotations, decoded as Go's encoding/json and strconv do, on which GKE's controllers rest.

Source: pkg.go.dev, encoding/json Unmarshal and strconv ParseBool.
"""

import json
from collections.abc import Mapping
from typing import Any


class DecodingError(ValueError):
    """A controller refuses the text: `wanted` would pass, `source` says where the controller decodes it."""

    def __init__(self, wanted: str, source: str) -> None:
        super().__init__(f"wanted {wanted} [{source}]")
        self.wanted = wanted
        self.source = source


def members(text: str) -> dict[str, Any]:
    """The members of a JSON object by name in small letters: a field of a Go struct is found whatever its case.

    `null` changes nothing in Go, as an object and as a member; of equal names the last one counts.

    Raises:
        ValueError: it is not JSON, or not an object.
    """
    pairs = _loaded(text)
    if pairs is None:
        return {}
    if not isinstance(pairs, _Pairs):
        raise ValueError("not a JSON object")
    found = {}
    for name, value in pairs.pairs:
        if value is not None:
            found[name.lower()] = _plain(value)
    return found


def texts(value: object) -> dict[str, str]:
    """A JSON object of texts; null stands for an empty text, as in Go. Raises ValueError."""
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(each, str | None) for each in value.values()):
        raise ValueError("not a JSON object of texts")
    return {name: each or "" for name, each in value.items()}


def json_texts(text: str) -> dict[str, str]:
    """The JSON object of texts that a text is. Raises ValueError."""
    return texts(_plain(_loaded(text)))


def parse_bool(text: str) -> bool | None:
    """A truth value in any of the spellings that Go takes; None for all others."""
    if text in ("1", "t", "T", "TRUE", "true", "True"):
        return True
    if text in ("0", "f", "F", "FALSE", "false", "False"):
        return False
    return None


class _Pairs:
    """A JSON object with its members in order, equal names included."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        self.pairs = pairs


def _loaded(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_Pairs, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _plain(value: Any) -> Any:
    if isinstance(value, _Pairs):
        return {name: _plain(each) for name, each in value.pairs}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value
