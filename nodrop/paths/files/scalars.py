"""Plain YAML scalars as kubectl reads them: sigs.k8s.io/yaml on go.yaml.in/yaml/v2 (v2.4.2), resolve.go and yaml.go.

YAML 1.1 as Go's library has it: `yes`, `on` and `y` are booleans, 0777 is octal, a date stays text, and so does a
number that no float64 holds.
"""

import base64
import math
import re
from functools import lru_cache

Scalar = str | int | float | bool | None

_TAG = "tag:yaml.org,2002:"
_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_NUMERIC = frozenset("+-0123456789.")
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))", re.ASCII)
_BASES = (16, 2, 8, 10)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_FLOAT_WITHOUT_DIGIT_FIRST = re.compile(r"\.[0-9]+([eE][-+]?[0-9]+)?", re.ASCII)
_LONGEST_INTEGER = 80
"""Characters; 64 binary digits with sign and prefix need 67."""
_REMEMBERED = 10_000
"""Plain scalars that are read once: objects repeat their keys, and equal texts share one string."""
_TYPES: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
    "null": (type(None),),
    "timestamp": (str,),
}


@lru_cache(maxsize=_REMEMBERED)
def plain(text: str) -> Scalar:
    """What a plain scalar without a tag says. Raises ValueError for infinities and NaN, which JSON does not have."""
    if text in _WORDS:
        value = _WORDS[text]
    elif text[0] not in _NUMERIC:
        return text
    else:
        value = _number(text)
    return _as_json(value)


def tagged(text: str, tag: str) -> Scalar:
    """What a scalar with a tag says; tags of applications mean nothing. Raises ValueError where the two disagree."""
    name = tag.removeprefix(_TAG) if tag.startswith(_TAG) else ""
    if name == "binary":
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    if name not in _TYPES:
        return text
    value = plain(text)
    if not isinstance(value, _TYPES[name]) or (name in ("int", "float") and isinstance(value, bool)):
        raise ValueError(f"`{text[:20]}` is not !!{name}")
    return value


def key(value: Scalar) -> str:
    """A mapping's key as text, as sigs.k8s.io/yaml converts it. Raises ValueError for null."""
    if isinstance(value, str):
        return value
    if value is None:
        raise ValueError("a key is null; wanted text")
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def _number(text: str) -> Scalar:
    if text[0] == ".":
        return _float(text, text, _FLOAT_WITHOUT_DIGIT_FIRST)
    digits = text.replace("_", "")
    match = _INTEGER.fullmatch(digits) if len(digits) <= _LONGEST_INTEGER else None
    if match:
        sign, *bases = match.groups()
        number = next(int(each, base) for each, base in zip(bases, _BASES, strict=True) if each is not None)
        number = -number if sign == "-" else number
        if -(2**63) <= number < (2**63 if sign else 2**64):
            return number
    return _float(text, digits, _FLOAT)


def _float(text: str, digits: str, pattern: re.Pattern[str]) -> Scalar:
    if not pattern.fullmatch(digits) or math.isinf(number := float(digits)):
        return text
    return number


def _as_json(value: Scalar) -> Scalar:
    """A float that Go writes into JSON without a fraction is read back as a whole number."""
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):
        raise ValueError("is not a number that JSON has")
    return int(value) if value.is_integer() and abs(value) < 2**63 else value
