"""Quantities of the Kubernetes API, such as 500m or 512Mi. Source: kubernetes/apimachinery pkg/api/resource."""

import re

from nodrop.paths.fields import is_unknown_or_masked

_QUANTITY = re.compile(r"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,3})?")
_BINARY = {f"{letter}i": 1024.0**power for power, letter in enumerate("KMGTPE", start=1)}
_DECIMAL = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}
_MOST = 2.0**63
"""The greatest amount that a quantity holds; a greater one counts as this. Source: the same."""
_LEAST = 1e-9
"""The least amount but none; a lesser one counts as this. Source: the same."""
_FACTORS = {"": 1.0, **_BINARY, **_DECIMAL}


def amount(value: object) -> float | None:
    """The amount in cores, bytes or whatever is counted; none where the API takes no such quantity.

    A value that is unknown or masked counts as nothing. Source of the space around it: Quantity.UnmarshalJSON.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _within(value)
    if is_unknown_or_masked(value):
        return 0.0
    found = _QUANTITY.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return None
    suffix = found[2] or ""
    factor = _FACTORS.get(suffix)
    return _within(float(found[1]) * (factor if factor is not None else float(f"1{suffix}")))


def _within(value: float) -> float:
    return _LEAST if 0 < value < _LEAST else float(max(-_MOST, min(value, _MOST)))
