"""Amounts as people write them in Kubernetes objects, such as 1200m or 3Gi.

Source: kubernetes/apimachinery pkg/api/resource, Quantity.
"""

from collections.abc import Callable
from math import ceil

from nodrop.gke.resources import HUGE_PAGES

_BYTES = {"Gi": 2**30, "G": 10**9, "Mi": 2**20, "M": 10**6, "Ki": 2**10, "k": 10**3}
_OF_BYTES = ("memory", "storage", HUGE_PAGES)


def quantity(amount: float, resource: str, rounded: Callable[[float], int] = ceil) -> str:
    """An amount of cores, bytes or whatever is counted as a Quantity.

    Args:
        amount: 0 or more.
        resource: what of, such as `requests.memory`; of memory and storage in the greatest unit without a fraction.
        rounded: what becomes of a fraction of a byte, or of a thousandth.
    """
    if any(each in resource for each in _OF_BYTES):
        size = rounded(round(amount, 6))
        unit = next((unit for unit, factor in _BYTES.items() if size >= factor and size % factor == 0), "")
        return f"{size // _BYTES.get(unit, 1)}{unit}"
    thousandths = rounded(round(amount * 1000, 6))
    return f"{thousandths}m" if thousandths % 1000 else f"{thousandths // 1000}"
