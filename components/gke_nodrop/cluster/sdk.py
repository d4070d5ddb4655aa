"""Which pulumi-gcp can say what clusters and node pools set; all other components need no more than is required.

What an older one lacks guards the cluster or its pods, so it is never left out: the component is refused.
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
    """Something that only newer versions can say."""

    oldest: tuple[int, int]
    """Major and minor version of the first that can. Source: the classes of the versions on PyPI."""
    what: str
    """Which field, and what it is for."""

    @property
    def would_pass(self) -> str:
        """The requirement that meets it."""
        return f"{_PACKAGE}>={_dotted(self.oldest)}"

    @property
    def is_met(self) -> bool:
        """Whether the installed version can say it."""
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
    """That a component cannot be made with the installed version, unless it can."""
    if not need.is_met:
        yield fault(_PACKAGE, installed(), need.rule, _SOURCE, need.would_pass)


def lacking_for(need: Need, at: str, value: object) -> Iterator[Fault]:
    """That an input has no effect with the installed version, unless it has."""
    if not need.is_met:
        yield fault(at, value, need.rule, _SOURCE, f"absent, or {need.would_pass}")


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
