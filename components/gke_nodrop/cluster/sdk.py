"""The pulumi-gcp versions that clusters and node pools need; other components run on every supported one.

What older ones lack protects the cluster or its pods, so it is never left out: the component is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version

from gke_nodrop.inputs.faults import Fault, fault

_PACKAGE = "pulumi-gcp"
_SOURCE = "pulumi-gcp, Python SDK"


@dataclass(frozen=True, kw_only=True)
class Need:
    """A field that only newer versions of pulumi-gcp have."""

    oldest: tuple[int, int]
    """Major and minor number of the first version that has it. Source: the classes of the versions on PyPI."""
    what: str
    """Which field, and what it is for."""

    @property
    def would_pass(self) -> str:
        """The requirement that meets it."""
        return f"{_PACKAGE}>={_dotted(self.oldest)}"

    @property
    def is_met(self) -> bool:
        """Whether the installed version has it."""
        major, minor = installed().split(".")[:2]
        return (int(major), int(minor)) >= self.oldest

    @property
    def rule(self) -> str:
        """What the installed version lacks."""
        return f"{_PACKAGE} {installed()} lacks {self.what}; {_dotted(self.oldest)} is the first that has it"


CLUSTER = Need(
    oldest=(8, 40), what="a cluster's rbac_binding_config, which keeps roles from everybody who has a Google account"
)
NODE_POOL = Need(
    oldest=(9, 11), what="a node pool's node_drain_configs, without which its end disregards disruption budgets"
)
SHUTDOWN = Need(oldest=(9, 30), what="a kubelet's shutdown_grace_period_seconds")


@cache
def installed() -> str:
    """The version of pulumi-gcp, such as 9.11.0."""
    return version(_PACKAGE)


def lacking(need: Need) -> Iterator[Fault]:
    """A fault of the component as a whole, where the installed version lacks what it always sets."""
    if not need.is_met:
        yield fault(_PACKAGE, installed(), need.rule, _SOURCE, need.would_pass)


def lacking_for(need: Need, at: str, value: object) -> Iterator[Fault]:
    """A fault of the input `at`, where the installed version lacks what the input sets."""
    if not need.is_met:
        yield fault(at, value, need.rule, _SOURCE, f"absent, or {need.would_pass}")


def _dotted(numbers: tuple[int, int]) -> str:
    return ".".join(map(str, numbers))
