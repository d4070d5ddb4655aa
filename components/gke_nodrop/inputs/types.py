"""Types of inputs that several components have: names, ports, address ranges, seconds, quantities.

Each has its limit, where that comes from, and an example beside it. What only one component has stands in its module.
"""

from collections.abc import Iterator
from typing import Annotated

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example, HeldBy, Limit, Secret
from gke_nodrop.inputs.faults import Fault, fault, shown

_KUBERNETES_NAMES = "kubernetes.io, Object Names and IDs"
_QUANTITY = "Kubernetes API, Quantity"
_REGIONS = "Google, Regions and zones"

RESOURCE_NAME = limits.matching(
    r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?",
    "lower case letters, digits and hyphens, at most 40, a letter first, no hyphen last",
    "Google, Compute Engine, Naming resources: at most 63, of which what is named after it adds 15 and Pulumi 8",
)
CLUSTER_NAME = limits.matching(
    r"[a-z]([-a-z0-9]{0,30}[a-z0-9])?",
    "lower case letters, digits and hyphens, at most 32, a letter first, no hyphen last",
    "Google, Kubernetes Engine API, clusters: at most 40, of which Pulumi adds 8",
)
HOST_OF_A_MANAGED_CERTIFICATE = limits.matching(
    r"(?=.{1,63}$)([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z]([-a-z0-9]*[a-z0-9])?",
    "a full domain name without wildcard, at most 63 characters",
    "Google, Using Google-managed SSL certificates on GKE",
)


def name_of_cluster(name: str) -> Iterator[Fault]:
    """That a cluster, or a node pool, can be called after the component of this name."""
    if not CLUSTER_NAME.holds(name):
        yield fault("name", name, f"must be {CLUSTER_NAME.rule}", CLUSTER_NAME.source, shown("web"))


# Names of objects.
DnsLabel = Annotated[
    str,
    limits.matching(
        r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?",
        "a DNS label: lower case letters, digits and hyphens, at most 63, a letter or digit first and last",
        f"{_KUBERNETES_NAMES}, RFC 1123 labels",
    ),
    Example("web"),
]
NamespaceName = Annotated[DnsLabel, HeldBy(("name", "metadata.name"))]
ObjectName = Annotated[
    str,
    limits.matching(
        r"(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
        "the name of an object: lower case letters, digits, hyphens and dots, at most 253",
        f"{_KUBERNETES_NAMES}, RFC 1123 subdomains",
    ),
    HeldBy(("metadata.name",)),
]
ResourceName = Annotated[str, RESOURCE_NAME, Example("web")]
ServiceName = Annotated[
    str,
    limits.google_name("the name of a Service", f"{_KUBERNETES_NAMES}, RFC 1035 labels"),
    HeldBy(("service_name", "metadata.name")),
    Example("web"),
]
Reference = Annotated[str, limits.matching(r"\S+", "a name or id, without blanks", "Google Cloud, resource names")]

# Places and addresses.
Region = Annotated[str, limits.matching(r"[a-z]+-[a-z]+[0-9]+", "a region", _REGIONS), Example("us-central1")]
Location = Annotated[
    str, limits.matching(r"[a-z]+-[a-z]+[0-9]+(-[a-z])?", "a region or a zone", _REGIONS), Example("us-central1")
]
Zone = Annotated[str, limits.matching(r"[a-z]+-[a-z]+[0-9]+-[a-z]", "a zone", _REGIONS), Example("us-central1-b")]
Ipv4Range = Annotated[
    str,
    Limit(
        holds=limits.is_ipv4_range,
        rule="an IPv4 range such as 10.0.0.0/20, with no bits set behind the prefix",
        source="RFC 4632",
    ),
]
HostName = Annotated[str, HOST_OF_A_MANAGED_CERTIFICATE, Example("www.example.com")]
PortNumber = Annotated[int, limits.between(1, 65535, "(a TCP port)", "Kubernetes API, ContainerPort"), Example(8080)]
UrlPath = Annotated[
    str,
    limits.matching(r"/[!-~]*", "an absolute URL path, without blanks", "Kubernetes API, HTTPGetAction"),
    Example("/ready/"),
]

# What containers have.
Image = Annotated[
    str,
    limits.matching(r"\S+", "an image, without blanks", "Kubernetes API, Container"),
    Example("python:3.13-slim"),
]
FilePath = Annotated[
    str,
    limits.matching(
        r"(?!.*(/\.\.?(/|$)))(/[-._A-Za-z0-9]+)+",
        "an absolute path of letters, digits, dots, hyphens and underscores",
        "Kubernetes API, ConfigMap",
    ),
    Example("/app/server.py"),
]
VariableName = Annotated[
    str,
    limits.matching(r"[A-Za-z_][A-Za-z0-9_]*", "named with letters, digits and underscores", "Kubernetes API, EnvVar"),
]
SecretText = Annotated[str, Secret(), Example("…")]
Cpu = Annotated[
    str,
    limits.matching(r"(?=.*[1-9])([0-9]+m|[0-9]+(\.[0-9]{1,3})?)", "CPUs, such as 250m or 0.5", _QUANTITY),
    Example("250m"),
]
Memory = Annotated[
    str,
    limits.matching(r"(?=.*[1-9])[0-9]+([EPTGMK]i|[EPTGMk])?", "bytes, such as 256Mi", _QUANTITY),
    Example("256Mi"),
]
UserId = Annotated[
    int,
    limits.at_least(1, "a user other than root", "kubernetes.io, Pod Security Standards, restricted"),
    Example(65532),
]
PodCount = Annotated[int, limits.at_least(1, "pods", "Kubernetes API, DeploymentSpec"), Example(2)]

# Time.
Seconds = Annotated[float, limits.at_least(0, "seconds", "the timing model")]
