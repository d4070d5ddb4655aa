"""Limits that inputs of several components share: names, ports, address ranges, seconds, quantities.

Each says its rule and where it comes from. What only one component needs stands in its own module.
"""

import ipaddress
import re
from collections.abc import Callable
from typing import Any

from gke_nodrop.inputs import Fault, Limit, shown

KUBERNETES_NAMES = "kubernetes.io, Object Names and IDs"
_INT32_MAX = 2**31 - 1
GOOGLE_HEALTH_CHECKS = "Google, Health checks overview"


def at_least(least: float, unit: str, source: str) -> Limit:
    """`least` or more, within the 32 bits that the APIs give a number."""
    rule = f"a number of {unit}, {least:g} to {_INT32_MAX}"
    return Limit(holds=lambda x: least <= x <= _INT32_MAX, rule=rule, source=source)


def between(least: int, most: int, unit: str, source: str) -> Limit:
    """A number from `least` to `most`, both included."""
    return Limit(holds=lambda x: least <= x <= most, rule=f"from {least} to {most} {unit}", source=source)


def matching(pattern: str, rule: str, source: str) -> Limit:
    """Text that the whole of `pattern` matches."""
    return Limit(holds=lambda x: re.fullmatch(pattern, x) is not None, rule=rule, source=source)


def not_empty(what: str, source: str) -> Limit:
    """Something in it."""
    return Limit(holds=lambda x: len(x) > 0, rule=f"{what}, not empty", source=source)


def named(name: str) -> Callable[[Any], list[Fault]]:
    """A rule on the component's own name, from which the objects take theirs."""
    limit, example = RESOURCE_NAME, shown("web")
    fault = Fault(
        input="name", value=shown(name), rule=f"must be {limit.rule}", source=limit.source, would_pass=example
    )
    return lambda _: [] if isinstance(name, str) and limit.holds(name) else [fault]


def is_ipv4_range(value: Any) -> bool:
    """Whether it is an IPv4 range in CIDR notation with no bits set behind the prefix."""
    try:
        return "/" in value and bool(ipaddress.IPv4Network(value))
    except ValueError:
        return False


DNS_LABEL = matching(
    r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?",
    "a DNS label: lower case letters, digits and hyphens, at most 63, a letter or digit first and last",
    f"{KUBERNETES_NAMES}, RFC 1123 labels",
)
RESOURCE_NAME = matching(
    r"[a-z]([-a-z0-9]{0,48}[a-z0-9])?",
    "lower case letters, digits and hyphens, at most 50, a letter first, no hyphen last",
    f"{KUBERNETES_NAMES}, RFC 1035 labels, with room for the suffixes of what is named after it",
)
HOST_NAME = matching(
    r"(?=.{1,63}$)([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z]([-a-z0-9]*[a-z0-9])?",
    "a full domain name without wildcard, at most 63 characters",
    "Google, Using Google-managed SSL certificates on GKE",
)
PORT = between(1, 65535, "(a TCP port)", "Kubernetes API, ContainerPort")
FILE_PATH = matching(
    r"(?!.*(/\.\.?(/|$)))(/[-._A-Za-z0-9]+)+",
    "an absolute path of letters, digits, dots, hyphens and underscores",
    "Kubernetes API, ConfigMap",
)
URL_PATH = matching(r"/[!-~]*", "an absolute URL path, without blanks", "Kubernetes API, HTTPGetAction")
IPV4_RANGE = Limit(
    holds=is_ipv4_range,
    rule="an IPv4 range such as 10.0.0.0/20, with no bits set behind the prefix",
    source="RFC 4632",
)
REGION = matching(r"[a-z]+-[a-z]+[0-9]+", "a region", "Google, Regions and zones")
ZONE = matching(r"[a-z]+-[a-z]+[0-9]+-[a-z]", "a zone", "Google, Regions and zones")
CPU = matching(r"(?=.*[1-9])([0-9]+m|[0-9]+(\.[0-9]{1,3})?)", "CPUs, such as 250m or 0.5", "Kubernetes API, Quantity")
MEMORY = matching(r"(?=.*[1-9])[0-9]+([EPTGMK]i|[EPTGMk])?", "bytes, such as 256Mi", "Kubernetes API, Quantity")
ENVIRONMENT_NAME = matching(
    r"[A-Za-z_][A-Za-z0-9_]*", "named with letters, digits and underscores", "Kubernetes API, EnvVar"
)
IMAGE = matching(r"\S+", "an image, without blanks", "Kubernetes API, Container")
