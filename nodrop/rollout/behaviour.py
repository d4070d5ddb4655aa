"""How an application behaves: the four facts that no Kubernetes object shows, and what is assumed of each.

Components, `plan`, `check`, `rehearse`, `compare` and `testing` take the same defaults from here, and say which of them
they took.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import TypeVar

from nodrop.gke import defaults
from nodrop.gke.applications import KEEP_ALIVE_TIMEOUT_SECONDS, LONGEST_REQUEST_SECONDS, ON_TERM, STARTUP_SECONDS
from nodrop.rollout.facts import BACKEND_KEEP_ALIVE_SECONDS, KEEP_ALIVE_RECOMMENDED_SECONDS


class OnTerm(StrEnum):
    """What the application does on SIGTERM."""

    EXIT = "exit"
    """Exits at once and cuts what is in flight."""
    DRAIN = "drain"
    """Closes its listener and its idle connections, finishes the requests in flight, then exits."""
    SERVE = "serve"
    """Goes on serving, new requests too, until SIGKILL."""


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """How an application behaves; times in seconds."""

    longest_request_seconds: float
    """The longest request that it serves."""
    startup_seconds: float
    """From the container's start until its readiness endpoint answers 200."""
    keep_alive_timeout_seconds: float
    """Idle time after which it closes a connection; 0: it closes its connections after every response."""
    on_term: OnTerm

    @property
    def has_keep_alive_races(self) -> bool:
        """Whether it may close connections that the load balancer is about to use, with or without a rollout."""
        return 0 < self.keep_alive_timeout_seconds <= BACKEND_KEEP_ALIVE_SECONDS


ASSUMED = Behaviour(
    longest_request_seconds=defaults.BACKEND_TIMEOUT_SECONDS,
    startup_seconds=10,
    keep_alive_timeout_seconds=KEEP_ALIVE_RECOMMENDED_SECONDS,
    on_term=OnTerm.DRAIN,
)
"""What is taken for each fact that is not stated.

Longest request: the load balancer cuts longer ones by default. Source: Google, Backend services overview.
Start-up: source: chosen; a slower start is called stuck only after ten minutes.
Keep-alive: what Google recommends. Source: Google, External Application Load Balancer overview, timeouts and retries.
SIGTERM: source: chosen; what a server with graceful shutdown does.
"""


def assumed_behind(backend_timeout_seconds: int) -> Behaviour:
    """What is taken for facts that are not stated, where the load balancer cuts requests after so many seconds."""
    longest = min(ASSUMED.longest_request_seconds, backend_timeout_seconds)
    return replace(ASSUMED, longest_request_seconds=longest)


WORDS = {
    "longest_request_seconds": "longest request",
    "startup_seconds": "start-up",
    "keep_alive_timeout_seconds": "keep-alive",
    "on_term": "on TERM",
}
"""What each fact is called in output."""

ANNOTATIONS = {
    "longest_request_seconds": LONGEST_REQUEST_SECONDS,
    "startup_seconds": STARTUP_SECONDS,
    "keep_alive_timeout_seconds": KEEP_ALIVE_TIMEOUT_SECONDS,
    "on_term": ON_TERM,
}
"""The key of the Deployment's annotation that states each fact."""


_Assumed = TypeVar("_Assumed", Behaviour, "Facts")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Facts stated about an application, None where not stated; times in seconds, as in `Behaviour`."""

    longest_request_seconds: float | None = None
    startup_seconds: float | None = None
    keep_alive_timeout_seconds: float | None = None
    on_term: OnTerm | None = None

    @property
    def stated(self) -> frozenset[str]:
        """Names of the facts that are stated."""
        return frozenset(each.name for each in fields(self) if getattr(self, each.name) is not None)

    def over(self, assumed: _Assumed) -> _Assumed:
        """The behaviour, or less firm facts, with what is stated in the place of what they have."""
        return replace(assumed, **{name: getattr(self, name) for name in self.stated})

    @property
    def unstated(self) -> tuple[str, ...]:
        """Names of the facts that are assumed, in the order of `Behaviour`."""
        return tuple(name for name in WORDS if name not in self.stated)


def value_text(name: str, behaviour: Behaviour) -> str:
    """One fact's value with its unit, such as `30 s` or `drain`."""
    value = getattr(behaviour, name)
    return f"{value:.15g} s" if name.endswith("_seconds") else str(value)


def assumed_text(names: Iterable[str], assumed: Behaviour) -> str:
    """What is assumed for the facts of these names, such as `longest request 30 s, start-up 10 s`."""
    return ", ".join(f"{WORDS[name]} {value_text(name, assumed)}" for name in names)
