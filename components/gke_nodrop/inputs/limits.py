"""Limits that inputs of several components share: names, ports, address ranges, seconds, quantities.

Each says its rule and where it comes from. What only one component needs stands in its own module.
"""

import ipaddress
import re
from collections.abc import Callable
from typing import Annotated, Any

from gke_nodrop.inputs.check import Example, Fault, Limit, fault, shown

KUBERNETES_NAMES = "kubernetes.io, Object Names and IDs"
GOOGLE_NAME = r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?"
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


def google_name(what: str, source: str) -> Limit:
    """A name as Google Cloud's resources have it, and as Kubernetes' Services have it."""
    rule = f"{what}: lower case letters, digits and hyphens, at most 63, a letter first, no hyphen last"
    return matching(GOOGLE_NAME, rule, source)


def up_to(most: int, what: str, source: str) -> Limit:
    """A list of one to `most`."""
    return Limit(holds=lambda x: 1 <= len(x) <= most, rule=f"1 to {most} {what}, or absent", source=source)


def up_to_each_once(most: int, what: str, source: str) -> Limit:
    """A list of one to `most`, none of them twice."""
    rule = f"1 to {most} {what}, each once, or absent"
    return Limit(holds=lambda x: 1 <= len(set(x)) == len(x) <= most, rule=rule, source=source)


def named(name: str, limit: Limit | None = None) -> Callable[[Any], list[Fault]]:
    """A rule on the component's own name, from which the objects take theirs; by default `RESOURCE_NAME`."""
    limit = limit or RESOURCE_NAME
    wrong = fault("name", name, f"must be {limit.rule}", limit.source, shown("web"))
    return lambda _: [] if isinstance(name, str) and limit.holds(name) else [wrong]


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
DNS_SUBDOMAIN = matching(
    r"(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
    "the name of an object: lower case letters, digits, hyphens and dots, at most 253",
    f"{KUBERNETES_NAMES}, RFC 1123 subdomains",
)
RESOURCE_NAME = matching(
    r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?",
    "lower case letters, digits and hyphens, at most 40, a letter first, no hyphen last",
    "Google, Compute Engine, Naming resources: at most 63, of which what is named after it adds 15 and Pulumi 8",
)
CLUSTER_NAME = matching(
    r"[a-z]([-a-z0-9]{0,30}[a-z0-9])?",
    "lower case letters, digits and hyphens, at most 32, a letter first, no hyphen last",
    "Google, Kubernetes Engine API, clusters: at most 40, of which Pulumi adds 8",
)
SERVICE_NAME = google_name("the name of a Service", f"{KUBERNETES_NAMES}, RFC 1035 labels")
REFERENCE = matching(r"\S+", "a name or id, without blanks", "Google Cloud, resource names")
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


DnsLabel = Annotated[str, DNS_LABEL, Example("web")]
ResourceName = Annotated[str, RESOURCE_NAME, Example("web")]
NegName = Annotated[
    str,
    google_name("the name of a NEG", "Google, Container-native load balancing through standalone zonal NEGs"),
    Example("web"),
]


def equal(value: int, what: str, source: str) -> Limit:
    """That value alone."""
    return Limit(holds=lambda x: x == value, rule=f"{value}, {what}", source=source)
