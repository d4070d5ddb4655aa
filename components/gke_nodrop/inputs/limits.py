"""Limits as metadata of a type: each says its rule and where it comes from. The types that have them are in `types`."""

import ipaddress
import re
from typing import Any

from gke_nodrop.inputs.declared import Limit

GOOGLE_NAME = r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?"
"""Source: Google, Compute Engine, Naming resources."""
_INT32_MAX = 2**31 - 1


def at_least(least: float, unit: str, source: str) -> Limit:
    """`least` or more, within the 32 bits that the APIs give a number."""
    rule = f"a number of {unit}, {least:g} to {_INT32_MAX}"
    return Limit(holds=lambda x: least <= x <= _INT32_MAX, rule=rule, source=source)


def between(least: int, most: int, unit: str, source: str) -> Limit:
    """A number from `least` to `most`, both included."""
    return Limit(holds=lambda x: least <= x <= most, rule=f"from {least} to {most} {unit}", source=source)


def one_of(*values: int | str, source: str) -> Limit:
    """One of a few values."""
    *others, last = map(str, values)
    return Limit(holds=lambda x: x in values, rule=f"{', '.join(others)} or {last}", source=source)


def equal(value: int, what: str, source: str) -> Limit:
    """That value alone."""
    return Limit(holds=lambda x: x == value, rule=f"{value}, {what}", source=source)


def matching(pattern: str, rule: str, source: str) -> Limit:
    """Text that the whole of `pattern` matches."""
    compiled = re.compile(pattern)
    return Limit(holds=lambda x: compiled.fullmatch(x) is not None, rule=rule, source=source)


def not_empty(what: str, source: str) -> Limit:
    """Something in it."""
    return Limit(holds=lambda x: len(x) > 0, rule=f"{what}, not empty", source=source)


def some(what: str, source: str) -> Limit:
    """A group or list with something in it."""
    return Limit(holds=lambda x: len(x) > 0, rule=what, source=source)


def google_name(what: str, source: str) -> Limit:
    """A name as Google Cloud's resources have it, and as Kubernetes' Services have it."""
    rule = f"{what}: lower case letters, digits and hyphens, at most 63, a letter first, no hyphen last"
    return matching(GOOGLE_NAME, rule, source)


def at_most(most: int, what: str, source: str) -> Limit:
    """A list of no more than `most`."""
    return Limit(holds=lambda x: len(x) <= most, rule=f"at most {most} {what}", source=source)


def up_to(most: int, what: str, source: str) -> Limit:
    """A list of one to `most`."""
    return Limit(holds=lambda x: 1 <= len(x) <= most, rule=f"1 to {most} {what}, or absent", source=source)


def up_to_each_once(most: int, what: str, source: str) -> Limit:
    """A list of one to `most`, none of them twice."""
    rule = f"1 to {most} {what}, each once, or absent"
    return Limit(holds=lambda x: 1 <= len(set(x)) == len(x) <= most, rule=rule, source=source)


def is_ipv4_range(value: Any) -> bool:
    """Whether it is an IPv4 range in CIDR notation with no bits set behind the prefix."""
    try:
        return "/" in value and bool(ipaddress.IPv4Network(value))
    except ValueError:
        return False


def bytes_at_least(least: int, what: str, source: str) -> Limit:
    """A quantity of bytes, whose form is another limit's."""

    def holds(quantity: str) -> bool:
        number = quantity.rstrip("EPTGMKki")
        unit = quantity[len(number) :]
        base = 1024 if unit.endswith("i") else 1000
        power = " KMGTPE".index(unit[0].upper()) if unit else 0
        return float(number) * base**power >= least

    return Limit(holds=holds, rule=f"at least {what}", source=source)
