"""What no object says about an application: stated facts, what is assumed where nobody states them, and by whom.

In this order: an annotation on the Deployment, the facts stated for this workload (`nodrop.yaml`), those stated for all
(options), defaults.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from nodrop.gke.applications import KEEP_ALIVE_TIMEOUT_SECONDS, LONGEST_REQUEST_SECONDS, ON_TERM, STARTUP_SECONDS
from nodrop.judge.judgement import Assumption
from nodrop.paths import Behaviour, Manifest, behaviour
from nodrop.rollout import OnTerm

ANNOTATION, FILE, OPTION, DEFAULT = "annotation", "nodrop.yaml", "option", "default"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What somebody states about an application, None where nobody does; times in seconds."""

    longest_request_seconds: float | None = None
    startup_seconds: float | None = None
    keep_alive_timeout_seconds: float | None = None
    """0: it closes its connections after every response."""
    on_term: OnTerm | None = None

    def over(self, assumed: Behaviour) -> Behaviour:
        """The behaviour with what is stated in the place of what is assumed."""
        stated = {each.name: value for each in fields(self) if (value := getattr(self, each.name)) is not None}
        return replace(assumed, **stated)


ASSUMED = Behaviour(
    longest_request_seconds=30, startup_seconds=10, keep_alive_timeout_seconds=620, on_term=OnTerm.DRAIN
)
"""How an application behaves of which nobody says anything. The longest request is the load balancer's own default
timeout; the others are what this model's solver takes. Source: chosen."""

_BEST = Behaviour(longest_request_seconds=1, startup_seconds=1, keep_alive_timeout_seconds=620, on_term=OnTerm.DRAIN)
"""What any application can at least not be asked to better: it has requests in flight, and it starts."""

_NAMES = {
    "longest_request_seconds": ("longest request", LONGEST_REQUEST_SECONDS),
    "startup_seconds": ("start-up", STARTUP_SECONDS),
    "keep_alive_timeout_seconds": ("keep-alive", KEEP_ALIVE_TIMEOUT_SECONDS),
    "on_term": ("on TERM", ON_TERM),
}


@dataclass(frozen=True, kw_only=True)
class Known:
    """How an application behaves, and what of it nobody states."""

    behaviour: Behaviour
    best: Behaviour
    """The same with the mildest value for what nobody states: what is wrong even then is certain."""
    assumptions: tuple[Assumption, ...]

    @property
    def assumed(self) -> str:
        """What nobody states, in words; empty if all is stated."""
        return ", ".join(f"{each.name} {each.value}" for each in self.assumptions if each.origin == DEFAULT)


def known(deployment: Manifest, for_workload: Facts, for_all: Facts) -> Known:
    """What is known about the application of a Deployment. Raises ReadingError for an unreadable annotation."""
    origins = dict.fromkeys(_NAMES, DEFAULT)
    stated = ASSUMED
    for facts, origin in ((for_all, OPTION), (for_workload, FILE)):
        stated = facts.over(stated)
        origins |= {each.name: origin for each in fields(facts) if getattr(facts, each.name) is not None}
    annotations: Mapping[str, object] = (deployment.get("metadata") or {}).get("annotations") or {}
    for name, (_, key) in _NAMES.items():
        if annotations.get(key) not in (None, ""):
            origins[name] = ANNOTATION
    found = behaviour(deployment, stated)
    mildest = {name: getattr(_BEST, name) for name, origin in origins.items() if origin == DEFAULT}
    return Known(
        behaviour=found,
        best=replace(found, **mildest),
        assumptions=tuple(
            Assumption(name=words, value=_shown(name, getattr(found, name)), origin=origins[name])
            for name, (words, _) in _NAMES.items()
        ),
    )


def _shown(name: str, value: object) -> str:
    return f"{value:g} s" if name.endswith("_seconds") else str(value)
