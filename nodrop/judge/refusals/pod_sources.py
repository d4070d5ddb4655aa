"""What the Kubernetes API refuses of ConfigMaps and Secrets: values that are no texts, and keys.

Source: kubernetes/api core/v1 types.go; kubernetes/kubernetes pkg/apis/core/validation, ValidateConfigMap and
ValidateSecret.
"""

import re
from collections.abc import Iterator

from nodrop.judge.refusals.refusal import Refusal, of_metadata
from nodrop.paths.fields import SECRET_OF_TYPE, Field, is_unknown_or_masked

_KEY = re.compile(r"(?!\.\.?$)(?!\.\.)[-._a-zA-Z0-9]{1,253}")
_WHY = "the object is not made or not changed, and new pods that name it do not start, or start with what it had"
_IN_QUOTES = "the same in quotation marks; in a program str(…) or Output.apply(str)"
_AS_LINES = "a text: the same lines after key: |; in a program json.dumps(…) or Output.json_dumps(…)"


def of_config_map(given: Field) -> Iterator[Refusal]:
    """What is refused of a ConfigMap. Raises ReadingError."""
    yield from _of_object(given, ("data", "binaryData"))


def of_secret(given: Field) -> Iterator[Refusal]:
    """What is refused of a Secret; no value is shown. Raises ReadingError."""
    yield from _of_object(given, ("data", "stringData"))


def _of_object(given: Field, groups: tuple[str, ...]) -> Iterator[Refusal]:
    yield from of_metadata(given["metadata"])
    for group in groups:
        for key in given[group].mapping():
            field = given[group][key]
            if not _KEY.fullmatch(str(key)) and not is_unknown_or_masked(key):
                seen = f"has the key {str(key)!r}"
                yield Refusal(field, seen, "letters, digits, hyphens, dots and underscores", shown="…", why=_WHY)
            elif kind := _other_than_text(field):
                would_pass = _AS_LINES if isinstance(field.value, dict | list) else _IN_QUOTES
                yield Refusal(field, f"is {kind}, not a text", would_pass, shown="…", why=_WHY)


def _other_than_text(field: Field) -> str | None:
    """What it is instead. A null is decoded to an empty text."""
    if field.value in SECRET_OF_TYPE.values():
        return next(kind for kind, mask in SECRET_OF_TYPE.items() if mask == field.value)
    if field.value is None or isinstance(field.value, str):
        return None
    if isinstance(field.value, bool):
        return "a boolean"
    if isinstance(field.value, int | float):
        return "a number"
    return "a list" if isinstance(field.value, list) else "a mapping"
